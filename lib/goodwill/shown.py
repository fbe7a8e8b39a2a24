"""How our objects look at the end of a cell: one line, and a small table; never a dump of all that they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from html import escape
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

LINE = 120  # characters of a line
ROWS = 8  # of a table
JOINERS = "\u200c\u200d"  # no signs of their own, and part of how words of some languages are written


def printable(text: str) -> str:
    """A text for a terminal: what would command it, or turn the words around it, by its number.

    Examples
    --------
    >>> printable("north\\x1b[2J and \\u202etuos\\n")
    'north[U+001B][2J and [U+202E]tuos\\n'
    """
    return "".join(sign if sign.isprintable() or sign in "\n\t" + JOINERS else f"[U+{ord(sign):04X}]" for sign in text)


class Shown:
    """Base of frozen dataclasses (made with `repr=False`) that a user may leave at the end of a cell.

    A class may say better than its fields what it is: `_said` is the line behind its name, `_frame` the table below it.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> @dataclass(frozen=True, repr=False)
    ... class Curve(Shown):
    ...     name: str
    ...     slope: float
    ...     points: np.ndarray
    >>> Curve("convex", 0.123456, np.arange(5))
    <Curve name 'convex', slope 0.1235, points (5)>
    """

    def __repr__(self) -> str:
        said = self._said()
        return f"<{type(self).__name__}{' ' if said else ''}{said}>"

    def _repr_html_(self) -> str:
        frame = self._frame()
        heading = f"<p><strong>{escape(type(self).__name__)}</strong> {escape(self._said())}</p>"
        if frame is None:
            return heading
        return heading + frame.to_html(max_rows=ROWS, max_cols=12, border=0, float_format=lambda number: f"{number:.4g}")

    def plot(self, *, title: str = "", ax: Any = None) -> Any:
        """The one picture that is obvious for this object, where there is one (see `goodwill.figures.plots`).

        Parameters
        ----------
        title : in place of the plain one
        ax : matplotlib axes to draw on, in place of a new figure

        Raises
        ------
        UsageError
            Where no one picture is obvious; `goodwill.figures` draws many.
        """
        # Figures stand above the rooms whose objects they draw; so they are looked up only when asked for.
        return import_module("goodwill.figures.plots").plot(self, title=title, ax=ax)

    def _said(self) -> str:
        assert is_dataclass(self)
        seen = [field.name for field in fields(self) if field.repr and not field.name.startswith("_")]
        line = ", ".join(f"{name} {_brief(getattr(self, name))}" for name in seen)
        return line if len(line) <= LINE else line[: LINE - 1].rsplit(",", 1)[0] + ", …"

    def _frame(self) -> pd.DataFrame | None:
        """The first table among the fields, by default."""
        import pandas as pd

        assert is_dataclass(self)
        return next((value for field in fields(self) if isinstance(value := getattr(self, field.name), pd.DataFrame)), None)


def _brief(value: Any) -> str:
    """A value in a few characters: a table or an array by its shape."""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, str):
        return repr(value) if len(value) <= 40 else repr(value[:39] + "…")
    if value is None or isinstance(value, bool | int):
        return f"{value:,}" if type(value) is int else str(value)
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple):
        return f"({' × '.join(f'{size:,}' for size in shape)})" if shape else _brief(value.item())
    if isinstance(value, Mapping):
        return f"({len(value)} named)"
    if isinstance(value, Sequence):
        return ", ".join(map(str, value)) if len(value) <= 3 and all(isinstance(each, str | int) for each in value) else f"({len(value)})"
    line = repr(value) if isinstance(value, Shown) else str(value)
    return line if "\n" not in line and len(line) <= 60 else type(value).__name__
