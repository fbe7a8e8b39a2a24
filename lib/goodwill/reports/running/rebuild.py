"""Making a report again from what stands in its folder, and saying whether the results are equal and which inputs have changed.

The notebook is the one inside the report, so that it can be made again when the project has moved on; data, library and packages are
those of today, and each is compared with what run.json says of then.
"""

from __future__ import annotations

import copy
import csv
import math
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goodwill.errors import GoodwillError, UsageError
from goodwill.findings.numbers import describe_both
from goodwill.reports.recording.extract import Failure
from goodwill.reports.recording.notebooks import Notebook, find_notebook
from goodwill.reports.recording.secrets import is_hidden
from goodwill.reports.recording.values import RESERVED
from goodwill.reports.recording.versions import library_hash
from goodwill.reports.running.ours import is_report_facts
from goodwill.reports.running.own_files import has_shape_of_facts, read_results
from goodwill.reports.running.places import writable_places
from goodwill.reports.running.provenance import notebook_hash
from goodwill.reports.running.run import run_notebook
from goodwill.reports.running.writing import read_object

LIBRARY_CHANGED = "The library has changed."
GONE = ("AttributeError", "ImportError", "ModuleNotFoundError", "TypeError")
OUTGROWN = (
    "the notebook inside the report was written for an older version of the library, whose names have changed; "
    "build the report anew with goodwill run, or rebuild it with the version that run.json names."
)
NEEDED = ("name", "title", "notebook", "parameters", "library", "notebook_sha256", "base", "data", "versions")


class NotTrusted(UsageError):
    """The notebook inside a report's folder is not one of this project, and nobody said that it may run."""


@dataclass(frozen=True)
class Rebuilt:
    """What came of making a report again.

    `failure` is set when it could not be made; `changed` names the inputs that are not as they were; `differences` the results and
    tables that are not equal, in sentences; `figures` the pictures that are not the same bytes, which decides nothing.
    """

    compared: str
    seconds: float
    failure: Failure | None = None
    changed: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()

    @property
    def is_equal(self) -> bool:
        return self.failure is None and not self.differences

    @property
    def _outgrown(self) -> bool:
        """Whether the notebook of then asks for names that the library of now no longer has."""
        return self.failure is not None and LIBRARY_CHANGED in self.changed and self.failure.message.startswith(GONE)

    def lines(self) -> list[str]:
        """What is told on the command line."""
        lines = [f"Input: {sentence}" for sentence in self.changed] or ["Inputs: as they were then."]
        if self.failure is not None:
            return [*lines, f"Not built: {OUTGROWN if self._outgrown else self.failure.message}"]
        if self.figures:
            lines.append(f"Figures drawn otherwise: {', '.join(self.figures)}.")
        if self.is_equal:
            return [*lines, f"Equal: {self.compared}."]
        return [*lines, f"Different, of {self.compared}:", *(f"  {sentence}" for sentence in self.differences)]


def rebuild(
    report: Path,
    given: Mapping[str, Any] | None = None,
    *,
    out: Path | None = None,
    base: Path | None = None,
    tolerance: float = 0.0,
    trust: bool = False,
) -> Rebuilt:
    """Make a report again and compare.

    Parameters
    ----------
    report : Path
        The folder of the report, which is left as it is.
    given : mapping, optional
        Parameters in place of the kept ones: an address with the password that a report never holds, or where a file is now.
    out : Path, optional
        Keeps the new report here; otherwise it is made in a temporary folder.
    base : Path, optional
        Where relative data paths start; by default the same place as then, seen from the report's folder.
    tolerance : float
        Relative difference up to which two numbers count as equal.
    trust : bool
        Run the notebook inside the folder also where it is not one of this project: it is code, and runs with the rights of who asks.

    Raises
    ------
    UsageError
        When the folder is no report, a password is missing, or its notebook is another than the project's and nobody trusts it.
    """
    report = report.resolve()
    facts = _facts(report)
    if facts.get("cut_in_code"):
        raise UsageError(
            f"The notebook inside {report} does not hold the address in its code with which it ran; put the address into a parameter "
            "of the project's notebook and run that."
        )
    notebook = _kept_notebook(report, facts)
    if not trust and not is_known(notebook):
        raise NotTrusted(
            f"The notebook inside {report} is not one of this project as it is now. A report's folder is code: making it again runs what "
            "somebody wrote there, with your rights. Read notebook.ipynb in it, and add --trust if you know where it is from."
        )
    values = _parameters(facts, given or {})
    base = (base or _base(report, facts)).resolve()
    with tempfile.TemporaryDirectory(prefix="goodwill-rebuild-") as scratch, writable_places():
        folder = out or Path(scratch) / "report"
        if folder.resolve() == report:
            raise UsageError(f"{report} is the report itself; name another folder with --out.")
        outcome = run_notebook(notebook, values, folder, name=facts["name"], title=facts["title"], base=base)
        if outcome.failure is not None:
            return Rebuilt("", outcome.seconds, outcome.failure, changed=_changed(facts, None, notebook))
        return _compared(report, folder, facts, notebook, outcome.seconds, tolerance)


