"""Models fitted with lifetimes, as models of this library."""

from __future__ import annotations

import warnings
from typing import Any

import pandas as pd

from goodwill.errors import FitError, TooLittle
from goodwill.lifetime_value.beta_geo_beta_binom import BetaGeoBetaBinom
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.gamma_gamma import GammaGamma
from goodwill.lifetime_value.modified_beta_geo_nbd import ModifiedBetaGeoNBD
from goodwill.lifetime_value.pareto_nbd import ParetoNBD

OURS = {
    "BetaGeoFitter": BetaGeoNBD,
    "ModifiedBetaGeoFitter": ModifiedBetaGeoNBD,
    "ParetoNBDFitter": ParetoNBD,
    "BetaGeoBetaBinomFitter": BetaGeoBetaBinom,
    "GammaGammaFitter": GammaGamma,
}
RENAMED = {"v": "gamma"}  # the scale of the gamma-gamma model


def from_lifetimes(fitter: Any, unit: str | None = None) -> Any:
    """The model that a fitted lifetimes object stands for.

    Parameters
    ----------
    fitter : a fitted BetaGeoFitter, ModifiedBetaGeoFitter, ParetoNBDFitter, BetaGeoBetaBinomFitter or GammaGammaFitter
    unit : str, optional
        The time unit of the data that it was fitted to, which lifetimes does not know.

    Returns
    -------
    BetaGeoNBD, ModifiedBetaGeoNBD, ParetoNBD, BetaGeoBetaBinom or GammaGamma
        Only the parameters are taken: its standard errors and covariances are not carried over.

    Raises
    ------
    FitError
        For another kind of object, and for one that has not been fitted.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> BetaGeoFitter = type("BetaGeoFitter", (SimpleNamespace,), {})  # stands for a fitted lifetimes.BetaGeoFitter
    >>> from_lifetimes(BetaGeoFitter(params_={"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}), unit="week")
    BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit='week')
    """
    name = type(fitter).__name__
    if name not in OURS:
        raise FitError(f"a {name} has no counterpart here; these have one: {', '.join(OURS)}")
    found = getattr(fitter, "params_", None)
    if found is None or len(found) == 0:
        raise FitError(f"this {name} has not been fitted; call its fit method first")
    parameters = {RENAMED.get(str(key), str(key)): float(value) for key, value in dict(found).items()}
    return OURS[name](**parameters, unit=unit)


def beside_lifetimes(summary: Any, horizon: float) -> pd.DataFrame:
    """BG/NBD, fitted by lifetimes and by this library to the same customers.

    Parameters
    ----------
    summary : PurchaseSummary
    horizon : float
        In the unit of the summary.

    Returns
    -------
    pandas.DataFrame
        One row per quantity (r, alpha, a, b, log-likelihood, purchases expected within the horizon), columns lifetimes, goodwill,
        difference. The log-likelihood and the expectation of the lifetimes parameters are computed here: only the fit is theirs.

    Raises
    ------
    TooLittle
        When lifetimes does not converge, as on small data at a boundary.

    Examples
    --------
    >>> import goodwill as gw
    >>> found = beside_lifetimes(gw.summarize_purchases("cdnow_sample", calibration_end="1997-09-30"), horizon=39)
    >>> found[["quantity", "lifetimes", "goodwill"]].round(3)
                 quantity  lifetimes  goodwill
    0                   r      0.243     0.243
    1               alpha      4.414     4.414
    2                   a      0.793     0.793
    3                   b      2.426     2.426
    4      log-likelihood  -9582.429 -9582.429
    5  purchases expected   1653.409  1653.409
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lifetimes uses what newer pandas deprecates
        chained = pd.options.mode.chained_assignment
        import lifetimes

        pd.options.mode.chained_assignment = chained  # importing lifetimes switches it off for everybody
    rows = summary.purchase_rows()
    history, weight = [rows[name].to_numpy() for name in ("frequency", "recency", "T")], rows["weight"].to_numpy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fitter = lifetimes.BetaGeoFitter().fit(*(rows[name] for name in ("frequency", "recency", "T")), weights=rows["weight"])
        except lifetimes.utils.ConvergenceError:
            raise TooLittle("The package lifetimes finds no fit to these customers, so there is nothing to compare with.") from None
    models = {"lifetimes": from_lifetimes(fitter, summary.unit), "goodwill": BetaGeoNBD.fit(summary).model}
    table = {
        name: {parameter: getattr(model, parameter) for parameter in ("r", "alpha", "a", "b")}
        | {
            "log-likelihood": float(weight @ model.log_likelihood(*history)),
            "purchases expected": float(weight @ model.expected_purchases(horizon, *history)),
        }
        for name, model in models.items()
    }
    frame = pd.DataFrame(table)
    return frame.assign(difference=frame["goodwill"] - frame["lifetimes"]).rename_axis("quantity").reset_index()
