"""Reports: a notebook's parameters, its recorded results, running it, and the page made from it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
