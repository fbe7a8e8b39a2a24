"""The satisfaction-loyalty curve: a family of forms by maximum likelihood, their average, and ratios that no form may distort.

There is no agreed shape (convex for behaviour in Mittal & Kamakura 2001, Journal of Marketing Research 38:131-142; diminishing for
intentions; linear in replications), so no form is declared the winner: the forms are weighted by AIC, and statements about two levels come
from the answers at these two levels alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import FitError, TooLittle
from goodwill.satisfaction.cells import LoyaltyCells
from goodwill.satisfaction.intervals import defection_ratio, odds_ratio, risk_ratio
from goodwill.satisfaction.kink import kink_set
from goodwill.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.float64]

# Names of the parameters of each form, in order.
FORMS: dict[str, tuple[str, ...]] = {
    "constant": ("h",),
    "linear": ("a", "b"),
    "power": ("A", "b"),
    "exponential": ("A", "b"),
    "saturating": ("a", "b"),
    "logistic": ("a", "b"),
    "market": ("h", "m", "k", "s"),
    "kink": ("a", "b", "c", "psi"),
}


@dataclass(frozen=True)
class LoyaltyCurve:
    """Loyalty as a function of satisfaction s on a scale from `low` to `high`.

    Attributes
    ----------
    form : one of `FORMS`
    parameters : in the order of `FORMS`
        constant h; linear a + b s; power A u^b with u = (s - low + 1)/(high - low + 1), which is s/5 on a scale of 1 to 5;
        exponential A exp(b (s - high)); saturating 1 - exp(-exp(a + b s)); logistic 1/(1 + exp(-a - b s));
        market h + (1 - h - m)/(1 + exp(-k (s - s*))), floor h and ceiling gap m; kink logistic of a + b s + c (s - psi)+
    low, high : ends of the scale

    >>> round(LoyaltyCurve("exponential", (0.72, 1.791759), 1, 5).ratio(5, 4), 4)
    6.0
    """

    form: str
    parameters: tuple[float, ...]
    low: float
    high: float

    def __post_init__(self) -> None:
        if self.form not in FORMS:
            raise FitError(f"unknown form '{self.form}'; use one of {', '.join(FORMS)}")
        if len(self.parameters) != len(FORMS[self.form]):
            raise FitError(f"the form '{self.form}' has the parameters {', '.join(FORMS[self.form])}; {len(self.parameters)} were given")

    def probability(self, satisfaction: ArrayLike) -> FloatArray:
        """Share of loyal customers at each level; kept within 0 and 1."""
        return _probability(self.form, self.parameters, self.low, self.high, np.asarray(satisfaction, float))

    def ratio(self, upper: float, lower: float) -> float:
        """Loyalty at one level over loyalty at another, as this form has it (the answers themselves may differ: `top_ratios`)."""
        return float(self.probability(upper) / self.probability(lower))


def _probability(form: str, parameters: tuple[float, ...], low: float, high: float, s: FloatArray) -> FloatArray:
    a, b, c, d = (*parameters, 0.0, 0.0, 0.0)[:4]
    with np.errstate(over="ignore"):
        if form == "constant":
            p = np.full_like(s, a)
        elif form == "linear":
            p = a + b * s
        elif form == "power":
            p = a * ((s - low + 1) / (high - low + 1)) ** b
        elif form == "exponential":
            p = a * np.exp(b * (s - high))
        elif form == "saturating":
            p = -np.expm1(-np.exp(a + b * s))
        elif form == "logistic":
            p = _expit(a + b * s)
        elif form == "market":
            p = a + (1 - a - b) * _expit(c * (s - d))
        else:
            p = _expit(a + b * s + c * np.maximum(s - d, 0))
    return np.clip(p, 0, 1)


@dataclass(frozen=True, eq=False, repr=False)
class CurveFamily(Shown):
    """All forms fitted to one set of cells.

    Attributes
    ----------
    curves : fitted form by name
    table : form, parameters (number), log_likelihood, deviance (against a share per level), aic, weight (of AIC), bic; best AIC first;
        with a row "saturated" (a share per level)
    cells : the answered levels
    warnings : what to know before reading it

    Examples
    --------
    >>> from goodwill.satisfaction import fit_curves, LoyaltyCells
    >>> family = fit_curves(LoyaltyCells.of([1, 2, 3, 4], [10, 25, 55, 80], [100] * 4))
    >>> sorted(family.curves), family.average([2.5]).round(2).tolist()  # whatever the form: their average
    (['constant', 'exponential', 'linear', 'logistic', 'power', 'saturating'], [0.39])
    """

    curves: dict[str, LoyaltyCurve]
    table: pd.DataFrame
    cells: LoyaltyCells
    warnings: tuple[str, ...]

    def average(self, satisfaction: ArrayLike) -> FloatArray:
        """Loyalty averaged over the forms by AIC weight; the saturated form joins by straight lines between levels."""
        s = np.asarray(satisfaction, float)
        total = np.zeros_like(s)
        for form, weight in zip(self.table["form"], self.table["weight"], strict=True):
            at = np.interp(s, self.cells.levels, self.cells.share) if form == "saturated" else self.curves[form].probability(s)
            total += float(weight) * at
        return total


def fit_curves(cells: LoyaltyCells) -> CurveFamily:
    """Fit every form that has fewer parameters than levels were answered, by grouped-binomial maximum likelihood.

    Raises
    ------
    TooLittle
        With fewer than three answered levels.

    Examples
    --------
    >>> from goodwill.satisfaction import LoyaltyCells
    >>> family = fit_curves(LoyaltyCells.of([1, 2, 3, 4, 5], [1, 3, 12, 50, 202], [50, 80, 170, 420, 280]))
    >>> round(family.curves["logistic"].ratio(5, 4), 3)
    3.593
    """
    import pandas as pd

    low, high = float(cells.levels[0]), float(cells.levels[-1])
    cells = cells.answered()
    k = len(cells.levels)
    if k < 3:
        raise TooLittle(f"A curve needs at least 3 answered levels; here {k} were answered.")
    curves = {form: fit_form(form, cells, low, high) for form, names in FORMS.items() if len(names) < k}
    rows = [(form, len(c.parameters), binomial_log_likelihood(c.probability(cells.levels), cells)) for form, c in curves.items()]
    saturated = binomial_log_likelihood(cells.share, cells)
    rows.append(("saturated", k, saturated))
    table = pd.DataFrame(rows, columns=["form", "parameters", "log_likelihood"])
    table["deviance"] = (2 * (saturated - table["log_likelihood"])).clip(lower=0)
    table["aic"] = 2 * table["parameters"] - 2 * table["log_likelihood"]
    table["bic"] = np.log(cells.total) * table["parameters"] - 2 * table["log_likelihood"]
    relative = np.exp(-(table["aic"] - table["aic"].min()) / 2)
    table["weight"] = relative / relative.sum()
    return CurveFamily(curves, table.sort_values(["aic", "parameters"], ignore_index=True), cells, _warnings(cells))


def binomial_log_likelihood(share: FloatArray, cells: LoyaltyCells) -> float:
    """Log-likelihood of the counts (without binomial coefficients) when `share` is true at each level.

    >>> import numpy as np
    >>> from goodwill.satisfaction import LoyaltyCells
    >>> cells = LoyaltyCells.of([1, 2], [0, 10], [10, 10])
    >>> binomial_log_likelihood(np.array([0.0, 1.0]), cells), round(binomial_log_likelihood(np.array([0.5, 0.5]), cells), 2)  # 20 log 0.5
    (0.0, -13.86)
    """
    from scipy.special import xlogy

    return float((xlogy(cells.loyal, share) + xlogy(cells.n - cells.loyal, 1 - share)).sum())


def fit_form(form: str, cells: LoyaltyCells, low: float, high: float) -> LoyaltyCurve:
    """One form, from a few fixed starts; the best of them.

    >>> from goodwill.satisfaction import LoyaltyCells
    >>> cells = LoyaltyCells.of([1, 2, 3], [20, 50, 80], [100, 100, 100])
    >>> fit_form("logistic", cells, 1.0, 3.0).probability([2.0]).round(2).tolist()
    [0.5]
    """
    from scipy.optimize import minimize

    if form == "constant":
        return LoyaltyCurve(form, (float(cells.loyal.sum() / cells.n.sum()),), low, high)
    if form == "kink":
        k = kink_set(cells)
        return LoyaltyCurve(form, (k.intercept, k.slope_before, k.slope_after - k.slope_before, k.fitted_at), low, high)

    def share(theta: FloatArray) -> FloatArray:
        return np.clip(_probability(form, _natural(form, theta, low, high), low, high, cells.levels), 1e-12, 1 - 1e-12)

    def loss(theta: FloatArray) -> float:
        p = share(theta)
        return -float((cells.loyal * np.log(p) + (cells.n - cells.loyal) * np.log1p(-p)).sum()) / cells.total

    def slope(theta: FloatArray) -> FloatArray:
        p = share(theta)
        return -_market_slopes(theta, low, high, cells.levels) @ (cells.loyal / p - (cells.n - cells.loyal) / (1 - p)) / cells.total

    given = {"jac": slope} if form == "market" else {}
    tried = [minimize(loss, start, method="BFGS", options={"gtol": 1e-8}, **given) for start in _starts(form, cells, low, high)]
    best = min(tried, key=lambda result: float(result.fun))
    if form == "market":  # four parameters may end in a valley that gradients leave too early
        polished = minimize(loss, best.x, method="Nelder-Mead", options={"maxiter": 800, "xatol": 1e-7, "fatol": 1e-13})
        best = min(best, polished, key=lambda result: float(result.fun))
    return LoyaltyCurve(form, _natural(form, best.x, low, high), low, high)


def _natural(form: str, theta: FloatArray, low: float, high: float) -> tuple[float, ...]:
    """From numbers without bounds to the parameters of the form."""
    if form == "linear":  # through a share at either end of the scale, so that it stays a share
        left, right = _expit(theta[:2])
        slope = (right - left) / (high - low)
        return float(left - slope * low), float(slope)
    if form in ("power", "exponential"):
        return float(_expit(theta[0])), float(theta[1])
    if form == "market":  # floor, gap and rise add up to 1; the threshold is near the scale
        shares = np.exp(np.clip([theta[0], theta[1], 0.0], -40, 40))
        shares = shares / shares.sum()
        length = high - low
        threshold = low + length * (3 * _expit(theta[3]) - 1)
        return float(shares[0]), float(shares[1]), float(np.exp(np.clip(theta[2], -8, 6)) * 4 / length), float(threshold)
    return tuple(float(t) for t in theta)


def _market_slopes(theta: FloatArray, low: float, high: float, s: FloatArray) -> FloatArray:
    """Derivatives of the shares of the market form in its numbers without bounds, a row each."""
    floor, gap, rise, threshold = _natural("market", theta, low, high)
    at, length = _expit(rise * (s - threshold)), high - low
    rest, steep = 1 - floor - gap, (1 - floor - gap) * at * (1 - at)
    moves = 3 * length * _expit(theta[3]) * (1 - _expit(theta[3]))
    by_rise = steep * (s - threshold) * rise if -8 < theta[2] < 6 else np.zeros_like(s)
    return np.stack([floor * (1 - floor - rest * at), -gap * (floor + rest * at), by_rise, -steep * rise * moves])


def _starts(form: str, cells: LoyaltyCells, low: float, high: float) -> list[list[float]]:
    p = np.clip((cells.loyal + 0.5) / (cells.n + 1), 0.005, 0.995)
    first, last = p[0], p[-1]
    length = high - low
    if form == "linear":
        return [[_logit(first), _logit(last)], [_logit(p.min()), _logit(p.max())]]
    if form in ("power", "exponential"):
        per_point = np.log(last / first) / length
        return [[_logit(last), per_point], [_logit(last), 4 * per_point + 0.1]]
    if form == "saturating":
        left, right = np.log(-np.log1p(-first)), np.log(-np.log1p(-last))
        return [[left - (right - left) / length * low, (right - left) / length]]
    if form == "logistic":
        slope = (_logit(last) - _logit(first)) / length
        return [[_logit(first) - slope * low, slope]]
    return [[-2.0, -2.0, 0.5, 0.3], [-4.0, -1.0, 1.5, 0.6], [1.0, -2.0, 1.5, 0.6], [-4.0, -4.0, 0.0, 1.5], [-2.0, -2.0, 1.5, -0.5]]


def _expit(x: ArrayLike) -> FloatArray:
    return 1 / (1 + np.exp(-np.clip(np.asarray(x, float), -700, 700)))


def _logit(p: float) -> float:
    return float(np.log(p / (1 - p)))


def _warnings(cells: LoyaltyCells) -> tuple[str, ...]:
    notes = []
    certain = (cells.loyal <= 0) | (cells.loyal >= cells.n)
    if certain.all():
        notes.append(
            "every level is all loyal or all disloyal: slopes are only bounded below; read the shares and their intervals, not the curve"
        )
    elif certain.any():
        named = ", ".join(f"{s:g}" for s in cells.levels[certain])
        notes.append(f"all answers agree at level {named}: a form fitted there is an extrapolation, the interval of the share is not")
    if cells.total < 2000:
        notes.append(f"with {cells.total:,.0f} effective answers the order of the forms means little; read their average")
    return tuple(notes)


def isotonic(cells: LoyaltyCells) -> tuple[LoyaltyCells, FloatArray]:
    """The answered levels and their loyalty under the sole assumption that it never falls (pool adjacent violators, weights n).

    >>> from goodwill.satisfaction import LoyaltyCells
    >>> isotonic(LoyaltyCells.of([1, 2, 3], [4, 2, 9], [10, 10, 10]))[1].round(2).tolist()  # the first two are levelled out
    [0.3, 0.3, 0.9]
    """
    from scipy.optimize import isotonic_regression

    cells = cells.answered()
    return cells, np.asarray(isotonic_regression(cells.share, weights=cells.n).x)


def top_ratios(cells: LoyaltyCells, upper: float | None = None, lower: float | None = None, level: float = 0.95) -> pd.DataFrame:
    """Two levels compared in three ways, from their own answers only, with score intervals.

    Parameters
    ----------
    upper, lower : the levels; default the two highest of the scale

    Returns
    -------
    DataFrame indexed by measure (risk_ratio, odds_ratio, defection_ratio): value, lower, upper.

    Raises
    ------
    FitError
        When nobody answered at one of them, or it is not on the scale.

    Notes
    -----
    A ratio read off a fitted curve may cover the truth never: the smooth form decides it, not the two levels.

    Examples
    --------
    >>> from goodwill.satisfaction import LoyaltyCells
    >>> top_ratios(LoyaltyCells.of([4, 5], [60, 90], [100, 100]))["value"].round(2).to_dict()  # 60 against 90 in a hundred
    {'risk_ratio': 1.5, 'odds_ratio': 6.0, 'defection_ratio': 4.0}
    """
    import pandas as pd

    upper = float(cells.levels[-1] if upper is None else upper)
    lower = float(cells.levels[-2] if lower is None else lower)
    at = []
    for value in (upper, lower):
        found = np.flatnonzero(np.isclose(cells.levels, value))
        if not len(found) or cells.n[found[0]] == 0:
            raise FitError(f"nobody answered {value:g}, so loyalty there has no ratio to loyalty at another level")
        at.append(found[0])
    counts = cells.loyal[at[0]], cells.n[at[0]], cells.loyal[at[1]], cells.n[at[1]]
    rows = {measure.__name__: measure(*counts, level) for measure in (risk_ratio, odds_ratio, defection_ratio)}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["value", "lower", "upper"]).rename_axis("measure")
