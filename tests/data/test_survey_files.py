"""Survey files that users bring: each is read as it is meant, or refused in words that help when they are followed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from goodwill.data.survey import Survey, read_survey
from goodwill.errors import DataError

FILES = Path(__file__).parent / "files" / "surveys"
BASE = ([4, 36, 135, 238, 187], [6, 50, 163, 222, 159])


def counts(survey: Survey) -> tuple[list[int], list[int]]:
    """How many gave each answer that anybody gave, of satisfaction and of loyalty."""
    return tuple(survey.answers[name].value_counts().sort_index().tolist() for name in ("satisfaction", "loyalty"))


def notes(survey: Survey) -> dict[str, int]:
    """Rows by rule of the audit."""
    return {str(rule): rows for rule, rows in zip(survey.audit["rule"], survey.audit["rows"], strict=True)}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("s03_ok.csv", {}),
        ("s03_likert_text.csv", {}),
        ("s03_stars.csv", {}),
        ("s03_decimal_comma.csv", {}),
        ("s03_one_is_best.csv", {"reversed_items": ["satisfaction", "loyalty"]}),
        ("s03_0_100.csv", {"labels": ["0:1", "25:2", "50:3", "75:4", "100:5"]}),
        ("s03_weight_mean1.csv", {}),
        ("s03_weight_comma.csv", {}),
    ],
)
def test_the_same_answers_in_every_writing(name: str, told: dict[str, Any]) -> None:
    assert counts(read_survey(FILES / name, **told)) == BASE


def test_weights_with_a_decimal_comma_are_those_with_a_point() -> None:
    comma, point = (read_survey(FILES / f"s03_weight_{name}.csv").answers["weight"] for name in ("comma", "mean1"))
    assert comma.to_numpy() == pytest.approx(point.to_numpy(), abs=1e-3)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("name", "told", "respondents", "loyalty"),
    [
        ("s03_no_lowest.csv", {"scale": "1-10"}, 400, [1, 1, 7, 23, 50, 70, 77, 78, 93]),
        ("s03_hui.csv", {}, 600, [219, 381]),
        ("s03_churn.csv", {"loyalty": "churn", "reversed_items": ["churn"]}, 600, [56, 544]),
        ("s03_98_99.csv", {"missing": ["98", "99"]}, 600, BASE[1]),
        (
            "s03_qualtrics.csv",
            {"satisfaction": "Q1", "loyalty": "Q3", "loyalty_scale": "0-10"},
            400,
            [2, 8, 17, 23, 43, 59, 84, 56, 38, 51],
        ),
        ("s03_surveymonkey.csv", {"satisfaction": "How satisfied are you?", "loyalty": "How likely to return?"}, 300, [1, 24, 87, 104, 84]),
        ("s03_title_rows.csv", {}, 300, [1, 24, 87, 104, 84]),
        ("s03_nobody_loyal.csv", {}, 600, None),
        ("s03_separated.csv", {}, 600, None),
        ("s03_all_loyal.csv", {}, 600, [600]),
        ("s03_one_level.csv", {}, None, None),
        ("s03_two_levels.csv", {}, 425, [10, 80, 182, 153]),
    ],
)
def test_files_are_read(name: str, told: dict[str, Any], respondents: int | None, loyalty: list[int] | None) -> None:
    survey = read_survey(FILES / name, **told)
    assert respondents is None or survey.respondents == respondents
    assert loyalty is None or counts(survey)[1] == loyalty


def test_labelled_non_answers_are_no_answers() -> None:
    survey = read_survey(FILES / "s03_labelled_dont_know.csv", scale="0-10")
    satisfaction = survey.answers["satisfaction"]
    assert (satisfaction.notna().sum(), (satisfaction == 0).sum(), (satisfaction == 9).sum()) == (550, 2, 69)
    assert notes(survey)["said to be no answer: satisfaction"] == 50


def test_previews_and_unfinished_answers_are_told_and_left_out_when_asked() -> None:
    asked = {"satisfaction": "Q1", "loyalty": "Q3", "loyalty_scale": "0-10"}
    survey = read_survey(FILES / "s03_qualtrics.csv", **asked)
    assert (notes(survey)["previews of a survey tool"], notes(survey)["unfinished answers of a survey tool"]) == (10, 19)
    kept = read_survey(FILES / "s03_qualtrics.csv", **asked, keep=["Status!=Survey Preview", "Finished!=False"])
    assert kept.respondents == len(kept.answers.dropna(subset=["satisfaction", "loyalty"])) == 371


@pytest.mark.parametrize(
    ("name", "rule", "rows"), [("s03_pasted_twice.csv", "equal rows", 600), ("s03_long.csv", "rows of one respondent", 450)]
)
def test_rows_that_may_stand_for_one_person_are_noted(name: str, rule: str, rows: int) -> None:
    assert notes(read_survey(FILES / name))[rule] == rows


@pytest.mark.parametrize(
    ("name", "told", "message"),
    [
        ("s03_one_column.csv", {"satisfaction": "nps", "loyalty": "nps", "scale": "1-10"}, "'nps' is told as satisfaction and as loyalty"),
        ("s03_98_99.csv", {}, r"holds 98 in row 2 \(24 of 600: 98, 99\).*pass missing=\['98', '99'\]"),
        ("s03_0_100.csv", {}, r"say for which level each answer stands, such as labels=\['0:1', '25:2', '50:3', '75:4', '100:5'\]"),
        ("s03_churn.csv", {"loyalty": "churn"}, r"its name says who left; pass reversed_items=\['churn'\]"),
        ("s03_long.csv", {"respondent_id": "customer"}, "450 respondents answer twice"),
        ("s03_surveymonkey.csv", {}, r"Did you mean satisfaction='How satisfied are you\?'"),
    ],
)
def test_files_that_cannot_be_known_are_refused_with_a_way_on(name: str, told: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_survey(FILES / name, **told)


# ------------------------------------------------------------------- the same kinds, in other headers, languages and places

KINDS: dict[str, tuple[str, dict[str, Any], tuple[list[int], list[int]]]] = {
    "words, Chinese": (
        "满意度,意愿\n非常满意,肯定会\n满意,可能会\n一般,不确定\n",
        {"satisfaction": "满意度", "loyalty": "意愿"},
        ([1, 1, 1], [1, 1, 1]),
    ),
    "words, agreement": ("satisfaction,loyalty\nStrongly agree,Definitely\nAGREE,probably not\n", {}, ([1, 1], [1, 1])),
    "words of one's own": (
        "Note,loyalty\nspitze,5\ngeht so,3\n",
        {"satisfaction": "Note", "labels": ["spitze:5", "geht so:3"]},
        ([1, 1], [1, 1]),
    ),
    "yes and no, German": ("satisfaction,Treue\n5,Ja\n4,Nein\n1,nein\n", {"loyalty": "Treue"}, ([1, 1, 1], [2, 1])),
    "yes and no, stayed": ("satisfaction,loyalty\n5,stayed\n4,left\n", {}, ([1, 1], [1, 1])),
    "churn, Chinese": (
        "satisfaction,是否流失\n5,否\n4,是\n",
        {"loyalty": "是否流失", "reversed_items": ["loyalty"]},
        ([1, 1], [1, 1]),
    ),
    "churn, numbers": (
        "satisfaction,Attrition_Flag\n5,0\n4,1\n3,0\n",
        {"loyalty": "Attrition_Flag", "loyalty_scale": "0-1", "reversed_items": ["loyalty"]},
        ([1, 1, 1], [1, 2]),
    ),
    "stars, words": ("satisfaction,loyalty\n5 stars,5星\n1 star,2星\n", {}, ([1, 1], [1, 1])),
    "stars, emoji": ("satisfaction,loyalty\n⭐⭐⭐⭐⭐,1\n⭐⭐,2\n", {}, ([1, 1], [1, 1])),
    "labels with numbers": ("satisfaction,loyalty\n(5) sehr gut,Likely (4)\n4 - gut,1 = nein\n", {}, ([1, 1], [1, 1])),
    "non-answers, alone": ("satisfaction,loyalty\nDon't know,5\n3,prefer not to say\n4,2\n", {}, ([1, 1], [1, 1])),
    "non-answers, Chinese": ("satisfaction,loyalty\n9=不适用,5\n3,不知道\n4,2\n", {}, ([1, 1], [1, 1])),
    "codes of one column": (
        "satisfaction,loyalty\n0,1\n5,0\n4,1\n",
        {"missing": ["satisfaction:0"], "loyalty_scale": "0-1"},
        ([1, 1], [1, 2]),
    ),
    "one is best, one column": ("satisfaction,loyalty\n1,5\n2,5\n", {"reversed_items": ["satisfaction"]}, ([1, 1], [2])),
    "semicolons and commas": ("satisfaction;loyalty;weight\n5,0;4,0;0,5\n1,0;2,0;1,25\n", {}, ([1, 1], [1, 1])),
    "title, Chinese": ("客户调查\n\nsatisfaction,loyalty\n5,4\n1,2\n3,3\n", {}, ([1, 1, 1], [1, 1, 1])),
    "question texts below": (
        "StartDate,satisfaction,loyalty\nStart Date,How happy?,Again?\n2025-01-01,5,4\n2025-01-02,1,2\n",
        {},
        ([1, 1], [1, 1]),
    ),
    "finished, LimeSurvey": ("submitdate,satisfaction,loyalty\n2025-01-01,5,4\n,1,2\n", {"keep": ["submitdate!=(blank)"]}, ([1], [1])),
    "finished, Chinese": ("completed,satisfaction,loyalty\n是,5,4\n否,1,2\n", {"keep": ["completed=是"]}, ([1], [1])),
}


@pytest.mark.sampled(8)
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_kinds_in_other_forms(kind: str, tmp_path: Path) -> None:
    text, told, found = KINDS[kind]
    path = tmp_path / "survey.csv"
    path.write_text(text, encoding="utf-8")
    assert counts(read_survey(path, **told)) == found


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("text", "told", "message"),
    [
        ("satisfaction,loyalty\n1,2\n9,3\n4,1\n", {}, r"pass missing=\['9'\] if it is a code for no answer, or pass scale='1-9'"),
        ("satisfaction,loyalty\n0,1\n5,0\n4,1\n", {"loyalty_scale": "0-1"}, r"pass missing=\['satisfaction:0'\]"),
        ("satisfaction,loyalty\n1,0\n5,1\n4,1\n", {}, r"pass loyalty_scale='0-1' if it is a yes or no"),
        ("satisfaction,loyalty\nSlightly satisfied,1\nNeutral,2\n", {}, r"these words are a scale of 7: pass scale='1-7'"),
        ("satisfaction,loyalty,weight\n5,1,x\n4,2,1\n", {}, r"pass missing=\['weight:x'\] to leave such rows out"),
        ("satisfaction,left\n5,yes\n4,no\n", {"loyalty": "left"}, r"pass reversed_items=\['left'\]"),
    ],
)
def test_a_hint_makes_that_very_file_readable(text: str, told: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message) as refused:
        read_survey(path, **told)
    assert read_survey(path, **told, **following(str(refused.value))).respondents > 0


def following(message: str) -> dict[str, Any]:
    """The first parameter that a message proposes."""
    name, _, rest = (
        message.rpartition("pass ")[2].partition("=") if " or pass" not in message else message.partition("pass ")[2].partition("=")
    )
    value = rest[: rest.index("]") + 1] if rest.startswith("[") else rest[: rest.index("'", 1) + 1]
    return {name: eval(value)}


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("satisfaction,loyalty,segment\n5,4,a\n1,2,\n", ["(not stated)", "a"]),
        ("satisfaction,loyalty,segment\n5,4,NA\n1,2, \n", ["(not stated)", "NA"]),
    ],
)
def test_a_blank_segment_is_not_stated(text: str, segments: list[str], tmp_path: Path) -> None:
    (tmp_path / "survey.csv").write_text(text)
    assert sorted(read_survey(tmp_path / "survey.csv").answers["segment"]) == segments


def test_a_file_of_spss_is_read_with_its_labels_and_its_missing_codes() -> None:
    survey = read_survey(FILES / "labelled.sav", segment="branch")
    assert (survey.respondents, sorted(survey.answers["segment"].unique())) == (60, ["Nord", "Süd"])
    assert (notes(survey)["said to be no answer: satisfaction"], notes(survey)["no answer: loyalty"]) == (1, 1)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", ["answers.sav", "answers.zsav", "answers.csv"])
def test_a_file_that_pyreadstat_writes_is_the_table_that_it_was_written_from(name: str, tmp_path: Path) -> None:
    answers = read_survey(FILES / "s03_ok.csv")
    table = pd.read_csv(FILES / "s03_ok.csv").assign(branch=lambda x: np.where(x.index % 3, "Nord", "Süd"))
    table.loc[:4, "satisfaction"] = 9
    labels = {"satisfaction": {1: "very dissatisfied", 5: "very satisfied"}, "loyalty": {5: "surely"}}
    pyreadstat.write_sav(
        table, tmp_path / name, variable_value_labels=labels, missing_ranges={"satisfaction": [9]}, compress=name.endswith(".zsav")
    )
    found = read_survey(tmp_path / name, segment="branch")
    assert (found.respondents, set(found.answers["segment"])) == (answers.respondents, {"Nord", "Süd"})
    plain, same = answers.answers.iloc[5:], found.answers.iloc[5:]
    assert same["satisfaction"].tolist() == plain["satisfaction"].tolist() and same["loyalty"].tolist() == plain["loyalty"].tolist()
    assert found.answers["satisfaction"].head(5).isna().all()


def test_a_damaged_file_of_spss_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "f.sav").write_bytes((FILES / "labelled.sav").read_bytes()[:300])
    with pytest.raises(DataError, match=r"^f\.sav cannot be read as a file of SPSS \(.+\); export it as \.csv\.$"):
        read_survey(tmp_path / "f.sav")
