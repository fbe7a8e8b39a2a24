"""What commands share: the options of a reader of orders, a message without secrets, and a table as text."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from goodwill.shown import printable

if TYPE_CHECKING:
    from goodwill.errors import GoodwillError

COLUMNS = ("customer_id", "date", "amount", "quantity", "refunded", "order_id")
READING = {
    "once": "what counts once: equal rows, or the total of orders on each of their lines (rows, orders, nothing)",
    "date_format": "how dates are written, such as %d.%m.%Y",
    "decimal": "the decimal sign",
    "thousands": "the sign between thousands",
    "amount_unit": "the unit of amounts, such as 万元",
    "encoding": "the encoding of the text; found out when not given",
}


def column_options(command: Callable[..., None]) -> Callable[..., None]:
    texts = {name: f"the column with the {name.replace('_', ' ')}" for name in COLUMNS} | READING
    command = click.option("--missing", multiple=True, metavar="TEXT", help="A text that stands for a missing value; may repeat.")(command)
    command = click.option(
        "--keep", multiple=True, metavar="CONDITION", help="Rows that are meant, such as 'status=completed|shipped'; may repeat."
    )(command)
    for name, text in reversed(texts.items()):
        command = click.option(f"--{name.replace('_', '-')}", name, metavar="TEXT", help=f"{text[0].upper()}{text[1:]}.")(command)
    return command


def said(error: GoodwillError | str, given: Sequence[str]) -> str:
    """The message without the secrets of what was typed, and without any others that it shows."""
    from goodwill.reports.recording.secrets import safe_message

    return printable(safe_message(str(error), given))


def print_table(frame: Any) -> None:
    """A data frame as a text table."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from goodwill.reports.recording.tables import column_texts, is_numeric

    table = Table(box=None, pad_edge=False, header_style="bold")
    columns = [frame[name].tolist() for name in frame.columns]
    for name, values in zip(frame.columns, columns, strict=True):
        table.add_column(escape(str(name)), justify="right" if is_numeric(values) else "left", overflow="fold")
    texts = [column_texts(values, str(name)) for name, values in zip(frame.columns, columns, strict=True)]
    for row in zip(*texts, strict=True):
        table.add_row(*map(escape, row))
    Console(width=None if sys.stdout.isatty() else 160).print(table)
