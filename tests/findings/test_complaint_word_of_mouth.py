"""What the complaint report says of the famous figures, stated in full."""

from types import SimpleNamespace as Such

import numpy as np
import pandas as pd
from tests.findings.told import seen

from goodwill.data.complaints import read_complaints
from goodwill.findings.complaints import complaint_word_of_mouth as says
from goodwill.findings.finding import Absent
from goodwill.inference.uncertainty import Interval
from goodwill.word_of_mouth import TellingCascade, case_bounds, told_in_case, told_in_survey
from goodwill.word_of_mouth.folklore import Sayings

PEOPLE = np.arange(1, 61)
SURVEY = pd.DataFrame({"told": [1, 2, 3, 5], "outcome": ["dissatisfied"] * 4, "weight": [1.0] * 4})
VERDICTS = pd.DataFrame(
    {"verdict": ["feasible", "infeasible under this curve: no", "feasible within rounding and sampling: so", "feasible", "feasible"]}
)
FOUND = Sayings(9.7, 0.0061, 0.71, 2.1, 0.32, 0.105, 0.15, 3.2, 0.45, 1.2, 0.69)


def test_without_a_log_no_complaint_was_read() -> None:
    assert seen(says.complaints_read(Absent("There are no complaints."))) == [
        "complaints_read = 0 | Complaints in the log | complaints",
    ]


def test_complaints_are_counted() -> None:
    assert seen(says.complaints_read(read_complaints(pd.DataFrame({"opened": ["2024-05-01", "2024-05-02"]})))) == [
        "complaints_read = 2 | Complaints in the log | complaints",
    ]


def test_readings_are_counted_and_the_band_is_given() -> None:
    assert seen(says.readings(VERDICTS, Such(verdict="so"), Interval(9.5, 5.8, 18.2), "mean", "all")) == [
        "readings: Readings of the case: the verdict, and the mean number of people told where all statements hold exactly | "
        "{} | verdict | feasible / infeasible under this curve: no / feasible within rounding and sampling: so / feasible / feasible",
        "readings_feasible = 3 of 5 | Readings under which all statements hold together exactly",
        "readings_within = 1 of 5 | Readings under which they do once rounding and sampling are counted",
        "heaping = so | Means of all complainants, if 20 stands for everybody from 15 up",
        "told_by_case = 9.5 | Told by a dissatisfied complainer, read as the mean of all | people",
        "band_low = 5.8 | Lowest mean that any distribution with a median of 9-10 allows | people",
        "band_high = 18.2 | Highest such mean when nobody tells more than 50 | people",
        "Under {readings_feasible} readings all statements hold together exactly, and under {readings_within} only once rounding and "
        "sampling are counted; under the others no curve of that family makes them true. This report takes {told_by_case:value} on "
        "average. Without a family of distributions all that is known of the mean is that it lies between {band_low:number} and "
        "{band_high:number}.",
    ]


def test_the_range_of_the_readings_leaves_other_people_out() -> None:
    assert seen(
        says.share_telling(
            PEOPLE, {"a": np.where(PEOPLE < 20, 0.3, 0.12), "b": np.where(PEOPLE <= 20, 0.27, 0.1)}, {"others": np.full(60, 0.01)}
        )
    ) == [
        "told: One published sentence, several readings: 12% to 27% of the dissatisfied tell 20 or more | Share of "
        "people who tell at least so many others: three feasible readings of Coca-Cola's dissatisfied complainers "
        "(negative binomial), and shoppers with any problem, most of whom never complained (Wharton/Verde Group 2006). | "
        "Share telling at least so many. 1: a 0.3, b 0.27, others 0.01; 5: a 0.3, b 0.27, others 0.01; 10: a 0.3, b "
        "0.27, others 0.01; 20: a 0.12, b 0.27, others 0.01; 50: a 0.12, b 0.1, others 0.01.",
    ]


def test_without_a_survey_shoppers_stand_beside_the_case() -> None:
    assert seen(says.told_now(told_in_case())) == [
        "told_fits: How many people were told: shoppers with a problem, 2006 | {'people told': '{:.2f}', 'tell nobody': "
        "'{:.1%}', 'tell six or more': '{:.1%}'} | family, people told, tell nobody, tell six or more | negative "
        "binomial, 1.199, 0.6858, 0.06511 / zero-inflated negative binomial, 1.087, 0.69, 0.05779 / Poisson-lognormal, "
        "2.712, 0.677, 0.07344",
        "told_bad = 9.5 | People told by a dissatisfied complainer, as used below | people",
        "told_modern = 1.199 | People told, shoppers with a problem, 2006 | people",
        "The slogan says ten; on average {told_modern:value} were told (shoppers with a problem, 2006).",
    ]


def test_a_survey_of_ones_own_replaces_the_case() -> None:
    assert seen(says.told_now(told_in_survey(SURVEY, told_in_case()))) == [
        "told_fits: How many people were told: own survey, dissatisfied complainers | {'people told': '{:.2f}', 'tell "
        "nobody': '{:.1%}', 'tell six or more': '{:.1%}'} | family, people told, tell nobody, tell six or more, AIC | "
        "negative binomial, 2.75, 0.06393, 0.06084, 16.29 / zero-inflated negative binomial, 2.75, 0.06396, 0.06087, "
        "20.29 / Poisson-lognormal, 2.75, 0.06393, 0.06084, 18.29",
        "told_bad = 2.75 (1.076 to 4.424) | People told by a dissatisfied complainer, as used below | people",
        "told_modern = 2.75 | People told, own survey, dissatisfied complainers | people",
        "The slogan says ten; on average {told_modern:value} were told (own survey, dissatisfied complainers).",
    ]


