"""The index of a set: every report with its state, its headline numbers over the last runs, and what went wrong.

`index.html` is for people; `index.json` says the same to machines and is also the list of what the runner has ever made in the folder.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from goodwill.errors import UsageError
from goodwill.findings.forecasts_held import accounts
from goodwill.reports.pages.render import headline_entry, page, shown, when
from goodwill.reports.pages.sparkline import sparkline
from goodwill.reports.running.history import History, earlier_builds, earlier_folder, read_history, remember
from goodwill.reports.running.ledger_file import catch_up
from goodwill.reports.running.ours import report_facts
from goodwill.reports.running.own_files import read_results
from goodwill.reports.running.run import Outcome, failure_file
from goodwill.reports.running.writing import read_object, write_json, write_whole
from goodwill.reports.sets.recipe import NAME
from goodwill.reports.sets.retention import Cleaned, clean

WORDS = {"built": "Built", "thin": "Thin", "unchanged": "Unchanged", "stale": "Stale", "failed": "Failed"}
MARKS = {"built": "✓", "thin": "◔", "unchanged": "=", "stale": "◷", "failed": "✕"}
FEW = 12  # up to so many reports the index shows all headline results of each, beyond the first three
FEW_RESULTS, MANY_RESULTS = 6, 3
MAX_EARLIER = 5


def write_index(
    title: str,
    folder: Path,
    outcomes: Sequence[Outcome],
    *,
    keep: Mapping[str, int] | None = None,
    now: datetime | None = None,
    recipe: Path | None = None,
) -> Cleaned:
    """Write `index.html` and `index.json` into the folder of a set, and remove old reports as the recipe's `keep` says.

    Parameters
    ----------
    title : str
        Of the set.
    folder : Path
        Of the set.
    outcomes : sequence of Outcome
        One for each report of the recipe, in its order.
    keep : mapping, optional
        `runs` and `days`, see `goodwill.reports.sets.retention`.
    now : datetime, optional
        With a time zone; the ages are counted from it.
    recipe : Path, optional
        Whose set this is; kept in `index.json` as seen from the folder, for `check_recipe`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    now = now or datetime.now(UTC)
    wanted = {outcome.name for outcome in outcomes}
    made = _made(folder) | {name for name in wanted if report_facts(folder / name)}
    cleaned = clean(folder, made, wanted, keep, now)
    results = FEW_RESULTS if len(outcomes) <= FEW else MANY_RESULTS
    entries = [_entry(outcome, now, results) for outcome in outcomes]
    former = [_former(folder, name) for name in sorted(made - wanted) if (folder / name / "report.html").is_file()]
    counts = Counter(entry["status"] for entry in entries)
    body = page(
        "index",
        heading=title,
        entries=entries,
        former=former,
        counts=[(status, word, counts[status]) for status, word in WORDS.items() if counts[status]],
        problems=[entry for entry in entries if entry["why"] and entry["status"] != "thin"],
        thin=[entry for entry in entries if entry["status"] == "thin"],
        notebooks=sorted({entry["notebook"] for entry in entries if entry["notebook"]}),
        drifting=[entry for entry in entries if entry["drift"]],
        many=len(entries) > FEW,
        written=when(now.isoformat()),
    )
    write_whole(folder / "index.html", body)
    _write_manifest(title, folder, entries, made, now, recipe)
    return cleaned


def check_recipe(folder: Path, recipe: Path) -> None:
    """Refuse the set of another recipe: each would call the other's reports no longer made, and remove them when their days are over.

    A recipe that has been moved may take over the set of the place where it was.

    Raises
    ------
    UsageError
        Naming both recipes and what to do.
    """
    kept = read_object(folder / "index.json").get("recipe")
    if not isinstance(kept, str) or not kept:
        return
    try:
        other = (folder / kept).resolve()
        is_another = other != recipe.resolve() and other.is_file()
    except (OSError, ValueError):
        return
    if is_another:
        raise UsageError(f"{folder} holds the reports of another recipe, {other}; give those of {recipe} a folder of their own with --out.")


