"""Figures: one module per topic; a function takes what was computed and returns a matplotlib Figure."""
