"""The checked table of transactions: canonical columns, and an audit that says what every rule touched."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa

from goodwill.data.audit import audit_frame, count_rows, counted_facts, grouped_facts, in_order
from goodwill.data.doubts.asking import Asked, Meant, ask, only_meant
from goodwill.data.doubts.meant import same
from goodwill.data.doubts.vocabulary import NO_ID
from goodwill.data.reading.amounts import UNITS, unit_factor
from goodwill.data.reading.columns import ROLES, is_piece_price
from goodwill.data.reading.files import ROW, Fact, Loaded, store, view_on
from goodwill.data.reading.quick import type_plain
from goodwill.data.reading.stage import Options
from goodwill.data.reading.typing_texts import text_columns, type_texts
from goodwill.data.tally import Tally, fingerprints, tally
from goodwill.errors import DataError
from goodwill.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

MONEY = "decimal(18, 4)"
RETURNS = ("net", "drop", "keep")
COPIED = 5_000_000  # rows up to which a typed table of ours is copied once, and not read in every query
FLAGS = ("trimmed", "no_id_word", "from_float", "odd_id", "rounded", "odd_amount")


@dataclass(frozen=True, repr=False)
class Transactions(Shown):
    """Checked transactions; made by `read_transactions`.

    Attributes
    ----------
    table : ibis.Table
        `customer_id`, `date`, `amount` (DECIMAL(18,4); NULL throughout when the source has no money), and when asked for
        `quantity`, `order_id`, `acquired` (date), and the columns of `known` under their own names. Rows with a missing id, date or
        amount are not in it, nor negative rows under `returns="drop"`.
    source : str
        The source in words.
    fingerprint : str or None
        SHA-256 of the content; None for a database.
    currency : str
        Label of the currency: a code for built-in sets, the sign found in the amounts, "" when unknown.
    returns : {"net", "drop", "keep"}
        What becomes of negative rows.
    has_amount, has_returns : bool
        Whether there is money, and whether negative rows are in `table`.
    first, last : datetime.date
        First and last date in `table`.
    columns : mapping
        Canonical name to the column of the source.
    sure : frozenset of str
        Canonical names about which nothing is asked, since they were said to be meant as they stand.

    Examples
    --------
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> log = pd.DataFrame({"customer_id": ["a", "a", "b"], "date": ["2025-01-02", "2025-02-03", "2025-02-04"], "amount": [10, 20, 30]})
    >>> read = gw.read_transactions(log)
    >>> read, read.has_amount, read.last.isoformat()
    (<Transactions DataFrame, 2025-01-02 to 2025-02-04, money>, True, '2025-02-04')
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
    sure: frozenset[str] = frozenset()
    _known: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def _said(self) -> str:
        money = f", {self.currency or 'money'}" if self.has_amount else ", no money"
        return f"{self.source}, {self.first} to {self.last}{money}"

    def _frame(self) -> pd.DataFrame:
        return self.table.limit(5).to_pandas()

    def to_pandas(self) -> pd.DataFrame:
        """The checked table as a DataFrame, by customer and date; `amount` in floats."""
        keys = [c for c in self.table.columns if c in ("customer_id", "date", "amount", "order_id")]
        frame = self.table.order_by(keys).to_pandas()
        return frame.assign(amount=frame["amount"].astype("float64"))

    @cached_property
    def audit(self) -> pd.DataFrame:
        """What each rule touched: `rule`, `rows`, `money`, `done`; missing where it does not apply."""
        return audit_frame([*self.facts, *grouped_facts(self._detail, self.returns, self.has_amount, self.has_returns, self._known)])


