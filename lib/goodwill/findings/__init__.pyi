# What `goodwill.findings` offers, for editors and type checkers; at run time each name is looked up here and imported when first used.
from . import caveats as caveats
from . import segment_caveats as segment_caveats
