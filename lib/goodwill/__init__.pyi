# What `import goodwill as gw` offers, for editors and type checkers; at run time each name is looked up here and imported when first used.
from . import (
    data as data,
)
from . import (
    figures as figures,
)
from . import (
    findings as findings,
)
from . import (
    inference as inference,
)
from . import (
    lifetime_value as lifetime_value,
)
from . import (
    relationship as relationship,
)
from . import (
    satisfaction as satisfaction,
)
from . import (
    segments as segments,
)
from . import (
    simulate as simulate,
)
from . import (
    strategies as strategies,
)
from . import (
    word_of_mouth as word_of_mouth,
)
from . import (
    worksheets as worksheets,
)
from .data.complaints import read_complaints as read_complaints
from .data.purchases import PurchaseSummary as PurchaseSummary
from .data.purchases import summarize_purchases as summarize_purchases
from .data.reading.examples import example as example
from .data.reading.sources import read_transactions as read_transactions
from .data.side_tables import read_side_table as read_side_table
from .data.survey import read_case as read_case
from .data.survey import read_survey as read_survey
from .data.survival import read_survival as read_survival
from .errors import (
    DataError as DataError,
)
from .errors import (
    FitError as FitError,
)
from .errors import (
    GoodwillError as GoodwillError,
)
from .errors import (
    ReportError as ReportError,
)
from .errors import (
    TooLittle as TooLittle,
)
from .errors import (
    UsageError as UsageError,
)
from .findings.finding import Finding as Finding
from .findings.finding import attempt as attempt
from .inference.fit import Fit as Fit
from .lifetime_value.beta_geo_beta_binom import BetaGeoBetaBinom as BetaGeoBetaBinom
from .lifetime_value.beta_geo_nbd import BetaGeoNBD as BetaGeoNBD
from .lifetime_value.contracts import BetaDiscreteWeibull as BetaDiscreteWeibull
from .lifetime_value.contracts import ShiftedBetaGeo as ShiftedBetaGeo
from .lifetime_value.evidence.comparison import PURCHASE_MODELS as PURCHASE_MODELS
from .lifetime_value.gamma_gamma import GammaGamma as GammaGamma
from .lifetime_value.modified_beta_geo_nbd import ModifiedBetaGeoNBD as ModifiedBetaGeoNBD
from .lifetime_value.pareto_nbd import ParetoNBD as ParetoNBD
from .lifetime_value.value import ValueTerms as ValueTerms
from .lifetime_value.value import customer_value as customer_value
from .reports.recording.record import (
    record as record,
)
from .reports.recording.record import (
    record_assumptions as record_assumptions,
)
from .reports.recording.record import (
    record_data as record_data,
)
from .reports.recording.record import (
    record_figure as record_figure,
)
from .reports.recording.record import (
    record_forecasts as record_forecasts,
)
from .reports.recording.record import (
    record_table as record_table,
)
from .reports.recording.sentences import say as say
from .reports.recording.show import show as show
from .reports.recording.starting import start as start
from .simulate.simulated_company import company as company

__version__: str
