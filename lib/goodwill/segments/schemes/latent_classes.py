"""Latent classes of buying behaviour: a mixture of BG/NBD models, its number of classes chosen out of sample, its stability shown.

Each class buys and drops out by the BG/NBD model of Fader, Hardie & Lee (2005), Marketing Science 24(2), 275-284. Frequencies are tied and
discrete, on which Gaussian mixtures gain likelihood without end by narrowing classes onto single values; a model of counts cannot.
Whether classes are natural, or merely constructed, is told by bootstrap (Dolnicar & Leisch 2010, Marketing Letters 21, 83-101).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from goodwill.errors import DataError, FitError
from goodwill.inference.uncertainty import FloatArray, multinomial_weights
from goodwill.segments.schemes.cuts import IntArray, numbers
from goodwill.segments.schemes.rules import Rules

if TYPE_CHECKING:
    import pandas as pd

# Width, on the log scale, within which the parameters of a class lie around those of all customers together: a weak prior that keeps
# classes of a few customers from running off along the model's ridges.
WIDTH = 2.0
NAMES = ("r", "alpha", "a", "b")


def mixture(customers: pd.DataFrame, *, most: int = 4, folds: int = 5, bootstraps: int = 20, seed: int = 1) -> Rules:
    """Latent classes of customers by how often they buy and how soon they leave.

    The number of classes is raised while each further one improves the log-likelihood of customers who were left out of the fit by more
    than one standard error of that improvement.

    Parameters
    ----------
    customers : DataFrame with frequency, recency, T
    most : largest number of classes tried
    folds : parts of the customers, each left out once
    bootstraps : samples on which the classes are found again; `settings["stability"]` holds the mean and lowest adjusted Rand index

    Raises
    ------
    FitError
        One class is enough, as it often is: says by how much a second one failed.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> often, seldom = (pd.DataFrame({"frequency": rng.poisson(mean, 100), "T": 52.0}) for mean in (20.0, 1.0))
    >>> customers = pd.concat([often, seldom], ignore_index=True)
    >>> customers["recency"] = 50.0 * (customers["frequency"] > 0)
    >>> rules = mixture(customers, most=2, bootstraps=2)
    >>> rules.segments, [round(share, 1) for share in rules.settings["shares"]]
    (('class 1', 'class 2'), [0.5, 0.5])
    """
    rows = _distinct(customers)
    if most < 2 or folds < 2 or bootstraps < 2:
        raise DataError(f"most={most}, folds={folds} and bootstraps={bootstraps} must all be 2 or more.")
    if rows.weight.sum() < 20 * folds or not rows.x.any():
        raise FitError(f"{rows.weight.sum():.0f} customers are too few to look for classes in {folds} folds, or none of them came back.")
    found, gains = _choose(rows, most, folds, seed)
    classes = len(found.shares)
    told = "; ".join(
        f"a class {k + 2} changes the left-out log-likelihood by {gain:+.1f} ± {error:.1f}" for k, (gain, error) in enumerate(gains)
    )
    if classes == 1:
        raise FitError(f"one class is enough for these customers: {told}. Use a scheme of rules instead.")
    found, order = _sorted(found, float(rows.T.max()))
    best = _posterior(found, rows).argmax(axis=0)
    won = np.bincount(best, weights=rows.weight, minlength=classes)
    agreement = _stability(rows, found, bootstraps, seed)
    settings = {
        "parameters": [dict(zip(NAMES, np.exp(phi), strict=True)) for phi in found.phi],
        "shares": found.shares,
        "kept": np.flatnonzero(won).tolist(),
        "gains": gains,
        "stability": {"mean": float(agreement.mean()), "lowest": float(agreement.min())},
    }
    expected = ", ".join(f"class {k + 1} {share:.0%} with {order[k]:.2f} repeat purchases" for k, share in enumerate(found.shares))
    notes = [told, f"expected in the first {rows.T.max():.3g} units of time: {expected}"]
    notes.append(
        f"found again in {bootstraps} bootstrap samples, adjusted Rand index {agreement.mean():.2f} (lowest {agreement.min():.2f})"
    )
    lost = [f"class {k + 1}" for k in range(classes) if not won[k]]
    if lost:
        notes.append(f"{', '.join(lost)} is nobody's most probable class and no segment")
    return Rules("mixture", tuple(f"class {k + 1}" for k in range(classes) if won[k]), settings, tuple(notes))


def class_probabilities(rules: Rules, customers: pd.DataFrame) -> pd.DataFrame:
    """Probability of each class for each customer, a column per segment.

    Examples
    --------
    >>> import pandas as pd
    >>> from goodwill.segments import Rules
    >>> told = [{"r": 50.0, "alpha": 100.0, "a": 1.0, "b": 9.0}, {"r": 50.0, "alpha": 2000.0, "a": 1.0, "b": 9.0}]
    >>> rules = Rules("mixture", ("often", "seldom"), {"parameters": told, "shares": [0.5, 0.5], "kept": [0, 1]})
    >>> customers = pd.DataFrame({"frequency": [20, 5, 1], "recency": [50.0, 50.0, 30.0], "T": [52.0, 52.0, 52.0]})
    >>> class_probabilities(rules, customers)["often"].round(2).tolist()
    [1.0, 0.0, 0.0]
    """
    import pandas as pd

    x, t_x, T = (numbers(customers, name, "mixture") for name in ("frequency", "recency", "T"))
    found = _Mixture(
        np.log([[told[name] for name in NAMES] for told in rules.settings["parameters"]]), np.array(rules.settings["shares"], dtype=float)
    )
    distinct, inverse = np.unique(np.column_stack([x, t_x, T]), axis=0, return_inverse=True)
    chance = _posterior(found, _Histories(distinct[:, 0], distinct[:, 1], distinct[:, 2], np.ones(len(distinct))))[
        list(rules.settings["kept"])
    ]
    chance /= chance.sum(axis=0)
    return pd.DataFrame(chance.T[inverse.ravel()], columns=list(rules.segments), index=customers.index)


def place_mixture(rules: Rules, customers: pd.DataFrame) -> IntArray:
    """The position of each customer's most probable class."""
    return class_probabilities(rules, customers).to_numpy().argmax(axis=1)


