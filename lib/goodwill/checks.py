"""What a file is good for: read it as what it holds, say what was found, and what each notebook could do with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from goodwill.errors import DataError, TooLittle

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.data.tables import Transactions


@dataclass(frozen=True)
class Checked:
    """What `check` found: the source in a sentence, the audit (None where the reader has none), and a line for each notebook."""

    said: str
    audit: pd.DataFrame | None
    notebooks: tuple[str, ...]


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
}


def _of_notebook(needs: tuple[str, ...], lacks: list[str], people: str) -> str:
    missing = [lack for lack in lacks if lack.startswith(needs)]
    return f"little or nothing: {', '.join(missing)}" if missing else f"all of it ({people})"


def _survey(source: Any, told: Mapping[str, Any]) -> Checked:
    from goodwill.data.survey import read_survey

    found = read_survey(source, **told)
    return Checked(f"readable as survey, {found.respondents:,} answers", found.audit, ("satisfaction_loyalty: all of it",))


def _complaints(source: Any, told: Mapping[str, Any]) -> Checked:
    from goodwill.data.complaints import read_complaints

    found = read_complaints(source, **told)
    said = f"readable as complaints, {len(found.cases):,} cases, {found.first} to {found.last}"
    return Checked(said, found.audit, ("complaint_word_of_mouth: the complaint desk (log=)",))


def _experiment(source: Any, told: Mapping[str, Any]) -> Checked:
    from goodwill.strategies.offer import trial_at_hand

    if not source:
        raise TooLittle("No trial is named; pass a file with customer_id, arm, propensity and outcome.")
    found = trial_at_hand(source, **told).experiment
    arms = ", ".join(map(str, found.arms))
    return Checked(f"readable as experiment, arms {arms}", None, ("segment_strategies: experiment=",))


def _contracts(source: Any, told: Mapping[str, Any]) -> Checked:
    from goodwill.data.survival import read_survival

    found = read_survival(source, **told).table
    said = f"readable as contracts, {found['cohort'].nunique():,} cohorts, times 0 to {found['time'].max()}"
    return Checked(said, None, ("contracts_and_donations: all of it",))


KINDS: dict[str, Callable[[Any, Mapping[str, Any]], Checked]] = {
    "transactions": _transactions,
    "survey": _survey,
    "complaints": _complaints,
    "experiment": _experiment,
    "contracts": _contracts,
}
