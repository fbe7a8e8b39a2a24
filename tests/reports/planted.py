"""Forms in which a secret can stand in an address, a query or the environment, each with a secret of its own to look for."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

SIGNS = {
    "plain": "",
    "quote": "'",
    "double quote": '"',
    "blank": " ",
    "slash": "/",
    "backslash": "\\",
    "opening bracket": "[",
    "closing bracket": "]",
    "at": "@",
    "colon": ":",
    "two colons": "::",
    "question mark": "?",
    "hash": "#",
    "ampersand": "&",
    "equals": "=",
    "per cent": "%",
    "dollar": "$",
    "brace": "{",
    "comma": ",",
    "semicolon": ";",
    "less": "<",
    "star": "*",
    "plus": "+",
    "umlaut": "ü",
    "backtick": "`",
}
KEYS = (
    "pass",
    "password",
    "key",
    "api_key",
    "sig",
    "auth",
    "credential",
    "token",
    "access_token",
    "X-Amz-Signature",
    "motherduck_token",
    "x",
)
LONE = {
    "token as user": "https://{}@db.example/shop::orders",
    "empty user": "postgres://:{}@db.example/shop::orders",
    "empty password": "https://{}:@db.example/shop::orders",
    "user of a token": "https://{}:x-oauth-basic@db.example/shop::orders",
    "no host": "postgres://me:{}",
    "no table": "postgres://me:{}@db.example/shop",
    "fragment": "postgres://db.example/shop#access={}::orders",
    "settings in the path": "sqlserver://db.example/shop;password={}::orders",
    "table that is an address": "pyspark://?spark.master=local::s3a://AK:{}@bucket/orders",
    "setting of Spark": "pyspark:///warehouse?spark.hadoop.fs.s3a.secret.key={}::shop.orders",
    "MotherDuck": "duckdb://md:shop?saas={}::orders",
    "one slash": "postgres:/me:{}@db.example/shop::orders",
    "no scheme": "me:{}@db.example/shop::orders",
    "Java": "jdbc:postgresql://db.example/shop?user=me&password={}",
}
ENVIRONMENT = ("PGPASSWORD", "AWS_SECRET_ACCESS_KEY", "MOTHERDUCK_TOKEN", "MY_API_KEY", "DB_PASS", "SERVICE_CREDENTIALS", "WAREHOUSE_AUTH")
MARK = re.compile(r"zq\d\dk|xw\d\dv", re.IGNORECASE)


def secret(number: int, sign: str = "5") -> str:
    return f"Zq{number:02}k{sign}xW{number:02}v"


def addresses() -> dict[str, str]:
    """An address for each form, by its name; number 0 onwards."""
    forms: dict[str, str] = {}
    for name, sign in SIGNS.items():
        forms[f"password with {name}"] = f"postgres://me:{secret(len(forms), sign)}@db.example/shop::orders"
    for name in ("slash", "blank", "at", "quote"):
        forms[f"encoded {name}"] = f"postgres://me:{quote(secret(len(forms), SIGNS[name]), safe='')}@db.example/shop::orders"
    for key in KEYS:
        forms[f"?{key}="] = f"postgres://db.example/shop?sslmode=require&{key}={secret(len(forms))}::orders"
    for name, form in LONE.items():
        forms[name] = form.format(secret(len(forms)))
    return forms


def environment() -> dict[str, str]:
    """Variables with secrets, and one that holds an address."""
    found = {name: secret(80 + place) for place, name in enumerate(ENVIRONMENT)}
    return found | {"DATABASE_URL": f"postgres://me:{secret(97)}@db.example/shop?sig={secret(98)}"}


def leaks_in(texts: dict[str, str]) -> list[str]:
    """Where a planted secret, or a part of one, is seen: the place and the forms."""
    names = list(addresses())
    found = []
    for place, text in texts.items():
        for mark in sorted({match[0].lower() for match in MARK.finditer(text)}):
            number = int(mark[2:4])
            at = MARK.search(text[text.lower().find(mark) :])
            around = text[max(0, text.lower().find(mark) - 40) :][:90]
            found.append(f"{place}: {names[number] if number < len(names) else 'environment'}: {around!r}" if at else place)
    return found


def files_in(folder: Path, but: tuple[Path, ...] = ()) -> dict[str, str]:
    """The names and contents of all files, whatever they hold, but for those that the user has written."""
    texts = {}
    for path in folder.rglob("*"):
        if path.is_file() and path not in but:
            name = path.relative_to(folder).as_posix()
            texts[name] = name + path.read_bytes().decode("utf-8", "replace")
    return texts
