import numpy as np
import pandas as pd
import pytest

from goodwill.data.survey import case_file, read_case, read_survey
from goodwill.errors import DataError
from goodwill.satisfaction.index import response_funnel, share_with_bounds


def people(**changes):
    table = {"respondent_id": ["a", "b", "c", "d"], "quality": [5, 4, 2, 3], "satisfaction": [5, 4, 1, 3], "loyalty": [5, 5, 1, 2]}
    return pd.DataFrame(table | changes)


def fact(survey, rule):
    return survey.audit.set_index("rule").loc[rule, "rows"]


def test_acsi_2015_has_8232_answers_of_which_7822_are_to_both_questions():
    survey = read_survey("acsi_2015")
    assert survey.respondents == 8232
    assert survey.answers["count"][survey.answers["loyalty"].notna()].sum() == 7822
    assert (survey.scale, survey.loyalty_scale, survey.loyalty_kind) == ((1, 10), (1, 10), "intention")
    assert fact(survey, "no answer: loyalty") == 410
    assert survey.answers["segment"].nunique() == 4


def test_case_files_are_found_from_any_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert read_survey("acsi_2015").respondents == 8232
    with pytest.raises(DataError, match="no case file"):
        case_file("nothing")


def test_rows_of_people_and_columns_of_other_names(tmp_path):
    path = tmp_path / "survey.csv"
    path.write_text("nr,overall,again,Q1,branch\n1,5,4,3,x\n2,2,1,4,y\n", encoding="utf-8")
    survey = read_survey(path, respondent_id="nr", satisfaction="overall", loyalty="again", items=["Q1"], segment="branch")
    assert survey.answers[["satisfaction", "loyalty", "Q1"]].to_numpy().tolist() == [[5, 4, 3], [2, 1, 4]]
    assert survey.items == ("Q1",)
    assert survey.table.count().execute() == 2
    assert list(survey.audit) == ["rule", "rows", "money", "done"]


def test_a_table_of_counts():
    survey = read_survey(
        pd.DataFrame({"satisfaction": [1, 2, 3], "loyalty": [0, 1, 1], "count": [5, 0, 7]}), scale=(1, 3), loyalty_scale=(0, 1)
    )
    assert survey.respondents == 12
    assert survey.loyal().tolist() == [0, 1]
    assert fact(survey, "weight or count zero") == 1


@pytest.mark.parametrize("scale", [(1, top) for top in range(3, 12)] + [(0, 10)])
def test_scales_of_3_to_11_levels(scale):
    levels = np.arange(scale[0], scale[1] + 1)
    survey = read_survey(pd.DataFrame({"satisfaction": levels, "loyalty": levels}), scale=scale)
    assert survey.levels.tolist() == levels.tolist()
    assert survey.loyal(scale[1]).sum() == 1


@pytest.mark.parametrize("scale", [(1, 2), (0, 11), (1.5, 5)])
def test_other_scales_are_refused(scale):
    with pytest.raises(DataError):
        read_survey(people(), scale=scale)


def test_missing_codes_are_named_not_guessed():
    table = people(satisfaction=[5, -99, 1, 3], loyalty=[5, 5, 0, 2])
    with pytest.raises(DataError, match=r"column 'satisfaction' holds -99 in row \w+ .*pass missing=\['-99'\]"):
        read_survey(table)
    survey = read_survey(table, missing=["-99", "0"])
    assert survey.answers["satisfaction"].isna().tolist() == [False, True, False, False]
    assert survey.answers["loyalty"].isna().tolist() == [False, False, True, False]
    assert fact(survey, "missing codes: satisfaction") == 1


def test_blank_answers_are_gaps_and_are_counted():
    survey = read_survey(people(loyalty=[5, None, 1, 2]))
    assert fact(survey, "no answer: loyalty") == 1
    assert np.isnan(survey.loyal(4)).tolist() == [False, True, False, False]


def test_reversed_items_are_turned_round():
    survey = read_survey(people(), items=["quality"], reversed_items=["quality"])
    assert survey.answers["quality"].tolist() == [1, 2, 4, 3]
    with pytest.raises(DataError, match="none of the items"):
        read_survey(people(), reversed_items=["price"])


def test_an_export_of_a_chinese_survey_tool(tmp_path):
    path = tmp_path / "问卷.csv"
    text = "序号,总体满意度,再次购买意向,1、产品质量\n1,很满意,5分,4\n2,满意,(跳过),(空)\n3,很不满意,1分,2\n"
    path.write_bytes(text.encode("gb18030"))
    labels = {"很不满意": 1, "不满意": 2, "一般": 3, "满意": 4, "很满意": 5}
    survey = read_survey(
        path, respondent_id="序号", satisfaction="总体满意度", loyalty="再次购买意向", items=["1、产品质量"], labels=labels
    )
    assert survey.answers["satisfaction"].tolist() == [5, 4, 1]
    assert survey.answers["loyalty"].isna().tolist() == [False, True, False]
    assert survey.answers["1、产品质量"].isna().sum() == 1


def test_second_header_rows_of_survey_tools_are_left_out():
    qualtrics = pd.DataFrame(
        {
            "satisfaction": ["How satisfied are you?", '{"ImportId":"QID1"}', "5", "4"],
            "loyalty": ["Again?", '{"ImportId":"QID2"}', "4", "1"],
        }
    )
    survey = read_survey(qualtrics)
    assert survey.respondents == 2
    assert fact(survey, "second header rows of a survey tool") == 2
    monkey = pd.DataFrame({"satisfaction": ["Response", "5", "4"], "loyalty": ["Response", "4", "1"]})
    assert read_survey(monkey).respondents == 2


