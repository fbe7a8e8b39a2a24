"""For all tests: examples of hypothesis are the same in every run, and no test depends on how fast the machine is."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("goodwill", deadline=None, derandomize=True)
settings.load_profile("goodwill")
