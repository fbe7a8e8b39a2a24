# What `goodwill.findings` offers, for editors and type checkers; at run time names are looked up here and imported when used.
from . import caveats as caveats
from . import contracts_and_donations as contracts_and_donations
from . import purchase_intervals as purchase_intervals
from . import purchase_models_compared as purchase_models_compared
from . import purchase_records as purchase_records
from . import segment_caveats as segment_caveats
from . import spend_dependence as spend_dependence
from .finding import Absent as Absent
from .finding import Drawing as Drawing
from .finding import Finding as Finding
from .finding import Table as Table
from .finding import Value as Value
from .finding import missing as missing
from .words import sentence as sentence
from .words import table_in_words as table_in_words
from .words import verdict as verdict
from .words import worded as worded