@pytest.mark.parametrize(("text", "number"), [("5", 5), ("5.0", 5), (" 4 ", 4), ("5 - very satisfied", 5), ("3=一般", 3), ("4分", 4)])
def test_answers_that_begin_with_their_number(text, number):
    assert read_survey(people(satisfaction=[text, 4, 1, 3])).answers["satisfaction"].iloc[0] == number


@pytest.mark.parametrize("text", ["good", "4 or 5", "10-12", "5/5"])
def test_other_text_is_an_error_with_its_row(text):
    with pytest.raises(DataError, match="column 'satisfaction' holds"):
        read_survey(people(satisfaction=[4, text, 1, 3]))


def test_an_answer_between_levels_is_an_error():
    with pytest.raises(DataError, match=r"holds 3\.5"):
        read_survey(people(satisfaction=[5, 3.5, 1, 3]))


class TestLoyalty:
    def test_yes_or_no_in_words(self):
        survey = read_survey(people(loyalty=["yes", "No", "是", "否"]), loyalty_scale=(0, 1), loyalty_kind="behaviour")
        assert survey.loyal().tolist() == [1, 0, 1, 0]

    def test_a_column_declared_yes_or_no_must_be_so(self):
        with pytest.raises(DataError, match=r"which is not on yes or no \(0 and 1\)"):
            read_survey(people(), loyalty_scale=(0, 1))

    def test_a_column_declared_ordinal_must_be_on_its_scale(self):
        with pytest.raises(DataError, match="not on the scale 1 to 3"):
            read_survey(people(), loyalty_scale=(1, 3))

    def test_the_answer_that_counts_as_loyal_must_be_said_and_make_sense(self):
        survey = read_survey(people())
        with pytest.raises(DataError, match="say from which answer on"):
            survey.loyal()
        for wrong in (1, 6):
            with pytest.raises(DataError, match="must be above 1"):
                survey.loyal(wrong)

    def test_kinds(self):
        with pytest.raises(DataError, match="intention, behaviour"):
            read_survey(people(), loyalty_kind="feeling")


def test_respondents_twice_are_an_error_without_showing_their_id():
    with pytest.raises(DataError, match="1 respondents answer twice") as caught:
        read_survey(people(respondent_id=["13800001111", "b", "13800001111", "d"]))
    assert "13800001111" not in str(caught.value)


@pytest.mark.parametrize(
    ("column", "values"), [("weight", [1, -1, 1, 1]), ("weight", [1, np.nan, 1, 1]), ("count", [1, 1.5, 1, 1]), ("count", [0, 0, 0, 0])]
)
def test_unusable_weights_and_counts_are_errors(column, values):
    with pytest.raises(DataError, match=f"column '{column}'"):
        read_survey(people(**{column: values}))


@pytest.mark.parametrize("column", ["satisfaction", "loyalty"])
def test_a_missing_column_is_an_error(column):
    with pytest.raises(DataError, match=f"no column '{column}'"):
        read_survey(people().drop(columns=column))
    with pytest.raises(DataError, match="Its columns are"):
        read_survey(people(), **{column: "overal"})


class TestJdSurvey:
    """93 valid answers of 104 returned of 250 sent, May 2015; the published tables hold counts, and no two of them can be crossed."""

    def test_all_27_percentages_with_wilson_intervals(self):
        table = read_case("jd_survey_2015")
        shares = share_with_bounds(table["count"], table["n_valid"], 250)
        assert len(shares) == 27
        expected = {"1年": 16.13, "2-3年": 45.16, "有": 89.25, "门户网站": 73.12, "有时": 58.06, "没退过,不知道": 59.14}
        percent = dict(zip(table["option_zh"], 100 * shares["share"], strict=True))
        assert {option: round(percent[option], 2) for option in expected} == expected
        assert (shares["lower"] < shares["share"]).all()
        assert (shares["share"] < shares["upper"]).all()
        assert (shares["least"] < shares["lower"]).all()

    def test_single_choice_questions_add_up_to_the_93(self):
        table = read_case("jd_survey_2015")
        single = table[table["question_type"] == "single"].groupby("question_id")["count"].sum()
        assert (single == 93).all()

    def test_ten_who_never_bought_answered_about_reviews_and_returns_all_the_same(self):
        table = read_case("jd_survey_2015")
        bought = table[(table["question_id"] == "Q2") & (table["option_en"] == "yes")]["count"].item()
        assert 93 - bought == 10
        assert table[table["question_id"] == "Q6"]["count"].sum() - bought == 10
        assert table[table["question_id"] == "Q7"]["count"].sum() - bought == 10

    def test_the_funnel(self):
        facts = read_case("jd_survey_fieldwork").set_index("item")["value"]
        stages = [float(facts[f"questionnaires_{stage}"]) for stage in ("sent", "returned", "valid")]
        assert response_funnel(*stages)["of_sent"].round(3).tolist() == [1, 0.416, 0.372]


def test_a_question_on_recommending_is_read_on_nought_to_ten():
    table = pd.DataFrame({"satisfaction": [1, 2], "loyalty": [1, 2], "would you": ["0", "10"]})
    assert read_survey(table, recommend="would you").answers["recommend"].tolist() == [0, 10]
    with pytest.raises(DataError, match="not on the scale 0 to 10"):
        read_survey(table.assign(**{"would you": [11, 3]}), recommend="would you")
    assert "recommend" not in read_survey(table).answers
