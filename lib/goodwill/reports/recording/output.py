"""What a call of a notebook leaves behind: an output of its cell, which people see and the runner reads, and what `say` may name."""

from __future__ import annotations

import json
from typing import Any

MIME = "application/vnd.goodwill.result+json"

RECORDED: dict[str, dict[str, Any]] = {}  # the recorded values of this kernel, for `say`


def put(result: dict[str, Any], *, markdown: str = "", html: str = "", svg: str = "", plain: str = "") -> None:
    """Put one output into the cell; nothing where no notebook runs."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.display import display

    if not InteractiveShell.initialized():
        return
    shown = {"text/markdown": markdown, "text/html": html, "image/svg+xml": svg, "text/plain": plain or markdown}
    metadata = {"image/svg+xml": {"alt": result["alt"]}} if svg else {}
    bundle: dict[str, Any] = {kind: text for kind, text in shown.items() if text}
    display(bundle | {MIME: json.loads(json.dumps(result, allow_nan=False))}, metadata=metadata, raw=True)
