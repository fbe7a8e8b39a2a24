"""What the complaint report says of its desk, of launches and of the good word, stated in full."""

from types import SimpleNamespace as Such

import numpy as np
import pandas as pd
import pytest
from tests.findings.told import seen

from goodwill import word_of_mouth
from goodwill.data.survey import read_case
from goodwill.findings.complaints import complaint_desk
from goodwill.findings.finding import Absent, Finding
from goodwill.inference.uncertainty import Interval

ABSENT = Absent("There are no complaints: pass complaints=.")


def kept(cases: int) -> pd.DataFrame:
    promised = {"promise": ["an answer", "an end"], "hours": [24.0, 48.0], "kept": [0.8, None], "lower": [0.7, None]}
    return pd.DataFrame(promised | {"upper": [0.9, None], "cases": [cases, 0], "note": ["", "too young"]})


def waiting(share: float) -> pd.DataFrame:
    return pd.DataFrame({"days": [0.0, 3.0], "waiting": [1.0, share], "lower": [1.0, share], "upper": [1.0, share]})


def many(share: float) -> pd.DataFrame:
    """Sixteen days, on the last of which a share still waits."""
    waits = [1.0] * 15 + [share]
    return pd.DataFrame({"days": [float(day) for day in range(16)], "waiting": waits, "lower": waits, "upper": waits})


def chart() -> word_of_mouth.ResolutionPath:
    return word_of_mouth.ResolutionPath.from_decisions(read_case("problem_resolution_model"), {4: 0.8, 5: 0.5, 8: 0.5})


def sets() -> Such:
    model = Such(p=0.01, q=0.4)
    return Such(model=model, periods_past_peak=2.345, market_size=1234.5, market_interval=lambda: (1000.0, 2000.0), form="least squares")


def test_the_audit_is_shown() -> None:
    assert seen(complaint_desk.audit(Such(audit=pd.DataFrame({"rule": ["read"], "rows": [6]})))) == [
        "audit: What the reading of the complaint log found and did | {} | rule, rows | read, 6",
    ]


def test_promises_are_shown_with_their_intervals() -> None:
    assert seen(complaint_desk.promises(kept(20), {"answered": waiting(0.4), "closed": waiting(0.6)}, 24.0)) == [
        "promises: Promises kept, with 95 % score intervals | {'kept': '{:.1%}'} | promise, kept, interval, cases, note "
        "| an answer, 0.8, 70.0% to 90.0%, 20,  / an end, nan, , 0, too young",
        "waiting: Fewer than half of the complaints are closed within the time of the log | Share of complaints not yet "
        "answered, and not yet closed (Kaplan-Meier with 95 % bands; open cases count until the end of the log). | Share "
        "not yet closed by days. 0: waiting 1; 3: waiting 0.6.",
        "answered_in_time = 0.8 (0.7 to 0.9) | First answers within 24 hours | share",
        "{answered_in_time} of complaints had a first answer within the promised time.",
    ]


def test_a_promise_that_no_case_can_tell_is_not_available() -> None:
    assert seen(complaint_desk.promises(kept(0), {"closed": waiting(0.4)}, 1.5)) == [
        "promises: Promises kept, with 95 % score intervals | {'kept': '{:.1%}'} | promise, kept, interval, cases, note "
        "| an answer, 0.8, , 0,  / an end, nan, , 0, too young",
        "waiting: Half of the complaints are closed within 3 days | Share of complaints not yet answered, and not yet "
        "closed (Kaplan-Meier with 95 % bands; open cases count until the end of the log). | Share not yet closed by "
        "days. 0: waiting 1; 3: waiting 0.4.",
        "answered_in_time = None | First answers within 1.5 hours | share | there is no log that can tell",
        "Whether the promise was kept: {answered_in_time}.",
    ]


