"""Plans as files: who gets what, as a table of the segment report, a list of customers, or a few lines of YAML; and texts read safely."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from goodwill.data.held import Held, user_path
from goodwill.errors import DataError, UsageError
from goodwill.strategies.catalogue import DO_NOTHING

if TYPE_CHECKING:
    import pandas as pd

EVEN = 1e-9  # so little above 0 is no share


def read_plan(path: str | Path) -> pd.DataFrame:
    """A plan as a table: segment, strategy and share (of the segment's customers who get it, 1 where none is stated).

    Parameters
    ----------
    path : a CSV with these columns, such as the table `plan` of the segment report; or with customer_id and strategy, where single
        customers were picked; or YAML, where `plan` names a strategy, or strategies with their shares, for each segment

    Raises
    ------
    DataError
        The file cannot be read, a column or key is missing, a share is none, or the shares of a segment exceed 1.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "plan.yaml")
    ...     _ = file.write_text("plan: {champions: vip_guide, lapsed: {win_back: 0.5, do_nothing: 0.5}}")
    ...     read_plan(file)
         segment   strategy  share
    0  champions  vip_guide    1.0
    1     lapsed   win_back    0.5
    """
    import pandas as pd

    name = str(path)
    if name.endswith((".yaml", ".yml")):
        table = _plan_from_yaml(name)
    else:
        table = read_texts(name, "plan")
        if {"customer_id", "strategy"} <= set(table):
            return _checked_picks(table, name)
        missing = [column for column in ("segment", "strategy") if column not in table]
        if missing:
            raise DataError(f"{name} is no plan: it has no column {missing[0]}; it needs segment and strategy, and may have share.")
        share = table["share"] if "share" in table else pd.Series("1", index=table.index)
        table = table[["segment", "strategy"]].assign(share=pd.to_numeric(share, errors="coerce"))
    table = table[table["strategy"] != DO_NOTHING].reset_index(drop=True)
    return _checked_plan(table, name)


def _plan_from_yaml(name: str) -> pd.DataFrame:
    import pandas as pd

    from goodwill.strategies.catalogue_file import load

    place, content = load(name)
    place.known(content, ("title", "plan"))
    rows = []
    for segment, given in place.mapping(content, "plan").items():
        shares = given if isinstance(given, dict) else {given: 1.0}
        rows += [(segment, str(strategy), place.number(share, f"plan: {segment}: {strategy}", 0, 1)) for strategy, share in shares.items()]
    if not rows:
        raise place.error("key 'plan' is empty; name a strategy for a segment, such as {champions: vip_guide}")
    return pd.DataFrame(rows, columns=["segment", "strategy", "share"])


def _checked_picks(table: pd.DataFrame, name: str) -> pd.DataFrame:
    picks = table.loc[table["strategy"] != DO_NOTHING, ["customer_id", "strategy"]].reset_index(drop=True)
    if picks.empty or picks["customer_id"].duplicated().any():
        raise DataError(f"{name}: the plan {'treats nobody' if picks.empty else 'names a customer twice'}.")
    return picks


def _checked_plan(table: pd.DataFrame, name: str) -> pd.DataFrame:
    bad = ~table["share"].between(EVEN, 1)
    if bad.any():
        row = table[bad].iloc[0]
        raise DataError(
            f"{name}: the share of '{row['strategy']}' in '{row['segment']}' is {row['share']}; it must lie above 0, and up to 1."
        )
    total = table.groupby("segment", sort=False)["share"].sum()
    if (total > 1 + 1e-6).any():
        raise DataError(f"{name}: the shares in '{total.idxmax()}' add up to {total.max():.3g}; one customer gets one strategy.")
    if table.empty or table.duplicated(["segment", "strategy"]).any():
        raise DataError(f"{name}: the plan {'treats nobody' if table.empty else 'names a strategy twice in a segment'}.")
    return table


def read_texts(name: str, what: str) -> pd.DataFrame:
    """A CSV with every cell as the text that it is; ids such as 007 stay what they are."""
    import pandas as pd

    try:
        file = user_path(name).absolute()
        with Held(file).unchanged():
            return pd.read_csv(file, dtype=str, keep_default_na=False)
    except FileNotFoundError:
        raise UsageError(f"There is no file {name}.") from None
    except (OSError, ValueError) as error:
        raise DataError(f"the {what} {name} cannot be read: {' '.join(str(error).split())}") from None


def read_text(name: str) -> str:
    """The text of a file with rules."""
    try:
        file = user_path(name).absolute()
        with Held(file).unchanged():
            return file.read_text("utf8")
    except FileNotFoundError:
        raise UsageError(f"There is no file {name}.") from None
    except (OSError, ValueError) as error:
        raise DataError(f"the rules {name} cannot be read: {' '.join(str(error).split())}") from None
