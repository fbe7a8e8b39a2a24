"""Where the header of a table stands when a title or notes stand above it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

LOOKED_AT = 40  # rows, in which a header is looked for
_DATA = re.compile(r"[\s\d.,:/+\-–()%¥$€£₹]*")


def header_place(rows: Sequence[Sequence[str]]) -> int:
    """The row that is the header: the first one that is not blank, or a later one below a title.

    A later row is the header when the rows above it have few cells, it has a name in most of its cells, none of them a number or a date,
    and most rows below are as wide as it is.

    Examples
    --------
    >>> header_place([["Sales of the shop"], [], ["customer", "date", "paid"], ["a", "2024-01-01", "5"], ["b", "2024-01-02", "6"]])
    2
    >>> header_place([["customer", "date"], ["a", "2024-01-01", "5"], ["b", "2024-01-02", "6"]])
    0
    """
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows[:LOOKED_AT]]
    first = next((place for place, n in enumerate(filled) if n), 0)
    usual = Counter(n for n in filled[first + 1 :] if n).most_common(1)
    width = usual[0][0] if usual else 0
    if width < 2 or filled[first] > max(1, width // 2) or (filled[first] == width):
        return first
    for place in range(first + 1, len(filled)):
        below = [n for n in filled[place + 1 :] if n]
        if filled[place] >= width - 1 and filled[place] > 1 and _is_header(rows[place]) and below:
            return place if sum(n >= width - 1 for n in below) >= 0.8 * len(below) else first
        if filled[place] > max(1, width // 2):
            return first
    return first


def _is_header(row: Sequence[str]) -> bool:
    """Whether the cells of a row are names: different, and no numbers or dates."""
    cells = [cell.strip() for cell in row if cell.strip()]
    return len(set(cells)) == len(cells) and not any(_DATA.fullmatch(cell) for cell in cells)
