"""Small sheets of the case texts, each a pure function with its warning: accounts, offers, markets, judgements."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
