"""The rules of the house as functions: each takes what it looks at and returns a message for each breach, with its place.

Why there are such rules: a notebook should read as a paper. What needs a choice or a sentence made of parts belongs into
the library, where it has a name, a type and a test.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from goodwill.reports.pages.arrangement import arranged
from goodwill.reports.recording.output import MIME

MOST_LINES_IN_A_CELL = 10
MOST_CELLS = 40
MOST_CODE_LINES = 130
MOST_CHARACTERS = 110
MOST_MODULES = 25
MOST_OPEN = 16
EXHIBITS = ("table", "figure")
# Lists that are long by nature: what may be set, what is imported, what is assumed.
LISTS = frozenset({"parameters", "imports", "assumptions"})
CONTROL: dict[type[ast.AST], str] = {
    ast.If: "if",
    ast.IfExp: "a conditional expression",
    ast.Match: "match",
    ast.Try: "try",
    ast.TryStar: "try",
    ast.While: "while",
    ast.BoolOp: "and/or (masks are written with & and |)",
}
OTHERS_ALLOWED = frozenset({"numpy", "pandas"})


@dataclass(frozen=True)
class Cell:
    """One cell of a notebook; cells are counted from 1, as a reader counts."""

    notebook: str
    number: int
    source: str
    kind: str = "code"
    tags: frozenset[str] = frozenset()

    def at(self, line: int) -> str:
        """The place of a line (counted from 1) for a message."""
        return f"{self.notebook} cell {self.number} line {line}"

    @property
    def lines(self) -> list[str]:
        """Lines that hold something."""
        return [line for line in self.source.splitlines() if line.strip()]

    @property
    def heading(self) -> str:
        """The words of the heading that a Markdown cell begins with; empty for any other cell."""
        first = self.source.lstrip().partition("\n")[0]
        return first.lstrip("#").strip() if self.kind == "markdown" and first.startswith("#") else ""


def read_cells(path: Path) -> list[Cell]:
    """The cells of a notebook file."""
    content: dict[str, Any] = json.loads(path.read_text("utf8"))
    return [
        Cell(path.name, number, "".join(cell["source"]), cell["cell_type"], frozenset(cell["metadata"].get("tags", ())))
        for number, cell in enumerate(content["cells"], 1)
    ]


def code(cells: Iterable[Cell]) -> Iterator[Cell]:
    """The code cells."""
    return (cell for cell in cells if cell.kind == "code")


def _tree(cell: Cell) -> ast.Module:
    """The parsed cell; lines for IPython alone (`%`, `!`) stand as empty ones."""
    source = "\n".join("" if line.startswith(("%", "!")) else line for line in cell.source.splitlines())
    return ast.parse(source, cell.at(1))


# --- notebooks ------------------------------------------------------------------------------------------------------------------------


def long_cells(cells: Sequence[Cell]) -> list[str]:
    """Code cells of more than ten lines, not counting empty ones; lists (`LISTS`) may be longer."""
    return [
        f"{cell.at(1)}: {len(cell.lines)} lines of code; at most {MOST_LINES_IN_A_CELL} (move them into the library)"
        for cell in code(cells)
        if len(cell.lines) > MOST_LINES_IN_A_CELL and not cell.tags & LISTS
    ]


def control_flow(cells: Sequence[Cell]) -> list[str]:
    """Choices in cells that are not tagged `settle`; and more than one cell with that tag.

    The `if` of a comprehension is a filter, and allowed, where it asks about what the comprehension itself runs through. One that asks
    only about something else takes all or nothing: that is a choice.
    """
    found = [f"{cell.at(1)}: a second cell tagged settle; one is enough" for cell in _tagged(cells, "settle")[1:]]
    for cell in code(cells):
        if "settle" not in cell.tags:
            found += [f"{cell.at(line)}: {what} in a cell; a paper has no control flow" for line, what in _choices(_tree(cell))]
    return found


def _choices(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if type(node) in CONTROL:
            yield node.lineno, CONTROL[type(node)]  # type: ignore[attr-defined]
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield node.lineno, "not (masks are written with ~)"
        elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            bound = _names(*(part.target for part in node.generators)) - {"_"}
            tests = [test for part in node.generators for test in part.ifs]
            yield from ((test.lineno, "an if that is no filter of its comprehension") for test in tests if not _names(test) & bound)


def _names(*nodes: ast.AST) -> set[str]:
    return {node.id for top in nodes for node in ast.walk(top) if isinstance(node, ast.Name)}


def too_long_altogether(cells: Sequence[Cell]) -> list[str]:
    """A notebook of more than 40 cells, or of more than 130 lines of code without its parameters."""
    found = []
    lines = sum(len(cell.lines) for cell in code(cells) if "parameters" not in cell.tags)
    if len(cells) > MOST_CELLS:
        found.append(f"{cells[0].notebook}: {len(cells)} cells; at most {MOST_CELLS}")
    if lines > MOST_CODE_LINES:
        found.append(f"{cells[0].notebook}: {lines} lines of code without the parameters; at most {MOST_CODE_LINES}")
    return found


def foreign_imports(cells: Sequence[Cell], *, course: bool = False) -> list[str]:
    """Imports of ours other than `import goodwill as gw`; and, but in the course, imports of anything besides numpy and pandas."""
    found = []
    for cell in code(cells):
        for line, module, name in _imports(_tree(cell)):
            ours = module.split(".")[0] == "goodwill"
            if ours and (module, name) != ("goodwill", "gw"):
                found.append(f"{cell.at(line)}: imports {module}; of ours a notebook imports only `import goodwill as gw`")
            elif not ours and not course and module not in OTHERS_ALLOWED:
                found.append(f"{cell.at(line)}: imports {module}; besides goodwill only {' and '.join(sorted(OTHERS_ALLOWED))}")
    return found


def _imports(tree: ast.AST) -> Iterator[tuple[int, str, str]]:
    """Line, module, and the name it goes by (empty for `from … import`)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name, name.asname or name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.module or ".", ""


