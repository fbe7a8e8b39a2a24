"""Recipes: which notebooks run with which parameters, as YAML.

::

    title: What our customers are worth
    defaults: {currency: EUR}                # parameters for every notebook that has them
    expects: {through: yesterday}            # of the data in the parameter `data`; a report whose data fall short is stale, not rebuilt
    timeout: 1800                            # seconds for all cells of a report; cell_timeout for one cell
    keep: {runs: 30, days: 400}              # of the history
    lots:                                    # drawn on the night that is due, read when their time is over (docs/lots.md)
      - {name: spring, orders: sales.csv, plan: plan.yaml, draw: start_of_quarter, watch: 8 weeks}
    reports:
      - name: customer_lifetime_value        # the folder of the report; letters, digits, _ and -
        notebook: customer_lifetime_value    # a short name, or a path from the recipe's folder
        parameters: {data: sales.csv, end: "{end_of_last_month}"}   # relative data paths start at the recipe's folder
      - name: value-{region}
        notebook: customer_lifetime_value
        for_each: {column: region, of: sales.csv, borrow: true}     # one report per group; its notebook sees only these rows,
                                                                    # and with `borrow` leans on the other groups where they are few
      - name: value-{unit}-{returns}
        notebook: customer_lifetime_value
        for_each: {unit: [week, month], returns: [net, drop]}       # one report per combination
        title: Value by {unit}, returns {returns}
        trim_last_day: true                  # the last day of the data is always half told
        expects: {minimum_rows: 1000, columns: as before, rows_within: 0.5}
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import Any

from goodwill.data.reading.addresses import hide, shown
from goodwill.errors import UsageError
from goodwill.reports.recording.execution import NO_LIMITS, Limits
from goodwill.reports.recording.notebooks import Notebook, find_notebook
from goodwill.reports.recording.parameters import FALSE, TRUE, check_values, unknown_name
from goodwill.reports.sets.dates import PLACEHOLDER, fill, relative_date
from goodwill.reports.sets.expectations import NOTHING_EXPECTED, Expectations
from goodwill.reports.sets.lots import LotsEntry, read_entries
from goodwill.reports.sets.yaml_lines import Entry, read_yaml

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
RESERVED = {"index", "con", "prn", "aux", "nul"}  # our own page, and names that Windows keeps for itself
MOST_GROUPS = 1000
GROUP = "group"  # `{group}`, or the name of the column in braces, is the value of a group
BORROWING = ("borrow_from", "group")  # what a notebook is told of the other groups, and of its own
SHARED = ("expects", "trim_last_day", "timeout", "cell_timeout")
OF_RECIPE = ("title", "defaults", *SHARED, "keep", "pdf", "lots", "reports")
OF_REPORT = ("name", "notebook", "title", "parameters", "for_each", *SHARED)


@dataclass(frozen=True)
class Report:
    """One report of a recipe: its name, its notebook, and the parameters as the recipe gives them, relative dates resolved."""

    name: str
    notebook: Notebook
    parameters: Mapping[str, Any]
    title: str = ""
    entry: str = ""  # the name in the recipe that a fan-out started from
    expects: Expectations = NOTHING_EXPECTED
    trim_last_day: bool | None = None
    limits: Limits = NO_LIMITS
    part_of: str = ""  # the data, of which the report gets one group
    shown: Mapping[str, str] = field(default_factory=dict)  # by parameter: what a reader sees instead of the file of a group


@dataclass(frozen=True)
class Groups:
    """An entry of a recipe that becomes one report per value of a column."""

    template: Template
    column: str
    of: str
    at_most: int
    borrow: bool = False  # whether each report is told of all groups, so that a small one leans on the others

    @property
    def name(self) -> str:
        """The name as the recipe gives it."""
        return self.template.name


@dataclass(frozen=True)
class Template:
    """An entry of a recipe before its braces are filled."""

    name: str
    title: str
    notebook: Notebook
    parameters: Mapping[str, Any]
    where: str
    today: date
    settings: Mapping[str, Any]

    def reports(self, combinations: Sequence[Mapping[str, str]], given: Sequence[Mapping[str, str]] = ()) -> list[Report]:
        """One report per combination of values; `given` holds parameters that go with each."""
        names = fan_names(self.name, combinations, self.today, self.where)
        more = given or [{} for _ in combinations]
        return [self._report(*each) for each in zip(names, combinations, more, strict=True)]

    def _report(self, name: str, values: Mapping[str, str], given: Mapping[str, str]) -> Report:
        if not NAME.fullmatch(name) or name.lower() in RESERVED:
            raise UsageError(f"{self.where}: the name {name!r} cannot be a folder; use letters, digits, _ and -.")
        own = {p.name for p in self.notebook.parameters}
        filled = {key: _filled(value, self.today, values, self.where) for key, value in self.parameters.items()}
        filled = filled | dict(given) if given else {key: value for key, value in values.items() if key in own} | filled
        _check(self.notebook, filled, self.where)
        seen = {key: shown(value) for key, value in values.items()}
        title = hide(fill(self.title, self.today, seen, self.where))
        if not title and values:
            title = f"{self.notebook.title} ({', '.join(seen.values())})"
        return Report(name, self.notebook, filled, title, self.name if values else "", **self.settings)


@dataclass(frozen=True)
class Recipe:
    """A set of reports."""

    path: Path
    title: str
    reports: tuple[Report | Groups, ...]
    keep: Mapping[str, int] = field(default_factory=dict)
    pdf: bool = False
    today: date | None = None  # what relative dates were counted from
    lots: tuple[LotsEntry, ...] = ()


def read_recipe(path: Path, today: date | None = None) -> Recipe:
    """Read a recipe and check all of it, parameters included, before anything runs.

    Values are read as text and take the type that the notebook declares, so that `007` and `1997-09-30` stay what they are.

    Parameters
    ----------
    path : Path
        The file.
    today : date, optional
        What relative dates count from.

    Raises
    ------
    UsageError
        Naming the recipe, the line, and what is wrong there.
    """
    document = read_yaml(path)
    content = document.keys("a recipe", OF_RECIPE, ("title", "reports"))
    today = today or date.today()
    entries = content["reports"].items("'reports'")  # an empty list has been refused as missing
    shared = {key: content[key] for key in SHARED if key in content}
    defaults = content["defaults"].mapping("'defaults'") if "defaults" in content else {}
    unused = set(defaults)
    reports: list[Report | Groups] = []
    find = cache(partial(find_notebook, base=path.parent))  # a notebook of many reports is read and kept once
    for entry in entries:
        read = _read_report(entry, find, defaults, shared, today)
        unused -= {p.name for item in read for p in (item.template if isinstance(item, Groups) else item).notebook.parameters}
        reports += read
    for name in sorted(unused):
        raise UsageError(f"{defaults[name].where}: no notebook of this recipe has the parameter {name!r}.")
    check_unique([report for report in reports if isinstance(report, Report)], str(path))
    keep = {key: _whole(value) for key, value in content["keep"].keys("'keep'", ("runs", "days")).items()} if "keep" in content else {}
    pdf = _yes(content["pdf"]) if "pdf" in content else False
    title = fill(content["title"].text("the title"), today, where=content["title"].where)
    lots = read_entries(content["lots"], NAME) if "lots" in content else ()
    return Recipe(path.resolve(), hide(title), tuple(reports), keep, pdf, today, lots)


def check_unique(reports: Iterable[Report], where: str) -> None:
    """UsageError when two reports would be one folder, also where the file system does not tell cases apart."""
    seen: set[str] = set()
    for report in reports:
        if report.name.lower() in seen:
            raise UsageError(f"{where}: two reports have the name {report.name.lower()!r}; each needs a folder of its own.")
        seen.add(report.name.lower())


def fan_names(template: str, combinations: Sequence[Mapping[str, str]], today: date, where: str) -> list[str]:
    """A folder name for each combination of values; values that would share one get a mark that comes from the value itself."""
    used = {name.strip() for name in PLACEHOLDER.findall(template)}
    plain, marked = [], []
    for values in combinations:
        words = {key: slug(shown(value)) for key, value in values.items()}
        ending = "".join(f"-{word}" for key, word in words.items() if key not in used)
        plain.append(fill(template, today, words, where)[:90] + ending)
        mark = hashlib.sha256("\0".join(f"{key}={value}" for key, value in sorted(values.items())).encode()).hexdigest()[:8]
        marked.append(f"{plain[-1][:90]}-{mark}")
    counts = Counter(name.lower() for name in plain)
    unfit = {name for name, count in counts.items() if count > 1 or len(name) > 100 or name in RESERVED}
    return [m if p.lower() in unfit and values else p for p, m, values in zip(plain, marked, combinations, strict=True)]


def slug(value: str) -> str:
    """A text as part of a folder name; a text without any Latin letter or digit becomes a mark of its own.

    Examples
    --------
    >>> slug("Île-de-France / Paris"), slug("../etc"), slug("北京")
    ('Ile-de-France-Paris', 'etc', 'x-68c77e15')
    """
    latin = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9_]+", "-", latin).strip("-_")[:60]
    return plain or f"x-{hashlib.sha256(value.encode()).hexdigest()[:8]}"


def _read_report(
    entry: Entry, find: Callable[[str], Notebook], defaults: Mapping[str, Entry], shared: Mapping[str, Entry], today: date
) -> list[Report] | list[Groups]:
    found = entry.keys("a report", OF_REPORT, ("name", "notebook"))
    where = found["name"].where
    try:
        notebook = find(found["notebook"].text("'notebook'"))
    except UsageError as error:
        raise UsageError(f"{found['notebook'].where}: {error}") from None
    own = {p.name for p in notebook.parameters}
    entries = {name: value for name, value in defaults.items() if name in own}
    entries |= found["parameters"].mapping("'parameters'") if "parameters" in found else {}
    for_each = found["for_each"].mapping("'for_each'") if "for_each" in found else {}
    fans = set(for_each) if "column" not in for_each else {GROUP, for_each["column"].text("'column'")}
    for name, value in entries.items():
        _check_entry(notebook, name, value, fans, today)
    settings = _settings({**shared, **{key: found[key] for key in SHARED if key in found}}, shared, today)
    settings["expects"].check_notebook(own)
    title = found["title"].text("the title") if "title" in found else ""
    parameters = {name: value.plain() for name, value in entries.items()}
    template = Template(found["name"].text("the name"), title, notebook, parameters, where, today, settings)
    if "column" in for_each:
        return [_groups(found["for_each"], template)]
    if "for_each" in found:
        return template.reports(_combinations(found["for_each"], template))
    return template.reports([{}])


def _groups(entry: Entry, template: Template) -> Groups:
    keys = entry.keys("'for_each' over a column", ("column", "of", "at_most", "borrow"), ("column",))
    given = template.parameters.get("data", "")
    of = keys["of"].text("'of'") if "of" in keys else given
    if "data" not in {p.name for p in template.notebook.parameters}:
        raise UsageError(f"{entry.where}: {template.notebook.name} has no parameter 'data' that could hold the rows of a group.")
    if not isinstance(of, str) or not of or (given and given != of):
        raise UsageError(f"{entry.where}: say with 'of' which data the groups are taken from, and leave 'data' to the groups.")
    borrow = _yes(keys["borrow"]) if "borrow" in keys else False
    if borrow and not set(BORROWING) <= {p.name for p in template.notebook.parameters}:
        raise UsageError(
            f"{keys['borrow'].where}: {template.notebook.name} has no parameters {' and '.join(BORROWING)}, and cannot borrow."
        )
    at_most, column = _whole(keys["at_most"]) if "at_most" in keys else MOST_GROUPS, keys["column"].text("'column'")
    name, title = (text.replace(f"{{{column}}}", f"{{{GROUP}}}") for text in (template.name, template.title))
    parameters = {key: _renamed(value, column) for key, value in template.parameters.items()}
    template = replace(template, name=name, title=title, parameters=parameters)
    return Groups(template, column, fill(of, template.today, where=entry.where), at_most, borrow)


def _renamed(value: Any, column: str) -> Any:
    """The braces with the name of the column as those of the group."""
    texts = [text.replace(f"{{{column}}}", f"{{{GROUP}}}") for text in (value if isinstance(value, list) else [value])]
    return texts if isinstance(value, list) else texts[0]


def _combinations(entry: Entry, template: Template) -> list[dict[str, str]]:
    lists: dict[str, list[str]] = {}
    own = {p.name for p in template.notebook.parameters}
    used = set(PLACEHOLDER.findall(repr([list(template.parameters.values()), template.name, template.title])))
    for key, values in entry.mapping("'for_each'").items():
        texts = [fill(item.text("a value"), template.today, where=item.where) for item in values.items(f"the values of {key!r}")]
        if not texts or len(set(texts)) < len(texts):
            raise UsageError(f"{values.where}: {key!r} needs values, each once.")
        if key not in own and key not in used:
            raise UsageError(f"{values.where}: nothing uses {{{key}}}, and {template.notebook.name} has no such parameter.")
        lists[key] = texts
    if not lists:
        raise UsageError(f"{entry.where}: 'for_each' must hold names with lists of values, or a column.")
    return [dict(zip(lists, values, strict=True)) for values in product(*lists.values())]


def _settings(entries: Mapping[str, Entry], shared: Mapping[str, Entry], today: date) -> dict[str, Any]:
    """What a report takes from the recipe as a whole, unless it says so itself."""
    expects = NOTHING_EXPECTED
    for entry in (shared.get("expects"), entries.get("expects")):  # the report's own keys come last
        if entry is not None:
            expects = _expects(entry, expects, today, own=entry is not shared.get("expects"))
    limits = Limits(*(_seconds(entries[key]) if key in entries else None for key in ("timeout", "cell_timeout")))
    trim = _yes(entries["trim_last_day"]) if "trim_last_day" in entries else None
    return {"expects": expects, "trim_last_day": trim, "limits": limits}


def _expects(entry: Entry, before: Expectations, today: date, *, own: bool) -> Expectations:
    found = entry.keys("'expects'", ("through", "minimum_rows", "columns", "rows_within"))
    through, rows, within, columns = before.through, before.minimum_rows, before.rows_within, before.columns_as_before
    if "through" in found:
        text = found["through"].text("'through'").strip()
        day = relative_date(text.strip("{} "), today)
        try:
            through = day or date.fromisoformat(text)
        except ValueError:
            raise UsageError(f"{found['through'].where}: 'through' is {text!r}; write yesterday, end_of_last_month or a date.") from None
    if "minimum_rows" in found:
        rows = _whole(found["minimum_rows"])
    if "rows_within" in found:
        within = _seconds(found["rows_within"], "a share such as 0.5")
    if "columns" in found:
        if found["columns"].value != "as before":
            raise UsageError(f"{found['columns'].where}: 'columns' can only be `as before`.")
        columns = True
    return Expectations(through, rows, columns, within, own, entry.where)


def _check_entry(notebook: Notebook, name: str, entry: Entry, fans: set[str], today: date) -> None:
    """Check one parameter as far as it is known before a fan-out is filled."""
    value = entry.plain()
    if isinstance(value, dict) or (isinstance(value, list) and not all(isinstance(item, str) for item in value)):
        raise UsageError(f"{entry.where}: the parameter {name!r} must be a value or a list of values.")
    texts = value if isinstance(value, list) else [value]
    if name in {p.name for p in notebook.parameters} and any(used.strip() in fans for text in texts for used in PLACEHOLDER.findall(text)):
        return
    _check(notebook, {name: _filled(value, today, {}, entry.where)}, entry.where)


def _check(notebook: Notebook, values: Mapping[str, Any], where: str) -> None:
    known = {p.name for p in notebook.parameters}
    for name in values:
        if name not in known:
            raise UsageError(unknown_name(name, known, "parameter", f"{where}: {notebook.name}"))
    try:
        check_values(notebook.parameters, values, notebook.name)
    except UsageError as error:
        raise UsageError(f"{where}: {error}") from None


def _filled(value: Any, today: date, values: Mapping[str, str], where: str) -> Any:
    return [fill(item, today, values, where) for item in value] if isinstance(value, list) else fill(value, today, values, where)


def _whole(entry: Entry) -> int:
    text = entry.text("the number")
    if not re.fullmatch(r"\d{1,9}", text) or not int(text):
        raise UsageError(f"{entry.where}: {text!r} must be a whole number above 0.")
    return int(text)


def _seconds(entry: Entry, what: str = "a number of seconds") -> float:
    text = entry.text("the number")
    if not re.fullmatch(r"\d{1,7}(\.\d+)?", text) or not float(text):
        raise UsageError(f"{entry.where}: {text!r} must be {what}, above 0.")
    return float(text)


def _yes(entry: Entry) -> bool:
    text = entry.text("the value").lower()
    if text not in TRUE | FALSE:
        raise UsageError(f"{entry.where}: {text!r} must be true or false.")
    return text in TRUE
