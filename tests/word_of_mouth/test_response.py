"""Service levels, time to resolution, staffing and the path of a complaint."""

import numpy as np
import pandas as pd
import pytest

from goodwill.data.survey import read_case
from goodwill.errors import DataError
from goodwill.word_of_mouth.response import HOUR, CallCentre, ResolutionPath, promises_kept, service_level, time_to_resolution


def log(*rows, clock="closed"):
    """Cases from (opened, done) texts, None for what has not happened."""
    frame = pd.DataFrame(rows, columns=["opened", clock])
    return frame.apply(pd.to_datetime)


class TestServiceLevel:
    cases = log(
        ("2024-05-01 09:00", "2024-05-01 09:30"),
        ("2024-05-01 10:00", "2024-05-01 12:00"),
        ("2024-05-01 11:00", None),
        ("2024-05-02 08:30", "2024-05-02 08:40"),
        clock="answered",
    )

    def test_open_cases_older_than_the_promise_have_missed_it(self):
        level = service_level(self.cases, "answered", 1 * HOUR, end="2024-05-02 09:00")
        assert (level.cases, level.too_young) == (3, 1)
        assert level.kept.estimate == pytest.approx(1 / 3)

    def test_young_cases_are_left_out_even_when_done_so_that_quick_ones_do_not_count_double(self):
        level = service_level(self.cases, "answered", 1 * HOUR, end="2024-05-02 12:00")
        assert (level.cases, level.too_young) == (4, 0)
        assert level.kept.estimate == pytest.approx(0.5)
        assert level.kept.lower < 0.5 < level.kept.upper

    def test_hours_cannot_be_checked_in_days(self):
        days = log(("2024-05-01", "2024-05-01"), ("2024-05-02", "2024-05-04"))
        with pytest.raises(DataError, match="holds days only, so a 6-hour promise"):
            service_level(days, "closed", 6 * HOUR)
        assert service_level(days, "closed", 1.0).kept.estimate == 0.5

    def test_a_promise_that_cannot_be_checked_says_why(self):
        days = log(("2024-05-01", "2024-05-01"), ("2024-05-02", "2024-05-04"))
        table = promises_kept(days, [("an hour", "closed", HOUR), ("a day", "closed", 1.0)])
        assert "holds days only" in table["note"][0]
        assert table["kept"].tolist()[1] == 0.5

    def test_the_promises_of_the_cases(self):
        """Sea Lion answers within an hour and is on site within six; JD has a person for enterprise customers within 30 minutes."""
        levels = read_case("service_levels").set_index(["company", "service_en"])
        assert levels.loc[("Sea Lion", "respond to a user's notice"), "value_high"] == 1
        assert levels.loc[("Sea Lion", "arrive on site"), "value_high"] == 6
        assert levels.loc[("JD", "enterprise customer: dedicated person serves"), "value_high"] == 30

    @pytest.mark.parametrize(
        ("cases", "clock", "within", "end", "message"),
        [
            (log(("2024-05-02", "2024-05-01")), "closed", 1, None, "1 complaints are closed before they are opened"),
            (log(("2024-05-02", "2024-05-03")), "solved", 1, None, "clock is 'solved'"),
            (log(("2024-05-02", "2024-05-03")), "answered", 1, None, "no column 'answered'"),
            (log(("2024-05-02", "2024-05-03")), "closed", -1, None, "must be positive"),
            (log(("2024-05-02", "2024-05-03")), "closed", 30, None, "no complaint was opened 30 days or more"),
            (log(("2024-05-02", "2024-05-03")), "closed", 1, "2024-05-01", "log ends on 2024-05-01"),
        ],
    )
    def test_bad_input_is_refused_in_words(self, cases, clock, within, end, message):
        with pytest.raises(DataError, match=message):
            service_level(cases, clock, within, end=end)


