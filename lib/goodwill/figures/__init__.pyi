# What `goodwill.figures` offers, for editors and type checkers; at run time names are looked up here and imported when used.
from . import contracts as contracts
from . import customer_equity as customer_equity
from . import lifetime_value as lifetime_value
from . import model_comparison as model_comparison
from . import relationship as relationship
from . import satisfaction as satisfaction
from . import segment_evidence as segment_evidence
from . import segment_movement as segment_movement
from . import segment_plans as segment_plans
from . import segments as segments
from . import theme as theme
from . import word_of_mouth as word_of_mouth
