"""How a fitted purchase model meets the data: by frequency class, over time, and in the hold-out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from goodwill.calendar import DAYS_PER_UNIT
from goodwill.data.purchases import grain_start
from goodwill.data.tracking import births, purchases_by_period
from goodwill.errors import FitError, TooLittle
from goodwill.inference.fit import optimum
from goodwill.inference.rows import as_of
from goodwill.lifetime_value.purchase_model import by_birth, elapsed

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.data.purchases import PurchaseSummary
    from goodwill.inference.fit import Fit
    from goodwill.inference.uncertainty import Interval

LEAST_EXPECTED = 5.0  # customers in a class, below which Pearson's statistic is ragged
NORMAL_95 = 1.959963984540054


def class_labels(last: int) -> list[str]:
    """Names of the frequency classes 0, 1, … and 'last+'.

    >>> class_labels(2)
    ['0', '1', '2+']
    """
    return [str(x) for x in range(last)] + [f"{last}+"]


def frequency_classes(model: Any, rows: pd.DataFrame, last: int = 7) -> pd.DataFrame:
    """Customers by number of repeat purchases: in the data and as the model expects.

    Parameters
    ----------
    model : a purchase model with `probability_of_purchases(n, horizon)`
    rows : frequency, T and weight
    last : the open class at the top

    Returns
    -------
    DataFrame, one row per class: label, actual, expected = sum over customers of P(X(T) = x), and lower and upper, the 95 % range of the
    count when the model is true (a sum of independent yes-or-no outcomes with unequal chances, in the normal approximation).

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import BetaGeoNBD
    >>> rows = pd.DataFrame({"frequency": [0, 0, 1, 3], "T": 30.0, "weight": 1.0})
    >>> found = frequency_classes(BetaGeoNBD(r=0.25, alpha=4.4, a=0.8, b=2.4), rows, last=2)
    >>> found["actual"].tolist(), round(float(found["expected"].sum()), 6)  # the classes share out the four customers
    ([2, 1, 1], 4.0)
    """
    import pandas as pd

    lengths, of = np.unique(rows["T"].to_numpy(), return_inverse=True)
    customers = np.bincount(of, weights=rows["weight"].to_numpy())
    below = np.zeros((last, len(lengths)))
    for which, own in by_birth(model, lengths):
        lived = elapsed(own, -lengths[which], 0.0)
        below[:, which] = [np.broadcast_to(own.probability_of_purchases(x, lived), lived.shape) for x in range(last)]
    chance = np.vstack([below, np.clip(1 - below.sum(axis=0), 0, None)])
    expected = chance @ customers
    spread = NORMAL_95 * np.sqrt((chance * (1 - chance)) @ customers)
    actual = np.bincount(np.minimum(rows["frequency"], last).astype(int), weights=rows["weight"], minlength=last + 1)
    return pd.DataFrame(
        {
            "label": class_labels(last),
            "actual": actual.astype(int),
            "expected": expected,
            "lower": np.clip(expected - spread, 0, None),
            "upper": expected + spread,
        }
    )


class ClassTest(NamedTuple):
    """What `class_test` found: Pearson's statistic over so many classes, its p-value, and the class that is most wrong.

    `misfit` is the actual share of customers in the class `label`, less the expected one.
    """

    statistic: float
    classes: int
    p_value: float
    customers: int
    label: str
    misfit: float


def pooled(table: pd.DataFrame, least: float = LEAST_EXPECTED) -> pd.DataFrame:
    """The frequency classes with those on top joined until each is expected to hold `least` customers, as chi-square needs.

    Parameters
    ----------
    table : DataFrame
        label, actual, expected: customers by class, the open class last (`frequency_classes`).
    least : customers that a class must be expected to hold

    Examples
    --------
    >>> import pandas as pd
    >>> classes = pd.DataFrame({"label": ["0", "1", "2+"], "actual": [60, 7, 3], "expected": [61.0, 6.0, 3.0]})
    >>> pooled(classes).to_dict("list")  # in the last three customers were expected, which is too few
    {'label': ['0', '1+'], 'actual': [60, 10], 'expected': [61.0, 9.0]}
    """
    import pandas as pd

    rows = table[["label", "actual", "expected"]].to_dict("records")
    while len(rows) > 1 and rows[-1]["expected"] < least:
        top, below = rows.pop(), rows.pop()
        actual, expected = (below[name] + top[name] for name in ("actual", "expected"))
        rows.append({"label": f"{below['label']}+", "actual": actual, "expected": expected})
    return pd.DataFrame(rows)


def class_test(fit: Fit, rows: pd.DataFrame, *, draws: int = 99, most: int = 500, last: int = 7, seed: int = 1) -> ClassTest:
    """Does the model reproduce how many come back how often? Pearson's statistic with a p-value by parametric bootstrap.

    Parameters
    ----------
    fit : with its data
    rows : frequency, T and weight, as it was fitted to
    draws : data sets simulated from the fitted model, each fitted again; the least p-value is 1 / (draws + 1)
    most : customers in a simulated set; the distribution of the statistic hardly depends on their number

    Raises
    ------
    TooLittle
        When all customers fall into one class, and of models stacked.
    FitError
        When the fit does not hold its data.

    Examples
    --------
    >>> import goodwill as gw
    >>> fit = gw.BetaGeoNBD.fit(gw.example("cdnow"))
    >>> found = class_test(fit, gw.example("cdnow").assign(weight=1.0), draws=19, last=3)
    >>> round(found.statistic, 1), found.p_value > 0.05  # the model reproduces how many came back how often
    (3.4, True)
    """
    if not hasattr(fit, "problem"):
        raise TooLittle("Stacked models are no one model that such a test could contradict: test each of them alone.")
    if fit.problem is not None and hasattr(fit.problem, "in_own_time"):  # a model that knows the calendar
        fit, rows = fit.problem.in_own_time(fit, rows)
    whole = pooled(frequency_classes(fit.model, rows, last))
    if len(whole) < 2:
        raise TooLittle("So few customers came back that their classes cannot be tested against the model.")
    if fit.problem is None:
        raise FitError("the data are not stored with this fit, so it cannot be tested; fit again")
    top, statistic = len(whole) - 1, _pearson(whole)
    rng, weight = np.random.default_rng(seed), rows["weight"].to_numpy(float)
    size = int(min(weight.sum(), most))
    lengths = [rng.choice(rows["T"].to_numpy(), size, p=weight / weight.sum()) for _ in range(draws)]
    above = sum(_simulated_statistic(fit, each, top, int(rng.integers(2**31))) >= statistic for each in lengths)
    n = float(whole["actual"].sum())
    off = ((whole["actual"] - whole["expected"]) / n).to_numpy()
    worst = int(np.argmax(np.abs(off)))
    return ClassTest(statistic, len(whole), (1 + above) / (1 + draws), int(n), str(whole["label"].iloc[worst]), float(off[worst]))


def _simulated_statistic(fit: Fit, lengths: np.ndarray, top: int, seed: int) -> float:
    """Pearson's statistic of customers simulated from the fitted model, against that model fitted to them; 0 when nobody came back."""
    sample = fit.model.simulate(lengths, seed=seed)
    if not sample["frequency"].any():
        return 0.0
    columns = tuple(sample[name].to_numpy(float) for name in ("frequency", "recency", "T"))  # so few that equal ones may stand apart
    assert fit.problem is not None
    at = optimum(replace(fit.problem, columns=columns, weight=np.ones(len(sample))), start=np.log(fit.parameters))
    again = type(fit.model)(*np.exp(at).tolist(), unit=fit.model.unit)
    return _pearson(frequency_classes(again, sample.assign(weight=1.0), top))


