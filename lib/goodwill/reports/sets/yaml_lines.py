"""YAML that remembers its lines, so that a message can name the place: only texts, lists and mappings, nothing that runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goodwill.errors import UsageError
from goodwill.reports.recording.parameters import unknown_name

MOST_VALUES = 100_000  # far above any recipe; a file of aliases to aliases would fill the memory


@dataclass(frozen=True)
class Entry:
    """A value with its line (from 1): a text, a list of entries, or a mapping from names to entries."""

    value: str | list[Entry] | dict[str, Entry]
    path: str
    line: int

    @property
    def where(self) -> str:
        return f"{self.path}, line {self.line}"

    def mapping(self, what: str) -> dict[str, Entry]:
        """The value as names with entries, or UsageError."""
        if self.value == "":
            return {}
        if not isinstance(self.value, dict):
            raise UsageError(f"{self.where}: {what} must be names with values.")
        return self.value

    def items(self, what: str) -> list[Entry]:
        """The value as a list, or UsageError."""
        if not isinstance(self.value, list):
            raise UsageError(f"{self.where}: {what} must be a list.")
        return self.value

    def text(self, what: str) -> str:
        """The value as text, or UsageError."""
        if not isinstance(self.value, str):
            raise UsageError(f"{self.where}: {what} must be a text.")
        return self.value

    def keys(self, what: str, known: tuple[str, ...], needed: tuple[str, ...] = ()) -> dict[str, Entry]:
        """The value as a mapping with only known keys and all needed ones, or UsageError."""
        if not isinstance(self.value, dict):
            raise UsageError(f"{self.where}: {what} must hold the keys {', '.join(known)}.")
        for key, entry in self.value.items():
            if key not in known:
                raise UsageError(unknown_name(key, known, "key", f"{entry.where}: {what}"))
        for key in needed:
            if key not in self.value or not self.value[key].value:
                raise UsageError(f"{self.where}: {what} has no {key!r}.")
        return self.value

    def plain(self) -> Any:
        """The value without its lines."""
        if isinstance(self.value, dict):
            return {key: entry.plain() for key, entry in self.value.items()}
        return [entry.plain() for entry in self.value] if isinstance(self.value, list) else self.value


def read_yaml(path: Path) -> Entry:
    """Read a YAML file. Every scalar stays the text that it is, and a key that stands twice is an error.

    Raises
    ------
    UsageError
        Naming the file and, where there is one, the line.
    """
    import yaml

    try:
        node = yaml.compose(path.read_text("utf-8-sig"), Loader=yaml.BaseLoader)
    except OSError as error:
        raise UsageError(f"The recipe {path} cannot be read: {error.strerror}.") from error
    except yaml.MarkedYAMLError as error:
        place = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UsageError(f"{path}{place} is not YAML: {' '.join(str(error.problem).split())}.") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is not YAML: {' '.join(str(error).split())}.") from error
    return _Reading(str(path)).entry(node, ())


class _Reading:
    def __init__(self, path: str) -> None:
        self.path, self.count = path, 0

    def entry(self, node: Any, above: tuple[int, ...]) -> Entry:
        if node is None:  # an empty file
            return Entry("", self.path, 1)
        line = node.start_mark.line + 1
        self.count += 1
        if id(node) in above or self.count > MOST_VALUES:
            raise UsageError(f"{self.path}, line {line}: an alias holds itself, or the recipe has more than {MOST_VALUES:,} values.")
        inside = (*above, id(node))
        if node.id == "scalar":
            return Entry(node.value, self.path, line)
        if node.id == "sequence":
            return Entry([self.entry(item, inside) for item in node.value], self.path, line)
        found: dict[str, Entry] = {}
        for key, value in node.value:
            where = f"{self.path}, line {key.start_mark.line + 1}"
            if key.id != "scalar":
                raise UsageError(f"{where}: a key must be a text.")
            if key.value in found:
                raise UsageError(f"{where}: the key {key.value!r} stands twice.")
            # The line of a value is that of its key: this is where a reader looks.
            found[key.value] = Entry(self.entry(value, inside).value, self.path, key.start_mark.line + 1)
        return Entry(found, self.path, line)