def check_mixture(rules: Rules) -> None:
    """Check the parameters when rules are made or read."""
    told, shares = rules.settings["parameters"], rules.settings["shares"]
    positive = all(one[name] > 0 for one in told for name in NAMES) and all(share > 0 for share in shares)
    if len(told) != len(shares) or not positive or not np.isclose(sum(shares), 1) or len(rules.settings["kept"]) != len(rules.segments):
        raise DataError(
            "the rules of 'mixture' need positive parameters for every class, shares that sum to 1, and a segment per kept class."
        )


@dataclass(frozen=True)
class _Histories:
    """Distinct histories with their weight; logarithms and gamma functions are taken once per distinct value."""

    x: FloatArray
    t_x: FloatArray
    T: FloatArray
    weight: FloatArray

    @cached_property
    def at(self) -> tuple[tuple[FloatArray, IntArray], ...]:
        return tuple(np.unique(values, return_inverse=True) for values in (self.x, self.t_x, self.T))

    def log_likelihood(self, phi: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Log-likelihood of every row under one class (eq. 6 of the paper) and its gradient by the logs of (r, alpha, a, b)."""
        from scipy.special import expit, gammaln, psi

        r, alpha, a, b = np.exp(phi)
        (n, n_at), (last, last_at), (end, end_at) = self.at
        x, back = self.x, self.x > 0
        log_end, log_last = np.log(alpha + end)[end_at], np.log(alpha + last)[last_at]
        lag = b + np.maximum(x, 1) - 1
        odds = np.where(back, (r + x) * (log_end - log_last) + np.log(a) - np.log(lag), -np.inf)
        counts = gammaln(r + n) - gammaln(r) + gammaln(b + n) - gammaln(a + b + n) - gammaln(b) + gammaln(a + b)
        value = counts[n_at] + r * np.log(alpha) - (r + x) * log_end + np.logaddexp(0, odds)
        gone = expit(odds)
        both = (psi(a + b) - psi(a + b + n))[n_at]
        in_end, in_last = (1 / (alpha + end))[end_at], (1 / (alpha + last))[last_at]
        gradient = [
            r * ((psi(r + n) - psi(r))[n_at] + np.log(alpha) - log_end + gone * (log_end - log_last)),
            alpha * (r / alpha - (r + x) * in_end + gone * (r + x) * (in_end - in_last)),
            a * (both + gone / a),
            b * (both + (psi(b + n) - psi(b))[n_at] - gone / lag),
        ]
        return value, np.stack(gradient)


class _Mixture(NamedTuple):
    phi: FloatArray  # logs of the parameters, shape (classes, 4)
    shares: FloatArray


def _distinct(customers: pd.DataFrame) -> _Histories:
    from goodwill.inference.rows import purchase_rows

    for name in ("frequency", "recency", "T"):
        numbers(customers, name, "mixture")
    rows = purchase_rows(customers[["frequency", "recency", "T"]]).sort_values(["frequency", "recency", "T"])
    x, t_x, T, weight = (rows[name].to_numpy(dtype=float) for name in ("frequency", "recency", "T", "weight"))
    return _Histories(x, t_x, T, weight)


def _joint(found: _Mixture, rows: _Histories) -> FloatArray:
    return np.stack([rows.log_likelihood(phi)[0] + np.log(share) for phi, share in zip(found.phi, found.shares, strict=True)])


def _posterior(found: _Mixture, rows: _Histories) -> FloatArray:
    """Probability of each class for each row, shape (classes, rows)."""
    joint = _joint(found, rows)
    chance = np.exp(joint - joint.max(axis=0))
    return chance / chance.sum(axis=0)


def _log_likelihood(found: _Mixture, rows: _Histories) -> FloatArray:
    return np.logaddexp.reduce(_joint(found, rows), axis=0)


def _fit(rows: _Histories, classes: int, seed: int, start: _Mixture | None = None, tries: int = 3) -> _Mixture:
    """The mixture with the highest likelihood among a few starts around the parameters of one class."""
    centre = _climb(rows, _Mixture(np.log([[1.0, rows.T.max() / 5, 1.0, 2.0]]), np.ones(1)), None).phi[0]
    if classes == 1:
        return _Mixture(centre[None], np.ones(1))
    if start is not None:
        return _climb(rows, start, centre)
    rng = np.random.default_rng([seed, classes])
    even = np.full(classes, 1 / classes)
    spread = np.linspace(-1, 1, classes)[:, None] * [0, -1.0, 1.0, -1.0]  # from rare and fleeting to frequent and lasting
    starts = [spread, *(rng.normal(0, 1, (classes, 4)) for _ in range(tries - 1))]
    ends = [_climb(rows, _Mixture(centre + away, even), centre) for away in starts]
    return max(ends, key=lambda end: float(rows.weight @ _log_likelihood(end, rows)) - _away(end.phi, centre))


def _away(phi: FloatArray, centre: FloatArray | None) -> float:
    return 0.0 if centre is None else float(np.sum((phi - centre) ** 2)) / (2 * WIDTH**2)


def _climb(rows: _Histories, start: _Mixture, centre: FloatArray | None) -> _Mixture:
    """Climb the penalised likelihood of all parameters at once, with its exact gradient."""
    from scipy.optimize import minimize

    classes, n = len(start.shares), rows.weight.sum()

    def falling(theta: FloatArray) -> tuple[float, FloatArray]:
        phi, logits = theta[: 4 * classes].reshape(classes, 4), np.append(theta[4 * classes :], 0.0)
        log_shares = logits - np.logaddexp.reduce(logits)
        values, slopes = zip(*(rows.log_likelihood(row) for row in phi), strict=True)
        joint = np.stack(values) + log_shares[:, None]
        each = np.logaddexp.reduce(joint, axis=0)
        belongs = rows.weight * np.exp(joint - each)
        by_phi = np.stack([slope @ mine for slope, mine in zip(slopes, belongs, strict=True)])
        if centre is not None:
            by_phi = by_phi - (phi - centre) / WIDTH**2
        held = belongs.sum(axis=1)
        by_logit = (held - n * np.exp(log_shares))[:-1]
        return -(float(rows.weight @ each) - _away(phi, centre)) / n, -np.concatenate([by_phi.ravel(), by_logit]) / n

    logits = np.log(start.shares[:-1] / start.shares[-1])
    # Beyond e^±12 nothing changes any more; the bounds only keep the search among numbers.
    bounds = [(-12.0, 12.0)] * (4 * classes) + [(-8.0, 8.0)] * (classes - 1)
    found = minimize(
        falling, np.concatenate([start.phi.ravel(), logits]), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500}
    )
    ends = np.append(found.x[4 * classes :], 0.0)
    return _Mixture(found.x[: 4 * classes].reshape(classes, 4), np.exp(ends - np.logaddexp.reduce(ends)))


def _choose(rows: _Histories, most: int, folds: int, seed: int) -> tuple[_Mixture, list[tuple[float, float]]]:
    """The mixture of the chosen number of classes, and for each one tried its gain in left-out log-likelihood with the standard error.

    The fits without a fold start from the one of all customers: other starts are tried there only.
    """
    rng = np.random.default_rng(seed)
    people = np.repeat(np.arange(len(rows.weight)), rows.weight.astype(int))
    fold = rng.permutation(np.arange(len(people)) % folds)
    left_out = np.stack([np.bincount(people[fold == k], minlength=len(rows.weight)) for k in range(folds)]).astype(float)
    kept = [_Histories(rows.x, rows.t_x, rows.T, rows.weight - out) for out in left_out]
    chosen = _fit(rows, 1, seed)
    before = [_log_likelihood(_fit(part, 1, seed), rows) for part in kept]
    gains: list[tuple[float, float]] = []
    for classes in range(2, most + 1):
        found = _fit(rows, classes, seed)
        now = [_log_likelihood(_fit(part, classes, seed, start=found), rows) for part in kept]
        gain = np.stack(now) - np.stack(before)
        total = float(np.sum(left_out * gain))
        error = float(np.sqrt(max(np.sum(left_out * gain**2) - total**2 / len(people), 0.0)))
        gains.append((total, error))
        if total <= error:
            return chosen, gains
        chosen, before = found, now
    return chosen, gains


def _sorted(found: _Mixture, span: float) -> tuple[_Mixture, FloatArray]:
    """Classes by the purchases expected of a new customer, most first, and those numbers."""
    from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD

    expected = np.array([float(BetaGeoNBD(*np.exp(phi)).expected_purchases_new_customer(span)) for phi in found.phi])
    order = np.argsort(-expected)
    return _Mixture(found.phi[order], found.shares[order]), expected[order]


def _stability(rows: _Histories, found: _Mixture, bootstraps: int, seed: int) -> FloatArray:
    """Adjusted Rand index of all customers' classes between the fit and each bootstrap sample's."""
    from goodwill.segments.evidence.stability import adjusted_rand

    people = rows.weight.astype(int)
    mine = np.repeat(_posterior(found, rows).argmax(axis=0), people)
    indices = []
    for weight in multinomial_weights(rows.weight, bootstraps, seed):
        part = _Histories(rows.x, rows.t_x, rows.T, weight)
        again = _fit(part, len(found.shares), seed, start=found)
        indices.append(adjusted_rand(mine, np.repeat(_posterior(again, rows).argmax(axis=0), people)))
    return np.array(indices)
