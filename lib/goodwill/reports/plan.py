"""What a run has to do about each report: nothing, because nothing changed; nothing, because the data are too old; or build it."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from goodwill.errors import GoodwillError
from goodwill.reports.expectations import READING, Observed, last_whole_day, observe, shortfall
from goodwill.reports.extract import Failure
from goodwill.reports.fingerprints import Fingerprints, data_files, is_whole, report_key
from goodwill.reports.history import read_history
from goodwill.reports.provenance import library_hash, versions
from goodwill.reports.recipe import Report
from goodwill.reports.run import LOOKS_LIKE_A_FILE, Outcome, forget_failure, resolve_values
from goodwill.reports.secrets import hide
from goodwill.reports.workers import Call, Crash, run_calls
from goodwill.reports.writing import read_object, write_json


@dataclass(frozen=True)
class Plan:
    """What the decisions need beside the report: where reports and data stand, the day, and what was asked for."""

    folder: Path
    base: Path
    today: date
    is_repeated: bool  # the run of an earlier day: later data must not be seen
    force: bool
    pdf: bool
    prints: Fingerprints


@dataclass(frozen=True)
class Job:
    """A report to build: its parameters, what its run.json holds besides, and how long it took the last time."""

    report: Report
    given: Mapping[str, Any]
    facts: Mapping[str, Any]
    seconds_before: float


@dataclass(frozen=True)
class _Look:
    """Data to look at before a report is built, and where the answer is kept."""

    source: str
    reading: Mapping[str, Any]
    dated: bool
    store: Path | None


def make_plan(plan: Plan, reports: list[Report], jobs: int) -> Iterator[tuple[Report, Outcome | Job]]:
    """Decide about each report, in their order, with the data that have to be looked at looked at first, each once."""
    values: dict[str, dict[str, Any]] = {}
    looks: dict[str, _Look] = {}
    refused: dict[str, str] = {}
    for report in reports:
        try:
            values[report.name] = resolve_values(report.notebook, report.parameters, plan.base)
        except GoodwillError as error:
            refused[report.name] = str(error)
            continue
        look = _look(plan, report, values[report.name])
        if look is not None:
            looks[report.name] = look
    seen = _observations(list(looks.values()), jobs)
    for report in reports:
        observed = seen.get(_mark(looks[report.name])) if report.name in looks else None
        if report.name in refused:
            yield report, not_tried(plan, report, refused[report.name], ours=True)
        elif isinstance(observed, Crash):
            yield report, not_tried(plan, report, observed.reason, ours=observed.ours)
        else:
            try:
                ready = _decide(plan, report, values[report.name], observed)
            except (GoodwillError, OSError) as error:
                ready = not_tried(plan, report, str(error), ours=isinstance(error, GoodwillError))
            yield report, ready


def make_job(plan: Plan, report: Report) -> Outcome | Job:
    """The decision about a report by itself, in this process; its data are looked at only for the run of an earlier day."""
    values = resolve_values(report.notebook, report.parameters, plan.base)
    look = _look(plan, report, values) if plan.is_repeated else None
    return _decide(plan, report, values, observe(look.source, look.reading, look.dated) if look else None)


def not_tried(plan: Plan, report: Report, reason: str, *, ours: bool, status: str = "failed") -> Outcome:
    """The outcome of a report that is not run."""
    failure = Failure(hide(reason if ours else f"The data could not be looked at: {reason}."), ours)
    title, now = report.title or report.notebook.title, datetime.now(UTC).isoformat(timespec="seconds")
    return Outcome(report.name, title, plan.folder / report.name, now, 0.0, failure, status, report.notebook.name, report.entry)


# ------------------------------------------------------------------------------------------------------------- looking at the data


def _look(plan: Plan, report: Report, values: Mapping[str, Any]) -> _Look | None:
    """What has to be known of the data; None when nothing depends on it."""
    declared = {p.name: p.default for p in report.notebook.parameters}
    source = values.get("data", declared.get("data", ""))
    if not isinstance(source, str) or not source:
        return None
    dated = {"date", "customer_id"} <= declared.keys()
    is_file = bool(LOOKS_LIKE_A_FILE.search(source.partition("::")[0])) or "://" in source
    ends_itself = "end" in declared and not values.get("end")
    asked = bool(report.expects) or report.trim_last_day
    if not ((is_file and (asked or (dated and ends_itself))) or (dated and plan.is_repeated)):
        return None
    reading = {name: values.get(name, declared[name]) for name in READING if name in declared}
    fingerprint = plan.prints.of(Path(source.partition("::")[0])) if is_file and "://" not in source else None
    if is_file and fingerprint is None:
        return _Look(source, reading, dated, None)
    mark = json.dumps(
        [source if fingerprint is None else fingerprint, source.partition("::")[2], reading, dated, library_hash(), versions()]
    )
    return _Look(source, reading, dated, plan.folder / ".cache" / "observed" / f"{hashlib.sha256(mark.encode()).hexdigest()[:32]}.json")


def _mark(look: _Look) -> str:
    return json.dumps([look.source, dict(look.reading), look.dated], sort_keys=True)


def _observations(looks: list[_Look], jobs: int) -> dict[str, Observed | Crash]:
    found: dict[str, Observed | Crash] = {}
    calls: deque[Call] = deque()
    by_mark = {_mark(look): look for look in looks}
    for mark, look in by_mark.items():
        kept = as_observed(read_object(look.store)) if look.store else None
        if kept is not None:
            found[mark] = kept
        else:
            calls.append(Call(mark, observe, {"source": look.source, "reading": dict(look.reading), "dated": look.dated}))
    for call, value in run_calls(calls, jobs):
        found[call.name] = value
        store = by_mark[call.name].store
        if store is not None and isinstance(value, Observed):
            _keep(store, value)
    return found


def _keep(store: Path, observed: Observed) -> None:
    try:
        store.parent.mkdir(parents=True, exist_ok=True)
        write_json(store, asdict(observed))
    except OSError:
        return  # the next run looks again


def as_observed(kept: Any) -> Observed | None:
    """What was observed, from its JSON; None when that is something else."""
    try:
        empty = {str(name): float(share) for name, share in kept["empty"].items()}
        days = [None if kept[key] is None else date.fromisoformat(kept[key]).isoformat() for key in ("first", "last")]
        return Observed(int(kept["rows"]), days[0], days[1], empty)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


# ------------------------------------------------------------------------------------------------------------------------ deciding


def _decide(plan: Plan, report: Report, values: dict[str, Any], observed: Observed | None) -> Outcome | Job:
    folder = plan.folder / report.name
    declared = {p.name for p in report.notebook.parameters}
    given = dict(report.parameters)
    standing = read_object(folder / "run.json")
    end = last_whole_day(observed, plan.today, None if plan.is_repeated else report.trim_last_day)
    if end is not None and not values.get("end"):
        if "end" in declared:
            given["end"] = values["end"] = end.isoformat()
        elif plan.is_repeated:
            reason = f"the data go on after {end}, and this notebook has no parameter 'end', so the run of that day cannot be repeated."
            return not_tried(plan, report, reason, ours=True)
        else:
            end = None
    if observed is not None and report.expects and (reason := _too_little(plan, report, observed, end, standing)):
        return _stale(plan, report, reason)
    hashes = {name: plan.prints.of(path) for name, path in data_files(values).items()}
    key = report_key(report.notebook, report.title, {**given, **report.shown}, values, hashes)
    if not plan.force and key is not None and standing.get("key") == key and is_whole(folder, standing) and not _lacks_pdf(plan, folder):
        forget_failure(folder)
        title = str(standing.get("title", report.title))
        return Outcome(report.name, title, folder, standing["started"], 0.0, None, "skipped", report.notebook.name, report.entry)
    facts = {"key": key, "as_of": plan.today.isoformat(), "fingerprints": {name: {"sha256": digest} for name, digest in hashes.items()}}
    if observed is not None:
        facts["observed"] = asdict(observed)
    before = standing.get("seconds")
    return Job(report, given, facts, float(before) if isinstance(before, int | float) else float("inf"))


def _lacks_pdf(plan: Plan, folder: Path) -> bool:
    return plan.pdf and not (folder / "report.pdf").is_file()


def _too_little(plan: Plan, report: Report, observed: Observed, end: date | None, standing: Mapping[str, Any]) -> str:
    folder, expects = plan.folder / report.name, report.expects
    if plan.is_repeated:  # what earlier and later runs saw says nothing about that day
        return shortfall(expects, observed, end, None, ())
    seen = (as_observed(run.get("observed")) for run in read_history(folder).runs)
    return shortfall(expects, observed, end, as_observed(standing.get("observed")), [past.rows for past in seen if past is not None])


def _stale(plan: Plan, report: Report, reason: str) -> Outcome:
    outcome = not_tried(plan, report, reason[0].upper() + reason[1:], ours=True, status="stale")
    about = {"name": outcome.name, "title": outcome.title, "status": "stale", "started": outcome.started, "as_of": plan.today.isoformat()}
    try:
        write_json(outcome.folder.with_name(f"{outcome.name}.stale.json"), about | {"failure": {"message": reason}})
    except OSError:
        return outcome  # the index tells
    return outcome
