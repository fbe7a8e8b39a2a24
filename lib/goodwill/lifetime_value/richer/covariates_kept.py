"""Fits with covariates as text, to be asked about customers of another day."""

from __future__ import annotations

import json
from dataclasses import asdict, make_dataclass
from typing import Any

import numpy as np

from goodwill.inference.fit import Fit
from goodwill.lifetime_value.richer.cells import CellLikelihood
from goodwill.lifetime_value.richer.covariates import CovariateFit
from goodwill.lifetime_value.richer.design import Coding, Column, Design


def covariates_to_text(fit: CovariateFit) -> str:
    """All but the customers, exactly; `covariates_from_text` reads it.

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.BetaGeoNBD(0.8, 8.0, 0.7, 4.0, unit="week").simulate([52.0] * 3000, seed=1)
    >>> made["shop"] = ["north", "south", "west"] * 1000
    >>> fit = gw.lifetime_value.fit_with_covariates(made, ["shop"], ridge=0.3)
    >>> again, strange = covariates_from_text(covariates_to_text(fit)).of(made, ["shop"])
    >>> bool((again.expected_purchases(52.0) == fit.expected_purchases(52.0)).all()), len(strange)
    (True, 0)
    """
    found = fit.fit
    kept = {
        "plain": json.loads(fit.plain.to_json()),
        "moved": list(fit.told.moved),
        "ridge": fit.ridge,
        "unit": fit.unit,
        "names": list(found.names),
        "parameters": found.parameters.tolist(),
        "log_covariance": found.covariance.tolist() if np.isfinite(found.covariance).all() else None,
        "log_likelihood": found.log_likelihood,
        "of_the_data": fit.log_likelihood,
        "n": found.n,
        "converged": found.converged,
        "warnings": list(found.warnings),
        "codings": [asdict(coding) | {"columns": [list(column) for column in coding.columns]} for coding in fit.told.design.codings],
    }
    return json.dumps(kept, allow_nan=False)


def covariates_from_text(text: str) -> CovariateFit:
    """What `covariates_to_text` wrote: a fit that is asked about customers by `CovariateFit.of`.

    Raises
    ------
    ValueError, KeyError, TypeError
        Where the text is something else.
    """
    kept = json.loads(text)
    plain = Fit.from_json(json.dumps(kept["plain"]))
    codings = tuple(_coding(**each) for each in kept["codings"])
    columns = tuple(column for coding in codings for column in coding.columns)
    design = Design(columns, np.zeros((0, len(columns))), np.zeros(0, np.int64), {}, codings)
    told = CellLikelihood(type(plain.model), tuple(kept["moved"]), design, plain.parameters, ())
    made = make_dataclass("WithCovariates", [*((name, Any) for name in kept["names"]), ("unit", Any, None)], frozen=True)
    size, covariance = len(kept["names"]), kept["log_covariance"]
    fit = Fit(
        model=made(*kept["parameters"], unit=kept["unit"]),
        covariance=np.full((size, size), np.inf) if covariance is None else np.array(covariance),
        log_likelihood=kept["log_likelihood"],
        n=kept["n"],
        converged=kept["converged"],
        warnings=tuple(kept["warnings"]),
    )
    return CovariateFit(fit, plain, told, kept["ridge"], kept["unit"], kept["of_the_data"])


def _coding(columns: list[list[Any]], values: list[list[float]], levels: list[str], borders: list[float], **others: float) -> Coding:
    return Coding(tuple(Column(*each) for each in columns), tuple(map(tuple, values)), tuple(levels), borders=tuple(borders), **others)
