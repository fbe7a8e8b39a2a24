"""A set of reports: each is run by itself, one that fails stops no other, and an index is written at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from goodwill.reports.execute import Progress
from goodwill.reports.extract import Failure
from goodwill.reports.index import write_index
from goodwill.reports.recipe import Recipe, Report
from goodwill.reports.run import Outcome, run_notebook


def run_recipe(
    recipe: Recipe,
    folder: Path,
    *,
    jobs: int = 1,
    on_done: Callable[[Outcome], None] | None = None,
    on_cell: Callable[[str], Progress] | None = None,
) -> list[Outcome]:
    """Build the reports of a recipe into `folder`, one folder each, and `index.html`.

    Parameters
    ----------
    recipe : Recipe
        What to build.
    folder : Path
        Where.
    jobs : int
        Reports that run at the same time, each in a process of its own (papermill changes the directory of its whole process).
    on_done, on_cell : callable, optional
        Told about each finished report; asked, by name, for something to tell about each finished cell (only for one job).
    """
    outcomes = {}
    for outcome in _run_in_processes(recipe, folder, jobs) if jobs > 1 else _run_in_turn(recipe, folder, on_cell):
        outcomes[outcome.name] = outcome
        if on_done is not None:
            on_done(outcome)
    ordered = [outcomes[report.name] for report in recipe.reports]
    write_index(recipe.title, folder, ordered)
    return ordered


def _run_in_turn(recipe: Recipe, folder: Path, on_cell: Callable[[str], Progress] | None) -> Iterator[Outcome]:
    for report in recipe.reports:
        yield _run_one(report, folder, recipe.path.parent, on_cell(report.name) if on_cell else None)


def _run_in_processes(recipe: Recipe, folder: Path, jobs: int) -> Iterator[Outcome]:
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from multiprocessing import get_context

    with ProcessPoolExecutor(min(jobs, len(recipe.reports)), mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(partial(_run_one, report, folder, recipe.path.parent)): report for report in recipe.reports}
        for future in as_completed(waiting):
            error = future.exception()
            yield future.result() if error is None else _crashed(waiting[future], folder, error)


def _run_one(report: Report, folder: Path, base: Path, on_cell: Progress | None = None) -> Outcome:
    try:
        return run_notebook(
            report.notebook, report.parameters, folder / report.name, name=report.name, title=report.title, base=base, on_cell=on_cell
        )
    except Exception as error:  # whatever it is (a full disk, a folder in the way), the other reports go on
        return _crashed(report, folder, error)


def _crashed(report: Report, folder: Path, error: BaseException) -> Outcome:
    failure = Failure(f"The report could not be made: {error.__class__.__name__}: {error}")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Outcome(report.name, report.title or report.notebook.title, folder / report.name, now, 0.0, failure)
