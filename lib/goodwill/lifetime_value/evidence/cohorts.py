"""Do customers won at different times differ? A fit for each cohort of first purchase, one for all, and fits that borrow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.errors import DataError, TooLittle
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.richer.groups import GroupFits, birth_cohorts, fit_groups
from goodwill.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.data.purchases import PurchaseSummary
    from goodwill.inference.fit import Fit
    from goodwill.inference.uncertainty import Interval

COHORTS = {"month": "M", "quarter": "Q", "year": "Y"}
FEWEST = 50  # repeat buyers below which a cohort is not fitted by itself


@dataclass(frozen=True, repr=False)
class CohortFits(Shown):
    """What `fit_by_cohort` found.

    Attributes
    ----------
    table : DataFrame
        A row per cohort: cohort, customers, repeaters; repeat purchases expected of a new customer within `horizon` (95 %, parameters
        only): `borrowed`, `borrowed_lower`, `borrowed_upper` by fits that borrow from each other (`fit_groups`) and the share of that
        which is the cohort's own (`own_share`), `expected`, `lower`, `upper` by a fit of its own, `pooled` by the fit for all; with a
        holdout the repeat purchases of it: `actual`, and as foretold by these: `borrowing`, `own`, `together`. Missing where a cohort is
        too small to be fitted by itself.
    fits : mapping of cohort to Fit; `together` is the fit for all of these customers
    horizon : float
        In the unit of the summary: the longest time that every fitted cohort was watched, unless told.
    statistic, degrees, p_value : float, int, float
        Likelihood-ratio test of equal parameters; asymptotic, so rough where a fit warns.
    misses : mapping of str to float
        With a holdout, the purchases of the cohorts fitted by themselves that fits of their own (`own`), those that borrow (`borrowing`)
        and the fit for all (`together`) missed, as shares of what came; empty without.
    borrowing : GroupFits
        Of all cohorts, small ones too.
    newest : Interval
        What is expected of a new customer of the last cohort over that of the first, by the fits that borrow.

    Examples
    --------
    >>> import goodwill as gw
    >>> found = gw.lifetime_value.fit_by_cohort(gw.summarize_purchases("cdnow_sample", calibration_end="1997-09-30"))
    >>> list(found.fits), found.degrees, round(found.p_value, 2), found.together.parameters.round(3)
    (['1997-01', '1997-02', '1997-03'], 8, 0.93, array([0.243, 4.414, 0.793, 2.426]))
    """

    table: pd.DataFrame
    fits: dict[str, Fit]
    together: Fit
    horizon: float
    statistic: float
    degrees: int
    p_value: float
    misses: dict[str, float]
    borrowing: GroupFits | None = None
    newest: Interval | None = None


def fit_by_cohort(summary: PurchaseSummary, *, by: str = "month", model: Any = BetaGeoNBD, horizon: float | None = None) -> CohortFits:
    """Fit a purchase model to each cohort of first purchase by itself, and to all of them together.

    Parameters
    ----------
    summary : PurchaseSummary
        With a holdout to see which of the two foretells better.
    by : {"month", "quarter", "year"}
        Calendar period of the first purchase.
    model : a purchase model with `fit`
    horizon : how far ahead a new customer is looked at, in units

    Raises
    ------
    DataError
        For an unknown period.
    TooLittle
        Without two cohorts of `FEWEST` customers who came back.

    Examples
    --------
    >>> from goodwill.data import read_transactions, summarize_purchases
    >>> found = fit_by_cohort(summarize_purchases(read_transactions("cdnow_sample"), calibration_end="1997-09-30"))
    >>> found.table["customers"].tolist()
    [781, 857, 719]
    """
    if by not in COHORTS:
        raise DataError(f"by={by!r}: cohorts are formed by {', '.join(COHORTS)}.")
    labelled = summary.rows.mutate(cohort=summary.rows.birth.truncate(COHORTS[by]))
    table = _sizes(labelled)
    chosen = table.index[table["repeaters"] >= FEWEST]
    table.insert(0, "cohort", [_name(start, by) for start in table.index])
    if len(chosen) < 2:
        known = f"{len(chosen)} of {len(table)} by {by} have the {FEWEST} customers who came back that a fit needs"
        raise TooLittle(f"Cohorts are not compared: {known}.")
    parts = {_name(start, by): _only(summary, labelled, [start]) for start in chosen}
    fits = {name: model.fit(part) for name, part in parts.items()}
    together = model.fit(_only(summary, labelled, list(chosen)))
    watched = min(float(part.purchase_rows()["T"].min()) for part in parts.values())
    horizon = horizon or watched
    borrowing = fit_groups(summary, birth_cohorts(summary, by), model=model)
    table = table.reset_index(drop=True).merge(_borrowed(borrowing, horizon), on="cohort", how="left")
    table = table.merge(_expected(fits, together, horizon), on="cohort", how="left")
    if summary.calibration_end is not None:
        table = table.merge(_holdout(summary, by, fits, together, borrowing), on="cohort", how="left")
    statistic = 2 * (sum(fit.log_likelihood for fit in fits.values()) - together.log_likelihood)
    degrees = len(together.names) * (len(fits) - 1)
    from scipy.special import chdtrc

    p_value = float(chdtrc(degrees, max(statistic, 0.0)))
    newest = _newest(borrowing, horizon)
    return CohortFits(table, fits, together, horizon, statistic, degrees, p_value, _misses(table), borrowing, newest)


def _sizes(labelled: Any) -> pd.DataFrame:
    """Customers and repeat buyers of each cohort, counted where the data are."""
    counted = labelled.group_by("cohort").aggregate(customers=labelled.count(), repeaters=(labelled.frequency > 0).sum())
    return counted.order_by("cohort").to_pandas().set_index("cohort").astype(int)


def _name(start: Any, by: str) -> str:
    return {"month": f"{start:%Y-%m}", "quarter": f"{start:%Y}-Q{(start.month + 2) // 3}", "year": f"{start:%Y}"}[by]


def _only(summary: PurchaseSummary, labelled: Any, starts: list[Any]) -> PurchaseSummary:
    return replace(summary, table=labelled.filter(labelled.cohort.isin(starts)).drop("cohort"))


def _expected(fits: dict[str, Fit], together: Fit, horizon: float) -> pd.DataFrame:
    import pandas as pd

    pooled = float(together.model.expected_purchases_new_customer(horizon))
    rows = []
    for name, fit in fits.items():
        found = fit.interval_of_mean(lambda m: m.expected_purchases_new_customer(horizon))
        rows.append({"cohort": name, "expected": found.estimate, "lower": found.lower, "upper": found.upper, "pooled": pooled})
    return pd.DataFrame(rows)


def _borrowed(borrowing: GroupFits, horizon: float) -> pd.DataFrame:
    names = {"expected": "borrowed", "lower": "borrowed_lower", "upper": "borrowed_upper", "own": "own_share"}
    return borrowing.table(horizon)[list(names)].rename(columns=names).rename_axis("cohort").reset_index()


def _newest(borrowing: GroupFits, horizon: float) -> Interval:
    """The last cohort over the first, drawn together."""
    first, last = (sorted(borrowing.fits)[place] for place in (0, -1))

    def ratio(models: dict[Any, Any]) -> Any:
        return models[last].expected_purchases_new_customer(horizon) / models[first].expected_purchases_new_customer(horizon)

    return borrowing.interval(ratio)


def _holdout(summary: PurchaseSummary, by: str, fits: dict[str, Fit], together: Fit, borrowing: GroupFits) -> pd.DataFrame:
    """Repeat purchases of the holdout by cohort: what came, and what each kind of fit expected."""
    import pandas as pd

    rows = []
    customers = summary.to_pandas()
    for name, frame in customers.groupby(birth_cohorts(summary, by).to_numpy()):
        history = (frame["duration_holdout"].iloc[0], *(frame[column].to_numpy() for column in ("frequency", "recency", "T")))
        ways = {"borrowing": borrowing[name], "own": fits.get(str(name)), "together": together}
        told = {way: float(np.sum(fit.model.expected_purchases(*history))) if fit else np.nan for way, fit in ways.items()}
        rows.append({"cohort": name, "actual": int(frame["frequency_holdout"].sum())} | told)
    return pd.DataFrame(rows)


def _misses(table: pd.DataFrame) -> dict[str, float]:
    if "actual" not in table:
        return {}
    judged = table.dropna(subset="own")
    came = judged["actual"].sum()
    if not came:
        return {}
    return {name: float((judged[name] - judged["actual"]).abs().sum() / came) for name in ("own", "borrowing", "together")}
