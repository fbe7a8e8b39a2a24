"""A fitted model as far as sentences look at one."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd


def fit(*warnings: str) -> SimpleNamespace:
    """One estimate, and what the fit warns of."""
    estimates = pd.DataFrame({"estimate": [1.0]}, index=pd.Index(["r"], name="parameter"))
    return SimpleNamespace(model=None, estimates=estimates, warnings=warnings)
