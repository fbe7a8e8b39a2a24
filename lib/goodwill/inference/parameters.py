"""A model as its parameters: names, logarithms, and many draws of them in one model.

A model is a frozen dataclass of positive parameters with a last field `unit`. Parameters of shape (draws, 1) are draws of them; what a
model computes then has the shape (draws, customers).
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import FitError

FloatArray = NDArray[np.float64]


def parameter_names(model_class: type) -> tuple[str, ...]:
    """Fields of a model, without the unit."""
    return tuple(f.name for f in fields(model_class) if f.name != "unit")


def check_parameters(model: Any) -> None:
    """Raise `FitError` unless all parameters of a model are positive."""
    for name in parameter_names(type(model)):
        if not np.all(np.asarray(getattr(model, name)) > 0):
            raise FitError(f"the parameter {name} of {type(model).__name__} must be positive, and is {getattr(model, name)}")


def parameters_of(model: Any) -> FloatArray:
    """The parameters in the order of the fields, shape (k,)."""
    return np.array([getattr(model, name) for name in parameter_names(type(model))])


def model_at(model_class: type, phi: FloatArray, unit: str | None) -> Any:
    """One model whose parameters are (n, 1) arrays, from log-parameters of shape (n, k)."""
    return model_class(*(np.exp(column)[:, None] for column in phi.T), unit=unit)


def log_draws(model: Any) -> FloatArray:
    """Log-parameters of shape (n, k), of a model whose parameters are (n, 1) arrays."""
    return np.log(np.concatenate([getattr(model, name) for name in parameter_names(type(model))], axis=1))


def some_draws(model: Any, which: Any) -> Any:
    """Of a model whose parameters are (draws, 1) arrays, the draws selected by a slice or by indices."""
    if hasattr(model, "selected"):  # draws of several models
        return model.selected(which)
    return replace(model, **{name: getattr(model, name)[which] for name in parameter_names(type(model))})
