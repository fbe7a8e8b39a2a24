"""The checked table of transactions: canonical columns, and an audit that says what every rule touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

import ibis

from goodwill.data.amounts import unit_factor
from goodwill.data.files import ROW, Fact, Loaded
from goodwill.data.texts import Options, has_texts, type_texts
from goodwill.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

MONEY = "decimal(18, 4)"
RETURNS = ("net", "drop", "keep")


@dataclass(frozen=True)
class Transactions:
    """Checked transactions; made by `read_transactions`.

    Attributes
    ----------
    table : ibis.Table
        `customer_id`, `date`, `amount` (DECIMAL(18,4); NULL throughout when the source has no money), and `quantity`, `order_id` when
        asked for. Rows with a missing id, date or amount are not in it, nor negative rows under `returns="drop"`.
    source : str
        The source in words.
    fingerprint : str or None
        SHA-256 of the content; None for a database.
    currency : str
        Label of the currency, "" when unknown.
    returns : {"net", "drop", "keep"}
        What becomes of negative rows.
    has_amount, has_returns : bool
        Whether there is money, and whether negative rows are in `table`.
    first, last : datetime.date
        First and last date in `table`.
    columns : mapping
        Canonical name to the column of the source.
    """

    table: ibis.Table
    source: str
    fingerprint: str | None
    currency: str
    returns: str
    has_amount: bool
    has_returns: bool
    first: date
    last: date
    columns: Mapping[str, str]
    facts: tuple[Fact, ...] = field(repr=False)
    _detail: ibis.Table = field(repr=False)

    def to_pandas(self) -> pd.DataFrame:
        """The checked table as a DataFrame, by customer and date."""
        return self.table.order_by(["customer_id", "date", *(c for c in ("amount", "order_id") if c in self.table.columns)]).to_pandas()

    @cached_property
    def audit(self) -> pd.DataFrame:
        """What each rule touched: `rule`, `rows`, `money`, `done`; missing where it does not apply."""
        return audit_frame([*self.facts, *grouped_facts(self._detail, self.returns, self.has_amount)])


def audit_frame(facts: list[Fact]) -> pd.DataFrame:
    """Facts as a table."""
    import pandas as pd

    return pd.DataFrame(
        {
            "rule": pd.array([f.rule for f in facts], dtype="str"),
            "rows": pd.array([f.rows for f in facts], dtype="Int64"),
            "money": pd.array([f.money for f in facts], dtype="Float64"),
            "done": pd.array([f.done for f in facts], dtype="str"),
        }
    )


def check_transactions(
    loaded: Loaded,
    mapping: Mapping[str, str],
    options: Options,
    *,
    returns: str,
    source: str,
    fingerprint: str | None,
    currency: str,
) -> Transactions:
    """Type, check and audit the loaded columns."""
    facts = list(loaded.facts)
    raw = loaded.table.rename(dict(mapping))
    facts.append(Fact("columns", None, ", ".join(f"{role} = {name}" for role, name in mapping.items())))
    facts.append(_money_fact(mapping))
    ours = loaded.ours
    if has_texts(raw):
        if not ours and raw.get_backend().name != "duckdb":
            raise DataError(_cast_there(raw, mapping, source))
        raw, found = type_texts(raw, ours, mapping, source, options)
        facts += found
        # The unit is in the amounts already when they were text.
        factor = Decimal(1) if any(f.rule == "amount format" for f in found) else unit_factor(options.amount_unit)
    else:
        factor = unit_factor(options.amount_unit)
        if options.date_format:
            facts.append(Fact("date format", None, "the column holds dates already; date_format was not needed"))
    typed = _typed(raw, mapping, source, options.missing, factor)
    return _scan(typed, facts, mapping, returns=returns, source=source, fingerprint=fingerprint, currency=currency)


def _money_fact(mapping: Mapping[str, str]) -> Fact:
    if "amount" in mapping:
        return Fact("money", None, f"column {mapping['amount']!r}")
    return Fact("money", None, "no column is recognised as the amount: purchases are counted without money; pass amount= if there is one")


def _cast_there(raw: ibis.Table, mapping: Mapping[str, str], source: str) -> str:
    texts = [mapping[c] for c in ("date", "amount", "quantity") if c in raw.columns and raw[c].type().is_string()]
    return f"Columns {', '.join(map(repr, texts))} of {source} are text; cast them to DATE and DECIMAL in the database (a view will do)."


def _typed(raw: ibis.Table, mapping: Mapping[str, str], source: str, missing: tuple[str, ...], factor: Decimal) -> ibis.Table:
    """Canonical types, and flags that the scan counts: `trimmed`, `from_float`, `rounded`, `odd_id`, `odd_amount`."""
    no = ibis.literal(False)
    customer, flags = _customer(raw, mapping["customer_id"], source, missing)
    amount: Any = ibis.null("decimal(18, 4)") if "amount" not in mapping else None
    if amount is None:
        amount, more = _amount(raw, mapping["amount"], source, factor)
        flags |= more
    columns = {
        "customer_id": customer,
        "date": _day(raw, mapping["date"], source),
        "amount": amount,
        "moment": raw["moment"] if "moment" in raw.columns else raw["date"],
        "present": raw["amount"].notnull() if "amount" in mapping else ibis.literal(True),
        **{f: flags.get(f, no) for f in ("trimmed", "from_float", "odd_id", "rounded", "odd_amount")},
    }
    if "quantity" in mapping:
        columns["quantity"] = raw["quantity"]
    if "order_id" in mapping:
        columns["order_id"] = raw["order_id"]
    return raw.select(**columns)


def _customer(raw: ibis.Table, name: str, source: str, missing: tuple[str, ...]) -> tuple[Any, dict[str, Any]]:
    value: Any = raw["customer_id"]
    kind = value.type()
    if kind.is_string():
        stripped = value.strip()
        blank = stripped.isin(["", *(m.strip() for m in missing)])
        return blank.ifelse(ibis.null("string"), stripped), {"trimmed": (value != stripped) & ~blank}
    if kind.is_floating():
        # A missing value turned integer ids into floats; above 2^53 their last digits are gone.
        whole = (value == value.floor()) & (value.abs() < 2**53)
        lost = value.isnull() | value.isnan()
        text = (
            (~lost & whole).ifelse(value.try_cast("int64") if _is_duckdb(raw) else value.cast("int64"), ibis.null("int64")).cast("string")
        )
        return text, {"from_float": ~lost & whole, "odd_id": ~lost & ~whole}
    if kind.is_integer() and not kind.is_uint64():
        return value.cast("int64"), {}
    if kind.is_integer() or kind.is_decimal() or kind.is_uuid():
        return value.cast("string"), {}
    raise DataError(f"Column {name!r} of {source} ({kind}) cannot be a customer id; pass another customer_id= or cast it to text.")


def _is_duckdb(table: ibis.Table) -> bool:
    return table.get_backend().name == "duckdb"


def _day(raw: ibis.Table, name: str, source: str) -> Any:
    value: Any = raw["date"]
    if value.type().is_date():
        return value
    if value.type().is_timestamp():
        return value.cast("date")
    raise DataError(f"Column {name!r} of {source} ({value.type()}) holds no dates; pass another date= or cast it to DATE.")


def _amount(raw: ibis.Table, name: str, source: str, factor: Decimal) -> tuple[Any, dict[str, Any]]:
    value: Any = raw["amount"]
    kind = value.type()
    if not (kind.is_numeric() and not kind.is_boolean()):
        raise DataError(f"Column {name!r} of {source} ({kind}) holds no money; pass another amount= or cast it to a number.")
    if kind.is_decimal() and factor == 1 and kind.scale is not None and kind.scale <= 4:
        return value.cast(MONEY), {}
    if kind.is_integer() and factor == factor.to_integral_value():
        return (value.cast(MONEY) * int(factor)).cast(MONEY) if factor != 1 else value.cast(MONEY), {}
    scaled = value.cast("float64") * float(factor)
    number = value.isnan().ifelse(ibis.null("float64"), scaled) if kind.is_floating() else scaled
    fits = number.abs() < 1e14
    money = (fits.ifelse(number, ibis.null("float64"))).cast(MONEY)
    return money, {"odd_amount": number.notnull() & ~fits, "rounded": (money.cast("float64") - number).abs() > 5e-6}


def _scan(typed: ibis.Table, facts: list[Fact], mapping: Mapping[str, str], *, returns: str, **about: Any) -> Transactions:
    """The single pass that counts; then the table without what cannot be used."""
    has_amount = "amount" in mapping
    no_id, no_date, no_amount = typed.customer_id.isnull(), typed.date.isnull(), typed.amount.isnull() & ibis.literal(has_amount)
    usable = ~no_id & ~no_date & ~no_amount
    zero = ibis.literal(0).cast(MONEY)
    negative = usable & (typed.amount < zero)
    counts = {
        "rows": typed.count(),
        "no_id": no_id.sum(),
        "no_id_money": typed.amount.sum(where=no_id),
        "no_date": (~no_id & no_date).sum(),
        "no_date_money": typed.amount.sum(where=~no_id & no_date),
        "no_amount": (~no_id & ~no_date & no_amount).sum(),
        "zero": (usable & (typed.amount == zero)).sum(),
        "negative": negative.sum(),
        "negative_money": typed.amount.sum(where=negative),
        "usable": usable.sum(),
        "money": typed.amount.sum(where=usable),
        "trimmed": typed.trimmed.sum(),
        "from_float": typed.from_float.sum(),
        "odd_id": typed.odd_id.sum(),
        "odd_amount": typed.odd_amount.sum(),
        "rounded": typed.rounded.sum(),
        "first": typed.date.min(where=usable & ~negative if returns == "drop" else usable),
        "last": typed.date.max(where=usable & ~negative if returns == "drop" else usable),
    }
    row = typed.aggregate(**counts).to_pyarrow().to_pylist()[0]
    n = {k: (v or 0) if k not in ("first", "last") else v for k, v in row.items()}
    _refuse(n, mapping, about["source"])
    keep = usable & ~negative if returns == "drop" else usable
    chosen = [c for c in ("customer_id", "date", "amount", "quantity", "order_id") if c in typed.columns]
    kept = typed.filter(keep)
    return Transactions(
        table=kept.select(*chosen),
        returns=returns,
        has_amount=has_amount,
        has_returns=bool(n["negative"]) and returns != "drop",
        first=n["first"],
        last=n["last"],
        columns=dict(mapping),
        facts=(*facts, *_counted(n, returns, has_amount)),
        _detail=kept.select(*chosen, "moment"),
        **about,
    )


def _refuse(n: Mapping[str, Any], mapping: Mapping[str, str], source: str) -> None:
    if n["odd_id"]:
        raise DataError(
            f"Column {mapping['customer_id']!r} of {source} holds {n['odd_id']:,} ids that are no whole numbers below 2^53, "
            "so their digits are lost; read that column as text (dtype=str)."
        )
    if n["odd_amount"]:
        raise DataError(f"Column {mapping['amount']!r} of {source} holds {n['odd_amount']:,} infinite or too large numbers; clean them.")
    if not n["rows"]:
        raise DataError(f"{source} has no rows.")
    if n["first"] is None:
        raise DataError(
            f"{source} has no usable row: {n['no_id']:,} of {n['rows']:,} rows lack an id, {n['no_date']:,} a date, {n['no_amount']:,} an amount."
        )


_RETURN_WORDS = {
    "net": "netted into their day; a day of returns only is no purchase, its money is subtracted from the customer's spend",
    "drop": "dropped",
    "keep": "kept: each counts like any row",
}


def _counted(n: Mapping[str, Any], returns: str, has_amount: bool) -> list[Fact]:
    def money(key: str) -> float | None:
        return float(n[key]) if has_amount else None

    used = n["usable"] - (n["negative"] if returns == "drop" else 0)
    total = (n["money"] or 0) - (n["negative_money"] if returns == "drop" else 0)
    return [
        Fact("rows read", n["rows"], "checked", float(n["money"] + n["no_id_money"] + n["no_date_money"]) if has_amount else None),
        Fact("missing id", n["no_id"], "left out", money("no_id_money")),
        Fact("missing date", n["no_date"], "left out", money("no_date_money")),
        Fact("missing amount", n["no_amount"], "left out (a missing amount is not zero)" if has_amount else "there is no money column"),
        Fact("ids trimmed", n["trimmed"], "blanks around ids were taken off"),
        Fact("ids from floats", n["from_float"], "turned into the text of the whole number"),
        *([Fact("amounts rounded", n["rounded"], "rounded to 4 decimals")] if n["rounded"] else []),
        Fact("zero amounts", n["zero"], "kept: they count as purchases", 0.0 if has_amount else None),
        Fact("negative amounts", n["negative"], _RETURN_WORDS[returns], money("negative_money")),
        Fact("rows used", used, f"{n['first']} to {n['last']}", float(total) if has_amount else None),
    ]


def grouped_facts(detail: ibis.Table, returns: str, has_amount: bool) -> list[Fact]:
    """Duplicates, repeats on a day, days and customers with returns only: one query over groups of groups."""
    keys = [c for c in detail.columns if c != "date"]
    rows = detail.group_by([*keys, "date"]).aggregate(n=lambda t: t.count())
    zero = ibis.literal(0).cast(MONEY)
    bought = (rows.amount >= zero).fill_null(True) if returns != "keep" else ibis.literal(True)
    days = rows.group_by(["customer_id", "date"]).aggregate(
        n=rows.n.sum(),
        copies=(rows.n - 1).sum(),
        copied=(rows.amount * (rows.n - 1).cast("decimal(12, 0)")).sum(),
        money=(rows.amount * rows.n.cast("decimal(12, 0)")).sum(),
        bought=bought.max(),
    )
    customers = days.group_by("customer_id").aggregate(
        n=days.n.sum(),
        repeats=(days.n - 1).sum(),
        copies=days.copies.sum(),
        copied=days.copied.sum(),
        money=days.money.sum(),
        back_days=(~days.bought).sum(),
        back_rows=days.n.sum(where=~days.bought),
        back_money=days.money.sum(where=~days.bought),
        bought=days.bought.max(),
    )
    total = customers.aggregate(
        customers=customers.count(),
        repeats=customers.repeats.sum(),
        copies=customers.copies.sum(),
        copied=customers.copied.sum(),
        back_days=customers.back_days.sum(),
        back_rows=customers.back_rows.sum(),
        back_money=customers.back_money.sum(),
        never=(~customers.bought).sum(),
        never_rows=customers.n.sum(where=~customers.bought),
        never_money=customers.money.sum(where=~customers.bought),
    )
    n = {k: v or 0 for k, v in total.to_pyarrow().to_pylist()[0].items()}

    def money(key: str) -> float | None:
        return float(n[key]) if has_amount else None

    return [
        Fact("exact duplicate rows", n["copies"], "kept: rows equal in every column read count as they stand", money("copied")),
        Fact("same-day repeats", n["repeats"], "rows of one customer on one day are one purchase occasion"),
        Fact("days of returns only", n["back_rows"], f"{n['back_days']:,} customer-days without a purchase", money("back_money")),
        Fact(
            "customers of returns only", n["never_rows"], f"{n['never']:,} customers never bought: not in any summary", money("never_money")
        ),
        Fact("customers", None, f"{n['customers'] - n['never']:,} with at least one purchase"),
    ]


def _has_rows(loaded: Loaded) -> bool:
    return ROW in loaded.table.columns
