"""Of addresses only scheme, host, database and table are ever shown or written, in whatever form a secret stands in them."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import ibis
import pytest
from click.testing import CliRunner

from goodwill.cli import main
from goodwill.data.reading.addresses import hide, read_address, secrets_in, shown
from goodwill.errors import DataError
from goodwill.reports.recording.execution import Execution
from goodwill.reports.recording.secrets import literals_in, safe_message, scrub_notebook, secret_texts

from .planted import addresses, environment, files_in, leaks_in, secret
from .running import SALES, Runner, runner, write_notebook

__all__ = ["runner"]

FORMS = addresses()
PARAMETERS = SALES + "words: list[str] = []  # words\n"


@pytest.fixture(autouse=True)
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment().items():
        monkeypatch.setenv(name, value)


def password_of(address: str) -> str:
    """The password as a driver sees it."""
    return unquote(address.partition("://")[2].rpartition("@")[0].partition(":")[2])


def test_at_least_forty_forms_are_planted():
    assert len(FORMS) + len(environment()) >= 40
    assert all(leaks_in({"x": text}) for text in FORMS.values())


@pytest.mark.parametrize("form", FORMS)
def test_an_address_is_shown_without_its_secrets(form: str):
    address = FORMS[form]
    assert leaks_in({"shown": shown(address), "again": shown(shown(address))}) == []
    if "://" in address:
        assert shown(shown(address)) == shown(address)


@pytest.mark.parametrize("form", [form for form in FORMS if "://" in FORMS[form]])
def test_an_address_loses_its_secrets_in_any_sentence(form: str):
    address = FORMS[form]
    sentences = {
        "plain": f"cannot open {address}, try again",
        "quoted": f"cannot open {address!r}; try again",
        "json": json.dumps({"data": address}),
        "two": f"{address} and {address}",
        "lines": f"first\n{address}\nlast",
    }
    assert leaks_in({name: hide(text) for name, text in sentences.items()}) == []


@pytest.mark.parametrize("form", FORMS)
def test_the_secrets_of_an_address_are_taken_out_of_messages_and_outputs(form: str):
    address, password = FORMS[form], password_of(FORMS[form])
    texts = [f"no login with {password!r}", f"password {password} for me", f"at {address!r}"] if password else [address]
    assert leaks_in({text: safe_message(text, [address]) for text in texts}) == []
    cell = {
        "source": f"x = {address!r}",
        "outputs": [{"output_type": "error", "traceback": texts}, {"data": {"text/plain": repr(address)}}],
    }
    assert leaks_in({"notebook": json.dumps(scrub_notebook({"cells": [cell]}, secret_texts([address])))}) == []


def test_the_secrets_of_the_environment_are_found_and_its_folders_are_not():
    surroundings = environment() | {"PWD": "/home/me/project", "SSH_AUTH_SOCK": "/tmp/agent.1", "PAGER_KEYS": "less", "HOME": "/home/me"}
    found = secret_texts([], surroundings)
    assert {secret(80), secret(97), secret(98)} <= set(found)
    assert not {"/home/me/project", "/tmp/agent.1", "/home/me", "less"} & set(found)


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        (
            "postgres://me:a%2Fb@db.example:5432/shop?sslmode=require::public.orders",
            ("postgres", "db.example:5432", "shop", "public.orders"),
        ),
        ("sqlite:////data/shop.db::orders", ("sqlite", "", "/data/shop.db", "orders")),
        ("duckdb:///C:/data/shop.duckdb::orders", ("duckdb", "", "C:/data/shop.duckdb", "orders")),
        ("pyspark://::/data/orders", ("pyspark", "", "", "/data/orders")),
        ("pyspark:///srv/wh?spark.master=local[4]::shop.orders", ("pyspark", "", "srv/wh", "shop.orders")),
        ("postgres://[::1]:5432/shop::orders", ("postgres", "[::1]:5432", "shop", "orders")),
        ("postgres://h1,h2:5433/shop::订单", ("postgres", "h1,h2:5433", "shop", "订单")),
        ("postgres://me:a/b@host/shop::orders", ("postgres", "", "", "orders")),
    ],
)
def test_an_address_is_taken_apart(address: str, parts: tuple[str, ...]):
    found = read_address(address)
    assert found is not None
    assert (found.scheme, found.host, found.database, found.table) == parts


def test_what_is_no_address_stays_as_it_is():
    for text in ("sales 2024.csv", "shop.duckdb::orders", "C:\\data\\a@b.csv", "me@corp.com", "ratio 3:4 @ 5", "Segment: A @ 5", ""):
        assert read_address(text) is None
        assert shown(text) == text
    assert secrets_in(["sales.csv", ["postgres://db.example/shop::orders"], {"a": 5}]) == ()


def test_addresses_in_the_code_of_a_notebook_are_found_and_made_up_ones_are_left():
    code = "a = 'postgres://me:pw-1@h/d::t'\nb = f'postgres://{user}:{password}@h/d'\nc = 'https://docs.example/page'"
    assert literals_in({"cells": [{"cell_type": "code", "source": code}]}) == ["postgres://me:pw-1@h/d::t"]


# -- the command line


@pytest.fixture
def goodwill(runner: Runner, monkeypatch: pytest.MonkeyPatch):
    """The command line without kernels and networks; drivers say whatever they know."""

    def connect(url: str) -> Any:
        raise ConnectionError(f"no login at {url} with {password_of(url)!r}, {environment()}")

    monkeypatch.setattr(ibis, "connect", connect)
    monkeypatch.setattr("goodwill.data.reading.sources.spark_table", lambda url, table: connect(f"{url}::{table}"))
    monkeypatch.chdir(runner.folder)
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.mark.parametrize("form", FORMS)
def test_check_and_a_refused_run_tell_no_secret(goodwill, form: str):
    for command in (
        ("check", FORMS[form]),
        ("run", FORMS[form]),
        ("run", "small.ipynb", "-p", "horizon", FORMS[form]),
        ("run", "small.ipynb", "--jobs", FORMS[form]),
        ("run", "small.ipynb", f"--timeout={FORMS[form]}"),
        ("list", FORMS[form]),
        ("list", "one", FORMS[form]),
    ):
        done = goodwill(*command)
        assert done.exit_code in (1, 2), done.output
        assert isinstance(done.exception, SystemExit)
        assert leaks_in({str(command[0]): done.output}) == []


def test_check_of_a_good_address_names_only_its_parts(goodwill, monkeypatch: pytest.MonkeyPatch):
    import pandas as pd

    log = pd.DataFrame({"customer_id": ["a", "b"], "date": ["2024-01-01", "2024-01-02"], "amount": [1.0, 2.0]})
    con = ibis.duckdb.connect()
    con.con.register("frame", log)
    con.con.execute("CREATE TABLE orders AS SELECT * FROM frame")
    monkeypatch.setattr(ibis, "connect", lambda url: con)
    done = goodwill("check", f"postgres://me:{secret(0)}@db.example/main?sig={secret(1)}::orders")
    assert done.exit_code == 0, done.output
    assert done.output.startswith("postgres://db.example/main::orders: readable as transactions")
    assert leaks_in({"check": done.output}) == []


@pytest.mark.parametrize("form", FORMS)
def test_the_error_that_a_notebook_raises_about_an_address_tells_no_secret(goodwill, form: str):
    from goodwill.data.reading.sources import read_transactions

    with pytest.raises(DataError) as raised:
        read_transactions(FORMS[form])
    assert leaks_in({"error": f"{raised.value!r} {raised.value.__cause__!r}"}) == []
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


# -- files


def talkative(content: dict[str, Any], values: dict[str, Any], *_: Any) -> Execution:
    """In place of a kernel: every cell has run, and the last one shows all that it knows in every way."""
    done = copy.deepcopy(content)
    known = [*values["words"], *(password_of(word) for word in values["words"]), *environment().values()]
    for place, cell in enumerate(cell for cell in done["cells"] if cell["cell_type"] == "code"):
        cell["execution_count"] = place + 1
    from goodwill.reports.recording.output import MIME
    from goodwill.reports.recording.secrets import visible

    started = {MIME: {"kind": "start", "parameters": visible(dict(values))}, "text/markdown": "started"}
    text = "\n".join([*known, *map(repr, known), json.dumps(known)])
    done["cells"][2]["outputs"] = [
        {"output_type": "display_data", "data": started, "metadata": {}},
        {"output_type": "stream", "name": "stdout", "text": text},
        {"output_type": "execute_result", "data": {"text/plain": repr(values["words"])}, "metadata": {}, "execution_count": 1},
    ]
    if values.get("region") == "fail":
        done["cells"][-1]["outputs"] = [
            {"output_type": "error", "ename": "ConnectionError", "evalue": " | ".join(known), "traceback": text.splitlines()}
        ]
    return Execution(done, last_cell=3)


def test_run_failing_run_recipe_and_rebuild_write_and_tell_no_secret(goodwill, runner: Runner, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("goodwill.reports.running.run.execute", talkative)
    words = list(FORMS.values())
    written = write_notebook(runner.folder / "small.ipynb", parameters=PARAMETERS)
    recipe = runner.folder / "r.yaml"
    entry = {"notebook": "small.ipynb", "parameters": {"words": words, "data": words[0]}}
    fan = {
        "name": "value",
        "notebook": "small.ipynb",
        "title": "Of {region}",
        "for_each": {"region": words[:3]},
        "parameters": {"words": words},
    }
    failing = entry | {"name": "b", "parameters": entry["parameters"] | {"region": "fail"}}
    recipe.write_text(json.dumps({"title": words[0], "reports": [entry | {"name": "a"}, failing, fan]}))
    told = {}
    given = ("-p", "words", json.dumps(words), "-p", "data", words[5])
    for name, code, command in (
        ("run", 0, ("run", "small.ipynb", *given, "--out", "out/one")),
        ("failing run", 1, ("run", "small.ipynb", *given, "-p", "region", "fail", "--out", "out/two")),
        ("recipe", 1, ("run", "r.yaml", "--out", "out/set", "--log", "json")),
        ("rebuild without", 2, ("rebuild", "--trust", "out/one")),
        ("rebuild", 0, ("rebuild", "--trust", "out/one", *given)),
        ("rebuild that fails", 1, ("rebuild", "--trust", "out/one", *given, "-p", "region", "fail", "--out", "out/three")),
    ):
        done = goodwill(*command)
        assert done.exit_code == code, (name, done.output, done.exception)
        told[name] = done.output
    assert "give the address with -p" in told["rebuild without"]
    files = files_in(runner.folder, (written, recipe))
    assert {"out/one/run.json", "out/one/notebook.ipynb", "out/two.failed.json", "out/set/index.html", "out/set/b.history.jsonl"} <= set(
        files
    )
    assert leaks_in(files | told) == []
    assert "postgres://db.example/shop::orders" in files["out/one/run.json"]


def test_the_files_of_groups_are_not_called_after_the_settings_of_an_address():
    from goodwill.reports.sets.fan_out import _stem

    assert leaks_in({form: _stem(address) for form, address in FORMS.items() if "://" in address}) == []
    assert (_stem("sales.duckdb::orders"), _stem(FORMS["?sig="])) == ("sales", "shop")


def test_a_default_and_a_text_in_the_code_lose_their_secrets_too(runner: Runner, monkeypatch: pytest.MonkeyPatch):
    address, inside = FORMS["password with plain"], FORMS["?sig="]
    parameters = PARAMETERS.replace('data: str = ""', f'data: str = "{address}"')
    text = "title: T\nreports: [{name: a, notebook: small.ipynb, parameters: {end: 2024-01-01}}]"
    written = write_notebook(runner.folder / "small.ipynb", f"read({inside!r})", parameters=parameters)
    recipe = runner.recipe(text)
    assert runner.run(text) == {"a": "built"}
    assert leaks_in(files_in(runner.folder, (written, recipe))) == []
    assert runner.facts()["cut"] == ["data"]
    from goodwill.errors import UsageError
    from goodwill.reports.running.rebuild import rebuild

    with pytest.raises(UsageError, match="does not hold the address in its code"):
        rebuild(runner.set / "a")


# -- with kernels

KERNEL = """\
import os, sys, warnings
from urllib.parse import unquote
known = [*words, *(unquote(w.partition("://")[2].rpartition("@")[0].partition(":")[2]) for w in words)]
known += [value for name, value in os.environ.items() if "Zq" in value]
print(known)
print(*known, sep="\\n", file=sys.stderr)
warnings.warn(" ".join(known))
import goodwill as gw
for word in words:
    try:
        gw.read_transactions(word)
    except gw.DataError as error:
        print(error)
