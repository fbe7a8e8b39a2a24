"""What a report foretells, in a form that a later night can hold against what came; and what came."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from goodwill.calendar import DAYS_PER_UNIT
from goodwill.data.purchases import summarize_purchases
from goodwill.data.tracking import births
from goodwill.errors import DataError, FitError, TooLittle
from goodwill.inference.ledger import FOUR_WEEKS, Forecast
from goodwill.lifetime_value.evidence.past_statements import share_left
from goodwill.lifetime_value.evidence.rolling import REFITS_NOW
from goodwill.lifetime_value.evidence.season_before import season_before
from goodwill.lifetime_value.purchase_model import untold
from goodwill.lifetime_value.value import ValueTerms, total_value_interval

if TYPE_CHECKING:
    from goodwill.data.purchases import PurchaseSummary
    from goodwill.data.tables import Transactions
    from goodwill.inference.fit import Fit

DRAWS = 200
LABELS = {"purchases": "Purchases of the customers known", "value": "Profit from the customers known"}


def forecasts(
    purchases: Fit, choice: Any, summary: PurchaseSummary, terms: ValueTerms, headline: Any, *, currency: str = "", seed: int = 1
) -> list[Forecast]:
    """What the customers known on the last day will buy and bring, within four weeks and within the horizon of the report.

    Parameters
    ----------
    purchases : Fit
        Of the purchase model, to `summary`.
    choice : SpendChoice
        The spend model (`choose_spend`). Whatever raises TooLittle when it is touched leaves the money out.
    summary : PurchaseSummary
        Without a hold-out: all that is known.
    terms : ValueTerms
        Horizon, margin and discount of the money.
    headline : Headline
        The total within the horizon with the interval that the report claims for it.
    currency, seed : label of the money; of the simulated futures

    Returns
    -------
    list of Forecast
        `purchases`, and where there is money `value`, over 28 days and over the horizon (once, where that is 28 days).

    Examples
    --------
    >>> from datetime import date
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> summary = gw.summarize_purchases("cdnow_sample")
    >>> terms = gw.ValueTerms(horizon=4, margin=0.3, annual_discount_rate=0.15, unit="week")
    >>> now = gw.inference.Statement(date(1998, 6, 30), date(1998, 7, 28), 1_900.0, 1_500.0, 2_200.0)
    >>> headline = gw.lifetime_value.Headline(now, None, "No statement has come due.", None, pd.DataFrame())
    >>> said = forecasts(gw.BetaGeoNBD.fit(summary), None, summary, terms, headline)
    >>> [(one.name, one.due.isoformat(), round(one.estimate, -1)) for one in said]
    [('purchases', '1998-07-28', 170.0), ('value', '1998-07-28', 1900.0)]
    """
    windows = {FOUR_WEEKS: None, round(terms.horizon * DAYS_PER_UNIT[terms.unit]): headline}
    said, season = [], season_before(untold(purchases).model, summary)
    for days, claimed in sorted(windows.items(), key=lambda item: item[0]):
        within = replace(terms, horizon=days / DAYS_PER_UNIT[terms.unit])
        common: dict[str, Any] = {"made": summary.end, "due": summary.end + timedelta(days=days), "first": summary.transactions.first}
        common |= {"season": season.shift, "season_sd": season.sd} if season and days == FOUR_WEEKS else {}
        count = purchases.predict_interval(summary, within.horizon, draws=DRAWS, seed=seed).loc["total"]
        said.append(Forecast("purchases", **common, **_ends(count), label=LABELS["purchases"], unit="purchases"))
        money = _if_any(partial(_money, purchases, choice, summary, within, claimed, seed))
        if money is not None:
            about: dict[str, Any] = {
                "label": LABELS["value"],
                "unit": currency or None,
                "headline": "" if claimed is None else "total_value",
            }
            about |= {"margin": terms.margin, "annual_discount_rate": terms.annual_discount_rate}
            said.append(Forecast("value", **common, **_ends(money), **about))
    return said


def model_forecasts(
    transactions: Transactions,
    compared: Any,
    *,
    unit: str = "week",
    fits: Mapping[str, Fit] | None = None,
    draws: int = DRAWS,
    seed: int = 1,
) -> list[Forecast]:
    """The purchases within four weeks, and within the horizon of a comparison, as each of the compared models foretells them.

    Parameters
    ----------
    transactions : Transactions
    unit : of the models and of the horizon
    compared : ModelComparison
        Of `compare_purchase_models`; all models stacked foretell for the report, or the best where one could not be fitted, the others
        beside it (`Forecast.which`).
    fits : by name, the models already fitted to all of the data (`fits_now`); the others are fitted here
    draws : of the futures in an interval

    Examples
    --------
    >>> import goodwill as gw
    >>> log = gw.read_transactions("cdnow_sample")
    >>> compared = gw.lifetime_value.compare_purchase_models(log, [gw.BetaGeoNBD], cuts=["1997-09-30"])
    >>> [(said.due.isoformat(), round(said.estimate, -1)) for said in model_forecasts(log, compared, draws=20)[:2]]
    [('1998-07-28', 170.0), ('1999-03-30', 1520.0)]
    """
    from goodwill.lifetime_value.evidence.comparison import PURCHASE_MODELS

    whole, said = summarize_purchases(transactions, unit=unit), []
    models = PURCHASE_MODELS if compared.stacked is None else compared.stacked.models
    found = {name: (fits or {}).get(name) or _if_any(partial(model.fit, whole)) for name, model in models.items()}
    made: dict[str, Any] = {name: fit for name, fit in found.items() if fit is not None}
    used = compared.forecast
    if compared.stacked is not None and len(made) == len(models):
        made = {used: compared.stacked.weighed(made, whole.end), **made}
    elif used not in made:
        used = compared.best
    for name, fit in made.items():
        season, which = season_before(fit.model, whole), "" if name == used else name
        label = LABELS["purchases"] if not which else f"{LABELS['purchases']}, by {name}"
        for days in sorted({FOUR_WEEKS, round(compared.horizon * DAYS_PER_UNIT[unit])}):
            ahead = days / DAYS_PER_UNIT[unit]
            count = fit.predict_interval(whole, ahead, draws=draws, seed=seed, refits=REFITS_NOW).loc["total"]
            common: dict[str, Any] = {"made": whole.end, "due": whole.end + timedelta(days=days), "first": transactions.first}
            common |= {"season": season.shift, "season_sd": season.sd} if season and days == FOUR_WEEKS else {}
            said.append(Forecast("purchases", **common, **_ends(count), label=label, unit="purchases", which=which))
    return said


def came_of(transactions: Transactions, said: Iterable[Forecast]) -> list[Forecast]:
    """Those of some forecasts whose window the data hold to its last day, with what came.

    Parameters
    ----------
    transactions : Transactions
        Read as the report reads them, up to the last day that counts.
    said : iterable of Forecast
        Of any names and windows. Left out are those not yet due, and those that were made when the data began earlier than they do now:
        who was known then is not known any more.

    Examples
    --------
    >>> from datetime import date
    >>> from goodwill.data import read_transactions
    >>> from goodwill.inference import Forecast
    >>> log = read_transactions("cdnow_sample")
    >>> told = Forecast("purchases", date(1997, 9, 30), date(1997, 10, 28), 170.0, 140.0, 200.0, unit="purchases")
    >>> [one.came for one in came_of(log, [told])]
    [214.0]
    """
    known: dict[tuple[date, date], tuple[float, float] | None] = {}
    found = []
    for one in said:
        made, due = one.made, one.due
        if (
            not isinstance(made, date)
            or not isinstance(due, date)
            or due > transactions.last
            or (one.first is not None and one.first < transactions.first)
        ):
            continue
        if one.name == "newcomers":
            found.append(replace(one, came=_first_bought(transactions, made, due)))
            continue
        window = (made, due)
        if window not in known:
            known[window] = _if_any(partial(_sums, transactions, *window))
        sums = known[window]
        if sums is None or (one.name == "value" and not transactions.has_amount):
            continue
        if one.name == "purchases":
            found.append(replace(one, came=sums[0]))
        elif one.name == "value":
            terms = ValueTerms(one.days / 7, one.margin, one.annual_discount_rate, "week")
            found.append(replace(one, came=one.margin * sums[1] * share_left(transactions, made, due, terms)))
    return found


def _sums(transactions: Transactions, made: date, due: date) -> tuple[float, float]:
    """Purchases and money, within a window, of the customers known on the day that it begins after."""
    table = summarize_purchases(transactions, calibration_end=made, end=due).table
    sums = {"purchases": table.frequency_holdout.sum()} | ({"money": table.spend_holdout.sum()} if transactions.has_amount else {})
    row = table.aggregate(**sums).to_pyarrow().to_pylist()[0]
    return float(row["purchases"] or 0), float(row.get("money") or 0)


def _first_bought(transactions: Transactions, made: date, due: date) -> float:
    """How many customers first bought after one day and until another."""
    born = births(summarize_purchases(transactions, unit="day", end=due))
    return float(born.loc[born["date"].dt.date > made, "customers"].sum())


def _money(purchases: Fit, choice: Any, summary: PurchaseSummary, terms: ValueTerms, headline: Any, seed: int) -> Any:
    """The total as the report claims it where it is its headline, else with the interval of the model."""
    if headline is not None:
        return headline.interval or headline.now
    return total_value_interval(purchases, choice.fit, summary.to_pandas(), terms, draws=DRAWS, seed=seed)


def _ends(claimed: Any) -> dict[str, Any]:
    return {end: float(getattr(claimed, end)) for end in ("estimate", "lower", "upper")}


def _if_any(compute: Callable[[], Any]) -> Any:
    """What there is, None where there is too little for it."""
    try:
        return compute()
    except (TooLittle, FitError, DataError):
        return None
