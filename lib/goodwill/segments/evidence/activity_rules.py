"""Rules that call customers active or gone, and how often they are right."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import DataError
from goodwill.inference.proportions import wilson
from goodwill.inference.uncertainty import normal_quantile


def activity_predictions(customers: pd.DataFrame, unit: str, hiatus: tuple[float, ...] = (13.0, 26.0)) -> dict[str, NDArray[np.bool_]]:
    """Rules that call customers active: bought within the last so many units, and P(alive) above one half where it is known.

    >>> import pandas as pd
    >>> customers = pd.DataFrame({"recency": [28.0, 5.0], "T": [30.0, 30.0]})
    >>> {rule: called.tolist() for rule, called in activity_predictions(customers, "week", hiatus=(13.0,)).items()}
    {'bought within 13 weeks': [True, False]}
    """
    quiet = (customers["T"] - customers["recency"]).to_numpy(float)
    rules: dict[str, NDArray[np.bool_]] = {f"bought within {length:g} {unit}s": quiet <= length + 1e-9 for length in hiatus}
    if "probability_alive" in customers:
        rules["P(alive) above one half"] = customers["probability_alive"].to_numpy(float) > 0.5
    return rules


def activity_table(active: ArrayLike, rules: Mapping[str, ArrayLike], level: float = 0.95) -> pd.DataFrame:
    """How often rules call customers rightly active or inactive, beside the base rate of calling all the same.

    The comparison is that of Wuebben & von Wangenheim (2008).

    Parameters
    ----------
    active : (customers,) booleans: bought in the hold-out
    rules : by name, (customers,) booleans: called active

    Returns
    -------
    DataFrame, the best rule first
        rule, correct with lower and upper (Wilson), difference to the base rate with lower and upper (paired) and whether it is
        distinguishable, sensitivity (of the active, called active), specificity (of the inactive, called inactive). The base rate is
        the row "all inactive" or "all active", whichever is more often right; `attrs["base"]` names it.

    Examples
    --------
    >>> found = activity_table([True, False, False, False], {"lately": [True, True, False, False]})
    >>> found[["rule", "correct", "sensitivity"]].to_dict("list")  # of four, one was called active by mistake
    {'rule': ['all inactive', 'lately'], 'correct': [0.75, 0.75], 'sensitivity': [0.0, 1.0]}
    """
    truth = np.asarray(active, bool)
    if not len(truth):
        raise DataError("there are no customers, so no rule can be right")
    base = bool(truth.mean() > 0.5)
    base_name = "all active" if base else "all inactive"
    called = {base_name: np.full(len(truth), base)} | {name: np.asarray(rule, bool) for name, rule in rules.items()}
    right_at_base, rows = truth == base, []
    for name, rule in called.items():
        if rule.shape != truth.shape:
            raise DataError(f"the rule '{name}' has {rule.size} answers for {truth.size} customers")
        right = rule == truth
        apart = right.astype(float) - right_at_base
        mean, half = float(apart.mean()), normal_quantile(level) * float(apart.std()) / np.sqrt(len(apart))
        found = [float(hit.mean()) if len(hit) else np.nan for hit in (rule[truth], ~rule[~truth])]
        rows.append((name, *wilson(right.sum(), len(right), level), mean, mean - half, mean + half, abs(mean) > half, *found))
    columns = ["rule", "correct", "lower", "upper", "difference", "difference_lower", "difference_upper", "distinguishable"]
    frame = pd.DataFrame(rows, columns=[*columns, "sensitivity", "specificity"])
    frame = frame.sort_values("correct", ascending=False, kind="stable", ignore_index=True)
    frame.attrs["base"] = base_name
    return frame