def _pearson(table: pd.DataFrame) -> float:
    return float(((table["actual"] - table["expected"]) ** 2 / np.maximum(table["expected"], 1e-9)).sum())


def track_purchases(model: Any, summary: PurchaseSummary) -> pd.DataFrame:
    """Expected beside actual repeat purchases of the customers in a summary, for every whole period of its unit.

    Parameters
    ----------
    model : a purchase model in the unit of the summary
    summary : PurchaseSummary

    Returns
    -------
    DataFrame
        What `purchases_by_period` gives, with `expected`: the increase over the period of the sum over customers of E[X(t - birth)].

    Examples
    --------
    >>> import goodwill as gw
    >>> model = gw.BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")
    >>> found = track_purchases(model, gw.summarize_purchases("cdnow_sample"))
    >>> found.loc[[12, 38, 76], ["end", "repeat_purchases", "expected"]].round({"expected": 1})
              end  repeat_purchases  expected
    12 1997-04-01                95      97.4
    38 1997-09-30                62      53.5
    76 1998-06-23                32      35.9
    """
    born, periods = births(summary), purchases_by_period(summary)
    periods = periods[periods["complete"]]
    times, first = np.concatenate([[0.0], periods["time"].to_numpy(float)])[:, None], born["time"].to_numpy(float)[None, :]
    seen = (
        grain_start(summary.calibration_end or summary.end, summary.grain) - grain_start(summary.transactions.first, summary.grain)
    ).days
    until = seen / DAYS_PER_UNIT[summary.unit]  # from which a model with a calendar counts
    ages = elapsed(as_of(model, summary), first - until, np.maximum(times, first) - until)
    repeats = np.zeros(ages.shape)
    for which, own in by_birth(as_of(model, summary), until - first[0]):
        repeats[:, which] = own.expected_purchases_new_customer(np.clip(ages[:, which], 0, None))
    repeats = np.where(times > first, repeats, 0.0)
    return periods.assign(expected=np.diff(repeats @ born["customers"].to_numpy(float)))


