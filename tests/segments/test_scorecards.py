import pandas as pd
import pytest

import goodwill as gw
from goodwill.errors import DataError
from goodwill.segments import scorecard, scorecard_warnings
from goodwill.segments.schemes.scorecards import scores

ACCOUNTS = pd.DataFrame({"reputation": [100, 50, 0], "size": [100, 50, 0], "share": [100, 50, 0]})
WEIGHTS = {"reputation": 3, "size": 2, "share": 5}
GRADES = {"key": 80, "main": 50, "other": 0}


def test_the_sheet_of_suning_has_full_marks_everywhere_and_still_lower_grades():
    told = scorecard_warnings(gw.read_case("suning_supplier_evaluation"))
    assert told == (
        "Haier Group: every item has full marks, so the sheet tells this account from none",
        "Haier Group: full marks, but not the first grade, for company reputation and company size",
    )


def test_sums_that_do_not_add_up_are_told():
    sheet = gw.read_case("suning_supplier_evaluation").assign(weight_of_10=[3, 2, 4, 10], score_of_100=[10, 20, 50, 100])
    told = scorecard_warnings(sheet)
    assert told[:3] == (
        "Haier Group: the weights sum to 9 and not to 10",
        "Haier Group: the marks sum to 80 and not to 100",
        "Haier Group: more than full marks for market share",
    )


def test_accounts_are_graded_by_the_weighted_mean():
    rules = scorecard(ACCOUNTS, weights=WEIGHTS, grades=GRADES)
    assert list(rules.assign(ACCOUNTS)) == ["key", "main", "other"]
    assert scores(rules, ACCOUNTS.assign(share=0)).tolist() == pytest.approx([50, 25, 0])


def test_full_marks_for_everybody_is_a_warning():
    everybody = ACCOUNTS * 0 + 100
    assert scorecard(everybody, weights=WEIGHTS, grades=GRADES).notes == (
        "every account has full marks on every item: the card tells nobody from anybody",
    )
    assert scorecard(ACCOUNTS.assign(size=7), weights=WEIGHTS, grades=GRADES).notes == (
        "all accounts have the same marks for size: it does not tell them apart",
    )


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"weights": {"reputation": -3, "size": 8, "share": 5}}, "'reputation' weighs -3"),
        ({"weights": {}}, "it has no items"),
        ({"weights": {"reputation": 3, "size": 2, "share": 4}}, r"sum to 9 and not to 1, 10 or 100: mend them, or pass total=9"),
        ({"total": 12}, "sum to 10 and not to 12"),
        ({"grades": {"key": 80, "main": 50}}, "leave a gap at the bottom"),
        ({"grades": {"key": 50, "main": 80, "other": 0}}, "can never be reached"),
        ({"grades": {"key": 120, "other": 0}}, "between 0 and full marks, 100"),
        ({"full": 40, "grades": {"key": 30, "other": 0}}, r"'reputation' has 100 marks in row 0: marks run from 0 to 40"),
    ],
)
def test_faults_of_the_card_are_named(given, told):
    with pytest.raises(DataError, match=told):
        scorecard(ACCOUNTS, **{"weights": WEIGHTS, "grades": GRADES} | given)


def test_another_total_may_be_meant():
    assert scorecard(ACCOUNTS, weights={"reputation": 3, "size": 2, "share": 4}, grades=GRADES, total=9).segments == tuple(GRADES)
