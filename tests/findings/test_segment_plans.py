"""Every wording of what to do and what it costs, reached from plans."""

from copy import copy
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from tests.findings.told import seen
from tests.strategies.single_customers import single_customers

from goodwill.findings.finding import Absent
from goodwill.findings.segments import segment_plans as words
from goodwill.strategies.acquisition import Answer, BestBudgets
from goodwill.strategies.catalogue_file import read_catalogue
from goodwill.strategies.comparing_plans import compare_plans, recommend
from goodwill.strategies.customer_plans import allocate_by_customer
from goodwill.strategies.frontier import Frontier, efficient_frontier
from goodwill.strategies.offer import Offer
from goodwill.strategies.simple_plans import simple_plans

GAIN = np.array([[6.0, 2.0], [3.0, 2.0]])
WORTH = {"a": np.linspace(1, 9, 50).tolist(), "b": np.linspace(1, 9, 50).tolist()}
CATALOGUE = """
strategies:
  - {id: s0, name: First, unit_cost: 1, effects: {spend: {mean: .1, sd: .1}}}
  - {id: s1, name: Second, unit_cost: 1, effects: {spend: {mean: .1, sd: .1}}, evidence: B}
"""
MEASURED = pd.DataFrame({"segment": ["a"], "strategy": ["s0"], "estimate": [1.0]})


def offered(assumed: bool = True) -> Offer:
    text = CATALOGUE if assumed else CATALOGUE.replace(".1}}}", ".1}}, evidence: A}")
    return Offer(read_catalogue(text, ("a", "b")), None if assumed else MEASURED)


class Planned:
    """A plan of single customers with its rules, the verdict and the frontier."""

    def __init__(self, noise: float = 0.1, gain: np.ndarray = GAIN, budget: float = 40.0, worth: dict = WORTH, sure: float = 0.8) -> None:
        draws = gain + noise * np.random.default_rng(1).standard_normal((200, *gain.shape))
        customers = single_customers(draws, [1.0, 1.0], worth)
        self.optimised = allocate_by_customer(customers, budget)
        simple = simple_plans(customers, self.optimised.cost)
        self.compared = compare_plans(self.optimised, simple)
        self.advice = recommend(self.optimised, simple, budget, sure=sure)
        self.frontier = efficient_frontier(customers, budget=budget)

    def money(self, assumed: bool = True):
        return words.money(self.advice, self.compared, self.frontier, offered(assumed), "EUR")

    def in_short(self, planned: object, assumed: bool = True, *, expected: bool = False, arms: object = Absent("No trial.")):
        now = pd.DataFrame({"value_share": [0.7, 0.3]}, index=["a", "b"])
        offer = replace(offered(assumed), expected=expected)
        return words.in_short(self.advice, self.compared, now, offer, "EUR", planned=planned, arms=arms)


ALIKE = {"a": [5.0] * 50, "b": [5.0] * 50}


@pytest.fixture(scope="module")
def clear() -> Planned:
    return Planned()


@pytest.fixture(scope="module")
def alike() -> Planned:
    return Planned(worth=ALIKE)


@pytest.fixture(scope="module")
def doubtful() -> Planned:
    return Planned(noise=20.0)


@pytest.fixture(scope="module")
def hopeless() -> Planned:
    return Planned(gain=GAIN / 100)


TRIAL = SimpleNamespace(noise=SimpleNamespace(weeks=39.0))
NONE = Absent("Nothing to try.")


def title(finding, name: str) -> str:
    return " ".join(finding.parts[name].figure.get_suptitle().split())


def test_assumed_effects_are_called_assumed_and_what_a_trial_measured_is_shown() -> None:
    values = SimpleNamespace(notes=("One {note}.", "Two."))
    found = words.strategies(offered(), values, "EUR")
    assert found.text == (
        "The effects of {assumed_effects} strategies are assumptions: **effects are assumed, the ranking is tested, the impact is not.** "
        "One {{note}}. Two."
    )
    assert found.parts["assumed_effects"][:2] == ("1 of 2", "Strategies whose effect is an assumption")
    assert found.parts["strategies"].frame["name"].tolist() == ["First", "Second"] and "measured" not in found.parts
    assert found.parts["strategies"].caption == "Strategies: costs per treated customer and once (EUR); effects with one standard deviation"
    measured = words.strategies(offered(False), SimpleNamespace(notes=()), "EUR")
    assert measured.text == "No effect is merely assumed: {assumed_effects}."
    assert measured.parts["measured"].caption == (
        "What the trial measured per treated customer (EUR of margin), 95 % intervals; it replaces the assumption"
    )
    assert words.strategies(offered(), Absent("No plan."), "EUR").text == "No plan."


