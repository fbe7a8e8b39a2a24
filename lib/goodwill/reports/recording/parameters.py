"""The parameters of a notebook, read from its source without running it.

The cell tagged `parameters` holds one parameter a line::

    name: type = default  # what it is [unit; range or choices]

*Types* are `str`, `int`, `float`, `bool` and `list[...]` of these; the default is a literal of that type. The line holds no `=` and
no `#` besides its own, so that `papermill --help-notebook` reads it too. Blank lines and lines that are only a comment are allowed.

*The bracket* may be left out. It ends the comment and holds up to three parts in any order, separated by `;`:

==================  =====================================================================================================
`0..1`              both ends included; `>0..1` and `0..<1` leave one out; `0..` and `..1` are open to one side
`>0`, `<1`          strictly more, strictly less (at least 0 is `0..`)
`week | day`        the choices; for a list, of each item. A default of `""` (automatic) is always allowed
`date`              text that is a date, 2024-05-01
`path`              text that names a file: the runner takes a relative one from where the user stands
`any text`          any text; says that nothing is checked
other text          the unit, for people: `weeks`, `share`, `per year`
==================  =====================================================================================================

A list is checked item by item. `""` stands for "automatic" wherever it is the default.
"""

from __future__ import annotations

import ast
import datetime
import difflib
import io
import json
import math
import re
import tokenize
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from goodwill.data.reading.addresses import shown
from goodwill.errors import ReportError, UsageError

SCALARS: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}
NUMBER = r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?"
RANGE = re.compile(rf"(?P<above>>?)(?P<low>{NUMBER})?\s*\.\.\s*(?P<below><?)(?P<high>{NUMBER})?")
BOUND = re.compile(rf"(?P<sign>[<>])\s*(?P<number>{NUMBER})")
BRACKET = re.compile(r"^(?P<help>[^\[\]]*?)\s*(?:\[(?P<bracket>[^\[\]]*)\])?$")
TRUE, FALSE = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}


@dataclass(frozen=True)
class Parameter:
    """One parameter: what its line says.

    `type` is the text of the annotation (`"list[str]"`), `kind` one of `""`, `"date"`, `"path"`; an open end is None.
    """

    name: str
    type: str
    default: Any
    help: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    low_included: bool = True
    high_included: bool = True
    choices: tuple[Any, ...] = ()
    kind: str = ""

    @property
    def item_type(self) -> str:
        """The scalar type of the value, or of its items."""
        return self.type[5:-1] if self.type.startswith("list[") else self.type

    @property
    def allowed(self) -> str:
        """What the values may be, in words; empty when anything of the type may."""
        if self.choices:
            return "one of " + ", ".join(map(str, self.choices))
        low = "" if self.low is None else f"{'at least' if self.low_included else 'more than'} {self.low:g}"
        high = "" if self.high is None else f"{'at most' if self.high_included else 'less than'} {self.high:g}"
        return " and ".join(part for part in (low, high) if part) or {"date": "a date such as 2024-05-01"}.get(self.kind, "")


def read_parameters(source: str, where: str = "the parameters cell") -> tuple[Parameter, ...]:
    """Read the parameters from the source of the tagged cell.

    Parameters
    ----------
    source : str
        Source of the cell.
    where : str
        Name of the notebook, for messages.

    Raises
    ------
    ReportError
        When a line is not a readable parameter; the message names the notebook and the line.

    Examples
    --------
    >>> read_parameters("horizon: int = 52  # how far to look ahead [weeks; >0]")[0].allowed
    'more than 0'
    """
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise ReportError(f"{where}: line {error.lineno} of the parameters cell is not Python: {error.msg}.") from error
    comments = _comments(source)
    lines = source.splitlines()
    found = [_read_line(node, lines, comments, f"{where}, line {node.lineno} of the parameters cell") for node in tree.body]
    for name in {p.name for p in found}:
        if sum(p.name == name for p in found) > 1:
            raise ReportError(f"{where}: the parameter {name!r} stands twice in the parameters cell.")
    return tuple(found)