record("first", words[0])
if region == "fail":
    raise ConnectionError(str(known))
known"""


@pytest.mark.slow
def test_real_kernels_write_and_tell_no_secret_not_even_in_the_home_of_the_user(tmp_path: Path):
    words = [address for address in FORMS.values() if "db.example" not in address or "://" not in address]
    words += [address.replace("db.example", "127.0.0.1:1") for address in FORMS.values() if address not in words]
    written = write_notebook(tmp_path / "small.ipynb", KERNEL, parameters=PARAMETERS)
    recipe = tmp_path / "r.yaml"
    entry = {"notebook": "small.ipynb", "parameters": {"words": words, "region": words[0]}}
    failing = entry | {"name": "b", "parameters": {"words": words, "region": "fail"}}
    recipe.write_text(json.dumps({"title": "T", "reports": [entry | {"name": "a"}, failing]}))
    surroundings = os.environ | environment() | {"HOME": str(tmp_path / "home"), "IPYTHONDIR": str(tmp_path / "home" / "ipython")}
    given = ["-p", "words", json.dumps(words)]
    told = {}
    for name, code, command in (
        ("check", 1, ["check", words[-1]]),
        ("run", 0, ["run", "small.ipynb", *given, "--out", "out/one"]),
        ("failing run", 1, ["run", "small.ipynb", *given, "-p", "region", "fail", "--out", "out/two"]),
        ("recipe", 1, ["run", "r.yaml", "--out", "out/set"]),
        ("rebuild", 0, ["rebuild", "out/one", "--trust", *given]),
    ):
        line = [sys.executable, "-c", "import sys; from goodwill.cli import main; main(sys.argv[1:])", *command]
        done = subprocess.run(line, capture_output=True, text=True, cwd=tmp_path, env=surroundings)
        assert done.returncode == code, (name, done.stdout[-2000:], done.stderr[-2000:])
        told[name] = done.stdout + done.stderr
    files = files_in(tmp_path, (written, recipe))
    assert {"out/one/notebook.ipynb", "out/two.failed.html", "out/set/a/report.html"} <= set(files)
    assert leaks_in(files | told) == []