def wide_lines(cells: Sequence[Cell]) -> list[str]:
    """Lines of code or Markdown above 110 characters, but one that cannot be broken: a single word such as an address."""
    return [
        f"{cell.at(number)}: {len(line)} characters; at most {MOST_CHARACTERS}"
        for cell in cells
        for number, line in enumerate(cell.source.splitlines(), 1)
        if len(line) > MOST_CHARACTERS and len(line.split()) > 1
    ]


def misplaced_in_short(cells: Sequence[Cell]) -> list[str]:
    """*In short* is a heading and one code cell, the last before the heading tagged `working`; the first cell links to it."""
    notebook, marked = cells[0].notebook, _tagged(cells, "in-short")
    if len(marked) != 1:
        return [f"{notebook}: {len(marked)} code cells tagged in-short; one says in short what was found"]
    working = [cell for cell in cells if "working" in cell.tags]
    start = working[0].number if working else cells[-1].number + 1
    found = [f"{cell.at(1)}: a second cell tagged working; the tag marks the heading alone" for cell in working[1:]]
    found += [f"{cell.at(1)}: the tag working marks a heading" for cell in working if not cell.heading]
    found += [
        f"{cell.at(1)}: code between in-short (cell {marked[0].number}) and the working"
        for cell in code(cells)
        if marked[0].number < cell.number < start
    ]
    if marked[0].number > start:
        found.append(f"{marked[0].at(1)}: in-short stands within the working (cell {start})")
    if not any("in-short" in cell.tags and cell.heading == "In short" for cell in cells):
        found.append(f"{marked[0].at(1)}: no Markdown cell tagged in-short begins with the heading In short, to which links lead")
    if "(#In-short)" not in cells[0].source:
        found.append(f"{cells[0].at(1)}: the first cell does not link to (#In-short)")
    return found


def _tagged(cells: Iterable[Cell], tag: str) -> list[Cell]:
    return [cell for cell in code(cells) if tag in cell.tags]


# --- pages ----------------------------------------------------------------------------------------------------------------------------


def crowded_page(content: Mapping[str, Any]) -> list[str]:
    """More than 16 tables and figures that stand open on the page of an executed notebook."""
    found = open_exhibits(content)
    return [f"{found} tables and figures stand open; at most {MOST_OPEN} (fold the others in the working)"] if found > MOST_OPEN else []


def open_exhibits(content: Mapping[str, Any]) -> int:
    """How many tables and figures stand open; pictures and tables that are shown without being recorded count too."""
    page = arranged(content["cells"])
    return sum(
        _is_exhibit(output["data"]) for cell in (*page.in_short, *page.sections) for output in cell.get("outputs", ()) if "data" in output
    )


