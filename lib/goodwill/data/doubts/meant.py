"""Which columns of a source are read for what the caller means: told ones, and those that may say what a row is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops

from goodwill.data.doubts import qualifiers
from goodwill.data.doubts.asking import SAMPLE, Meant
from goodwill.data.doubts.keep import read_conditions
from goodwill.data.doubts.repeats import ONCE
from goodwill.data.doubts.vocabulary import ORDER, is_named
from goodwill.data.reading.columns import ROLES, pieces_in
from goodwill.data.reading.files import ROW
from goodwill.errors import DataError


def what_is_meant(
    table: ibis.Table, mapping: Mapping[str, str], *, keep: Sequence[str], once: str, where: str, is_sure: bool, known: Sequence[str] = ()
) -> Meant:
    """Read `keep=` and `once=`, and find the columns beside those of `mapping` that may say what a row is.

    Parameters
    ----------
    table : ibis.Table
        All columns of the source.
    mapping : mapping
        Canonical name to the column of the source.
    is_sure : bool
        Nothing is asked of the source, and no further column is read.
    known : sequence of str
        Columns of the source to carry along under their own names.

    Raises
    ------
    DataError
        For a condition that cannot be read, an unknown `once`, or a column to carry along that is not there, or has a role already.
    """
    if once not in ONCE:
        raise DataError(f"once={once!r}: choose one of {', '.join(word for word in ONCE if word)}.")
    columns = [c for c in table.columns if c != ROW]
    conditions = read_conditions(keep, columns, mapping, where)
    carried = tuple(dict.fromkeys(known))
    for name in carried:
        if name not in columns:
            raise DataError(f"{where} has no column {name!r} that could say something of customers; its columns are {', '.join(columns)}.")
        if name in (*mapping.values(), *ROLES):
            raise DataError(
                f"the column {name!r} of {where} is part of the purchases, and says nothing of customers beforehand; leave it out."
            )
    if is_sure:
        extras = {column: f"extra_{place}" for place, column in enumerate(carried)}
        return Meant(where, mapping, extras, known=carried, conditions=conditions, once=once, is_sure=True)
    free = [c for c in columns if c not in mapping.values()]
    kinds = {c: k for c, k in qualifiers.kinds_by_name(free).items() if _is_category(table[c])}
    kinds |= _kinds_by_content(table, [c for c in free if c not in kinds and table[c].type().is_string()])
    orders = [c for c in free if is_named(c, ORDER)] if "order_id" not in mapping else []
    pieces = "" if "quantity" in mapping else pieces_in(free)
    chosen = dict.fromkeys([*kinds, *(c.column for c in conditions if c.column in free), *orders[:1], *filter(None, [pieces]), *carried])
    extras = {column: f"extra_{place}" for place, column in enumerate(chosen)}
    order = "order_id" if "order_id" in mapping else extras[orders[0]] if orders else ""
    return Meant(where, mapping, extras, kinds, carried, conditions, once, order, pieces, has_more=bool(free))


def _is_category(value: Any) -> bool:
    kind = value.type()
    return kind.is_string() or kind.is_numeric() or kind.is_boolean() or kind.is_temporal()


def _kinds_by_content(table: ibis.Table, columns: Sequence[str]) -> dict[str, str]:
    """What columns of texts say by the values of the first rows."""
    if not columns:
        return {}
    sample = table.select(*columns).limit(SAMPLE).to_pyarrow()
    found = {column: [str(v) for v in sample.column(column).unique().to_pylist() if v] for column in columns}
    return {column: kind for column, values in found.items() if (kind := qualifiers.kind_by_content(values))}


def same(table: ibis.Table) -> Any:
    """The fingerprint of all columns of a row; rows equal in all of them have one.

    DuckDB has a quick one. Elsewhere it is the MD5 of the texts of all cells, or these texts where the engine knows no MD5; None where a
    column is of a kind that has no one text.
    """
    if table.get_backend().name != "duckdb":
        return _same_elsewhere(table)
    cells = ibis.struct({f"c{place}": table[column] for place, column in enumerate(table.columns) if column != ROW})

    def _hash(row: Any) -> Any: ...

    return ibis.udf.scalar.builtin(_hash, name="hash", signature=((cells.type(),), dt.uint64))(cells)


def _same_elsewhere(table: ibis.Table) -> Any:
    types = table.schema().values()
    if any(kind.is_nested() or kind.is_binary() or kind.is_interval() or kind.is_unknown() for kind in types):
        return None  # which engines write as texts in ways of their own, or not at all
    texts = [table[column].cast("string").fill_null("\x01") for column in table.columns]
    joined = reduce(lambda before, text: before + "\x02" + text, texts)
    return joined.hexdigest("md5") if table.get_backend().has_operation(ops.HexDigest) else joined
