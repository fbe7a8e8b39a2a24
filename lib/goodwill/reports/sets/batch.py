"""A set of reports: what needs to be built is built, each in a process of its own; one that fails stops no other; then the index."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from goodwill.errors import ReportError, UsageError
from goodwill.reports.recording.execution import NO_LIMITS, Limits
from goodwill.reports.recording.extract import Failure
from goodwill.reports.recording.notebooks import Notebook
from goodwill.reports.recording.secrets import safe_message, visible
from goodwill.reports.running.fingerprints import Fingerprints, check_before
from goodwill.reports.running.history import remember
from goodwill.reports.running.places import writable_places
from goodwill.reports.running.run import Outcome, resolve_path, resolve_values, run_notebook
from goodwill.reports.running.workers import Call, Crash, get_ready, run_calls
from goodwill.reports.sets.dates import fill
from goodwill.reports.sets.fan_out import group_reports, is_split, pieces_folder, split
from goodwill.reports.sets.guard import only_run, sweep
from goodwill.reports.sets.index import check_recipe
from goodwill.reports.sets.lots import run_lots
from goodwill.reports.sets.plan import Job, Plan, make_job, make_plan
from goodwill.reports.sets.recipe import Groups, Recipe, Report, check_unique

Tell = Callable[[dict[str, Any]], None]
GRACE = 120  # seconds that a report may take beyond the limit of its cells, for the page and for the kernel to end


@dataclass(frozen=True)
class Options:
    """How a set is run: reports at the same time, whether unchanged ones are built again, the day that it counts as, and limits."""

    jobs: int = 1
    force: bool = False
    as_of: date | None = None
    limits: Limits = NO_LIMITS  # where a report of the recipe has none of its own
    pdf: bool = False


def run_recipe(
    recipe: Recipe,
    folder: Path,
    options: Options | None = None,
    *,
    on_event: Tell | None = None,
    now: Callable[[], datetime] | None = None,
) -> list[Outcome]:
    """Build the reports of a recipe into `folder`, one folder each, and `index.html`.

    Parameters
    ----------
    recipe : Recipe
        What to build.
    folder : Path
        Where.
    options : Options, optional
        How.
    on_event : callable, optional
        Told about everything that happens, as a mapping with `event`: run_started, lots, planned, report_started, cell, kernel_retried,
        report_done, problem, run_done.
    now : callable, optional
        The clock, with a time zone.

    Raises
    ------
    UsageError
        While another run builds into `folder`.
    ReportError
        When the reports stand but the index could not be written, or lots not be drawn or read.
    """
    options, tell, now = options or Options(), on_event or (lambda _: None), now or partial(datetime.now, UTC)
    began, folder = now(), folder.resolve()
    today = options.as_of or recipe.today or began.astimezone().date()
    check_recipe(folder, recipe.path)
    if options.force or not (folder / "index.html").exists():  # surely something is to be built
        get_ready()
    with only_run(folder, began) as mended, writable_places():
        tell({"event": "run_started", "recipe": recipe.path.name, "as_of": today.isoformat(), "jobs": options.jobs})
        for done in [*(f"A file of an earlier run was damaged: {each}" for each in mended), *swept(folder)]:
            tell({"event": "problem", "message": f"{done}."})
        wrong = _run_lots(recipe, today, tell)  # before the reports, which may plan with what is measured by now
        outcomes = _outcomes(recipe, folder, options, today, tell)
        counts = {status: sum(o.status == status for o in outcomes) for status in ("built", "thin", "skipped", "stale", "failed")}
        _write_index(recipe, folder, outcomes, now())
        seconds = round((now() - began).total_seconds(), 2)
        status = 1 if wrong else exit_status(outcomes)
        tell({"event": "run_done", **counts, "seconds": seconds, "index": str(folder / "index.html"), "exit_status": status})
    if wrong:
        raise ReportError(f"The reports stand, but {'; '.join(wrong)}")
    return outcomes


def _run_lots(recipe: Recipe, today: date, tell: Tell) -> list[str]:
    """Draw the lots that are due and read the outcomes of those that are over; what went wrong."""
    done, wrong = run_lots(recipe.lots, recipe.path.parent, today) if recipe.lots else ([], [])
    for message in done:
        tell({"event": "lots", "message": message})
    for message in wrong:
        tell({"event": "problem", "message": message})
    return wrong


def run_single(
    notebook: Notebook, parameters: Mapping[str, Any], folder: Path, options: Options | None = None, *, on_event: Tell | None = None
) -> Outcome:
    """Build one report into `folder`, here and now: always, and in a kernel started afresh.

    Relative dates are resolved, and data after the day it counts as are not seen, as in a recipe.

    Raises
    ------
    UsageError
        Before anything runs, as `run_notebook` does.
    """
    options, tell, base = options or Options(), on_event or (lambda _: None), Path.cwd()
    today = options.as_of or date.today()
    if base.resolve().is_relative_to(folder.resolve()):
        raise UsageError(
            f"{folder} is where you stand, or above it, and a report takes the place of its folder; name one below: --out report."
        )
    given = {name: fill(value, today, where="-p") if isinstance(value, str) else value for name, value in parameters.items()}
    prints = Fingerprints(None)
    plan = Plan(folder.parent, base, today, options.as_of is not None, True, False, prints)
    report = Report(notebook.name, notebook, given)
    check_before(resolve_values(notebook, given, base), folder)
    job = make_job(plan, report)
    if isinstance(job, Outcome):
        outcome = job
    else:
        told = partial(_told, tell, notebook.name)
        about = {"notebook": notebook, "given": job.given, "folder": folder, "base": base, "limits": options.limits}
        about |= {"more": job.facts, "held": job.held}
        with writable_places():
            outcome = build_report(told, options.pdf, **about)
    tell({"event": "report_done", "report": outcome.name, "status": outcome.status, "outcome": outcome})
    return outcome


def swept(folder: Path) -> list[str]:
    """What had to be tidied after a run that was killed, in words."""
    return [f"An earlier run was killed: {done}" for done in sweep(folder)]


def exit_status(outcomes: Sequence[Outcome]) -> int:
    """0 when every report is up to date, 1 when some failed, 3 when the data of some were too old, or too thin for *In short*."""
    found = {outcome.status for outcome in outcomes}
    return 1 if "failed" in found else 3 if found & {"stale", "thin"} else 0


def _outcomes(recipe: Recipe, folder: Path, options: Options, today: date, tell: Tell) -> list[Outcome]:
    prints = Fingerprints(folder / ".cache" / "fingerprints.json")
    reports, outcomes = _expand(recipe, folder, prints, options.jobs)
    check_unique(reports, str(recipe.path))
    plan = Plan(folder, recipe.path.parent, today, options.as_of is not None, options.force, options.pdf or recipe.pdf, prints)
    jobs: list[Job] = []
    to_do = [report for report in reports if report.name not in outcomes]
    for report, ready in make_plan(plan, to_do, options.jobs):
        if isinstance(ready, Outcome):
            outcomes[report.name] = ready
        else:
            jobs.append(ready)
    with suppress(OSError):  # the next run reads the files again
        prints.save()
    for outcome in outcomes.values():
        _finish(outcome, tell)
    tell({"event": "planned", "reports": len(reports), "to_build": len(jobs)})
    for outcome in _build(jobs, recipe, folder, options, tell):
        outcomes[outcome.name] = outcome
        _finish(outcome, tell)
    order = {report.name: place for place, report in enumerate(reports)}
    return sorted(outcomes.values(), key=lambda outcome: order.get(outcome.name, len(order)))


def _finish(outcome: Outcome, tell: Tell) -> None:
    if outcome.status != "skipped":
        remember(outcome.folder, outcome.status, outcome.failure.message if outcome.failure else "", outcome.started)
    tell({"event": "report_done", "report": outcome.name, "status": outcome.status, "outcome": outcome})


def _write_index(recipe: Recipe, folder: Path, outcomes: list[Outcome], now: datetime) -> None:
    from goodwill.reports.sets.index import write_index

    try:
        write_index(recipe.title, folder, outcomes, keep=recipe.keep or None, now=now, recipe=recipe.path)
    except OSError as error:
        raise ReportError(f"The reports stand, but the index in {folder} could not be written: {error.strerror or error}.") from error


# ----------------------------------------------------------------------------------------------------------------------- fan-out


def _expand(recipe: Recipe, folder: Path, prints: Fingerprints, jobs: int) -> tuple[list[Report], dict[str, Outcome]]:
    """The reports with one per group where the recipe asks for groups, and the outcomes of those whose data cannot be split."""
    base, cache = recipe.path.parent, folder / ".cache"
    places: dict[tuple[str, str], Path] = {}
    calls: deque[Call] = deque()
    for entry in recipe.reports:
        if isinstance(entry, Groups):
            source = resolve_path(entry.of, base)
            file = Path(source.partition("::")[0])
            held, fingerprint = prints.hold(file), prints.of(file)  # held first: a change in between is found
            place = pieces_folder(cache, source, entry.column)
            if (source, entry.column) not in places and not is_split(place, fingerprint, prints):
                about = {"source": source, "column": entry.column, "folder": place, "fingerprint": fingerprint, "at_most": entry.at_most}
                about["held"] = held
                calls.append(Call(str(place), split, about))
            places[source, entry.column] = place
    wrong = {call.name: value for call, value in run_calls(calls, jobs) if isinstance(value, Crash)}
    reports: list[Report] = []
    outcomes: dict[str, Outcome] = {}
    for entry in recipe.reports:
        if isinstance(entry, Report):
            reports.append(entry)
            continue
        place = places[resolve_path(entry.of, base), entry.column]
        found = group_reports(entry, place, base)
        if crash := wrong.get(str(place)):
            found = found or [_nameless(entry)]
            outcomes |= {report.name: failed(report, folder, crash.reason, ours=crash.ours) for report in found}
        reports += found
    return reports, outcomes


def _nameless(groups: Groups) -> Report:
    """What stands in the index for groups that were never known."""
    template = groups.template
    name = template.name.replace("{group}", "").strip("-_") or "groups"
    return Report(name, template.notebook, {}, template.notebook.title, entry=groups.name)


def failed(report: Report, folder: Path, reason: str, *, ours: bool = False, died: bool = False) -> Outcome:
    """The outcome of a report that could not be tried."""
    said = reason if ours else f"The report could not be made: {reason}."
    failure = Failure(safe_message(said, [*report.parameters.values(), report.part_of]), ours, died=died)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    title = visible(report.title or report.notebook.title)
    return Outcome(report.name, title, folder / report.name, now, 0.0, failure, "failed", report.notebook.name, report.entry)


# ---------------------------------------------------------------------------------------------------------------------- building


def _build(jobs: list[Job], recipe: Recipe, folder: Path, options: Options, tell: Tell) -> Iterator[Outcome]:
    """Build the longest first, as far as their last run tells, so that no core waits for one at the end; a kernel that died, once again."""
    longest_first = sorted(jobs, key=lambda job: -job.seconds_before)
    by_name = {job.report.name: job.report for job in jobs}
    calls = deque(_call(job, recipe, folder, options, tell) for job in longest_first)
    tried: set[str] = set()
    for call, value in run_calls(calls, options.jobs):
        report = by_name[call.name]
        outcome = failed(report, folder, value.reason, ours=value.ours, died=value.died) if isinstance(value, Crash) else value
        if outcome.failure is not None and outcome.failure.died and call.name not in tried:
            tried.add(call.name)
            tell({"event": "kernel_retried", "report": call.name, "message": outcome.failure.message})
            calls.append(call)
            continue
        yield replace(outcome, recipe_group=report.entry)


def _call(job: Job, recipe: Recipe, folder: Path, options: Options, tell: Tell) -> Call:
    report = job.report
    limits = Limits(report.limits.report or options.limits.report, report.limits.cell or options.limits.cell)
    about = {
        "notebook": report.notebook,
        "given": job.given,
        "folder": folder / report.name,
        "name": report.name,
        "title": report.title,
        "base": recipe.path.parent,
        "limits": limits,
        "shown": report.shown,
        "more": {**job.facts, "recipe": {"name": recipe.path.name, "report": report.entry or report.name}},
        "keep": dict(recipe.keep),
        "held": job.held,
        "pdf": options.pdf or recipe.pdf,
    }
    timeout = None if limits.report is None else limits.report + GRACE
    return Call(report.name, build_report, about, needs_kernel=True, on_told=partial(_told, tell, report.name), timeout=timeout)


def _told(tell: Tell, name: str, kind: str, *about: Any) -> None:
    if kind == "cell":
        done, total = about
        if done == 1:
            tell({"event": "report_started", "report": name, "cells": total})
        tell({"event": "cell", "report": name, "done": done, "total": total})
    else:
        tell({"event": "problem", "report": name, "message": about[0]})


def build_report(tell: Callable[..., None], pdf: bool, **about: Any) -> Outcome:
    """What a worker does for one report."""
    outcome = run_notebook(**about, on_cell=partial(tell, "cell"))
    if pdf and outcome.failure is None:
        from goodwill.reports.running.pdf import print_pdf

        problem = print_pdf(outcome.folder)
        if problem:
            tell("problem", problem)
    return outcome
