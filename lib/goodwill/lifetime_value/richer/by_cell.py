"""A purchase model that differs between groups of customers, asked about all of them at once, in their own order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goodwill.inference.parameters import FloatArray, parameter_names, some_draws

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class ByCell:
    """Models of the cells in which customers lie; what is asked stands in the order of these customers, shape (customers,).

    Of models whose parameters are draws, shape (draws, 1), answers have the shape (draws, customers).

    Parameters
    ----------
    parts : tuple of (places, model)
        The places of the customers of each cell, and their model.
    customers : int
    unit : str or None

    Examples
    --------
    >>> import goodwill as gw
    >>> slow, fast = (gw.BetaGeoNBD(0.8, alpha, 0.7, 4.0) for alpha in (16.0, 4.0))
    >>> both = ByCell(((np.array([0, 2]), slow), (np.array([1]), fast)), 3, None)
    >>> both.expected_purchases(52.0, *np.zeros((3, 3))).round(1).tolist()  # of new customers
    [2.0, 5.3, 2.0]
    """

    parts: tuple[tuple[NDArray[np.intp], Any], ...]
    customers: int
    unit: str | None

    @property
    def is_drawn(self) -> bool:
        """Whether the parameters of all models are draws."""
        return all(_is_drawn(model) for _, model in self.parts)

    def asked(self, name: str, first: tuple[Any, ...], *columns: ArrayLike, rest: dict[str, Any] | None = None) -> Any:
        """What the method of each model answers to its customers."""
        given = [np.broadcast_to(np.asarray(column, float), (self.customers,)) for column in columns]
        found: Any = None
        for places, model in self.parts:
            own = np.asarray(getattr(model, name)(*first, *(column[places] for column in given), **(rest or {})))
            if found is None:
                found = np.zeros((*own.shape[:-1], self.customers), own.dtype)
            found[..., places] = own
        return np.zeros(0) if found is None else found

    def probability_alive(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Probability that a customer with this history has not left by T."""
        return self.asked("probability_alive", (), frequency, recency, T)

    def probability_alive_at(self, horizon: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Probability that a customer with this history has not left by T + horizon."""
        return self.asked("probability_alive_at", (horizon,), frequency, recency, T)

    def expected_purchases(self, horizon: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> FloatArray:
        """Expected purchases in (T, T + horizon]."""
        return self.asked("expected_purchases", (horizon,), frequency, recency, T)

    def discounted_expected_purchases(
        self, rate_per_unit: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, horizon: float = np.inf
    ) -> FloatArray:
        """Expected purchases in (T, T + horizon], each discounted to T by e^(-rate x time since T)."""
        return self.asked("discounted_expected_purchases", (rate_per_unit,), frequency, recency, T, rest={"horizon": horizon})

    def draw_purchases(
        self, horizon: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Random numbers of purchases in (T, T + horizon]."""
        return self.asked("draw_purchases", (horizon,), frequency, recency, T, rest={"rng": rng})

    def selected(self, which: Any) -> ByCell:
        """Of models whose parameters are draws, those draws."""
        parts = tuple((places, some_draws(model, which) if _is_drawn(model) else model) for places, model in self.parts)
        return replace(self, parts=parts)


class CellsOf(NamedTuple):
    """In which cell each customer lies (columns customer_id and cell), and the model of each cell."""

    customers: pd.DataFrame
    models: dict[int, Any]


def _is_drawn(model: Any) -> bool:
    return np.ndim(getattr(model, parameter_names(type(model))[0])) > 0
