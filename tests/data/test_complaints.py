"""Reading complaint logs."""

import pandas as pd
import pytest

from goodwill.data.complaints import read_complaints
from goodwill.data.told_counts import read_told_counts
from goodwill.errors import DataError

LOG = pd.DataFrame(
    {
        "complaint_id": ["a", "b", "c"],
        "customer_id": ["007", "8", ""],
        "opened": ["2024-05-03 10:00", "2024-05-01", "2024-05-04T08:30:15"],
        "answered": ["2024-05-03 10:20", "", "2024-05-04 09:00"],
        "closed": ["2024-05-10", "", ""],
        "outcome": ["satisfied", "Dissatisfied", "n/a"],
    }
)


def changed(**columns):
    return LOG.assign(**columns)


def test_cases_are_in_order_of_opening_with_times_of_day():
    log = read_complaints(LOG)
    assert log.cases["complaint_id"].tolist() == ["b", "a", "c"]
    assert log.cases["opened"].iloc[2] == pd.Timestamp("2024-05-04 08:30:15")
    assert log.has_hours
    assert (str(log.first), str(log.last)) == ("2024-05-01", "2024-05-10")


def test_missing_values_are_counted_and_ids_keep_their_zeros():
    log = read_complaints(LOG)
    rows = log.audit.set_index("rule")["rows"]
    assert rows["no answered"] == 1
    assert rows["no closed"] == 2
    assert rows["no outcome"] == 1
    assert rows["no customer"] == 1
    assert log.cases["customer_id"].tolist()[:2] == ["8", "007"]


def test_columns_and_words_of_the_log_itself(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("Kunde,Tag,Ende,Ergebnis\n1,13/05/2024,15/05/2024,gut\n2,14/05/2024,,schlecht\n", encoding="utf-8")
    words = {"gut": "satisfied", "schlecht": "dissatisfied"}
    log = read_complaints(path, customer_id="Kunde", opened="Tag", closed="Ende", outcome="Ergebnis", outcome_words=words)
    assert log.cases["outcome"].tolist() == ["satisfied", "dissatisfied"]
    assert not log.has_hours
    assert log.fingerprint


@pytest.mark.sampled(8)
@pytest.mark.parametrize(
    ("frame", "told", "message"),
    [
        (changed(closed=["2024-05-01", "", ""]), {}, "1 of 3 complaints are closed before they were opened .first: row 0"),
        (changed(answered=["2024-05-02", "", ""]), {}, "answered before they were opened"),
        (changed(complaint_id=["a", "b", "a"]), {}, "complaints stand there twice"),
        (changed(outcome=["fine", "", ""]), {}, "holds 'fine' in row 0"),
        (changed(opened=["soon", "2024-05-01", "2024-05-01"]), {}, "holds what is no day in 1 of 3 rows"),
        (changed(opened=["01/05/2024", "02/05/2024", "03/05/2024"]), {}, "both fit every row; pass date_format="),
        (changed(opened=["", "", ""], answered="", closed=""), {}, "no complaint has a day of opening"),
        (LOG.drop(columns="opened"), {}, "no column 'opened'"),
        (LOG, {"closed": "ended"}, "has no column 'ended'"),
        (LOG, {"outcome_words": {"fine": "happy"}}, "stands for 'happy'"),
        (LOG.iloc[:0], {}, "no rows"),
    ],
)
def test_bad_logs_are_refused_in_words(frame, told, message):
    with pytest.raises(DataError, match=message):
        read_complaints(frame, **told)


def test_the_simulated_log_is_read():
    from goodwill.simulate import company

    log = read_complaints(company(customers=200, weeks=40).complaints)
    assert set(log.cases["outcome"]) == {"satisfied", "acceptable", "dissatisfied"}
    assert not log.has_hours


class TestToldCounts:
    def test_answers_with_outcomes_and_weights(self):
        survey = pd.DataFrame({"people": ["9", "", "4"], "outcome": ["dissatisfied", "satisfied", "satisfied"], "weight": [1.0, 1.0, 2.5]})
        frame = read_told_counts(survey, told="people")
        assert frame["told"].tolist() == [9.0, 4.0]
        assert frame["outcome"].tolist() == ["dissatisfied", "satisfied"]
        assert frame["weight"].tolist() == [1.0, 2.5]

    @pytest.mark.parametrize(
        ("answers", "message"),
        [
            (["3", "-1"], "holds '-1' in row 1"),
            (["3", "2.5"], "holds '2.5' in row 1"),
            (["many"], "holds 'many' in row 0"),
            (["", "n/a"], "nobody answered"),
        ],
    )
    def test_bad_answers_are_refused_in_words(self, answers, message):
        with pytest.raises(DataError, match=message):
            read_told_counts(pd.DataFrame({"told": answers}))

    def test_a_survey_without_the_question_is_refused(self):
        with pytest.raises(DataError, match="no column 'told'"):
            read_told_counts(pd.DataFrame({"people": [1]}))
