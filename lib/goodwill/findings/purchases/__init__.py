"""What the pages say of 01, 06 and 07: records, forecasts, values, models, contracts."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