def _entry(outcome: Outcome, now: datetime, results: int) -> dict[str, Any]:
    """What the index says of one report; when it was not built the last good one still speaks, with its age."""
    facts, records = report_facts(outcome.folder), read_results(outcome.folder)
    status = _status(outcome)
    history = read_history(outcome.folder)
    if facts and not any(run["started"] == facts.get("started") for run in history.runs):
        remember(outcome.folder, "built")  # a runner that was killed has not come to it
        history = read_history(outcome.folder)
    ledger = accounts(catch_up(outcome.folder).forecasts)
    has_whole = not all(each.is_part for each in ledger)
    failure = outcome.failure
    detail = failure_file(outcome.folder, "html")
    return {
        "name": outcome.name,
        "title": outcome.title or facts.get("title", outcome.name),
        "notebook": outcome.notebook,
        "status": status,
        "word": WORDS[status],
        "mark": MARKS[status],
        "started": facts.get("started", ""),
        "built": when(facts["started"]) if facts else "",
        "age": age(now - datetime.fromisoformat(facts["started"])) if facts else "",
        "changed": _changed(facts),
        "headline": _headline(facts, records, history, results),
        "damaged": history.damaged,
        "why": failure.message if failure else outcome.note,
        "cell": failure.cell if failure else None,
        "detail": detail.name if failure and detail.is_file() else "",
        "files": _files(outcome.folder, facts),
        "earlier": _earlier(outcome.folder),
        "ledger": [each for each in ledger if each.due and not (each.is_part and has_whole)],
        "foretells": bool(ledger) or not facts,
        "drift": " ".join(f"{each.label}: {each.drift}" for each in ledger if each.drift),
    }


def _status(outcome: Outcome) -> str:
    return "unchanged" if outcome.status == "skipped" else outcome.status


def _headline(facts: Mapping[str, Any], records: Mapping[str, Any], history: History, results: int) -> list[dict[str, Any]]:
    from markupsafe import Markup

    names = [name for name in facts.get("headline", []) if name in records]
    lines = {name: Markup(sparkline(history.values(name), records[name])) for name in names[:results]}
    return [headline_entry(records[name]) | {"spark": lines[name]} for name in names[:results]]


def _changed(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The parameters that differ from their defaults, as text."""
    defaults = facts.get("defaults", {})
    changed = {name: value for name, value in facts.get("parameters", {}).items() if value != defaults.get(name)}
    return [(name, _short(shown(value))) for name, value in list(changed.items())[:6]]


def _short(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _files(folder: Path, facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Links to what lies in a report's folder, with the words to show."""
    if not facts:
        return []
    printed = [("report.pdf", "PDF")] if (folder / "report.pdf").is_file() else []
    tables = [(f"tables/{name}.csv", f"{name}.csv") for name in sorted(facts.get("tables", {}))]
    return [*printed, ("notebook.ipynb", "notebook"), ("results.json", "results.json"), *tables]


def _earlier(folder: Path) -> dict[str, Any]:
    builds = earlier_builds(folder)
    shown_builds = [(f"{earlier_folder(folder).name}/{path.name}/report.html", _stamp(path.name)) for path in builds[-MAX_EARLIER:][::-1]]
    return {"count": len(builds), "newest": shown_builds}


def _stamp(name: str) -> str:
    """`2026-11-21T050000Z` as people read it."""
    return f"{name[:10]} {name[11:13]}:{name[13:15]} UTC"


def _former(folder: Path, name: str) -> dict[str, str]:
    facts = report_facts(folder / name)
    return {"name": name, "title": facts.get("title", name), "built": when(facts["started"]) if facts else ""}


def _made(folder: Path) -> set[str]:
    """The reports that the runner has made here before; an unreadable list counts as none, so that nothing is removed by it."""
    listed = read_object(folder / "index.json").get("made")
    return {name for name in listed if isinstance(name, str) and NAME.fullmatch(name)} if isinstance(listed, list) else set()


def _write_manifest(
    title: str, folder: Path, entries: Sequence[Mapping[str, Any]], made: set[str], now: datetime, recipe: Path | None
) -> None:
    keys = ("name", "title", "notebook", "status", "started", "why", "cell", "drift")
    still_there = sorted(name for name in made if (folder / name).is_dir())
    reports = [{key: entry[key] for key in keys} for entry in entries]
    about = {"title": title, "written": now.isoformat(timespec="seconds"), "reports": reports, "made": still_there}
    if recipe is not None:
        about["recipe"] = Path(os.path.relpath(recipe.resolve(), folder.resolve())).as_posix()
    write_json(folder / "index.json", about)


def age(elapsed: Any) -> str:
    """How old something is, in the largest whole unit; empty for what a clock that was ahead has dated after now.

    Examples
    --------
    >>> from datetime import timedelta
    >>> age(timedelta(days=2, hours=5)), age(timedelta(minutes=61)), age(timedelta(seconds=5))
    ('2 days', '1 hour', 'under a minute')
    >>> age(timedelta(days=-1))
    ''
    """
    if elapsed.total_seconds() < 0:
        return ""
    for unit, seconds in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if count := int(elapsed.total_seconds() // seconds):
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "under a minute"
