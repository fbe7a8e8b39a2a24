"""Every wording of trials: what they claim, what their arms did, and what a planned one can show."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from tests.findings.told import seen

from goodwill.findings.finding import Absent
from goodwill.findings.segments import segment_trials as words
from goodwill.strategies.split_sample import SplitSample
from goodwill.strategies.trials.trial_arms import TrialArms

ORDER = ["empirical_bayes", "raw", "nobody", "best_arm"]


def splits(low: float = 0.2, high: float = 0.8, *, rival: str = "best_arm", best: float | None = None, raw: float = 2.65) -> SplitSample:
    table = pd.DataFrame({"method": ORDER, "claimed": [1.4, 2.65, 0.0, 0.1], "delivered": [1.1, raw, 0.0, 0.6]})
    table = table.assign(delivered_low=0.0, delivered_high=2.0, difference=(low + high) / 2, difference_low=low, difference_high=high)
    return SplitSample(table, pd.DataFrame({"split": [0, 0, 1, 1]}), rival, best)


def tried(own: bool = True, budget: float | None = 1.5):
    return SimpleNamespace(own=own, budget=budget, experiment=SimpleNamespace(frame=range(20_000)))


def title(finding, name: str) -> str:
    return " ".join(finding.parts[name].figure.get_suptitle().split())


def test_ones_own_trial_delivers_on_customers_who_did_not_choose() -> None:
    found = words.claims(splits(raw=0.96), tried())
    assert found.text == (
        "Choosing the best estimate of each segment claims {raw_claimed:value} and delivers {raw_delivered:value} on customers who did not "
        "choose it; after shrinking {shrunk_claimed:value} and {shrunk_delivered:value}; one arm for everybody, as far as the money goes, "
        "delivers {one_arm_delivered:value}. 'best arm of each segment, shrunken' delivers more than the best simple way, 'one arm for "
        "everybody': by 0.50 (0.20 to 0.80)."
    )
    assert list(found.parts) == ["raw_claimed", "raw_delivered", "shrunk_claimed", "shrunk_delivered", "one_arm_delivered", "claimed"]
    claimed, delivered = found.parts["raw_claimed"], found.parts["raw_delivered"]
    assert claimed[:2] == (2.65, "Own trial, best arm of each segment, raw: claimed per customer") and claimed.interval is None
    assert (delivered.value, delivered.interval, delivered.level) == (0.96, [0.0, 2.0], 0.95)
    assert title(found, "claimed") == "The raw plan claims 2.65 per customer and delivers 0.96"
    assert found.parts["claimed"].caption == (
        "Claimed on the half that chose, delivered on the other half, means over 2 splits of the trial; whiskers are 95 % intervals. "
        "All within a budget of 1.50 per customer, a quarter of what the dearest arm for everybody costs."
    )


def test_a_simulated_trial_is_said_to_be_judged_by_its_truth() -> None:
    found = words.claims(splits(-0.1, 0.8, best=3.5), tried(own=False, budget=None))
    assert found.text == (
        "Choosing the best estimate of each segment claims {raw_claimed:value} and is truly worth {raw_delivered:value}; after shrinking "
        "{shrunk_claimed:value} and {shrunk_delivered:value}; one arm for everybody, as far as the money goes, is worth "
        "{one_arm_delivered:value}. Who knew the truth could reach {best_possible:value} with whole segments. 'best arm of each segment, "
        "shrunken' is not told apart from the best simple way, 'one arm for everybody': the difference is 0.35 (\N{MINUS SIGN}0.10 to "
        "0.80)."
    )
    best = found.parts["best_possible"]
    assert best[:2] == (3.5, "Simulated trial, best arm of each segment if the truth were known: worth per customer")
    assert title(found, "claimed") == "The raw plan delivers what it claims: 2.65 per customer"
    assert found.parts["claimed"].caption == (
        "Claimed by what the trial showed, delivered by the known truth, means over 2 simulated trials of 20,000 customers, each drawn "
        "anew; whiskers hold 80 % of the trials. All within no budget, because no costs of the arms are known."
    )


def test_a_simple_way_may_deliver_more_or_there_may_be_none() -> None:
    assert words.rival_in_words(splits(-0.8, -0.2)) == (
        "The simple way 'one arm for everybody' delivers more than 'best arm of each segment, shrunken': by 0.50 (difference "
        "\N{MINUS SIGN}0.80 to \N{MINUS SIGN}0.20)."
    )
    assert words.rival_in_words(splits(rival="")) == "No simple way was compared with another one."


def test_the_table_of_claims_names_the_ways_in_words() -> None:
    table = words.claims_table(splits()).parts["claims"]
    assert table.frame["method"].tolist() == [
        "best arm of each segment, shrunken",
        "best arm of each segment, raw",
        "nobody treated",
        "one arm for everybody",
    ]
    assert table.caption == (
        "Claimed and delivered per customer; difference is what the first way delivers more than this one, with its 95 % interval"
    )


def test_every_way_to_plan_has_a_name_in_words() -> None:
    assert (words.METHODS["per_customer"], words.METHODS["top_past_spenders"]) == (
        "single customers of each segment, shrunken",
        "one arm, top past spenders first",
    )


def arms(p: float = 0.4, balance: float | None = 0.5, lower: float = 0.3, upper: float = 0.5) -> TrialArms:
    table = pd.DataFrame({"arm": ["No E-Mail", "Mail"], "customers": [50, 50], "share": 0.5, "drawn": 0.5, "cost": [0.0, 0.1]})
    middle = (lower + upper) / 2
    table = table.assign(effect=[np.nan, middle], lower=[np.nan, lower], upper=[np.nan, upper], net=[np.nan, middle - 0.1])
    return TrialArms(table, "No E-Mail", p, balance)


DRAWN = (
    "'No E-Mail' is the arm that was left alone (another is named with `control_arm`). The arms have the sizes that lots with the stated "
    "chances would give (p = {sample_ratio_p:.3f})."
)
OFF = (
    "'No E-Mail' is the arm that was left alone (another is named with `control_arm`). **The arms do not have the sizes that lots with the "
    "stated chances would give** (p = {sample_ratio_p:.3f}): find out who is missing before believing any effect."
)
DRAWN_BY = " That lots were drawn is the word of whoever ran the trial; a file can contradict it and never prove it."
WORD = DRAWN_BY + " Outcomes count as they stand in the file."


def test_arms_of_the_right_sizes_that_spent_alike_and_pay() -> None:
    found = words.arms(arms(), "given", "EUR")
    pays = " 'Mail' brings more than it costs: 0.30 per customer."
    assert found.text == DRAWN + " Before the trial they had spent alike (p = 0.500)." + WORD + pays
    assert found.parts["sample_ratio_p"][:2] == (0.4, "Chance that lots give sizes as far off as these")
    assert found.parts["trial_arms"].caption == (
        "Arms of the trial: customers, their share and that of the lots; cost per customer; margin per customer (EUR) more than under 'No "
        "E-Mail', with 95 % intervals, before and after (net) cost"
    )


@pytest.mark.parametrize(
    ("counted", "said"),
    [
        ("adjusted", " What past spend explains of the outcomes is taken out of them, which leaves effects what they are."),
        (
            "value",
            " The outcome is the margin within the trial and what the purchase model expects of each customer after it, until the horizon "
            "of this report, as far as the trial is over when the purchases end. Whether an effect lasts, no trial that is over can tell: "
            "intervals reach from effects that end with it to effects that go on as they were.",
        ),
    ],
)
def test_it_is_said_what_counts_as_the_outcome_of_a_trial(counted: str, said: str) -> None:
    text = words.arms(arms(), counted, "EUR").text
    assert text == DRAWN + " Before the trial they had spent alike (p = 0.500)." + DRAWN_BY + said + (
        " 'Mail' brings more than it costs: 0.30 per customer."
    )


def test_arms_of_the_wrong_sizes_that_spent_differently_and_lose() -> None:
    found = words.arms(arms(0.0005, 0.0002, lower=-0.3, upper=0.05), "given", "EUR")
    unlike = " **Before the trial they had not spent alike** (p = 0.000): these were hardly lots."
    assert found.text == OFF + unlike + WORD + " 'Mail' costs more than it brings: \N{MINUS SIGN}0.23 per customer."


def test_without_past_spend_nothing_else_speaks_for_lots_and_cost_decides_whether_an_arm_pays() -> None:
    found = words.arms(arms(balance=None, lower=0.05, upper=0.35), "given", "EUR")
    unknown = " What they had spent before is not in the file (a column past_spend), so that nothing else speaks for lots."
    unsure = " Whether 'Mail' brings what it costs is not told apart from chance: 0.10 per customer."
    assert found.text == DRAWN + unknown + WORD + unsure
    assert words.arms(Absent("No trial."), "given", "EUR").text == "No trial."


def planned(chance: float = 0.9, alarms: float = 0.05):
    noise = SimpleNamespace(weeks=39.0, sd=76.5, sd_all=37.4, sd_adjusted=57.2, false_alarms=alarms)
    sizes = pd.DataFrame({"difference": [0.5, 1.0, 2.0], "per_arm": [400, 100, 25], "without_past_spend": [800, 200, 50]})
    lots = SimpleNamespace(
        seed=1, table=pd.DataFrame({"customer_id": [5, 6], "segment": "a", "arm": ["x", "do_nothing"], "propensity": 0.5})
    )
    power = pd.DataFrame({"segment": ["all"], "strategy": ["any"], "power": [chance]})
    more = {"chance": chance, "lots": lots, "power": power, "sizes": sizes, "treated": 2_399.4}
    return SimpleNamespace(effect=1.2, per_arm=36_024, noise=noise, **more)


KEEPS = " Of 1,000 trials of nothing among such customers {false_alarms:value} found an effect; 5 % should."


def test_a_trial_that_can_show_the_effect() -> None:
    found = words.trial_size(planned(), 0.2, "EUR")
    size = (
        "Within 39 weeks the plan claims {planned_effect} per treated customer, before cost. Those whom it picks vary by {trial_noise} "
        "(all customers by 37.4), and by 57.2 once past spend is accounted for. To see so much in four trials of five, each arm would need "
        "{per_arm}. With the 2,399 whom this plan picks, 20% of them held out, the chance is {chance_to_see}."
    )
    assert found.text == size + KEEPS
    assert {name: part[:3] for name, part in found.parts.items() if name != "trial_power"} == {
        "planned_effect": (1.2, "Effect per treated customer that the plan claims within 39 weeks, before cost", "EUR"),
        "trial_noise": (76.5, "Standard deviation of margin among those whom the plan would have picked", "EUR"),
        "per_arm": (36_024, "Customers that each arm of a trial would need to see it", "customers"),
        "chance_to_see": (0.9, "Chance that a trial of this plan finds the claimed effect", "share"),
        "false_alarms": (0.05, "Trials of nothing that find an effect at the 5 % level", "share"),
    }
    assert title(found, "trial_power") == "To see 1.20 EUR per customer within 39 weeks a trial needs 36,024 in each arm"
    assert found.parts["trial_power"].caption == (
        "Customers per arm for a power of 80 % at the 5 % level, with the standard deviation of margin per customer over 39 weeks among "
        "those whom the plan would have picked, past spend accounted for (57.2 EUR); both axes logarithmic."
    )


def test_a_trial_that_cannot_and_whose_level_does_not_keep_its_word() -> None:
    assert words.trial_size(planned(0.11, 0.12), 0.2, "EUR").text == (
        "Within 39 weeks the plan claims {planned_effect} per treated customer, before cost. Those whom it picks vary by {trial_noise} "
        "(all customers by 37.4), and by 57.2 once past spend is accounted for. To see so much in four trials of five, each arm would need "
        "{per_arm}. With the 2,399 whom this plan picks, 20% of them held out, the chance is {chance_to_see}: **such a trial could not "
        "tell whether the plan works.** Of 1,000 trials of nothing among such customers {false_alarms:value} found an effect where 5 % "
        "should: read p-values of such a trial with care."
    )


def test_nothing_to_try_is_said_once_and_its_name_is_recorded() -> None:
    found = words.trial_size(Absent("Nothing to try."), 0.2, "EUR")
    assert found.text == "Nothing to try." and found.parts["per_arm"].value is None
    assert words.lots(Absent("x"), True).text == "" and words.trial_tables(Absent("x"), "EUR").text == ""


def test_ids_stand_in_the_lots_only_where_asked_for() -> None:
    hidden, shown = words.lots(planned(), False), words.lots(planned(), True)
    assert hidden.text == (
        "The whole table is in the download. Give back a file with an outcome for each customer as `experiment`, and the assumed effects "
        "become measured ones. With `show_customer_ids` it holds the ids."
    )
    assert shown.text == (
        "The whole table is in the download. Give back a file with an outcome for each customer as `experiment`, and the assumed effects "
        "become measured ones."
    )
    assert hidden.parts["trial"].frame["customer_id"].tolist() == ["no. 1", "no. 2"]
    assert sorted(shown.parts["trial"].frame["customer_id"]) == [5, 6] and shown.parts["trial"].max_rows == 8


def test_the_tables_of_a_planned_trial() -> None:
    parts = words.trial_tables(planned(), "EUR").parts
    assert parts["trial_sizes"].caption == "Customers per arm to find a true effect (EUR of margin per customer) in four trials of five"
    assert parts["trial_power"].caption == (
        "What a trial of this plan could show: the effect claimed, the power to find it, and the effect that four trials of five would "
        "find (EUR)"
    )


FOUND = pd.DataFrame(
    {"reading": ["naive", "matched", "difference in differences"], "difference": [252.0, 24.0, -13.0], "lower": -50.0, "upper": 300.0}
)


def test_readings_are_said_not_to_be_effects() -> None:
    table, some = (words.readings_table(FOUND.assign(unmatched=[0, left, 0]), "8").parts["readings"] for left in (0, 3))
    assert table.frame["sentence"].tolist() == [
        "Targeted households show +252 per household over what other households spent in the same time; they were chosen, so this is no "
        "effect of the campaign.",
        "Targeted households show +24 per household over households that had spent as much before; they were chosen, so this is no "
        "effect of the campaign.",
        "Targeted households show \N{MINUS SIGN}13 per household over how other households changed; they were chosen, so this is no effect "
        "of the campaign.",
    ]
    assert some.frame["sentence"].iloc[1] == (
        "Targeted households show +24 per household over households that had spent as much before (3 without others alike were left out); "
        "they were chosen, so this is no effect of the campaign."
    )
    assert table.caption == "Campaign 8 read in three ways" and "unmatched" not in table.frame


def test_the_figure_of_readings_names_all_three() -> None:
    found = words.readings(FOUND, "8", "USD")
    assert title(found, "campaign") == (
        "One campaign, three readings: +252, +24, \N{MINUS SIGN}13 USD per household, none of them its effect"
    )
    assert found.parts["campaign"].caption == (
        "Campaign 8: spend of targeted households less that of others during the campaign; naive, among households alike in spend before, "
        "and as difference of changes; 95 % intervals."
    )
    assert words.readings(Absent("No campaigns."), "8", "USD").text == "No campaigns."


def test_everything_that_is_shown_of_claims() -> None:
    own, simulated = words.claims(splits(raw=0.96), tried()), words.claims(splits(-0.1, 0.8, best=3.5), tried(own=False, budget=None))
    assert seen(own) == [
        "raw_claimed = 2.65 | Own trial, best arm of each segment, raw: claimed per customer",
        "raw_delivered = 0.96 | Own trial, best arm of each segment, raw: delivered per customer",
        "shrunk_claimed = 1.4 | Own trial, best arm of each segment, shrunken: claimed per customer",
        "shrunk_delivered = 1.1 | Own trial, best arm of each segment, shrunken: delivered per customer",
        "one_arm_delivered = 0.6 | Own trial, one arm for everybody: delivered per customer",
        "claimed: The raw plan claims 2.65 per customer and delivers 0.96 | Claimed on the half that chose, delivered on the other half, "
        "means over 2 splits of the trial; whiskers are 95 % intervals. All within a budget of 1.50 per customer, a quarter of what "
        "the dearest arm for everybody costs. | Claimed and delivered per customer. best arm of each segment, shrunken: claimed 1.4, "
        "delivered 1.1, delivered low 0, delivered high 2; best arm of each segment, raw: claimed 2.65, delivered 0.96, delivered low 0, "
        "delivered high 2; nobody treated: claimed 0, delivered 0, delivered low 0, delivered high 2; one arm for everybody: claimed 0.1, "
        "delivered 0.6, delivered low 0, delivered high 2.",
        "Choosing the best estimate of each segment claims {raw_claimed:value} and delivers {raw_delivered:value} on customers who did "
        "not choose it; after shrinking {shrunk_claimed:value} and {shrunk_delivered:value}; one arm for everybody, as far as the money "
        "goes, delivers {one_arm_delivered:value}. 'best arm of each segment, shrunken' delivers more than the best simple way, 'one arm "
        "for everybody': by 0.50 (0.20 to 0.80).",
    ]
    assert seen(simulated) == [
        "raw_claimed = 2.65 | Simulated trial, best arm of each segment, raw: claimed per customer | level 0.8",
        "raw_delivered = 2.65 | Simulated trial, best arm of each segment, raw: delivered per customer | level 0.8",
        "shrunk_claimed = 1.4 | Simulated trial, best arm of each segment, shrunken: claimed per customer | level 0.8",
        "shrunk_delivered = 1.1 | Simulated trial, best arm of each segment, shrunken: delivered per customer | level 0.8",
        "one_arm_delivered = 0.6 | Simulated trial, one arm for everybody: delivered per customer | level 0.8",
        "best_possible = 3.5 | Simulated trial, best arm of each segment if the truth were known: worth per customer",
        "claimed: The raw plan delivers what it claims: 2.65 per customer | Claimed by what the trial showed, delivered by the known "
        "truth, means over 2 simulated trials of 20,000 customers, each drawn anew; whiskers hold 80 % of the trials. All within no "
        "budget, because no costs of the arms are known. | Claimed and delivered per customer. best arm of each segment, shrunken: "
        "claimed 1.4, delivered 1.1, delivered low 0, delivered high 2; best arm of each segment, raw: claimed 2.65, delivered 2.65, "
        "delivered low 0, delivered high 2; nobody treated: claimed 0, delivered 0, delivered low 0, delivered high 2; one arm for "
        "everybody: claimed 0.1, delivered 0.6, delivered low 0, delivered high 2.",
        "Choosing the best estimate of each segment claims {raw_claimed:value} and is truly worth {raw_delivered:value}; after shrinking "
        "{shrunk_claimed:value} and {shrunk_delivered:value}; one arm for everybody, as far as the money goes, is worth "
        "{one_arm_delivered:value}. Who knew the truth could reach {best_possible:value} with whole segments. 'best arm of each segment, "
        "shrunken' is not told apart from the best simple way, 'one arm for everybody': the difference is 0.35 (\N{MINUS SIGN}0.10 to "
        "0.80).",
    ]
    assert seen(words.claims_table(splits())) == [
        "claims: Claimed and delivered per customer; difference is what the first way delivers more than this one, with its 95 % interval "
        "| {'claimed': '{:,.2f}', 'delivered': '{:,.2f}', 'delivered_low': '{:,.2f}', 'delivered_high': '{:,.2f}', 'difference': "
        "'{:,.2f}', 'difference_low': '{:,.2f}', 'difference_high': '{:,.2f}'} | method, claimed, delivered, delivered_low, "
        "delivered_high, difference, difference_low, difference_high | best arm of each segment, shrunken, 1.4, 1.1, 0, 2, 0.5, 0.2, 0.8 "
        "/ best arm of each segment, raw, 2.65, 2.65, 0, 2, 0.5, 0.2, 0.8 / nobody treated, 0, 0, 0, 2, 0.5, 0.2, 0.8 / one arm for "
        "everybody, 0.1, 0.6, 0, 2, 0.5, 0.2, 0.8",
    ]
    assert {name: part.interval for name, part in own.parts.items() if name != "claimed"} == {
        "raw_claimed": None,
        "raw_delivered": [0.0, 2.0],
        "shrunk_claimed": None,
        "shrunk_delivered": [0.0, 2.0],
        "one_arm_delivered": [0.0, 2.0],
    }
    assert own.parts["claimed"].figure.axes[0].get_xlabel() == "added value per customer after cost"


def test_a_claim_is_kept_where_two_decimals_agree_and_a_budget_may_be_nothing() -> None:
    found = words.claims(splits(raw=2.6541), tried(budget=0.0))
    assert title(found, "claimed") == "The raw plan delivers what it claims: 2.65 per customer"
    assert "All within a budget of 0.00 per customer, " in found.parts["claimed"].caption


def test_everything_that_is_shown_of_arms_and_of_the_size_of_a_trial() -> None:
    assert seen(words.arms(arms(), "given", "EUR")) == [
        "trial_arms: Arms of the trial: customers, their share and that of the lots; cost per customer; margin per customer (EUR) more "
        "than under 'No E-Mail', with 95 % intervals, before and after (net) cost | {'share': '{:.1%}', 'drawn': '{:.1%}', 'cost': "
        "'{:,.2f}', 'effect': '{:,.2f}', 'lower': '{:,.2f}', 'upper': '{:,.2f}', 'net': '{:,.2f}'} | arm, customers, share, drawn, cost, "
        "effect, lower, upper, net | No E-Mail, 50, 0.5, 0.5, 0, nan, nan, nan, nan / Mail, 50, 0.5, 0.5, 0.1, 0.4, 0.3, 0.5, 0.3",
        "sample_ratio_p = 0.4 | Chance that lots give sizes as far off as these",
        "'No E-Mail' is the arm that was left alone (another is named with `control_arm`). The arms have the sizes that lots with the "
        "stated chances would give (p = {sample_ratio_p:.3f}). Before the trial they had spent alike (p = 0.500). That lots were drawn is "
        "the word of whoever ran the trial; a file can contradict it and never prove it. Outcomes count as they stand in the file. 'Mail' "
        "brings more than it costs: 0.30 per customer.",
    ]
    size = words.trial_size(planned(), 0.2, "EUR")
    assert seen(size) == [
        "planned_effect = 1.2 | Effect per treated customer that the plan claims within 39 weeks, before cost | EUR",
        "trial_noise = 76.5 | Standard deviation of margin among those whom the plan would have picked | EUR",
        "per_arm = 36024 | Customers that each arm of a trial would need to see it | customers",
        "trial_power: To see 1.20 EUR per customer within 39 weeks a trial needs 36,024 in each arm | Customers per arm for a power of 80 "
        "% at the 5 % level, with the standard deviation of margin per customer over 39 weeks among those whom the plan would have "
        "picked, past spend accounted for (57.2 EUR); both axes logarithmic. | Customers per arm by true difference. 0.5: per arm 400; 2: "
        "per arm 25.",
        "chance_to_see = 0.9 | Chance that a trial of this plan finds the claimed effect | share",
        "false_alarms = 0.05 | Trials of nothing that find an effect at the 5 % level | share",
        "Within 39 weeks the plan claims {planned_effect} per treated customer, before cost. Those whom it picks vary by {trial_noise} "
        "(all customers by 37.4), and by 57.2 once past spend is accounted for. To see so much in four trials of five, each arm would "
        "need {per_arm}. With the 2,399 whom this plan picks, 20% of them held out, the chance is {chance_to_see}. Of 1,000 trials of "
        "nothing among such customers {false_alarms:value} found an effect; 5 % should.",
    ]
    axes = size.parts["trial_power"].figure.axes[0]
    assert [text.get_text() for text in axes.texts] == ["what the plan claims: 69 per arm"]
    assert axes.get_xlabel() == "true difference per customer, EUR"
    assert seen(words.trial_tables(planned(), "EUR")) == [
        "trial_sizes: Customers per arm to find a true effect (EUR of margin per customer) in four trials of five | {} | difference, "
        "per_arm, without_past_spend | 0.5, 400, 800 / 1, 100, 200 / 2, 25, 50",
        "trial_power: What a trial of this plan could show: the effect claimed, the power to find it, and the effect that four trials of "
        "five would find (EUR) | {'power': '{:.0%}', 'effect': '{:,.2f}'} | segment, strategy, power | all, any, 0.9",
    ]
    assert seen(words.lots(planned(), False)) == [
        "trial: The plan as a randomised trial: who gets what, with what chance | {} | customer_id, segment, arm, propensity, seed | no. "
        "1, a, x, 0.5, 1 / no. 2, a, do_nothing, 0.5, 1",
        "The whole table is in the download. Give back a file with an outcome for each customer as `experiment`, and the assumed effects "
        "become measured ones. With `show_customer_ids` it holds the ids.",
    ]


def test_everything_that_is_shown_of_readings() -> None:
    found = words.readings(FOUND, "8", "USD")
    assert seen(found) == [
        "campaign: One campaign, three readings: +252, +24, \N{MINUS SIGN}13 USD per household, none of them its effect | Campaign 8: "
        "spend of targeted households less that of others during the campaign; naive, among households alike in spend before, and as "
        "difference of changes; 95 % intervals. | Readings. naive: difference 252, lower -50, upper 300; matched: difference 24, lower "
        "-50, upper 300; difference in differences: difference -13, lower -50, upper 300.",
    ]
    assert found.parts["campaign"].figure.axes[0].get_xlabel() == "USD per household"
    assert seen(words.readings_table(FOUND.assign(unmatched=[0, 3, 0]), "8")) == [
        "readings: Campaign 8 read in three ways | {} | reading, difference, lower, upper, sentence | naive, 252, -50, 300, Targeted "
        "households show +252 per household over what other households spent in the same time; they were chosen, so this is no effect of "
        "the campaign. / matched, 24, -50, 300, Targeted households show +24 per household over households that had spent as much before "
        "(3 without others alike were left out); they were chosen, so this is no effect of the campaign. / difference in differences, "
        "-13, -50, 300, Targeted households show \N{MINUS SIGN}13 per household over how other households changed; they were chosen, so "
        "this is no effect of the campaign.",
    ]


@pytest.mark.parametrize(("p", "said"), [(0.0, OFF), (0.00099, OFF), (0.001, DRAWN)])
def test_sizes_are_off_below_one_in_a_thousand(p, said) -> None:
    assert words.arms(arms(p), "given", "EUR").text.startswith(said + " Before")


@pytest.mark.parametrize(
    ("balance", "said"),
    [
        (0.0, " **Before the trial they had not spent alike** (p = 0.000): these were hardly lots."),
        (0.001, " Before the trial they had spent alike (p = 0.001)."),
    ],
)
def test_past_spend_is_unlike_below_one_in_a_thousand(balance, said) -> None:
    assert words.arms(arms(balance=balance), "given", "EUR").text.startswith(DRAWN + said + WORD)


def test_a_chance_of_one_half_and_eight_false_alarms_in_a_hundred_are_enough() -> None:
    assert words.trial_size(planned(0.5, 0.08), 0.2, "EUR").text.endswith("the chance is {chance_to_see}." + KEEPS)


def test_lots_are_shown_in_an_order_that_the_seed_makes() -> None:
    drawn = planned()
    drawn.lots = SimpleNamespace(seed=3, table=pd.DataFrame({"customer_id": range(40)}))
    shown = words.lots(drawn, True).parts["trial"].frame
    assert sorted(shown["customer_id"]) == list(range(40)) != shown["customer_id"].tolist()
    assert shown.equals(words.lots(drawn, True).parts["trial"].frame)
    assert shown.index.tolist() == list(range(40)) and set(shown["seed"]) == {3}
