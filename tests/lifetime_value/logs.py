"""Simulated purchase logs with dates, for tests of what needs a calendar."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

START = pd.Timestamp("2023-01-02")


def log_of(model: Any, born: np.ndarray, until: float, since: float = 0.0, seed: int = 1) -> pd.DataFrame:
    """Purchases of customers first seen at the weeks `born`, as rows customer_id, date; only those in weeks [since, until)."""
    repeats = model.simulate_purchases(until - born, seed=seed)
    week = np.concatenate([born, born[repeats["customer"]] + repeats["time"]])
    customer = np.concatenate([np.arange(born.size), repeats["customer"]])
    seen = (week >= since) & (week < until)
    days = np.floor(7 * week[seen]).astype(int)
    frame = pd.DataFrame({"customer_id": customer[seen], "date": START + pd.to_timedelta(days, unit="D"), "amount": 10.0})
    return frame.sort_values(["customer_id", "date"], ignore_index=True)


def history(summary: Any) -> list[np.ndarray]:
    """Frequency, recency and T of the customers of a summary."""
    frame = summary.to_pandas()
    return [frame[name].to_numpy(float) for name in ("frequency", "recency", "T")]
