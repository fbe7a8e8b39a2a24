"""What to do for which segment, and what it costs: the words of the plan in the report on segment strategies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from goodwill.figures import segment_plans as figures
from goodwill.findings.explorer import between, explorer
from goodwill.findings.finding import Absent, Drawing, Explorer, Finding, Part, Table, Value, needs_all
from goodwill.findings.numbers import MINUS, safe_markdown
from goodwill.findings.words import sentence, table_in_words, verdict, worded

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.strategies.acquisition import BestBudgets
    from goodwill.strategies.allocation import Plan
    from goodwill.strategies.comparing_plans import Recommendation
    from goodwill.strategies.frontier import Frontier
    from goodwill.strategies.incremental_values import IncrementalValue
    from goodwill.strategies.offer import Offer
    from goodwill.strategies.trials.planned_trial import PlannedTrial
    from goodwill.strategies.trials.trial_arms import TrialArms

EXPLORED = {
    "question": "What would another budget buy? The best plan for each; added value with the band that holds 80 % of the draws.",
    "budget": "Budget",
    "spent": "The plan spends",
    "gain": "Added value before cost",
    "net": "Added value after cost",
    "next": "The next unit of money brings back",
}
PROVISO = {
    "assumed": "if the assumptions hold",
    "expected": "if the model is right about the time after the trial",
    "measured": "if the measured effects are as large again",
}
EFFECTS = {
    "assumed": "The effects of {assumed_effects} strategies are assumptions: **effects are assumed, the ranking is tested, the impact is "
    "not.**",
    "expected": "No effect is merely assumed ({assumed_effects}); but what comes after the trial is what the model expects.",
    "measured": "No effect is merely assumed: {assumed_effects}.",
}
MEASURED = {
    False: "What the trial measured per treated customer ({currency} of margin), 95 % intervals; it replaces the assumption",
    True: "What the trial measured per treated customer, and the purchase model expects after it ({currency} of margin), 95 % intervals; "
    "it replaces the assumption",
}
GRID_TITLE = {"pairs": "{clear} of {pairs} pairs pay in at least nine of ten draws; the plan spends on {funded}"}
GRID = {
    "pairs": "Of {pairs} pairs of segment and strategy, {clear} pay for themselves in at least nine of ten draws of effects and model "
    "parameters, {proviso}.",
}
MONEY_TITLE = {
    "rule": "{proviso}, {cost:,.0f} {currency} bring {gain:,.0f}; the rule '{rival}' brings {rival_gain:,.0f} for {rival_cost:,.0f}",
    "no rule": "{proviso}, {cost:,.0f} {currency} bring {gain:,.0f}; no simple rule brings back what it costs",
    "nothing": "Within {budget:,.0f} {currency} no strategy is worth its cost, launches included",
}
NETS = {
    "picks": "With {budget} a plan that picks single customers would cost {cost:,.0f} {currency} and net {plan_net}, **{proviso}**; the "
    "next unit would bring back {next_unit:value}.",
}
TESTED = {
    True: " The effects that it was made of claim {claimed:,.0f} net; what stands here was found on customers of the trial who had no part "
    "in making the plan.",
    False: "",
}
WORTHWHILE = {
    "tested": "By the shrunken effects a budget of {worthwhile:,.0f} would net most, launches included.",
    "some": "A budget of {worthwhile:,.0f} nets most, {best:,.0f}, launches included; beyond it the next unit brings back less than one.",
    "none": "No budget is expected to bring back what it costs, launches included: the best plan is to do nothing.",
}
RIVAL = {
    "better": "At the same cost it nets {more:,.0f} more than '{rival}', the best rule that anybody could follow (95 % interval "
    "{lower:,.0f} to {upper:,.0f}, for all rules together): picking customers pays.",
    "worse": "At the same cost it nets {less:,.0f} less than '{rival}', a rule that anybody could follow (95 % interval of the difference "
    "{lower:,.0f} to {upper:,.0f}, for all rules together).",
    "not told apart": "At the same cost it is not told apart from '{rival}', the best rule that anybody could follow: the difference is "
    "{more:,.0f} (95 % interval {lower:,.0f} to {upper:,.0f}, for all rules together).",
    "no rule": "No rule that anybody could follow brings back what it costs.",
}
ADVICE = {
    "optimised": "**Recommended: {recommended}.** That it brings more than it costs is {gains:.0%} sure, {picked}; "
    "{sure:.0%} are asked for.",
    "simple": "**Recommended: {recommended}**, the simpler of two that are not told apart. That it brings more than it costs is "
    "{gains:.0%} sure, {picked}; {sure:.0%} are asked for.",
    "safer": "**Recommended: {recommended}.** That it brings more than it costs is {gains:.0%} sure, {picked}; "
    "{sure:.0%} are asked for, and the plan that picks customers has {other:.0%}.",
    "nobody": "**Recommended: {recommended}.** That the plan '{candidate}' brings more than it costs is only {gains:.0%} sure, "
    "{picked}; {sure:.0%} are asked for.",
    "nothing": "**Recommended: {recommended}.** No strategy is worth its cost within the budget.",
}
PICKED = {
    "best": "counting that the best of {plans} tested plans was picked",
    "only": "as the only plan that was tested",
    "assumed": "by what is assumed",
}
IN_SHORT_TITLE = {
    "plan": "'{candidate}' costs {cost:,.0f} {currency} and nets {net:,.0f}, {proviso}; it loses money with a chance of {loses:.0%}",
    "nobody": "No plan is {sure:.0%} sure to bring more than it costs: '{candidate}' is {gains:.0%}, {picked}",
    "nothing": "Within {budget:,.0f} {currency} no strategy is worth its cost",
}
IN_SHORT = {
    "plan": "'{best}' is {best_customers} of customers and holds {best_share} of what customers are expected to bring. "
    "**Do this: {recommended}** ({who}). It costs {candidate_cost:value} and is expected to bring {candidate_gain:value}, so "
    "{candidate_net} net, {proviso}; the chance of losing money is {chance_of_losing:value}.",
    "nobody": "'{best}' is {best_customers} of customers and holds {best_share} of what customers are expected to bring. "
    "**Do nothing yet (recommended: {recommended}).** Of the plans within {budget} '{candidate}' ({who}) would net "
    "most: it would cost {candidate_cost:value} and is expected to bring {candidate_gain:value}, so {candidate_net} net, {proviso}. But "
    "that it brings more than it costs is only {gains:.0%} sure, {picked} (chance of losing money {chance_of_losing:value}), and "
    "{sure:.0%} are asked for.",
    "nothing": "'{best}' is {best_customers} of customers and holds {best_share} of what customers are expected to bring. "
    "**Do nothing (recommended: {recommended}).** Within {budget} no strategy is worth its cost, launches included. Doing nothing costs "
    "{candidate_cost:value}, brings {candidate_gain:value}, nets {candidate_net:value}, and the chance of losing money is "
    "{chance_of_losing:value}.",
}
BESIDE = {
    "better": " At the same cost '{picks}' nets {more:,.0f} {currency} more than '{rival}', the best rule that anybody could follow (95 % "
    "interval {lower:,.0f} to {upper:,.0f}).",
    "worse": " At the same cost '{picks}' nets {less:,.0f} {currency} less than '{rival}', a rule that anybody could follow (95 % "
    "interval of the difference {lower:,.0f} to {upper:,.0f}).",
    "not told apart": " **As far as can be told, '{rival}', a rule that anybody could follow, does as well as '{picks}' at the same "
    "cost**: the difference is {more:,.0f} {currency} (95 % interval {lower:,.0f} to {upper:,.0f}).",
    "no rule": "",
}
WHO = {"pair": "{strategy} for {customers:,.0f} of '{segment}'", "more": "and {customers:,.0f} customers in smaller groups"}
SHOWN = 2  # pairs of a plan that are named
RESTS_ON = {
    "tested": " The effects were measured in a trial, and the plan was valued on customers of it who had no part in making it.",
    "tested, expected": " The effects rest on a trial and, for the time after it, on the purchase model; the plan was valued on customers "
    "of the trial who had no part in making it.",
    "tested, assumed": " The effects of {assumed_effects} strategies are assumed, not measured, and so is that they grow with a customer's "
    "value; what the trial tried was valued on customers who had no part in making the plan.",
    "assumed": " The effects of {assumed_effects} strategies are assumed, not measured, as are costs that are not your own and that "
    "effects grow with a customer's value.",
    "expected": " The effects rest on a trial and, for the time after it, on the purchase model; that they grow with a customer's value is "
    "assumed.",
    "measured": " The effects were measured in a trial; that they grow with a customer's value is assumed.",
}
OWN_ARM = {
    "better": " **In your trial '{arm}' paid**: {net:,.2f} {currency} a customer more than it cost ({low:,.2f} to {high:,.2f}), for "
    "customers such as those in it.",
    "worse": " In your trial '{arm}' did not pay: {net:,.2f} {currency} a customer ({low:,.2f} to {high:,.2f}) after its cost.",
    "not told apart": " Whether '{arm}' paid in your trial is not told apart from chance: {net:,.2f} {currency} a customer ({low:,.2f} to "
    "{high:,.2f}) after its cost.",
    "how": " No plan here makes use of that trial: its arms must be strategies of the catalogue, and its column segment hold these "
    "segments.",
}
TRY = {
    "trial": " To see what the plan claims within {weeks:.0f} weeks, {per_arm} would be needed in each arm; with those whom it picks the "
    "chance to see it is {chance_to_see:value}.",
    "none": "",
}
BUDGETS = {
    "answers": "With {earned:,.2f} {currency} of margin per customer and year (measured: all spend of the calibration over the time since "
    "first purchases) and the answers given (assumed), {acquisition_spend} per prospect and {retention_spend} per customer and year are "
    "best.",
}
CURVE = {
    False: "Added value before cost of the best plan for each budget, launches included, with the band that holds 80 % of the draws (of "
    "effects and model parameters, not of the choice); dashed: what the next unit brings back. Points: the plans of the table.",
    True: "Added value before cost that the shrunken effects claim of the best plan for each budget, launches included, with the band that "
    "holds 80 % of the draws; dashed: what the next unit brings back. Points: the plans of the table, as customers of the trial who had no "
    "part in making them value them: where choosing made use of luck, they lie below the curve.",
}
DRAWN = {
    False: "What each plan nets, with the interval that holds 80 % of the draws of effects and model parameters.",
    True: "What each plan nets on customers of the trial who had no part in making it, with an interval of 80 %.",
}
PLAN_CAPTION = {
    False: "The plan '{name}': who gets what, and what it is expected to cost and bring ({currency})",
    True: "The plan '{name}': who gets what, what it costs, and what the shrunken effects claim of each pair ({currency}); what the plan "
    "brings as a whole was found on other customers of the trial",
}
CANDIDATE = {
    "candidate_cost": "Plan considered: what it costs",
    "candidate_gain": "Plan considered: added value before cost",
    "candidate_net": "Plan considered: added value after cost",
    "chance_of_losing": "Plan considered: chance of losing money",
}
SPEND = {
    "acquisition": "Best spend on acquisition per prospect (today {today:,.2f})",
    "retention": "Best spend on retention per customer and year (today {today:,.2f})",
}


def proviso(offer: Offer) -> str:
    """What must be believed for the plan to bring what it claims."""
    return PROVISO[_known(offer)]


def _known(offer: Offer) -> str:
    return "assumed" if offer.assumed else "expected" if offer.expected else "measured"


@needs_all()
def strategies(offer: Offer, values: IncrementalValue, currency: str) -> Finding:
    """What can be done, at what cost, and how much of its effect is assumed."""
    parts: dict[str, Part] = {}
    if offer.measured is not None:
        caption = worded(MEASURED, offer.expected, currency=currency)
        parts["measured"] = Table(offer.measured, caption)
    active = offer.catalogue.active
    parts["assumed_effects"] = Value(f"{offer.assumed} of {len(active)}", "Strategies whose effect is an assumption")
    shown = ["name", "evidence", "effects", "unit_cost", "fixed_cost", "reach", "period", "eligible", "source"]
    parts["strategies"] = Table(
        offer.catalogue.table()[shown].iloc[1:],
        f"Strategies: costs per treated customer and once ({currency}); effects with one standard deviation",
        {"unit_cost": "{:,.2f}", "fixed_cost": "{:,.0f}", "reach": "{:.0%}"},
    )
    notes = safe_markdown(" ".join(values.notes)).replace("{", "{{").replace("}", "}}")
    return Finding(parts, f"{EFFECTS[_known(offer)]} {notes}".rstrip())


@needs_all(silent=True)
def pairs(optimised: Plan, offer: Offer, currency: str) -> Finding:
    """What each strategy adds in each segment, and where the optimised plan spends.

    Segments without customers are left out.
    """
    values = optimised.values
    spending = optimised.table()[["segment", "strategy", "cost"]].rename(columns={"cost": "spend"})
    table = values.table().merge(spending, on=["segment", "strategy"], how="left").fillna({"spend": 0.0})
    occupied = [name for name, number in zip(values.segments, values.customers, strict=True) if number > 0]
    table = table[table["segment"].isin(occupied)]
    told = {
        "pairs": len(table),
        "clear": int((table["probability_net_positive"] >= 0.9).sum()),
        "funded": int((table["spend"] > 0).sum()),
        "proviso": proviso(offer),
    }
    caption = (
        "Added value per treated customer after unit cost, by segment and strategy. Hatched: the effect is an assumption. Dots: what the "
        "optimised plan spends there."
    )
    named = table.assign(pair=table["strategy"] + " for " + table["segment"])
    drawn = Drawing(
        figures.strategy_grid(table, occupied, values.strategies, currency, worded(GRID_TITLE, "pairs", **told)),
        caption,
        table_in_words("Value per treated customer after cost", named, ["pair", "net", "spend"]),
    )
    parts: dict[str, Part] = {"budget": Value(optimised.budget, "Budget", currency), "strategy_grid": drawn}
    return Finding(parts, sentence(GRID, "pairs", **told))


@needs_all({"recommended": "Recommended plan", "plan_net": "Optimised plan: added value after costs"})
def money(advice: Recommendation, compared: pd.DataFrame, frontier: Frontier, offer: Offer, currency: str) -> Finding:
    """What the plan that picks customers brings for its money beside rules at the same cost, and which plan is recommended.

    Parameters
    ----------
    advice : `recommend`
    compared : `compare_plans` of the same plans
    frontier : `efficient_frontier`, up to the budget at least
    offer : what the plans were made of
    """
    plan, if_true = advice.optimised, proviso(offer)
    caption = worded(CURVE, plan.tested is not None)
    curve = table_in_words("Best plan by budget", frontier.table.iloc[::6], ["budget", "gain", "lower", "upper", "shadow_price"])
    points = table_in_words("Plans", compared, ["plan", "cost", "gain"])
    drawn = figures.frontier(
        frontier.table, compared[["plan", "cost", "gain"]], plan.budget, currency, _money_title(advice, offer, currency)
    )
    parts: dict[str, Part] = {
        "plan_net": _net(plan, compared, f"Optimised plan: added value after costs, {if_true}", offer, currency),
        "recommended": Value(advice.plan.name, "Recommended plan"),
        "next_unit": Value(plan.shadow_price, "Return of the next unit of budget"),
        "frontier": Drawing(drawn, caption, f"{curve} {points}"),
        "budget_explored": budget_explored(frontier, currency),
        "plans": Table(
            compared,
            f"Plans ({currency}): net value with the interval of 80 % of the draws, the chance of losing money, and what the plan that "
            f"picks customers nets more than each, with intervals that hold together (95 %)",
            dict.fromkeys(compared.columns[1:], "{:,.0f}") | {"chance_of_losing": "{:.0%}"},
        ),
    }
    said = [
        sentence(NETS, "picks", proviso=if_true, cost=plan.cost, currency=currency) + tested_in_words(plan),
        worthwhile_in_words(frontier, plan.tested is not None),
        rival_in_words(advice),
    ]
    return Finding(parts, f"{' '.join(said)}\n\n{advice_in_words(advice)}")


def budget_explored(frontier: Frontier, currency: str) -> Explorer:
    """What the best plan costs and adds where the budget can be moved; it starts where the last useful unit is spent."""
    table = frontier.table.drop_duplicates("budget")
    start = float(table["budget"].iloc[int((table["budget"] - frontier.worthwhile_budget).abs().argmin())])
    dials = {"budget": (EXPLORED["budget"], "{:,.0f} " + currency, start)}
    answers: dict[str, tuple[str, Any]] = {
        "spent": (EXPLORED["spent"], "{:,.0f} " + currency),
        "gain": (EXPLORED["gain"], between("gain", "lower", "upper", currency)),  # no mutate: a function is given the row
        "net": (EXPLORED["net"], lambda row: f"{row['net']:,.0f} {currency}".replace("-", MINUS)),  # no mutate: likewise
        "shadow_price": (EXPLORED["next"], "{:.2f} " + currency),
    }
    return explorer(table, EXPLORED["question"], dials, answers)


def _money_title(advice: Recommendation, offer: Offer, currency: str) -> str:
    plan, rival = advice.optimised, advice.rival
    key = "nothing" if not plan.cost else "rule" if rival.cost else "no rule"
    told = {"cost": plan.cost, "gain": plan.gain, "rival": rival.name, "rival_gain": rival.gain, "rival_cost": rival.cost}
    return worded(MONEY_TITLE, key, proviso=proviso(offer).capitalize(), currency=currency, budget=plan.budget, **told)


def _graded(offer: Offer) -> dict[str, Any]:
    return {"grade": "measured" if _known(offer) == "measured" else "assumed", "weakest": "effects of strategies"}


def _net(plan: Plan, compared: pd.DataFrame, label: str, offer: Offer, currency: str) -> Value:
    row = compared[compared["plan"] == plan.name].iloc[0]
    ends = [float(row["lower"]), float(row["upper"])]
    return Value(plan.net, label, currency, interval=ends, level=0.8, **_graded(offer))


def tested_in_words(plan: Plan) -> str:
    """What the effects claim of a plan that a trial tested."""
    return sentence(TESTED, plan.tested is not None, claimed=plan.claimed - plan.cost)


def worthwhile_in_words(frontier: Frontier, tested: bool = False) -> str:
    """Up to which budget money comes back."""
    key = "none" if not frontier.worthwhile_budget > 0 else "tested" if tested else "some"
    return worded(WORTHWHILE, key, worthwhile=frontier.worthwhile_budget, best=float(frontier.table["net"].max()))


def rival_in_words(advice: Recommendation) -> str:
    """The plan that picks customers against the best rule at the same cost."""
    return _against_rival(RIVAL, advice)


def beside_in_words(advice: Recommendation, currency: str) -> str:
    """The same in short; nothing where no plan costs anything."""
    return _against_rival(BESIDE, advice, currency=currency)


def _against_rival(said: Mapping[str, str], advice: Recommendation, **unit: str) -> str:
    key = verdict(advice.lower, advice.upper) if advice.rival.cost else "no rule"
    told = {"picks": advice.optimised.name, "rival": advice.rival.name, "lower": advice.lower, "upper": advice.upper}
    return sentence(said, key, more=advice.difference, less=-advice.difference, **told, **unit)


def advice_in_words(advice: Recommendation) -> str:
    """Which plan to take, and how likely it brings more than it costs."""
    candidate, other = advice.candidate, advice.chances.get(advice.optimised.name, 0.0)
    if not candidate.cost:
        key = "nothing"
    elif not advice.plan.cost:
        key = "nobody"
    else:
        key = "optimised" if advice.plan is advice.optimised else "simple" if other >= advice.sure else "safer"
    told = {"gains": _gains(advice), "picked": _picked(advice), "sure": advice.sure, "other": other}
    return sentence(ADVICE, key, candidate=candidate.name, **told)


def _gains(advice: Recommendation) -> float:
    return advice.chances.get(advice.candidate.name, 0.0)  # no mutate: not said of a plan that costs nothing


def _picked(advice: Recommendation) -> str:
    plans = len(advice.chances)
    tested = advice.optimised.tested is not None
    return worded(PICKED, ("best" if plans > 1 else "only") if tested else "assumed", plans=plans)


@needs_all(silent=True)
def plan(chosen: Plan, currency: str) -> Finding:
    """Who gets what under the plan."""
    caption = worded(PLAN_CAPTION, chosen.tested is not None, name=chosen.name, currency=currency)
    return Finding({"plan": Table(chosen.table(), caption, {"share": "{:.1%}", "customers": "{:,.0f}"})})


@needs_all(silent=True)
def service(chosen: Plan, currency: str) -> Finding:
    """What each segment gets under the plan."""
    formats = {"share_served": "{:.1%}", "floor": "{:.1%}", "cost_per_customer": "{:,.2f}"}
    return Finding({"service": Table(chosen.service_table(), f"What each segment gets under it ({currency} per customer)", formats)})


@needs_all()
def budgets(best: BestBudgets, currency: str) -> Finding:
    """What to spend on winning and on keeping customers, by the answers given."""
    shown = best.draws.quantile([0.5, 0.1, 0.9]).T.set_axis(["median", "lower", "upper"], axis=1).rename_axis("what").reset_index()
    caption = (
        f"Best budgets per prospect, and per customer and year ({currency}), by the answers given; 80 % of the draws of uncertain answers"
    )
    table = shown.assign(what=shown["what"].str.replace("_", " "))
    parts: dict[str, Part] = {"budgeting": Table(table, caption, dict.fromkeys(shown.columns[1:], "{:,.2f}"))}
    for name, answer in (("acquisition", best.acquisition), ("retention", best.retention)):
        median, low, high = shown.set_index("what").loc[f"{name}_spend"]
        label = worded(SPEND, name, today=answer.spend)
        parts[f"{name}_spend"] = Value(median, label, currency, interval=[low, high], level=0.8)
    return Finding(parts, sentence(BUDGETS, "answers", earned=best.earned, currency=currency))


@needs_all(CANDIDATE, but=("planned", "arms"))
def in_short(
    advice: Recommendation,
    compared: pd.DataFrame,
    now: pd.DataFrame,
    offer: Offer,
    currency: str,
    *,
    planned: PlannedTrial | Absent,
    arms: TrialArms | Absent,
) -> Finding:
    """What to do, what it costs, what it is expected to bring and what it could lose.

    Parameters
    ----------
    now : `segment_profile` of today's customers
    planned : the trial of the plan
    arms : of the user's own trial
    """
    candidate, if_true = advice.candidate, proviso(offer)
    key = "nothing" if not candidate.cost else "plan" if advice.plan.cost else "nobody"
    loses = candidate.chance_of_losing
    told = {"candidate": candidate.name, "sure": advice.sure, "proviso": if_true, "gains": _gains(advice), "picked": _picked(advice)}
    numbers = {"cost": candidate.cost, "net": candidate.net, "loses": loses, "budget": candidate.budget, "currency": currency}
    label = {name: f"{text} ('{candidate.name}')" for name, text in CANDIDATE.items()}
    graded = _graded(offer)
    parts: dict[str, Part] = {
        "candidate_cost": Value(candidate.cost, label["candidate_cost"], currency),
        "candidate_gain": Value(candidate.gain, label["candidate_gain"], currency, **graded),
        "candidate_net": _net(candidate, compared, f"{label['candidate_net']}, {if_true}", offer, currency),
        "chance_of_losing": Value(loses, label["chance_of_losing"], "share", **graded),
        "plans_net": Drawing(
            figures.plans_compared(compared, f"added value after costs, {currency}", worded(IN_SHORT_TITLE, key, **told, **numbers)),
            worded(DRAWN, candidate.tested is not None),
            table_in_words("Net value of plans", compared, ["plan", "net", "lower", "upper", "chance_of_losing"]),
        ),
    }
    text = sentence(IN_SHORT, key, best=now["value_share"].idxmax(), who=who_gets_what(candidate), **told)
    text += beside_in_words(advice, currency) + RESTS_ON[_rests_on(candidate, offer)]
    text += TRY["none"] if isinstance(planned, Absent) else sentence(TRY, "trial", weeks=planned.noise.weeks)
    return Finding(parts, text + unused_trial(arms, offer, currency))


def _rests_on(plan: Plan, offer: Offer) -> str:
    known = _known(offer)
    return known if plan.tested is None or not plan.cost else "tested" if known == "measured" else f"tested, {known}"


def who_gets_what(plan: Plan) -> str:
    """The largest pairs of a plan by cost, and how many customers are in the others."""
    table = plan.table().sort_values("cost", ascending=False, kind="stable")
    first = table.iloc[:SHOWN]
    pairs = zip(first["strategy"], first["customers"], first["segment"], strict=True)  # no mutate: columns of a table are as long
    said = [worded(WHO, "pair", strategy=what, customers=many, segment=who) for what, many, who in pairs]
    rest = float(table["customers"].iloc[SHOWN:].sum())
    return ", ".join([*said, *([worded(WHO, "more", customers=rest)] if rest else [])])


def unused_trial(arms: TrialArms | Absent, offer: Offer, currency: str) -> str:
    """What the user's trial found, where its arms are no strategies that could be planned with."""
    if isinstance(arms, Absent) or offer.measured is not None:
        return ""
    said = []
    for row in arms.table.iloc[1:].to_dict("records"):
        low, high = row["lower"] - row["cost"], row["upper"] - row["cost"]
        said.append(sentence(OWN_ARM, verdict(low, high), arm=row["arm"], net=row["net"], low=low, high=high, currency=currency))
    return "".join(said) + OWN_ARM["how"]
