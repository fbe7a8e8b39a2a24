"""Files of SPSS (.sav, .zsav), which carry what each code means: read with pyreadstat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from goodwill.data.reading.files import Fact, Loaded, Source, arrow_column, arrow_table, check_header, connect, store
from goodwill.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


def open_spss(path: Path) -> Source:
    """A file of SPSS: a code with a label becomes both, such as "5 - very satisfied"; codes declared as missing are missing.

    Raises
    ------
    DataError
        Where pyreadstat cannot read the file.
    """
    import pyreadstat

    try:
        frame, about = pyreadstat.read_sav(str(path))
    except Exception as error:  # pyreadstat has kinds of its own
        raise DataError(f"{path.name} cannot be read as a file of SPSS ({str(error).splitlines()[0]}); export it as .csv.") from None
    columns = check_header([str(name) for name in frame.columns], path.name)
    if not len(frame):
        raise DataError(f"{path.name} has a header and no rows.")

    def load(wanted: Sequence[str]) -> Loaded:
        cells = {name: arrow_column(_cells(frame[name], about.variable_value_labels.get(name, {}))) for name in wanted}
        labelled = sum(1 for name in wanted if about.variable_value_labels.get(name))
        fact = Fact("value labels", None, f"kept beside the codes in {labelled} columns")
        return Loaded(store(connect(), arrow_table(cells, 1)), True, (fact,) if labelled else ())

    return Source(path.name, columns, load)


def _cells(column: pd.Series, labels: Mapping[Any, str]) -> list[Any]:
    """Values as they are, with their label behind them where they have one; None where there is none.

    Examples
    --------
    >>> import pandas as pd
    >>> _cells(pd.Series([5.0, float("nan"), 2.0]), {5.0: "very satisfied"})
    ['5 - very satisfied', None, 2]
    """
    values = [None if value is None or value != value else value for value in column.tolist()]
    plain = [int(value) if isinstance(value, float) and value.is_integer() else value for value in values]
    return [f"{each} - {labels[value]}" if value in labels else each for each, value in zip(plain, values, strict=True)]