def _is_exhibit(data: Mapping[str, Any]) -> bool:
    if MIME in data:
        return data[MIME]["kind"] in EXHIBITS
    return any(kind.startswith("image/") or kind == "text/html" for kind in data)


# --- folders and imports of the library -----------------------------------------------------------------------------------------------


def crowded_folders(package: Path) -> list[str]:
    """Folders of more than 25 modules, and packages of a single one; `__init__` is not counted."""
    found = []
    for folder in sorted({path.parent for path in package.rglob("*.py")}):
        modules = [path.stem for path in folder.glob("*.py") if path.stem != "__init__"]
        rooms = [path for path in folder.iterdir() if path.is_dir() and any(path.rglob("*.py"))]
        if len(modules) > MOST_MODULES:
            found.append(f"{folder.relative_to(package.parent)}: {len(modules)} modules; at most {MOST_MODULES}")
        if len(modules) == 1 and not rooms:
            found.append(f"{folder.relative_to(package.parent)}: a folder for the one module {modules[0]}")
    return found


Edges = Mapping[str, Mapping[str, str]]  # module -> imported module -> place of the import


def import_graph(package: Path) -> Edges:
    """Who imports whom within a package, also inside functions and for type checking; running the `__init__` above is no import here."""
    modules = {_dotted(path, package): path for path in sorted(package.rglob("*.py"))}
    graph: dict[str, dict[str, str]] = {}
    for name, path in modules.items():
        edges = graph.setdefault(name, {})
        here = name if path.stem == "__init__" else name.rpartition(".")[0]
        for node in _statements(ast.parse(path.read_text("utf8"), str(path))):
            for target in _targets(node, here, modules):
                if target != name:
                    edges.setdefault(target, f"{path.relative_to(package.parent)}:{node.lineno}")
    return graph


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    """All statements below a node, in order; their expressions, which are most of a tree and import nothing, are not entered."""
    for block in ("body", "handlers", "cases", "orelse", "finalbody"):
        for child in getattr(node, block, ()):
            if isinstance(child, ast.stmt):
                yield child
            yield from _statements(child)


def _dotted(path: Path, package: Path) -> str:
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _targets(node: ast.AST, here: str, modules: Mapping[str, Path]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in modules)
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            above = here.split(".")[: len(here.split(".")) - node.level + 1]
            base = ".".join([*above, *filter(None, [node.module])])
        for alias in node.names:
            inner = f"{base}.{alias.name}"
            yield from [inner] if inner in modules else [base] if base in modules else []


def import_circles(graph: Edges) -> list[str]:
    """For each knot of modules that reach one another, its shortest circle with the places of its imports."""
    found, done = [], set[str]()
    for start in sorted(graph):
        circle = _shortest_circle(graph, start) if start not in done else []
        if circle:
            done |= {name for name in graph if name in _reached(graph, start) and start in _reached(graph, name)}
            steps = "; ".join(
                f"{one} imports {other} ({graph[one][other]})" for one, other in zip(circle, [*circle[1:], circle[0]], strict=True)
            )
            found.append(f"a circle of {len(circle)}: {steps}")
    return found


def _reached(graph: Edges, start: str) -> set[str]:
    seen, waiting = set[str](), [start]
    while waiting:
        for name in graph.get(waiting.pop(), ()):
            if name not in seen:
                seen.add(name)
                waiting.append(name)
    return seen


def _shortest_circle(graph: Edges, start: str) -> list[str]:
    """The modules of the shortest way from `start` back to itself; none when there is no way."""
    paths = [[start]]
    seen = set[str]()
    for path in paths:  # grows while it is walked: breadth first
        for name in graph.get(path[-1], ()):
            if name == start:
                return path
            if name not in seen:
                seen.add(name)
                paths.append([*path, name])
    return []


# --- wordings -------------------------------------------------------------------------------------------------------------------------

PLACEHOLDER = re.compile(r"(?<!\{)\{[^{}]*\}(?!\})")
WORD = re.compile(r"[A-Za-z]{2,}")
Text = ast.Constant | ast.JoinedStr