def is_known(notebook: Notebook) -> bool:
    """Whether the project has this very notebook: then making the report again runs no other code than building it does."""
    return _hash_today(notebook.path.name) == notebook_hash(notebook.content)


def _compared(report: Path, folder: Path, facts: Mapping[str, Any], notebook: Notebook, seconds: float, tolerance: float) -> Rebuilt:
    then, now = (_results(place) for place in (report, folder))
    tables = {place: {path.name: path for path in (place / "tables").glob("*.csv")} for place in (report, folder)}
    pictures = {place: {path.name: path.read_bytes() for path in (place / "figures").glob("*.svg")} for place in (report, folder)}
    differences = [*compare_records(then, now, tolerance), *compare_tables(tables[report], tables[folder], tolerance)]
    names = pictures[report].keys() | pictures[folder].keys()
    figures = sorted(Path(name).stem for name in names if pictures[report].get(name) != pictures[folder].get(name))
    compared = f"{len(then)} result{'s' if len(then) != 1 else ''} and {len(tables[report])} table{'s' if len(tables[report]) != 1 else ''}"
    return Rebuilt(compared, seconds, None, _changed(facts, _facts(folder), notebook), tuple(differences), tuple(figures))


def compare_records(then: Mapping[str, Any], now: Mapping[str, Any], tolerance: float = 0.0) -> list[str]:
    """One sentence for each recorded result that is not equal: value, interval, unit or reason."""
    sentences = [f"{name}: is no longer recorded" for name in then if name not in now]
    sentences += [f"{name}: was not recorded then" for name in now if name not in then]
    for name in then:
        if name in now and (by := _distance(_numbers(then[name]), _numbers(now[name]))) > tolerance:
            size = f", a relative difference of {by:.2g}" if by < float("inf") else ""
            old, new = describe_both(then[name], now[name])
            sentences.append(f"{name}: {old} then, {new} now{size}")
    return sentences


def compare_tables(then: Mapping[str, Path], now: Mapping[str, Path], tolerance: float = 0.0) -> list[str]:
    """One sentence for each table that is not equal."""
    sentences = [f"tables/{name}: is no longer recorded" for name in sorted(then.keys() - now.keys())]
    sentences += [f"tables/{name}: was not recorded then" for name in sorted(now.keys() - then.keys())]
    for name in sorted(then.keys() & now.keys()):
        before, after = _cells(then[name]), _cells(now[name])
        if [len(row) for row in before] != [len(row) for row in after]:
            sentences.append(f"tables/{name}: had {len(before) - 1} rows and has {len(after) - 1}, or other columns")
            continue
        pairs = [pair for rows in zip(before, after, strict=True) for pair in zip(*rows, strict=True)]
        by = [distance for pair in pairs if (distance := _distance([_number(pair[0])], [_number(pair[1])])) > tolerance]
        if by:
            size = f", by {max(by):.2g} at most (relative)" if max(by) < float("inf") else ""
            sentences.append(f"tables/{name}: {len(by)} of {len(pairs)} cells differ{size}")
    return sentences