def check_transactions(
    loaded: Loaded, meant: Meant, options: Options, *, returns: str, source: str, fingerprint: str | None, currency: str
) -> Transactions:
    """Type, check and audit the loaded columns.

    Parameters
    ----------
    loaded : Loaded
        All columns of the source.
    meant : Meant
        Which columns have which role, and which rows are meant.
    options : Options
        How values are written.
    returns, source, fingerprint, currency
        As in `Transactions`.

    Raises
    ------
    DataError
        What cannot be interpreted, with the first offending rows and the parameter that helps.
    Unclear
        What can be meant in several ways, with the parameters that say which.
    """
    mapping, has_amount = meant.names, meant.has_amount
    options = replace(options, sure=frozenset(role for role, name in mapping.items() if name in meant.as_written))
    made = _made(loaded, meant, options)
    typed, left_out = only_meant(made.typed, meant)
    counted = made.tally if not (left_out or (returns == "drop" and made.tally and made.tally.rows["negative"])) else None
    n = dict(counted.rows) if counted else count_rows(typed, has_amount, returns)
    _refuse(n, mapping, source)
    asked = Asked(typed, (), {}) if meant.is_sure else ask(typed, meant, n, counted)
    untouched = not (n["no_id"] or n["no_date"] or n["no_amount"] or left_out or asked.facts)
    usable = asked.table.filter(_usable(asked.table, has_amount))
    # With nothing to leave out, and a source of ours, the plain casts are enough, and fast.
    typed = made.castable if untouched and made.castable is not None else usable
    if returns == "drop" and n["negative"]:
        typed = typed.filter(typed.amount >= ibis.literal(0).cast(MONEY))
    chosen = [c for c in ROLES if c in typed.columns]
    n = n | {"rows": n["rows"] + sum(f.rows or 0 for f in left_out), "money": float(n["money"]) + sum(f.money or 0.0 for f in left_out)}
    # Where the source holds dates, the moment is the date: one key less to group by.
    detail = [*chosen, *(["same"] if "same" in typed.columns else [] if made.has_days else ["moment"])]
    return Transactions(
        table=typed.select(*chosen, **{name: typed[meant.extras[name]] for name in meant.known}),
        source=source,
        fingerprint=fingerprint,
        currency=currency or made.sign,
        returns=returns,
        has_amount=has_amount,
        has_returns=bool(n["negative"]) and returns != "drop",
        first=n["first"],
        last=n["last"],
        columns=dict(mapping),
        sure=options.sure,
        facts=in_order(
            [*loaded.facts, *_column_facts(mapping, options), *made.facts, *counted_facts(n, returns, has_amount, left_out), *asked.facts]
        ),
        _known=asked.known if not n["negative"] else {},
        _detail=typed.select(*detail),
    )


@dataclass(frozen=True)
class _Made:
    """A typed table with flags, the facts and the currency sign of its making, whether the source has days, a faster way to type it, and
    what was counted on the way.
    """

    typed: ibis.Table
    facts: tuple[Fact, ...] = ()
    sign: str = ""
    has_days: bool = False
    castable: ibis.Table | None = None
    tally: Tally | None = None


def _made(loaded: Loaded, meant: Meant, options: Options) -> _Made:
    """Type the columns, whichever way is the fastest for them."""
    plain = _plainly(loaded.table.get_backend(), loaded.cells, meant, options) if loaded.cells is not None else None
    if plain is not None:
        return plain
    raw, ours, factor = _chosen(loaded, meant), loaded.ours, unit_factor(options.amount_unit)
    facts: list[Fact] = []
    sign = ""
    if text_columns(raw):
        if not ours and raw.get_backend().name != "duckdb":
            raise DataError(_cast_there(raw, meant.names, meant.where))
        raw, facts, sign = type_texts(raw, ours, meant.names, meant.where, options)
        ours = True
        # The unit is in the amounts already when they were text.
        factor = Decimal(1) if any(f.rule == "amount format" for f in facts) else factor
    elif raw["date"].type().is_timestamp() and (raw["date"].type().timezone or raw.get_backend().name == "pyspark"):
        zone = raw["date"].type().timezone or "UTC"  # a session of Spark reads its moments in UTC under Ibis, whose type does not say so
        facts = [Fact("time zones", None, f"the date in {zone} is kept; for local days cast it to DATE in your zone")]
    typed = _typed(raw, meant, options.missing, factor)
    has_days = raw["date"].type().is_date() and "moment" not in raw.columns
    if ours and ("moment" in raw.columns or _is_small(raw)):  # so ids are compared with words once, not in every query
        return _Made(raw.get_backend().create_table("checked", typed, temp=True), tuple(facts), sign, has_days)
    is_simple = ours and not {"quantity", "refunded"} & meant.names.keys()
    castable = _typed(raw, meant, options.missing, factor, whole=True) if is_simple else None
    return _Made(typed, tuple(facts), sign, has_days, castable)


