"""What a file is good for: read it as what it holds, say what was found, and what each notebook could do with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from goodwill.errors import DataError, TooLittle
from goodwill.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.data.tables import Transactions


@dataclass(frozen=True, repr=False)
class Checked(Shown):
    """What `check` found: the source in a sentence, the audit (None where the reader has none), and a line for each notebook."""

    said: str
    audit: pd.DataFrame | None
    notebooks: tuple[str, ...]

    def _said(self) -> str:
        return self.said


def check(source: Any, kind: str = "transactions", **told: Any) -> Checked:
    """Read a source as one kind of table.

    Parameters
    ----------
    source : Any
        What the reader of that kind reads.
    kind : {"transactions", "survey", "complaints", "experiment", "contracts"}
        What it holds.
    told
        Parameters of the reader.

    Raises
    ------
    DataError
        As the reader does; for an unknown kind or parameter.

    Examples
    --------
    >>> check("cdnow_sample").said
    'readable as transactions, 1997-01-01 to 1998-06-30'
    """
    if kind not in KINDS:
        raise DataError(f"There is no check for {kind!r}; use one of {', '.join(KINDS)}.")
    try:
        return KINDS[kind](source, dict(told))
    except TypeError as error:
        if "unexpected keyword argument" not in str(error):
            raise
        name = str(error).rsplit("'", 2)[-2]
        raise DataError(f"A table read as {kind} has no parameter {name!r}.") from None


def _transactions(source: Any, told: Mapping[str, Any]) -> Checked:
    from goodwill.data.reading.sources import read_transactions

    found = read_transactions(source, **told)
    return Checked(f"readable as transactions, {found.first} to {found.last}", found.audit, _of_purchases(found))


def _of_purchases(transactions: Transactions) -> tuple[str, ...]:
    from goodwill.data.purchases import summarize_purchases
    from goodwill.data.rhythm import fixed_terms, in_words

    summary = summarize_purchases(transactions)
    counts = summary.counts
    lacks = []
    if (terms := fixed_terms(transactions)) is not None:
        return (in_words(terms, transactions.source),)
    if not transactions.has_amount:
        lacks.append("there is no column of money")
    if not counts["repeaters"]:
        lacks.append("nobody came back")
    elif counts["repeaters"] < FEW:
        lacks.append(f"only {counts['repeaters']:,} customers came back")
    if summary.length < WEEKS:
        lacks.append(f"the records cover {summary.length:.0f} weeks")
    people = f"{counts['customers']:,} customers, {counts['repeaters']:,} came back"
    return tuple(f"{name}: {_of_notebook(needs, lacks, people)}" for name, needs in PURCHASE_NOTEBOOKS.items())


FEW = 30  # customers who came back, below which a model of purchases says little
WEEKS = 26  # of records, below which there is no half to test on
PURCHASE_NOTEBOOKS = {
    "customer_lifetime_value": ("there is no column of money", "nobody came back", "only", "the records"),
    "segment_strategies": ("there is no column of money", "nobody came back", "only", "the records"),
    "purchase_models_compared": ("nobody came back", "only", "the records"),
    "segments_compared": ("there is no column of money", "nobody came back", "only", "the records"),
    "customer_base_audit": ("the records",),
    "customer_equity": ("there is no column of money", "nobody came back", "only", "the records"),
}


def _of_notebook(needs: tuple[str, ...], lacks: list[str], people: str) -> str:
    missing = [lack for lack in lacks if lack.startswith(needs)]
    return f"little or nothing: {', '.join(missing)}" if missing else f"all of it ({people})"


def _survey(source: Any, told: Mapping[str, Any]) -> Checked:
    from goodwill.data.survey import read_survey

    found = read_survey(source, **_lists(told, "items", "flags", "missing", "reversed_items", "labels", "keep"))
    answers, low, high = found.answers, *found.loyalty_scale
    both = answers.loc[answers[["satisfaction", "loyalty"]].notna().all(axis=1)]
    scale = "yes or no" if (low, high) == (0, 1) else f"{low} to {high}"
    said = f"readable as survey, {found.respondents:,} respondents, satisfaction on {found.scale[0]} to {found.scale[1]}, loyalty {scale}"
    few = both["satisfaction"].nunique() < 2
    line = "nothing: all answers lie at one level of satisfaction" if few else f"all of it ({both['count'].sum():,.0f} answered both)"
    return Checked(said, found.audit, (f"satisfaction_loyalty: {line}",))


def _complaints(source: Any, told: Mapping[str, Any]) -> Checked:
    from goodwill.data.complaints import read_complaints

    found = read_complaints(source, **_lists(told, "missing", "outcome_words"))
    cases = found.cases
    said = f"readable as complaints, {len(cases):,} cases, {found.first} to {found.last}"
    clocks = [name for name in ("answered", "closed") if name in cases]
    desk = f"how long it takes until a case is {' and '.join(clocks)}" if clocks else "no times: it has no answered and no closed moments"
    lacks = [name for name in ("customer_id", "outcome") if name not in cases]
    money = f"no costs: it has no column {' and none '.join(lacks)}" if lacks else "what complaints cost, beside purchases (data=)"
    return Checked(said, found.audit, (f"complaint_word_of_mouth: {desk}; {money}",))


def _experiment(source: Any, told: Mapping[str, Any]) -> Checked:
    from goodwill.strategies.offer import trial_at_hand

    if not source:
        raise TooLittle("No trial is named; pass a file with customer_id, arm, propensity and outcome.")
    found = trial_at_hand(source, **_lists(told)).experiment
    counts = found.frame["arm"].value_counts()
    others = ", ".join(f"{arm} {counts[arm]:,}" for arm in found.arms if arm != found.control)
    said = f"readable as experiment, {len(found.frame):,} customers: {found.control} {counts[found.control]:,} (left alone), {others}"
    return Checked(said, None, ("segment_strategies: as experiment=, beside the purchases",))


def _contracts(source: Any, told: Mapping[str, Any]) -> Checked:
    from goodwill.data.survival import read_survival

    found = read_survival(source, **_lists(told, "missing", "started"))
    longest = found.table.groupby("cohort")["time"].max()
    cohorts = "1 cohort" if len(longest) == 1 else f"{len(longest):,} cohorts"
    said = f"readable as contracts, {cohorts}, {found.table.loc[found.table['time'] == 0, 'customers'].sum():,} customers"
    enough = int((longest >= RENEWALS).sum())
    line = (
        f"{enough:,} of {len(longest):,} cohorts have the {RENEWALS} renewals that a model takes at least; the longest has {longest.max()}"
    )
    return Checked(said, found.audit if len(found.audit) else None, (f"contracts_and_donations: {line}",))


RENEWALS = 2  # that a model of contracts takes


def _lists(told: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """What was told, with lists where a command line holds texts: `a,b`, or `["a,b"]` where commas are meant."""
    return {name: _items(value) if name in names and isinstance(value, str) else value for name, value in told.items()}


def _items(text: str) -> list[str]:
    if not text.strip().startswith("["):
        return [piece.strip() for piece in text.split(",")] if text else []
    try:
        return [str(each) for each in json.loads(text)]
    except ValueError:
        raise DataError(f'{text!r} is no list; write it as a,b or as ["a", "b"].') from None


KINDS: dict[str, Callable[[Any, Mapping[str, Any]], Checked]] = {
    "transactions": _transactions,
    "survey": _survey,
    "complaints": _complaints,
    "experiment": _experiment,
    "contracts": _contracts,
}
