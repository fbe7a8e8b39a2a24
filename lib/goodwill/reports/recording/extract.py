"""What an executed notebook holds: its recorded results, whether it succeeded, and a form of it that is the same in every run."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any

from goodwill import errors
from goodwill.errors import GoodwillError
from goodwill.findings.numbers import safe_markdown
from goodwill.reports.recording.execution import Execution
from goodwill.reports.recording.notebooks import PROMISES
from goodwill.reports.recording.output import MIME
from goodwill.reports.recording.values import NAME

OURS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, GoodwillError)}
ANSI = re.compile(r"\x1b\[[0-9;]*m")
KERNEL_FILE = re.compile(r"(?<!\S)\S*ipykernel_\d+[/\\]\d+\.py")  # how warnings name a cell; holds the number of the process
VALUE_KEYS = ("value", "interval", "level", "unit", "label", "reason")
TRUST_KEYS = ("model_interval", "grade", "weakest", "track_record")  # where a record has them
SCHEMA = 1  # of results.json; raised when what a field means changes


@dataclass(frozen=True)
class Failure:
    """Why a report was not built: a sentence, and the cell where there is one.

    `ours` marks an error that the user can mend, `died` a kernel that died, which may go well the next time.
    """

    message: str
    ours: bool = False
    cell: int | None = None
    source: str = ""
    traceback: str = ""
    died: bool = False


@dataclass(frozen=True)
class Results:
    """What a notebook recorded, by name, in the order of the notebook; `absent` names what it said that there is not, and why."""

    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    figures: dict[str, dict[str, Any]] = field(default_factory=dict)
    data: dict[str, dict[str, Any]] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    repeated: tuple[str, ...] = ()
    absent: frozenset[str] = frozenset()
    forecasts: tuple[dict[str, Any], ...] = ()


def results(content: Mapping[str, Any]) -> Results:
    """The recorded results. In one cell the last record of a name stands; names that two cells record are in `repeated`."""
    found: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in ("record", "table", "figure", "data")}
    owner: dict[tuple[str, str], int] = {}
    repeated, parameters, absent, forecasts = [], {}, set[str](), ()
    for index, output in _outputs(content):
        result = output["data"].get(MIME)
        if result is None:
            continue
        if result["kind"] == "start":
            parameters = dict(result["parameters"])
        if result["kind"] == "absent":
            absent.update(result["names"])
        if result["kind"] == "forecasts":
            forecasts = tuple(result["forecasts"])
        if result["kind"] not in found or not NAME.fullmatch(result["name"]):  # a name becomes the name of a file
            continue
        key = (result["kind"], result["name"])
        if owner.setdefault(key, index) != index:
            repeated.append(result["name"])
        svg = {"svg": text(output["data"]["image/svg+xml"])} if result["kind"] == "figure" else {}
        found[result["kind"]][result["name"]] = dict(result) | svg
    twice = tuple(dict.fromkeys(repeated))
    return Results(found["record"], found["table"], found["figure"], found["data"], parameters, twice, frozenset(absent), forecasts)


def values_only(records: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The content of results.json: by name the value, interval, level, unit, label and reason, and how far it can be trusted where said.

    The version of the fields stands under `schema`, in the form of a record too, so that who reads all names needs no exception.
    """
    schema = dict.fromkeys(VALUE_KEYS) | {"value": SCHEMA, "label": "version of the fields of this file"}
    chosen = {
        name: {key: record[key] for key in VALUE_KEYS} | {key: record[key] for key in TRUST_KEYS if key in record}
        for name, record in records.items()
    }
    return chosen | {"schema": schema}


def find_failure(execution: Execution, found: Results, promised: Mapping[str, list[str]]) -> Failure | None:
    """The reason why the run did not succeed, or None: every code cell ran, none failed, and every promised result is there, once."""
    cells = execution.content["cells"]
    for index, cell in enumerate(cells):
        for output in cell.get("outputs", ()):
            if output["output_type"] == "error":
                return _error_in_cell(cells, index, output)
    if execution.problem:
        died = "DeadKernel" in execution.problem
        reason = "the kernel died (out of memory, or a crash in a library)" if died else execution.problem
        return replace(_at_cell(cells, execution.last_cell, reason), died=died)
    for index, cell in enumerate(cells):
        if should_have_run(cell) and cell.get("execution_count") is None:
            return _at_cell(cells, execution.last_cell, f"the notebook stopped before code cell {code_number(cells, index)}")
    if found.repeated:
        return Failure(f"Two cells record the name {found.repeated[0]!r}; each result needs a name of its own.")
    kept = {kind: getattr(found, kind).keys() | (found.absent if kind != "records" else ()) for kind in PROMISES}
    missing = [f"{kind[:-1]} {name!r}" for kind in PROMISES for name in promised[kind] if name not in kept[kind]]
    missing += [f"record {name!r}" for name in promised["headline"] if name not in found.records]
    if missing:
        return Failure(f"The notebook ran but did not record what it promises: {', '.join(dict.fromkeys(missing))}.")
    return None