def _plainly(con: Any, cells: pa.Table, meant: Meant, options: Options) -> _Made | None:
    """A text file whose cells are plain; None where one is not."""
    plain = type_plain(cells, meant.names, options)
    if plain is None:
        return None
    others = [name for name in cells.column_names if name != ROW and name not in meant.names.values()]
    hashed = None
    if others:
        names = ", ".join(f'"{name.replace(chr(34), chr(34) * 2)}"' for name in others)
        hashed = con.con.execute(f"SELECT hash({names}) AS same FROM raw").fetchnumpy()["same"]
    with ThreadPoolExecutor(1) as beside:
        columns = beside.submit(plain.columns)
        same = fingerprints(plain, hashed)
        counted = tally(plain, same)
    carried = {place: cells[name] for name, place in meant.extras.items()}
    carried |= {role: cells[name] for role, name in meant.names.items() if role == "order_id"}
    rows = pa.table({ROW: cells[ROW], **columns.result(), **carried, "same": same})
    con.con.unregister("raw")
    # What the engine holds itself it can put aside where memory is short.
    typed = (view_on if rows.num_rows <= COPIED else store)(con, rows, "plain")
    return _Made(_flagged(typed), plain.facts, tally=counted)


def _chosen(loaded: Loaded, meant: Meant) -> ibis.Table:
    """The columns that are read, by their canonical names, with the row and what tells equal rows."""
    table = loaded.table
    columns = {role: table[name] for role, name in meant.names.items()} | {place: table[name] for name, place in meant.extras.items()}
    if ROW in table.columns:
        columns[ROW] = table[ROW]
    if (fingerprint := same(table)) is not None:
        columns["same"] = fingerprint
    return table.select(**columns)


def _usable(typed: ibis.Table, has_amount: bool) -> Any:
    usable = typed.customer_id.notnull() & typed.date.notnull()
    return usable & typed.amount.notnull() if has_amount else usable


def _column_facts(mapping: Mapping[str, str], options: Options) -> list[Fact]:
    facts = [Fact("columns", None, ", ".join(f"{role} = {name}" for role, name in mapping.items()))]
    if "amount" not in mapping:
        if options.amount_unit:
            raise DataError(f"amount_unit={options.amount_unit!r} is told, but no column is the amount; pass amount= too.")
        no = "no column is recognised as the amount: purchases are counted without money; pass amount= if there is one"
        return [*facts, Fact("amount unit", None, no)]
    if options.amount_unit:
        factor = f"{unit_factor(options.amount_unit).normalize():f}"
        return [*facts, Fact("amount unit", None, f"{options.amount_unit}: every amount times {factor}")]
    said = next((u for u in UNITS if len(u) > 1 and unit_factor(u) > 1 and u in mapping["amount"].lower()), None)
    if said:
        return [*facts, Fact("amount unit", None, f"taken as written, though the column is named {mapping['amount']!r}; see amount_unit=")]
    return [*facts, Fact("amount unit", None, "taken as written")]


def _cast_there(raw: ibis.Table, mapping: Mapping[str, str], source: str) -> str:
    texts = [mapping[c] for c in text_columns(raw)]
    return f"Columns {', '.join(map(repr, texts))} of {source} are text or numbers; cast them to DATE and DECIMAL there (a view will do)."


