"""Satisfaction and loyalty: index, drivers, the curve and its turning points, roles, and what one notch is worth."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