def test_pairs_count_what_pays_in_nine_of_ten_draws(doubtful, clear) -> None:
    found = words.pairs(clear.optimised, offered(), "EUR")
    assert found.text == (
        "Of 4 pairs of segment and strategy, 4 pay for themselves in at least nine of ten draws of effects and model parameters, if the "
        "assumptions hold."
    )
    assert title(found, "strategy_grid") == "4 of 4 pairs pay in at least nine of ten draws; the plan spends on 2"
    assert found.parts["budget"][:3] == (40.0, "Budget", "EUR")
    assert words.pairs(doubtful.optimised, offered(False), "EUR").text.endswith(
        "0 pay for themselves in at least nine of ten draws of effects and model parameters, if the measured effects are as large again."
    )
    assert words.pairs(NONE, offered(), "EUR").text == "" and not words.pairs(NONE, offered(), "EUR").parts


def test_a_plan_that_beats_every_rule_is_recommended(clear) -> None:
    found, advice = clear.money(), clear.advice
    more, low, high = advice.difference, advice.lower, advice.upper
    best = clear.frontier.table["net"].max()
    assert found.text == (
        f"With {{budget}} a plan that picks single customers would cost 40 EUR and net {{plan_net}}, **if the assumptions hold**; the next "
        f"unit would bring back {{next_unit:value}}. A budget of {clear.frontier.worthwhile_budget:,.0f} nets most, {best:,.0f}, launches "
        f"included; beyond it the next unit brings back less than one. At the same cost it nets {more:,.0f} more than "
        f"'{advice.rival.name}', the best rule that anybody could follow (95 % interval {low:,.0f} to {high:,.0f}, for all rules "
        f"together): picking customers pays.\n\n**Recommended: {{recommended}}.** That it brings more than it costs is 100% sure, "
        "by what is assumed; 80% are asked for."
    )
    net = found.parts["plan_net"]
    assert (net.label, net.unit, net.level) == ("Optimised plan: added value after costs, if the assumptions hold", "EUR", 0.8)
    assert (net.grade, net.weakest) == ("assumed", "effects of strategies")
    assert net.value == clear.optimised.net and net.interval == clear.compared.loc[0, ["lower", "upper"]].tolist()
    assert found.parts["recommended"][:2] == ("by customer", "Recommended plan")
    rule = advice.rival
    assert title(found, "frontier") == (
        f"If the assumptions hold, 40 EUR bring {clear.optimised.gain:,.0f}; the rule '{rule.name}' brings {rule.gain:,.0f} for "
        f"{rule.cost:,.0f}"
    )
    assert clear.money(assumed=False).parts["plan_net"].grade == "measured"
    assert found.parts["plans"].formats["chance_of_losing"] == "{:.0%}"


def test_a_rule_that_is_not_told_apart_is_recommended(alike) -> None:
    text = alike.money().text
    assert words.rival_in_words(alike.advice) == (
        "At the same cost it is not told apart from 'top past spenders', the best rule that anybody could follow: the difference is 0 "
        "(95 % interval 0 to 0, for all rules together)."
    )
    assert text.endswith(
        "\n\n**Recommended: {recommended}**, the simpler of two that are not told apart. That it brings more than it costs is "
        "100% sure, by what is assumed; 80% are asked for."
    )


def test_nobody_is_recommended_where_a_gain_is_not_likely_enough(doubtful) -> None:
    advice = doubtful.advice
    name, chance = advice.candidate.name, advice.chances[advice.candidate.name]
    assert chance == (advice.candidate.draws() > 0).mean()
    assert doubtful.money().text.endswith(
        f"\n\n**Recommended: {{recommended}}.** That the plan '{name}' brings more than it costs is only {chance:.0%} sure, by what is "
        "assumed; 80% are asked for."
    )


def test_a_plan_without_a_rival_was_not_picked_from_several() -> None:
    advice = recommendation(chances={"by customer": 0.75}, plan=SimpleNamespace(name="nobody", cost=0.0))
    assert words.advice_in_words(advice) == (
        "**Recommended: {recommended}.** That the plan 'by customer' brings more than it costs is only 75% sure, as the only plan that "
        "was tested; 80% are asked for."
    )


def test_where_no_strategy_is_worth_its_cost_nothing_is_to_be_done(hopeless) -> None:
    found = hopeless.money()
    assert found.text == (
        "With {budget} a plan that picks single customers would cost 0 EUR and net {plan_net}, **if the assumptions hold**; the next unit "
        "would bring back {next_unit:value}. No budget is expected to bring back what it costs, launches included: the best plan is to do "
        "nothing. No rule that anybody could follow brings back what it costs.\n\n**Recommended: {recommended}.** No strategy is worth "
        "its cost within the budget."
    )
    assert title(found, "frontier") == "Within 40 EUR no strategy is worth its cost, launches included"


