"""Complaint logs that users bring: moments on one clock, days that stand for none, and codes of told counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from goodwill.data.complaints import read_complaints
from goodwill.data.told_counts import read_told_counts
from goodwill.errors import DataError
from goodwill.word_of_mouth.response import service_level

FILES = Path(__file__).parent / "files" / "complaints"


def moments(source: Any, **told: Any) -> dict[str, list[str]]:
    """Openings and closings as texts, by order of opening; a dash where there is none."""
    cases = read_complaints(source, **told).cases
    shown = {name: cases[name].dt.strftime("%Y-%m-%d %H:%M").fillna("-").tolist() for name in ("opened", "closed") if name in cases}
    return {name: [text.removesuffix(" 00:00") for text in texts] for name, texts in shown.items()}


def test_a_plain_log() -> None:
    log = read_complaints(FILES / "s02_log_ok.csv")
    week = service_level(log.cases, "closed", 7.0)
    assert (len(log.cases), log.cases["closed"].isna().sum()) == (200, 7)
    assert (week.kept.estimate, week.cases, week.too_young) == (1.0, 144, 56)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("s02_same_day_close.csv", {"opened": ["2025-03-01 23:53", "2025-03-02 10:00"], "closed": ["2025-03-01 23:53", "2025-03-04"]}),
        ("s02_tz.csv", {"opened": ["2024-05-01 09:00", "2024-05-02 09:00"], "closed": ["2024-05-03 09:00", "2024-05-04 09:00"]}),
        ("s02_epoch_ms.csv", {"opened": ["2024-05-01 08:00", "2024-05-02 08:00"]}),
        ("s02_1900_placeholder_closed.csv", {"opened": ["2024-05-01", "2024-05-02"], "closed": ["-", "2024-05-04"]}),
        ("s02_chinese_datetime.csv", {"opened": ["2024-05-01 09:00", "2024-05-02 10:30"], "closed": ["2024-05-03 09:00", "-"]}),
    ],
)
def test_moments_are_read(name: str, found: dict[str, list[str]]) -> None:
    assert moments(FILES / name) == found


KINDS: dict[str, tuple[str, dict[str, list[str]]]] = {
    "same day, afternoon": (
        "opened,closed\n2024-05-01 3:05 PM,2024-05-01\n",
        {"opened": ["2024-05-01 15:05"], "closed": ["2024-05-01 15:05"]},
    ),
    "same day, Chinese": (
        "opened,closed\n2024年5月1日 下午3:05,2024年5月1日\n",
        {"opened": ["2024-05-01 15:05"], "closed": ["2024-05-01 15:05"]},
    ),
    "two zones": (
        "opened,closed\n2024-05-01T09:00:00+02:00,2024-05-01T08:30:00Z\n",
        {"opened": ["2024-05-01 09:00"], "closed": ["2024-05-01 10:30"]},
    ),
    "zone without a colon": (
        "opened,closed\n2024-05-01 23:00 -0500,2024-05-02 05:00 UTC\n",
        {"opened": ["2024-05-01 23:00"], "closed": ["2024-05-02"]},
    ),
    "seconds": ("opened,closed\n1714550400,1714557600\n", {"opened": ["2024-05-01 08:00"], "closed": ["2024-05-01 10:00"]}),
    "serial numbers": ("opened,closed\n45413.375,45414\n", {"opened": ["2024-05-01 09:00"], "closed": ["2024-05-02"]}),
    "year 9999": (
        "opened,closed\n2024-05-01,9999-12-31\n2024-05-02,31.12.9999\n",
        {"opened": ["2024-05-01", "2024-05-02"], "closed": ["-", "-"]},
    ),
    "year 1970": ("opened,closed\n2024-05-01,1970-01-01 00:00:00\n", {"opened": ["2024-05-01"], "closed": ["-"]}),
    "year 1899": ("opened;closed\n13.05.2024;30.12.1899\n", {"opened": ["2024-05-13"], "closed": ["-"]}),
}


@pytest.mark.sampled(6)
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_kinds_in_other_forms(kind: str, tmp_path: Path) -> None:
    text, found = KINDS[kind]
    (tmp_path / "log.csv").write_text(text, encoding="utf-8")
    assert moments(tmp_path / "log.csv") == found


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("text", "message", "told"),
    [
        (
            "opened,closed\n2024-05-01,2044-01-01\n2024-05-02,\n2024-05-03,\n",
            r"row 2, years away.*missing=\['closed:2044-01-01'\]",
            {"missing": ["closed:2044-01-01"]},
        ),
        ("opened\n2024-05-01\n2003-05-02\n2024-05-03\n", r"row 3, years away", {"missing": ["opened:2003-05-02"]}),
        ("opened\n03/04/2024\n05/06/2024\n", r"pass date_format='%d/%m/%Y'", {"date_format": "%d/%m/%Y"}),
        (
            "opened,outcome\n2024-05-01,满意\n2024-05-02,不满意\n",
            r"outcome_words=\['满意:satisfied', '不满意:dissatisfied'\]",
            {"outcome_words": ["满意:satisfied", "不满意:dissatisfied"]},
        ),
        ("Eingang\n2024-05-01\n", r"Did you mean opened='Eingang'", {"opened": "Eingang"}),
    ],
)
def test_a_hint_makes_that_very_file_readable(text: str, message: str, told: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_complaints(tmp_path / "log.csv")
    assert len(read_complaints(tmp_path / "log.csv", **told).cases) > 0


def test_a_promise_in_hours_is_not_checked_on_days() -> None:
    log = pd.DataFrame({"opened": ["2024-05-01 09:00", "2024-05-02 09:00"], "answered": ["2024-05-01", "2024-05-03"]})
    with pytest.raises(DataError, match="holds days only"):
        service_level(read_complaints(log).cases, "answered", 1 / 24)


class TestToldCounts:
    def test_codes_are_asked_about(self) -> None:
        with pytest.raises(DataError, match=r"98 in 6 rows and 99 in 12 rows \(first: row 2\).*more than 11; pass missing=\['98', '99'\]"):
            read_told_counts(FILES / "s02_told_99.csv")

    def test_without_them_the_mean_is_that_of_the_others(self) -> None:
        told = read_told_counts(FILES / "s02_told_99.csv", missing=["98", "99"])["told"]
        assert (len(told), round(told.mean(), 2)) == (132, 3.99)

    def test_they_may_be_people(self) -> None:
        assert len(read_told_counts(FILES / "s02_told_99.csv", missing=["told:none"])) == 150

    @pytest.mark.parametrize(
        ("answers", "codes"),
        [(["3", "0", "999", "999", "12"], r"\['999'\]"), (["1", "2", "88", "88", "97", "97"], r"\['88', '97'\]")],
    )
    def test_other_codes(self, answers: list[str], codes: str) -> None:
        with pytest.raises(DataError, match=rf"pass missing={codes} if that is no answer"):
            read_told_counts(pd.DataFrame({"told": answers}))

    def test_a_single_large_number_and_an_even_rise_are_people(self) -> None:
        assert len(read_told_counts(pd.DataFrame({"told": ["3", "99", "60"]}))) == 3
        assert len(read_told_counts(pd.DataFrame({"told": ["60", "70", "99", "99"]}))) == 4
