"""The index of a set: every report with its state, its headline numbers, and when it was built."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from goodwill.reports.render import headline_entry, page, when
from goodwill.reports.run import Outcome, failure_file, write_whole


def write_index(title: str, folder: Path, outcomes: Sequence[Outcome]) -> None:
    """Write `index.html` into the folder of a set."""
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    entries = [_entry(outcome, now) for outcome in outcomes]
    failed = sum(outcome.failure is not None for outcome in outcomes)
    body = page("index", heading=title, entries=entries, failed=failed, written=when(now.isoformat()))
    write_whole(folder / "index.html", body)


def _entry(outcome: Outcome, now: datetime) -> dict[str, Any]:
    """What the index says of one report; after a failure the last good report still speaks, with its age."""
    run = outcome.folder / "run.json"
    facts = json.loads(run.read_text("utf-8")) if run.is_file() else None
    results = json.loads((outcome.folder / "results.json").read_text("utf-8")) if facts else {}
    return {
        "name": outcome.name,
        "title": facts["title"] if facts else outcome.title,
        "built": when(facts["started"]) if facts else "",
        "age": age(now - datetime.fromisoformat(facts["started"])) if facts else "",
        "headline": [headline_entry(results[name]) for name in facts["headline"] if name in results] if facts else [],
        "failure": outcome.failure,
        "detail": failure_file(outcome.folder, "html").name if failure_file(outcome.folder, "html").is_file() else "",
    }


def age(elapsed: Any) -> str:
    """How old something is, in the largest whole unit.

    Examples
    --------
    >>> from datetime import timedelta
    >>> age(timedelta(days=2, hours=5)), age(timedelta(minutes=61)), age(timedelta(seconds=5))
    ('2 days', '1 hour', 'under a minute')
    """
    for unit, seconds in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if count := int(elapsed.total_seconds() // seconds):
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "under a minute"