def test_relative_impact_hangs_on_the_middle_group() -> None:
    assert seen(says.relative_impact(1.5622, 1.0347, 0.5035, 3.1245)) == [
        "impact_good = 1.56 | Customers gained per customer lost, if the middle group speaks well",
        "impact_neutral = 1.03 | Customers gained per customer lost, if the middle group does not count",
        "impact_bad = 0.5 | Customers gained per customer lost, if the middle group speaks ill",
        "break_even_weight = 3.124 | Weight of a bad hearing from which complaints as handled do harm on balance",
        "The same survey gives {impact_good:.2f}, {impact_neutral:.2f} or {impact_bad:.2f} customers gained per customer "
        "lost, by the coding of the middle group alone. In the first coding good hearings outnumber bad ones "
        "{break_even_weight:.2f} to 1; that most word of mouth is good was found in all fifteen studies of East, Hammond "
        "& Wright (2007).",
    ]


def test_word_reaches_few() -> None:
    assert seen(
        says.reach(
            TellingCascade(told_in_case().distribution, 0.02), {"all": TellingCascade(told_in_case().distribution, 0.0)}, 0.17, 0.105
        )
    ) == [
        "reach: When hearers tell few others, 0.05% of complaints reach the 66 people of the slogan | Probability that "
        "the word of one dissatisfied complainer reaches at least so many people, exact. The slogan counts the "
        "complainer as its 67th. | Chance of reaching at least so many. 1: 2% retell, to few 0.9409, all 0.9409; 10: 2% "
        "retell, to few 0.3933, all 0.386; 66: 2% retell, to few 0.000539, all 0.0003611; 100: 2% retell, to few "
        "8.834e-06, all 4.344e-06; 500: 2% retell, to few 6.661e-16, all 6.661e-16.",
        "reproduction = 0.02397 | R, new tellers per hearer",
        "mean_reach = 9.733 | Expected reach of one dissatisfied complainer | people",
        "reach_99 = 41 | Reach that 99 of 100 complaints do not exceed | people",
        "lost_sale = 0.17 | Chance that a complaint loses at least one sale through others | share",
        "stress_threshold = 0.105 | Retelling from which word could run through a market, if hearers told as many | share",
        "A complaint reaches {mean_reach} on average; of a hundred complaints 99 reach no more than {reach_99}. With "
        "probability {lost_sale} it loses at least one sale through others. Only if {stress_threshold} of hearers "
        "retold, each to as many as the complainer did, could word run through a whole market.",
    ]


def test_sayings_are_held_against_numbers() -> None:
    assert seen(says.folklore(FOUND)) == [
        "folklore: Folklore, tested | {} | saying, where it comes from, what the equations and figures give, verdict | "
        "each complaint reaches 67 people, 11 people told, all of whom tell 5, none of whom tells anybody, mean 9.7; 66 "
        "or more in 0.61% of complaints; as a mean it needs 71% of hearers to retell, not supported / bad news travels "
        "twice as far, dissatisfied tell 9-10, satisfied 4-5 (1981), 2.1 times per complainer; 0.32 times over all "
        "complainers, per person only / one complaint can run through a market, viral stories, told because they are "
        "rare, needs 10% of hearers to retell to as many; at 15% one teller in 3.2 would start one that reaches 45% of "
        "the market, stress test only / a dissatisfied customer tells ten others, complainers who were let down, 1981, "
        "shoppers with a problem in 2006: 1.2 on average, 69% nobody, not of customers at large",
        "retelling_for_67 = 0.71 | Share of hearers who would have to retell for a mean reach of 66 | share",
    ]


def test_without_a_curve_everything_is_possible() -> None:
    assert seen(says.bounds(case_bounds())) == [
        "bounds: Who can tell twenty or more if the numbers told are means: least and most in a family, beside what is "
        "said (12 %, half a point of rounding and 95 % sampling error) | {'at least': '{:.1%}', 'at most': '{:.1%}', "
        "'said, low': '{:.1%}', 'said, high': '{:.1%}'} | base, family, at least, at most, said, low, said, high, "
        "possible | all, any distribution, 0, 0.3054, 0.1059, 0.1351, True / all, each number at most as frequent as the "
        "one before, 0, 0.1566, 0.1059, 0.1351, True / dissatisfied, any distribution, 0, 0.5, 0.09244, 0.153, True / "
        "dissatisfied, each number at most as frequent as the one before, 0, 0.2564, 0.09244, 0.153, True",
        "Without a curve the statements can hold together under every reading: where the table above calls one "
        "infeasible, that is the curve, not the statements.",
    ]


def test_without_a_curve_not_everything_is_possible() -> None:
    assert seen(says.bounds(case_bounds(0.4))) == [
        "bounds: Who can tell twenty or more if the numbers told are means: least and most in a family, beside what is "
        "said (12 %, half a point of rounding and 95 % sampling error) | {'at least': '{:.1%}', 'at most': '{:.1%}', "
        "'said, low': '{:.1%}', 'said, high': '{:.1%}'} | base, family, at least, at most, said, low, said, high, "
        "possible | all, any distribution, 0, 0.3054, 0.3806, 0.4196, False / all, each number at most as frequent as "
        "the one before, 0, 0.1566, 0.3806, 0.4196, False / dissatisfied, any distribution, 0, 0.5, 0.3577, 0.4437, True "
        "/ dissatisfied, each number at most as frequent as the one before, 0, 0.2564, 0.3577, 0.4437, False",
        "Even without a curve the statements cannot hold together under every reading; the table says under which.",
    ]
