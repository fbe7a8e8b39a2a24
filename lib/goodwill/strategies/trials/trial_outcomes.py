"""What counts as the outcome of a trial: what its file says, the same less what past spend explains, or with the value expected after it.

Past spend explains part of the differences between customers that have nothing to do with the lots. Taking it out leaves effects what they
are and makes their intervals narrower (Deng, Xu, Kohavi & Walker 2013, Improving the sensitivity of online controlled experiments).

A trial of some weeks misses what lasts. Where the purchases of its customers are known until it ends, a purchase model says what each of
them is expected to bring afterwards; added to the margin within the trial this is a surrogate of her value (Athey, Chetty, Imbens & Kang
2019, The surrogate index). It is right as far as what an action does to later purchases shows in the purchases so far.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.lifetime_value.valued import Valued

Floats = NDArray[np.float64]
GIVEN, ADJUSTED, VALUE = "given", "adjusted", "value"
OUTCOMES = (GIVEN, ADJUSTED, VALUE)


def less_past_spend(outcome: pd.Series, frame: pd.DataFrame) -> Floats:
    """An outcome less theta (past spend - its mean in the segment), theta by least squares within segment and arm.

    Parameters
    ----------
    outcome : one per row of `frame` [currency]
    frame : arm, past_spend, and segment where there are several

    Examples
    --------
    >>> import pandas as pd
    >>> trial = pd.DataFrame({"arm": ["a", "a", "b", "b"], "past_spend": [1.0, 3.0, 2.0, 4.0]})
    >>> less_past_spend(pd.Series([2.0, 6.0, 5.0, 9.0]), trial).tolist()  # theta is 2, and the mean past spend 2.5
    [5.0, 5.0, 6.0, 6.0]
    """
    past = frame["past_spend"].to_numpy(float)
    segment = frame["segment"].astype(str).to_numpy() if "segment" in frame else np.full(len(frame), "all")
    cells = [segment, frame["arm"].astype(str).to_numpy()]
    both = frame.assign(came=np.asarray(outcome, float), past=past)
    within = both[["came", "past"]] - both.groupby(cells)[["came", "past"]].transform("mean")
    spread = float((within["past"] ** 2).sum())
    theta = float((within["past"] * within["came"]).sum()) / spread if spread > 0 else 0.0
    centre = both["past"] - both.groupby(segment)["past"].transform("mean")
    return (both["came"] - theta * centre).to_numpy(float)


def with_value_after(frame: pd.DataFrame, valued: Valued) -> Floats:
    """Margin within the trial and the value expected after it [currency].

    Parameters
    ----------
    frame : customer_id (text) and outcome
    valued : customers as they stand when the trial ends

    Raises
    ------
    DataError
        Without a purchase model, or for customers of the trial who are not among those valued.
    """
    if valued.purchases is None:
        raise DataError(f"the value after the trial cannot be expected: {valued.note} Set trial_outcome to adjusted.")
    value = valued.customers.set_index(valued.customers["customer_id"].astype(str))["value"]
    after = frame["customer_id"].map(value)
    if after.isna().any():
        first = frame.loc[after.isna(), "customer_id"].iloc[0]
        raise DataError(
            f"{int(after.isna().sum()):,} of {len(after):,} customers of the trial are not in the purchases (first: {first}), so that no "
            f"value "
            "is expected of them: give the purchases of the customers of the trial, or set trial_outcome to adjusted."
        )
    return (valued.terms.margin * frame["outcome"] + after).to_numpy(float)
