# What `goodwill.simulate` offers, for editors and type checkers; at run time names are looked up here and imported when used.
from .simulated_company import OUTCOMES as OUTCOMES
from .simulated_company import Company as Company
from .simulated_company import CompanyTruth as CompanyTruth
from .simulated_company import company as company
from .simulated_trial import TRIAL_SEGMENTS as TRIAL_SEGMENTS
from .simulated_trial import Trial as Trial
from .simulated_trial import TrialTruth as TrialTruth
from .simulated_trial import trial as trial
