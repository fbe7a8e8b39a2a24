"""One report: check the parameters, run the notebook, judge it, extract what it recorded, and move the whole into place."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goodwill.data.held import Held, expecting, user_path
from goodwill.data.reading.addresses import texts_in
from goodwill.errors import UsageError
from goodwill.findings.forecasts_held import accounts
from goodwill.reports.pages.arrangement import why_thin
from goodwill.reports.recording.execution import NO_LIMITS, Execution, Limits, Progress
from goodwill.reports.recording.extract import Failure, Results, find_failure, normalized, results, values_only
from goodwill.reports.recording.notebooks import Notebook
from goodwill.reports.recording.parameters import Parameter, check_values
from goodwill.reports.recording.secrets import literals_in, scrub_message, scrub_notebook, secret_texts, visible
from goodwill.reports.recording.versions import versions
from goodwill.reports.running.execute import execute
from goodwill.reports.running.fingerprints import Fingerprints, data_files, files_of, names_data
from goodwill.reports.running.history import retire
from goodwill.reports.running.ledger_file import Ledger, came_by, read_ledger, with_tonight
from goodwill.reports.running.ledger_file import keep as keep_ledger
from goodwill.reports.running.ours import (
    check_place,
    is_damaged_report,
    is_empty,
    is_own_file,
    may_write,
    moved_aside,
    new_building,
    remove_report,
    set_aside,
)
from goodwill.reports.running.provenance import commit, inputs
from goodwill.reports.running.writing import write_json, write_whole

if TYPE_CHECKING:
    from goodwill.inference.ledger import Forecast

LOOKS_LIKE_A_FILE = re.compile(r"[/\\]|\.\w{1,10}$")


@dataclass(frozen=True)
class Outcome:
    """What became of one report; `failure` says why it was not built into `folder`.

    `status` is built, thin (built, but *In short* is absent; `note` says why), failed, stale (the data do not reach as far as they should;
    nothing was run) or skipped (nothing has changed).
    """

    name: str
    title: str
    folder: Path
    started: str
    seconds: float
    failure: Failure | None = None
    status: str = ""
    notebook: str = ""
    recipe_group: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if self.failure is not None and self.status != "stale":
            object.__setattr__(self, "status", "failed")
        elif not self.status:
            object.__setattr__(self, "status", "thin" if self.note else "built")


@dataclass(frozen=True)
class Ran:
    """A notebook that was executed, on its way to a report.

    `values` are the parameters as the notebook got them, `written` as the user gave them; `failure` is one that nobody could tell from
    the cells alone.
    """

    notebook: Notebook
    execution: Execution
    values: Mapping[str, Any]
    written: Mapping[str, Any]
    started: str
    seconds: float
    base: Path
    name: str = ""
    title: str = ""
    failure: Failure | None = None


def run_notebook(
    notebook: Notebook,
    given: Mapping[str, Any],
    folder: Path,
    *,
    name: str = "",
    title: str = "",
    base: Path | None = None,
    on_cell: Progress | None = None,
    limits: Limits = NO_LIMITS,
    shown: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
    keep: Mapping[str, int] | None = None,
    held: Iterable[Held] | None = None,
) -> Outcome:
    """Run a notebook and build its report.

    Parameters
    ----------
    notebook : Notebook
        What to run.
    given : mapping
        Parameters that differ from the defaults; text is read as the declared type.
    folder : Path
        Becomes the report. A failure leaves it as it was and writes `<folder>.failed.html` and `.failed.json` beside it.
    name, title : str
        Those of the notebook when empty.
    base : Path, optional
        Where relative data paths start and the kernel works; the current directory by default.
    on_cell : callable, optional
        Called with the number of finished cells and of all cells.
    limits : Limits
        How long the report and each of its cells may take.
    shown : mapping, optional
        By parameter, what readers see instead of the value.
    more : mapping, optional
        Further content of run.json.
    keep : mapping, optional
        How many earlier builds stay, `runs` and `days`; none by default.
    held : iterable of Held, optional
        The data files as the run was planned with, by default as they are now: reading other content fails.

    Raises
    ------
    UsageError
        Before anything runs: an unknown parameter, a value that does not fit, or a `folder` that holds something else.
    """
    base = (base or Path.cwd()).resolve()
    if folder.is_symlink():  # in a set it would lead out of the set's folder
        raise UsageError(f"{folder} is a link; remove it, or name the folder itself.")
    folder = folder.resolve()
    values = resolve_values(notebook, given, base)
    check_place(folder, name)
    started, clock = datetime.now(UTC).isoformat(timespec="seconds"), time.monotonic()
    with expecting(_held_now(values) if held is None else held):
        execution = execute(notebook.content, values, base, on_cell, limits)
        seconds = round(time.monotonic() - clock, 2)
        ledger = read_ledger(folder)
        came = came_by(ledger, {p.name: p.default for p in notebook.parameters} | values) if ledger.open else ()
    written = check_values(notebook.parameters, given)
    ran = Ran(notebook, execution, values, written, started, seconds, base, name, title)
    return make_report(ran, folder, ledger, came, texts=_texts_to_replace(values, written | dict(shown or {})), more=more, keep=keep)


def make_report(
    ran: Ran,
    folder: Path,
    ledger: Ledger,
    came: Iterable[Forecast] = (),
    *,
    texts: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
    keep: Mapping[str, int] | None = None,
) -> Outcome:
    """Judge an executed notebook, extract what it recorded, and write its report, or why there is none.

    Parameters
    ----------
    ledger, came : Ledger, iterable of Forecast
        What earlier nights foretold in this report, and what came of it.
    texts : mapping, optional
        Texts of the executed notebook that nobody may see, with what is shown instead; addresses are cut in any case.
    more, keep : mapping, optional
        As `run_notebook` takes them.
    """
    notebook, content = ran.notebook, ran.execution.content
    written_inside = [*literals_in(notebook.content), *(p.default for p in notebook.parameters)]
    secrets = secret_texts([*ran.values.values(), *written_inside])
    content = scrub_notebook(normalized(content, _addresses([*written_inside, *ran.values.values()]) | dict(texts or {})), secrets)
    execution = replace(ran.execution, content=content, problem=scrub_message(ran.execution.problem, secrets))
    found = results(content)
    found = replace(found, parameters={key: visible(value) for key, value in found.parameters.items()})
    failure = ran.failure or find_failure(execution, found, notebook.promised)
    note = thin_note(why_thin(content)) if failure is None else ""
    name, title = ran.name or notebook.name, visible(ran.title or notebook.title)
    outcome = Outcome(name, title, folder, ran.started, ran.seconds, failure, notebook=notebook.name, note=note)
    facts = _facts(notebook, outcome, found, ran.written) | inputs(notebook.content, ran.base, folder) | dict(more or {})
    ledger = with_tonight(ledger, found.forecasts, came)
    found = replace(found, records=with_nights(found.records, ledger))
    return _publish(notebook, outcome, content, found, facts, keep, ledger)


def with_nights(records: Mapping[str, dict[str, Any]], ledger: Ledger) -> dict[str, dict[str, Any]]:
    """The records with the track record of earlier nights at those that a forecast stands for."""
    nights = {each.headline: each.track.as_record() for each in accounts(ledger.forecasts) if each.headline and each.track}
    return {
        name: record | ({"track_record": [*record.get("track_record", []), nights[name]]} if name in nights else {})
        for name, record in records.items()
    }


def thin_note(why: str) -> str:
    """The sentence about a report whose *In short* is absent; empty where it is not."""
    return f"In short is missing: {why}" if why else ""


def _held_now(values: Mapping[str, Any]) -> list[Held]:
    prints = Fingerprints(None)
    return [held for path in data_files(values).values() if (held := prints.hold(path)) is not None]


def resolve_values(notebook: Notebook, given: Mapping[str, Any], base: Path) -> dict[str, Any]:
    """The given parameters as the notebook gets them: checked, of their declared types, data paths absolute from `base`."""
    values = check_values(notebook.parameters, given, notebook.name)
    return {key: _plain_path(_parameter(notebook, key), value, base) for key, value in values.items()}


def resolve_path(text: str, base: Path) -> str:
    """A data source with its file made absolute from `base`.

    Names of built-in sets, URLs and absolute paths stay as they are, and so does `::table` behind a file.

    Examples
    --------
    >>> resolve_path("cdnow", Path("/home")), resolve_path("sales/may.duckdb::orders", Path("/home"))
    ('cdnow', '/home/sales/may.duckdb::orders')

    Raises
    ------
    UsageError
        For a path that the system refuses even to look at.
    """
    file, separator, table = text.partition("::")
    if "://" in text or not LOOKS_LIKE_A_FILE.search(file):
        return text
    try:
        return f"{user_path(file, base).resolve()}{separator}{table}"
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", "") or error
        raise UsageError(f"{visible(file)[:80]!r} is no path that this system can hold ({reason}); name another file.") from None


def _parameter(notebook: Notebook, name: str) -> Parameter:
    return next(p for p in notebook.parameters if p.name == name)


def _plain_path(parameter: Parameter, value: Any, base: Path) -> Any:
    if not names_data(parameter):
        return value
    return [resolve_path(item, base) for item in value] if isinstance(value, list) else resolve_path(value, base)


def _texts_to_replace(values: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, str]:
    """Machine paths and passwords that were handed to the notebook, with what may be shown instead."""
    pairs: list[tuple[Any, Any]] = []
    for name, value in values.items():
        pairs += zip(value, given[name], strict=True) if isinstance(value, list) else [(value, given[name])]
    texts = {new: visible(old) for new, old in pairs if isinstance(new, str)}
    return {new: shown for new, shown in texts.items() if new != shown}


def _addresses(values: list[Any]) -> dict[str, str]:
    """The addresses that stand in the notebook itself, with what may be shown of them."""
    texts = {text: visible(text) for text in texts_in(values) if "://" in text}
    return {text: shown for text, shown in texts.items() if text != shown}


def _facts(notebook: Notebook, outcome: Outcome, found: Results, given: Mapping[str, Any]) -> dict[str, Any]:
    """The content of run.json."""
    tables = {name: {key: table[key] for key in ("caption", "rows")} for name, table in found.tables.items()}
    figures = {name: {key: figure[key] for key in ("caption", "alt")} for name, figure in found.figures.items()}
    return {
        "name": outcome.name,
        "title": outcome.title,
        "notebook": notebook.path.name,
        "status": outcome.status,
        **({"note": outcome.note} if outcome.note else {}),
        "started": outcome.started,
        "seconds": outcome.seconds,
        "parameters": found.parameters,
        "defaults": {p.name: visible(p.default) for p in notebook.parameters},
        "data": {name: {k: v for k, v in data.items() if k not in ("kind", "name")} for name, data in found.data.items()},
        "headline": notebook.promised["headline"],
        "tables": tables,
        "figures": figures,
        "versions": versions(),
        "git": commit(Path(__file__).parent),
        "given": {name: [visible(str(v)) for v in value] if isinstance(value, list) else visible(value) for name, value in given.items()},
        "cut": _cut({p.name: p.default for p in notebook.parameters} | dict(given)),
        "cut_in_code": bool(literals_in(notebook.content)),
        **({"forecasts": list(found.forecasts)} if found.forecasts else {}),
    }


def _cut(values: Mapping[str, Any]) -> list[str]:
    """The parameters that a report does not hold whole."""
    return [name for name, value in values.items() if visible(value) != value]


def _publish(
    notebook: Notebook,
    outcome: Outcome,
    content: dict[str, Any],
    found: Results,
    facts: dict[str, Any],
    keep: Mapping[str, int] | None,
    ledger: Ledger,
) -> Outcome:
    """Write the report, or why there is none. A disk that is full, or a folder that may not be written, is one more reason."""
    if outcome.failure is None:
        try:
            _build(notebook, outcome, content, found, facts, keep, ledger)
            keep_ledger(outcome.folder, ledger)
            return outcome
        except (OSError, UsageError) as error:
            failure = Failure(f"The report could not be written: {str(getattr(error, 'strerror', '') or error).rstrip('.')}.")
            outcome, facts = replace(outcome, failure=failure), facts | {"status": "failed"}
    with suppress(OSError):  # then the index alone tells why
        _write_failure(outcome, facts)
    return outcome


def _build(
    notebook: Notebook,
    outcome: Outcome,
    content: dict[str, Any],
    found: Results,
    facts: dict[str, Any],
    keep: Mapping[str, int] | None,
    ledger: Ledger,
) -> None:
    from goodwill.reports.pages.render import report_page

    outcome.folder.parent.mkdir(parents=True, exist_ok=True)
    new = new_building(outcome.folder)
    try:
        new.chmod(0o755)
        for kind, files in (("tables", found.tables), ("figures", found.figures)):
            (new / kind).mkdir()
            for name, result in files.items():
                suffix, body = (".csv", result["csv"]) if kind == "tables" else (".svg", result["svg"])
                write_whole(new / kind / f"{name}{suffix}", body)
        write_json(new / "results.json", values_only(found.records))
        write_json(new / "notebook.ipynb", content)
        write_whole(new / "report.html", report_page(content, found, facts, notebook.parameters, accounts(ledger.forecasts)))
        made = [path for path in new.rglob("*") if path.is_file()]
        write_json(new / "run.json", facts | {"files": files_of(new, made)})
        _move_into_place(new, outcome.folder, keep)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    forget_failure(outcome.folder)


def forget_failure(folder: Path) -> None:
    """Remove what earlier runs left beside a report about why they did not build it."""
    beside = [folder.with_name(f"{folder.name}.{ending}") for ending in ("failed.html", "failed.json", "stale.json")]
    for path in [path for path in beside if is_own_file(path)]:
        with suppress(OSError):  # the report stands all the same
            path.unlink(missing_ok=True)


def _move_into_place(new: Path, folder: Path, keep: Mapping[str, int] | None) -> None:
    """Exchange the reports, after a second look: much may have come to the folder since the run began."""
    check_place(folder)
    previous = moved_aside(folder)
    if previous.exists() and not remove_report(previous):
        set_aside(previous, folder.name)
    if is_empty(folder):
        folder.rmdir()
    elif folder.exists():
        folder.rename(previous)
    try:
        new.rename(folder)
    except OSError:
        if previous.exists():
            previous.rename(folder)
        raise
    if is_damaged_report(previous):
        with suppress(OSError):  # the new report stands all the same
            set_aside(previous, folder.name)
    elif previous.exists():
        retire(previous, folder, keep)


def _write_failure(outcome: Outcome, facts: dict[str, Any]) -> None:
    from goodwill.reports.pages.render import failure_page

    assert outcome.failure is not None
    last_good = outcome.folder.name if (outcome.folder / "report.html").is_file() else ""
    outcome.folder.parent.mkdir(parents=True, exist_ok=True)
    page, words = (failure_file(outcome.folder, kind) for kind in ("html", "json"))
    if may_write(page) and may_write(words):  # else the index and the command line alone tell why
        write_json(words, facts | {"failure": asdict(outcome.failure)})
        write_whole(page, failure_page(facts, outcome.failure, last_good))


def failure_file(folder: Path, kind: str) -> Path:
    """The file beside a report's folder that says why its last run failed (`kind`: html or json)."""
    return folder.with_name(f"{folder.name}.failed.{kind}")
