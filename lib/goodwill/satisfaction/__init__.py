"""Satisfaction and loyalty: index, drivers, the curve and its turning points, roles, and what one notch is worth."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "cells": "LoyaltyCells effective_size first_loyal_answer loyalty_cells segment_cells survey_cells",
    "claims": "ratio_by_size six_times",
    "curve": "CurveFamily LoyaltyCurve fit_curves isotonic top_ratios",
    "drivers": "driver_importance importance_performance penalty_reward",
    "findings": "headline jump_sentence kink_sentence pair_sentence "
    "relation relation_sentence shape_sentence spread_sentence zones_sentence",
    "index": "SatisfactionIndex acsi_score cronbach_alpha item_table net_promoters response_funnel satisfaction_index share_with_bounds",
    "intervals": "defection_ratio net_promoter_score odds_ratio risk_ratio share_difference",
    "kink": "HONEST_CUT KinkSet kink_set",
    "markets": "MISRATING_WARNING MarketCurve fit_market market_table "
    "misrated outcome_by_level pool_segments share_by_level upper_half_share",
    "notch": "NotchTerms Retention assumption_grid moved_value notch_values retained_value",
    "roles": "customer_roles loyalty_categories quadrant_probabilities "
    "quadrant_reliability quadrant_table quadrants role_table satisfied_from supported_roles",
    "turning_points": "Zones adjacent_steps largest_step_set level_reaching zone_posterior",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    """Public names, imported when first used."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'goodwill.satisfaction' has no attribute '{name}'")
    return getattr(import_module(f"goodwill.satisfaction.{_HOME_OF[name]}"), name)
