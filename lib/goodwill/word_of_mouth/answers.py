"""Answers to "how many people did you tell?": checked counts or classes, and the distribution of largest likelihood for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import exp, inf, isinf, log
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from goodwill.errors import DataError
from goodwill.word_of_mouth.telling import Floats, NegativeBinomialTelling, PoissonLognormalTelling, Telling, ZeroInflatedTelling

if TYPE_CHECKING:
    import pandas as pd

# Shoppers with a problem, by how many people they told (Wharton / Verde Group 2006).
VERDE_2006 = {"0": 0.69, "1": 0.08, "2": 0.08, "3-5": 0.09, "6+": 0.06}


def told_counts(counts: ArrayLike, weights: ArrayLike | None = None) -> tuple[Floats, Floats]:
    """Check told-counts of respondents: whole numbers from 0 up, each with a weight; returns distinct values and their weights.

    >>> told_counts([0, 3, 3])
    (array([0., 3.]), array([1., 2.]))
    """
    values = np.asarray(counts, float).ravel()
    weight = np.ones_like(values) if weights is None else np.asarray(weights, float).ravel()
    if not len(values) or len(values) != len(weight):
        raise DataError(f"{len(values)} told-counts with {len(weight)} weights; need at least one count and as many weights")
    for wrong, what in ((~np.isfinite(values), "missing"), (values < 0, "below zero"), (values != np.floor(values), "not whole")):
        if wrong.any():
            first = int(np.flatnonzero(wrong)[0])
            where = f"first: answer {first + 1}, {values[first]:g}"
            raise DataError(f"{int(wrong.sum())} of {len(values)} told-counts are {what} ({where}); clean the answers")
    if not (np.isfinite(weight).all() and (weight >= 0).all() and weight.sum() > 0):
        raise DataError("the weights of the told-counts must be numbers from 0 up, not all 0")
    distinct, place = np.unique(values, return_inverse=True)
    return distinct, np.bincount(place, weights=weight).astype(float)


@dataclass(frozen=True)
class BinnedAnswers:
    """Answers to "how many people did you tell?" in classes: each from `low` to `high` people, `high` infinite in the last.

    Examples
    --------
    >>> BinnedAnswers.from_text({"0": 0.69, "1": 0.08, "2": 0.08, "3-5": 0.09, "6+": 0.06}).high
    (0.0, 1.0, 2.0, 5.0, inf)
    """

    low: tuple[float, ...]
    high: tuple[float, ...]
    weight: tuple[float, ...]

    def __post_init__(self) -> None:
        gaps = [a + 1 != b for a, b in zip(self.high[:-1], self.low[1:], strict=True)]
        if not self.low or self.low[0] != 0 or any(gaps) or any(b < a for a, b in zip(self.low, self.high, strict=True)):
            raise DataError("the classes of a told-count must start at 0 and follow each other without gap or overlap")
        if min(self.weight) < 0 or not sum(self.weight) > 0:
            raise DataError("the answers in the classes of a told-count must be numbers from 0 up, not all 0")

    @classmethod
    def from_text(cls, answers: dict[str, float]) -> BinnedAnswers:
        """From labels such as '0', '3-5' and '6+' to the number (or share) of answers."""
        edges = []
        for label in answers:
            try:
                parts = label.replace("–", "-").split("-")
                edges.append((float(label[:-1]), inf) if label.endswith("+") else (float(parts[0]), float(parts[-1])))
            except ValueError:
                raise DataError(f"the class '{label}' of a told-count cannot be read; write '2', '3-5' or '6+'") from None
        return cls(tuple(low for low, _ in edges), tuple(high for _, high in edges), tuple(answers.values()))

    def probabilities(self, telling: Telling) -> Floats:
        """What a distribution expects in each class."""
        upper = [1.0 if isinf(high) else float(telling.cdf(high)) for high in self.high]
        return np.diff(np.array([0.0, *upper]))


@dataclass(frozen=True)
class TellingFit:
    """A distribution fitted to told-counts by maximum likelihood.

    Examples
    --------
    >>> from goodwill.word_of_mouth import fit_negative_binomial
    >>> found = fit_negative_binomial([0, 0, 1, 2, 5, 9, 12])
    >>> round(found.model.mean, 2), found.n, round(found.aic, 1)
    (4.14, 7.0, 39.2)
    >>> fit_negative_binomial([2, 3, 2, 3]).warnings
    ('the answers vary no more than a Poisson distribution allows: the dispersion is unbounded',)
    """

    model: Any  # the distribution
    log_likelihood: float
    n: float  # weight of the answers
    parameters: int
    warnings: tuple[str, ...] = ()

    @property
    def aic(self) -> float:
        """Akaike's criterion; the smaller the better."""
        return 2 * self.parameters - 2 * self.log_likelihood


