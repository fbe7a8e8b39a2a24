"""A small table of incremental values for tests."""

from typing import Any

import numpy as np

from goodwill.strategies.incremental_values import IncrementalValue


def plan_values(gain: Any, cost: Any, customers: Any, **changes: Any) -> IncrementalValue:
    """Values with gain (segments, strategies) or (draws, segments, strategies), and cost per strategy."""
    gains = np.asarray(gain, float)
    gains = gains[None] if gains.ndim == 2 else gains
    segments, strategies = gains.shape[1:]
    shape = (segments, strategies)
    plain = {
        "segments": tuple("abcdefghijklmnopqrstuvwxyz"[:segments]),
        "strategies": tuple(f"s{k}" for k in range(strategies)),
        "customers": np.asarray(customers, float),
        "gain": gains,
        "cost": np.broadcast_to(np.asarray(cost, float), shape).copy(),
        "fixed_cost": np.zeros(strategies),
        "capacity": np.full(strategies, np.inf),
        "eligible": np.ones(shape, dtype=bool),
        "floor": np.zeros(shape),
        "groups": ("one",) * strategies,
        "grade": np.full(shape, "D"),
        "baseline": np.zeros(segments),
        "measured": np.zeros(shape, dtype=bool),
    }
    return IncrementalValue(**plain | changes)
