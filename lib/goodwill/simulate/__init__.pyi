# What `goodwill.simulate` offers, for editors and type checkers; at run time names are looked up here and imported when used.
from .answering_company import Answer as Answer
from .answering_company import AnsweringCompany as AnsweringCompany
from .answering_company import Truth as Truth
from .answering_company import answering_company as answering_company
from .levers import LEVERS as LEVERS
from .mechanism import MECHANISMS as MECHANISMS
from .mechanism import Mechanism as Mechanism
from .mechanism import Strategy as Strategy
from .mechanism import mechanism as mechanism
from .simulated_company import OUTCOMES as OUTCOMES
from .simulated_company import Company as Company
from .simulated_company import CompanyTruth as CompanyTruth
from .simulated_company import company as company
from .simulated_trial import TRIAL_SEGMENTS as TRIAL_SEGMENTS
from .simulated_trial import Trial as Trial
from .simulated_trial import TrialTruth as TrialTruth
from .simulated_trial import trial as trial