def fit_negative_binomial(answers: ArrayLike | BinnedAnswers, weights: ArrayLike | None = None) -> TellingFit:
    """Fit a negative binomial; a Poisson, with a warning, where the answers vary no more than a Poisson's.

    Examples
    --------
    >>> from goodwill.word_of_mouth import BinnedAnswers
    >>> verde = BinnedAnswers.from_text({"0": 0.69, "1": 0.08, "2": 0.08, "3-5": 0.09, "6+": 0.06})
    >>> fitted = fit_negative_binomial(verde).model
    >>> round(fitted.mean, 4), round(fitted.dispersion, 4)
    (1.1986, 0.1893)
    """

    def build(x: Floats) -> NegativeBinomialTelling:
        return NegativeBinomialTelling(exp(x[0]), exp(x[1]))

    problem = _Problem.of(answers, weights)
    fitted = problem.largest(build, [[log(problem.start), shape] for shape in (-1.0, 0.5, 2.0)], upper=[12.0, 9.0])
    poisson = problem.largest(lambda x: NegativeBinomialTelling(exp(x[0])), [[log(problem.start)]], upper=[12.0])
    if fitted.log_likelihood - poisson.log_likelihood > 1e-4 and fitted.model.dispersion < 5_000:
        return fitted
    warning = "the answers vary no more than a Poisson distribution allows: the dispersion is unbounded"
    return TellingFit(poisson.model, poisson.log_likelihood, poisson.n, 1, (warning,))


def fit_zero_inflated(answers: ArrayLike | BinnedAnswers, weights: ArrayLike | None = None) -> TellingFit:
    """Fit a zero-inflated negative binomial.

    >>> from goodwill.word_of_mouth import BinnedAnswers
    >>> verde = BinnedAnswers.from_text({"0": 0.69, "1": 0.08, "2": 0.08, "3-5": 0.09, "6+": 0.06})
    >>> round(float(fit_zero_inflated(verde).model.cdf(0)), 2)
    0.69
    >>> fit_zero_inflated(BinnedAnswers.from_text({"0": 69.0, "1-5": 24.0, "6+": 7.0})).warnings
    ('3 different answers cannot tell 3 parameters apart: other distributions of this family fit as well',)
    """

    def build(x: Floats) -> ZeroInflatedTelling:
        return ZeroInflatedTelling(float(1 / (1 + np.exp(-x[0]))), NegativeBinomialTelling(exp(x[1]), exp(x[2])))

    problem = _Problem.of(answers, weights)
    starts = [[share, log(2 * problem.start), shape] for share in (-2.0, 0.0) for shape in (-0.5, 1.0)]
    return problem.largest(build, starts, upper=[12.0, 12.0, 9.0])


