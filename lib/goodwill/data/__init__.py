"""Records in, checked tables and sufficient statistics out."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "sources": ("check_table", "read_transactions"),
    "tables": ("Transactions",),
    "purchases": ("PurchaseSummary", "automatic_calibration_end", "summarize_purchases"),
    "tracking": ("births", "purchase_days", "purchases_by_period"),
    "parts": ("sales_parts",),
    "around": ("purchases_around",),
    "examples": ("example",),
    "complaints": ("read_complaints", "read_told_counts"),
    "survey": ("Survey", "read_case", "read_scale", "read_survey"),
    "survival": ("read_survival",),
}


def __getattr__(name: str) -> Any:
    """Public names, imported when first used: Ibis takes most of a second."""
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"goodwill.data.{home}"), name)
    raise AttributeError(f"module 'goodwill.data' has no attribute {name!r}")
