"""Goodwill: what customer relationships are worth and what to do about them.

What everybody needs stands here (`gw.read_transactions`, `gw.BetaGeoNBD`, …); the rest stands in rooms (`gw.segments.learn`). Names are
looked up in `__init__.pyi` and imported when they are first used, so that `import goodwill` and the command line start at once.
"""

import lazy_loader

__version__ = "0.1.0"
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