def _facts(report: Path) -> dict[str, Any]:
    facts = read_object(report / "run.json")
    if not facts:
        raise UsageError(f"{report} is not a report: it holds no run.json that can be read.")
    for key in NEEDED:
        if key not in facts:
            raise UsageError(f"{report} was made by an earlier version and cannot be made again: its run.json has no {key!r}.")
    if not is_report_facts(facts) or not has_shape_of_facts(facts):
        raise UsageError(f"{report} is not a report: its run.json has another shape than those that goodwill writes.")
    if Path(facts["name"]).name != facts["name"] or facts["name"] in ("", "..") or "\\" in facts["name"]:
        raise UsageError(f"{report} cannot be made again: the name {facts['name']!r} in its run.json leads to another folder.")
    return facts


def _results(report: Path) -> dict[str, Any]:
    found = read_results(report)
    if not found:
        raise UsageError(f"{report} holds no results.json that can be read; without it there is nothing to compare with.")
    return {name: record for name, record in found.items() if name not in RESERVED}


def _kept_notebook(report: Path, facts: Mapping[str, Any]) -> Notebook:
    """The notebook as it was before it ran: without given parameters, outputs and counts."""
    content = copy.deepcopy(Notebook.read(report / "notebook.ipynb").content)
    content["cells"] = [cell for cell in content["cells"] if "injected-parameters" not in cell["metadata"].get("tags", [])]
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    return Notebook(Path(facts["notebook"]), content)


def _parameters(facts: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    values = {**facts["parameters"], **facts.get("given", {}), **given}
    cut = set(facts.get("cut", ())) - given.keys()
    for name, value in values.items():
        if name in cut or any(is_hidden(text) for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)):
            raise UsageError(
                f"The report does not hold the whole address in the parameter {name!r} (who connects, password, settings); "
                f"give the address with -p {name} ADDRESS."
            )
    return values


def _base(report: Path, facts: Mapping[str, Any]) -> Path:
    then = report / facts["base"]
    return then if then.is_dir() else Path.cwd()


def _changed(then: Mapping[str, Any], now: Mapping[str, Any] | None, notebook: Notebook) -> tuple[str, ...]:
    """The inputs that are not as they were, in sentences; those of the data only when there is a new report."""
    sentences = []
    if now is not None:
        for name, data in then["data"].items():
            today = now["data"].get(name, {})
            if data.get("fingerprint") is None:
                sentences.append(f"The data {data.get('source')!r} have no fingerprint, so nobody can say whether they have changed.")
            elif data["fingerprint"] != today.get("fingerprint"):
                sentences.append(f"The data {data.get('source')!r} have changed ({_span(data)} then, {_span(today)} now).")
        packages = [
            name for name in then["versions"].keys() | now["versions"].keys() if then["versions"].get(name) != now["versions"].get(name)
        ]
        sentences += [f"{name} was {then['versions'].get(name)} and is {now['versions'].get(name)}." for name in sorted(packages)]
    if then["library"] != library_hash():
        sentences.append(LIBRARY_CHANGED)
    if then["notebook_sha256"] != notebook_hash(notebook.content):
        sentences.append("The notebook inside the report has been changed since it ran.")
    if _hash_today(then["notebook"]) not in (None, then["notebook_sha256"]):
        sentences.append(f"The notebook {then['notebook']} of the project has changed; the one inside the report was run.")
    return tuple(sentences)


def _hash_today(name: str) -> str | None:
    """The hash of the project's notebook of this name, None when it has none."""
    try:
        return notebook_hash(find_notebook(Path(name).stem).content)
    except GoodwillError:
        return None


def _span(data: Mapping[str, Any]) -> str:
    return f"{data.get('first')} to {data.get('last')}, SHA-256 {str(data.get('fingerprint'))[:12]}…"


def _numbers(record: Mapping[str, Any]) -> list[Any]:
    ends = record.get("interval") or [None, None]
    return [record.get("value"), *ends, record.get("level"), record.get("unit"), record.get("reason")]


def _distance(then: list[Any], now: list[Any]) -> float:
    """The largest relative difference between numbers; infinite where anything else differs."""
    largest = 0.0
    for old, new in zip(then, now, strict=True):
        if old == new and type(old) is type(new):
            continue
        if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in (old, new)):
            return float("inf")
        largest = max(largest, abs(old - new) / max(abs(old), abs(new), 1e-300))
    return largest


def _number(text: str) -> Any:
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text


def _cells(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))