def fit_poisson_lognormal(answers: ArrayLike | BinnedAnswers, weights: ArrayLike | None = None) -> TellingFit:
    """Fit a Poisson-lognormal.

    >>> from goodwill.word_of_mouth import BinnedAnswers
    >>> answers = BinnedAnswers.from_text({"0": 69.0, "1-5": 24.0, "6+": 7.0})
    >>> found = fit_poisson_lognormal(answers)
    >>> found.parameters
    2
    """

    def build(x: Floats) -> PoissonLognormalTelling:
        return PoissonLognormalTelling(exp(x[0]), exp(x[1]))

    problem = _Problem.of(answers, weights)
    return problem.largest(build, [[log(problem.start), spread] for spread in (-1.0, 0.0, 0.5)], upper=[12.0, 1.5])


def fit_families(answers: ArrayLike | BinnedAnswers, weights: ArrayLike | None = None) -> dict[str, TellingFit]:
    """All three families, fitted to the same answers.

    >>> list(fit_families([0, 0, 1, 2, 5, 9, 12]))
    ['negative binomial', 'zero-inflated negative binomial', 'Poisson-lognormal']
    """
    return {
        "negative binomial": fit_negative_binomial(answers, weights),
        "zero-inflated negative binomial": fit_zero_inflated(answers, weights),
        "Poisson-lognormal": fit_poisson_lognormal(answers, weights),
    }


def compare_families(fits: Mapping[str, TellingFit]) -> pd.DataFrame:
    """One row per family: `people told` (mean), `tell nobody`, `tell six or more`, and `AIC`, whose differences matter for counts only.

    >>> from goodwill.word_of_mouth import fit_families
    >>> compare_families(fit_families([0, 0, 1, 2, 5, 9, 12]))["people told"].round(1).tolist()
    [4.1, 4.1, 4.9]
    """
    import pandas as pd

    rows = [[name, each.model.mean, float(each.model.cdf(0)), each.model.tail(6), each.aic] for name, each in fits.items()]
    return pd.DataFrame(rows, columns=["family", "people told", "tell nobody", "tell six or more", "AIC"])


@dataclass(frozen=True)
class _Problem:
    """The classes of a likelihood, their weights and a rough mean to start from."""

    probabilities: Callable[[Telling], Floats]
    weight: Floats
    start: float
    different: int  # answers

    @classmethod
    def of(cls, answers: ArrayLike | BinnedAnswers, weights: ArrayLike | None) -> _Problem:
        if isinstance(answers, BinnedAnswers):
            weight = np.array(answers.weight, float)
            middle = np.array([low if isinf(high) else (low + high) / 2 for low, high in zip(answers.low, answers.high, strict=True)])
            probabilities: Callable[[Any], Floats] = answers.probabilities
        else:
            middle, weight = told_counts(answers, weights)

            def probabilities(telling: Any) -> Floats:
                return np.asarray(telling.pmf(middle))

        if not middle @ weight > 0:
            raise DataError("nobody told anybody, so no distribution can be fitted; the mean is 0")
        return cls(probabilities, weight, float(middle @ weight / weight.sum()), len(np.unique(middle[weight > 0])))

    def log_likelihood(self, telling: Telling) -> float:
        return float(self.weight @ np.log(np.maximum(self.probabilities(telling), 1e-300)))

    def largest(self, build: Callable[[Floats], Any], starts: list[list[float]], upper: list[float]) -> TellingFit:
        """The best of several bounded searches on the log scale of the parameters, polished."""
        from scipy.optimize import minimize

        def loss(x: Floats) -> float:
            return -self.log_likelihood(build(x)) / self.weight.sum()

        bounds = [(-12.0, high) for high in upper]
        found = [minimize(loss, start, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-14, "gtol": 1e-9}) for start in starts]
        best = min(found, key=lambda each: each.fun)
        polished = minimize(loss, best.x, method="Nelder-Mead", bounds=bounds, options={"xatol": 1e-9, "fatol": 1e-14})
        model = build(polished.x if polished.fun <= best.fun else best.x)
        told_apart = f"{self.different} different answers cannot tell {len(upper)} parameters apart"
        warnings = () if self.different > len(upper) else (f"{told_apart}: other distributions of this family fit as well",)
        return TellingFit(model, self.log_likelihood(model), float(self.weight.sum()), len(upper), warnings)
