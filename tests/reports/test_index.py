from __future__ import annotations

import json
import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from goodwill.reports.pages.sparkline import sparkline
from goodwill.reports.running.history import history_file, read_history
from goodwill.reports.running.run import Outcome
from goodwill.reports.sets.index import write_index

from .sets import HOSTILE_NAME, NOW, outcome, write_history, write_report, write_set
from .test_render import Page


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("many")
    write_index("What our customers are worth", folder, write_set(folder, 200), now=NOW)
    return (folder / "index.html").read_text("utf-8")


def entry(page: str, name: str) -> str:
    start = page.index(f'id="report-{name}"')
    return page[start : page.index("</article>", start)]


def words(html: str) -> str:
    return " ".join(re.sub("<[^>]+>", " ", html).split())


def test_every_report_is_there_with_its_state_in_a_word(many: str):
    states = Counter(re.findall(r'<article class="entry (\w+)"', many))
    assert states == {"built": 124, "unchanged": 63, "stale": 8, "failed": 5}
    assert "200 reports: 124 built, 63 unchanged, 8 stale, 5 failed." in words(many)
    for status, word in (("region-003", "Unchanged since 2026-11-19"), ("region-004", "Built 2026-11-22"), ("region-001", "Failed")):
        assert word in words(entry(many, status))


def test_a_failed_report_says_why_where_and_how_old_the_last_good_one_is(many: str):
    failed = words(entry(many, "region-041"))
    assert "The last good report stands; it is 3 days old (2026-11-19 05:00 UTC)." in failed
    assert "holds text in 3 of 69,659 rows" in failed
    assert "(code cell 4)" in failed
    assert 'href="region-041.failed.html"' in entry(many, "region-041")
    assert "There is no earlier report." in words(entry(many, "region-001"))
    assert 'href="region-001/report.html"' not in many


def test_a_stale_report_says_how_far_the_data_reach(many: str):
    assert "sales.csv reaches 2026-11-19; the recipe expects data through 2026-11-21." in words(entry(many, "region-002"))


def test_problems_lead_the_page_and_link_to_their_place(many: str):
    start = many.index("Not built this time")
    assert many.index('href="#report-region-001"') > start
    assert "7 more" in many[start : many.index("</section>", start)]


def test_headline_results_have_intervals_and_a_line_over_earlier_runs_with_words(many: str):
    shown = entry(many, "region-004")
    assert "94,000 <small>USD" in shown
    assert "95% interval 90,200 to 97,800" in shown
    assert re.search(r"<title>24 runs: first [\d,]+, last 94,000; lowest [\d,]+, highest [\d,]+</title>", shown)
    assert shown.count('<svg class="spark"') == 3


def test_notebook_results_and_tables_are_linked(many: str):
    for path in ("notebook.ipynb", "results.json", "tables/deciles.csv", "tables/audit.csv"):
        assert f'href="region-004/{path}"' in entry(many, "region-004")


def test_data_never_become_markup_in_the_index(many: str):
    page = Page(many)
    assert len(page.all("script")) == 1
    assert page.all("img") == []
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert HOSTILE_NAME in "".join(page.words)


def test_the_index_is_one_file_with_a_main_heading_and_unique_ids(many: str):
    page = Page(many)
    assert "default-src 'none'" in many
    assert not re.search(r"(src|href)=\"(https?:)?//", many)
    assert "url(" not in many
    assert page.all("link") == []
    assert len(page.all("h1")) == len(page.all("main")) == 1
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for a in page.all("a") if a["href"].startswith("#")} <= set(ids)


def test_without_script_all_reports_are_a_plain_list(many: str):
    assert '<div class="filter">' in many
    assert "@media (scripting:none){.filter{display:none!important}}" in many
    assert not re.search(r"<article[^>]* hidden", many)


@pytest.mark.slow
def test_five_hundred_reports_stay_under_three_megabytes(tmp_path: Path):
    write_index("T", tmp_path, write_set(tmp_path, 500), now=NOW)
    assert (tmp_path / "index.html").stat().st_size < 3_000_000


def test_an_index_for_machines_says_the_same(tmp_path: Path):
    write_index("T", tmp_path, write_set(tmp_path, 3), now=NOW)
    listed = json.loads((tmp_path / "index.json").read_text())
    assert [(report["name"], report["status"]) for report in listed["reports"]] == [
        ("region-000", "unchanged"),
        ("region-001", "failed"),
        ("region-002", "stale"),
    ]
    assert listed["made"] == ["region-000", "region-002"]


