"""The curve by market: floor, ceiling and threshold, small segments that borrow from the others, and outcomes side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import DataError, FitError, TooLittle
from goodwill.inference.uncertainty import Interval, quantile_interval
from goodwill.satisfaction.cells import FEWEST, LoyaltyCells, effective_size
from goodwill.satisfaction.curve import LoyaltyCurve, binomial_log_likelihood, fit_form

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.data.survey import Survey

FloatArray = NDArray[np.float64]

# What floor and ceiling may mean; printed wherever they are.
MISRATING_WARNING = (
    "A floor is read as hostages and a ceiling gap as mercenaries only if answers are taken at their word: "
    "people who tick a neighbouring level raise the floor and lower the ceiling as well."
)


@dataclass(frozen=True, eq=False)
class MarketCurve:
    """The four-parameter curve of one market.

    Attributes
    ----------
    curve : `LoyaltyCurve` of the form "market"
    floor : loyalty however low satisfaction is, with its profile-likelihood interval
    ceiling_gap : share not loyal however high satisfaction is, with its interval
    sharpness : k, log-odds per point at the threshold
    threshold : s*, where loyalty is half-way between floor and ceiling
    warnings : how far to trust it

    Examples
    --------
    >>> from goodwill.satisfaction import fit_market, LoyaltyCells
    >>> found = fit_market(LoyaltyCells.of([1, 2, 3, 4, 5], [60, 70, 120, 170, 178], [200] * 5))
    >>> [round(end, 2) for end in found.floor], [round(end, 2) for end in found.ceiling_gap]
    ([0.3, 0.21, 0.36], [0.1, 0.05, 0.15])
    """

    curve: LoyaltyCurve
    floor: Interval
    ceiling_gap: Interval
    sharpness: float
    threshold: float
    warnings: tuple[str, ...]


def fit_market(cells: LoyaltyCells, level: float = 0.95) -> MarketCurve:
    """Fit h + (1 - h - m) / (1 + exp(-k (s - s*))) by maximum likelihood; intervals of h and m from the profile likelihood.

    Raises
    ------
    FitError
        With fewer than five answered levels.

    Examples
    --------
    >>> from goodwill.satisfaction import LoyaltyCells
    >>> found = fit_market(LoyaltyCells.of([1, 2, 3, 4, 5, 6], [10, 11, 30, 150, 178, 180], [200] * 6))
    >>> round(found.floor.estimate, 2), round(found.threshold, 1)  # a twentieth is loyal whatever happens; the rise lies between 3 and 4
    (0.05, 3.6)
    """
    from scipy.special import chdtri

    low, high = float(cells.levels[0]), float(cells.levels[-1])
    answered = cells.answered()
    if len(answered.levels) < 5:
        raise FitError(f"{len(answered.levels)} levels were answered; floor, ceiling, threshold and sharpness need at least 5")
    curve = fit_form("market", answered, low, high)
    _, _, k, s = curve.parameters
    top = binomial_log_likelihood(curve.probability(answered.levels), answered)
    cut = float(chdtri(1, 1 - level)) / 2
    floor, gap = (_profile_interval(answered, curve, which, top - cut) for which in (0, 1))
    notes = [MISRATING_WARNING]
    if len(answered.levels) == 5:
        notes.append(
            "five levels leave one degree of freedom beside the four parameters: the curve can hardly be wrong, so its fit proves nothing"
        )
    if not low <= s <= high:
        notes.append("the threshold lies outside the scale: floor or ceiling is extrapolated")
    flat = binomial_log_likelihood(np.full(len(answered.levels), answered.loyal.sum() / answered.total), answered)
    if top - flat < 3:  # less than half the 95 % point of chi-square(2): the curve, which can only rise, tells nothing
        notes.append("loyalty does not rise with satisfaction here; floor and ceiling have no meaning")
    return MarketCurve(curve, floor, gap, float(k), float(s), tuple(notes))


def market_table(segments: Mapping[str, LoyaltyCells], everybody: LoyaltyCells | None = None) -> pd.DataFrame:
    """One row per segment: respondents, loyal_share, floor and ceiling_gap with intervals, threshold, sharpness, note.

    A segment whose answers cannot carry the curve has nan and says why in `note`. Without segments there is one row, of `everybody`.

    >>> from goodwill.satisfaction import LoyaltyCells
    >>> steep = LoyaltyCells.of([1, 2, 3, 4, 5, 6], [10, 11, 30, 150, 178, 180], [200] * 6)
    >>> market_table({"north": steep})[["respondents", "loyal_share"]].round(3).to_dict("index")
    {'north': {'respondents': 1200.0, 'loyal_share': 0.466}}
    """
    import pandas as pd

    rows, whole = {}, {} if everybody is None else {"all": everybody}
    for name, cells in (segments or whole).items():
        share = float(cells.loyal.sum() / cells.total)
        try:
            found = fit_market(cells)
            numbers = (*found.floor, *found.ceiling_gap, found.threshold, found.sharpness)
            note = "; ".join(note for note in found.warnings if note != MISRATING_WARNING)
        except FitError as error:
            numbers, note = (np.nan,) * 8, str(error)
        rows[name] = (float(cells.respondents.sum()), share, *numbers, note)
    columns = ["respondents", "loyal_share", "floor", "floor_lower", "floor_upper", "ceiling_gap", "gap_lower", "gap_upper"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=[*columns, "threshold", "sharpness", "note"]).rename_axis("segment")


def _profile_interval(cells: LoyaltyCells, best: LoyaltyCurve, which: int, least: float) -> Interval:
    """Interval of the floor (which = 0) or the ceiling gap (1): values at which the best of the rest stays above `least`."""
    from scipy.optimize import minimize

    h, m, k, s = best.parameters
    length, levels, loyal, lost = best.high - best.low, cells.levels, cells.loyal, cells.n - cells.loyal

    def drop(fixed: float, start: FloatArray) -> tuple[float, FloatArray]:
        def loss(theta: FloatArray) -> float:
            a, b, c = (min(max(float(t), -40.0), 40.0) for t in theta)
            other = (1 - fixed) / (1 + exp(-a))
            floor, gap = (fixed, other) if which == 0 else (other, fixed)
            threshold = best.low + length * (3 / (1 + exp(-c)) - 1)
            rise = 1 / (1 + np.exp(np.clip(-exp(min(max(b, -8.0), 6.0)) * (levels - threshold), -700, 700)))
            p = np.clip(floor + (1 - floor - gap) * rise, 1e-12, 1 - 1e-12)
            return -float(loyal @ np.log(p) + lost @ np.log1p(-p))

        found = minimize(loss, start, method="BFGS", options={"gtol": 1e-3, "maxiter": 60})
        return -float(found.fun), found.x

    estimate, other = (h, m) if which == 0 else (m, h)
    share = np.clip(other / max(1 - estimate, 1e-9), 1e-4, 1 - 1e-4)
    place = np.clip((s - best.low + length) / (3 * length), 1e-4, 1 - 1e-4)
    start = np.array([np.log(share / (1 - share)), np.log(max(k, 1e-3)), np.log(place / (1 - place))])
    limits = []
    for end in (0.0, 1.0):
        inside, outside, at = estimate, end, start
        if drop(end, start)[0] >= least:
            limits.append(end)
            continue
        for _ in range(12):
            middle = (inside + outside) / 2
            value, moved = drop(middle, at)
            inside, outside, at = (middle, outside, moved) if value >= least else (inside, middle, at)
        limits.append(inside)
    return Interval(estimate, *limits)


def pool_segments(segments: Mapping[str, LoyaltyCells], level: float = 0.95, draws: int = 2000, seed: int = 1) -> pd.DataFrame:
    """Loyalty by level of every segment, drawn towards all segments as far as the segments resemble each other.

    Parameters
    ----------
    segments : cells by name, on the same levels
    draws, seed : posterior draws for the intervals

    Returns
    -------
    DataFrame: segment, satisfaction, n_effective, loyal_share (own), pooled, lower, upper, own_weight (how much the segment's own answers
    count).

    Notes
    -----
    Beta-binomial: the loyalty of segment g at level k is Beta(mu_k M, (1 - mu_k) M). The similarity M (as a number of answers) has a flat
    prior on its logarithm from 1 to 3,000, every mu_k a uniform one; both are integrated over a grid, so that the interval knows that M is
    not known.

    Examples
    --------
    >>> from goodwill.satisfaction import LoyaltyCells
    >>> one, other = (LoyaltyCells.of([1, 2], loyal, [20, 20]) for loyal in ([4, 14], [6, 18]))
    >>> found = pool_segments({"north": one, "south": other}, draws=200)
    >>> found[["segment", "satisfaction", "loyal_share"]].to_dict("list")
    {'segment': ['north', 'north', 'south', 'south'], 'satisfaction': [1.0, 2.0, 1.0, 2.0], 'loyal_share': [0.2, 0.7, 0.3, 0.9]}
    >>> bool((found["pooled"].iloc[:2] > found["loyal_share"].iloc[:2]).all())  # the lower of two is drawn up
    True
    """
    import pandas as pd

    names = list(segments)
    if len(names) < 2:
        raise TooLittle("The survey does not name two segments with answers at several levels, so none are compared.")
    levels = segments[names[0]].levels
    if any(not np.array_equal(cells.levels, levels) for cells in segments.values()):
        raise DataError("segments can be pooled only on the same levels of satisfaction")
    x, n = np.array([segments[g].loyal for g in names]), np.array([segments[g].n for g in names])
    strength, centre = np.exp(np.linspace(0, np.log(3000), 25)), np.linspace(0.005, 0.995, 100)
    logs = _pool_likelihood(x, n, strength, centre)  # (M, K, mu)
    peak = logs.max(2, keepdims=True)
    by_level = np.log(np.exp(logs - peak).mean(2)) + peak[..., 0]
    posterior = np.exp(by_level.sum(1) - by_level.sum(1).max())
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(strength), draws, p=posterior / posterior.sum())
    rows = []
    for k, s in enumerate(levels):
        given = np.exp(logs[:, k] - logs[:, k].max(1, keepdims=True))
        running = (given / given.sum(1, keepdims=True)).cumsum(1)
        mu = centre[np.minimum((running[chosen] < rng.random(draws)[:, None]).sum(1), len(centre) - 1)]
        m = strength[chosen]
        for g, name in enumerate(names):
            drawn = rng.beta(x[g, k] + mu * m, n[g, k] - x[g, k] + (1 - mu) * m)
            pooled = quantile_interval(drawn.mean(), drawn, level)
            own = x[g, k] / n[g, k] if n[g, k] > 0 else np.nan
            rows.append((name, s, n[g, k], own, *pooled, float((n[g, k] / (n[g, k] + m)).mean())))
    columns = ["segment", "satisfaction", "n_effective", "loyal_share", "pooled", "lower", "upper", "own_weight"]
    return pd.DataFrame(rows, columns=columns).sort_values(["segment", "satisfaction"], ignore_index=True)


def _pool_likelihood(x: FloatArray, n: FloatArray, strength: FloatArray, centre: FloatArray) -> FloatArray:
    """Beta-binomial log-likelihood by strength, level and centre, summed over segments."""
    from scipy.special import betaln

    a = strength[:, None, None] * centre
    b = strength[:, None, None] * (1 - centre)
    total = np.zeros((len(strength), x.shape[1], len(centre)))
    for own, size in zip(x, n, strict=True):
        total += betaln(a + own[:, None], b + (size - own)[:, None]) - betaln(a, b)
    return total


def outcome_by_level(
    satisfaction: ArrayLike, outcome: ArrayLike, *, levels: ArrayLike, weight: ArrayLike | None = None, count: ArrayLike | None = None
) -> pd.DataFrame:
    """Mean of an outcome (an answer, or 0 and 1) at each level with a t interval on the effective number of answers.

    Returns
    -------
    DataFrame: satisfaction, respondents, mean, lower, upper, error (standard error). Where fewer than two answered the interval is nan;
    where all answer alike it has no width, which is a limit of t intervals.

    Examples
    --------
    >>> outcome_by_level([1, 1, 2, 2], [0.0, 1.0, 3.0, 5.0], levels=[1, 2])[["satisfaction", "respondents", "mean"]].to_dict("list")
    {'satisfaction': [1.0, 2.0], 'respondents': [2.0, 2.0], 'mean': [0.5, 4.0]}
    """
    import pandas as pd
    from scipy.special import stdtrit

    s, y = np.asarray(satisfaction, float), np.asarray(outcome, float)
    w = np.broadcast_to(np.asarray(1.0 if weight is None else weight, float), s.shape)
    c = np.broadcast_to(np.asarray(1.0 if count is None else count, float), s.shape)
    known = np.isfinite(s) & np.isfinite(y)
    rows = []
    for level in np.asarray(levels, float):
        at = known & (s == level)
        people = float(c[at].sum())
        mean = float(np.average(y[at], weights=(w * c)[at])) if people > 0 else np.nan
        n = effective_size(w[at], c[at])
        spread = float(np.average((y[at] - mean) ** 2, weights=(w * c)[at])) if n > 1 else np.nan
        error = float(np.sqrt(spread / (n - 1))) if n > 1 else np.nan
        half = float(stdtrit(n - 1, 0.975)) * error if n > 1 else np.nan
        rows.append((level, people, mean, mean - half, mean + half, error))
    return pd.DataFrame(rows, columns=["satisfaction", "respondents", "mean", "lower", "upper", "error"])


def share_by_level(cells: LoyaltyCells) -> pd.DataFrame:
    """The loyal share in the columns of `outcome_by_level`, with Wilson intervals; the error has one success and failure added.

    >>> from goodwill.satisfaction import LoyaltyCells
    >>> share_by_level(LoyaltyCells.of([1, 2], [2, 9], [10, 10]))["mean"].tolist()
    [0.2, 0.9]
    """
    table = cells.to_frame().rename(columns={"loyal_share": "mean"})
    adjusted = (cells.loyal + 1) / (cells.n + 2)
    table["error"] = np.where(cells.n > 0, np.sqrt(adjusted * (1 - adjusted) / (cells.n + 2)), np.nan)
    return table[["satisfaction", "respondents", "mean", "lower", "upper", "error"]]


def mean_by_level(survey: Survey, share: pd.DataFrame) -> pd.DataFrame:
    """Mean loyalty answer by level of satisfaction; of a yes or no it is the loyal `share` itself.

    >>> import goodwill as gw
    >>> from goodwill.satisfaction import LoyaltyCells, share_by_level
    >>> survey = gw.read_survey("acsi_2015")
    >>> mean_by_level(survey, share_by_level(LoyaltyCells.of([1, 2], [2, 9], [10, 10])))["mean"].round(1).tolist()[-2:]  # of 9 and of 10
    [8.9, 9.7]
    """
    if survey.loyalty_scale == (0, 1):
        return share
    answers = survey.answers
    design: dict[str, Any] = {"weight": answers["weight"], "count": answers["count"]}
    return outcome_by_level(answers["satisfaction"], answers["loyalty"], levels=survey.levels, **design)


def upper_half_share(table: pd.DataFrame, draws: int = 4000, seed: int = 1) -> Interval:
    """Share of the rise of an outcome that happens in the upper half of the scale: 1/2 for a straight line, near 1 if convex.

    Parameters
    ----------
    table : satisfaction, respondents, mean, error, as `outcome_by_level` gives; levels that fewer than five chose are passed over

    Notes
    -----
    The value at the middle of the scale is interpolated; the interval comes from normal draws of the means. Not kept within 0 and 1: a
    share above 1 says that the outcome falls in the lower half.

    Examples
    --------
    >>> import pandas as pd
    >>> convex = pd.DataFrame({"satisfaction": [1.0, 2.0, 3.0], "respondents": 100, "mean": [0.0, 1.0, 4.0], "error": 0.1})
    >>> round(upper_half_share(convex).estimate, 2)  # three of the four points of the rise
    0.75
    """
    known = table[table["respondents"] >= FEWEST].dropna(subset=["mean"])
    s, mean, error = known["satisfaction"].to_numpy(), known["mean"].to_numpy(), known["error"].fillna(0).to_numpy()
    if len(s) < 3:
        raise TooLittle(f"{len(s)} levels were answered by {FEWEST} respondents or more; where a rise happens needs at least 3")
    middle = (s[0] + s[-1]) / 2

    def share(values: FloatArray) -> float:
        return float((values[-1] - np.interp(middle, s, values)) / (values[-1] - values[0]))

    if not mean[-1] > mean[0]:
        raise FitError("the outcome does not rise from the lowest to the highest level, so a share of its rise does not exist")
    drawn = np.random.default_rng(seed).normal(mean, error, (draws, len(s)))
    return quantile_interval(share(mean), [share(row) for row in drawn])


class Misrating(NamedTuple):
    """What wrong ticks would do to the shares seen, if those seen were the true ones.

    Examples
    --------
    >>> from goodwill.satisfaction import LoyaltyCells, misrating
    >>> found = misrating(LoyaltyCells.of([1, 2, 3, 4, 5], [1, 3, 12, 50, 202], [50, 80, 170, 420, 280]))
    >>> round(found.floor_rise, 3), round(found.top_ratio, 1)  # six times at the top would look like four
    (0.001, 4.3)
    """

    floor_rise: float
    top_ratio: float | None  # None where nobody below the top would be seen as loyal


def misrating(cells: LoyaltyCells, error: float = 0.1) -> Misrating:
    """Rise of the lowest level and ratio of the top two levels after mistaken ticks; levels that fewer than five chose are left out.

    >>> from goodwill.satisfaction import LoyaltyCells
    >>> misrating(LoyaltyCells.of([1, 2, 3, 4, 5], [1, 3.2, 11.9, 50.4, 201.6], [50, 80, 170, 420, 280]))[1].__round__(2)
    4.22
    """
    if (cells.respondents >= FEWEST).sum() < 2:
        raise TooLittle(f"No two levels were chosen by at least {FEWEST} respondents, so what mistaken ticks would do is not said.")
    cells = cells.answered(FEWEST)
    seen = misrated(cells.share, cells.n / cells.total, error)
    return Misrating(float(seen[0] - cells.share[0]), float(seen[-1] / seen[-2]) if seen[-2] > 0 else None)


def misrated(loyalty: ArrayLike, answers: ArrayLike, error: float) -> FloatArray:
    """Loyalty seen at each level when a share of respondents ticks a neighbouring level by mistake.

    Parameters
    ----------
    loyalty : true loyalty at each level
    answers : true share of respondents at each level
    error : share who tick a neighbour, upper and lower with even chance; at the ends the only one

    >>> seen = misrated([.02, .04, .07, .12, .72], [.05, .08, .17, .42, .28], 0.1)
    >>> round(float(seen[4] / seen[3]), 2)
    4.22
    """
    p, q = np.asarray(loyalty, float), np.asarray(answers, float)
    if not 0 <= error <= 1:
        raise DataError(f"the share of mistaken answers is {error:g}; it must lie between 0 and 1")
    moved = np.zeros((len(p), len(p)))
    for i in range(len(p)):
        neighbours = [j for j in (i - 1, i + 1) if 0 <= j < len(p)]
        moved[i, neighbours] = error / len(neighbours)
        moved[i, i] = 1 - error
    return np.asarray((q * p) @ moved / (q @ moved))
