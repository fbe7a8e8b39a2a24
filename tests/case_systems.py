"""The page on the fifty systems of the case texts, made from one file: `python -m tests.case_systems` writes docs/case_systems.md.

`--check` writes nothing and fails when the page is another one than the file makes.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SOURCE, PAGE = ROOT / "docs" / "case_systems.toml", ROOT / "docs" / "case_systems.md"
STATES = ("works", "partly", "not")
GROUPS = {"A": "The four topics", "B": "Named methods", "C": "Supporting cases and work sheets"}
HEAD = """\
# The fifty systems of the case texts

Made from [case_systems.toml](case_systems.toml) by `python -m tests.case_systems`; change that file, not this page.

The case texts describe fifty systems: models, rules, forms and sums. *Works* means that all that the texts give enough to compute is
computed, and that a test holds it to their figures; what must be assumed beside is a parameter, and is called assumed where it is shown.
*Partly* and *not* say what is missing. {counts}

The tables that the figures come from are in `data/cases` (`gw.read_case`).
"""


@dataclass(frozen=True)
class System:
    """One system: where it stands, what holds it to the texts, and what is missing."""

    number: int
    group: str
    name: str
    status: str
    functions: list[str]
    pages: list[str]
    tests: list[str]
    missing: str


def systems() -> list[System]:
    """The systems in the order of their numbers."""
    return [System(**given) for given in tomllib.loads(SOURCE.read_text("utf-8"))["system"]]


def page(of: list[System]) -> str:
    """The page as text."""
    counts = Counter(system.status for system in of)
    said = ", ".join(f"{counts[state]} {state}" for state in STATES)
    parts = [HEAD.format(counts=f"Of {len(of)}: {said}.")]
    for group, title in GROUPS.items():
        rows = [_row(system) for system in of if system.group == group]
        parts += [
            f"## {title}\n",
            "| # | system | state | in the library | worked in | held by | missing |",
            "|---|---|---|---|---|---|---|",
        ]
        parts += [*rows, ""]
    return "\n".join(parts).rstrip() + "\n"


def _row(system: System) -> str:
    functions = ", ".join(f"`{name}`" for name in system.functions)
    pages = ", ".join(f"[{Path(path).stem}]({_link(path)})" for path in system.pages)
    tests = ", ".join(f"[{_short(test)}]({_link(test.partition('::')[0])})" for test in system.tests)
    return f"| {system.number} | {system.name} | {system.status} | {functions} | {pages} | {tests} | {system.missing} |"


def _link(path: str) -> str:
    return path.removeprefix("docs/") if path.startswith("docs/") else f"../{path}"


def _short(test: str) -> str:
    return test.partition("::")[2].removeprefix("test_").replace("_", " ")


def faults(system: System) -> list[str]:
    """What is wrong with the pointers of a system; empty when each leads somewhere."""
    import goodwill as gw

    found = [] if system.status in STATES else [f"{system.number}: the status {system.status!r} is none of {', '.join(STATES)}"]
    found += [f"{system.number}: there is no {path}" for path in system.pages if not (ROOT / path).is_file()]
    for name in system.functions:
        try:
            reduce(getattr, name.split(".")[1:], gw)
        except AttributeError:
            found.append(f"{system.number}: there is no {name}")
    for test in system.tests:
        path, _, name = test.partition("::")
        if not (ROOT / path).is_file() or not re.search(rf"^ *def {re.escape(name)}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE):
            found.append(f"{system.number}: there is no test {test}")
    if system.status == "works" and not (system.functions and system.pages and system.tests):
        found.append(f"{system.number}: what works has a function, a page and a test")
    if system.status != "works" and not system.missing:
        found.append(f"{system.number}: what does not work says what is missing")
    return found


def unshown(system: System) -> list[str]:
    """Functions of a system that no page of it names (a page of Markdown or YAML counts as showing all)."""
    texts: list[str] = [(ROOT / path).read_text("utf-8") for path in system.pages]
    if not system.pages or any(not path.endswith(".ipynb") for path in system.pages):
        return []
    last: Any = [name.rpartition(".")[2] for name in system.functions]
    return [name for name in last if not any(re.search(rf"\b{name}\b", text) for text in texts)]


def main() -> int:
    made = page(systems())
    if "--check" in sys.argv:
        return int(PAGE.read_text("utf-8") != made)
    PAGE.write_text(made, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
