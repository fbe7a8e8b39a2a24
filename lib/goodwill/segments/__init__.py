"""Segments: schemes, profiles, movement, strategies and plans."""
