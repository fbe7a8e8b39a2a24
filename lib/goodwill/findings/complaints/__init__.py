"""What the pages say of 02: what a complaint costs and who hears of it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
