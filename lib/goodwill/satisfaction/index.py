"""The satisfaction index: simple and weighted score, their difference, reliability, top boxes and net promoters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import DataError, TooLittle
from goodwill.inference.proportions import wilson
from goodwill.inference.uncertainty import Interval
from goodwill.satisfaction.cells import LoyaltyCells, effective_size
from goodwill.satisfaction.intervals import net_promoter_score

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.data.survey import Survey

FloatArray = NDArray[np.float64]


def item_weights(weights: Mapping[str, float], items: Sequence[str], total: float = 1.0) -> FloatArray:
    """Weights of the items in their order, as shares; they must add up to the total that is declared.

    >>> item_weights({"quality": 3, "price": 2, "service": 5}, ["quality", "price", "service"], total=10).tolist()
    [0.3, 0.2, 0.5]

    Raises
    ------
    DataError
        For items without a weight, weights without an item, negative weights, and weights that do not add up to `total`:
        they are never rescaled in silence, since a forgotten item would go unnoticed.
    """
    missing, unknown = [i for i in items if i not in weights], [w for w in weights if w not in items]
    if missing or unknown:
        wrong = f"item '{missing[0]}' has no weight" if missing else f"weight '{unknown[0]}' belongs to no item"
        raise DataError(f"{wrong}; the items are {', '.join(items)}")
    values = np.array([float(weights[i]) for i in items])
    if (values < 0).any() or not np.isfinite(values).all():
        raise DataError("item weights must be finite and not negative")
    if not total > 0 or abs(values.sum() - total) > 1e-6 * total:
        raise DataError(
            f"the item weights add up to {values.sum():.6g}, not to the declared total of {total:g}; "
            "correct a weight, add the item that is missing, or declare the total"
        )
    return values / total


@dataclass(frozen=True, eq=False)
class SatisfactionIndex:
    """Mean satisfaction over items, in points of the scale, with t intervals.

    Attributes
    ----------
    simple : mean of the item means
    weighted : mean weighted by importance
    difference : weighted minus simple, answered by the same people, so its interval is that of a paired difference
    n, n_effective : respondents with an answer to every item, and what they are worth under design weights and a finite population
    scale : lowest and highest answer

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.satisfaction import satisfaction_index
    >>> found = satisfaction_index(pd.DataFrame({"quality": [5, 4, 3], "price": [3, 2, 4]}), scale=(1, 5))
    >>> round(found.scaled(found.simple).estimate, 1), found.n
    (62.5, 3.0)
    """

    simple: Interval
    weighted: Interval
    difference: Interval
    n: float
    n_effective: float
    scale: tuple[float, float]

    def scaled(self, score: Interval) -> Interval:
        """A score on 0 to 100: (score - lowest) / (highest - lowest) x 100."""
        low, high = self.scale
        return Interval(*(100 * (part - low) / (high - low) for part in score))


def satisfaction_index(
    answers: pd.DataFrame,
    weights: Mapping[str, float] | None = None,
    *,
    scale: tuple[float, float],
    total: float = 1.0,
    weight: ArrayLike | None = None,
    count: ArrayLike | None = None,
    population: float | None = None,
    level: float = 0.95,
) -> SatisfactionIndex:
    """Simple and weighted satisfaction score of the respondents who answered every item.

    Parameters
    ----------
    answers : one row per respondent, one column per item
    weights : importance by item; default equal
    total : what the weights add up to
    scale : lowest and highest answer
    weight, count, population : see `goodwill.satisfaction.cells.effective_size`

    Notes
    -----
    The difference is J cov(weights, item means) over the J items: weighting changes nothing unless the important items are also the better
    or the worse ones.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"quality": [5, 4, 3], "price": [3, 2, 4]})
    >>> found = satisfaction_index(answers, {"quality": 0.75, "price": 0.25}, scale=(1, 5))
    >>> [round(score.estimate, 2) for score in (found.simple, found.weighted, found.difference)]  # the important one is rated better
    [3.5, 3.75, 0.25]
    """
    items = list(answers.columns)
    shares = item_weights(weights, items, total) if weights is not None else np.full(len(items), 1 / len(items))
    x, w, c = complete(answers, scale, weight, count)
    n = effective_size(w, c, population=population)

    def mean(values: FloatArray) -> Interval:
        return weighted_mean(values, w, c, n, level)

    simple, weighted = x.mean(1), x @ shares
    return SatisfactionIndex(mean(simple), mean(weighted), mean(x @ (shares - 1 / len(items))), float(c.sum()), n, scale)


def complete(
    answers: pd.DataFrame, scale: tuple[float, float], weight: ArrayLike | None, count: ArrayLike | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Answers, design weights and counts of the rows without a gap, checked against the scale.

    >>> import pandas as pd
    >>> x, weight, count = complete(pd.DataFrame({"quality": [5, None, 2], "price": [3, 2, 4]}), (1, 5), None, None)
    >>> x.tolist()  # who left a gap is left out
    [[5.0, 3.0], [2.0, 4.0]]
    """
    x = answers.to_numpy(float, na_value=np.nan)
    low, high = scale
    outside = (x < low) | (x > high)
    if outside.any():
        row, column = np.argwhere(outside)[0]
        raise DataError(
            f"item '{answers.columns[column]}' holds {x[row, column]:g} in row {answers.index[row]}, outside {low:g} to {high:g}; "
            "name it in missing= if it is a code, or correct the scale"
        )
    keep = np.isfinite(x).all(1)
    w = np.broadcast_to(np.asarray(1.0 if weight is None else weight, float), keep.shape)[keep]
    c = np.broadcast_to(np.asarray(1.0 if count is None else count, float), keep.shape)[keep]
    if c.sum() < 2:
        raise TooLittle(f"{c.sum():g} respondents answered every item; an index with an interval needs at least two")
    return x[keep], w, c


