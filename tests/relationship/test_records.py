"""Tables that do not fit together: each with one sentence that says what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from tests.relationship.small import ASKED, small

import goodwill as gw
from goodwill.errors import DataError, TooLittle
from goodwill.relationship import (
    amounts_of,
    joined_complaints,
    joined_survey,
    lasting_events,
    pairs,
    read_answers,
    require_one_currency,
    survey_day,
)

DAYS = pd.to_datetime(["2025-01-01", "2025-02-01", "2025-03-01"])
SHOP = gw.read_transactions(pd.DataFrame({"customer_id": ["0017", "0018", "0019"], "date": DAYS, "amount": [5.0, 6.0, 7.0]}))


def answers(*ids: object):
    return read_answers(pd.DataFrame({"respondent_id": ids, "satisfaction": [3] * len(ids)}))


def complaints(*ids: str, opened: str = "2025-02-15"):
    return gw.read_complaints(pd.DataFrame({"customer_id": ids, "opened": [opened] * len(ids)}))


def test_a_survey_without_a_loyalty_item_is_enough():
    assert answers("0017", "0018", "0019").respondents == 3
    beside = pd.DataFrame({"respondent_id": ["0017", "0018"], "satisfaction": [3, 4], "loyalty": ["who", "knows"]})
    read = read_answers(beside)
    assert "loyalty" not in read.answers and repr(read) == "<Survey DataFrame, 2 answers, satisfaction 1 to 5, loyalty not asked>"
    with pytest.raises(DataError, match=r"^DataFrame was read without a question on loyalty; read it with loyalty= and"):
        read.loyal(4)
    with pytest.raises(DataError, match=r"^loyalty is 'stays', and loyalty_kind says that it was not asked; leave out one of the two$"):
        gw.read_survey(beside, loyalty="stays", loyalty_kind="unasked")


def test_respondents_who_never_bought_or_bought_later_are_counted():
    found = joined_survey(SHOP, answers("0017", "0019", "0020"), date(2025, 2, 10))
    assert found.joined == ("survey", 3, 1, 1, 1)
    assert found.said.to_dict() == {"0017": 3.0}


def test_ids_that_differ_in_leading_zeros_are_an_error_that_says_so():
    message = (
        r"^none of the 2 respondents of the survey \(.*\) is of a customer of .*: ids are written differently \('17' here, '0017' there\), "
        r"and 2 would match without leading zeros, capitals and spaces; write them alike in both tables$"
    )
    with pytest.raises(DataError, match=message):
        joined_survey(SHOP, answers("17", "18"), date(2025, 3, 1))


def test_ids_that_differ_in_case_are_an_error_that_says_so():
    shop = gw.read_transactions(pd.DataFrame({"customer_id": ["AB-1", "AB-2"], "date": DAYS[:2], "amount": [5.0, 6.0]}))
    with pytest.raises(DataError, match=r"^none of the 1 complaints \(.*\) is of a customer of .*: ids are written differently \('ab-1'"):
        joined_complaints(shop, complaints("ab-1", opened="2025-01-15"))


def test_complaints_of_customers_who_never_bought_are_counted_and_all_of_them_an_error():
    assert joined_complaints(SHOP, complaints("0017", "0020")) == ("complaints", 2, 1, 1, 0)
    assert joined_complaints(SHOP, complaints("0017", "0019")).early == 1
    message = r"^none of the 1 complaints \(.*\) is of a customer of .* \(first: 'x' here, '0017' there\); give tables of the same"
    with pytest.raises(DataError, match=message):
        joined_complaints(SHOP, complaints("x"))


def test_periods_that_do_not_overlap_are_an_error():
    message = r"^the complaints in .* run from 2030-01-01 to 2030-01-01 and the purchases in .* from 2025-01-01 to 2025-03-01: the two"
    with pytest.raises(DataError, match=message):
        joined_complaints(SHOP, complaints("0017", opened="2030-01-01"))
    message = r"^the survey is of 2030-01-01, and the purchases in .* run from 2025-01-01 to 2025-03-01: the two do not overlap; give"
    with pytest.raises(DataError, match=message):
        survey_day(SHOP, "2030-01-01")


def test_the_day_of_a_survey_is_given_or_the_last_one():
    assert survey_day(SHOP, "") == date(2025, 3, 1)
    assert survey_day(SHOP, " 2025-02-02 ") == date(2025, 2, 2)
    with pytest.raises(DataError, match=r"^the survey is said to be of '1\.6\.25'; write its day as year-month-day, such as 2025-06-30$"):
        survey_day(SHOP, "1.6.25")


def test_tables_without_ids_say_which_column_is_missing():
    anonymous = read_answers(pd.DataFrame({"satisfaction": [3, 4]}))
    with pytest.raises(TooLittle, match=r"has no column with the ids of customers \(respondent_id=\), so that answers cannot be joined"):
        joined_survey(SHOP, anonymous, date(2025, 3, 1))
    with pytest.raises(
        TooLittle, match=r"has no column with the ids of customers \(customer_id=\), so that complaints cannot be joined\.$"
    ):
        joined_complaints(SHOP, gw.read_complaints(pd.DataFrame({"opened": ["2025-02-15"]})))


def test_two_currencies_are_an_error_and_one_is_the_label():
    euros = replace(SHOP, currency="EUR")
    assert [require_one_currency(euros, given) for given in ("", "eur")] == ["EUR", "eur"]
    assert require_one_currency(None, "") == "currency units"
    message = (
        r"^the purchases in .* are in EUR and currency= says USD; amounts are not converted: give costs in EUR and currency=EUR, or "
        r"purchases in USD$"
    )
    with pytest.raises(DataError, match=message):
        require_one_currency(euros, "USD")


def test_events_are_purchases_and_complaints_by_outcome():
    events = lasting_events(small().purchases, small().log.cases)
    assert set(events["kind"]) == {"purchase", "satisfied", "acceptable", "dissatisfied"}
    assert set(lasting_events(small().purchases, None)["kind"]) == {"purchase"}


def test_money_is_added_up_by_customer_and_day():
    twice = pd.DataFrame({"customer_id": ["a", "a"], "date": DAYS[[0, 0]], "amount": [5.0, 6.0]})
    assert amounts_of(gw.read_transactions(twice))["amount"].tolist() == [11.0]
    with pytest.raises(TooLittle, match=r"has no money, so that nothing can be valued\.$"):
        amounts_of(replace(SHOP, has_amount=False))


def test_pairs_have_a_colon():
    with pytest.raises(DataError, match=r"^'solved' is no pair; write two words with a colon between them, such as solved:satisfied$"):
        pairs(["solved"])


def test_the_survey_of_the_company_joins_whole():
    tables = small()
    found = joined_survey(tables.purchases, tables.survey, survey_day(tables.purchases, ASKED))
    assert found.joined.joined == found.joined.rows == len(tables.company.survey)
    assert found.levels == tuple(range(1, 11))