def test_without_a_log_the_promise_is_not_available() -> None:
    assert seen(complaint_desk.promises(ABSENT, ABSENT, 24.0)) == [
        "answered_in_time = None | First answers within 24 hours | share | there is no log that can tell",
        "Whether the promise was kept: {answered_in_time}.",
    ]


def test_a_log_without_clocks_has_no_curve() -> None:
    assert seen(complaint_desk.promises(kept(1), {}, 24.0)) == [
        "promises: Promises kept, with 95 % score intervals | {'kept': '{:.1%}'} | promise, kept, interval, cases, note "
        "| an answer, 0.8, 70.0% to 90.0%, 1,  / an end, nan, , 0, too young",
        "answered_in_time = 0.8 (0.7 to 0.9) | First answers within 24 hours | share",
        "{answered_in_time} of complaints had a first answer within the promised time.",
    ]


def test_what_a_log_without_clocks_does_not_show_is_named() -> None:
    why = "The log has neither answered nor closed moments, so how long complaints wait is not known."
    assert complaint_desk.promises(kept(1), {}, 24.0).without == {"waiting": why}
    assert complaint_desk.promises(ABSENT, ABSENT, 24.0).without == dict.fromkeys(("promises", "waiting"), ABSENT.why)


def test_staffing_is_conditional_on_what_nobody_knows() -> None:
    assert seen(complaint_desk.staffing(word_of_mouth.staffing(40, 10, 5, more=2), 40, 10, {"over 100": 2.1, "under 5": 1.9}, chart())) == [
        "staffing: 40 complaints an hour, 10 handled by one agent: Erlang's C formula; quickly is within five minutes | "
        "{'must wait': '{:.2%}', 'quickly': '{:.2%}', 'mean wait, minutes': '{:.2f}'} | agents, must wait, quickly, mean "
        "wait, minutes | 5, 0.5541, 0.7592, 3.325 / 6, 0.2848, 0.9462, 0.8543",
        "agent_keeps = 2.1 | What agent 6 would keep if TARP's gap (losses over 100 dollars) were an effect | customers per hour",
        "agent_keeps_small = 1.9 | What agent 6 would keep if TARP's gap (losses under 5 dollars) were an effect | customers per hour",
        "offers = 2 | Offers until one is accepted, in the case's chart of a resolution | offers",
        "**If** TARP's gap of intentions between resolved and resolved quickly were causal, and five minutes in a queue "
        "were what customers mean by quickly, agent 6 would keep {agent_keeps} where losses are large, and "
        "{agent_keeps_small} where they are small. Neither is known: the gap is one of stated intentions of different "
        "people.",
    ]


def test_offers_are_counted_from_the_first_step() -> None:
    onward, ending = np.array([[0.0, 0.5, 0.5], [0.0, 0.0, 0.0], [0.0, 0.0, 0.5]]), np.array([[0.0], [1.0], [0.5]])
    path = word_of_mouth.ResolutionPath((1, 2, 8), (9,), onward, ending)
    found = complaint_desk.staffing(word_of_mouth.staffing(40, 10, 5, more=2), 40, 10, {"over 100": 2.1, "under 5": 1.9}, path)
    assert seen(Finding({"offers": found.parts["offers"]})) == [
        "offers = 1 | Offers until one is accepted, in the case's chart of a resolution | offers",
    ]


def test_durables_are_shown_with_their_intervals() -> None:
    assert seen(complaint_desk.durables({"sets": sets()})) == [
        "bass: Bass models of three durables in the United States, fitted by least squares; 95 % profile intervals of "
        "the market size, which hold it less often than that within about three years of the peak | {'years past the "
        "peak': '{:.1f}', 'p': '{:.5f}', 'q': '{:.4f}', 'market, thousands': '{:,.0f}', 'lower': '{:,.0f}', 'upper': "
        "'{:,.0f}'} | series, p, q, years past the peak, market, thousands, lower, upper | sets, 0.01, 0.4, 2.345, 1234, "
        "1000, 2000",
    ]