def weighted_mean(values: FloatArray, weight: FloatArray, count: FloatArray, n: float, level: float) -> Interval:
    """Mean with a t interval on `n` effective answers.

    The interval may leave the scale by a hair only for a handful of answers.

    >>> import numpy as np
    >>> found = weighted_mean(np.array([1.0, 3.0]), np.array([1.0, 3.0]), np.ones(2), n=2.0, level=0.5)
    >>> found.estimate  # the second answer counts three times
    2.5
    """
    from scipy.special import stdtrit

    share = weight * count / (weight * count).sum()
    mean = float(share @ values)
    people = effective_size(weight, count)
    variance = float(share @ (values - mean) ** 2) * people / max(people - 1, 1e-9)
    half = float(stdtrit(max(people - 1, 1e-9), 0.5 + level / 2)) * np.sqrt(variance / n)
    return Interval(mean, float(mean - half), float(mean + half))


def acsi_score(answers: ArrayLike, weights: Sequence[float] = (1 / 3, 1 / 3, 1 / 3)) -> FloatArray:
    """Customer satisfaction index of the American form: three questions of 1 to 10, on 0 to 100.

    ((x1 - 1) w1 + (x2 - 1) w2 + (x3 - 1) w3) / 9 x 100 with weights that add up to 1 (Fornell et al. 1996, Journal of Marketing
    60(4):7-18).

    Parameters
    ----------
    answers : (..., 3) answers or means: overall satisfaction, against expectations, against the ideal

    >>> round(float(acsi_score([8, 7, 6], (0.3885, 0.3190, 0.2925))), 4)
    67.7333
    """
    x, w = np.asarray(answers, float), np.asarray(weights, float)
    if x.shape[-1] != len(w):
        raise DataError(f"{x.shape[-1]} answers and {len(w)} weights: there must be as many weights as questions")
    if abs(w.sum() - 1) > 1e-6:
        raise DataError(f"the weights add up to {w.sum():.6g}; they must add up to 1")
    if (x < 1).any() or (x > 10).any():
        raise DataError("the index is made of answers from 1 to 10; recode other scales first")
    return np.asarray((x - 1) @ w / 9 * 100)


def cronbach_alpha(answers: ArrayLike, *, weight: ArrayLike | None = None, level: float = 0.95) -> Interval:
    """Reliability of a sum of items with Feldt's interval; (n, J) answers, of which rows with a gap are left out.

    With design weights the variances are weighted and the interval rests on the effective number of answers.

    Notes
    -----
    Feldt, Woodruff & Salih (1987), Applied Psychological Measurement 11:93-103. With skewed five-point items the interval of 95 % covers
    about 93 %.

    Raises
    ------
    TooLittle
        With fewer than two items or three respondents, or when nobody differs.

    Examples
    --------
    >>> round(cronbach_alpha([[1, 1], [3, 3], [5, 5]]).estimate, 6), round(cronbach_alpha([[1, 2], [2, 1], [4, 5], [5, 4]]).estimate, 2)
    (1.0, 0.89)
    """
    from scipy.stats import f as f_distribution

    x = np.asarray(answers, float)
    keep = np.isfinite(x).all(1)
    w = np.broadcast_to(np.asarray(1.0 if weight is None else weight, float), keep.shape)[keep]
    x, n, k = x[keep], effective_size(w), x.shape[1]
    if k < 2 or n < 3:
        raise TooLittle(f"{n:g} respondents and {k} items: reliability needs at least three respondents and two items")
    covariance = np.cov(x.T, aweights=w)
    if covariance.sum() <= 0:
        raise TooLittle("all respondents have the same sum of answers, so reliability does not exist")
    alpha = k / (k - 1) * (1 - np.trace(covariance) / covariance.sum())
    degrees = n - 1, (n - 1) * (k - 1)
    lower, upper = (1 - (1 - alpha) * f_distribution.ppf(q, *degrees) for q in (0.5 + level / 2, 0.5 - level / 2))
    return Interval(float(alpha), float(lower), float(upper))