def wordings(path: Path) -> list[tuple[str, str]]:
    """The wordings of a module with their places: texts of two words or more in its module-level tables with upper-case names."""
    found = []
    for node in ast.parse(path.read_text("utf8"), str(path)).body:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        if any(isinstance(target, ast.Name) and target.id.isupper() for target in targets) and node.value is not None:  # type: ignore[attr-defined]
            for text in _values(node.value):  # type: ignore[attr-defined]
                if len(WORD.findall(PLACEHOLDER.sub("", text.value))) > 1:
                    found.append((f"{path.name}:{text.lineno}", text.value))
    return found


def _values(node: ast.AST) -> Iterator[ast.Constant]:
    """The texts that a table holds, also in tables within it; its keys are not wordings."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node
    elif isinstance(node, ast.Dict):
        yield from (text for value in node.values for text in _values(value))
    elif isinstance(node, ast.Tuple | ast.List):
        yield from (text for value in node.elts for text in _values(value))
    elif isinstance(node, ast.Call):  # MappingProxyType({...})
        yield from (text for value in node.args for text in _values(value))


def pieced_sentences(path: Path) -> list[str]:
    """Words chosen or put together inside a function, where a table of wordings would hold whole sentences under keys.

    These are texts of two words or more in a conditional expression, an `or`, a sum of texts or a `+=`; and texts of four words or more
    that are returned or named within an `if`, `match` or loop. A label, a caption or a sentence that is always the same may stand where
    it is used, and so may the text of an error. To choose the key of a table is what is asked for, so keys do not count.
    """
    found = []
    tree = ast.parse(path.read_text("utf8"), str(path))
    keys = _keys(tree)
    for node in ast.walk(tree):
        for text, least in _pieces(node):
            if len(WORD.findall(_said(text))) >= least and _said(text) not in keys:
                found.append((text.lineno, f"{path.name}:{text.lineno}: {_said(text)!r} is chosen or pieced together"))
    return [f"{message}; give the whole sentence a key in a table" for _, message in sorted(set(found))]


def _keys(tree: ast.Module) -> set[str]:
    """The keys of the tables of wordings of a module, those inside tables of tables too, and what a verdict can be."""
    tables = (node.value for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None)
    held = (key for table in tables for each in ast.walk(table) if isinstance(each, ast.Dict) for key in each.keys if key is not None)
    parts = (part for key in held for part in ast.walk(key))  # a key may be a pair
    return {"not told apart"} | {part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def _pieces(node: ast.AST) -> Iterator[tuple[Text, int]]:
    """The texts right below a node that makes a choice or a sum, with the least number of words that count."""
    parts: list[ast.expr | None] = []
    if isinstance(node, ast.IfExp):
        parts = [node.body, node.orelse]
    elif isinstance(node, ast.BoolOp):
        parts = list(node.values)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts = [node.left, node.right]
    elif isinstance(node, ast.AugAssign):
        parts = [node.value]
    elif isinstance(node, ast.If | ast.Match | ast.For | ast.While):
        inner = [child for child in ast.walk(node) if isinstance(child, ast.Return | ast.Assign | ast.AnnAssign)]
        yield from ((child.value, 4) for child in inner if isinstance(child.value, Text) and _is_text(child.value))
    yield from ((part, 2) for part in parts if isinstance(part, Text) and _is_text(part))


def _is_text(node: Text) -> bool:
    return isinstance(node, ast.JoinedStr) or isinstance(node.value, str)


def _said(text: Text) -> str:
    if isinstance(text, ast.Constant):
        return str(text.value)
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in text.values)


def untested_wordings(table: Iterable[tuple[str, str]], tests: Iterable[Path]) -> list[str]:
    """Wordings that no test states in full: a text of the tests must hold the whole sentence, with anything for its placeholders."""
    stated = [text for path in tests for text in _texts(path)]
    found = []
    for place, wording in table:
        fixed = [part.replace("{{", "{").replace("}}", "}") for part in PLACEHOLDER.split(wording)]
        if not any(_holds(text, fixed) for text in stated):
            found.append(f"{place}: no test states {wording!r} in full")
    return found


def _holds(text: str, parts: list[str]) -> bool:
    """Whether a text holds the parts in their order, with at least one sign between two of them."""
    at = text.find(parts[0])
    for before, part in pairwise(parts):
        if at < 0:
            return False
        start = at + len(before) + 1
        at = text.find(part, start) if start <= len(text) else -1
    return at >= 0


@cache
def _texts(path: Path) -> tuple[str, ...]:
    return tuple(_read_texts(path))


def _read_texts(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf8"), str(path))):
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            yield _said(node)
