"""For the examples in docstrings: a built-in set is read once by each worker, however many examples begin with it."""

from __future__ import annotations

from typing import Any

import pytest
from _pytest.doctest import DoctestItem

READ: dict[str, Any] = {}  # what does not change: no example writes into it


@pytest.fixture(autouse=True)
def read_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if not isinstance(request.node, DoctestItem):
        return
    from goodwill.data.reading import sources

    read = sources._read

    def remembered(source: Any, **told: Any) -> Any:
        if not isinstance(source, str) or source not in sources.BUILT_IN:
            return read(source, **told)
        asked = f"{source} {sorted(told.items(), key=lambda each: each[0])}"
        return READ[asked] if asked in READ else READ.setdefault(asked, read(source, **told))

    monkeypatch.setattr(sources, "_read", remembered)