def _typed(raw: ibis.Table, meant: Meant, missing: tuple[str, ...], factor: Decimal, *, whole: bool = False) -> ibis.Table:
    """Canonical types, and flags that are counted; `whole`: amounts are known to be numbers that fit, so that a cast is enough."""
    mapping, source = meant.names, meant.where
    no_ids = missing if mapping["customer_id"] in meant.as_written else (*missing, *NO_ID)
    customer, flags = _customer(raw, mapping["customer_id"], source, no_ids)
    amount: Any = ibis.null(MONEY)
    if "amount" in mapping:
        amount, more = _money(raw, mapping, source, factor)
        flags |= more
        if whole and factor == 1:
            amount = raw["amount"].cast(MONEY)
    carried = [c for c in raw.columns if c in ("quantity", "order_id", "same", ROW) or c in meant.extras.values()]
    return raw.select(
        customer_id=customer,
        date=_day(raw["date"], "date", mapping, source),
        amount=amount,
        **({"acquired": _day(raw["acquired"], "acquired", mapping, source)} if "acquired" in mapping else {}),
        **{c: raw[c] for c in carried},
        moment=raw["moment"] if "moment" in raw.columns else raw["date"],
        **{flag: flags.get(flag, ibis.literal(False)) for flag in FLAGS},
    )


def _is_small(raw: ibis.Table) -> bool:
    """Whether the rows may be copied; of files that know their length."""
    return int(raw.count().to_pyarrow().as_py()) <= COPIED


def _flagged(plain: ibis.Table) -> ibis.Table:
    """A table of plain cells with what `_typed` gives beside them."""
    table = plain if "amount" in plain.columns else plain.mutate(amount=ibis.null(MONEY))
    return table.mutate(moment=table.date, **{flag: ibis.literal(False) for flag in FLAGS})


def _money(raw: ibis.Table, mapping: Mapping[str, str], source: str, factor: Decimal) -> tuple[Any, dict[str, Any]]:
    """The money of a row: the amount, times the pieces where it is the price of one, less what was given back."""
    amount, flags = _amount(raw["amount"], mapping["amount"], source, factor)
    if "quantity" in mapping and is_piece_price(mapping["amount"]):
        product = amount.cast("float64") * _amount(raw["quantity"], mapping["quantity"], source, Decimal(1))[0].cast("float64")
        amount, more = _amount(product, mapping["amount"], source, Decimal(1))
        flags = {"odd_amount": flags.get("odd_amount", ibis.literal(False)) | more["odd_amount"], "rounded": more["rounded"]}
    if "refunded" in mapping:
        refunded, more = _amount(raw["refunded"], mapping["refunded"], source, factor)
        flags = {flag: flags.get(flag, ibis.literal(False)) | more.get(flag, ibis.literal(False)) for flag in ("odd_amount", "rounded")}
        amount = (amount - refunded.abs().fill_null(ibis.literal(0).cast(MONEY))).cast(MONEY)
    return amount, flags


def _customer(raw: ibis.Table, name: str, source: str, missing: tuple[str, ...]) -> tuple[Any, dict[str, Any]]:
    value: Any = raw["customer_id"]
    kind = value.type()
    if kind.is_string():
        stripped = value.strip()
        word = stripped.lower().isin([m.strip().lower() for m in missing])
        blank = word | (stripped == "")
        return blank.ifelse(ibis.null("string"), stripped), {"trimmed": (value != stripped) & ~blank, "no_id_word": word}
    if kind.is_floating():
        # A missing value turned integer ids into floats; above 2^53 their last digits are gone.
        whole = (value % 1 == 0) & (value.abs() < 2**53)
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


def _day(value: Any, role: str, mapping: Mapping[str, str], source: str) -> Any:
    if value.type().is_date():
        return value
    if value.type().is_timestamp():
        return value.cast("date")
    raise DataError(f"Column {mapping[role]!r} of {source} ({value.type()}) holds no dates; pass another {role}= or cast it to DATE.")


def _amount(value: Any, name: str, source: str, factor: Decimal) -> tuple[Any, dict[str, Any]]:
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
            f"{source} has no usable row: of {n['rows']:,} rows {n['no_id']:,} lack an id, {n['no_date']:,} a date, "
            f"{n['no_amount']:,} an amount, and {n['negative']:,} are negative."
        )
