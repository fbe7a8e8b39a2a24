"""What the pages say of 03: levels, items, groups, what a point is worth."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
