"""Maximum likelihood for any model of this library: deterministic, free of scale, honest about ridges and boundaries."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from goodwill.errors import FitError
from goodwill.inference.likelihood import Likelihood
from goodwill.inference.parameters import FloatArray, model_at, parameter_names, parameters_of, some_draws
from goodwill.inference.prediction import ask, interval_of_totals
from goodwill.inference.profile import profile_interval
from goodwill.inference.rows import as_of
from goodwill.inference.search import RIDGE, RUNAWAY, hessian, optimum
from goodwill.inference.uncertainty import Interval, multinomial_weights, normal_quantile, quantile_interval
from goodwill.shown import Shown

FORMAT = 1
WEAK = 1.0  # ... from which its interval spans a factor of 50, and a normal approximation is doubtful
SMALL_GRADIENT = 1e-6  # of the mean log-likelihood per customer; a polished optimum lies near 1e-12


def maximum_likelihood(problem: Likelihood, start: FloatArray | None = None) -> Fit:
    """Fit a model: the best of a few fixed starts (L-BFGS-B on the log scale), polished by Newton steps, then examined.

    Parameters
    ----------
    problem : Likelihood
    start : array, shape (k,), optional
        Log-parameters that are known to be at the top, or nearly so: then the search begins there, and nowhere else.

    Returns
    -------
    Fit
        With `converged` False and `warnings` set when the optimum is a runaway, a ridge, or not a maximum.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> from goodwill.inference import Likelihood
    >>> @dataclass(frozen=True)
    ... class Poisson:
    ...     rate: float
    ...     unit: str | None = None
    ...     def log_likelihood(self, x):
    ...         return x * np.log(self.rate) - self.rate
    >>> fit = maximum_likelihood(Likelihood(Poisson, (np.array([1.0, 3.0]),), np.ones(2), ({"rate": 1.0},)))
    >>> round(fit.model.rate, 6), round(float(np.sqrt(fit.covariance[0, 0])), 4)  # the mean, and of its logarithm 1 / sqrt(1 + 3)
    (2.0, 0.5)
    """
    mean = problem.negative_mean()
    phi = optimum(problem, start, mean)
    _, gradient = mean(phi)
    information = hessian(mean, phi)  # of the negative mean log-likelihood
    n = float(problem.weight.sum())
    variances, directions = np.linalg.eigh(information)
    positive = variances[0] > 1e-13 * abs(variances[-1]) and np.all(np.isfinite(variances))
    covariance = (directions / variances) @ directions.T / n if positive else np.full_like(information, np.inf)
    warnings, converged = _examine(problem, phi, gradient, covariance if positive else None, directions[:, 0])
    return Fit(
        model=problem.model_class(*np.exp(phi).tolist(), unit=problem.unit),
        covariance=covariance,
        log_likelihood=problem.objective()(np.exp(phi))[0],
        n=n,
        converged=converged,
        warnings=warnings,
        condition=float(variances[-1] / variances[0]) if positive else np.inf,
        problem=problem,
    )


def _examine(
    problem: Likelihood, phi: FloatArray, gradient: FloatArray, covariance: FloatArray | None, weakest: FloatArray
) -> tuple[tuple[str, ...], bool]:
    """Warnings in plain words, and whether the optimum may be called one."""
    names, away = problem.names, phi - problem.centre
    if np.abs(away).max() > RUNAWAY:
        followers = np.abs(away) > RUNAWAY / 2  # a companion may stop short of the border
        return (_explain(problem, np.where(followers, np.sign(away), 0), "ran away"),), False
    if covariance is None:
        involved = np.abs(weakest) > 0.3 * np.abs(weakest).max()
        return (_explain(problem, np.where(involved, np.sign(away), 0), "lie on a ridge"),), False
    if np.abs(gradient).max() > SMALL_GRADIENT:
        return (
            f"the search stopped before the maximum (gradient {np.abs(gradient).max():.1g} per customer); do not use these estimates",
        ), False
    errors = np.sqrt(np.diag(covariance))
    if errors.max() > RIDGE:
        return (_explain(problem, np.where(errors > WEAK, np.sign(away), 0), "lie on a ridge"),), False
    if errors.max() > WEAK:
        spread = ", ".join(
            f"{name} ({np.exp(2 * 1.96 * error):.0f}-fold)" for name, error in zip(names, errors, strict=True) if error > WEAK
        )
        return (
            f"the data say little about {spread}: that is the width of the 95 % interval; read predictions, not these parameters",
        ), True
    return (), True


def _explain(problem: Likelihood, signs: FloatArray, what: str) -> str:
    moved = {name: int(sign) for name, sign in zip(problem.names, signs, strict=True) if sign}
    for limit in problem.limits:
        if all(moved.get(name) == limit.direction for name in limit.parameters):
            meaning = limit.meaning
            break
    else:
        meaning = "the data do not determine them"
    verb = f"{' and '.join(moved)} {what}"
    return f"{verb}: {meaning}; use forecasts with care, and the standard errors not at all"


@dataclass(frozen=True, eq=False, repr=False)
class Fit(Shown):
    """A fitted model with what is known about its uncertainty.

    Attributes
    ----------
    model : the fitted model
    covariance : array, shape (k, k)
        Covariance matrix of the logarithms of the parameters.
    log_likelihood : float
        Sum over all customers.
    n : float
        Number of customers (sum of the weights).
    converged : bool
        Never True for a runaway or a ridge.
    warnings : tuple of str
    condition : float
        Condition number of the curvature on the log scale.
    problem : Likelihood, optional
        The data behind it, for refits; not stored in JSON.

    Examples
    --------
    >>> import goodwill as gw
    >>> fit = gw.BetaGeoNBD.fit(gw.summarize_purchases(gw.read_transactions("cdnow_sample"), calibration_end="1997-09-30"))
    >>> fit.converged, round(fit.log_likelihood, 1)
    (True, -9582.4)
    >>> fit.estimates["estimate"].round(3).to_dict()
    {'r': 0.243, 'alpha': 4.414, 'a': 0.793, 'b': 2.426}
    """

    model: Any
    covariance: FloatArray
    log_likelihood: float
    n: float
    converged: bool
    warnings: tuple[str, ...] = ()
    condition: float = np.nan
    problem: Likelihood | None = field(default=None, repr=False)
    _refits: dict[int, FloatArray] = field(default_factory=dict, init=False, repr=False)  # log-parameters by seed, for further intervals

    def _said(self) -> str:
        state = "" if self.converged else ", not converged"
        return f"{self.model!r}, log-likelihood {self.log_likelihood:,.1f} over {self.n:,.0f} customers{state}"

    def _frame(self) -> pd.DataFrame:
        return self.estimates

    @property
    def unit(self) -> str | None:
        return self.model.unit

    @property
    def names(self) -> tuple[str, ...]:
        return parameter_names(type(self.model))

    @property
    def parameters(self) -> FloatArray:
        return parameters_of(self.model)

    @property
    def aic(self) -> float:
        return 2 * len(self.names) - 2 * self.log_likelihood

    @property
    def bic(self) -> float:
        return float(np.log(self.n)) * len(self.names) - 2 * self.log_likelihood

    @property
    def estimates(self) -> pd.DataFrame:
        """Estimate, standard error (delta method) and 95 % interval (symmetric on the log scale) of each parameter."""
        return self.estimates_at(0.95)

    def estimates_at(self, level: float) -> pd.DataFrame:
        theta = self.parameters
        error = np.sqrt(np.diag(self.covariance))
        reach = normal_quantile(level) * error
        with np.errstate(over="ignore"):  # what is not known at all has no upper end
            columns = {"estimate": theta, "standard_error": theta * error, "lower": theta * np.exp(-reach), "upper": theta * np.exp(reach)}
        return pd.DataFrame(columns, index=pd.Index(self.names, name="parameter"))

    def draws(self, n: int = 1000, seed: int = 1) -> Any:
        """One model whose parameters are (n, 1) arrays, drawn from the normal approximation on the log scale.

        Raises
        ------
        FitError
            When the fit lies on a ridge or did not converge, where the approximation means nothing.
        """
        if not self.converged:
            raise FitError(f"no normal draws from this fit, because {self.warnings[0]}; use bootstrap_draws instead")
        rng = np.random.default_rng(seed)
        variances, directions = np.linalg.eigh(self.covariance)
        normal = rng.standard_normal((n, len(self.names))) * np.sqrt(variances)
        return self.model_at(np.log(self.parameters) + normal @ directions.T)

    def bootstrap_draws(self, n: int = 200, seed: int = 1) -> Any:
        """One model whose parameters are (n, 1) arrays: refits to customers drawn with replacement.

        Raises
        ------
        FitError
            When the fit was read from JSON, which does not hold the data.
        """
        if self.problem is None:
            raise FitError("the data are not stored with this fit, so it cannot be refitted; fit again")
        at = np.log(self.parameters)
        known = self._refits.setdefault(seed, np.empty((0, len(at))))
        if len(known) < n:  # the samples of a seed come in one order, however many are drawn
            weights = multinomial_weights(self.problem.weight, n, seed)[len(known) :]
            known = np.vstack([known, *(optimum(self.problem.weighted(weight), start=at) for weight in weights)])
            self._refits[seed] = known
        return self.model_at(known[:n])

    def prediction_draws(self, n: int, seed: int, refits: int = 200) -> Any:
        """Draws of the parameters that also serve on a ridge: normal where that holds, else a bootstrap of at most so many refits."""
        if self.converged:
            return self.draws(n, seed)
        drawn = self.bootstrap_draws(min(n, refits), seed)
        return some_draws(drawn, np.arange(n) % min(n, refits))

    def model_at(self, phi: FloatArray) -> Any:
        """One model whose parameters are (n, 1) arrays, from log-parameters of shape (n, k)."""
        return model_at(type(self.model), phi, self.unit)

    def interval_of_mean(self, f: Callable[[Any], Any], level: float = 0.95, draws: int = 1000, seed: int = 1) -> Interval:
        """Interval of an expectation: uncertainty of the parameters only, not chance.

        On a ridge or at a boundary one number gets the range that its likelihood does not rule out (`profile_interval`), since neither
        normal draws nor refits leave a boundary; arrays get that of bootstrap refits.

        Parameters
        ----------
        f : function of a model
            Must broadcast over (n, 1) parameters, such as `lambda m: m.expected_purchases(39, frequency, recency, T)`.

        Returns
        -------
        Interval
            estimate (of the fitted model), lower, upper: floats or arrays.
        """
        estimate = f(self.model)
        if not self.converged and self.problem is not None and np.ndim(estimate) == 0:
            return profile_interval(self, f, level, seed=seed)
        return quantile_interval(estimate, f(self.prediction_draws(draws, seed)), level)

    def predict_interval(
        self, summary: Any, horizon: float, by: Any = None, level: float = 0.95, draws: int = 1000, seed: int = 1, refits: int = 200
    ) -> pd.DataFrame:
        """Interval of the number of purchases to come, parameters and chance together: total, or per group.

        Parameters
        ----------
        summary : PurchaseSummary or pandas.DataFrame
        horizon : float
            In the model's time unit.
        by : str or array-like, optional
            A column of the summary or a label per customer.
        refits : int
            At most so many where the fit lies on a ridge (`prediction_draws`).

        Returns
        -------
        pandas.DataFrame
            estimate (the expectation at the fitted parameters), lower, upper; one row `total`, or one per group.
        """
        asked = ask(self.unit, summary, horizon, by)
        model, drawn = as_of(self.model, summary), as_of(self.prediction_draws(draws, seed, refits), summary)
        return interval_of_totals(asked, model, drawn, level, seed, known=self.converged)

    def to_json(self) -> str:
        """All but the data, exactly."""
        stored = {
            "format": FORMAT,
            "model": f"{type(self.model).__module__}:{type(self.model).__qualname__}",
            "unit": self.unit,
            "parameters": dict(zip(self.names, self.parameters.tolist(), strict=True)),
            "log_covariance": self.covariance.tolist() if np.isfinite(self.covariance).all() else None,
            "log_likelihood": self.log_likelihood,
            "n": self.n,
            "converged": self.converged,
            "warnings": list(self.warnings),
            "condition": self.condition if np.isfinite(self.condition) else None,
        }
        return json.dumps(stored, indent=1, allow_nan=False)

    @classmethod
    def from_json(cls, text: str, model_class: type | None = None) -> Fit:
        """Read what `to_json` wrote; a model class of one's own must be handed over."""
        stored = json.loads(text)
        if stored.get("format") != FORMAT:
            raise FitError(f"this fit has format {stored.get('format')}, and format {FORMAT} is what can be read; fit again")
        module, name = stored["model"].split(":")
        if model_class is None:
            if not module.startswith("goodwill."):
                raise FitError(f"the model {name} is not one of this library; pass model_class=")
            model_class = getattr(importlib.import_module(module), name)
        size, covariance, condition = len(stored["parameters"]), stored["log_covariance"], stored["condition"]
        return cls(
            model=model_class(**stored["parameters"], unit=stored["unit"]),
            covariance=np.full((size, size), np.inf) if covariance is None else np.array(covariance),
            log_likelihood=stored["log_likelihood"],
            n=stored["n"],
            converged=stored["converged"],
            warnings=tuple(stored["warnings"]),
            condition=np.inf if condition is None else condition,
        )
