"""Segments: who belongs together by which rule, how that holds up, and what to do for whom.

- `schemes`: `Rules` and `learn`; `recency` (RFM), `deciles`, `classes` (ABC), `tiers`, `loyalty`, `bargains` (transaction against
  relationship), `regions`, `silence` (hiatus), `latent` (mixture), `scorecards`, `payment`: a kind of scheme each;
- `cuts`: what they share;
- `gate`, `tables`: what the customers allow, and what each part holds.

The other modules are imported by their names.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "bargains": "relationship transaction_probability",
    "classes": "abc abc_list",
    "deciles": "count_decile sales_decile target_groups",
    "gate": "Sufficiency sufficiency",
    "latent": "class_probabilities mixture",
    "loyalty": "loyalty_role",
    "payment": "payment_record policies",
    "recency": "default_segments rfm rfm_coverage rfm_scores",
    "regions": "market_stage region_industry region_table",
    "schemes": "SCHEMES Rules learn",
    "scorecards": "scorecard scorecard_warnings",
    "silence": "hiatus",
    "tables": "cut_table decile_table rfm_cuts",
    "tiers": "CASE_PYRAMID JD_LEVELS PYRAMID loyalty_tier pyramid tier_history",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    """Public names, imported when first used."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'goodwill.segments' has no attribute '{name}'")
    return getattr(import_module(f"goodwill.segments.{_HOME_OF[name]}"), name)
