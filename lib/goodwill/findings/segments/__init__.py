"""What the pages say of 04 and 08: segments, plans, trials, who moves."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
