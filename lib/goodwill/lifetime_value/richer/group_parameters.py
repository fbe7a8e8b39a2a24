"""In what groups of customers differ: a model's parameters as numbers that may be taken to lie around a common mean.

Of how often customers buy the logarithm of their mean rate, of leaving that of the odds (of BG models) or of the rate of leaving (of
Pareto/NBD), of spend that of its usual level, and beside each how alike customers of one group are in it. Of BG models log a and log b
would not do: they rise and fall together by as much as customers are alike, and hardly by how fast they leave.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from goodwill.inference.likelihood import Likelihood
from goodwill.inference.parameters import FloatArray, parameter_names
from goodwill.inference.partial_pooling import Sum

# For each kind of parameters, what the numbers are called: of the logarithms (r, alpha, a, b) and so on.
CALLED: dict[tuple[str, ...], tuple[str, ...]] = {
    ("r", "alpha", "a", "b"): ("rate of purchase", "likeness in rate", "odds of leaving", "likeness in leaving"),
    ("r", "alpha", "s", "beta"): ("rate of purchase", "likeness in rate", "rate of leaving", "likeness in leaving"),
    ("p", "q", "gamma"): ("level of spend", "evenness of purchases", "likeness in level"),
}


@dataclass(frozen=True)
class Coordinates:
    """Numbers in which groups differ, in place of the logarithms of a model's parameters.

    Attributes
    ----------
    names : of the model's parameters

    Examples
    --------
    >>> import numpy as np
    >>> bg = Coordinates(("r", "alpha", "a", "b"))
    >>> eta = bg.of_logs(np.log([0.25, 5.0, 0.8, 2.4]))
    >>> np.exp(eta).round(4).tolist()  # r / alpha, r, a / b, a + b
    [0.05, 0.25, 0.3333, 3.2]
    >>> np.exp(bg.to_logs(eta)).round(4).tolist()
    [0.25, 5.0, 0.8, 2.4]
    """

    names: tuple[str, ...]

    @property
    def called(self) -> tuple[str, ...]:
        """What the numbers are called."""
        return CALLED.get(self.names, self.names)

    def of_logs(self, phi: FloatArray) -> FloatArray:
        """From the logarithms of the parameters, shape (..., k)."""
        phi = np.asarray(phi, float)
        if self.names == ("r", "alpha", "a", "b"):
            r, alpha, a, b = np.moveaxis(phi, -1, 0)
            return np.stack([r - alpha, r, a - b, np.logaddexp(a, b)], axis=-1)
        if self.names == ("r", "alpha", "s", "beta"):
            r, alpha, s, beta = np.moveaxis(phi, -1, 0)
            return np.stack([r - alpha, r, s - beta, s], axis=-1)
        if self.names == ("p", "q", "gamma"):
            p, q, gamma = np.moveaxis(phi, -1, 0)
            return np.stack([p + gamma - q, p, q], axis=-1)
        return phi

    def to_logs(self, eta: FloatArray) -> FloatArray:
        """The logarithms of the parameters."""
        if self.names not in CALLED:
            return eta
        if self.names == ("p", "q", "gamma"):
            level, p, q = np.moveaxis(eta, -1, 0)
            return np.stack([p, q, level - p + q], axis=-1)
        rate, r, leaving, alike = np.moveaxis(eta, -1, 0)
        if self.names[-1] == "beta":
            return np.stack([r, r - rate, alike, alike - leaving], axis=-1)
        return np.stack([r, r - rate, alike - np.logaddexp(0, -leaving), alike - np.logaddexp(0, leaving)], axis=-1)

    def jacobian(self, eta: FloatArray) -> FloatArray:
        """Derivatives of the logarithms of the parameters by the numbers, shape (k, k)."""
        if self.names not in CALLED:
            return np.eye(len(eta))
        if self.names == ("p", "q", "gamma"):
            return np.array([[0.0, 1, 0], [0, 0, 1], [1, -1, 1]])
        if self.names[-1] == "beta":
            return np.array([[0.0, 1, 0, 0], [-1, 1, 0, 0], [0, 0, 0, 1], [0, 0, -1, 1]])
        leaves = 1 / (1 + np.exp(-eta[2]))
        return np.array([[0.0, 1, 0, 0], [-1, 1, 0, 0], [0, 0, 1 - leaves, 1], [0, 0, -leaves, 1]])

    def sum_of(self, problem: Likelihood) -> Sum:
        """Minus the log-likelihood of a problem, and its gradient, as a function of the numbers; nothing of a group without customers."""
        if not len(problem.weight):
            return lambda eta: (0.0, np.zeros(len(eta)))
        mean, n = problem.negative_mean(), float(problem.weight.sum())

        def lost(eta: FloatArray) -> tuple[float, FloatArray]:
            value, slope = mean(self.to_logs(eta))
            return n * value, n * (slope @ self.jacobian(eta))

        return lost


@dataclass(frozen=True)
class GroupLikelihood(Likelihood):
    """A `Likelihood` of one group, with the belief that its parameters are normal around what all groups have in common, given its weight.

    Parameters
    ----------
    common, width : array, shape (k,)
        Mean and standard deviation of the numbers of `Coordinates`.
    """

    common: Any = None
    width: Any = None

    def log_prior(self, phi: FloatArray) -> tuple[float, FloatArray | float]:
        """Logarithm of the belief at log-parameters, up to a constant, and its gradient."""
        coordinates = Coordinates(parameter_names(self.model_class))
        eta = coordinates.of_logs(phi)
        away = (eta - self.common) / self.width
        return -float(away @ away) / 2, np.linalg.solve(coordinates.jacobian(eta).T, -away / self.width)
