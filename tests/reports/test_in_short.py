"""Pages that open with In short and fold The working away, and reports whose In short is absent."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.forked import run_notebook
from tests.notebooks.house import misplaced_in_short, open_exhibits, read_cells

from goodwill.reports.recording.output import MIME
from goodwill.reports.running.history import history_file, read_history
from goodwill.reports.running.run import Outcome
from goodwill.reports.sets.batch import exit_status

from .conftest import NOTEBOOKS, Built, notebook
from .running import TODAY, Runner, runner, write_notebook
from .test_render import Page

__all__ = ["runner"]
IN_SHORT = 'gw.show("…")  # in short'
THIN = "title: T\nreports: [{name: a, notebook: small.ipynb}]"


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    folder = tmp_path_factory.mktemp("short")
    return {name: run_notebook(notebook("08_in_short"), {"weeks": weeks}, folder / name) for name, weeks in (("whole", 12), ("thin", 2))}


@pytest.fixture(scope="module")
def page(reports: dict[str, Outcome]) -> str:
    return (reports["whole"].folder / "report.html").read_text("utf-8")


def between(page: str, start: str, end: str) -> str:
    return page[page.index(start) : page.index(end, page.index(start))]


def test_in_short_opens_the_page_and_stands_there_once(page: str):
    places = [
        page.index(text) for text in ("<h1", '<h2 id="In-short">', "<strong>They rise", '<nav aria-label="Contents"', ">Key results</h2>")
    ]
    assert places == sorted(places)
    assert page.count("<strong>They rise</strong>") == 1
    assert page.count('id="In-short"') == 1
    assert '<a href="#In-short">in short</a>' in page


def test_in_short_says_first_and_shows_then(page: str):
    opening = between(page, '<section class="in-short"', "</section>")
    places = [opening.index(text) for text in ("They rise", 'id="figure-short"', '<details class="code">')]
    assert places == sorted(places)
    assert "<b>Figure 1.</b> Sales by week, in short." in opening


def test_the_working_is_one_closed_fold_with_all_that_follows_it(page: str):
    folded = between(page, '<details class="fold">', '<section class="made"')
    for text in ('id="how-the-records-were-read"', 'id="table-audit"', 'id="does-the-line-fit"', 'id="figure-fits"'):
        assert text in folded
        assert page.count(text) == 1
    assert "<summary>Open the working: 1 table and 1 figure</summary>" in folded
    assert 'id="figure-rising"' not in folded
    assert page.index('<h2 id="the-working">') < page.index('<details class="fold">')


def test_contents_and_a_list_lead_to_what_is_folded(page: str):
    contents = between(page, '<nav aria-label="Contents"', "</nav>")
    assert re.findall(r'href="#([^"]+)"', contents) == [
        "In-short",
        "how-fast-do-they-rise",
        "the-working",
        "how-the-records-were-read",
        "does-the-line-fit",
        "made",
    ]
    listed = between(page, '<ul class="exhibits">', "</ul>")
    assert '<a href="#table-audit"><b>Table 1.</b> What was found &lt;b&gt;in&lt;/b&gt; the file</a>' in listed
    assert '<a href="#figure-fits"><b>Figure 3.</b> Misses by week.</a>' in listed


def test_open_exhibits_are_those_before_the_working(reports: dict[str, Outcome]):
    assert open_exhibits(json.loads((reports["whole"].folder / "notebook.ipynb").read_text("utf-8"))) == 2


def test_a_page_without_the_tags_has_neither(built: Built):
    assert not re.search(r'class="(in-short|fold|working|exhibits|trust)"', built.page)


def test_a_tile_says_how_far_its_number_can_be_trusted(page: str):
    tiles = between(page, '<section class="summary"', "</section>")
    assert re.findall(r'<span class="trust">([^<]+)</span>', tiles) == [
        "Assumed: margin",
        "If the model is right: 4.50 to 5.50",
        "What came: 5.50 USD, inside the interval",
        "Track record: 7 of 8 held (95% should), 3 of them disjoint, looking 12 weeks ahead, in its own past",
    ]


def test_results_hold_trust_where_it_is_known_and_the_version_of_their_fields(reports: dict[str, Outcome]):
    results = json.loads((reports["whole"].folder / "results.json").read_text("utf-8"))
    assert (results["rise"]["grade"], results["rise"]["weakest"], results["rise"]["model_interval"]) == ("assumed", "margin", [4.5, 5.5])
    assert results["rise"]["track_record"][0]["held"] == 7
    assert results["schema"]["value"] == 1
    assert set(results["schema"]) == {"value", "interval", "level", "unit", "label", "reason"}


def test_a_report_is_built_but_thin_when_its_short_answer_is_missing(reports: dict[str, Outcome]):
    thin = reports["thin"]
    facts = json.loads((thin.folder / "run.json").read_text("utf-8"))
    assert (thin.status, thin.failure) == ("thin", None)
    assert thin.note == facts["note"] == "In short is missing: 2 weeks are too few to tell a rise from *noise*."
    assert facts["status"] == "thin"
    assert exit_status([thin]) == exit_status([thin, reports["whole"]]) == 3
    assert exit_status([reports["whole"]]) == 0


def test_a_thin_page_says_why_and_repeats_it_for_no_record(reports: dict[str, Outcome]):
    page = (reports["thin"].folder / "report.html").read_text("utf-8")
    assert "<p>2 weeks are too few to tell a rise from *noise*.</p>" in between(page, '<section class="in-short"', "</section>")
    assert 'class="result"' not in page
    assert page.count("<p>2 weeks are too few to tell") == 3  # in short, in its section, in the working


def say_in_short(runner: Runner, monkeypatch: pytest.MonkeyPatch, result: dict) -> None:
    """As if the last cell had shown this."""

    def execute(*given):
        execution = runner.execute(*given)
        last = execution.content["cells"][-1]
        last["outputs"] = [{"output_type": "display_data", "data": {MIME: result, "text/markdown": "said"}, "metadata": {}}]
        return execution

    path = write_notebook(runner.folder / "small.ipynb", IN_SHORT)
    content = json.loads(path.read_text())
    content["cells"][-1]["metadata"] = {"tags": ["in-short"]}
    path.write_text(json.dumps(content))
    monkeypatch.setattr("goodwill.reports.running.run.execute", execute)


def test_a_thin_report_of_a_set_stays_thin_until_something_changes(runner: Runner, monkeypatch: pytest.MonkeyPatch):
    say_in_short(runner, monkeypatch, {"kind": "absent", "why": "No answers of <b>anybody</b>.", "names": []})
    assert runner.run(THIN) == {"a": "thin"}
    for executions in (1, 0):
        assert len(runner.executed) == executions
        assert (runner.events[-1]["thin"], runner.events[-1]["built"], runner.events[-1]["exit_status"]) == (1, 0, 3)
        index = (runner.set / "index.html").read_text("utf-8")
        assert "1 report: 1 thin." in index
        assert "In short is missing: No answers of &lt;b&gt;anybody&lt;/b&gt;." in between(index, "<article", "</article>")
        assert "The last good report stands" not in index
        assert "Not built this time" not in index
        assert json.loads((runner.set / "index.json").read_text())["reports"][0]["status"] == "thin"
        runner.run(THIN)
    say_in_short(runner, monkeypatch, {"kind": "said", "names": []})
    assert runner.run(THIN, TODAY, force=True) == {"a": "built"}
    assert runner.run(THIN) == {"a": "skipped"}


def test_the_history_knows_that_a_build_was_thin(runner: Runner, monkeypatch: pytest.MonkeyPatch):
    say_in_short(runner, monkeypatch, {"kind": "absent", "why": "No answers.", "names": []})
    for _ in range(2):
        runner.run(THIN)
    assert [run["status"] for run in read_history(runner.set / "a").runs] == ["thin"]
    assert len(history_file(runner.set / "a").read_text().splitlines()) == 1


def test_a_folder_of_its_own_is_thin_too(tmp_path: Path):
    assert Outcome("a", "A", tmp_path, "2024-03-05T04:00:00+00:00", 1.0, note="In short is missing: …").status == "thin"


def test_the_notebook_of_these_tests_has_its_tags_in_order():
    assert misplaced_in_short(read_cells(NOTEBOOKS / "08_in_short.ipynb")) == []


def test_every_id_of_the_page_is_there_once_and_every_link_inside_it_has_its_target(page: str):
    found = Page(page)
    ids = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for a in found.all("a") if a["href"].startswith("#")} <= set(ids)
