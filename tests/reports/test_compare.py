"""Two reports side by side, or one on two dates."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from goodwill.cli import main
from goodwill.errors import UsageError
from goodwill.reports.running.compare import compare, standing_on

from .sets import NOW, facts_of, records_of, write_report


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    """Two builds that differ in everything."""
    one = write_report(tmp_path / "one", NOW, 90_000.0, versions={"python": "3.11", "numpy": "2.3"}, library="ab" * 32)
    data = {"data": facts_of("x", NOW)["data"]["data"] | {"fingerprint": "cd" * 32, "last": "2026-11-22"}}
    more = {"data": data, "parameters": facts_of("one", NOW)["parameters"] | {"horizon": 26}, "library": "cd" * 32}
    other = write_report(tmp_path / "other", NOW + timedelta(days=1), 99_000.0, versions={"python": "3.11", "numpy": "2.4"}, **more)
    (other / "tables" / "deciles.csv").write_text("a\n2\n")
    return one, other


def test_what_differs_is_said_by_section_and_the_rest_is_counted(two: tuple[Path, Path]):
    lines = compare(*map(str, two)).lines()
    assert (
        lines
        == [
            "One: What is a customer of one worth? (built 2026-11-22 05:00 UTC)",
            "Other: What is a customer of other worth? (built 2026-11-23 05:00 UTC)",
            "",
            "Data",
            f"  data: sales.csv, 2024-01-01 to 2026-11-21, SHA-256 {'ab' * 6}… → sales.csv, 2024-01-01 to 2026-11-22, SHA-256 {'cd' * 6}…",
            "",
            "Parameters",
            "  horizon: 52 → 26",
            "  region: one → other",
            "",
            "Versions",
            f"  library (SHA-256): {'ab' * 6} → {'cd' * 6}",
            "  numpy: 2.3 → 2.4",
            "",
            "Results",
            "  Expected profit of all customers in the next 52 weeks: 90,000 USD (95% interval 86,400 to 93,600) → "
            "99,000 USD (95% interval 95,040 to 102,960) (+10.0%, outside the first interval)",
            "  Share of the expected value with the top tenth of customers: 66.0% (95% interval 64.0% to 68.0%) → "
            "66.0% (95% interval 64.0% to 68.0%)",
            "  Customers in the data: 10,000 customers → 11,000 customers (+10.0%)",
            "",
            "Tables",
            "  tables/deciles.csv: 1 of 2 cells differ, by 1 at most (relative)",
            "",
            "1 results are the same.",
        ]
        or lines
    )


def test_a_report_is_the_same_as_itself(two: tuple[Path, Path]):
    lines = compare(str(two[0]), str(two[0])).lines()
    assert lines.count("  Nothing: both have the same.") == 5
    assert lines[-1] == "4 results are the same."


def test_data_without_a_fingerprint_may_have_changed(two: tuple[Path, Path]):
    for folder in two:
        facts = json.loads((folder / "run.json").read_text())
        facts["data"] = {"data": {"source": "postgres://host/db::orders", "fingerprint": None}}
        (folder / "run.json").write_text(json.dumps(facts))
    assert "(no fingerprint: nobody can say whether they are the same)" in compare(*map(str, two)).lines()[4]


def test_it_is_one_page_and_data_never_become_markup(two: tuple[Path, Path], tmp_path: Path):
    records = records_of(5.0)
    records["value"]["label"] = "<script>alert(1)</script>"
    (two[1] / "results.json").write_text(json.dumps(records))
    done = CliRunner().invoke(main, ["compare", str(two[0]), str(two[1]), "--out", str(tmp_path / "c.html")])
    assert done.exit_code == 0
    assert done.output.endswith(f"As a page: {tmp_path}/c.html\n")
    body = (tmp_path / "c.html").read_text()
    assert "<script>alert" not in body
    assert "&lt;script&gt;alert(1)" in body
    assert body.count("<h1>") == 1


@pytest.fixture
def nights(tmp_path: Path) -> Path:
    """A report with two earlier builds, run as of three days."""
    folder = tmp_path / "set" / "a"
    for place, day in (("a.earlier/2026-11-20T050000Z", 20), ("a.earlier/2026-11-21T050000Z", 21), ("a", 22)):
        write_report(tmp_path / "set" / place, NOW - timedelta(days=22 - day), float(day), name="a", as_of=f"2026-11-{day}")
    return folder


def test_a_day_stands_for_the_build_that_stood_then(nights: Path):
    assert standing_on(nights, date(2026, 11, 22)) == standing_on(nights, date(2030, 1, 1)) == nights
    assert standing_on(nights, date(2026, 11, 21)).name == "2026-11-21T050000Z"
    found = compare(f"{nights}@2026-11-20", "2026-11-21")
    assert (found.one.folder.name, found.other.folder.name) == ("2026-11-20T050000Z", "2026-11-21T050000Z")
    assert compare(str(nights), "2026-11-20").one.folder == nights


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("a", "2026-11-19", "has no build of 2026-11-19 or before; there are those of 2026-11-20, 2026-11-21, 2026-11-22"),
        ("a", "2026-13-45", "2026-13-45 is no day of the calendar"),
        ("a", "b", "b is not a report: it holds no run.json that can be read"),
        ("b@2026-11-20", "a", "has no build of 2026-11-20 or before; there are those of none"),
    ],
)
def test_what_is_not_there_is_said(nights: Path, monkeypatch: pytest.MonkeyPatch, one: str, other: str, said: str):
    monkeypatch.chdir(nights.parent)
    with pytest.raises(UsageError, match=said):
        compare(one, other)


def test_a_page_does_not_take_the_place_of_a_folder(two: tuple[Path, Path], tmp_path: Path):
    done = CliRunner().invoke(main, ["compare", str(two[0]), str(two[1]), "--out", str(tmp_path)])
    assert (done.exit_code, "is no file; name the page with --out, such as --out compared.html." in done.output) == (2, True)
