"""What a run tells while it goes on: bars and lines for people, one JSON object a line for logs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from goodwill.reports.running.run import Outcome, failure_file
from goodwill.shown import printable

Tell = Callable[[dict[str, Any]], None]


@contextmanager
def telling(log: str) -> Iterator[Tell]:
    """Where the events of a run go: `text` for people (bars where they can be seen), `json` for machines."""
    if log == "json":
        yield as_long_as_it_goes(partial(tell_json, now=partial(datetime.now, UTC)))
    elif sys.stderr.isatty():
        with _bars() as tell:
            yield as_long_as_it_goes(tell)
    else:
        yield as_long_as_it_goes(tell_text)


def as_long_as_it_goes(tell: Tell) -> Tell:
    """The same, but a log that cannot be written (a full disk, a reader that is gone) is told once, if anybody hears, and stops no run."""
    lost = False

    def told(event: dict[str, Any]) -> None:
        nonlocal lost
        if lost:
            return
        try:
            tell(event)
        except OSError as error:
            lost = True
            for stream in (sys.stdout, sys.stderr):
                _let_go_if_broken(stream)
            with suppress(OSError):
                click.echo(
                    f"The log cannot be written ({error.strerror or error}); the run goes on, and the index tells what it does.", err=True
                )

    return told


def _let_go_if_broken(stream: Any) -> None:
    """Send what still waits for a broken stream to nowhere, else Python fails over it when it ends."""
    try:
        stream.flush()
    except OSError:
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def tell_json(event: Mapping[str, Any], *, now: Callable[[], datetime]) -> None:
    """One event as one line of JSON, written at once; single cells are left out."""
    if event["event"] == "cell":
        return
    line = {"time": now().isoformat(timespec="milliseconds")} | {key: value for key, value in event.items() if key != "outcome"}
    outcome = event.get("outcome")
    if isinstance(outcome, Outcome):
        line |= {"seconds": outcome.seconds, "folder": str(outcome.folder)}
        if outcome.note:
            line |= {"message": outcome.note}
        if outcome.failure is not None:
            line |= {"message": outcome.failure.message, "cell": outcome.failure.cell}
    click.echo(json.dumps(line, ensure_ascii=False))


def tell_text(event: Mapping[str, Any]) -> None:
    """One event for people; nothing about what simply went on or has not changed, until the end."""
    kind = event["event"]
    if kind == "report_started":
        click.echo(f"Running {event['report']}: {event['cells']} cells", err=True)
    elif kind in ("problem", "kernel_retried"):
        again = " Trying once more." if kind == "kernel_retried" else ""
        click.echo(printable(f"{event['report'] + ': ' if 'report' in event else ''}{event['message']}{again}"), err=True)
    elif kind == "lots":
        click.echo(event["message"])
    elif kind == "report_done":
        tell_outcome(event["outcome"])
    elif kind == "run_done":
        counts = [f"{event[status]} {word}" for status, word in _WORDS.items() if event.get(status)]
        click.echo(f"{', '.join(counts) or 'No reports'} in {event['seconds']:.1f} s. Index: {short(Path(event['index']))}")


_WORDS = {"built": "built", "thin": "thin", "skipped": "unchanged", "stale": "stale", "failed": "failed"}


def tell_outcome(outcome: Outcome) -> None:
    """What became of one report."""
    if outcome.status == "skipped":
        return
    if outcome.status == "thin":
        click.echo(printable(f"Thin: {outcome.name}: {outcome.note} The report: {short(outcome.folder / 'report.html')}"), err=True)
        return
    if outcome.failure is None:
        click.echo(f"Built {outcome.name} in {outcome.seconds:.0f} s: {short(outcome.folder / 'report.html')}")
        return
    word = "Stale" if outcome.status == "stale" else "Error"
    click.echo(printable(f"{word}: {outcome.name}: {outcome.failure.message}"), err=True)
    if not outcome.failure.ours and failure_file(outcome.folder, "html").is_file():
        click.echo(f"The cell and its traceback: {short(failure_file(outcome.folder, 'html'))}", err=True)


def short(path: Path) -> Path:
    """A path from where the user stands, where it lies below."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


@contextmanager
def _bars() -> Iterator[Tell]:
    """A bar for each report that runs; what ended scrolls by above."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[of]}"), TimeElapsedColumn()
    tasks: dict[str, Any] = {}
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:

        def tell(event: dict[str, Any]) -> None:
            kind, name = event["event"], event.get("report", "")
            if kind == "planned" and event["to_build"] > 1:
                tasks[""] = bars.add_task("All", total=event["to_build"], of="reports")
            elif kind == "report_started":
                tasks[name] = bars.add_task(name, total=event["cells"], of="cells")
            elif kind == "cell" and name in tasks:
                bars.update(tasks[name], completed=event["done"])
            else:
                if kind in ("report_done", "kernel_retried") and name in tasks:
                    bars.remove_task(tasks.pop(name))
                if kind == "report_done" and "" in tasks:
                    bars.advance(tasks[""])
                tell_text(event)

        yield tell
