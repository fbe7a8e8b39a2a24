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


# Examples that take a second each are run with the slow tests.
LONG = frozenset(
    {
        *("relationship.lever_moves.Attribution", "relationship.lever_plan.LeverCase", "relationship.worth_by_level.WorthByLevel"),
        *("lifetime_value.richer.stacked.StackedFit", "lifetime_value.evidence.stacking.StackedModels"),
        *("lifetime_value.evidence.by_period.forecast_by_period", "lifetime_value.evidence.rivals.rules_over_dates"),
        *("lifetime_value.valued.customer_table", "lifetime_value.customer_intervals.customer_intervals"),
        *("segments.evidence.segment_forecasts.segment_forecasts", "segments.evidence.value_statements.value_record"),
        *("segments.customer_base.customer_base", "segments.customer_base.scheme_options"),
        "strategies.trials.placebo_trials.placebo_trials",
    }
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, DoctestItem) and item.name.removeprefix("goodwill.") in LONG:
            item.add_marker(pytest.mark.slow)
