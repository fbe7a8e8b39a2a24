"""What the pages say of 05: what satisfaction, recovery, speed and retention are worth, and where a budget belongs."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
