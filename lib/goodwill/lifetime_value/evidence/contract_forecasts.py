"""How many customers of a cohort will still be under contract after the next renewals, and how many were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.data.survival import in_order
from goodwill.errors import FitError, TooLittle
from goodwill.inference.ledger import Forecast
from goodwill.lifetime_value.retention import MODELS

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.data.survival import SurvivalTable

DRAWS = 2000


def contract_forecasts(survival: SurvivalTable, in_use: Mapping[str, tuple[str, Any]], period: str, horizon: int) -> list[Forecast]:
    """The survivors of each cohort after the next renewal, and after as many as the report looks ahead.

    Parameters
    ----------
    survival : a table that counts cohorts by their renewals
    in_use : by cohort, the model in use (`fits_in_use`); it is fitted here to all renewals of the table
    period : how long one contract runs
    horizon : renewals that the report looks ahead

    Returns
    -------
    list of Forecast
        Named `survivors`, `which` is the cohort, `made` and `due` are numbers of renewals, and `terms` the customers who were there when it
        was made. The interval holds the parameters and chance.

    Raises
    ------
    TooLittle
        Of a table with a row for each customer: it is counted anew on every night, with others under contract. And when nobody is left.

    Examples
    --------
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> table = pd.DataFrame({"cohort": "2020", "time": [0, 1, 2], "customers": [1000, 600, 450]})
    >>> in_use = gw.lifetime_value.fits_in_use(gw.lifetime_value.fit_cohorts(table, periods=2, unit="year"))
    >>> (said,) = contract_forecasts(gw.read_survival(table), in_use, "year", horizon=1)
    >>> said.which, said.made, said.due, round(said.estimate), [round(said.lower), round(said.upper)]
    ('2020', 2, 3, 368, [343, 390])
    """
    if not survival.counted:
        raise TooLittle("a table with a row for each customer counts other customers on every night, so that no cohort can be followed.")
    said = []
    for cohort, table in in_order(survival.table).groupby("cohort", sort=False):
        made, there = int(table["time"].iloc[-1]), round(float(table["customers"].iloc[-1]))
        if str(cohort) not in in_use or there < 1:
            continue
        try:
            fit = MODELS[in_use[str(cohort)][0]].fit(table[["time", "customers"]], period)
        except (FitError, TooLittle):
            continue
        drawn, rng = fit.prediction_draws(DRAWS, seed=1), np.random.default_rng(1)
        for ahead in sorted({1, horizon}):
            left = rng.binomial(there, np.clip(drawn.probability_alive_at(float(ahead), float(made)), 0, 1)).ravel()
            estimate = there * float(fit.model.probability_alive_at(ahead, made))
            lower, upper = (float(end) for end in np.quantile(left, [0.025, 0.975]))
            about: dict[str, Any] = {"label": f"Customers still there of the cohort {cohort}", "unit": "customers", "terms": str(there)}
            said.append(Forecast("survivors", made, made + ahead, estimate, lower, upper, which=str(cohort), **about))
    if not said:
        raise TooLittle("nobody is left who could renew.")
    return said


def survivors_of(survival: pd.DataFrame, said: Iterable[Forecast]) -> list[Forecast]:
    """Those of some forecasts whose renewal the table has come to, with who is still there.

    A cohort that did not have the same customers at the renewal at which it was foretold is another one, and its forecasts stay open.
    """
    counted = {(str(cohort), int(time)): float(there) for cohort, time, there in survival[["cohort", "time", "customers"]].to_numpy()}
    return [
        replace(one, came=counted[one.which, one.due])
        for one in said
        if isinstance(one.made, int) and isinstance(one.due, int) and (one.which, one.due) in counted
        if one.terms == str(round(counted.get((one.which, one.made), -1.0)))
    ]
