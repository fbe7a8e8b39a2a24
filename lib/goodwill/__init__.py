"""Goodwill: what customer relationships are worth and what to do about them."""