class TestTimeToResolution:
    def test_without_open_cases_it_is_the_share_still_waiting(self):
        curve = time_to_resolution(log(*[("2024-05-01", f"2024-05-0{day}") for day in (2, 2, 3, 6)]))
        assert curve["days"].tolist() == [0, 1, 2, 5]
        assert curve["waiting"].to_numpy() == pytest.approx([1, 0.5, 0.25, 0])

    def test_open_cases_are_censored_not_dropped(self):
        """At day 1 one of two closes; the other is still open on day 3, so half never is seen to close."""
        curve = time_to_resolution(log(("2024-05-01", "2024-05-02"), ("2024-05-01", None)), end="2024-05-04")
        assert curve["waiting"].iloc[-1] == pytest.approx(0.5)
        assert curve["lower"].iloc[-1] < 0.5 < curve["upper"].iloc[-1]

    def test_what_happens_after_the_end_is_not_known_yet(self):
        cases = log(("2024-05-01", "2024-05-02"), ("2024-05-01", "2024-05-20"))
        assert time_to_resolution(cases, end="2024-05-10")["waiting"].iloc[-1] == pytest.approx(0.5)

    def test_exponential_times_with_censoring_give_the_exponential_curve(self):
        rng = np.random.default_rng(4)
        opened = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.uniform(0, 100, 2_000), unit="D")
        cases = pd.DataFrame({"opened": opened, "closed": opened + pd.to_timedelta(rng.exponential(20, 2_000), unit="D")})
        curve = time_to_resolution(cases, end="2024-04-11")
        assert np.abs(curve["waiting"] - np.exp(-curve["days"] / 20))[curve["at_risk"] > 100].max() < 0.04


class TestErlang:
    @pytest.mark.parametrize(
        ("agents", "waits", "quickly", "minutes"),
        [(5, 0.554113, 0.759184, 3.325), (6, 0.284761, 0.946216, 0.854), (7, 0.135110, 0.988909, 0.270), (8, 0.059044, 0.997894, 0.089)],
    )
    def test_table_at_40_an_hour(self, agents, waits, quickly, minutes):
        centre = CallCentre(arrivals=40, speed=10, agents=agents)
        assert centre.wait_probability == pytest.approx(waits, abs=6e-7)
        assert centre.answered_within(5 / 60) == pytest.approx(quickly, abs=6e-7)
        assert round(60 * centre.mean_wait, 3) == minutes

    @pytest.mark.parametrize(("gap", "kept"), [(0.28, 2.09), (0.25, 1.87)])
    def test_the_sixth_agent_if_the_gap_were_causal_and_a_queue_wait_were_quickly(self, gap, kept):
        assert round(CallCentre(40, 10, 5).kept_by_one_more_agent(5 / 60, gap), 2) == kept

    def test_one_agent_is_the_simple_queue(self):
        centre = CallCentre(arrivals=3, speed=5, agents=1)
        assert centre.wait_probability == pytest.approx(0.6)
        assert centre.mean_wait == pytest.approx(0.6 / 2)

    def test_many_agents_do_not_overflow(self):
        assert 0 < CallCentre(990, 1, 1_000).wait_probability < 1

    def test_too_few_agents_are_refused_with_the_number_needed(self):
        with pytest.raises(DataError, match="3 agents handle 30 an hour and 40 arrive: need at least 5"):
            CallCentre(40, 10, 3)


class TestResolutionPath:
    chart = read_case("problem_resolution_model")

    def path(self, accepted=0.7):
        return ResolutionPath.from_decisions(self.chart, {4: 0.8, 5: 0.5, 8: accepted})

    def test_every_complaint_ends_with_the_solution_recorded(self):
        assert self.path().ends == (10,)
        assert self.path().end_chances == pytest.approx(np.ones((9, 1)))

    def test_offers_until_one_is_accepted_are_geometric(self):
        visits = dict(zip(self.path().steps, self.path(0.7).visits[0], strict=True))
        assert visits[8] == pytest.approx(1 / 0.7)
        assert visits[9] == pytest.approx(0.3 / 0.7)
        assert visits[5] == pytest.approx(0.2)
        assert visits[7] == pytest.approx(0.1)

    def test_time_is_the_sum_over_visits(self):
        assert self.path(0.5).expected_time({8: 10, 9: 30}) == pytest.approx(2 * 10 + 1 * 30)

    @pytest.mark.parametrize(("yes", "message"), [({4: 0.8, 5: 0.5}, "step 8 is a decision"), ({4: 0.8, 5: 0.5, 8: 0.0}, "round for ever")])
    def test_charts_without_a_way_out_are_refused(self, yes, message):
        with pytest.raises(DataError, match=message):
            ResolutionPath.from_decisions(self.chart, yes)

    def test_chances_add_up(self):
        with pytest.raises(DataError, match="add up to 1"):
            ResolutionPath(("a",), ("z",), np.array([[0.5]]), np.array([[0.4]]))
