"""What to do for which segment, and what it costs: the words of the plan in the report on segment strategies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goodwill.figures import segment_plans as figures
from goodwill.findings.absence import needs_all
from goodwill.findings.finding import Drawing, Finding, Part, Table, Value
from goodwill.findings.numbers import safe_markdown
from goodwill.findings.words import sentence, table_in_words, worded

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.strategies.acquisition import BestBudgets
    from goodwill.strategies.allocation import Plan
    from goodwill.strategies.comparing_plans import Recommendation
    from goodwill.strategies.frontier import Frontier
    from goodwill.strategies.incremental_values import IncrementalValue
    from goodwill.strategies.offer import Offer

PROVISO = {"assumed": "if the assumptions hold", "measured": "if the measured effects are as large again"}
EFFECTS = {
    "assumed": "The effects of {assumed_effects} strategies are assumptions: **effects are assumed, the ranking is tested, the impact is "
    "not.**",
    "measured": "No effect is merely assumed: {assumed_effects}.",
}
GRID_TITLE = {"pairs": "{clear} of {pairs} pairs pay in at least nine of ten draws; the plan spends on {funded}"}
GRID = {
    "pairs": "Of {pairs} pairs of segment and strategy, {clear} pay for themselves in at least nine of ten draws of effects and model "
    "parameters, {proviso}.",
}
MONEY_TITLE = {
    "plan": "{proviso}, {cost:,.0f} {currency} bring {gain:,.0f}; the simple plan '{rival}' brings {rival_gain:,.0f} for {rival_cost:,.0f}",
    "nothing": "Within {budget:,.0f} {currency} no strategy is worth its cost, launches included",
}
NETS = {
    "price": "With {budget} the optimised plan would net {plan_net}, **{proviso}**; the next unit would bring back {next_unit:value}.",
}
WORTHWHILE = {
    "some": "Up to a budget of {worthwhile:,.0f} each unit brings back more than one; the plan there is worth {best:,.0f} net.",
    "none": "No unit of budget is expected to bring back more than one: the best plan is to do nothing.",
}
LAUNCHES = {True: " Launch costs of up to {launches:,.0f} are not in it.", False: ""}
ADVICE = {
    "optimised": "Take the plan '{optimised}': it beats the best simple plan ('{rival}') by {difference:,.4g}, more than the standard "
    "error of {error:,.4g}.",
    "not better": "Take the simple plan '{rival}': the plan '{optimised}' does not beat it (difference {difference:,.4g}).",
    "too little": "Take the simple plan '{rival}': the plan '{optimised}' beats it by {difference:,.4g}, which is within the standard "
    "error of {error:,.4g}.",
}
LOSES = {True: " It costs more than it brings in {loses:.0%} of the draws.", False: ""}
BUDGETS = {
    "answers": "With {earned:,.2f} {currency} of margin per customer and year (measured: all spend of the calibration over the time since "
    "first purchases) and the answers given (assumed), {acquisition_spend} per prospect and {retention_spend} per customer and year are "
    "best.",
}
IN_SHORT_TITLE = {
    "plan": "The plan '{plan}' costs {cost:,.0f} {currency} and nets {net:,.0f}, {proviso}",
    "nobody": "No plan within {budget:,.0f} {currency} is recommended",
}
IN_SHORT = {
    "plan": "'{best}' is {best_customers} of customers and holds {best_share} of the expected value. **Recommended within {budget}: "
    "{recommended}**; it costs {recommended_cost:value} and is expected to net {recommended_net}, {proviso}. The effects of "
    "{assumed_effects} strategies are assumed, not measured: try the plan by lot before it goes to everybody.",
    "nobody": "'{best}' is {best_customers} of customers and holds {best_share} of the expected value. **Recommended within {budget}: "
    "{recommended}**: no plan nets enough more than doing nothing. The effects of {assumed_effects} strategies are assumed, not measured: "
    "only a trial by lot can tell.",
}
PER = {"acquisition": "prospect", "retention": "customer and year"}


def proviso(offer: Offer) -> str:
    """What must be believed for the plan to bring what it claims."""
    return PROVISO["assumed" if offer.assumed else "measured"]


@needs_all()
def strategies(offer: Offer, values: IncrementalValue, currency: str) -> Finding:
    """What can be done, at what cost, and how much of its effect is assumed."""
    parts: dict[str, Part] = {}
    if offer.measured is not None:
        caption = f"What the trial measured per treated customer ({currency} of margin), 95 % intervals; it replaces the assumption"
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
    return Finding(parts, f"{EFFECTS['assumed' if offer.assumed else 'measured']} {notes}".rstrip())


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
    """What the optimised plan brings for its money beside plans that anybody could have made, and which one is recommended.

    Parameters
    ----------
    advice : `recommend`
    compared : `compare_plans` of the same plans
    frontier : `efficient_frontier`, up to the budget at least
    offer : what the plans were made of
    """
    plan, rival, if_true = advice.optimised, advice.rival, proviso(offer)
    title = worded(
        MONEY_TITLE,
        "plan" if plan.cost else "nothing",
        proviso=if_true.capitalize(),
        cost=plan.cost,
        gain=plan.gain,
        currency=currency,
        rival=rival.name,
        rival_gain=rival.gain,
        rival_cost=rival.cost,
        budget=plan.budget,
    )
    net = Value(
        plan.net,
        f"Optimised plan: added value after costs, {if_true}",
        currency,
        interval=[float(compared["lower"].iloc[0]), float(compared["upper"].iloc[0])],
        level=0.8,
    )
    caption = (
        "Added value before cost of the best plan for each budget, with the band that holds 80 % of the draws (of effects and model "
        "parameters, not of the choice); dashed: what the next unit brings back. Points: the plans of the table."
    )
    curve = table_in_words("Best plan by budget", frontier.table.iloc[::6], ["budget", "gain", "lower", "upper", "shadow_price"])
    points = table_in_words("Plans", compared, ["plan", "cost", "gain"])
    parts: dict[str, Part] = {
        "plan_net": net,
        "recommended": Value(advice.plan.name, "Recommended plan"),
        "next_unit": Value(plan.shadow_price, "Return of the next unit of budget", reason="whole segments have no price"),
        "frontier": Drawing(
            figures.frontier(frontier.table, compared[["plan", "cost", "gain"]], plan.budget, currency, title), caption, f"{curve} {points}"
        ),
        "plans": Table(
            compared,
            f"Plans within the budget ({currency}): net value with the interval of 80 % of the draws; difference of the optimised plan to "
            "each, with its standard error",
            dict.fromkeys(compared.columns[1:], "{:,.0f}"),
        ),
    }
    said = [sentence(NETS, "price", proviso=if_true), worthwhile_in_words(frontier)]
    return Finding(parts, f"{' '.join(said)}\n\n**Recommended: {{recommended}}.** {advice_in_words(advice)}")


def worthwhile_in_words(frontier: Frontier) -> str:
    """Up to which budget money comes back."""
    key = "some" if frontier.worthwhile_budget > 0 else "none"
    best = float(frontier.table["net"].max())
    text = worded(WORTHWHILE, key, worthwhile=frontier.worthwhile_budget, best=best)
    return text + worded(LAUNCHES, bool(frontier.launches), launches=frontier.launches)


def advice_in_words(advice: Recommendation) -> str:
    """Which plan to take, against which it was held, and how often it loses money."""
    takes_optimised = advice.plan is advice.optimised
    key = "optimised" if takes_optimised else "too little" if advice.difference > 0 else "not better"
    names = {"optimised": advice.optimised.name, "rival": advice.rival.name}
    text = sentence(ADVICE, key, difference=advice.difference, error=advice.standard_error, **names)
    return text + worded(LOSES, advice.loses is not None, loses=advice.loses or 0.0)


@needs_all(silent=True)
def plan(chosen: Plan, currency: str) -> Finding:
    """Who gets what under the plan."""
    caption = f"The plan '{chosen.name}': who gets what, and what it is expected to cost and bring ({currency})"
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
        label = f"Best spend on {name} per {PER[name]} (today {answer.spend:,.2f})"
        parts[f"{name}_spend"] = Value(median, label, currency, interval=[low, high], level=0.8)
    return Finding(parts, sentence(BUDGETS, "answers", earned=best.earned, currency=currency))


@needs_all({"recommended_net": "Recommended plan: added value after costs", "recommended_cost": "Recommended plan: what it costs"})
def in_short(advice: Recommendation, compared: pd.DataFrame, profile: pd.DataFrame, offer: Offer, currency: str) -> Finding:
    """What to do, what it costs and what it is expected to bring."""
    chosen, key = advice.plan, "plan" if advice.plan.cost > 0 else "nobody"
    row = compared[compared["plan"] == chosen.name].iloc[0]
    told = {"plan": chosen.name, "cost": chosen.cost, "net": chosen.net, "budget": chosen.budget, "currency": currency}
    title = worded(IN_SHORT_TITLE, key, proviso=proviso(offer), **told)
    ends = [float(row["lower"]), float(row["upper"])]
    parts: dict[str, Part] = {
        "recommended_cost": Value(chosen.cost, "Recommended plan: what it costs", currency),
        "recommended_net": Value(
            chosen.net, f"Recommended plan: added value after costs, {proviso(offer)}", currency, interval=ends, level=0.8
        ),
        "plans_net": Drawing(
            figures.plans_compared(compared, f"added value after costs, {currency}", title),
            "What each plan nets, with the interval that holds 80 % of the draws of effects and model parameters.",
            table_in_words("Net value of plans", compared, ["plan", "net", "lower", "upper"]),
        ),
    }
    return Finding(parts, sentence(IN_SHORT, key, best=profile["value_share"].idxmax(), proviso=proviso(offer)))