def recommendation(**changes):
    plan = {"name": "by customer", "cost": 10.0, "chance_of_losing": 0.3, "net": 5.0, "gain": 15.0, "budget": 20.0}
    optimised = SimpleNamespace(**plan, draws=lambda: np.array([1.0, 1, 1, -1]))
    rule = SimpleNamespace(**plan | {"name": "top", "net": 4.0}, draws=lambda: np.array([1.0, 1, 1, 1]))
    given = {"plan": optimised, "optimised": optimised, "rival": rule, "candidate": optimised, "sure": 0.8}
    given["chances"] = {"by customer": 0.75, "top": 1.0}
    optimised.tested = rule.tested = np.zeros(3)
    return SimpleNamespace(**given | {"difference": -3.4, "lower": -5.6, "upper": -1.2} | changes)


def test_a_rule_that_nets_more_is_said_to() -> None:
    assert words.rival_in_words(recommendation()) == (
        "At the same cost it nets 3 less than 'top', a rule that anybody could follow (95 % interval of the difference "
        "\N{MINUS SIGN}6 to \N{MINUS SIGN}1, for all rules together)."
    )


def test_a_safer_rule_is_recommended_where_the_plan_is_too_doubtful() -> None:
    advice = recommendation()
    advice.plan = advice.candidate = advice.rival
    assert words.advice_in_words(advice) == (
        "**Recommended: {recommended}.** That it brings more than it costs is 100% sure, counting that the best of 2 tested plans was "
        "picked; 80% are asked for, and the plan that picks customers has 75%."
    )


def test_a_plan_that_treats_nobody_has_no_chance_of_a_gain_beside_a_rule_that_does() -> None:
    advice = recommendation(chances={"top": 1.0})
    advice.plan = advice.candidate = advice.rival
    assert words.advice_in_words(advice) == (
        "**Recommended: {recommended}.** That it brings more than it costs is 100% sure, as the only plan that was tested; 80% are asked "
        "for, and the plan that picks customers has 0%."
    )


def test_without_a_rule_the_plan_stands_alone_in_the_title() -> None:
    advice = recommendation()
    advice.rival.cost = 0.0
    assert words._money_title(advice, offered(), "EUR") == (
        "If the assumptions hold, 10 EUR bring 15; no simple rule brings back what it costs"
    )
    assert words.worthwhile_in_words(Frontier(pd.DataFrame({"net": [0.0, 7.0]}), 12.0)) == (
        "A budget of 12 nets most, 7, launches included; beyond it the next unit brings back less than one."
    )


def test_an_absent_plan_is_said_once_and_its_names_are_recorded() -> None:
    found = words.money(NONE, NONE, NONE, offered(), "EUR")
    assert found.text == "Nothing to try." and {name: part.value for name, part in found.parts.items()} == {
        "recommended": None,
        "plan_net": None,
    }
    assert words.plan(NONE, "EUR").text == "" and words.service(NONE, "EUR").text == ""


def test_the_tables_of_the_plan_name_it(clear) -> None:
    table = words.plan(clear.optimised, "EUR").parts["plan"]
    assert table.caption == "The plan 'by customer': who gets what, and what it is expected to cost and bring (EUR)"
    assert words.service(clear.optimised, "EUR").parts["service"].caption == "What each segment gets under it (EUR per customer)"


ASSUMED = (
    " The effects of {assumed_effects} strategies are assumed, not measured, as are costs that are not your own and that effects grow with "
    "a customer's value."
)
TRY = (
    " To see what the plan claims within 39 weeks, {per_arm} would be needed in each arm; with those whom it picks the chance to see "
    "it is {chance_to_see:value}."
)


def test_in_short_says_what_to_do_its_cost_its_gain_and_what_it_could_lose(clear) -> None:
    found = clear.in_short(TRIAL)
    do = (
        "'a' is {best_customers} of customers and holds {best_share} of what customers are expected to bring. **Do this: "
        "{recommended}** (s0 for 32 of 'a', s0 for 8 of 'b'). It costs {candidate_cost:value} and is expected to bring "
        "{candidate_gain:value}, so {candidate_net} net, if "
        "the assumptions hold; the chance of losing money is {chance_of_losing:value}."
    )
    assert found.text == do + words.beside_in_words(clear.advice, "EUR") + ASSUMED + TRY
    assert list(found.parts) == ["candidate_cost", "candidate_gain", "candidate_net", "chance_of_losing", "plans_net"]
    plan = clear.optimised
    assert found.parts["candidate_cost"][:3] == (plan.cost, "Plan considered: what it costs ('by customer')", "EUR")
    assert found.parts["candidate_gain"][:3] == (plan.gain, "Plan considered: added value before cost ('by customer')", "EUR")
    net = found.parts["candidate_net"]
    assert net[:3] == (plan.net, "Plan considered: added value after cost ('by customer'), if the assumptions hold", "EUR")
    assert (net.level, net.grade) == (0.8, "assumed")
    assert found.parts["candidate_gain"].grade == found.parts["chance_of_losing"].grade == "assumed"
    assert found.parts["chance_of_losing"][:3] == (0.0, "Plan considered: chance of losing money ('by customer')", "share")
    net = f"{plan.net:,.0f}"
    assert title(found, "plans_net") == (
        f"'by customer' costs 40 EUR and nets {net}, if the assumptions hold; it loses money with a chance of 0%"
    )


