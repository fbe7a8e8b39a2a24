"""Notebooks run cell by cell in this process, and judged as the runner judges them: a report with all that is promised, or one sentence."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from goodwill.errors import GoodwillError
from goodwill.reports.recording import output, pictures, small_pictures

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
KINDS = {"records": "record", "tables": "table", "figures": "figure"}
# What only those who write the code should read.
DEVELOPERS = re.compile(
    r"record\(|say: \{|did not record|Traceback|"
    r"\bnan\b|\bNaN\b|\binf\b|None\b(?! of)|(?:Key|Value|Type|Index)Error|LinAlg|dtype|np\.|array\(|<class"
)


@dataclass
class Run:
    """What a run of a notebook came to: what it showed by kind and name, or the one sentence that it stopped with."""

    shown: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    stopped: str = ""

    def __getitem__(self, name: str) -> Any:
        return self.shown["record", name]["value"]

    def reason(self, name: str) -> str:
        """Why a record has no value."""
        return str(self.shown["record", name]["reason"])

    @property
    def said(self) -> str:
        """All texts of the report."""
        return "\n".join(self.texts)


def run(number: str, **parameters: Any) -> Run:
    """Run the notebook of this number with these parameters; an error that is none of ours is raised."""
    content, done = _content(number), Run()
    names: dict[str, Any] = {"In": []}

    def keep(result: dict[str, Any], *, markdown: str = "", **_: Any) -> None:
        done.shown[result["kind"], str(result.get("name", len(done.shown)))] = result
        done.texts.append(markdown)

    undrawn = (
        mock.patch.object(pictures, "figure_svg", lambda *_: "<svg/>"),
        mock.patch.object(small_pictures, "narrow_svg", lambda *_: None),
    )
    with mock.patch.object(output, "put", keep), undrawn[0], undrawn[1]:
        for source, tags in _cells(content):
            try:
                names["In"].append(source)
                exec(source, names)
            except GoodwillError as error:
                done.stopped = str(error)
                return done
            if "parameters" in tags:
                names.update(parameters)
    return done


def faults(number: str, done: Run) -> list[str]:
    """What is wrong with a run as a user sees it: a promise not kept, or words that are not meant for users."""
    promised = _content(number)["metadata"]["goodwill"]
    if done.stopped:
        found = [] if re.search(r"[.)\]'\w]$", done.stopped) and "\n" not in done.stopped else ["is not one sentence"]
    else:
        excused = {("record", "")} | {
            (kind, name) for each in done.shown.values() for name in each.get("names", ()) for kind in ("table", "figure")
        }
        wanted = {(one, name) for kind, one in KINDS.items() for name in promised[kind]}
        found = [f"{kind} {name} is promised, not shown" for kind, name in sorted(wanted - done.shown.keys() - excused)]
    read = [done.stopped, *done.texts, *(str(each.get("reason") or each.get("caption") or "") for each in done.shown.values())]
    return found + [f"a developer's word: {word[0]!r} in {text[:200]!r}" for text in read if (word := DEVELOPERS.search(text))]


def _content(number: str) -> dict[str, Any]:
    return json.loads(next(NOTEBOOKS.glob(f"{number}_*.ipynb")).read_text("utf8"))


def _cells(content: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [("".join(cell["source"]), cell["metadata"].get("tags", [])) for cell in content["cells"] if cell["cell_type"] == "code"]