def holdout_classes(customers: pd.DataFrame, expected: np.ndarray, naive: np.ndarray, last: int = 7) -> pd.DataFrame:
    """Mean hold-out purchases by calibration frequency.

    `customers` has frequency and frequency_holdout, one row each; `expected` and `naive` are forecasts per customer. Returns label,
    customers, actual with its 95 % interval (lower, upper: normal, from the spread within the class; exact for Poisson counts where a class
    has no spread), expected and naive.

    >>> import numpy as np
    >>> import pandas as pd
    >>> customers = pd.DataFrame({"frequency": [0, 0, 2, 2], "frequency_holdout": [0, 1, 2, 4]})
    >>> found = holdout_classes(customers, expected=np.array([0.5, 0.5, 2.0, 2.0]), naive=np.array([0.0, 0.0, 2.0, 2.0]))
    >>> found[["label", "customers", "actual", "expected", "naive"]].to_dict("list")
    {'label': ['0', '2'], 'customers': [2, 2], 'actual': [0.5, 3.0], 'expected': [0.5, 2.0], 'naive': [0.0, 2.0]}
    """
    import pandas as pd
    from scipy.special import gammaincinv

    table = pd.DataFrame(
        {
            "label": np.minimum(customers["frequency"], last),
            "actual": customers["frequency_holdout"].to_numpy(float),
            "expected": expected,
            "naive": naive,
        }
    )
    groups = table.groupby("label")
    means = groups.mean()
    size, total, spread = groups.size(), groups["actual"].sum(), groups["actual"].std(ddof=1).fillna(0.0)
    half: pd.Series[float] = NORMAL_95 * spread / np.sqrt(size)
    alike = spread == 0
    means.insert(0, "customers", size)
    low, high = (pd.Series(gammaincinv(np.maximum(total, 1e-300) + more, p) / size, total.index) for more, p in ((0, 0.025), (1, 0.975)))
    means["lower"] = (means["actual"] - half).clip(lower=0).mask(alike, low.where(total > 0, 0.0))
    means["upper"] = (means["actual"] + half).mask(alike, high)
    return means.reset_index().assign(label=[class_labels(last)[x] for x in means.index])


def share_alive(fit: Fit, rows: pd.DataFrame) -> Interval:
    """Mean P(alive) of the customers with a repeat purchase, with the interval that the parameters leave.

    Parameters
    ----------
    fit : of a purchase model
    rows : DataFrame
        frequency, recency, T and weight, in the unit of the fit.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import BetaGeoNBD
    >>> data = pd.DataFrame({"frequency": [0, 1, 2, 6], "recency": [0.0, 8.0, 15.0, 27.0], "T": 30.0, "weight": [60, 20, 12, 8]})
    >>> found = share_alive(BetaGeoNBD.fit(data), data)
    >>> round(found.estimate, 2), found.lower < found.estimate < found.upper
    (0.67, True)
    """
    back = rows[rows["frequency"] > 0]
    known = [back[name].to_numpy() for name in ("frequency", "recency", "T")]
    share = back["weight"].to_numpy() / back["weight"].sum()
    return fit.interval_of_mean(lambda model: model.probability_alive(*known) @ share, draws=500)


def alive_grid(model: Any, frequencies: np.ndarray, silences: np.ndarray, length: float) -> pd.DataFrame:
    """P(alive) of customers known for `length`, by frequency (columns) and time since their last purchase (index).

    Parameters
    ----------
    model : any purchase model
    frequencies : array, shape (columns,)
        Repeat purchases.
    silences : array, shape (rows,)
        Times since the last purchase, at most `length`.
    length : time since the first purchase, in the unit of the model

    Examples
    --------
    >>> import numpy as np
    >>> from goodwill.lifetime_value import BetaGeoNBD
    >>> grid = alive_grid(BetaGeoNBD(r=0.25, alpha=4.4, a=0.8, b=2.4), np.array([1, 10]), np.array([0.0, 20.0]), length=30.0)
    >>> grid.round(2).to_dict()  # who came often and then fell silent is sooner gone
    {1: {0.0: 0.75, 20.0: 0.5}, 10: {0.0: 0.93, 20.0: 0.0}}
    """
    import pandas as pd

    values = model.probability_alive(frequencies[None, :], (length - silences)[:, None], length)
    return pd.DataFrame(np.broadcast_to(values, (len(silences), len(frequencies))), index=silences, columns=frequencies)


def spend_density(model: Any, rows: pd.DataFrame, grid: np.ndarray) -> np.ndarray:
    """Density of the mean spend of repeat buyers over `grid`: the model's density given x, averaged over the x of these customers.

    Parameters
    ----------
    model : `GammaGamma` or another spend model with `log_likelihood(x, mean)`
    rows : DataFrame
        frequency and weight of the repeat buyers.
    grid : array, shape (points,)
        Positive mean spends.

    Returns
    -------
    array, shape (points,)
        Per unit of money; it integrates to one.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from goodwill.lifetime_value import GammaGamma
    >>> grid = np.linspace(0.1, 4000, 40_000)
    >>> density = spend_density(GammaGamma(p=6.25, q=3.74, gamma=15.4), pd.DataFrame({"frequency": [1, 4], "weight": [3.0, 1.0]}), grid)
    >>> round(float(density.sum() * (grid[1] - grid[0])), 2)
    1.0
    """
    frequencies = rows.groupby("frequency")["weight"].sum()
    densities = np.exp(model.log_likelihood(frequencies.index.to_numpy(float)[:, None], grid[None, :]))
    return frequencies.to_numpy(float) @ densities / frequencies.sum()