def test_in_short_says_why_nobody_is_to_be_treated_yet(doubtful) -> None:
    name, chances = doubtful.advice.candidate.name, doubtful.advice.chances
    gains = chances[name]
    found, who = doubtful.in_short(NONE), words.who_gets_what(doubtful.advice.candidate)
    wait = (
        "'a' is {best_customers} of customers and holds {best_share} of what customers are expected to bring. **Do nothing yet "
        f"(recommended: {{recommended}}).** Of the plans within {{budget}} '{name}' ({who}) would net most: it would cost "
        "{candidate_cost:value} and is expected to bring {candidate_gain:value}, so {candidate_net} net, if the assumptions hold. But that "
        f"it brings more than it costs is only {gains:.0%} sure, by what is assumed (chance of losing money {{chance_of_losing:value}}), "
        "and 80% are asked for."
    )
    assert found.text == wait + words.beside_in_words(doubtful.advice, "EUR") + ASSUMED
    assert title(found, "plans_net") == (f"No plan is 80% sure to bring more than it costs: '{name}' is {gains:.0%}, by what is assumed")


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        (
            (30.0, 55.0),
            " At the same cost 'by customer' nets 42 EUR more than 'top past spenders', the best rule that anybody could follow (95 % "
            "interval 30 to 55).",
        ),
        (
            (-55.0, -30.0),
            " At the same cost 'by customer' nets 42 EUR less than 'top past spenders', a rule that anybody could follow (95 % interval "
            "of the difference \N{MINUS SIGN}55 to \N{MINUS SIGN}30).",
        ),
        (
            (-712.0, 963.0),
            " **As far as can be told, 'top past spenders', a rule that anybody could follow, does as well as 'by customer' at the same "
            "cost**: the difference is 126 EUR (95 % interval \N{MINUS SIGN}712 to 963).",
        ),
    ],
)
def test_in_short_names_a_rule_that_does_as_well(ends: tuple[float, float], said: str) -> None:
    rule, middle = SimpleNamespace(name="top past spenders", cost=40.0), sum(ends) / 2
    advice = SimpleNamespace(optimised=SimpleNamespace(name="by customer"), rival=rule, difference=middle, lower=ends[0], upper=ends[1])
    assert words.beside_in_words(advice, "EUR") == said
    rule.cost = 0.0
    assert words.beside_in_words(advice, "EUR") == ""


def test_in_short_says_that_nothing_is_worth_its_cost(hopeless) -> None:
    found = hopeless.in_short(NONE, assumed=False)
    assert found.text == (
        "'a' is {best_customers} of customers and holds {best_share} of what customers are expected to bring. **Do nothing (recommended: "
        "{recommended}).** Within {budget} no strategy is worth its cost, launches included. Doing nothing costs {candidate_cost:value}, "
        "brings {candidate_gain:value}, nets {candidate_net:value}, and the chance of losing money is {chance_of_losing:value}. The "
        "effects "
        "were measured in a trial; that they grow with a customer's value is assumed."
    )
    assert title(found, "plans_net") == "Within 40 EUR no strategy is worth its cost"


def test_in_short_names_the_two_dearest_pairs_of_a_plan_and_how_many_are_in_the_others() -> None:
    pairs = pd.DataFrame({"segment": ["a", "b", "c", "d"], "strategy": ["x", "y", "x", "x"], "customers": [10.0, 1234.0, 5.0, 2.0]})
    plan = SimpleNamespace(table=lambda: pairs.assign(cost=[3.0, 9.0, 1.0, 1.0]))
    assert words.who_gets_what(plan) == "y for 1,234 of 'b', x for 10 of 'a', and 7 customers in smaller groups"


