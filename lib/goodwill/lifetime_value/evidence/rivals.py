"""Rules that cost nothing as rivals of a purchase model in one hold-out: in purchases and in money, all of them at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from goodwill.errors import TooLittle
from goodwill.inference.parameters import FloatArray
from goodwill.inference.validation import mean_difference, naive_forecasts
from goodwill.lifetime_value.evidence.comparison import learned_hiatus
from goodwill.lifetime_value.gamma_gamma_by_frequency import positive_spend
from goodwill.lifetime_value.histories import history, spend_history
from goodwill.lifetime_value.spend_choice import fit_spend

if TYPE_CHECKING:
    from goodwill.data.purchases import PurchaseSummary
    from goodwill.data.tables import Transactions
    from goodwill.inference.fit import Fit

LEVEL = 0.95


def rule_forecasts(transactions: Transactions, tested: PurchaseSummary) -> dict[str, FloatArray]:
    """Purchases in the hold-out by rules without a model: same rate, same number, hiatus.

    *hiatus*: who bought within the last c units goes on at the same rate, the others have left; c is learned inside the calibration, so
    that no rule has seen the hold-out (see `compare_purchase_models`).
    """
    customers = tested.to_pandas()
    length = float(customers["duration_holdout"].iloc[0])
    rules = naive_forecasts(customers, length)
    assert tested.calibration_end is not None
    limit = learned_hiatus(transactions, tested.calibration_end, length, tested.unit, tested.grain)
    recent = (customers["T"] - customers["recency"]).to_numpy(float) <= limit
    return rules | {"hiatus": np.where(recent, rules["same rate"], 0.0)}


def against_rules(came: ArrayLike, model: ArrayLike, rules: Mapping[str, ArrayLike]) -> pd.DataFrame:
    """Mean absolute errors of the model against those of every rule, with intervals that hold for all rules at once.

    Parameters
    ----------
    came, model : what came and what the model expected, per customer
    rules : the same by rule

    Returns
    -------
    DataFrame, one row per rule, the best first
        model, rule: mean absolute errors; difference (model less rule: below zero the model is better), lower, upper: 95 % over customers,
        each widened so that all hold at once (Bonferroni), since the rival is chosen where it is judged.
    """
    y = np.asarray(came, float)
    own = np.abs(np.asarray(model, float) - y)
    rows = {}
    for name, forecast in rules.items():
        theirs = np.abs(np.asarray(forecast, float) - y)
        rows[name] = (own.mean(), theirs.mean(), *mean_difference(own, theirs, 1 - (1 - LEVEL) / len(rules)))
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["model", "rule", "difference", "lower", "upper"])
    return table.sort_values("rule", kind="stable").rename_axis("forecast")


def money_against_rules(fit: Fit, tested: PurchaseSummary, rules: Mapping[str, FloatArray], spend: str) -> pd.DataFrame:
    """`against_rules` in money: expected purchases times expected spend against each rule's purchases at the customer's own mean spend.

    Parameters
    ----------
    fit : of the purchases of the calibration
    tested : summary with a hold-out
    rules : purchases by rule, as `rule_forecasts` gives them
    spend : the spend model by its name, as `choose_spend` chose it of the calibration; it is fitted to that

    Raises
    ------
    TooLittle
        Without money, or when nobody came back in the calibration with a positive mean spend.
    """
    paying = positive_spend(tested)
    if paying.empty:
        raise TooLittle("No customer came back in the calibration and left money, so there is no spend to foretell the hold-out with.")
    customers = tested.to_pandas()
    length = float(customers["duration_holdout"].iloc[0])
    mean = customers["monetary_value"].fillna(0.0).clip(lower=0).to_numpy(float)
    chosen = fit_spend(spend, tested, paying).model
    expected = chosen.expected_spend(*spend_history(customers, chosen))
    model = fit.model.expected_purchases(length, *history(customers)) * expected
    return against_rules(customers["spend_holdout"].fillna(0.0), model, {name: rule * mean for name, rule in rules.items()})