def normalized(content: Mapping[str, Any], replacements: Mapping[str, str]) -> dict[str, Any]:
    """The executed notebook without what differs between runs: times, random ids, and machine paths (`replacements`: path -> text).

    A text that takes the place of a path may come from the data (the name of a group): it is written as each place needs it.
    """
    tidy: dict[str, Any] = _replaced(copy.deepcopy(dict(content)), replacements)
    tidy["metadata"] = {key: value for key, value in tidy["metadata"].items() if key in ("kernelspec", "language_info", "goodwill")}
    for cell in tidy["cells"]:
        tags = cell["metadata"].get("tags", [])
        if "injected-parameters" in tags:
            cell["id"] = "given-parameters"
        cell["metadata"] = {"tags": list(tags)} if tags else {}
    return tidy


def code_number(cells: list[dict[str, Any]], index: int) -> int:
    """The place of a cell among the code cells as the author wrote them, from 1."""
    before = [c for c in cells[: index + 1] if c["cell_type"] == "code" and "injected-parameters" not in c["metadata"].get("tags", [])]
    return len(before)


def text(value: str | list[str]) -> str:
    """A text of the notebook format, which may be a list of lines."""
    return value if isinstance(value, str) else "".join(value)


def has_error(content: Mapping[str, Any]) -> bool:
    """Whether a cell of an executed notebook failed."""
    return any(output["output_type"] == "error" for cell in content["cells"] for output in cell.get("outputs", ()))


def should_have_run(cell: Mapping[str, Any]) -> bool:
    """Whether a cell is code that a run executes."""
    skipped = "skip-execution" in cell["metadata"].get("tags", [])  # a tag that nbclient honours
    return cell["cell_type"] == "code" and bool(text(cell["source"]).strip()) and not skipped


def _outputs(content: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for index, cell in enumerate(content["cells"]):
        for output in cell.get("outputs", ()):
            if "data" in output:
                yield index, output


def _error_in_cell(cells: list[dict[str, Any]], index: int, output: Mapping[str, Any]) -> Failure:
    ours = output["ename"] in OURS
    said = " ".join(ANSI.sub("", output["evalue"]).split())
    message = said if ours else f"{output['ename']} in code cell {code_number(cells, index)}: {said}"
    trace = ANSI.sub("", "\n".join(output.get("traceback", ())))
    return Failure(message, ours, code_number(cells, index), text(cells[index]["source"]), trace)


def _at_cell(cells: list[dict[str, Any]], index: int, reason: str) -> Failure:
    if index < 0:
        return Failure(f"The notebook did not start: {reason}.")
    number = code_number(cells, index)
    return Failure(f"In code cell {number} {reason}.", False, number, text(cells[index]["source"]))


def _literal(text: str) -> str:
    """A text as papermill writes it between double quotes."""
    return text.encode("unicode_escape").decode().replace('"', r"\"")


# How a text is written in the source of a cell, and in the outputs of a kind; as it is everywhere else.
WAYS: dict[str, Callable[[str], str]] = {
    "source": _literal,
    "text/markdown": safe_markdown,
    "text/html": escape,
    "image/svg+xml": escape,
}


def _forms(old: str, new: str, write: Callable[[str], str]) -> dict[str, str]:
    """The forms in which a text may stand in a place, and what takes their place there; a plain one in the way of the place."""
    forms: dict[str, str] = {}
    for way in (write, str, safe_markdown, escape, _literal):
        forms.setdefault(way(old), write(new) if way is str else way(new))
    return forms


def _replaced(value: Any, replacements: Mapping[str, str], write: Callable[[str], str] = str) -> Any:
    if isinstance(value, str):
        value = KERNEL_FILE.sub("cell.py", value)
        for old in sorted(replacements, key=len, reverse=True):
            for found, shown in _forms(old, replacements[old], write).items():
                value = value.replace(found, shown)
        return value
    if isinstance(value, dict):
        return {key: _replaced(item, replacements, WAYS.get(key, write)) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, replacements, write) for item in value]
    return value
