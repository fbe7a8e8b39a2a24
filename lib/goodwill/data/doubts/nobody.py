"""Ids that are no person: guests, zeros and other stand-ins, ids that a spreadsheet rounded, rows of totals, letters of e-mails."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from goodwill.data.doubts import vocabulary as words
from goodwill.data.doubts.doubt import Doubt, Scope, condition, told
from goodwill.data.reading.files import Fact
from goodwill.data.reading.quick import are_digits
from goodwill.errors import DataError

TIMES = 3  # a number that may be nobody's (0, -1, 9999) is one when it has this many times the rows of the busiest other id
FEWEST = 10  # and no fewer rows than these
ROUNDED = re.compile(r"\d(?:[.,]\d+)?[eE]\+\d{2,}")
SHOWN = 5
MOST_ODD = 1000  # ids that may be no person, of which no more are looked at


def _any_of(texts: Sequence[str]) -> str:
    return "(" + "|".join(re.escape(text).replace("\\ ", "[ _-]?") for text in texts) + ")"


# One pattern for all, in lower case: an engine looks for it in one go.
PATTERN = f"^{_any_of(words.NOBODY)}(@.*)?$|^[^0-9a-z]*{_any_of(words.TOTALS)}|[0-9]e[+][0-9]"
NUMBERS = "^(-?0+|-1|9999+|-9+)$"


@dataclass(frozen=True)
class Holder:
    """An id with its rows and money."""

    id: str
    rows: int
    money: float | None


def ids_of(typed: Any, has_amount: bool) -> Any:
    """Rows and money of each id, as an Ibis table."""
    money = {"money": typed.amount.sum()} if has_amount else {}
    return typed.filter(typed.customer_id.notnull()).group_by("customer_id").aggregate(n=lambda t: t.count(), **money)


@dataclass(frozen=True)
class Ids:
    """Ids in all, the rows of the busiest that is not odd, those that may be no person, and e-mails with capitals."""

    count: int
    busiest: int
    odd: tuple[Holder, ...]
    capitals: int


def look_at(ids: Any) -> Ids:
    """What there is among ids (`ids_of`); texts are compared with words in the engine, so that only what may be odd comes here."""
    value = ids.customer_id
    capitals: Any = ibis.literal(0)
    if value.type().is_string():
        lower = value.lower()
        is_number = (ids.n >= FEWEST) & value.re_search(NUMBERS)
        is_odd, capitals = lower.re_search(PATTERN) | is_number, ((lower != value) & value.contains("@")).sum()
    else:
        is_odd = value.isin([0, -1, -9, -99, -999, *(int("9" * k) for k in range(4, 13))])
    marked = ids.mutate(odd=is_odd)
    total = marked.aggregate(ids=marked.count(), busiest=marked.n.max(where=~marked.odd), odd=marked.odd.sum(), capitals=capitals)
    n = {key: int(value or 0) for key, value in total.to_pyarrow().to_pylist()[0].items()}
    found = marked.filter(marked.odd).order_by(ibis.desc("n"), "customer_id").limit(MOST_ODD).to_pyarrow().to_pylist() if n["odd"] else []
    holders = [Holder(str(r["customer_id"]), int(r["n"]), None if r.get("money") is None else float(r["money"])) for r in found]
    return Ids(n["ids"], n["busiest"], tuple(holders), n["capitals"])


def look_among(ids: pa.Table) -> Ids:
    """What there is among ids that are texts, as `look_at`, without an engine."""
    texts, n = ids["customer_id"].combine_chunks(), ids["n"]
    is_odd = pc.and_(pc.greater_equal(n, FEWEST), pc.match_substring_regex(texts, NUMBERS))
    capitals = 0
    if not are_digits(texts):
        lower = pc.utf8_lower(texts)
        is_odd = pc.or_(is_odd, pc.match_substring_regex(lower, PATTERN))
        capitals = pc.sum(pc.and_(pc.not_equal(lower, texts), pc.match_substring(texts, "@"))).as_py()
    odd = sorted(ids.filter(is_odd).to_pylist(), key=lambda r: (-r["n"], r["customer_id"]))[:MOST_ODD]
    holders = [Holder(r["customer_id"], r["n"], None if r.get("money") is None else float(r["money"])) for r in odd]
    return Ids(len(ids), int(pc.max(n.filter(pc.invert(is_odd))).as_py() or 0), tuple(holders), int(capitals or 0))


def judge_ids(holders: Sequence[Holder], busiest: int, name: str, scope: Scope) -> list[Doubt]:
    """The doubts that ids raise, those of totals first.

    Raises
    ------
    DataError
        For ids that a spreadsheet has rounded: they cannot be told apart any more.
    """
    rounded = [h for h in holders if ROUNDED.fullmatch(h.id)]
    if rounded and scope.share(sum(h.rows for h in rounded), sum(h.money or 0 for h in rounded)) > 0.01:
        raise DataError(_rounded(rounded, name, scope))
    totals = [h for h in holders if _is_total(h.id)]
    guests = [h for h in holders if h not in totals and h not in rounded and _is_nobody(h, busiest)]
    doubts = []
    if totals:
        what = f"Column {name!r} of {scope.where} holds {_listed(totals)}, which by its name sums up other rows and is no customer"
        doubts.append(_left_out("rows of totals", what, totals, name))
    if guests:
        what = f"Column {name!r} of {scope.where} holds {_listed(guests)}, which by its name is no one person but whoever gave no id"
        doubts.append(_left_out("ids of nobody", what, guests, name))
    if rounded:
        what = f"Column {name!r} of {scope.where} holds ids that a spreadsheet has rounded: {_listed(rounded)}"
        doubts.append(Doubt("ids rounded", what, "Export that column as text", {}, sum(h.rows for h in rounded), asks=False))
    return doubts


def _is_total(text: str) -> bool:
    bare = words.plain(text)
    return any(re.fullmatch(rf"{word}\b\W*( (general|\d{{4}}|amount|sales|revenue))?\W*", bare) for word in map(words.plain, words.TOTALS))


def _is_nobody(holder: Holder, busiest: int) -> bool:
    if re.fullmatch(words.NUMBERS_OF_NOBODY, holder.id):
        return holder.rows >= max(FEWEST, TIMES * busiest)
    bare = holder.id.lower().replace("_", " ").replace("-", " ").strip()
    return bare in words.NOBODY or bare.partition("@")[0] in words.NOBODY


def _listed(holders: Sequence[Holder]) -> str:
    each = [
        f"{h.id!r} in {h.rows:,} row{'s' if h.rows > 1 else ''}" + (f" with {h.money:,.2f}" if h.money is not None else "")
        for h in holders[:SHOWN]
    ]
    return ", ".join(each) + (f" and {len(holders) - SHOWN} more" if len(holders) > SHOWN else "")


def _left_out(rule: str, what: str, holders: Sequence[Holder], name: str) -> Doubt:
    texts = [h.id for h in holders]
    how = (
        f"Pass missing={texts!r} to leave {'them' if len(texts) > 1 else 'it'} out, or {told('keep', condition(name, '=', '*'))} if "
        f"{'they are customers' if len(texts) > 1 else 'it is a customer'} like any other"
    )
    money = None if holders[0].money is None else sum(h.money or 0.0 for h in holders)
    return Doubt(rule, what, how, {"missing": texts}, sum(h.rows for h in holders), money)


def _rounded(rounded: Sequence[Holder], name: str, scope: Scope) -> str:
    return (
        f"Column {name!r} of {scope.where} holds {len(rounded):,} ids that a spreadsheet has rounded, in "
        f"{sum(h.rows for h in rounded):,} rows (such as {', '.join(repr(h.id) for h in rounded[:3])}): "
        f"customers whose ids differ in later digits have become one. Export the "
        f"column as text from where the file came from; {told('keep', condition(name, '=', '*'))} takes the ids as they stand."
    )


def without_case(ids: Any) -> tuple[int, int]:
    """How many e-mail addresses there are among the ids, as written and without regard to upper and lower case."""
    mails = ids.filter(ids.customer_id.contains("@"))
    found = mails.aggregate(written=mails.count(), alike=mails.customer_id.lower().nunique()).to_pyarrow().to_pylist()[0]
    return int(found["written"]), int(found["alike"])


def case_fact(written: int, alike: int, rows: int) -> Fact:
    """The fact that e-mail addresses are compared without case."""
    return Fact("e-mails in upper and lower case", rows, f"compared without case, kept in lower case: {written:,} addresses are {alike:,}")