def check_values(parameters: Iterable[Parameter], values: Mapping[str, Any], where: str = "this notebook") -> dict[str, Any]:
    """Check given values and turn them into the declared types; text is read as the type says.

    Returns only the names that were given, as plain Python values.

    Raises
    ------
    UsageError
        For names that the notebook does not have (with the nearest ones), values of the wrong type, out of range or not among the choices:
        all that is wrong at once.

    Examples
    --------
    >>> known = read_parameters("horizon: int = 52  # how far to look ahead [weeks; >0]")
    >>> check_values(known, {"horizon": "26"})
    {'horizon': 26}
    """
    known = {p.name: p for p in parameters}
    checked, wrong = {}, []
    for name, value in values.items():
        if name not in known:
            wrong.append(unknown_name(name, known, "parameter", where))
            continue
        try:
            checked[name] = _check(known[name], value)
        except UsageError as error:
            wrong.append(str(error))
    if wrong:
        raise UsageError(" ".join(wrong))
    return checked


def unknown_name(name: str, known: Iterable[str], what: str, where: str) -> str:
    """One sentence about a name that does not exist, with the nearest one that does."""
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    if near:
        return f"{where} has no {what} {name!r}; did you mean {near[0]!r}?"
    return f"{where} has no {what} {name!r}; it has " + (", ".join(names) if names else "none") + "."


def _comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {token.start[0]: token.string.lstrip("#").strip() for token in tokens if token.type == tokenize.COMMENT}


def _read_line(node: ast.stmt, lines: list[str], comments: Mapping[int, str], where: str) -> Parameter:
    form = "write it as `name: type = default  # what it is [unit; range or choices]`"
    if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name) or node.value is None:
        raise ReportError(f"{where} is not a parameter; {form}.")
    name, kind = node.target.id, ast.unparse(node.annotation)
    if kind not in SCALARS and not (kind.startswith("list[") and kind[5:-1] in SCALARS):
        raise ReportError(f"{where}: {name!r} has the type {kind!r}; a parameter is str, int, float, bool or a list[...] of these.")
    if node.end_lineno != node.lineno:
        raise ReportError(f"{where}: {name!r} takes more than one line; {form}.")
    line = lines[node.lineno - 1]
    if line.count("=") > 1 or line.count("#") > 1:
        raise ReportError(f"{where}: {name!r} holds a second '=' or '#', which papermill cannot read (write `0..` for at least 0).")
    comment = BRACKET.match(comments.get(node.lineno, ""))
    if comment is None or not comment["help"]:
        raise ReportError(f"{where}: {name!r} has no readable comment that says what it is; {form}.")
    try:
        default = ast.literal_eval(node.value)
    except ValueError:
        raise ReportError(f"{where}: the default of {name!r} is not a plain value.") from None
    parameter = _read_bracket(Parameter(name, kind, default, comment["help"]), comment["bracket"] or "", where)
    try:
        checked = _check(parameter, default)
    except UsageError as error:
        raise ReportError(f"{where}: its own default does not fit: {error}") from error
    if type(checked) is not type(default):
        raise ReportError(f"{where}: the default of {name!r} is {default!r}, which is not written as {kind}.")
    return parameter


def _read_bracket(parameter: Parameter, bracket: str, where: str) -> Parameter:
    parts: dict[str, Any] = {}
    for part in filter(None, (piece.strip() for piece in bracket.split(";"))):
        new = _read_part(parameter, part, where)
        if new.keys() & parts.keys():
            raise ReportError(f"{where}: {part!r} in the bracket of {parameter.name!r} says a second time what another part has said.")
        parts |= new
    if parts.keys() & {"low", "high"} and parameter.item_type not in ("int", "float"):
        raise ReportError(f"{where}: {parameter.name!r} has a range but its type is {parameter.type}.")
    if parts.get("kind") and parameter.item_type != "str":
        raise ReportError(f"{where}: {parameter.name!r} is said to be a {parts['kind']} but its type is {parameter.type}.")
    return Parameter(**{**parameter.__dict__, **parts})


