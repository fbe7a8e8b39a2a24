"""A company with known truth: its records are simulated, so that an estimate can be held against what is true."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
