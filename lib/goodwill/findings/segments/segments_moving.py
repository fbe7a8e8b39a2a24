"""What is said of customers who leave and move: churn and its causes, moves between segments and states, and regression to the mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goodwill.figures import segment_movement as figures
from goodwill.findings.finding import Absent, Drawing, Finding, Table, Value, missing
from goodwill.findings.numbers import describe
from goodwill.findings.words import listed, sentence, table_in_words, verdict, worded
from goodwill.inference.proportions import wilson
from goodwill.inference.uncertainty import Interval

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.segments.customer_base import CustomerBase
    from goodwill.segments.movement.churn_cost import PointCost
    from goodwill.segments.movement.migration import Migration, TestResult
    from goodwill.segments.movement.spend_periods import SpendPeriods

NO_MODEL = "Purchase model"
PROBABLE = dict.fromkeys(["probability", "lower", "upper"], "{:.1%}")
REJECTED, HOLDS = "rejected", "not rejected"  # no mutate: keys, never said

DAYS = {"then": "at the end of the calibration, {day}", "today": "today, {day}"}
GROUPS = {
    "apart": "Churn is {overall:.1%} overall, from {low:.1%} ({lowest}) to {high:.1%} ({highest}); apart from chance the groups' rates "
    "differ by about {spread:.1f} points (standard deviation).",
    "chance": "Churn is {overall:.1%} overall, from {low:.1%} ({lowest}) to {high:.1%} ({highest}); {groups} groups of this size would "
    "differ as much by chance (p = {p:.2f}).",
}
CALLED = {
    "best": "'{best}' is right for {correct:.1%} of customers; calling {base} is right for {rate:.1%}.",
    "worse": " Worse than that: {rules}.",
}
POINTS = {"one": "1 percentage point", "many": "{points:g} percentage points"}
COST = {
    "better": "To lower churn by {points}, {saved:,.0f} customers must be kept: if the measure prevents "
    "{prevented:.0%} of the departures among those treated (assumed), {treated:,.0f} must be treated for {cost}, which saves "
    "{benefit}; net {net} (95% interval {ends}): it pays.",
    "worse": "To lower churn by {points}, {saved:,.0f} customers must be kept: if the measure prevents "
    "{prevented:.0%} of the departures among those treated (assumed), {treated:,.0f} must be treated for {cost}, which saves "
    "{benefit}; net {net} (95% interval {ends}): it does not pay.",
    "not told apart": "To lower churn by {points}, {saved:,.0f} customers must be kept: if the measure prevents "
    "{prevented:.0%} of the departures among those treated (assumed), {treated:,.0f} must be treated for {cost}, which saves "
    "{benefit}; net {net} (95% interval {ends}): whether it pays is open.",
    "unreachable": "Churn cannot be lowered by {points}: if the measure prevents {prevented:.0%} of the departures among those "
    "treated (assumed), treating everybody gives {reachable:.2f} points.",
    "price": " Treating is taken to cost a twentieth of a mean order ({price:,.2f} {currency}), and who is kept to bring what the active "
    "ones brought.",
}
WHOSE = {"own": "own log", "simulated": "complaints of a simulated company, to show the form"}
CAUSES = {
    "one": "1 of {total} causes makes {share:.0%} of the cases.",
    "many": "{enough} of {total} causes make {share:.0%} of the cases.",
    "lost": " {missing:,} of {cases:,} cases have no cause and are not counted.",
    "counted": " A count of what was written down says nothing of what would change if a cause went away.",
}
EMPTIED = {"some": "Nobody is now in {names}. "}
MOVED = {
    ("new", "exit"): "Of {total:,.0f} customers {stayed:.0%} were in the same state {first}, and {second}; {entered:,.0f} customers "
    "entered, {left:,.0f} were counted as gone.",
    ("new", "stay"): "Of {total:,.0f} customers {stayed:.0%} were in the same state {first}, and {second}; {entered:,.0f} customers "
    "entered, and exit is not observed.",
    ("known", "exit"): "Of {total:,.0f} customers {stayed:.0%} were in the same state {first}, and {second}; no customer entered, "
    "{left:,.0f} were counted as gone.",
    ("known", "stay"): "Of {total:,.0f} customers {stayed:.0%} were in the same state {first}, and {second}; no customer entered, "
    "and exit is not observed.",
}
P = {"small": "p < .0001", "written": "p = {p}"}
ORDER = {
    REJECTED: "G2 = {g2:,.0f} with {df} degrees of freedom, {p}: where customers come from still matters once it is known where they "
    "are, so a chain of order 1 is rejected.",
    HOLDS: "G2 = {g2:,.0f} with {df} degrees of freedom, {p}: nothing speaks against a chain of order 1.",
}
ALIKE = {
    REJECTED: "G2 = {g2:.1f} with {df} degrees of freedom, {p}: the moves after {first} and after {second} differ by more than chance.",
    HOLDS: "G2 = {g2:.1f} with {df} degrees of freedom, {p}: the moves after {first} and after {second} are not distinguishable.",
}
TITLE = {
    "churn": "Churn runs from {low:.0%} ('{lowest}') to {high:.0%} ('{highest}')",
    "cause": "1 of {total} causes makes {share:.0%} of what was coded ({whose})",
    "causes": "{enough} of {total} causes make {share:.0%} of what was coded ({whose})",
    "migration": "{stayed:.0%} of customers are in the same segment a period later (bold)",
    "movement": "Of {total:,.0f} customers in '{best}' {stays:.0%} are there a period later",
    "nobody": "Of 0 customers in '{best}' nobody could stay",
    "regression": "The highest fourth of buyers goes from {at:,.0f} to {after:,.0f} {currency}, and nobody did anything",
}
REGRESSION = {
    ("worse", "better"): "The highest fourth of buyers spent {top_before:value}, then {top_at:value}, then {top_after}. "
    "A treatment in between would look like a failure here, and like a success with the lowest fourth.",
    "worse": "The highest fourth of buyers spent {top_before:value}, then {top_at:value}, then {top_after}. "
    "A treatment in between would look like a failure here.",
    "better": "The highest fourth of buyers spent {top_before:value}, then {top_at:value}, then {top_after}. "
    "A treatment in between would look like a success here.",
    "not told apart": "The highest fourth of buyers spent {top_before:value}, then {top_at:value}, then {top_after}. "
    "From the middle period to the last that is no change that these data can tell from none.",
}
MARKOV = {
    REJECTED: "Over the hold-out the chain expected {markov_ratio:.2f} times what was spent, the purchase model {model_ratio:value} times. "
    "The test above rejects the chain, and other states would give another number: read it as an illustration.",
    HOLDS: "Over the hold-out the chain expected {markov_ratio:.2f} times what was spent, the purchase model {model_ratio:value} times. "
    "Other states would give another number.",
}


def days(base: CustomerBase) -> list[str]:
    """What the two days of a base of customers are called."""
    return [worded(DAYS, "then", day=base.tested.calibration_end), worded(DAYS, "today", day=base.tested.end)]


def churn(base: CustomerBase | Absent, groups: pd.DataFrame | Absent, calls: pd.DataFrame | Absent, point: PointCost | Absent) -> Finding:
    """Who bought nothing in the hold-out, which rules had said so, and what it would cost to have fewer of them."""
    label = Value(None, "Bought nothing in the hold-out", "share")
    for part in (base, groups, calls):
        if isinstance(part, Absent):
            return missing(part, churn=label)
    assert not isinstance(base, Absent) and not isinstance(groups, Absent) and not isinstance(calls, Absent)
    silent, attrs = base.customers["frequency_holdout"] == 0, groups.attrs
    numbers = {"overall": attrs["overall"].estimate, "spread": 100 * attrs["spread"], "p": attrs["p"], "groups": len(groups)}
    by_group = sentence(GROUPS, "chance" if attrs["p"] >= 0.05 else "apart", **numbers, **_ends(groups))
    shares = ["correct", "lower", "upper", "sensitivity", "specificity"]
    caption = "Rules that say who will buy in the hold-out, and how often they are right"
    return Finding(
        {
            "churn": label._replace(value=wilson(silent.sum(), len(silent))),
            "activity": Table(calls[["rule", *shares]], caption, dict.fromkeys(shares, "{:.1%}")),
        },
        f"In the hold-out {{churn}} bought nothing. {by_group} {_called(calls)}\n\n"
        f"What would lowering it cost? {_cost(point, base.currency)}",
    )


def churn_by_segment(base: CustomerBase | Absent, groups: pd.DataFrame | Absent) -> Finding:
    """Churn of each segment as a figure; empty where there is none, which `churn` says."""
    if isinstance(base, Absent) or isinstance(groups, Absent):
        return Finding()
    meaning = f"share without a purchase in the {base.length:.0f} weeks of the hold-out"
    drawn = figures.churn_by_group(groups, groups.attrs["overall"].estimate, meaning, worded(TITLE, "churn", **_ends(groups)))
    words = table_in_words("Share without a purchase in the hold-out", groups, ["group", "customers", "rate", "lower", "upper"])
    caption = "Share of each segment that bought nothing in the hold-out, 95 % Wilson intervals; the line is the share of all."
    return Finding({"churn": Drawing(drawn, caption, words)})


def causes(pareto: pd.DataFrame, given: str) -> Finding:
    """What customers left or complained for, as it was coded; `given` is the file, empty where a simulated company stands in for one."""
    whose, enough = WHOSE["own" if given else "simulated"], pareto.attrs["enough"]
    share, missed = pareto["cumulative"].iloc[enough - 1], pareto.attrs["missing"]
    numbers = {"enough": enough, "total": len(pareto), "share": share, "whose": whose}
    title = worded(TITLE, "cause" if enough == 1 else "causes", **numbers)
    caption = f"Causes as coded ({whose}), the most frequent first, with 95 % intervals; the line adds them up."
    words = table_in_words("Causes", pareto, ["cause", "share", "lower", "upper", "cumulative"])
    text = sentence(CAUSES, "one" if enough == 1 else "many", **numbers)
    if missed:
        text += sentence(CAUSES, "lost", missing=missed, cases=int(pareto["cases"].sum()) + missed)
    return Finding({"causes": Drawing(figures.causes(pareto, title), caption, words)}, text + CAUSES["counted"])


def moves(found: Migration | Absent, now: pd.Categorical | Absent) -> Finding:
    """Who is in the same segment on two days; `now` holds the segments of today."""
    if isinstance(found, Absent):
        return missing(found)
    largest = found.table().sort_values("customers", ascending=False).head(12)
    caption = (
        "Customers by segment on two days under the same rules, per cent of each row; ± is half the 95 % interval. Bold: stayed. New "
        "customers came after the first day."
    )
    words = table_in_words("Largest moves", largest, ["from", "to", "customers", "probability", "lower", "upper"])
    drawn = figures.migration(found, worded(TITLE, "migration", stayed=found.stayed))
    emptied = [] if isinstance(now, Absent) else [str(name) for name, n in now.value_counts().items() if not n]
    nobody = sentence(EMPTIED, "some", names=listed(emptied, "or")) if emptied else ""
    return Finding(
        {"stayed": Value(found.stayed, "In the same segment on both days", "share"), "migration": Drawing(drawn, caption, words)},
        f"Between the two days {{stayed}} stayed in their segment. {nobody}{_moved(found)}",
    )


def moves_table(found: Migration | Absent) -> Finding:
    """Moves between segments in numbers; empty where there are none, which `moves` says."""
    if isinstance(found, Absent):
        return Finding()
    largest = found.table().sort_values("customers", ascending=False)
    return Finding(
        {"migration": Table(largest, "Moves between segments, the largest first, with 95 % intervals (Dirichlet 1/2)", PROBABLE, 12)}
    )


def states(
    periods: SpendPeriods | Absent, chain: Migration | Absent, with_exit: Migration | Absent, *tests: TestResult | Absent
) -> Finding:
    """Whether high spenders stay, and whether the moves are those of a chain: `tests` of its order and of its change over time."""
    label = Value(None, "High spenders of a period who are high in the next", "share")
    for part in (periods, chain, with_exit):
        if isinstance(part, Absent):
            return missing(part, high_stays=label)
    assert not isinstance(periods, Absent) and not isinstance(chain, Absent) and not isinstance(with_exit, Absent)
    at = with_exit.states.index("high")
    total = with_exit.counts[at].sum()
    stays = with_exit.counts[at, at] / total if total else 0.0  # no mutate: not said where nobody is
    title = worded(TITLE, "movement" if total else "nobody", best="high", total=total, stays=stays)
    caption = (
        f"Customers by state of spend in two successive periods of {periods.days} days. Bands carry colour and hatching of where they come "
        "from; 'gone' is no purchase in two periods running."
    )
    words = table_in_words("Moves", with_exit.table(), ["from", "to", "customers", "probability"])
    share, ends = chain.probabilities[-1, -1], tuple(end[-1, -1] for end in chain.bounds)
    high = label._replace(value=None, reason="nobody was a high spender") if share != share else label._replace(value=share, interval=ends)
    said = " ".join(tested(test) for test in tests)
    return Finding(
        {"high_stays": high, "movement": Drawing(figures.movement(with_exit, title), caption, words)},
        f"Of the high spenders of one period {{high_stays}} are high spenders in the next. {said}",
    )


def states_table(periods: SpendPeriods | Absent, chain: Migration | Absent, currency: str) -> Finding:
    """Moves between states of spend in numbers; empty where there are none, which `states` says."""
    if isinstance(periods, Absent) or isinstance(chain, Absent):
        return Finding()
    low, high = periods.cuts
    caption = (
        f"Moves between states of spend per {periods.days} days, {chain.window[0]} and {chain.window[1]} (low up to {low:,.2f}, mid up to "
        f"{high:,.2f} {currency}), with 95 % intervals"
    )
    return Finding({"states": Table(chain.table(), caption, PROBABLE)})


def regression(back: pd.DataFrame | Absent, periods: SpendPeriods | Absent, currency: str) -> Finding:
    """What became of the highest and the lowest fourth of buyers while nobody did anything."""
    labels = {f"top_{name}": Value(None, f"Spend of the highest fourth of buyers, {name}", currency) for name in ("before", "at", "after")}
    if isinstance(back, Absent) or isinstance(periods, Absent):
        return missing(back if isinstance(back, Absent) else periods, labels)  # type: ignore[arg-type]
    groups = back.set_index("segment")
    top, lowest = groups.iloc[0], groups.loc[[name for name in groups.index if str(name).startswith("lowest")]]
    parts: dict[str, Any] = {
        name: label._replace(value=top[name[4:]], interval=(top[f"{name[4:]}_lower"], top[f"{name[4:]}_upper"]))
        for name, label in labels.items()
    }
    title = worded(TITLE, "regression", at=top["at"], after=top["after"], currency=currency)
    caption = (
        "Mean spend of customers grouped by the middle period, in the period before, the middle one and the one after "
        f"({periods.days} days each), 95 % intervals; short lines: what the purchase model foretold for them."
    )
    columns = ["segment", "before", "at", "after", *(["expected"] if "expected" in back else [])]
    drawn = figures.regression_to_the_mean(back, f"{currency} per customer and {periods.days} days", title)
    parts["regression"] = Drawing(drawn, caption, table_in_words("Spend per customer", back, columns))
    fell = verdict(top["change_lower"], top["change_upper"])
    rose = [verdict(row["change_lower"], row["change_upper"]) for _, row in lowest.iterrows()]
    return Finding(parts, sentence(REGRESSION, (fell, "better") if (fell, *rose) in REGRESSION else fell))


def markov(
    worth: pd.DataFrame | Absent,
    outcome: pd.DataFrame | Absent,
    order: TestResult | Absent,
    periods: SpendPeriods | Absent,
    purchase_model: str,
    margin: float,
    currency: str,
) -> Finding:
    """What a Markov chain expects of customers in each state, and what came."""
    chain = Value(None, "Markov chain: expected over actual spend of the hold-out")
    model = Value(None, f"{purchase_model or NO_MODEL}: expected over actual spend of the hold-out")
    for part in (worth, outcome, order, periods):
        if isinstance(part, Absent):
            return missing(part, markov_ratio=chain, model_ratio=model)
    assert not isinstance(worth, Absent) and not isinstance(outcome, Absent)
    assert not isinstance(order, Absent) and not isinstance(periods, Absent)
    column = f"{purchase_model} / actual"
    expected = (
        f"What a Markov chain expects of a customer in each state within {periods.after} periods of {periods.days} days ({currency}, after "
        f"a margin of {margin:.0%}), with 95 % intervals of its parameters; beside it what the purchase model expects within the hold-out"
    )
    ratio = {"value": outcome[column].iloc[-1]} if column in outcome else {"reason": "no purchase model"}
    return Finding(
        {
            "markov": Table(worth, expected),
            "markov_holdout": Table(outcome, f"Spend of known customers in the hold-out, and what was expected ({currency})"),
            "markov_ratio": chain._replace(value=outcome["Markov / actual"].iloc[-1]),
            "model_ratio": model._replace(**ratio),
        },
        sentence(MARKOV, REJECTED if order.rejected else HOLDS),
    )


def tested(test: TestResult | Absent) -> str:
    """A test of what a chain assumes in one sentence; why there is none where it could not be made."""
    if isinstance(test, Absent):
        return sentence({"": "{why}"}, "", why=test.why)
    key, p = REJECTED if test.rejected else HOLDS, _p(test.p)
    if test.compared:
        return sentence(ALIKE, key, g2=test.statistic, df=test.df, p=p, first=test.compared[0], second=test.compared[1])
    return sentence(ORDER, key, g2=test.statistic, df=test.df, p=p)


def _ends(groups: pd.DataFrame) -> dict[str, Any]:
    first, last = groups.iloc[0], groups.iloc[-1]
    return {"low": last["rate"], "lowest": last["group"], "high": first["rate"], "highest": first["group"]}


def _called(calls: pd.DataFrame) -> str:
    best, base = calls.iloc[0], calls.attrs["base"]
    rate = calls.loc[calls["rule"] == base, "correct"].iloc[0]
    said = sentence(CALLED, "best", best=best["rule"], correct=best["correct"], base=base, rate=rate)
    worse = calls.loc[calls["difference_upper"] < 0, "rule"]
    return said + (sentence(CALLED, "worse", rules=", ".join(worse)) if len(worse) else "")


def _cost(point: PointCost | Absent, currency: str) -> str:
    if isinstance(point, Absent):
        return sentence({"": "{why}"}, "", why=point.why)
    key = "unreachable" if point.reachable.estimate < point.points else verdict(point.net.lower, point.net.upper)
    money = {name: _record(getattr(point, name), currency) for name in ("cost", "benefit", "net")}
    numbers = {name: describe(each, "value") for name, each in money.items()} | {"ends": describe(money["net"], "interval")}
    numbers |= {name: getattr(point, name).estimate for name in ("treated", "reachable")}
    numbers["points"] = worded(POINTS, "one" if point.points == 1 else "many", points=point.points)
    said = sentence(COST, key, saved=point.saved, prevented=point.prevented, **numbers)
    return said + sentence(COST, "price", price=point.unit_cost, currency=currency)


def _record(found: Interval, unit: str) -> dict[str, Any]:
    """An estimate as a record, whose digits follow its interval."""
    return {"value": float(found.estimate), "interval": (float(found.lower), float(found.upper)), "unit": unit}


def _moved(found: Migration) -> str:
    entered = float(found.entry.sum())
    key = ("new" if entered else "known", "stay" if found.left is None else "exit")
    numbers = {"total": float(found.counts.sum()), "stayed": found.stayed, "entered": entered, "left": found.left or 0.0}
    return sentence(MOVED, key, first=found.window[0], second=found.window[1], **numbers)


def _p(p: float) -> str:
    written = f"{p:.4f}".lstrip("0") if p < 1 else "1"  # no mutate: a number has no other letters to strip
    return P["small" if p < 1e-4 else "written"].format(p=written)