def _read_part(parameter: Parameter, part: str, where: str) -> dict[str, Any]:
    if part in ("date", "path", "any text"):
        return {"kind": "" if part == "any text" else part}
    if "|" in part:
        texts = [text.strip() for text in part.split("|")]
        try:
            return {"choices": tuple(_convert(parameter.item_type, text) for text in texts)}
        except ValueError:
            raise ReportError(f"{where}: the choices {part!r} of {parameter.name!r} are not all of type {parameter.item_type}.") from None
    if bound := BOUND.fullmatch(part):
        end = "low" if bound["sign"] == ">" else "high"
        return {end: float(bound["number"]), f"{end}_included": False}
    if ".." in part or "<" in part or ">" in part:
        ends = RANGE.fullmatch(part)
        if ends is None or (ends["low"] is None and (ends["high"] is None or ends["above"])) or (ends["below"] and ends["high"] is None):
            raise ReportError(f"{where}: the range {part!r} of {parameter.name!r} cannot be read; write `0..1`, `>0..1`, `0..` or `>0`.")
        low, high = (None if ends[end] is None else float(ends[end]) for end in ("low", "high"))
        if low is not None and high is not None and low > high:
            raise ReportError(f"{where}: the range {part!r} of {parameter.name!r} is empty.")
        return {"low": low, "high": high, "low_included": not ends["above"], "high_included": not ends["below"]}
    return {"unit": part}


def _check(parameter: Parameter, value: Any) -> Any:
    if hasattr(value, "item") and hasattr(value, "dtype"):  # a numpy scalar
        value = value.item()
    if parameter.type.startswith("list["):
        return [_check_item(parameter, item) for item in _items(parameter, value)]
    return _check_item(parameter, value)


def _items(parameter: Parameter, value: Any) -> list[Any]:
    if isinstance(value, list | tuple):
        return list(value)
    if not isinstance(value, str):
        raise UsageError(f"parameter {parameter.name!r} is {_seen(value)!r}; it must be a {parameter.type}.")
    text = value.strip()
    if text.startswith("["):
        try:
            items = json.loads(text)
        except ValueError:
            raise UsageError(f'parameter {parameter.name!r} is {_seen(value)!r}, which is not a list such as ["a", "b"].') from None
        return list(items)
    return [piece.strip() for piece in text.split(",")] if text else []


def _check_item(parameter: Parameter, value: Any) -> Any:
    try:
        converted = _convert(parameter.item_type, value)
    except ValueError:
        raise UsageError(f"parameter {parameter.name!r} is {_seen(value)!r}; it must be {_named_type(parameter)}.") from None
    if converted == "" and parameter.default == "":
        return converted
    if parameter.kind == "date" and not _is_date(converted):
        raise UsageError(f"parameter {parameter.name!r} is {_seen(value)!r}; it must be {parameter.allowed}.")
    too_low = parameter.low is not None and (converted < parameter.low or (converted == parameter.low and not parameter.low_included))
    too_high = parameter.high is not None and (converted > parameter.high or (converted == parameter.high and not parameter.high_included))
    if too_low or too_high or (parameter.choices and converted not in parameter.choices):
        raise UsageError(f"parameter {parameter.name!r} is {_seen(value)!r}; it must be {parameter.allowed}.")
    return converted


def _seen(value: Any) -> Any:
    """A value as a message may show it."""
    return shown(value) if isinstance(value, str) else value


def _named_type(parameter: Parameter) -> str:
    words = {"str": "text", "int": "a whole number", "float": "a number", "bool": "true or false"}[parameter.item_type]
    return f"a list in which each item is {words}" if parameter.type.startswith("list[") else words


def _convert(kind: str, value: Any) -> Any:
    """`value` as the scalar type `kind`, or ValueError: only readings that cannot be misunderstood."""
    if hasattr(value, "item") and hasattr(value, "dtype"):
        value = value.item()
    if kind == "str":
        if isinstance(value, datetime.date):
            return value.isoformat()
        if not isinstance(value, str | int | float):
            raise ValueError
        str(value).encode()  # bytes of a file name that are no UTF-8 reach Python as half characters, which nothing can write
        return str(value)
    if kind == "bool":
        text = str(value).strip().lower()
        if text not in TRUE | FALSE:
            raise ValueError
        return text in TRUE
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError
    text = str(value).strip()
    if kind == "int" and re.fullmatch(r"[+-]?\d+", text):
        return int(text)
    number = float(text) if re.fullmatch(NUMBER, text) else math.nan
    if not math.isfinite(number) or (kind == "int" and not number.is_integer()):
        raise ValueError
    return int(number) if kind == "int" else number


def _is_date(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
