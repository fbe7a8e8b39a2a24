"""Looking at data before a report is built: each source once, and not again before it changes."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from goodwill.data.held import Held
from goodwill.errors import DataError
from goodwill.reports.recording.versions import library_hash, versions
from goodwill.reports.running.fingerprints import Fingerprints
from goodwill.reports.running.run import LOOKS_LIKE_A_FILE, resolve_path
from goodwill.reports.running.what_came import PURCHASES
from goodwill.reports.running.workers import Call, Crash, run_calls
from goodwill.reports.running.writing import read_object, write_json
from goodwill.reports.sets.expectations import Observed, observe
from goodwill.reports.sets.recipe import Report


@dataclass(frozen=True)
class Look:
    """Data to look at: where they are, how they are read, whether they have days."""

    source: str
    reading: str  # JSON of the parameters that say how
    dated: bool


@dataclass(frozen=True)
class Looks:
    """What a report needs to know: how far its data reach, and how many rows and empty cells they have.

    For a group of a larger source the two differ: how far the data reach is a question to the whole, because a group without purchases
    yesterday is silent, and its feed is not.
    """

    days: Look | None = None
    rows: Look | None = None


def looks_for(report: Report, values: Mapping[str, Any], base: Path, *, is_repeated: bool) -> Looks:
    """What has to be looked at for a report; nothing where nothing depends on it.

    Parameters
    ----------
    values : mapping
        The parameters as the notebook gets them.
    base : Path
        Where relative paths start.
    is_repeated : bool
        Whether the run is one of an earlier day, for which even a built-in set may hold later data.
    """
    declared = {p.name: p.default for p in report.notebook.parameters}
    source = values.get("data", declared.get("data", ""))
    if not isinstance(source, str) or not source:
        return Looks()
    dated = {"date", "customer_id"} <= declared.keys()
    reading = json.dumps({name: values.get(name, declared[name]) for name in PURCHASES if name in declared})
    ends_itself = "end" in declared and not values.get("end")
    expects = report.expects
    may_grow = bool(LOOKS_LIKE_A_FILE.search(source.partition("::")[0])) or "://" in source
    # What a recipe expects for all says nothing of a built-in set among them; what a report itself expects does.
    asked = may_grow or expects.own
    needs_rows = asked and bool(expects.minimum_rows or expects.columns_as_before or expects.rows_within)
    needs_days = dated and (is_repeated or (asked and bool(expects.through)) or (may_grow and bool(ends_itself or report.trim_last_day)))
    whole = resolve_path(report.part_of, base) if report.part_of else source
    return Looks(Look(whole, reading, dated) if needs_days else None, Look(source, reading, dated) if needs_rows else None)


def look_at(looks: Iterable[Look], prints: Fingerprints, folder: Path, jobs: int) -> dict[Look, Observed | Crash]:
    """What each look saw; answers about files are kept in `folder` for as long as the files stay the same."""
    found: dict[Look, Observed | Crash] = {}
    calls: deque[Call] = deque()
    asked: dict[str, Look] = {}
    wanted = list(dict.fromkeys(looks))
    held = {look: _held(look, prints) for look in wanted}
    for look in wanted:
        store = _store(look, prints, folder)
        kept = as_observed(read_object(store)) if store else None
        if kept is not None:
            found[look] = kept
        else:
            asked[str(len(asked))] = look
            about = {"source": look.source, "reading": json.loads(look.reading), "dated": look.dated}
            calls.append(Call(str(len(asked) - 1), observe, about))
    for call, value in run_calls(calls, jobs):
        look = asked[call.name]
        found[look] = value if isinstance(value, Crash) else _unless_changed(held[look], value)
        store = _store(look, prints, folder)
        if store is not None and isinstance(found[look], Observed):
            _keep(store, value)
    return found


def _unless_changed(held: Held | None, observed: Observed) -> Observed | Crash:
    """What was observed, unless the content is another one by now: then nobody knows of which it was."""
    try:
        if held is not None:
            held.check()
        return observed
    except DataError as error:
        return Crash(str(error), ours=True)


def look_here(looks: Looks) -> Observed | None:
    """What the looks see, in this process."""
    look = looks.days or looks.rows
    return observe(look.source, json.loads(look.reading), look.dated) if look else None


def together(days: Observed | None, rows: Observed | None) -> Observed | None:
    """Rows and empty cells of the one, the last day of the other."""
    if days is None or rows is None:
        return days or rows
    return Observed(rows.rows, rows.first, days.last, rows.empty)


def as_observed(kept: Any) -> Observed | None:
    """What was observed, from its JSON; None when that is something else."""
    try:
        empty = {str(name): float(share) for name, share in kept["empty"].items()}
        days = [None if kept[key] is None else date.fromisoformat(kept[key]).isoformat() for key in ("first", "last")]
        return Observed(int(kept["rows"]), days[0], days[1], empty)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _held(look: Look, prints: Fingerprints) -> Held | None:
    file = look.source.partition("::")[0]
    return prints.hold(Path(file)) if LOOKS_LIKE_A_FILE.search(file) and "://" not in look.source else None


def _store(look: Look, prints: Fingerprints, folder: Path) -> Path | None:
    """Where the answer is kept: by content for a file, by name for a built-in set, nowhere for a database."""
    file, _, table = look.source.partition("::")
    if "://" in look.source:
        return None
    what = prints.of(Path(file)) if LOOKS_LIKE_A_FILE.search(file) else file
    if what is None:
        return None
    mark = json.dumps([what, table, look.reading, look.dated, library_hash(), versions()])
    return folder / f"{hashlib.sha256(mark.encode()).hexdigest()[:32]}.json"


def _keep(store: Path, observed: Observed) -> None:
    try:
        store.parent.mkdir(parents=True, exist_ok=True)
        write_json(store, asdict(observed))
    except OSError:
        return  # the next run looks again
