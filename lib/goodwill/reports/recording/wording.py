"""Numbers and units in words, as the pages use them; they live in `goodwill.findings.numbers`."""

from goodwill.findings.numbers import MINUS, decimals_for, describe, number, safe_markdown, with_unit

__all__ = ["MINUS", "decimals_for", "describe", "number", "safe_markdown", "with_unit"]
