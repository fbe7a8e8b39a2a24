"""What came of forecasts that are due, by the data that a report reads; each kind of forecast by the reader that its notebook uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from goodwill.errors import GoodwillError

if TYPE_CHECKING:
    from goodwill.inference.ledger import Forecast

# Parameters of notebooks that say how purchases, contracts and complaints are read.
PURCHASES = (
    "customer_id", "date", "amount", "quantity", "refunded", "keep", "once", "date_format", "decimal", "thousands", "missing",
    "amount_unit", "returns", "encoding", "acquired",
)  # fmt: skip
CONTRACTS = (
    "cohort", "time", "customers", "tenure", "churned", "start", "end", "period", "started", "missing", "date_format", "encoding",
)  # fmt: skip
COMPLAINTS = {"customer_id": "complaint_customer_id", "opened": "opened", "outcome": "outcome", "date_format": "complaint_date_format"}
COMPLAINTS |= {name: name for name in ("answered", "closed", "missing", "outcome_words")}


def what_came(said: Iterable[Forecast], parameters: Mapping[str, Any]) -> tuple[Forecast, ...]:
    """What came of those forecasts that are due; nothing of a kind whose data cannot be read.

    Parameters
    ----------
    said : iterable of Forecast
        Of any names; one that nobody here can count stays open.
    parameters : mapping
        All of the notebook's, with their values as it gets them.
    """
    found: list[Forecast] = []
    for names, count in COUNTED.items():
        mine = [one for one in said if one.name in names]
        try:
            found += count(mine, parameters) if mine else []
        except GoodwillError:  # the notebook read them, so this is a change meanwhile: the next night looks again
            continue
    return tuple(found)


def _purchases(said: list[Forecast], parameters: Mapping[str, Any]) -> list[Forecast]:
    end = date.fromisoformat(parameters["end"]) if parameters.get("end") else None
    due = [one for one in said if isinstance(one.due, date) and (end is None or one.due <= end)]
    if not due or not parameters.get("data"):
        return []
    from goodwill.lifetime_value.evidence.forecasts import came_of
    from goodwill.lifetime_value.evidence.windows import customers_kept
    from goodwill.lifetime_value.richer.told_customers import columns_of_orders, told_of_customers
    from goodwill.segments.evidence.segment_forecasts import NAME, segments_came
    from goodwill.strategies.campaigns import read_purchases

    about = parameters.get("covariates") or [], parameters.get("covariate_table") or ""
    transactions = read_purchases(parameters["data"], **_given(PURCHASES, parameters), known=columns_of_orders(*about))
    kept = customers_kept(transactions, acquired=bool(parameters.get("acquired")), born_after=parameters.get("born_after", ""))
    of_segments = [one for one in due if one.name == NAME]
    told = told_of_customers(kept, *about) if of_segments and any(about) else None
    return [*came_of(kept, [one for one in due if one.name != NAME]), *segments_came(kept, of_segments, told)]


def _contracts(said: list[Forecast], parameters: Mapping[str, Any]) -> list[Forecast]:
    from goodwill.data.survival import read_survival
    from goodwill.lifetime_value.evidence.contract_forecasts import survivors_of

    return survivors_of(read_survival(parameters["data"], **_given(CONTRACTS, parameters)).table, said)


def _complaints(said: list[Forecast], parameters: Mapping[str, Any]) -> list[Forecast]:
    if not parameters.get("complaints"):
        return []
    from goodwill.data.complaints import read_complaints
    from goodwill.data.reading.sources import read_transactions
    from goodwill.inference.counts_ahead import counts_of
    from goodwill.word_of_mouth.complaint_cost import last_seen

    told = {role: parameters[name] for role, name in COMPLAINTS.items() if parameters.get(name)}
    log = read_complaints(parameters["complaints"], **told)
    read = ("customer_id", "date", "amount", "missing", "date_format")
    beside = read_transactions(parameters["data"], **_given(read, parameters)) if parameters.get("data") else log
    return counts_of([moment.date() for moment in log.cases["opened"]], last_seen(log, beside), said)


def _given(names: Iterable[str], parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: parameters[name] for name in names if parameters.get(name)}


COUNTED: dict[tuple[str, ...], Callable[[list[Forecast], Mapping[str, Any]], list[Forecast]]] = {
    ("purchases", "value", "value of a segment", "newcomers"): _purchases,
    ("survivors",): _contracts,
    ("complaints",): _complaints,
}