def test_effects_that_a_model_expects_after_the_trial_are_not_called_measured(clear) -> None:
    found = clear.in_short(NONE, assumed=False, expected=True)
    assert found.text.endswith(
        "net, if the model is right about the time after the trial; the chance of losing money is {chance_of_losing:value}."
        + words.beside_in_words(clear.advice, "EUR")
        + " The effects rest "
        "on a trial and, for the time after it, on the purchase model; that they grow with a customer's value is assumed."
    )
    assert found.parts["candidate_net"].grade == "assumed"
    assert clear.in_short(NONE, assumed=False).parts["candidate_net"].grade == "measured"
    offer = replace(offered(False), expected=True)
    assert words.strategies(offer, SimpleNamespace(notes=()), "EUR").parts["measured"].caption == (
        "What the trial measured per treated customer, and the purchase model expects after it (EUR of margin), 95 % intervals; it "
        "replaces "
        "the assumption"
    )
    assert words.strategies(offer, SimpleNamespace(notes=()), "EUR").text == (
        "No effect is merely assumed ({assumed_effects}); but what comes after the trial is what the model expects."
    )


def by_trial(planned: Planned) -> Planned:
    """The same plans, where customers of a trial who had no part in making them gain 30 less."""
    found = copy(planned)
    less = [replace(plan, tested=plan.draws() + plan.cost - 30.0) for plan in (planned.optimised, planned.advice.rival)]
    found.compared = compare_plans(less[0], {less[1].name: less[1]})
    found.optimised, found.advice = less[0], replace(planned.advice, plan=less[0], optimised=less[0], rival=less[1])
    return found


def test_a_plan_that_a_trial_tested_is_valued_by_those_who_had_no_part_in_making_it(clear) -> None:
    tested = by_trial(clear)
    claims, found = clear.advice.optimised.net, tested.money(assumed=False)
    assert found.parts["plan_net"].value == pytest.approx(claims - 30)
    assert found.text.startswith(
        "With {budget} a plan that picks single customers would cost 40 EUR and net {plan_net}, **if the measured effects are as large "
        "again**; the next unit would bring back {next_unit:value}. The effects that it was made of claim "
        f"{claims:,.0f} net; what stands here was found on customers of the trial who had no part in making the plan. By the shrunken "
        f"effects a budget of {clear.frontier.worthwhile_budget:,.0f} would net most, launches included."
    )
    assert found.parts["frontier"].caption == (
        "Added value before cost that the shrunken effects claim of the best plan for each budget, launches included, with the band that "
        "holds 80 % of the draws; dashed: what the next unit brings back. Points: the plans of the table, as customers of the trial who "
        "had no part in making them value them: where choosing made use of luck, they lie below the curve."
    )
    assert words.plan(tested.optimised, "EUR").parts["plan"].caption == (
        "The plan 'by customer': who gets what, what it costs, and what the shrunken effects claim of each pair (EUR); what the plan "
        "brings as a whole was found on other customers of the trial"
    )


def test_in_short_of_a_tested_plan_rests_on_the_trial(clear, hopeless) -> None:
    tested = by_trial(clear)
    found = tested.in_short(NONE, assumed=False)
    assert found.parts["candidate_net"].value == pytest.approx(clear.advice.optimised.net - 30)
    assert found.parts["plans_net"].caption == (
        "What each plan nets on customers of the trial who had no part in making it, with an interval of 80 %."
    )
    assert found.text.endswith(
        " The effects were measured in a trial, and the plan was valued on customers of it who had no part in making it."
    )
    assert tested.in_short(NONE, assumed=False, expected=True).text.endswith(
        " The effects rest on a trial and, for the time after it, on the purchase model; the plan was valued on customers of the trial who "
        "had no part in making it."
    )
    assert tested.in_short(NONE).text.endswith(
        " The effects of {assumed_effects} strategies are assumed, not measured, and so is that they grow with a customer's value; what "
        "the trial tried was valued on customers who had no part in making the plan."
    )


HOW = " No plan here makes use of that trial: its arms must be strategies of the catalogue, and its column segment hold these segments."


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (
            0.3,
            0.5,
            " **In your trial 'mail' paid**: 0.20 EUR a customer more than it cost (0.10 to 0.30), for customers such as those in it.",
        ),
        (
            0.0,
            0.1,
            " In your trial 'mail' did not pay: \N{MINUS SIGN}0.15 EUR a customer (\N{MINUS SIGN}0.20 to \N{MINUS SIGN}0.10) after its "
            "cost.",
        ),
        (
            0.1,
            0.5,
            " Whether 'mail' paid in your trial is not told apart from chance: 0.10 EUR a customer (\N{MINUS SIGN}0.10 to 0.30) after its "
            "cost.",
        ),
    ],
)
def test_in_short_says_what_ones_own_trial_found_where_no_plan_makes_use_of_it(low: float, high: float, said: str, hopeless) -> None:
    middle = (low + high) / 2
    table = pd.DataFrame({"arm": ["none", "mail"], "cost": [0.0, 0.2], "lower": [np.nan, low], "upper": [np.nan, high]})
    arms = SimpleNamespace(table=table.assign(net=[np.nan, middle - 0.2]))
    found = hopeless.in_short(NONE, arms=arms)
    assert found.text.endswith(said + HOW)
    used = replace(offered(), measured=pd.DataFrame())
    assert words.unused_trial(arms, used, "EUR") == ""
    both = SimpleNamespace(table=pd.concat([arms.table, arms.table.iloc[1:]], ignore_index=True))
    assert words.unused_trial(both, offered(), "EUR") == said + said + HOW


