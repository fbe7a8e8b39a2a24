"""Small published sets that are summaries already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goodwill.data.reading.sources import lifetimes_file
from goodwill.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


def example(name: str) -> pd.DataFrame:
    """A built-in summary.

    Parameters
    ----------
    name : {"donations"}
        `donations`: 11,104 donors of the 1995 cohort over six yearly opportunities, in 22 groups (Fader, Hardie and Shang 2010).

    Returns
    -------
    DataFrame
        `frequency`, `recency`, `T` (whole opportunities) and `weight`, the number of donors in the group.

    Examples
    --------
    >>> example("donations").weight.sum().item()
    11104
    """
    import pandas as pd

    if name != "donations":
        raise DataError(f"There is no example {name!r}; there is 'donations'. Transactions are read with read_transactions('cdnow').")
    frame = pd.read_csv(lifetimes_file("donations.csv"))
    return frame.rename(columns={"periods": "T", "weights": "weight"})[["frequency", "recency", "T", "weight"]]
