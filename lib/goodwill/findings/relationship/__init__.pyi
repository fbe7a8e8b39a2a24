from . import relationship_evidence as relationship_evidence
from . import relationship_plans as relationship_plans
from . import relationship_value as relationship_value
