"""Addresses of data, `scheme://user:password@host/database?settings::table`, taken apart once and by their structure.

Of an address only scheme, host, database and table are ever shown or stored. Who connects, with which password and settings, stays with
who typed it. Where an address can be read in two ways (a password with a slash that is not written %2F) nothing but the scheme is shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any
from urllib.parse import quote, quote_plus, unquote, unquote_plus

CUT = "…"
SCHEME = r"(?:jdbc:)?[A-Za-z][A-Za-z0-9+.-]*"
WHOLE = re.compile(rf"(?P<scheme>{SCHEME})://(?P<rest>.*)", re.DOTALL)
START = re.compile(rf"(?<![A-Za-z0-9+.-])(?P<scheme>{SCHEME}(?=://)|[A-Za-z][A-Za-z0-9+.-]+(?=:/)):(?P<slashes>/{{1,2}})")
NESTED = re.compile(rf"::(?={SCHEME}://)")
HOST = re.compile(r"(?:[\w. -]*|\[[\da-fA-F:.]+\])(?::\d{0,5})?(?:,[\w.-]+(?::\d{1,5})?)*|md:[\w.-]*|…")
TABLE = re.compile(r"[^@?#&=;:\[\]]*")
PATH = re.compile(r"(?:/[A-Za-z]:)?[^@?#&=;:]*")  # with the drive of Windows
NO_SCHEME = re.compile(r"[^\s/@:]{2,}:[^\s@:][^\n]*@[\w.-]+(?::\d+)?(?:/.*|::.*)?")  # `user:password@host/database`
STOP = re.compile(r"[\s'\"`<>]")
SECRET_KEY = re.compile(r"pass|pwd|secret|token|key|sig|auth|cred|session|private", re.IGNORECASE)
# Settings whose values may stand in a message of a driver; of all others the values are taken for secrets.
PLAIN_KEY = re.compile(
    r"spark\..*|sslmode|(connect_?)?timeout|schema|mode|read_only|warehouse|role|driver|charset|application_name|secure|region", re.I
)
PLAIN_VALUE = re.compile(r"true|false|yes|no|on|off|\d{1,5}", re.IGNORECASE)
# What stands in a text without being in an address: `password=…` anywhere, the shorter words only between the signs of a query.
WORDS = r"[\w-]*(?:passw(?:or)?d|pwd|passphrase|secret|token|credential|api[_-]?key|access[_-]?key)[\w-]*"
NAMED = re.compile(
    rf"(?P<before>(?:(?<![\w-]){WORDS}|[?&;](?:[\w.-]*[_.-])?(?:pass|key|sig|signature|auth|cred))=)"
    r"(?P<secret>'[^'\n]*'|\"[^\"\n]*\"|[^&\s'\"]+)",
    re.IGNORECASE,
)
UNLIKELY = 6  # from this length on, letters with something else among them do not turn up by accident in data
# Variables whose values are secrets by their names, such as PGPASSWORD, AWS_SECRET_ACCESS_KEY or MY_API_KEY; PWD is a folder.
NAMES = re.compile(
    r".*PASSW(OR)?D.*|(.*_)?(PASS|PASSPHRASE|PWD|SECRETS?|TOKENS?|(API|ACCESS|ACCOUNT|PRIVATE|SAS)?_?KEY|CREDENTIALS?|AUTH|SIG|SIGNATURE)(_.*)?"
    r"|.*(TOKEN|SECRET|APIKEY)",
    re.IGNORECASE,
)
NO_SECRETS = re.compile(r"(OLD)?PWD|.*_(SOCK|FILE|PATH|DIR)|.*_KEY_ID", re.IGNORECASE)
FRAGMENT = 4  # the shortest part of a secret that is looked for by itself, in messages


@dataclass(frozen=True)
class Address:
    """An address of data, taken apart.

    `secrets` are the texts in it that must not be seen, as written and decoded. An address is not `clear` when it can be read in two
    ways; then host and database are empty.
    """

    scheme: str
    host: str
    database: str
    table: str
    secrets: tuple[str, ...] = ()
    is_clear: bool = True

    def __str__(self) -> str:
        place = f"{self.host}/{self.database}" if self.database else self.host
        return f"{self.scheme}://{place if self.is_clear else CUT}{f'::{self.table}' if self.table else ''}"


def read_address(text: str) -> Address | None:
    """Take an address apart; None for a text that is none.

    Examples
    --------
    >>> found = read_address("postgres://me:p@ss@db.example:5432/shop?sslmode=require&sig=x1::orders")
    >>> str(found), found.secrets
    ('postgres://db.example:5432/shop::orders', ('p@ss', 'x1'))
    >>> str(read_address("postgres://me:a/b@db.example/shop::orders"))
    'postgres://…::orders'
    """
    whole = WHOLE.fullmatch(text.strip())
    if whole is None:
        return None
    body, table, inner = _table(whole["scheme"], whole["rest"])
    authority, path, tail = _split(body)
    user, _, host = authority.rpartition("@")
    stray = "@" in path + tail
    decoded = unquote(path)
    is_clear = not stray and bool(HOST.fullmatch(host)) and bool(PATH.fullmatch(path) and PATH.fullmatch(decoded))
    found = [*_of_user(user), *_of_settings(tail), *inner]
    if not is_clear:
        found += _of_settings(re.sub("[;?]", "&", decoded)) if "=" in decoded else []
        if stray or not HOST.fullmatch(host):  # a sign that is not written %2F has cut the password, or there is no host at all
            found += _of_user(body.rpartition("@")[0] if stray else authority)
    database = path.removeprefix("/") if is_clear else ""
    shown = {whole["scheme"], table, *((host, database) if is_clear else ())}
    return Address(whole["scheme"], host if is_clear else "", database, table, _sorted(found, shown), is_clear)


def shown(text: str) -> str:
    """A value as it may be seen: an address by its parts, any other text without what looks like one.

    Examples
    --------
    >>> shown("https://token@host/file.csv"), shown("sales 2024.csv"), shown("me:secret@host/db")
    ('https://host/file.csv', 'sales 2024.csv', '…')
    """
    address = read_address(text)
    if address is not None:
        return str(address)
    return CUT if NO_SCHEME.fullmatch(text) else hide(text)


def hide(text: str, secrets: Sequence[str] | None = None) -> str:
    """A text in which each address is cut to its parts, and `password=…` to its name.

    Parameters
    ----------
    text : str
        An error, a log, printed words: anything that addresses may stand in.
    secrets : sequence of str, optional
        Cut only the addresses that hold one of these.

    Examples
    --------
    >>> hide("no connection to 'postgres://me:p w'd@host/shop::orders' with password=x")
    "no connection to 'postgres://…' with password=…"
    """
    parts: list[str] = []
    place = 0
    starts = list(START.finditer(text))
    for start, following in zip_longest(starts, starts[1:]):
        if start.start() < place:
            continue
        line = text.find("\n", start.end())
        limit = min(following.start() if following else len(text), line if line >= 0 else len(text))
        end, is_wide = _end(text, start.end(), limit)
        written = text[start.start() : end]
        if secrets is None or any(way in written for secret in secrets for way in ways(secret)):
            parts += [text[place : start.start()], _cut(start, written, is_wide)]
            place = end
    whole = "".join([*parts, text[place:]])
    return NAMED.sub(rf"\g<before>{CUT}", whole) if secrets is None else whole


def secrets_in(values: Iterable[Any]) -> tuple[str, ...]:
    """The secrets of the addresses among some values (nested lists and mappings too), longest first, with their longer fragments.

    Examples
    --------
    >>> secrets_in([{"data": ["postgres://me:correct-h0rse@host/db", 7]}])
    ('correct-h0rse', 'correct', 'h0rse')
    """
    found: set[str] = set()
    for text in texts_in(values):
        address = read_address(text)
        found.update(address.secrets if address else ())
        if address is None:
            found.update(match["secret"].strip("'\"") for match in NAMED.finditer(text))
        if address is None and NO_SCHEME.fullmatch(text):
            found.update(_of_user(text.rpartition("@")[0]))
    pieces = {piece for secret in found for piece in re.split(r"\W+", secret) if len(piece) >= FRAGMENT}
    return _sorted(found | pieces, set())


def secrets_around(environment: Mapping[str, str]) -> set[str]:
    """The secrets among the variables of an environment: by their names, and those inside addresses."""
    named = {value for name, value in environment.items() if NAMES.fullmatch(name) and not NO_SECRETS.fullmatch(name)}
    found = {value for value in named if len(value) >= UNLIKELY and "://" not in value and not value.isdigit()}
    return found | set(secrets_in(value for value in environment.values() if holds_secret(value)))


def holds_secret(text: str) -> bool:
    """Whether a text is an address with something in it that may not be seen."""
    address = read_address(text) if "://" in text else None
    return address is not None and bool(address.secrets)


def scrub(
    text: str, secrets: Sequence[str], *, is_message: bool = True, written: Callable[[str], Sequence[str]] = lambda secret: ways(secret)
) -> str:
    """A text without the secrets.

    A message (an error, a log, printed text) loses every one of them as a word of its own. Data and code lose them inside addresses,
    and elsewhere only what cannot be there by accident: with the password `1234` the number 1234 in a table stays what it is.
    """
    text = hide(text) if is_message else text
    present = [(secret, way) for secret in secrets for way in written(secret) if way in text]
    if present and not is_message:
        text = hide(text, secrets)
    for secret, way in present:
        if cannot_be_data(secret):
            text = text.replace(way, CUT)
            continue
        escaped = re.escape(way)
        text = re.sub(rf"(?<=:){escaped}(?=@)|(?P<key>(?<![\w-]){WORDS}=){escaped}(?!\w)", rf"\g<key>{CUT}", text, flags=re.IGNORECASE)
        if is_message:
            text = re.sub(rf"(?<!\w){escaped}(?!\w)", CUT, text)
    return text


def cannot_be_data(secret: str) -> bool:
    """Whether a secret is so unlike words and numbers that it does not stand in a table by accident."""
    return len(secret) >= UNLIKELY and not secret.isalpha() and any(sign.isalpha() for sign in secret)


def ways(secret: str) -> tuple[str, ...]:
    """A secret as it stands in text, addresses, Python source and JSON, the plain way first."""
    quoted, double = repr(secret)[1:-1], json.dumps(secret)[1:-1]
    encoded = (quote(secret, safe=""), quote(secret), quote_plus(secret), secret.encode("unicode_escape").decode())
    return tuple(dict.fromkeys((secret, *encoded, quoted, double, json.dumps(secret, ensure_ascii=False)[1:-1])))


def texts_in(values: Iterable[Any]) -> Iterator[str]:
    """The texts among values, nested lists and mappings too."""
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from texts_in(value.values())
        elif isinstance(value, list | tuple):
            yield from texts_in(value)


# --------------------------------------------------------------------------------------------------------------------- the parts


def _table(scheme: str, rest: str) -> tuple[str, str, tuple[str, ...]]:
    """What stands before the table, the table, and the secrets in it: a table of Spark can be an address itself."""
    if nested := NESTED.search(rest):
        inner = read_address(rest[nested.end() :])
        assert inner is not None
        return rest[: nested.start()], str(inner), inner.secrets
    body, separator, table = rest.rpartition("::")
    if separator and TABLE.fullmatch(table) and ("/" not in table or scheme == "pyspark"):
        return body, table, ()
    return rest, "", ()


def _split(body: str) -> tuple[str, str, str]:
    """Authority, path, and the rest with its sign, as RFC 3986 divides them; never an error."""
    found = re.match(r"(?P<authority>[^/?#]*)(?P<path>[^?#]*)", body, re.DOTALL)
    assert found is not None
    return found["authority"], found["path"], body[found.end() :]


def _of_user(text: str) -> list[str]:
    """The password of `user:password`; the user where there is none, or where the name itself looks like a key."""
    user, _, password = text.partition(":")
    return [password, *([user] if not password or cannot_be_data(user) else [])]


def _of_settings(tail: str) -> list[str]:
    """The values of a query, but those of plain settings."""
    found = []
    for part in re.split(r"[?&#]", tail):
        key, sign, value = part.partition("=")
        if not sign:
            found.append(key if tail[:1] in ("?", "#") else "")
        elif SECRET_KEY.search(key) or not (PLAIN_KEY.fullmatch(key) or PLAIN_VALUE.fullmatch(value)):
            found.append(value)
    return found


def _sorted(found: Iterable[str], shown_too: set[str]) -> tuple[str, ...]:
    """The texts as written and decoded, longest first, without those that are shown in any case."""
    written = {text for secret in found for text in (secret, unquote(secret), unquote_plus(secret))}
    return tuple(sorted(written - {"", CUT} - shown_too, key=lambda text: (-len(text), text)))


def _end(text: str, begin: int, limit: int) -> tuple[int, bool]:
    """Where an address in a text ends, and whether it goes on over blanks or quotes, as a password may."""
    stop = STOP.search(text, begin, limit)
    if stop is None:
        return limit, False
    end = stop.start()
    written, behind = text[begin:end], text[end:limit]
    authority = _split(written)[0]
    goes_on = "@" in written or not HOST.fullmatch(authority)
    in_one_word = not stop[0].isspace() and "@" in behind.split(maxsplit=1)[0]
    if "@" not in behind or not (goes_on or in_one_word):
        return end, False
    after = STOP.search(text, end + behind.rfind("@"), limit)
    return (after.start() if after else limit), True


def _cut(start: re.Match[str], written: str, is_wide: bool) -> str:
    """An address in a text by its parts; the signs of a sentence behind it stay."""
    if len(start["slashes"]) == 1:  # `word:/path`, or an address that went through `Path`
        return f"{start['scheme']}://{CUT}" if "@" in written or is_wide else written
    if is_wide:
        return f"{start['scheme']}://{CUT}"
    ending = re.search(r"(?:::|[.,;:!?)\]}\\]*)$", written)
    assert ending is not None
    address = read_address(written[: ending.start()])
    return written if address is None else f"{address}{ending[0]}"
