"""What to do for whom: the catalogue, its effects in money, plans under a budget, and how to try them."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