def test_in_short_without_a_plan_is_absent_and_still_records_its_names() -> None:
    found = words.in_short(NONE, NONE, pd.DataFrame(), offered(), "EUR", planned=NONE, arms=NONE)
    assert found.absent == NONE
    assert list(found.parts) == ["candidate_cost", "candidate_gain", "candidate_net", "chance_of_losing"]


def test_budgets_follow_the_answers() -> None:
    draws = pd.DataFrame({"acquisition_spend": [1.0, 2.0, 3.0], "retention_spend": [4.0, 5.0, 6.0], "lifetime_value": 9.0})
    best = BestBudgets(34.5, Answer(5, 0.2, 0.4), Answer(10, 0.5, 0.7), draws)
    found = words.budgets(best, "EUR")
    assert found.text == (
        "With 34.50 EUR of margin per customer and year (measured: all spend of the calibration over the time since first purchases) and "
        "the answers given (assumed), {acquisition_spend} per prospect and {retention_spend} per customer and year are best."
    )
    spend = found.parts["retention_spend"]
    assert spend[:3] == (5.0, "Best spend on retention per customer and year (today 10.00)", "EUR") and spend.level == 0.8
    assert spend.interval == pytest.approx([4.2, 5.8])
    assert found.parts["acquisition_spend"].label == "Best spend on acquisition per prospect (today 5.00)"
    assert found.parts["budgeting"].frame["what"].tolist() == ["acquisition spend", "retention spend", "lifetime value"]
    assert words.budgets(Absent("Not answered."), "EUR").text == "Not answered."


def test_everything_that_is_shown_of_what_can_be_done_and_pays(clear) -> None:
    assert seen(words.strategies(offered(), SimpleNamespace(notes=()), "EUR")) == [
        "assumed_effects = 1 of 2 | Strategies whose effect is an assumption",
        "strategies: Strategies: costs per treated customer and once (EUR); effects with one standard deviation | {'unit_cost': "
        "'{:,.2f}', 'fixed_cost': '{:,.0f}', 'reach': '{:.0%}'} | name, evidence, effects, unit_cost, fixed_cost, reach, period, "
        "eligible, source | First, D, spend +10 % ± 10 %, 1, 0, 1, year, a, b,  / Second, B, spend +10 % ± 10 %, 1, 0, 1, year, a, b, ",
        "The effects of {assumed_effects} strategies are assumptions: **effects are assumed, the ranking is tested, the impact is not.**",
    ]
    assert seen(words.pairs(clear.optimised, offered(), "EUR")) == [
        "budget = 40 | Budget | EUR",
        "strategy_grid: 4 of 4 pairs pay in at least nine of ten draws; the plan spends on 2 | Added value per treated customer after "
        "unit cost, by segment and strategy. Hatched: the effect is an assumption. Dots: what the optimised plan spends there. | Value "
        "per treated customer after cost. s0 for a: net 4.993, spend 32; s1 for a: net 0.9987, spend 0; s0 for b: net 1.984, spend 8; s1 "
        "for b: net 0.9976, spend 0.",
        "Of 4 pairs of segment and strategy, 4 pay for themselves in at least nine of ten draws of effects and model parameters, if the "
        "assumptions hold.",
    ]