def item_table(answers: pd.DataFrame, scale: tuple[float, float], *, weight: ArrayLike | None = None, level: float = 0.95) -> pd.DataFrame:
    """Each item on its own and within the index.

    Returns
    -------
    DataFrame indexed by item: n, mean, lower, upper (t interval), top_box and top_two_box (shares of the highest one and two answers) with
    the Wilson interval of the first, item_total (correlation with the sum of the others), alpha_without (alpha of the others; nan below 3
    items).

    Examples
    --------
    >>> import pandas as pd
    >>> found = item_table(pd.DataFrame({"quality": [5, 4, 3, 5], "price": [3, 2, 2, 4]}), (1, 5))
    >>> found[["mean", "top_box", "top_two_box"]].to_dict("index")
    {'quality': {'mean': 4.25, 'top_box': 0.5, 'top_two_box': 0.75}, 'price': {'mean': 2.75, 'top_box': 0.0, 'top_two_box': 0.25}}
    """
    import pandas as pd

    complete(answers, scale, None, None)  # checks the scale
    w = np.broadcast_to(np.asarray(1.0 if weight is None else weight, float), (len(answers),))
    rows = {}
    whole = answers.dropna()
    for item in answers.columns:
        known = answers[item].notna().to_numpy()
        x, at = answers[item].to_numpy(float, na_value=np.nan)[known], w[known]
        n = effective_size(at)
        mean = weighted_mean(x, at, np.ones_like(at), n, level)
        top, two = (float(np.average(x >= scale[1] - down, weights=at)) for down in (0, 1))
        box = wilson(top * n, n, level)
        others = whole.drop(columns=item)
        varies = len(others.columns) > 0 and whole[item].nunique() > 1 and others.sum(axis=1).nunique() > 1
        total = float(np.corrcoef(whole[item], others.sum(axis=1))[0, 1]) if varies else np.nan
        without = cronbach_alpha(others.to_numpy()).estimate if len(others.columns) > 1 and varies else np.nan
        rows[item] = (int(known.sum()), *mean, top, box.lower, box.upper, two, total, without)
    names = ["n", "mean", "lower", "upper", "top_box", "top_box_lower", "top_box_upper", "top_two_box", "item_total", "alpha_without"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=names).rename_axis("item")


def net_promoters(
    recommend: ArrayLike, *, scale: tuple[float, float] = (0, 10), weight: ArrayLike | None = None, count: ArrayLike | None = None
) -> Interval:
    """Net promoter score of answers to "would you recommend us?": 9-10 promote, 0-6 detract.

    Raises
    ------
    DataError
        When the scale does not end at 10: the borders belong to scales of 0 to 10 (or 1 to 10) only.

    Examples
    --------
    >>> net_promoters([10, 9, 9, 8, 3], scale=(0, 10)).estimate
    25.0
    """
    if scale[1] != 10 or scale[0] not in (0, 1):
        raise DataError(f"promoters (9-10) and detractors (up to 6) belong to a scale of 0 or 1 to 10, not {scale[0]:g} to {scale[1]:g}")
    x = np.asarray(recommend, float)
    known = np.isfinite(x)
    w = np.broadcast_to(np.asarray(1.0 if weight is None else weight, float), x.shape)[known]
    c = np.broadcast_to(np.asarray(1.0 if count is None else count, float), x.shape)[known]
    n = effective_size(w, c)
    up, down = (float(np.average(side, weights=w * c)) for side in (x[known] >= 9, x[known] <= 6))
    return net_promoter_score(up * n, down * n, n)


class Promoters(NamedTuple):
    """The net promoter score with its interval, the question it comes from, and the change that two such surveys would tell apart.

    Examples
    --------
    >>> import goodwill as gw
    >>> from goodwill.satisfaction import survey_promoters
    >>> found = survey_promoters(gw.read_survey("acsi_2015"))
    >>> round(found.change, 1)  # points by which two such surveys must differ for the difference to be told from chance
    2.6
    """

    score: Interval
    question: str
    change: float


