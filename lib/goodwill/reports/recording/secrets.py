"""Secrets kept out of whatever a run shows or stores: those of addresses among its values, and those in its environment."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial
from html import escape
from typing import Any

from goodwill.data.reading.addresses import CUT, hide, holds_secret, scrub, secrets_around, secrets_in, shown, ways
from goodwill.findings.numbers import safe_markdown


def visible(value: Any) -> Any:
    """A value of a parameter as it may be seen: addresses by their parts, in lists too."""
    if isinstance(value, list | tuple):
        return type(value)(visible(item) for item in value)
    return shown(value) if isinstance(value, str) else value


def is_hidden(text: str) -> bool:
    """Whether a secret has visibly been taken out of this text."""
    return f":{CUT}@" in text or f"={CUT}" in text or f"://{CUT}" in text or text == CUT


def secret_texts(values: Iterable[Any], environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The secrets of the addresses among some values and in the environment (by default this process's), longest first."""
    found = {*secrets_in(values), *secrets_around(os.environ if environment is None else environment)}
    return tuple(sorted(found, key=lambda secret: (-len(secret), secret)))


def safe_message(text: str, values: Iterable[Any] = ()) -> str:
    """A message without the secrets of some values and of the environment."""
    return scrub(text, secret_texts(values), written=_written)


def scrub_message(text: str, secrets: Sequence[str]) -> str:
    """A message without the secrets, in whatever way they are written."""
    return scrub(text, secrets, written=_written)


def scrub_notebook(content: Any, secrets: Sequence[str]) -> Any:
    """An executed notebook (its JSON, or a part of it) without the secrets; the content itself is left as it is."""
    return _scrubbed(content, secrets, is_message=False)


def literals_in(content: Mapping[str, Any]) -> list[str]:
    """The addresses that stand as texts in the code of a notebook, with something in them that may not be seen."""
    found: list[str] = []
    for cell in content["cells"]:
        source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
        if cell["cell_type"] == "code" and "://" in source:
            found += [text for text in _constants(source) if "://" in text and holds_secret(text)]
    return found


def _constants(source: str) -> list[str]:
    try:
        nodes = ast.walk(ast.parse(source))
    except (SyntaxError, ValueError):
        return []
    pieces: set[int] = set()
    texts = []
    for node in nodes:  # from the outside in, so that an f-string comes before its pieces
        if isinstance(node, ast.JoinedStr):
            pieces |= {id(piece) for piece in node.values}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in pieces:
            texts.append(node.value)
    return texts


def _scrubbed(value: Any, secrets: Sequence[str], *, is_message: bool) -> Any:
    if isinstance(value, str):
        return scrub(value, secrets, is_message=is_message, written=_written)
    if isinstance(value, list):
        return [_scrubbed(item, secrets, is_message=is_message) for item in value]
    if isinstance(value, dict):
        inside = is_message or value.get("output_type") in ("error", "stream")
        return {key: _scrubbed(item, secrets, is_message=inside) for key, item in value.items()}
    return value


@cache
def _written(secret: str) -> tuple[str, ...]:
    """A secret as it stands anywhere, in HTML and Markdown too."""
    plain = ways(secret)
    marked = (write(way) for write in (escape, partial(escape, quote=False), safe_markdown) for way in plain[:1])
    return tuple(dict.fromkeys((*plain, *marked)))


__all__ = ["CUT", "hide", "is_hidden", "literals_in", "safe_message", "scrub_message", "scrub_notebook", "secret_texts", "visible"]