def test_everything_that_is_shown_of_the_money(clear) -> None:
    assert seen(clear.money()) == [
        "plan_net = 248.4 | Optimised plan: added value after costs, if the assumptions hold | EUR | assumed | effects of strategies | "
        "level 0.8",
        "recommended = by customer | Recommended plan",
        "next_unit = 4.591 | Return of the next unit of budget",
        "frontier: If the assumptions hold, 40 EUR bring 288; the rule 'shares of segments' brings 240 for 40 | Added value before cost "
        "of the best plan for each budget, launches included, with the band that holds 80 % of the draws (of effects and model "
        "parameters, not of the choice); dashed: what the next unit brings back. Points: the plans of the table. | Best plan by budget. "
        "0: gain 0, lower 0, upper 0, shadow price 10.69; 25: gain 211, lower 207, upper 214.7, shadow price 5.895; 50: gain 331.4, lower "
        "324.9, upper 337.4, shadow price 3.958; 75: gain 410.7, lower 402.3, upper 418.8, shadow price 2.35; 100: gain 448.8, lower "
        "439.8, upper 457.7, shadow price 0. Plans. by customer: cost 40, gain 288.4; nobody: cost 0, gain 0; top past spenders: cost 40, "
        "gain 91.6; random customers: cost 40, gain 179.5; shares of segments: cost 40, gain 239.7; everybody: cost 100, gain 448.8.",
        "budget_explored: What would another budget buy? The best plan for each; added value with the band that holds 80 % of the draws. "
        "| Budget 95 EUR of 0 EUR to 100 EUR | The plan spends: 95 EUR; Added value before cost: 445 EUR (436 to 454); Added value after "
        "cost: 350 EUR; The next unit of money brings back: 0.99 EUR",
        "plans: Plans (EUR): net value with the interval of 80 % of the draws, the chance of losing money, and what the plan that picks "
        "customers nets more than each, with intervals that hold together (95 %) | {'cost': '{:,.0f}', 'gain': '{:,.0f}', 'net': "
        "'{:,.0f}', 'lower': '{:,.0f}', 'upper': '{:,.0f}', 'chance_of_losing': '{:.0%}', 'difference': '{:,.0f}', 'difference_lower': "
        "'{:,.0f}', 'difference_upper': '{:,.0f}'} | plan, cost, gain, net, lower, upper, chance_of_losing, difference, difference_lower, "
        "difference_upper | by customer, 40, 288.4, 248.4, 242.7, 253.6, 0, 0, 0, 0 / nobody, 0, 0, 0, 0, 0, 0, 248.4, 238.7, 258 / top "
        "past spenders, 40, 91.6, 51.6, 49.76, 53.41, 0, 196.8, 189.8, 203.7 / random customers, 40, 179.5, 139.5, 135.9, 143.1, 0, "
        "108.8, 103.8, 113.9 / shares of segments, 40, 239.7, 199.7, 195.2, 203.9, 0, 48.65, 45.45, 51.85 / everybody, 100, 448.8, 348.8, "
        "339.8, 357.7, 0, -100.5, -109.3, -91.64",
        "With {budget} a plan that picks single customers would cost 40 EUR and net {plan_net}, **if the assumptions hold**; the next "
        "unit would bring back {next_unit:value}. A budget of 95 nets most, 350, launches included; beyond it the next unit brings back "
        "less than one. At the same cost it nets 49 more than 'shares of segments', the best rule that anybody could follow (95 % "
        "interval 45 to 52, for all rules together): picking customers pays.\n\n**Recommended: {recommended}.** That it brings more "
        "than it costs is 100% sure, by what is assumed; 80% are asked for.",
    ]


def test_everything_that_is_shown_of_the_plan_and_of_service(clear) -> None:
    assert seen(words.plan(clear.optimised, "EUR")) == [
        "plan: The plan 'by customer': who gets what, and what it is expected to cost and bring (EUR) | {'share': '{:.1%}', 'customers': "
        "'{:,.0f}'} | segment, strategy, share, customers, cost, gain, net, evidence | a, s0, 0.64, 32, 32, 248.1, 216.1, D / b, s0, "
        "0.16, 8, 8, 40.24, 32.24, D",
    ]
    assert seen(words.service(clear.optimised, "EUR")) == [
        "service: What each segment gets under it (EUR per customer) | {'share_served': '{:.1%}', 'floor': '{:.1%}', 'cost_per_customer': "
        "'{:,.2f}'} | segment, customers, share_served, cost_per_customer, floor | a, 50, 0.64, 0.64, 0 / b, 50, 0.16, 0.16, 0",
    ]


def test_everything_that_is_shown_of_budgets() -> None:
    draws = pd.DataFrame({"acquisition_spend": [1.0, 2.0, 3.0], "retention_spend": [4.0, 5.0, 6.0], "lifetime_value": 9.0})
    best = BestBudgets(34.5, Answer(5, 0.2, 0.4), Answer(10, 0.5, 0.7), draws)
    assert seen(words.budgets(best, "EUR")) == [
        "budgeting: Best budgets per prospect, and per customer and year (EUR), by the answers given; 80 % of the draws of uncertain "
        "answers | {'median': '{:,.2f}', 'lower': '{:,.2f}', 'upper': '{:,.2f}'} | what, median, lower, upper | acquisition spend, 2, "
        "1.2, 2.8 / retention spend, 5, 4.2, 5.8 / lifetime value, 9, 9, 9",
        "acquisition_spend = 2 | Best spend on acquisition per prospect (today 5.00) | EUR | level 0.8",
        "retention_spend = 5 | Best spend on retention per customer and year (today 10.00) | EUR | level 0.8",
        "With 34.50 EUR of margin per customer and year (measured: all spend of the calibration over the time since first purchases) and "
        "the answers given (assumed), {acquisition_spend} per prospect and {retention_spend} per customer and year are best.",
    ]


