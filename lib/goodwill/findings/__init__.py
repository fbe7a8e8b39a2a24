"""Every word that depends on data: each section's answer as one object, one module a notebook.

A finding presents; it computes nothing that a lesson is about. Wordings stand in tables, one full sentence for each case.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
