"""What a run has to do about each report: nothing, because nothing changed; nothing, because the data are too old; or build it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from goodwill.data.held import Held
from goodwill.errors import GoodwillError
from goodwill.reports.recording.extract import Failure
from goodwill.reports.recording.secrets import safe_message, visible
from goodwill.reports.running.fingerprints import Fingerprints, data_files, is_whole, report_key
from goodwill.reports.running.history import read_history
from goodwill.reports.running.ours import may_write, report_facts
from goodwill.reports.running.run import Outcome, forget_failure, resolve_values
from goodwill.reports.running.workers import Crash
from goodwill.reports.running.writing import write_json
from goodwill.reports.sets.expectations import Observed, last_whole_day, shortfall
from goodwill.reports.sets.observations import Look, Looks, as_observed, look_at, look_here, looks_for, together
from goodwill.reports.sets.recipe import Report


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
    """A report to build: its parameters, what its run.json holds besides, how long it took the last time, and its data as planned."""

    report: Report
    given: Mapping[str, Any]
    facts: Mapping[str, Any]
    seconds_before: float
    held: tuple[Held, ...] = ()


def make_plan(plan: Plan, reports: list[Report], jobs: int) -> Iterator[tuple[Report, Outcome | Job]]:
    """Decide about each report, in their order, with the data that have to be looked at looked at first, each once."""
    values: dict[str, dict[str, Any]] = {}
    looks: dict[str, Looks] = {}
    refused: dict[str, str] = {}
    for report in reports:
        try:
            values[report.name] = resolve_values(report.notebook, report.parameters, plan.base)
            looks[report.name] = looks_for(report, values[report.name], plan.base, is_repeated=plan.is_repeated)
            _hold(plan, values[report.name])
        except GoodwillError as error:
            refused[report.name] = str(error)
    wanted = [look for pair in looks.values() for look in (pair.days, pair.rows) if look is not None]
    seen = look_at(wanted, plan.prints, plan.folder / ".cache" / "observed", jobs)
    for report in reports:
        if report.name in refused:
            yield report, not_tried(plan, report, refused[report.name], ours=True)
        else:
            yield report, _planned(plan, report, values[report.name], looks[report.name], seen)


def make_job(plan: Plan, report: Report) -> Outcome | Job:
    """The decision about a report by itself, in this process; its data are looked at only for the run of an earlier day."""
    values = resolve_values(report.notebook, report.parameters, plan.base)
    looks = looks_for(report, values, plan.base, is_repeated=True) if plan.is_repeated else Looks()
    _hold(plan, values)
    return _decide(plan, report, values, look_here(looks), None)


def _hold(plan: Plan, values: Mapping[str, Any]) -> tuple[Held, ...]:
    """The data files of a report, each as it was when this was first asked: before anything of it is read."""
    found = (plan.prints.hold(path) for path in data_files(values).values())
    return tuple(held for held in found if held is not None)


def _planned(plan: Plan, report: Report, values: dict[str, Any], looks: Looks, seen: Mapping[Look, Observed | Crash]) -> Outcome | Job:
    found = [seen[look] if look else None for look in (looks.days, looks.rows)]
    for crash in found:
        if isinstance(crash, Crash):
            return not_tried(plan, report, crash.reason, ours=crash.ours)
    days, rows = (item if isinstance(item, Observed) else None for item in found)
    try:
        return _decide(plan, report, values, days, rows)
    except (GoodwillError, OSError) as error:
        return not_tried(plan, report, str(error), ours=isinstance(error, GoodwillError))


def not_tried(plan: Plan, report: Report, reason: str, *, ours: bool, status: str = "failed") -> Outcome:
    """The outcome of a report that is not run."""
    said = reason if ours else f"The data could not be looked at: {reason}."
    failure = Failure(safe_message(said, [*report.parameters.values(), report.part_of]), ours)
    title, now = visible(report.title or report.notebook.title), datetime.now(UTC).isoformat(timespec="seconds")
    return Outcome(report.name, title, plan.folder / report.name, now, 0.0, failure, status, report.notebook.name, report.entry)


# ------------------------------------------------------------------------------------------------------------------------ deciding


def _decide(plan: Plan, report: Report, values: dict[str, Any], days: Observed | None, rows: Observed | None) -> Outcome | Job:
    folder, standing = plan.folder / report.name, report_facts(plan.folder / report.name)
    given = dict(report.parameters)
    end = last_whole_day(days, plan.today, None if plan.is_repeated else report.trim_last_day)
    if not values.get("end") and days is not None and days.last is not None:
        if "end" in {p.name for p in report.notebook.parameters}:
            if end is not None or report.part_of:  # a group is observed for as long as all are
                given["end"] = values["end"] = end.isoformat() if end else days.last
        elif plan.is_repeated and end is not None:
            reason = f"the data go on after {end}, and this notebook has no parameter 'end', so the run of that day cannot be repeated."
            return not_tried(plan, report, reason, ours=True)
        else:
            end = None
    observed = together(days, rows)
    if observed is not None and report.expects and (reason := _too_little(plan, report, observed, end, standing)):
        return _stale(plan, report, reason)
    hashes = {name: plan.prints.of(path) for name, path in data_files(values).items()}
    key = report_key(report.notebook, report.title, {**given, **report.shown}, values, hashes)
    if not plan.force and key is not None and standing.get("key") == key and is_whole(folder, standing) and not _lacks_pdf(plan, folder):
        forget_failure(folder)
        title, started = (str(standing.get(key, "")) for key in ("title", "started"))
        note = str(standing.get("note", ""))  # a thin report stays one until something changes
        status = "thin" if note else "skipped"
        return Outcome(report.name, title, folder, started, 0.0, None, status, report.notebook.name, report.entry, note)
    facts = {"key": key, "as_of": plan.today.isoformat(), "fingerprints": {name: {"sha256": digest} for name, digest in hashes.items()}}
    if observed is not None and (rows is not None or not report.part_of):
        facts["observed"] = asdict(observed)
    before = standing.get("seconds")
    return Job(report, given, facts, float(before) if isinstance(before, int | float) else float("inf"), _hold(plan, values))


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
    place = outcome.folder.with_name(f"{outcome.name}.stale.json")
    if may_write(place):
        with suppress(OSError):  # the index tells
            write_json(place, about | {"failure": {"message": outcome.failure.message if outcome.failure else ""}})
    return outcome
