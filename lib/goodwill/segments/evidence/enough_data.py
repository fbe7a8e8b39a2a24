"""Are there enough customers, windows and repeat purchases? And if not, what is still possible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from goodwill.errors import DataError
from goodwill.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

# Below these the parts of a ranking change from sample to sample more than from one another. 500 buyers is also where tools in use begin
# to offer such groups.
BUYERS = 500
REPEATERS = 0.05


@dataclass(frozen=True, repr=False)
class Sufficiency(Shown):
    """What customers allow; made by `sufficiency`.

    Attributes
    ----------
    buyers : int
    repeaters : float
        Share of the customers who came back.
    windows : int
        2 with a hold-out, else 1.
    table : DataFrame
        `possible` and `why` per analysis.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.segments import sufficiency
    >>> found = sufficiency(pd.DataFrame({"frequency": [0, 2, 0], "spend": [10.0, 40.0, 5.0]}))
    >>> found.buyers, found.windows, found.table.loc["a check of the ranking", "why"]
    (3, 1, '3 customers are fewer than 500; there is no second window to check against')
    """

    buyers: int
    repeaters: float
    windows: int
    table: pd.DataFrame

    @property
    def enough(self) -> bool:
        """Whether everything is possible."""
        return bool(self.table["possible"].all())


def sufficiency(customers: pd.DataFrame, *, buyers: int = BUYERS, repeaters: float = REPEATERS) -> Sufficiency:
    """Say which analyses these customers allow.

    Parameters
    ----------
    customers : DataFrame with frequency; with spend and a hold-out (frequency_holdout or spend_holdout) where there is one
    buyers, repeaters : the gate: fewest customers, smallest share of them with a repeat purchase

    Examples
    --------
    >>> import pandas as pd
    >>> few = sufficiency(pd.DataFrame({"frequency": [0, 2, 0], "spend": [10.0, 40.0, 5.0]}))
    >>> few.enough, few.table.index[few.table["possible"]].tolist()
    (False, ['groups by rules', 'descriptions with intervals'])
    """
    import pandas as pd

    if "frequency" not in customers:
        raise DataError("column 'frequency' is missing: pass the table of summarize_purchases(...).to_pandas().")
    n = len(customers)
    share = float(np.mean(customers["frequency"].to_numpy(dtype=float) > 0)) if n else 0.0
    windows = 2 if {"frequency_holdout", "spend_holdout"} & set(customers.columns) else 1
    lacks = {
        "customers": f"{n:,} customers are fewer than {buyers:,}" if n < buyers else "",
        "windows": "" if windows == 2 else "there is no second window to check against",
        "repeats": f"{share:.1%} repeaters are fewer than {repeaters:.0%}" if share < repeaters else "",
        "money": "" if "spend" in customers else "there is no money",
        "anybody": "" if n else "there is nobody",
    }
    needed = {
        "groups by rules": ("anybody", "money"),
        "descriptions with intervals": ("anybody",),
        "a check of the ranking": ("customers", "windows", "money"),
        "movement between groups": ("customers", "windows"),
        "purchase models and latent classes": ("customers", "repeats"),
        "a plan of strategies": ("customers", "windows", "repeats", "money"),
    }
    why = {analysis: [lacks[name] for name in names if lacks[name]] for analysis, names in needed.items()}
    table = pd.DataFrame(
        {"possible": [not reasons for reasons in why.values()], "why": ["; ".join(reasons) for reasons in why.values()]},
        index=pd.Index(list(why), name="analysis"),
    )
    return Sufficiency(n, share, windows, table)
