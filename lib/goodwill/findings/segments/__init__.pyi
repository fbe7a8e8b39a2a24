from . import segment_caveats as segment_caveats
from . import segment_plans as segment_plans
from . import segment_strategies as segment_strategies
from . import segment_trials as segment_trials
from . import segments_compared as segments_compared
from . import segments_moving as segments_moving
