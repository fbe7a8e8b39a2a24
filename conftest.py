"""For the examples in docstrings: a built-in set is read once by each worker, however many examples begin with it."""

from __future__ import annotations

from typing import Any

import pytest
from _pytest.doctest import DoctestItem

READ: dict[str, Any] = {}  # what does not change: no example writes into it


@pytest.fixture(autouse=True)
def read_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if not isinstance(request.node, DoctestItem):
        return
    from goodwill.data.reading import sources

    read = sources._read

    def remembered(source: Any, **told: Any) -> Any:
        if not isinstance(source, str) or source not in sources.BUILT_IN:
            return read(source, **told)
        asked = f"{source} {sorted(told.items(), key=lambda each: each[0])}"
        return READ[asked] if asked in READ else READ.setdefault(asked, read(source, **told))

    monkeypatch.setattr(sources, "_read", remembered)


# Modules whose examples take a second each, and single examples that do: they are run with the slow tests.
LONG_MODULES = frozenset(
    {
        *(
            f"relationship.{module}"
            for module in ("worth_by_level", "lever_moves", "lever_plan", "known_truth", "base_value", "reliability")
        ),
        *(f"lifetime_value.richer.{module}" for module in ("borrowing", "by_covariates", "covariate_uses", "covariates", "stacked")),
        *(f"lifetime_value.evidence.{module}" for module in ("cohorts", "forecasts", "season_gain", "stacking")),
        *("simulate.answering_company", "word_of_mouth.complaint_cost", "word_of_mouth.recovery_trial", "word_of_mouth.worth"),
        *("figures.model_comparison", "segments.customer_base", "segments.evidence.value_statements"),
    }
)
LONG = frozenset(
    {
        *("lifetime_value.evidence.by_period.forecast_by_period", "lifetime_value.evidence.rivals.rules_over_dates"),
        *("lifetime_value.evidence.headline.headline", "lifetime_value.beta_geo_nbd_by_period.BetaGeoNBDByPeriod"),
        *("lifetime_value.valued.customer_table", "lifetime_value.customer_intervals.customer_intervals"),
        *("lifetime_value.retention.cohort_values", "segments.evidence.segment_forecasts.segment_forecasts"),
        *("segments.scorer.fit_scorer", "strategies.trials.placebo_trials.placebo_trials", "strategies.offer.complaint_terms"),
        *("classroom.copies.flags", "classroom.folders.grade_class", "figures.base_audit.ages", "data.sales_parts.sales_parts"),
        *("figures.base_audit.changed", "relationship.satisfaction_dropout.fit_satisfaction_dropout", "word_of_mouth.coca_cola.readings"),
        *("relationship.purchases_ahead.purchases_ahead", "strategies.acquisition.best_budgets", "strategies.offer.claims_of"),
    }
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, DoctestItem):
            name = item.name.removeprefix("goodwill.")
            if name in LONG or any(name.startswith(f"{module}.") for module in LONG_MODULES):
                item.add_marker(pytest.mark.slow)