def test_reports_that_the_recipe_no_longer_makes_are_listed_until_they_go(tmp_path: Path):
    outcomes = write_set(tmp_path, 5)
    write_index("T", tmp_path, outcomes, now=NOW)
    write_index("T", tmp_path, outcomes[:3], now=NOW)
    page = (tmp_path / "index.html").read_text()
    assert "No longer made" in page
    assert 'href="region-004/report.html"' in page
    cleaned = write_index("T", tmp_path, outcomes[:3], keep={"days": 30}, now=NOW + timedelta(days=40))
    assert cleaned.removed == ("region-003", "region-004")
    assert "No longer made" not in (tmp_path / "index.html").read_text()
    assert (tmp_path / "region-000").is_dir()


@pytest.mark.parametrize("listed", ["{", "[]", '{"made": 5}', '{"made": ["../x", 7, "/etc"]}'])
def test_a_broken_list_removes_nothing(tmp_path: Path, listed: str):
    outcomes = write_set(tmp_path, 3)
    write_report(tmp_path / "x", NOW - timedelta(days=900))
    (tmp_path / "index.json").write_text(listed)
    assert write_index("T", tmp_path, outcomes, keep={"days": 1}, now=NOW).removed == ()


def test_a_report_that_a_killed_runner_has_built_is_in_the_history_after_the_next_index(tmp_path: Path):
    report = write_report(tmp_path / "north", NOW)
    write_index("T", tmp_path, [outcome(report, "skipped")], now=NOW)
    assert len(read_history(report).runs) == 1


def test_damaged_history_is_told_and_costs_nothing_else(tmp_path: Path):
    report = write_report(tmp_path / "north", NOW)
    write_history(report, 3, NOW)
    with history_file(report).open("a") as file:
        file.write('{"started": "20\n')
    write_index("T", tmp_path, [outcome(report, "built")], now=NOW)
    page = words((tmp_path / "index.html").read_text())
    assert "1 line of the history cannot be read and is left out." in page
    assert "4 runs: first" in (tmp_path / "index.html").read_text()


def test_a_report_with_a_broken_run_json_is_still_listed(tmp_path: Path):
    report = write_report(tmp_path / "north", NOW)
    (report / "run.json").write_text("{")
    write_index("T", tmp_path, [outcome(report, "failed", message="run.json is broken")], now=NOW)
    assert "run.json is broken" in (tmp_path / "index.html").read_text()


def test_a_sparkline_needs_two_runs_and_stays_in_its_box():
    assert sparkline([(1.0, None)], {"unit": None}) == ""
    drawn = sparkline([(5.0, (4.0, 9.0)), (5.0, None), (-1e9, (-2e9, 3.0))], {"unit": "share"})
    places = [tuple(map(int, pair.split(","))) for pairs in re.findall('points="([^"]+)"', drawn) for pair in pairs.split()]
    assert all(0 <= x <= 100 and 0 <= y <= 24 for x, y in places)
    assert sparkline([(2.0, None), (2.0, None)], {"unit": "<b>"}).count("<b>") == 0


def test_a_thin_report_is_marked_and_a_headline_says_how_far_to_trust_it(tmp_path: Path):
    built = write_report(tmp_path / "a", NOW, note="In short is missing: no <b>answers</b>.", status="thin")
    records = json.loads((built / "results.json").read_text())
    records["value"] |= {"grade": "assumed", "weakest": HOSTILE_NAME, "track_record": [{"statements": 8, "held": 7, "outcome": 230_000.0}]}
    (built / "results.json").write_text(json.dumps(records))
    thin = Outcome("a", "A", built, NOW.isoformat(), 1.0, note="In short is missing: no <b>answers</b>.", notebook="n")
    write_index("T", tmp_path, [thin, outcome(write_report(tmp_path / "b", NOW), "built")], now=NOW)
    page = (tmp_path / "index.html").read_text("utf-8")
    assert "2 reports: 1 built, 1 thin." in words(page)
    assert "Thin 2026-11-22 05:00 UTC" in words(entry(page, "a"))
    assert "In short is missing: no &lt;b&gt;answers&lt;/b&gt;." in entry(page, "a")
    assert 'href="#report-a"' in page[page.index("Built, but too thin for a short answer") :]
    assert re.findall(r'<span class="more trust">(.+?)</span>', page) == [
        "Assumed: &lt;/script&gt;&lt;img src=x onerror=alert(9)&gt;",
        "What came: 230,000 USD, inside the interval",
        "Track record: 7 of 8 held",
    ]
