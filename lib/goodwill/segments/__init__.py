"""Who belongs together, by which rule, and how that holds up: `schemes` cut, `evidence` judges, `movement` follows."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