def test_everything_that_is_shown_in_short(clear) -> None:
    assert seen(clear.in_short(TRIAL)) == [
        "candidate_cost = 40 | Plan considered: what it costs ('by customer') | EUR",
        "candidate_gain = 288.4 | Plan considered: added value before cost ('by customer') | EUR | assumed | effects of strategies",
        "candidate_net = 248.4 | Plan considered: added value after cost ('by customer'), if the assumptions hold | EUR | assumed | "
        "effects of strategies | level 0.8",
        "chance_of_losing = 0 | Plan considered: chance of losing money ('by customer') | share | assumed | effects of strategies",
        "plans_net: 'by customer' costs 40 EUR and nets 248, if the assumptions hold; it loses money with a chance of 0% | What each plan "
        "nets, with the interval that holds 80 % of the draws of effects and model parameters. | Net value of plans. by customer: net "
        "248.4, lower 242.7, upper 253.6, chance of losing 0; nobody: net 0, lower 0, upper 0, chance of losing 0; top past spenders: net "
        "51.6, lower 49.76, upper 53.41, chance of losing 0; random customers: net 139.5, lower 135.9, upper 143.1, chance of losing 0; "
        "shares of segments: net 199.7, lower 195.2, upper 203.9, chance of losing 0; everybody: net 348.8, lower 339.8, upper 357.7, "
        "chance of losing 0.",
        "'a' is {best_customers} of customers and holds {best_share} of what customers are expected to bring. **Do this: {recommended}** "
        "(s0 for 32 of 'a', s0 for 8 of 'b'). It costs {candidate_cost:value} and is expected to bring {candidate_gain:value}, so "
        "{candidate_net} net, if the assumptions "
        "hold; the chance of losing money is {chance_of_losing:value}. At the same cost 'by customer' nets 49 EUR more than 'shares of "
        "segments', the best rule that anybody could follow (95 % interval 45 to 52). The effects of {assumed_effects} strategies are "
        "assumed, not measured, as are costs that are not your own and that effects grow with a customer's value. To see what the plan "
        "claims within 39 weeks, {per_arm} would be needed in "
        "each arm; with those whom it picks the chance to see it is {chance_to_see:value}.",
    ]
    assert found_label(clear.in_short(TRIAL), "plans_net") == "added value after costs, EUR"


def found_label(finding, name: str) -> str:
    return finding.parts[name].figure.axes[0].get_xlabel()


def test_pairs_are_those_of_segments_with_customers_and_a_plan_may_spend_little() -> None:
    table = pd.DataFrame({"segment": ["a", "b", "c"], "strategy": "s", "evidence": "D", "net": [3.0, 2.0, 1.0]})
    table = table.assign(probability_net_positive=[0.9, 0.89, 1.0])
    values = SimpleNamespace(segments=("a", "b", "c"), strategies=("s",), customers=[5, 1, 0], table=lambda: table)
    spending = pd.DataFrame({"segment": ["a"], "strategy": ["s"], "cost": [0.5]})
    found = words.pairs(SimpleNamespace(values=values, table=lambda: spending, budget=9.0), offered(), "EUR")
    assert title(found, "strategy_grid") == "1 of 2 pairs pay in at least nine of ten draws; the plan spends on 1"
    drawn = found.parts["strategy_grid"]
    assert drawn.words == "Value per treated customer after cost. s for a: net 3, spend 0.5; s for b: net 2, spend 0."
    axes = drawn.figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b"]
    assert axes.get_xlabel().startswith("EUR per treated customer after cost, in brackets where under nine of ten draws agree on the sign;")
    few = spending.assign(segment=["b"], cost=[0.0])
    nothing = words.pairs(SimpleNamespace(values=values, table=lambda: few, budget=9.0), offered(), "EUR")
    assert title(nothing, "strategy_grid").endswith("; the plan spends on 0")
    with pytest.raises(ValueError, match="shorter"):
        words.pairs(SimpleNamespace(values=SimpleNamespace(**vars(values) | {"customers": [5, 1]}), table=lambda: few), offered(), "EUR")


def test_a_budget_of_one_unit_may_be_worthwhile_and_a_chance_that_is_just_enough_is_enough() -> None:
    assert words.worthwhile_in_words(Frontier(pd.DataFrame({"net": [0.0, 7.0]}), 1.0)).startswith("A budget of 1 nets most, 7, ")
    advice = recommendation(sure=0.75)
    advice.plan = advice.candidate = advice.rival
    assert words.advice_in_words(advice) == (
        "**Recommended: {recommended}**, the simpler of two that are not told apart. That it brings more than it costs is 100% sure, "
        "counting that the best of 2 tested plans was picked; 75% are asked for."
    )
