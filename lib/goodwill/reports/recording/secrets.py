"""Passwords in connection addresses: found, and kept out of whatever is shown or stored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Any
from urllib.parse import quote, quote_plus, unquote, unquote_plus

HIDDEN = "…"
# `scheme://user:secret@host`; digits and a slash behind the colon are a port.
IN_ADDRESS = re.compile(r"(?P<before>://[^\s:/@?#'\"]*:)(?!\d+/)(?P<secret>[^\s'\"]+)(?=@)")
# `?password=secret&`, `token=secret`; a `::table` at the end is not part of it.
KEY = r"(?<![\w-])[\w-]*(?:passw(?:or)?d|pwd|passphrase|secret|token|api[_-]?key|access[_-]?key)[\w-]*="
NAMED = re.compile(
    rf"(?P<before>{KEY})"
    r"(?P<secret>[^&\s'\"]+?)(?=::[^&\s:'\"]*(?:$|[\s'\"])|[&\s'\"]|$)",
    re.IGNORECASE,
)
UNLIKELY = 6  # from this length on, letters with something else among them do not turn up by accident in data


def hide(text: str) -> str:
    """The text with the secrets of connection addresses in it replaced.

    Examples
    --------
    >>> hide("postgres://me:p@ss@host/shop?sslmode=require&sslpassword=x::orders")
    'postgres://me:…@host/shop?sslmode=require&sslpassword=…::orders'
    """
    return NAMED.sub(rf"\g<before>{HIDDEN}", IN_ADDRESS.sub(rf"\g<before>{HIDDEN}", text))


def is_hidden(text: str) -> bool:
    """Whether a secret has been taken out of this text."""
    return f":{HIDDEN}@" in text or f"={HIDDEN}" in text


def secret_texts(values: Iterable[Any]) -> tuple[str, ...]:
    """The secrets inside connection addresses among some values (nested lists and mappings too), as written and decoded, longest first."""
    found = {match["secret"] for text in _texts(values) for pattern in (IN_ADDRESS, NAMED) for match in pattern.finditer(text)}
    found |= {decode(secret) for secret in tuple(found) for decode in (unquote, unquote_plus)}
    return tuple(sorted(found - {"", HIDDEN}, key=lambda secret: (-len(secret), secret)))


def scrub(text: str, secrets: Sequence[str], *, is_message: bool = True) -> str:
    """A text without the secrets.

    A message (an error, a log, printed text) loses every one of them as a word of its own. Data and code lose them inside addresses,
    and elsewhere only what cannot be there by accident: with the password `1234` the number 1234 in a table stays what it is.
    """
    if not secrets:
        return text
    text = hide(text) if is_message else text
    for secret in secrets:
        for written in map(re.escape, _ways(secret)):
            text = re.sub(rf"(?<=:){written}(?=@)|(?P<key>{KEY}){written}(?!\w)", rf"\g<key>{HIDDEN}", text, flags=re.IGNORECASE)
            if is_message or _cannot_be_data(secret):
                text = re.sub(rf"(?<!\w){written}(?!\w)", HIDDEN, text)
    return text


def scrub_notebook(content: Any, secrets: Sequence[str]) -> Any:
    """An executed notebook (its JSON, or a part of it) without the secrets; the content itself is left as it is."""
    return _scrubbed(content, secrets, is_message=False) if secrets else content


def _scrubbed(value: Any, secrets: Sequence[str], *, is_message: bool) -> Any:
    if isinstance(value, str):
        return scrub(value, secrets, is_message=is_message)
    if isinstance(value, list):
        return [_scrubbed(item, secrets, is_message=is_message) for item in value]
    if isinstance(value, dict):
        inside = is_message or value.get("output_type") in ("error", "stream")
        return {key: _scrubbed(item, secrets, is_message=inside) for key, item in value.items()}
    return value


def _cannot_be_data(secret: str) -> bool:
    return len(secret) >= UNLIKELY and not secret.isalpha() and any(sign.isalpha() for sign in secret)


def _ways(secret: str) -> tuple[str, ...]:
    """A secret as it stands in text, addresses, HTML and Python source."""
    quoted = repr(secret)[1:-1]
    ways = (secret, quote(secret, safe=""), quote_plus(secret), escape(secret), quoted, secret.encode("unicode_escape").decode())
    return tuple(dict.fromkeys(ways))


def _texts(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from _texts(value.values())
        elif isinstance(value, list | tuple):
            yield from _texts(value)
