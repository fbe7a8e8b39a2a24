"""Where benchmarks keep what a track record begins with: a file of the library that `goodwill.inference.track_record` reads."""

from __future__ import annotations

import json
from pathlib import Path

from goodwill.inference.track_record import KEPT, Prior


def keep_prior(kind: str, prior: Prior, command: str, path: Path = KEPT) -> None:
    """Write a prior of one kind of statements, rounded to what the errors can tell, with the command that made it."""
    told = json.loads(path.read_text("utf8")) if path.exists() else {}
    told[kind] = {"tau": round(prior.tau, 3), "degrees": round(prior.degrees, 1), "source": prior.source, "command": command}
    path.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", "utf8")
