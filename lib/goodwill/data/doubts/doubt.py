"""What may not mean what it seems, with what it does to rows and money: asked where that is more than a hundredth, told elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from goodwill.data.reading.files import Fact
from goodwill.errors import Unclear

SMALL = 0.01  # the share of rows and of money up to which a doubt is a line of the audit


@dataclass(frozen=True)
class Scope:
    """The rows that doubts are held against: their number, their money (None without any) and the name of the source."""

    rows: int
    money: float | None
    where: str

    def share(self, rows: int, money: float | None) -> float:
        """The greater of the shares of rows and of money."""
        of_money = abs(money) / self.money if money and self.money else 0.0
        return max(rows / max(self.rows, 1), of_money)


@dataclass(frozen=True)
class Doubt:
    """One doubt: the rule of the audit that names it, what is there, the way to answer, and what it touches.

    `asks` is what it comes to where it is asked whatever its size; None leaves that to its share.
    """

    rule: str
    what: str
    how: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    rows: int | None = None
    money: float | None = None
    asks: bool | None = None


def settle(doubts: Sequence[Doubt], scope: Scope) -> list[Fact]:
    """The facts of small doubts.

    Raises
    ------
    Unclear
        For the first doubt that is not small.
    """
    facts = []
    for doubt in doubts:
        asks = doubt.asks if doubt.asks is not None else scope.share(doubt.rows or 0, doubt.money) > SMALL
        if asks:
            raise Unclear(f"{doubt.what}. {doubt.how}", doubt.answers)
        facts.append(Fact(doubt.rule, doubt.rows, f"{doubt.what}; counted as they stand. {doubt.how}", doubt.money))
    return facts


def condition(column: str, sign: str, *values: Any) -> str:
    """A condition of `keep`, as a text."""
    return f"{column}{sign}{'|'.join(str(value) for value in values)}"


def told(name: str, value: Any) -> str:
    """A parameter as it is written in Python.

    Examples
    --------
    >>> told("keep", "status=paid"), told("quantity", "Qty")
    ("keep=['status=paid']", "quantity='Qty'")
    """
    return f"{name}=[{value!r}]" if name in ("keep", "missing") else f"{name}={value!r}"


def as_yaml(value: Any) -> str:
    """A value as it stands in a recipe."""
    return json.dumps(value, ensure_ascii=False)
