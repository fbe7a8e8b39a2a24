from . import satisfaction_groups as satisfaction_groups
from . import satisfaction_items as satisfaction_items
from . import satisfaction_levels as satisfaction_levels
from . import satisfaction_loyalty as satisfaction_loyalty
from . import satisfaction_value as satisfaction_value
