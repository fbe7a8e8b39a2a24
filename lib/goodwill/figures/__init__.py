"""Figures: one module a topic; a function takes what was computed and draws what it is told."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
