"""What the complaint report says of the desk that answers, of a launch, and of the good word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from goodwill.figures import word_of_mouth as figures
from goodwill.findings.finding import Absent, Drawing, Finding, Part, Table, Value, missing
from goodwill.findings.words import sentence, table_in_words, worded
from goodwill.inference.uncertainty import Interval

if TYPE_CHECKING:
    from goodwill.data.complaints import Complaints
    from goodwill.word_of_mouth.adoption import BassFit
    from goodwill.word_of_mouth.contested_adoption import Launch
    from goodwill.word_of_mouth.response import ResolutionPath

WAITING = {
    "half": "Half of the complaints are {clock} within {days:.0f} days",
    "fewer": "Fewer than half of the complaints are {clock} within the time of the log",
}
ANSWERED = {
    "known": "{answered_in_time} of complaints had a first answer within the promised time.",
    "unknown": "Whether the promise was kept: {answered_in_time}.",
}
NO_LOG = "there is no log that can tell"
NO_CLOCK = "The log has neither answered nor closed moments, so how long complaints wait is not known."
RECOVERY_STEP = 8  # of the case's chart: whether the customer accepts what is offered


def audit(log: Complaints | Absent) -> Finding:
    """What the reading of the log found and did; nothing where there is no log."""
    if isinstance(log, Absent):
        return missing(log, without=("audit",))
    return Finding({"audit": Table(log.audit, "What the reading of the complaint log found and did")})


def promises(kept: pd.DataFrame | Absent, waits: Mapping[str, pd.DataFrame] | Absent, answer_within: float) -> Finding:
    """How often promised times were kept, and how long complaints wait.

    Parameters
    ----------
    kept : of `promises_kept`, the promise of a first answer in its first row
    waits : of `time_to_resolution`, by clock
    answer_within : promised time to a first answer [hours]
    """
    parts: dict[str, Part] = {}
    answered: Interval | None = None
    if not isinstance(kept, Absent):
        parts["promises"] = Table(_promises(kept), "Promises kept, with 95 % score intervals", {"kept": "{:.1%}"})
        first = kept.iloc[0]
        answered = Interval(first["kept"], first["lower"], first["upper"]) if first["cases"] else None
    if not isinstance(waits, Absent) and waits:
        parts["waiting"] = _waiting(waits)
    label = f"First answers within {answer_within:g} hours"
    parts["answered_in_time"] = Value(answered, label, "share", reason=None if answered else NO_LOG)
    without = dict.fromkeys({"promises", "waiting"} - parts.keys(), kept.why if isinstance(kept, Absent) else NO_CLOCK)
    return Finding(parts, sentence(ANSWERED, "known" if answered else "unknown"), without=without)


def _promises(kept: pd.DataFrame) -> pd.DataFrame:
    ends = zip(kept["lower"], kept["upper"], kept["cases"], strict=True)  # no mutate: columns of one frame
    intervals = [f"{low:.1%} to {high:.1%}" if total else "" for low, high, total in ends]
    return kept.assign(interval=intervals)[["promise", "kept", "interval", "cases", "note"]]


def _waiting(waits: Mapping[str, pd.DataFrame]) -> Drawing:
    clock, curve = list(waits.items())[-1]
    half = curve.loc[curve["waiting"] <= 0.5, "days"]
    days = float(half.iloc[0]) if len(half) else 0.0  # no mutate: not shown
    title = worded(WAITING, "half" if len(half) else "fewer", clock=clock, days=days)
    last = max(float(each["days"].quantile(0.9)) for each in waits.values())
    return Drawing(
        figures.waiting(waits, last, title=title),
        "Share of complaints not yet answered, and not yet closed (Kaplan-Meier with 95 % bands; open cases count until the end of the "
        "log).",
        table_in_words(f"Share not yet {clock} by days", curve.iloc[:: max(1, len(curve) // 8)], ["days", "waiting"]),
    )


def staffing(desk: pd.DataFrame, arrivals: float, speed: float, keeps: Mapping[str, float], chart: ResolutionPath) -> Finding:
    """How many agents quick answers take.

    Parameters
    ----------
    desk : of `word_of_mouth.staffing`
    arrivals, speed : complaints an hour, and how many of them one agent handles
    keeps : customers an hour whom one more agent would keep, by size of the loss ("over 100", "under 5" dollars)
    chart : the case's chart of a resolution
    """
    agent = int(desk["agents"].iloc[0]) + 1
    caption = f"{arrivals:g} complaints an hour, {speed:g} handled by one agent: Erlang's C formula; quickly is within five minutes"
    label = "What agent {agent} would keep if TARP's gap (losses {loss} dollars) were an effect"
    offers = float(chart.visits[0][chart.steps.index(RECOVERY_STEP)])
    parts: dict[str, Part] = {
        "staffing": Table(desk, caption, {"must wait": "{:.2%}", "quickly": "{:.2%}", "mean wait, minutes": "{:.2f}"}),
        "agent_keeps": Value(keeps["over 100"], label.format(agent=agent, loss="over 100"), "customers per hour"),
        "agent_keeps_small": Value(keeps["under 5"], label.format(agent=agent, loss="under 5"), "customers per hour"),
        "offers": Value(offers, "Offers until one is accepted, in the case's chart of a resolution", "offers"),
    }
    return Finding(
        parts,
        "**If** TARP's gap of intentions between resolved and resolved quickly were causal, and five minutes in a queue were what "
        f"customers mean by quickly, agent {agent} would keep {{agent_keeps}} where losses are large, and {{agent_keeps_small}} where they "
        "are small. Neither is known: the gap is one of stated intentions of different people.",
    )


def durables(fits: Mapping[str, BassFit]) -> Finding:
    """Bass models of durables, as far as their data allow."""
    rows = [[name, fit.model.p, fit.model.q, fit.periods_past_peak, fit.market_size, *fit.market_interval()] for name, fit in fits.items()]
    columns = ["series", "p", "q", "years past the peak", "market, thousands", "lower", "upper"]
    formats: dict[str, Any] = {"years past the peak": "{:.1f}", "p": "{:.5f}", "q": "{:.4f}"}
    formats |= dict.fromkeys(("market, thousands", "lower", "upper"), "{:,.0f}")
    caption = (
        f"Bass models of three durables in the United States, fitted by {next(iter(fits.values())).form}; 95 % profile intervals of the "
        "market size, which hold it less often than that within about three years of the peak"
    )
    return Finding({"bass": Table(pd.DataFrame(rows, columns=columns), caption, formats)})


def launch(found: Launch, innovation: float, imitation: float, bad_word: float, discount: float) -> Finding:
    """What dissatisfied adopters cost a launch; the assumptions are those that it was made with."""
    table = pd.DataFrame({"share": found.shares, "value": found.ratios}).iloc[::2]
    paths = {f"{share:.1%}": path for share, path in found.paths.items()}  # no mutate: the legend of the figure
    lost = 1 - found.one_in_ten
    title = f"One dissatisfied adopter in ten would cost {lost:.0%} of a launch's value, if bad word weighs {bad_word:g} times as much"
    parts: dict[str, Part] = {
        "launch": Drawing(
            figures.adoption(found.times, paths, found.shares, found.ratios, marked=0.10, title=title),  # no mutate: the mark in the figure
            f"Assumed: p {innovation:g}, q {imitation:g} a year, bad word of mouth {bad_word:g} times as strong as good, {discount:.0%} "
            "discount. Left: adopters by share dissatisfied. Right: present value relative to none dissatisfied. No data.",
            table_in_words("Present value relative to none dissatisfied", table, ["share", "value"]),
        ),
        "launch_recovery": Value(
            found.won, "Of a launch's value, won by recovering 60 % of complaints (15 % failures, 40 % voice)", "share", grade="assumed"
        ),
        "lost_early": Value(found.lost_early, "Indirect loss by an adopter who turns away and falls silent in year 1", "margins"),
        "lost_late": Value(found.lost_late, "The same in year 8", "margins"),
    }
    return Finding(
        parts,
        "Recovering 60 % of complaints would win {launch_recovery} of the launch's value. An adopter lost in year 1 (who stops talking) "
        "costs {lost_early} of others on top of their own, in year 8 {lost_late}; one who goes to a competitor but goes on talking costs "
        "the category nothing.",
    )


def good_word(recommended: Interval, promotions: Interval, reviews: Interval, newcomer: float | Absent, currency: str) -> Finding:
    """Who recommends and reviews on one campus, and what a recommended newcomer is worth."""
    parts: dict[str, Part] = {
        "recommended": Value(recommended, "Saw JD recommended by an acquaintance", "share"),
        "told_of_promotions": Value(promotions, "Learn of promotions from an acquaintance", "share"),
        "review_often": Value(reviews, "Review purchases often or every time", "share"),
        "referral": Value(
            None if isinstance(newcomer, Absent) else newcomer,
            "Worth of a recommended newcomer, if half would have come anyway and winning one costs a purchase's profit",
            currency,
            reason=newcomer.why if isinstance(newcomer, Absent) else None,
        ),
    }
    return Finding(
        parts,
        "{recommended} saw JD recommended by an acquaintance, {told_of_promotions} learn of promotions from one, {review_often} review "
        "often: one campus, online, so no estimate for other customers.",
    )