@pytest.mark.slow
def test_a_launch_loses_by_dissatisfied_adopters() -> None:
    assert seen(complaint_desk.launch(word_of_mouth.launch(), 0.03, 0.38, 2.0, 0.1)) == [
        "launch: One dissatisfied adopter in ten would cost 14% of a launch's value, if bad word weighs 2 times as much "
        "| Assumed: p 0.03, q 0.38 a year, bad word of mouth 2 times as strong as good, 10% discount. Left: adopters by "
        "share dissatisfied. Right: present value relative to none dissatisfied. No data. | Present value relative to "
        "none dissatisfied. 0: value 1; 0.05: value 0.9284; 0.1: value 0.8633; 0.15: value 0.8039; 0.2: value 0.7495; "
        "0.25: value 0.6996; 0.3: value 0.6538.",
        "launch_recovery = 0.04223 | Of a launch's value, won by recovering 60 % of complaints (15 % failures, 40 % "
        "voice) | share | assumed",
        "lost_early = 1.057 | Indirect loss by an adopter who turns away and falls silent in year 1 | margins",
        "lost_late = 0.0732 | The same in year 8 | margins",
        "Recovering 60 % of complaints would win {launch_recovery} of the launch's value. An adopter lost in year 1 (who "
        "stops talking) costs {lost_early} of others on top of their own, in year 8 {lost_late}; one who goes to a "
        "competitor but goes on talking costs the category nothing.",
    ]


def test_the_good_word_is_of_one_campus() -> None:
    assert seen(complaint_desk.good_word(Interval(0.4, 0.3, 0.5), Interval(0.1, 0.05, 0.2), Interval(0.3, 0.2, 0.4), 16.0, "EUR")) == [
        "recommended = 0.4 (0.3 to 0.5) | Saw JD recommended by an acquaintance | share",
        "told_of_promotions = 0.1 (0.05 to 0.2) | Learn of promotions from an acquaintance | share",
        "review_often = 0.3 (0.2 to 0.4) | Review purchases often or every time | share",
        "referral = 16 | Worth of a recommended newcomer, if half would have come anyway and winning one costs a purchase's profit | EUR",
        "{recommended} saw JD recommended by an acquaintance, {told_of_promotions} learn of promotions from one, "
        "{review_often} review often: one campus, online, so no estimate for other customers.",
    ]


def test_without_purchases_a_newcomer_has_no_worth() -> None:
    share = Interval(0.4, 0.3, 0.5)
    found = complaint_desk.good_word(share, share, share, Absent("There are no purchases: pass data=."), "euro")
    assert (found.parts["referral"].value, found.parts["referral"].reason) == (None, "There are no purchases: pass data=.")


def test_exactly_half_are_closed_in_time() -> None:
    assert seen(complaint_desk.promises(kept(0), {"closed": many(0.5)}, 24.0)) == [
        "promises: Promises kept, with 95 % score intervals | {'kept': '{:.1%}'} | promise, kept, interval, cases, note "
        "| an answer, 0.8, , 0,  / an end, nan, , 0, too young",
        "waiting: Half of the complaints are closed within 15 days | Share of complaints not yet answered, and not yet "
        "closed (Kaplan-Meier with 95 % bands; open cases count until the end of the log). | Share not yet closed by "
        "days. 0: waiting 1; 2: waiting 1; 4: waiting 1; 6: waiting 1; 8: waiting 1; 10: waiting 1; 12: waiting 1; 14: "
        "waiting 1.",
        "answered_in_time = None | First answers within 24 hours | share | there is no log that can tell",
        "Whether the promise was kept: {answered_in_time}.",
    ]


def test_without_a_log_there_is_no_audit() -> None:
    found = complaint_desk.audit(ABSENT)
    assert (found.parts, found.absent, found.without) == ({}, ABSENT, {"audit": ABSENT.why})
