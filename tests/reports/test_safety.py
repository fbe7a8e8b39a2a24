"""Attacks: parameters that try to be code, data to be markup, recipes to leave their folder, secrets to get out."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import forked

from goodwill.data.reading.addresses import hide, scrub
from goodwill.errors import UsageError
from goodwill.reports.pages.render import failure_page
from goodwill.reports.recording.extract import Failure
from goodwill.reports.recording.notebooks import Notebook
from goodwill.reports.recording.parameters import check_values, read_parameters
from goodwill.reports.recording.secrets import scrub_notebook, secret_texts
from goodwill.reports.running.history import history_file, remember
from goodwill.reports.running.run import Outcome, run_notebook
from goodwill.reports.sets.index import write_index
from goodwill.reports.sets.recipe import read_recipe

from .conftest import NOTEBOOKS
from .sets import NOW, facts_of
from .test_render import Page

START = "from goodwill.reports.recording.record import *\nfrom goodwill import say, start\nstart(globals())"
PARAMETERS = (
    'data: str = ""  # a source [path]\nwords: list[str] = []  # words\nword: str = ""  # a word [any text]\nnumber: int = 1  # a number'
)
ATTACKS = [
    "quote ' and \" and ''' and \"\"\"",
    "back\\slash \\n \\x41 \\",
    "line\nbreak\r\nand\ttab",
    "__import__('os').system('touch pwned')",
    "'); __import__('os').system('touch pwned') #",
    '"\n__import__("os").system("touch pwned")\n"',
    "# Parameters\nnumber = 7",
    "{0.__class__} ${HOME} %s {{7*7}} {word}",
    "[['a', ['b']], {'c': 1}]",
    "😀 中文 ‮ back to front \u2028 \x85 é",
    "None",
    "True",
    "1e3",
    "007",
    " ",
    "</script><img src=x onerror=alert(1)>",
]


def a_notebook(*cells: str, markdown: str = "# A question?") -> Notebook:
    """A notebook with a parameters cell, a start, and the given cells of code."""
    sources = [("parameters", PARAMETERS), ("", START), *(("", cell) for cell in cells)]
    text = {"cell_type": "markdown", "id": "text", "metadata": {}, "source": markdown}
    code = [
        {
            "cell_type": "code",
            "id": f"c{place}",
            "metadata": {"tags": [tag]} if tag else {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for place, (tag, source) in enumerate(sources)
    ]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    return Notebook(Path("attack.ipynb"), {"cells": [text, *code], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})


def everything_in(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()}


# -- parameters are data, never code


def test_parameters_arrive_in_the_kernel_as_the_values_they_are(tmp_path: Path):
    seen = "import json\nfrom pathlib import Path\nPath('seen.json').write_text(json.dumps([word, words, number]))"
    outcome = forked.run_notebook(a_notebook(seen), {"word": ATTACKS[0], "words": ATTACKS, "number": 3}, tmp_path / "r", base=tmp_path)
    assert outcome.failure is None, outcome.failure
    assert json.loads((tmp_path / "seen.json").read_text()) == [ATTACKS[0], ATTACKS, 3]
    assert json.loads((tmp_path / "r" / "run.json").read_text("utf-8"))["parameters"]["words"] == ATTACKS
    assert not (tmp_path / "pwned").exists()


@settings(max_examples=10 * settings.default.max_examples)
@given(st.lists(st.one_of(st.text(), st.sampled_from(ATTACKS))), st.text())
def test_no_text_at_all_becomes_code_when_papermill_writes_it(words: list[str], word: str):
    from goodwill.reports.recording.execution import skip_slow_import

    skip_slow_import()
    from papermill.translators import PythonTranslator

    values = check_values(read_parameters(PARAMETERS), {"words": words, "word": word})
    try:
        source = PythonTranslator.codify(values)
        source.encode()
    except UnicodeEncodeError:
        return
    nodes = ast.parse(source).body
    assert {node.targets[0].id: ast.literal_eval(node.value) for node in nodes} == values  # type: ignore[attr-defined]


@pytest.mark.parametrize("value", [[["a"]], [{"a": 1}], {"a": 1}, [b"a"], object()])
def test_what_is_no_plain_value_is_refused_before_a_kernel_starts(value: Any):
    with pytest.raises(UsageError, match="'words'"):
        check_values(read_parameters(PARAMETERS), {"words": value})


# -- data never become markup

HOSTILE = '</script><img src=x onerror=alert(1)><svg onload=alert(2)> & "quoted" | *x* $1$ [a](javascript:alert(3))'


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    cells = [
        "import pandas as pd\nfrom matplotlib.figure import Figure",
        "record('r', word, label=word, unit=word)\nrecord('n', 1.5, interval=(1, 2), unit=word, label=word)\n"
        "record('none', None, reason=word, label=word)\nsay('The best is {r}; {n}; {none}.')",
        "record_data(type('D', (), {'source': word, 'fingerprint': word, 'first': word, 'last': word}))",
        "record_table('t', pd.DataFrame({word: [word, 'b'], 'segment': ['<b>x</b>', word]}, index=[word, 'z']), caption=word, "
        "formats={'segment': '<i>{}</i>'})",
        "record_assumptions((word, word, word, 'assumed'))",
        "f = Figure()\nf.subplots().set_title('x')\nrecord_figure('f', f, caption=word, alt=word)",
        "print(word)\nimport sys\nprint(word, file=sys.stderr)\nword",
    ]
    folder = tmp_path_factory.mktemp("hostile")
    outcome = forked.run_notebook(a_notebook(*cells), {"word": HOSTILE, "words": [HOSTILE]}, folder / "r", base=folder, title=HOSTILE)
    assert outcome.failure is None, outcome.failure
    remember(outcome.folder, "built")
    write_index(HOSTILE, folder, [outcome], now=NOW)
    return folder


def active(html: str) -> list[str]:
    """What a page holds that could run or fetch: handlers, scripts beyond its own, addresses that are no plain links."""
    page = Page(html)
    found = [f"{tag} {name}" for tag, attributes in page.tags for name in attributes if name.startswith("on")]
    found += [f"{len(page.all('script'))} scripts"] if len(page.all("script")) != 1 else []
    found += [f"{tag} in the page" for tag, _ in page.tags if tag in ("iframe", "object", "embed", "form", "base", "link")]
    sources = [attributes.get("src") or attributes.get("href") or "" for _, attributes in page.tags]
    return found + [source for source in sources if source.lower().startswith(("javascript:", "http:", "//")) or source == "x"]


def test_no_value_becomes_markup_in_report_or_index(hostile: Path):
    for name in ("r/report.html", "index.html"):
        page = (hostile / name).read_text("utf-8")
        assert active(page) == [], name
        assert "onerror=alert(1)>" in "".join(Page(page).words), name


def test_the_name_of_a_group_that_takes_the_place_of_a_path_becomes_neither_markup_nor_code(tmp_path: Path):
    words = f'sales.csv (region = {HOSTILE} "; import os; os.abort() #'
    cells = [
        "record_data(type('D', (), {'source': data}))\nrecord('source', data)\nsay('From {source}.')\nprint(data)",
        "import pandas as pd\nrecord_table('t', pd.DataFrame({'source': [data]}), caption=data)",
    ]
    outcome = forked.run_notebook(a_notebook(*cells), {"data": "piece.parquet"}, tmp_path / "r", base=tmp_path, shown={"data": words})
    assert outcome.failure is None, outcome.failure
    texts = everything_in(tmp_path / "r")
    assert active(texts["report.html"]) == []
    assert "onerror=alert(1)>" in "".join(Page(texts["report.html"]).words)
    (injected,) = [c for c in json.loads(texts["notebook.ipynb"])["cells"] if "injected-parameters" in c["metadata"].get("tags", ())]
    (assignment,) = ast.parse("".join(injected["source"])).body
    assert ast.literal_eval(assignment.value) == words  # type: ignore[attr-defined]
    assert json.loads(texts["results.json"])["source"]["value"] == words
    assert str(tmp_path) not in "".join(texts.values())


def test_no_value_becomes_markup_inside_a_figure(hostile: Path):
    figure = (hostile / "r" / "figures" / "f.svg").read_text("utf-8")
    assert "<img" not in figure
    assert figure.count("<svg") == 1
    assert "&lt;/script&gt;" in figure


def test_no_value_becomes_markup_in_the_page_about_a_failure():
    failure = Failure(HOSTILE, False, 2, f"x = '{HOSTILE}'", f"Traceback {HOSTILE}")
    page = failure_page(facts_of("north", NOW, title=HOSTILE, parameters={HOSTILE: HOSTILE}, notebook=HOSTILE), failure, "north")
    assert active(page) == []
    assert "onerror=alert(1)>" in "".join(Page(page).words)


# -- recipes stay in their folder, and are data


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GOODWILL_NOTEBOOKS", str(NOTEBOOKS))

    def write(text: str) -> Any:
        (tmp_path / "r.yaml").write_text(text, "utf-8")
        return read_recipe(tmp_path / "r.yaml")

    return write


@pytest.mark.parametrize(
    "name", ["../x", "a/../../x", "/tmp/x", "..", ".", "a/b", "a\\\\b", "C:x", "~", "", "a\\u0000b", "con.", ".hidden", "x" * 300]
)
def test_a_report_cannot_be_named_out_of_its_folder(recipe, name: str):
    try:
        found = recipe(f'title: T\nreports: [{{name: "{name}", notebook: whole}}]')
    except UsageError:
        return
    assert all(re.fullmatch("[A-Za-z0-9][A-Za-z0-9_-]{0,99}", report.name) for report in found.reports)


def test_a_report_folder_that_is_a_link_to_elsewhere_is_not_written_through(tmp_path: Path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "run.json").write_text('{"name": "r"}')
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "r").symlink_to(elsewhere, target_is_directory=True)
    with pytest.raises(UsageError):
        run_notebook(a_notebook(), {}, tmp_path / "set" / "r", base=tmp_path)
    assert everything_in(elsewhere) == {"run.json": '{"name": "r"}'}


@pytest.mark.parametrize("name", ["../../pwned", "/tmp/pwned", "a/b", "..", ""])
def test_a_result_cannot_be_named_out_of_its_report(tmp_path: Path, name: str):
    """Not even when a cell writes the output by hand, past the check of `record_table`."""
    from goodwill.reports.recording.extract import results
    from goodwill.reports.recording.output import MIME

    output = {"output_type": "display_data", "data": {MIME: {"kind": "table", "name": name, "caption": "c", "rows": 1, "csv": "a\n"}}}
    found = results({"cells": [{"cell_type": "code", "outputs": [output], "metadata": {}, "source": ""}]})
    assert found.tables == {}


@pytest.mark.parametrize(
    "attack",
    [
        "!!python/object/apply:pathlib.Path.touch [pwned]",
        "!!python/object/apply:os.system ['touch pwned']",
        "!!python/object/new:os.system ['touch pwned']",
        "!!python/name:os.system",
        "!!python/module:os",
    ],
)
def test_yaml_never_makes_objects(recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, attack: str):
    monkeypatch.chdir(tmp_path)
    for text in (
        f"title: {attack}\nreports: [{{name: a, notebook: whole}}]",
        f"title: T\nreports: [{{name: a, notebook: error, parameters: {{word: {attack}}}}}]",
    ):
        try:
            found = recipe(text)
        except UsageError:
            continue
        assert type(found.title) is str
        assert all(type(value) in (str, list) for report in found.reports for value in report.parameters.values())
    assert not (tmp_path / "pwned").exists()


def test_a_recipe_gives_parameters_as_text_whatever_they_look_like(recipe):
    listed = yaml.safe_dump(ATTACKS, default_flow_style=True, width=10**6).strip()
    (report,) = recipe(f"title: T\nreports: [{{name: a, notebook: whole, parameters: {{tags: {listed}}}}}]").reports
    assert list(report.parameters["tags"]) == ATTACKS


# -- secrets stay where they are

PASSWORD, ENCODED = "s3cr3t/p@ss w0rd!", "s3cr3t%2Fp%40ss%20w0rd%21"
ADDRESS = f"postgres://me:{ENCODED}@db.example/shop?sslpassword=0ther-s3cret&sslmode=require::orders"
LEAKS = ("s3cr3t", "w0rd", "0ther-s3cret")
TELL = (
    "from urllib.parse import urlsplit, unquote\nparts = urlsplit(data)\nsecret = unquote(parts.password)\n"
    "print(data, secret)\nimport sys, warnings\nprint('connecting with', repr(secret), file=sys.stderr)\nwarnings.warn(f'slow: {data}')"
)


def leaks(texts: dict[str, str]) -> list[str]:
    return [f"{leak} in {name}" for name, text in texts.items() for leak in LEAKS if leak in text]


@pytest.mark.slow
def test_no_secret_is_in_any_file_of_a_report_or_in_the_index(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    cells = [
        TELL,
        "record_data(type('D', (), {'source': data, 'fingerprint': None}))\nrecord('source', data)\nsay('From {source}.')",
        "import pandas as pd\nrecord_table('t', pd.DataFrame({'source': [data]}), caption=data)\n[data, secret]",
        "from matplotlib.figure import Figure\nf = Figure()\nf.subplots()\nrecord_figure('f', f, caption=data, alt=data)",
    ]
    outcome = run_notebook(a_notebook(*cells), {"data": ADDRESS, "words": [ADDRESS, "shown"]}, tmp_path / "r", base=tmp_path)
    assert outcome.failure is None, outcome.failure
    remember(outcome.folder, "built")
    write_index("T", tmp_path, [outcome], now=NOW)
    texts = everything_in(tmp_path)
    assert {"r/report.html", "r/notebook.ipynb", "r/run.json", "r/results.json", "r/tables/t.csv", "index.html", "index.json"} <= set(texts)
    assert leaks(texts | dict(zip(("stdout", "stderr"), capfd.readouterr(), strict=True))) == []
    assert "postgres://db.example/shop::orders" in texts["r/run.json"]


@pytest.mark.slow
def test_no_secret_is_in_what_is_told_about_a_failure(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    cell = f"{TELL}\nraise ConnectionError(f'password authentication failed for {{secret!r}} at {{data}} ({{parts.password}})')"
    outcome = run_notebook(a_notebook(cell), {"data": ADDRESS}, tmp_path / "r", base=tmp_path)
    assert outcome.failure is not None
    remember(outcome.folder, "failed", outcome.failure.message, outcome.started)
    write_index("T", tmp_path, [outcome], now=NOW)
    texts = everything_in(tmp_path)
    assert {"r.failed.html", "r.failed.json", history_file(tmp_path / "r").name} <= set(texts)
    assert leaks(texts | {"outcome": repr(outcome)} | dict(zip(("stdout", "stderr"), capfd.readouterr(), strict=True))) == []
    assert "password authentication failed" in outcome.failure.message


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("postgres://me:pw@host/db", "postgres://host/db"),
        ("postgres://me:p:w@x@host/db::t", "postgres://host/db::t"),
        ("mysql://me:a/b@host/db", "mysql://…"),
        ("duckdb://md:shop?motherduck_token=abc.def::orders", "duckdb://md:shop::orders"),
        ("x://h/d?a=1&PASSWORD=p;w&b=2", "x://h/d"),
        ("host=h user=me password=pw dbname=d", "host=h user=me password=… dbname=d"),
        ("two: a://b:c@d and e://f:g@h", "two: a://d and e://h"),
        ("http://localhost:8080/a@b", "http://…"),  # a password can begin like a port
        ("http://localhost:8080/a?b=c", "http://localhost:8080/a"),
        ("postgres://me@host:5432/db::t", "postgres://host:5432/db::t"),
        ("sales 2024.csv", "sales 2024.csv"),
    ],
)
def test_secrets_of_addresses_are_hidden_and_nothing_else(text: str, hidden: str):
    assert hide(text) == hidden
    assert hide(hidden) == hidden


def test_a_password_that_could_be_a_number_or_a_word_does_not_change_data():
    secrets = secret_texts(["a://me:1234@h", ["b://me:customer@h"]], {})
    assert secrets == ("customer", "1234")
    assert scrub("1234 customer rows, 51234", secrets, is_message=False) == "1234 customer rows, 51234"
    assert scrub("login 1234 for customer failed, 51234 rows", secrets) == "login … for … failed, 51234 rows"
    cell = {
        "outputs": [{"output_type": "stream", "text": ["1234\n"]}, {"output_type": "display_data", "data": {"text/html": "<td>1234</td>"}}]
    }
    scrubbed = scrub_notebook({"cells": [cell]}, secrets)["cells"][0]["outputs"]
    assert scrubbed[0]["text"] == ["…\n"]
    assert scrubbed[1]["data"]["text/html"] == "<td>1234</td>"
    assert cell["outputs"][0]["text"] == ["1234\n"]
    code = "connect(password=None, pwd='x')  # a://me:1234@h and password=customer"
    assert scrub(code, secrets, is_message=False) == "connect(password=None, pwd='x')  # a://h and password=…"


def test_a_wrong_value_with_a_secret_is_not_told_by_the_outcome():
    message = hide("parameter 'number' is 'a://me:pw-1@h'; it must be a whole number.")
    assert "pw-1" not in message
    assert isinstance(Outcome("a", "A", Path("a"), "", 0.0, Failure(message)).failure, Failure)
