"""Survey answers to the question how many people a complainer told, with codes for no answer told from people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.data.complaints import CaseReader, words_of
from goodwill.data.reading.answers import Told, left_out, plain, sizes_of, texts_of
from goodwill.data.reading.columns import named_column
from goodwill.data.reading.files import ROW
from goodwill.data.reading.sources import open_source
from goodwill.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

ROLES = ("told", "outcome", "weight")
CODES = (88, 97, 98, 99, 888, 997, 998, 999, 9997, 9998, 9999)  # that survey tools use for no answer


def read_told_counts(
    source: Any,
    *,
    told: str | None = None,
    outcome: str | None = None,
    weight: str | None = None,
    missing: Sequence[str] = (),
    outcome_words: Mapping[str, str] | Sequence[str] | None = None,
    encoding: str | None = None,
) -> pd.DataFrame:
    """Read how many people complainers say they told: columns told, outcome (missing where unknown) and weight, one row per answer.

    Parameters
    ----------
    source : a path, a DataFrame, an Ibis table, or an address (see `goodwill.read_transactions`)
    told, outcome, weight : columns; default those of these names; outcome and weight are optional
    missing, outcome_words, encoding : as in `read_complaints`; `missing=["told:none"]` says that no number is a code

    Raises
    ------
    DataError
        For answers that are no whole numbers from 0 up, and for numbers that look like codes for no answer.

    Examples
    --------
    >>> import pandas as pd
    >>> read_told_counts(pd.DataFrame({"told": ["3", "n/a", "0"]}))["told"].tolist()
    [3.0, 0.0]
    """
    import pandas as pd

    src = open_source(source, encoding)
    columns = [c for c in src.columns if c]
    names = {r: named_column(r, name, columns, src.name) for r, name in zip(ROLES, (told, outcome, weight), strict=True) if name}
    names |= {role: role for role in ROLES if role not in names and role in columns}
    if "told" not in names:
        raise DataError(
            f"{src.name} has no column 'told'; say which one holds the number of people told (told=, in the complaint report told_count=). "
            f"Its columns are {', '.join(columns[:30])}."
        )
    raw = src.load(list(dict.fromkeys(names.values()))).table.to_pandas()
    codes = Told.of(missing, None, [*names.values(), *names])
    reader = CaseReader(src.name, raw.pop(ROW) if ROW in raw else None, codes, None, [])
    counts = _counts(reader, raw[names["told"]], names["told"])
    _refuse_codes(reader, counts, names["told"])
    frame = pd.DataFrame({"told": counts})
    frame["outcome"] = reader.outcomes(raw[names["outcome"]], names["outcome"], words_of(outcome_words)) if "outcome" in names else None
    weights = np.nan_to_num(sizes_of(texts_of(raw[names["weight"]]).tolist())) if "weight" in names else 1.0
    if not counts.notna().any():
        raise DataError(f"{src.name}: nobody answered how many people they told")
    return frame.assign(weight=weights)[counts.notna()].reset_index(drop=True)


def _counts(reader: CaseReader, series: pd.Series, name: str) -> pd.Series:
    """How many each told; missing where there is no answer."""
    import pandas as pd

    texts = reader.texts(series, "told", name)
    counts = pd.Series(sizes_of(texts.fillna("").tolist(), whole=True), series.index, dtype=float)
    bad = np.flatnonzero((texts.notna() & (counts.isna() | (counts < 0) | (counts != np.floor(counts)))).to_numpy(bool, na_value=False))
    if len(bad):
        shown = texts.iloc[bad[0]]
        raise DataError(
            f"{reader.source}: column '{name}' holds {shown!r} in row {reader.row(int(bad[0]))} ({len(bad)} such); a told-count is a whole "
            f"number from 0 up; {left_out(texts.iloc[bad], 'if it means no answer')}"
        )
    return counts.where(texts.notna())


def _refuse_codes(reader: CaseReader, counts: pd.Series, name: str) -> None:
    """Raise DataError for numbers that stand there several times, far above all others, as codes do."""
    if any(reader.told.missing.get(column) for column in ("told", name)):
        return
    known = counts.dropna()
    others = known[~known.isin(CODES)]
    found = [code for code in CODES if (known == code).sum() > 1 and (not len(others) or code > 2 * others.max())]
    if found:
        told = " and ".join(f"{code} in {int((known == code).sum())} rows" for code in found)
        most = f" while nobody else told more than {others.max():g}" if len(others) else ""
        raise DataError(
            f"{reader.source}: column '{name}' holds {told} (first: row {reader.row(int(known[known.isin(found)].index[0]))}){most}; pass "
            f"missing={[plain(str(code)) for code in found]} if that is no answer, or missing=['{name}:none'] if so many people were told"
        )
