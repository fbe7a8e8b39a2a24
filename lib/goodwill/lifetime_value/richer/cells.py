"""The likelihood of a model whose parameters go with covariates: that of the plain model, cell by cell, and what a ridge adds.

All ratios are parameters on the log scale, so that search, standard errors and warnings are those of every other fit; the gradient follows
from the plain model's by the chain rule, and second derivatives from those by its few own parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, make_dataclass
from typing import Any

import numpy as np
import pandas as pd

from goodwill.inference.likelihood import Likelihood
from goodwill.inference.parameters import FloatArray, parameter_names
from goodwill.inference.search import climb
from goodwill.lifetime_value.gamma_gamma import GammaGamma
from goodwill.lifetime_value.histories import history_rows
from goodwill.lifetime_value.richer.design import Design, picked

RIDGES = (0.03, 0.1, 0.3, 1.0)  # widths of the prior that are tried
FOLDS, TRIED = 4, 20_000  # of the customers on whom a ridge is chosen, and how many at most

# What a covariate may move, for each kind of parameters: the parameter that it divides, or the two of a beta distribution.
MOVED: dict[tuple[str, ...], dict[str, tuple[str, ...]]] = {
    ("r", "alpha", "a", "b"): {"rate": ("alpha",), "dropout": ("a", "b")},
    ("r", "alpha", "s", "beta"): {"rate": ("alpha",), "dropout": ("beta",)},
    ("p", "q", "gamma"): {"spend": ("gamma",)},
}


@dataclass(frozen=True)
class CellLikelihood:
    """A model, what covariates move of it, the design, where to start, and the histories of the customers."""

    model: Any
    moved: tuple[str, ...]
    design: Design
    start: FloatArray
    history: tuple[FloatArray, ...]

    @property
    def names(self) -> list[str]:
        return [*parameter_names(self.model), *(f"{what}_{k + 1}" for what in self.moved for k in range(len(self.design.columns)))]

    def some(self, which: Any) -> CellLikelihood:
        """Of some of the customers."""
        history = tuple(column[which] for column in self.history)
        return CellLikelihood(self.model, self.moved, picked(self.design, which), self.start, history)

    def rows(self) -> tuple[tuple[FloatArray, ...], FloatArray]:
        """Distinct histories within cells, the cell being the last column, and their weights."""
        every = (*self.history, self.design.cell.astype(float))
        codes = np.zeros(len(self.design.cell), np.int64)
        for column in every:
            known, at = np.unique(column, return_inverse=True)
            codes = np.unique(codes * len(known) + at.ravel(), return_inverse=True)[1].ravel()
        weight = np.bincount(codes).astype(float)
        first = np.empty(len(weight), np.int64)
        first[codes[::-1]] = np.arange(len(codes))[::-1]
        return tuple(column[first] for column in every), weight

    def problem(self, ridge: float | None, unit: str | None) -> Likelihood:
        """The likelihood to maximise, of the ratios and of the parameters of the reference."""
        (columns, weight), told = self.rows(), self
        if self.model is not GammaGamma:  # refuses what no model can learn from
            history_rows(pd.DataFrame(dict(zip(("frequency", "recency", "T"), columns, strict=False)) | {"weight": weight}))

        def likelihood(columns: tuple[FloatArray, ...], weight: FloatArray) -> Callable[[FloatArray], tuple[float, FloatArray]]:
            return told.objective(columns, weight, ridge)

        made = make_dataclass(
            f"{self.model.__name__}WithCovariates",
            [*((name, Any) for name in self.names), ("unit", Any, None)],
            frozen=True,
            namespace={"weighted_log_likelihood": staticmethod(likelihood)},
        )
        first = dict(zip(parameter_names(self.model), self.start, strict=True))
        scale = {name: first[name] for name in getattr(self.model, "times", ("gamma",)) if name in first}
        start = {name: first.get(name, 1.0) / scale.get(name, 1.0) for name in self.names}
        return Likelihood(made, columns, weight, (start,), scale, self.model.limits, unit)

    def objective(
        self, columns: tuple[FloatArray, ...], weight: FloatArray, ridge: float | None
    ) -> Callable[[FloatArray], tuple[float, FloatArray]]:
        """The weighted log-likelihood less the penalty, and its gradient, by the chain rule from those of the cells."""
        *history, cell = columns
        parts = [(c, np.flatnonzero(cell == c)) for c in np.unique(cell).astype(int)] if len(cell) < 20_000 else _split(cell)
        asked = [(c, self.model.weighted_log_likelihood(tuple(each[at] for each in history), weight[at])) for c, at in parts]
        base = len(parameter_names(self.model))

        def value_and_gradient(theta: FloatArray) -> tuple[float, FloatArray]:
            logs = np.log(theta[base:])
            value, gradient = 0.0, np.zeros(len(theta))
            for c, part in asked:
                own, jacobian = self.at(theta, c)
                found, slope = part(own)
                value += found
                gradient += slope @ jacobian
            if ridge is not None:
                value -= float(logs @ logs) / (2 * ridge**2)
                gradient[base:] -= logs / (ridge**2 * theta[base:])
            return value, gradient

        def nearby(theta: FloatArray) -> Callable[[FloatArray], FloatArray]:
            """The gradient around, from the second derivatives of each cell by its own few parameters."""
            known, step = [], 1e-4
            for c, part in asked:
                own, _ = self.at(theta, c)
                bent = [(part(own * np.exp(move))[1] - part(own * np.exp(-move))[1]) / (2 * step) for move in step * np.eye(base)]
                known.append((c, np.log(own), part(own)[1], np.array(bent).T))

            def gradient_at(other: FloatArray) -> FloatArray:
                gradient = np.zeros(len(other))
                for c, log_own, slope, bent in known:
                    own, jacobian = self.at(other, c)
                    gradient += (slope + bent @ (np.log(own) - log_own)) @ jacobian
                if ridge is not None:
                    gradient[base:] -= np.log(other[base:]) / (ridge**2 * other[base:])
                return gradient

            return gradient_at

        value_and_gradient.nearby = nearby  # type: ignore[attr-defined]
        return value_and_gradient

    def at(self, theta: FloatArray, c: int) -> tuple[FloatArray, FloatArray]:
        """The plain model's parameters in a cell, and their derivatives by all parameters, shape (plain, all)."""
        names, z = parameter_names(self.model), self.design.cells[c]
        own, jacobian = theta[: len(names)].copy(), np.eye(len(names), len(theta))
        for place, what in enumerate(self.moved):
            at = len(names) + place * len(z) + np.arange(len(z))
            log_ratio = float(z @ np.log(theta[at]))
            moved = [names.index(name) for name in MOVED[names][what]]
            if len(moved) == 1:  # a time: the higher the rate the shorter; of spend: the higher the larger
                i, sign = moved[0], 1.0 if what == "spend" else -1.0
                own[i] = theta[i] * np.exp(sign * log_ratio)
                jacobian[i, i] = np.exp(sign * log_ratio)
                jacobian[i, at] = sign * own[i] * z / theta[at]
                continue
            (i, j), (a, b) = moved, theta[moved]
            odds, precision = a / b * np.exp(log_ratio), a + b
            share, move = odds / (1 + odds), precision / (1 + odds) ** 2 * odds
            own[i], own[j] = precision * share, precision * (1 - share)
            jacobian[i, [i, j]] = share + move / a, share - move / b
            jacobian[j, [i, j]] = 1 - share - move / a, 1 - share + move / b
            jacobian[i, at], jacobian[j, at] = move * z / theta[at], -move * z / theta[at]
        return own, jacobian


def _split(cell: FloatArray) -> list[tuple[int, Any]]:
    order = np.argsort(cell, kind="stable")
    starts = np.flatnonzero(np.append(True, np.diff(cell[order]) > 0))
    return [(int(cell[part[0]]), np.sort(part)) for part in np.split(order, starts[1:])]


def chosen_ridge(told: CellLikelihood, seed: int = 1) -> float | None:
    """The width of the prior under which customers left out are the most likely; None where none is best."""
    rng = np.random.default_rng(seed)
    n = len(told.design.cell)
    among = told.some(np.sort(rng.choice(n, TRIED, replace=False))) if n > TRIED else told
    fold = rng.permutation(len(among.design.cell)) % FOLDS
    score = dict.fromkeys((*RIDGES, None), 0.0)
    for each in range(FOLDS):
        learned, left = among.some(fold != each), among.some(fold == each)
        rows = left.rows()
        held = left.objective(*rows, None)
        for ridge in score:
            problem = learned.problem(ridge, None)
            start = problem.centre + np.log([problem.starts[0][name] for name in problem.names])
            phi, _ = climb(problem.negative_mean(), start, problem.centre, 1e-6)
            score[ridge] += held(np.exp(phi))[0]
    return max(score, key=lambda ridge: score[ridge])
