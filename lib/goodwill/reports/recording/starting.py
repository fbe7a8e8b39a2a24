"""How a notebook begins: its parameters are found among the cells already run, checked and put back."""

from __future__ import annotations

import ast
import difflib
from typing import Any

from goodwill.errors import UsageError
from goodwill.findings.numbers import safe_markdown
from goodwill.reports.recording import output
from goodwill.reports.recording.output import RECORDED
from goodwill.reports.recording.parameters import Parameter, check_values, read_parameters, unknown_name
from goodwill.reports.recording.secrets import visible
from goodwill.reports.recording.versions import library_hash, versions


def start(namespace: dict[str, Any]) -> None:
    """Begin a notebook: check the parameters, put their coerced values back, set the look of figures and print the header.

    With the header the versions of the software are stored, so that a report made of the notebook later still knows them.

    Parameters
    ----------
    namespace : dict
        `globals()` of the notebook. The parameters are read from the cell that declares them, among those already run; a cell that
        papermill or jupyter-scheduler has added is looked through for names that do not exist.

    Raises
    ------
    UsageError
        For a parameter that does not exist or a value that does not fit.

    Examples
    --------
    The second cell of a notebook; outside one nothing is shown.

    >>> import goodwill as gw
    >>> gw.start(globals())
    """
    from goodwill.figures import theme

    RECORDED.clear()
    cells = [text for text in namespace.get("In", ()) if isinstance(text, str)]
    position, known = _declared(cells)
    names = [p.name for p in known]
    for name in _injected(cells[position + 1 :], names):
        if name not in names:
            raise UsageError(unknown_name(name, names, "parameter", "this notebook"))
    values = check_values(known, {p.name: namespace.get(p.name, p.default) for p in known})
    namespace.update(values)
    theme.use()
    changed = [f"{p.name} = {safe_markdown(visible(values[p.name]))}" for p in known if values[p.name] != p.default]
    text = "Parameters changed from their defaults: " + "; ".join(changed) + "." if changed else "All parameters have their defaults."
    shown = {p.name: visible(values[p.name]) for p in known}
    output.put({"kind": "start", "parameters": shown, "versions": versions(), "library": library_hash()}, markdown=text)


def _declared(cells: list[str]) -> tuple[int, tuple[Parameter, ...]]:
    """The place and content of the latest run cell that declares parameters; nothing when there is none."""
    for position in range(len(cells) - 1, -1, -1):
        try:
            body = ast.parse(cells[position]).body
        except SyntaxError:
            continue
        if body and all(isinstance(node, ast.AnnAssign) for node in body):
            return position, read_parameters(cells[position], "this notebook")
    return len(cells), ()


def _injected(cells: list[str], known: list[str]) -> list[str]:
    """The names assigned by cells that a runner has added behind the declared parameters.

    papermill begins its cell with `# Parameters`. jupyter-scheduler's is bare lines of `name = value`, which a reader could have written
    too: of these only a name that is nearly one of a parameter counts.
    """
    marked = [text for text in cells if text.lstrip().startswith("# Parameters")]
    names = [name for text in marked for name in _assigned(ast.parse(text).body)]
    bare = _assigned(_literals(cells[0])) if cells and cells[0] not in marked else []
    return names + [name for name in bare if name not in known and difflib.get_close_matches(name, known, n=1, cutoff=0.75)]


def _assigned(nodes: list[ast.stmt]) -> list[str]:
    return [target.id for node in nodes if isinstance(node, ast.Assign) for target in node.targets if isinstance(target, ast.Name)]


def _literals(text: str) -> list[ast.stmt]:
    """The lines of a cell that holds nothing but `name = literal`; none for any other cell."""
    try:
        nodes = ast.parse(text).body
        for node in nodes:
            ast.literal_eval(node.value if isinstance(node, ast.Assign) else "not plain")
    except (SyntaxError, ValueError, TypeError):
        return []
    return nodes