def survey_promoters(survey: Survey) -> Promoters:
    """The net promoter score of a survey: of the question whether one would recommend, or else of the loyalty answer.

    Raises
    ------
    TooLittle
        Without a column `recommend`, when the scale of loyalty does not end at 10; and when nobody answered.

    Examples
    --------
    >>> import goodwill as gw
    >>> found = survey_promoters(gw.read_survey("acsi_2015"))
    >>> found.question, round(found.score.estimate, 1)
    ('loyalty', 26.6)
    """
    answers, question, scale = survey.answers, "recommend", (0.0, 10.0)
    if question not in answers:
        question, scale = "loyalty", (float(survey.loyalty_scale[0]), float(survey.loyalty_scale[1]))
        if scale[1] != 10:
            raise TooLittle(
                "A net promoter score needs a question answered on 0 to 10 (recommend, or loyalty on a scale that ends at 10); "
                "this survey has none."
            )
    if not answers[question].notna().any():
        raise TooLittle("Nobody answered whether they would recommend, so there is no net promoter score.")
    score = net_promoters(answers[question], scale=scale, weight=answers["weight"], count=answers["count"])
    return Promoters(score, question, float(np.sqrt(2)) * (score.upper - score.lower) / 2)


class Nonresponse(NamedTuple):
    """Questionnaires at each stage (`response_funnel`), and the loyal share in the worst case over everybody who was asked.

    Examples
    --------
    Of 250 questionnaires 93 came back valid (JD survey of 2015); had 82 of them been loyal, a third to nearly all of the 250 may be:

    >>> from goodwill.satisfaction import LoyaltyCells, nonresponse
    >>> found = nonresponse(250, 104, 93, LoyaltyCells.of([0, 1], [0, 82], [11, 82]))
    >>> [round(end, 2) for end in found.worst_case]
    [0.88, 0.33, 0.96]
    """

    funnel: pd.DataFrame
    worst_case: Interval


def nonresponse(sent: float, returned: float, respondents: float, cells: LoyaltyCells) -> Nonresponse:
    """What those who did not answer could change.

    Parameters
    ----------
    sent, returned : questionnaires; zero where it is not known
    respondents : valid questionnaires
    cells : loyalty by level of satisfaction

    Raises
    ------
    TooLittle
        When it is not known how many were asked.

    Examples
    --------
    >>> from goodwill.satisfaction import LoyaltyCells
    >>> cells = LoyaltyCells.of([1, 2], [0, 50], [50, 50])
    >>> found = nonresponse(200, 120, 100, cells)
    >>> found.worst_case  # if all of the hundred who sent nothing back were loyal, or none
    Interval(estimate=0.5, lower=0.25, upper=0.75)
    """
    if not (sent and returned):
        raise TooLittle("How many were asked is not stated (sent, returned), so nothing is known of those who did not answer.")
    asked = sent * cells.total / cells.respondents.sum()  # in effective answers, as the cells count them
    row = share_with_bounds(cells.loyal.sum(), cells.total, asked).iloc[0]
    bounds = Interval(float(row["share"]), float(row["least"]), float(row["most"]))
    return Nonresponse(response_funnel(sent, returned, respondents), bounds)


def response_funnel(sent: float, returned: float, valid: float) -> pd.DataFrame:
    """How many questionnaires are left at each stage, and as shares of those sent and of the stage before.

    >>> response_funnel(250, 104, 93)["of_sent"].round(3).tolist()
    [1.0, 0.416, 0.372]
    """
    import pandas as pd

    if not 0 <= valid <= returned <= sent or sent <= 0:
        raise DataError(f"sent {sent:g}, returned {returned:g}, valid {valid:g}: each must be at most the one before, and some were sent")
    numbers = np.array([sent, returned, valid], float)
    before = np.array([sent, sent, returned], float)
    return pd.DataFrame(
        {
            "stage": ["sent", "returned", "valid"],
            "questionnaires": numbers,
            "of_sent": numbers / sent,
            "of_stage_before": np.divide(numbers, before, out=np.zeros(3), where=before > 0),
        }
    )


def share_with_bounds(successes: ArrayLike, valid: ArrayLike, sent: float, level: float = 0.95) -> pd.DataFrame:
    """Shares among the valid answers with Wilson intervals, beside the worst case over everybody who was asked.

    Returns
    -------
    DataFrame: share, lower, upper (chance only, if the answers were a random sample), least, most (if all who did not answer had said no,
    or yes: Manski 1989, Journal of Human Resources 24:343-360; no assumption at all).

    >>> share_with_bounds(82, 93, 250).round(3).iloc[0].tolist()
    [0.882, 0.801, 0.933, 0.328, 0.956]
    """
    import pandas as pd

    x, n = np.broadcast_arrays(np.atleast_1d(np.asarray(successes, float)), np.atleast_1d(np.asarray(valid, float)))
    if (n > sent).any():
        raise DataError(f"{n.max():g} valid answers cannot come from {sent:g} questionnaires")
    share, lower, upper = wilson(x, n, level)
    return pd.DataFrame({"share": share, "lower": lower, "upper": upper, "least": x / sent, "most": (x + sent - n) / sent})
