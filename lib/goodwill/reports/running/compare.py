"""Two reports side by side, or one report on two dates: what is not the same in data, parameters, versions and results."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from goodwill.errors import UsageError
from goodwill.findings.numbers import describe, describe_both
from goodwill.reports.pages.render import page, shown, when
from goodwill.reports.recording.values import RESERVED
from goodwill.reports.running.history import earlier_builds
from goodwill.reports.running.ours import report_facts
from goodwill.reports.running.own_files import is_number, read_results
from goodwill.reports.running.rebuild import compare_tables
from goodwill.reports.running.writing import write_whole

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
NO_CHANGE = "Nothing: both have the same."


@dataclass(frozen=True)
class Side:
    """One of the two: its folder, its run.json and its results."""

    folder: Path
    facts: Mapping[str, Any]
    results: Mapping[str, Mapping[str, Any]]

    @property
    def name(self) -> str:
        """How the comparison calls it: its title, and when it was built, as of which day."""
        as_of = f", as of {self.facts['as_of']}" if isinstance(self.facts.get("as_of"), str) else ""
        return f"{self.facts['title']} (built {when(self.facts['started'])}{as_of})"


@dataclass(frozen=True)
class Row:
    """What is not the same: its name, here and there, and what is to be said of the difference."""

    name: str
    one: str
    other: str
    about: str = ""

    def line(self) -> str:
        """As the command line tells it."""
        if not self.one and not self.other:
            return f"  {self.name}: {self.about}"
        return f"  {self.name}: {self.one} → {self.other}{f' ({self.about})' if self.about else ''}"


@dataclass(frozen=True)
class Compared:
    """Two reports, and by section the rows that are not the same; `same` counts the results that are."""

    one: Side
    other: Side
    sections: Mapping[str, tuple[Row, ...]]
    same: int

    def lines(self) -> list[str]:
        """What is told on the command line."""
        lines = [f"One: {self.one.name}", f"Other: {self.other.name}"]
        for title, rows in self.sections.items():
            lines += ["", title, *(row.line() for row in rows)]
            lines += [] if rows else [f"  {NO_CHANGE}"]
        return [*lines, "", f"{self.same} results are the same."]

    def write(self, path: Path) -> None:
        """The same as one page."""
        if path.exists() and not path.is_file():
            raise UsageError(f"{path} is no file; name the page with --out, such as --out compared.html.")
        body = page("compare", one=self.one, other=self.other, sections=self.sections, same=self.same, nothing=NO_CHANGE)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, body)


def compare(one: str, other: str) -> Compared:
    """Compare two reports.

    Parameters
    ----------
    one, other : str
        The folder of a report, or `FOLDER@2026-03-31` for the build that stood on that day (the recipe's `keep` says how many stay). As
        the second a date alone is one of the first folder.

    Raises
    ------
    UsageError
        Where there is no report, or none of that day.
    """
    if DAY.fullmatch(other):
        other = f"{_folder(one)}@{other}"
    left, right = _side(one), _side(other)
    names = [*left.facts.get("headline", []), *left.results, *right.results]
    names = [name for name in dict.fromkeys(names) if name not in RESERVED]
    pairs = [(name, left.results.get(name), right.results.get(name)) for name in names]
    pairs = [(name, old, new) for name, old, new in pairs if old is not None or new is not None]
    rows = [(old, new, _result(name, old, new)) for name, old, new in pairs]
    differing = tuple(row for old, new, row in rows if _seen(old) != _seen(new))
    sections = {
        "Data": _data(left.facts, right.facts),
        "Parameters": _mapped(left.facts["parameters"], right.facts["parameters"], shown),
        "Versions": _versions(left.facts, right.facts),
        "Results": differing,
        "Tables": _tables(left.folder, right.folder),
    }
    return Compared(left, right, sections, len(rows) - len(differing))


def standing_on(folder: Path, day: date) -> Path:
    """The build of a report that stood on a day: the last one that was run as of that day or an earlier one.

    Raises
    ------
    UsageError
        When none is kept; says which days there are.
    """
    builds = [(_day(facts), path) for path in [*earlier_builds(folder), folder] if (facts := report_facts(path))]
    before = [(built, place) for place, (built, _) in enumerate(builds) if built <= day]
    if not before:
        known = ", ".join(sorted({built.isoformat() for built, _ in builds})) or "none"
        raise UsageError(f"{folder} has no build of {day} or before; there are those of {known}. The recipe's keep says how many stay.")
    return builds[max(before)[1]][1]


def _folder(text: str) -> str:
    folder, at, day = text.rpartition("@")
    return folder if at and DAY.fullmatch(day) else text


def _side(text: str) -> Side:
    folder = Path(_folder(text)).resolve()
    if folder != Path(text).resolve():
        try:
            folder = standing_on(folder, date.fromisoformat(text.rpartition("@")[2]))
        except ValueError:
            raise UsageError(f"{text.rpartition('@')[2]} is no day of the calendar.") from None
    facts = report_facts(folder)
    if not facts:
        raise UsageError(f"{folder} is not a report: it holds no run.json that can be read.")
    return Side(folder, facts, read_results(folder))


def _day(facts: Mapping[str, Any]) -> date:
    """The day that a run counted as."""
    try:
        return date.fromisoformat(facts["as_of"])
    except (KeyError, TypeError, ValueError):
        return datetime.fromisoformat(facts["started"]).date()


def _data(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[Row, ...]:
    rows = []
    for name in dict.fromkeys([*one.get("data", {}), *other.get("data", {})]):
        old, new = (facts.get("data", {}).get(name, {}) for facts in (one, other))
        if old != new or old.get("fingerprint") is None:
            about = "" if old.get("fingerprint") and new.get("fingerprint") else "no fingerprint: nobody can say whether they are the same"
            rows.append(Row(name, _source(old), _source(new), about))
    return tuple(rows)


def _source(data: Mapping[str, Any]) -> str:
    if not data:
        return "–"
    span = f", {data['first']} to {data['last']}" if data.get("first") else ""
    mark = f", SHA-256 {str(data['fingerprint'])[:12]}…" if data.get("fingerprint") else ""
    return f"{data.get('source')}{span}{mark}"


def _mapped(one: Mapping[str, Any], other: Mapping[str, Any], words: Any = str) -> tuple[Row, ...]:
    names = [name for name in dict.fromkeys([*one, *other]) if one.get(name) != other.get(name)]
    said = [[words(side[name]) if name in side else "–" for side in (one, other)] for name in names]
    return tuple(Row(name, old, new) for name, (old, new) in zip(names, said, strict=True))


def _versions(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[Row, ...]:
    hashes = {"library (SHA-256)": "library", "notebook (SHA-256)": "notebook_sha256"}
    sides = [{label: str(facts.get(key, "–"))[:12] for label, key in hashes.items()} | facts.get("versions", {}) for facts in (one, other)]
    return _mapped(*sides)


def _result(name: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Row:
    label = (new or old or {}).get("label", name)
    if old and new:
        return Row(label, *describe_both(old, new), _about(old, new))
    return Row(label, describe(old) if old else "–", describe(new) if new else "–", "")


def _about(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """By how much a number has changed, and whether it has left the interval that it had."""
    then, now = old.get("value"), new.get("value")
    if not is_number(then) or not is_number(now) or then == now:
        return ""
    change = f"{now / then - 1:+.1%}".replace("-", "−") if then else ""
    ends = old.get("interval")
    where = "" if not ends else "inside the first interval" if ends[0] <= now <= ends[1] else "outside the first interval"
    return ", ".join(filter(None, (change, where)))


def _seen(record: Mapping[str, Any] | None) -> Any:
    return None if record is None else [record.get(key) for key in ("value", "interval", "level", "unit", "reason")]


def _tables(one: Path, other: Path) -> tuple[Row, ...]:
    old, new = ({path.name: path for path in (folder / "tables").glob("*.csv")} for folder in (one, other))
    parts = [sentence.partition(": ") for sentence in compare_tables(old, new)]
    return tuple(Row(name, "", "", about) for name, _, about in parts)
