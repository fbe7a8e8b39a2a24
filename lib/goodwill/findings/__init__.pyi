# What `goodwill.findings` offers, for editors and type checkers; at run time names are looked up here and imported when used.
from . import caveats as caveats
from . import complaint_cost as complaint_cost
from . import complaint_desk as complaint_desk
from . import complaint_own_cost as complaint_own_cost
from . import complaint_word_of_mouth as complaint_word_of_mouth
from . import segment_caveats as segment_caveats
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
