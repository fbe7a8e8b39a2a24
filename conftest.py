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


# Modules whose examples take half a second each or more, and single examples that do: they are run with the slow tests.
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
        *("checks.check", "classroom.copies.flags", "classroom.folders.grade_class", "classroom.oracle.Oracle"),
        *("data.sales_parts.sales_parts", "figures.base_audit.ages", "figures.base_audit.changed", "figures.base_audit.layers"),
        *("figures.plots.plot", "lifetime_value.beta_geo_nbd_by_period.BetaGeoNBDByPeriod"),
        *("lifetime_value.customer_intervals.customer_intervals", "lifetime_value.equity.customer_equity.known_on"),
        *("lifetime_value.equity.equity_claims.by_years", "lifetime_value.equity.equity_claims.customer_equity"),
        *("lifetime_value.equity.example_shop.example_shop", "lifetime_value.equity.newcomer_scores.rules_scored"),
        *("lifetime_value.evidence.by_period.forecast_by_period", "lifetime_value.evidence.checks.class_test"),
        *("lifetime_value.evidence.comparison.ModelComparison", "lifetime_value.evidence.comparison.compare_purchase_models"),
        *("lifetime_value.evidence.headline.headline", "lifetime_value.evidence.past_statements.money_statement"),
        *("lifetime_value.evidence.peers.beside_lifetimes", "lifetime_value.evidence.purchase_choice.choose_purchases"),
        *("lifetime_value.evidence.rivals.rules_over_dates", "lifetime_value.evidence.rolling.RollingCoverage"),
        *("lifetime_value.evidence.rolling.next_purchases", "lifetime_value.evidence.tenths.value_tenths"),
        *("lifetime_value.evidence.windows.burn_in_effect", "lifetime_value.purchase_model.PurchaseModel"),
        *("lifetime_value.retention.cohort_values", "lifetime_value.retention.contract_value"),
        *("lifetime_value.richer.groups.GroupFits", "lifetime_value.richer.groups.fit_groups"),
        *("lifetime_value.richer.regularity.RegularityChoice", "lifetime_value.richer.regularity.choose_regularity"),
        *("lifetime_value.richer.run_in.RunIn", "lifetime_value.richer.run_in.run_in_cost", "lifetime_value.spend_choice.choose_spend"),
        *("lifetime_value.valued.customer_table", "lifetime_value.valued.value_customers", "relationship.answer_waits.Waits"),
        *("relationship.answer_waits.leaving_per_hour", "relationship.answered_histories.AnsweredHistories"),
        *("relationship.complaint_counts.coined_of", "relationship.grouped_answers.joined_groups", "relationship.levers.Lever"),
        *("relationship.purchases_ahead.purchases_ahead", "relationship.satisfaction_dropout.fit_satisfaction_dropout"),
        *("reports.recording.record.record_figure", "satisfaction.curve.fit_curves", "satisfaction.markets.MarketCurve"),
        *("satisfaction.markets.fit_market", "satisfaction.markets.market_table"),
        *("segments.evidence.segment_forecasts.segment_forecasts", "segments.scorer.fit_scorer", "strategies.acquisition.best_budgets"),
        *("strategies.cross_fitting.valued_by_trial", "strategies.offer.claims_of", "strategies.offer.complaint_terms"),
        *("strategies.policy_value.Experiment", "strategies.trials.placebo_trials.placebo_trials", "word_of_mouth.coca_cola.readings"),
        *("word_of_mouth.complaint_effects.complaint_effect", "word_of_mouth.complaint_values.value_before_complaints"),
        *("word_of_mouth.contested_adoption.Launch", "word_of_mouth.contested_adoption.launch", "word_of_mouth.folklore.Sayings"),
        "word_of_mouth.told.told_in_survey",
    }
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, DoctestItem):
            name = item.name.removeprefix("goodwill.")
            if name in LONG or any(name.startswith(f"{module}.") for module in LONG_MODULES):
                item.add_marker(pytest.mark.slow)
