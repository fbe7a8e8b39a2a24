"""Goodwill: what customer relationships are worth and what to do about them.

Names are looked up in their modules when they are first used, so that `import goodwill` and the command line start at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "calendar": "UNITS_PER_YEAR",
    "errors": "DataError FitError GoodwillError ReportError UsageError",
    "data": "PurchaseSummary Survey Transactions automatic_calibration_end births example purchase_days purchases_around "
    "purchases_by_period read_case read_complaints read_survey read_survival read_told_counts read_transactions "
    "sales_parts summarize_purchases",
    "data.periods": "buyer_quantiles count_paths customers_by_window purchases_by_window window_edges",
    "data.side_tables": "read_side_table",
    "inference.fit": "Fit",
    "inference.proportions": "wilson",
    "inference.validation": "holdout_errors mean_difference naive_forecasts",
    "lifetime_value.beta_geo_beta_binom": "BetaGeoBetaBinom",
    "lifetime_value.beta_geo_nbd": "BetaGeoNBD",
    "lifetime_value.checks": "alive_grid chi_square frequency_classes holdout_classes share_alive spend_density track_purchases",
    "lifetime_value.cohorts": "fit_by_cohort",
    "lifetime_value.comparison": "PURCHASE_MODELS compare_purchase_models holdout_views",
    "lifetime_value.concentration": "lorenz_curve share_of_top shares_held",
    "lifetime_value.contracts": "BetaDiscreteWeibull ShiftedBetaGeo",
    "lifetime_value.gamma_gamma": "GammaGamma spend_frequency_correlation",
    "lifetime_value.gamma_gamma_by_frequency": "GammaGammaByFrequency spend_by_frequency spend_dependence spend_holdout",
    "lifetime_value.modified_beta_geo_nbd": "ModifiedBetaGeoNBD",
    "lifetime_value.pareto_nbd": "ParetoNBD",
    "lifetime_value.peers": "beside_lifetimes from_lifetimes",
    "lifetime_value.purchase_model": "PurchaseModel",
    "lifetime_value.published": "compare_with_published",
    "lifetime_value.retention": "contract_value fit_cohorts holdout_misses retention_rates survival_forecasts",
    "lifetime_value.rolling": "rolling_coverage widened_interval",
    "lifetime_value.scoring": "score_customers score_histories scored_customers",
    "lifetime_value.seasons": "calendar_profile season_gap",
    "lifetime_value.value": "ValueTerms automatic_horizon customer_value discount_rate_per_unit top_customers total_value_interval "
    "value_beyond value_over_time",
    "lifetime_value.windows": "burn_in_effect customers_acquired_after customers_born_after first_purchase_pile",
    "satisfaction": "CurveFamily LoyaltyCells LoyaltyCurve MarketCurve SatisfactionIndex",
    "word_of_mouth.adoption": "BassDiffusion fit_bass",
    "word_of_mouth.cascade": "RetellingChains TellingCascade",
    "word_of_mouth.complaint_value": "complaint_effect",
    "word_of_mouth.contested_adoption": "ContestedAdoption",
    "word_of_mouth.damage": "MarketDamage RecoveryValue relative_impact",
    "word_of_mouth.response": "CallCentre ResolutionPath service_level time_to_resolution",
    "word_of_mouth.telling": "MaximumEntropyTelling NegativeBinomialTelling PoissonLognormalTelling ZeroInflatedTelling",
    "word_of_mouth.valence": "MixedCascade",
    "segments.allocation": "allocate",
    "segments.effects": "incremental_value",
    "segments.frontier": "efficient_frontier",
    "segments.gate": "sufficiency",
    "segments.policy": "check_experiment",
    "segments.profiles": "segment_profile",
    "segments.schemes": "Rules learn",
    "segments.simple_plans": "compare_plans recommend simple_plans",
    "segments.strategies": "read_catalogue starter_catalogue",
    "segments.trial": "plan_trial read_trial",
    "segments.valued": "iso_value_grid value_customers",
    "simulate": "company",
    "figures.words": "table_in_words",
    "reports.record": "record record_assumptions record_data record_figure record_table say start",
}
_HOME_OF = {name: f"goodwill.{home}" for home, names in _HOMES.items() for name in names.split()}
__all__ = sorted(_HOME_OF)


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'goodwill' has no attribute '{name}'")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME_OF})
