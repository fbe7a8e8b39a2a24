"""A class: a company of known truth for every student, and answers marked by what they would cost on that company."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
