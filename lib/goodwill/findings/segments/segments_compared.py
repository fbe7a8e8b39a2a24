"""What the notebook on segments compared says: do segments hold, do rankings and deciles hold, and in short what they are good for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from goodwill.figures import segment_evidence as figures
from goodwill.findings.audited import audit_table
from goodwill.findings.finding import Absent, Drawing, Finding, Part, Table, Value, missing
from goodwill.findings.segments.segment_caveats import Caveat
from goodwill.findings.segments.segments_ahead import going_with, model_assumed
from goodwill.findings.segments.segments_ahead import source_of_margin as source_of_margin
from goodwill.findings.segments.segments_ahead import statements as statements
from goodwill.findings.segments.segments_ahead import values_ahead as values_ahead
from goodwill.findings.segments.segments_moving import causes as causes
from goodwill.findings.segments.segments_moving import churn as churn
from goodwill.findings.segments.segments_moving import churn_by_segment as churn_by_segment
from goodwill.findings.segments.segments_moving import days as days
from goodwill.findings.segments.segments_moving import markov as markov
from goodwill.findings.segments.segments_moving import moves as moves
from goodwill.findings.segments.segments_moving import moves_table as moves_table
from goodwill.findings.segments.segments_moving import regression as regression
from goodwill.findings.segments.segments_moving import states as states
from goodwill.findings.segments.segments_moving import states_table as states_table
from goodwill.findings.words import sentence, table_in_words, verdict, worded

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.segments.customer_base import CustomerBase
    from goodwill.segments.evidence.stability import Stability
    from goodwill.segments.evidence.top_parts import Tenths

AGREEMENT = "Agreement of the segments under resampling (adjusted Rand index; 1 is the same every time)"
RANKED = ("value", "spend", "frequency", "recency")
SHARE, SIGNED = "{:.1%}", "{:+.1%}"

HELD = {
    "all": "Learned on resampled customers the segments agree by an adjusted Rand index of {stability}; every name holds.",
    "some": "Learned on resampled customers the segments agree by an adjusted Rand index of {stability}; the names that do not "
    "hold: {weak}.",
}
USEFUL = {
    "better": "Out of sample the segments of '{scheme}' explain {useful} of the differences in next-period spend, "
    "{points:.1f} points [{low:.1f}, {high:.1f}] more than the best trivial scheme, '{base}'.",
    "worse": "Out of sample the segments of '{scheme}' explain {useful} of the differences in next-period spend, and the best trivial "
    "scheme, '{base}', **explains more** (difference {points:.1f} points [{low:.1f}, {high:.1f}]).",
    "not told apart": "Out of sample the segments of '{scheme}' explain {useful} of the differences in next-period spend, "
    "which these data cannot tell from the best trivial scheme, '{base}' (difference {points:.1f} points [{low:.1f}, {high:.1f}]).",
    "itself": "Out of sample the segments of '{scheme}' explain {useful} of the differences in next-period spend; it is itself the best of "
    "the trivial schemes.",
}
RULE = {
    "not told apart": "The top {top:.0%} by value hold {own:.1%} of what followed, those by {name} {held:.1%}: a difference of "
    "{points:.1f} points [{low:.1f}, {high:.1f}] that these data cannot tell from none; as far as they show, sorting by {name} does "
    "as well.",
    "worse": "The top {top:.0%} by value hold {own:.1%} of what followed, those by {name} {held:.1%}: **sorting by {name} does better** "
    "(difference {points:.1f} points [{low:.1f}, {high:.1f}]).",
}
AGAINST = {
    "chance": "Ranked by {name}, the top {top:.0%} hold {held:.1%}: less than a random {top:.0%} would.",
    "BG/NBD": "BG/NBD lets nobody leave before a repeat purchase, so that it calls every one-time buyer alive: P(alive) is no ranking.",
    "all beaten": "Ranking by expected value beats each of these rules by more than chance.",
}
GAIN = {
    "better": "It is more than chance: **sorting by expected value does better.**",
    "worse": "It is more than chance: **sorting by past spend does better.**",
    "not told apart": "**These data cannot tell it from none: sorting by past spend does as well.**",
}
GAINS = (
    "By expected value the top tenth made {top_by_value}, by past spend {top_by_spend}; the difference is {value_over_spend}. "
    "By frequency it is {top_by_frequency:value}, by recency {top_by_recency:value}."
)
ORACLE = (
    "Who knew the hold-out would reach {oracle_top}: concentration that is measured on the period that made the ranking is mostly "
    "hindsight."
)
TITLE = {
    "gains": "The top tenth by expected value made {value:.1%} of later spend, by past spend {spend:.1%}",
    "deciles": "{first:,} customers made the first tenth of sales, and {later:.0%} of the later ones",
}
DECILES = (
    "{first_part} made the first tenth of sales and {first_part_later} of the hold-out; it took {last_part} to make the last tenth. "
    "Counted the other way, the top tenth of customers held {top_tenth_then} of sales and then {top_tenth_later}."
)
TIES = {
    "first": " At the cut of the first tenth of sales {tied:,} customers are equal, with {amount:,.2f} {currency} each: {taken:,} of them "
    "{are} counted, as many as it takes and any of them as well as the others, and they share what all of them brought.",
    "last": " At the cut of the last tenth of sales {tied:,} customers are equal, with {amount:,.2f} {currency} each: {taken:,} of "
    "them {are} "
    "counted above it, any of them as well as the others.",
    "top": " At the cut of the top tenth of customers {tied:,} are equal, with {amount:,.2f} {currency} each: {taken:,} of them {are} "
    "counted, "
    "any of them as well as the others, and they share what all of them brought.",
}
READ = {"days": "The calibration ends on {cut} and the hold-out on {end}; by the first of these days there were {customers:,} customers."}
SORTED = {
    "better": "**Sort customers by expected value**: its top tenth made {top_by_value:value} of later spend, that of past spend "
    "{top_by_spend:value}, a difference of {value_over_spend}.",
    "worse": "**Sort customers by past spend**: its top tenth made {top_by_spend:value} of later spend, that of the expected value of a "
    "purchase model {top_by_value:value}, a difference of {value_over_spend}.",
    "not told apart": "**As far as these data tell, sorting by past spend does as well as a purchase model**: the top tenth made "
    "{top_by_spend:value} of later spend, by the model {top_by_value:value}, a difference of {value_over_spend}.",
}
SPEAK = {
    "better": "The segments of '{scheme}' say more of later spend than a trivial cut ({useful:value} of the differences); learned on other "
    "customers they agree by {stability:value}, where 1 is the same every time.",
    "worse": "The segments of '{scheme}' say less of later spend than a trivial cut ({useful:value} of the differences), so take them as "
    "names and not as forecasts; learned on other customers they agree by {stability:value}, where 1 is the same every time.",
    "not told apart": "That the segments of '{scheme}' say more of later spend than a trivial cut is not shown ({useful:value} of the "
    "differences); learned on other customers they agree by {stability:value}, where 1 is the same every time.",
}
SPEAK |= {"itself": SPEAK["not told apart"]}
STAY = (
    "Of all customers {churn:value} bought nothing in the hold-out, and of the high spenders of one period {high_stays:value} were high "
    "spenders in the next."
)
BACK = {
    "worse": "The highest fourth of buyers fell from {top_at:value} to {top_after:value} although nobody did anything: **credit no "
    "strategy with what such customers would have done anyway**; only a control group, drawn by lot, tells.",
    "better": "The highest fourth of buyers rose from {top_at:value} to {top_after:value} although nobody did anything: **credit no "
    "strategy with what such customers would have done anyway**; only a control group, drawn by lot, tells.",
    "not told apart": "The highest fourth of buyers went from {top_at:value} to {top_after:value}, no change that these data can tell from "
    "none; what a strategy does, only a control group tells, drawn by lot.",
}


def hold(firm: Stability | Absent, use: pd.DataFrame | Absent, scheme: str) -> Finding:
    """Do the names come back when other customers teach the rules, and do the segments say anything of later spend?"""
    if isinstance(firm, Absent):
        return missing(firm)
    if isinstance(use, Absent):
        return missing(use)
    row, explained = use.loc[scheme], ["r2", "r2_lower", "r2_upper", "difference", "difference_lower", "difference_upper"]
    ends = {"points": "difference", "low": "difference_lower", "high": "difference_upper"}
    points = {name: 100 * row[column] for name, column in ends.items()}
    parts: dict[str, Part] = {
        "stability": Value(firm.adjusted_rand, AGREEMENT),
        "useful": Value(row["r2"], "Differences in later spend that the segments explain", "share", (row["r2_lower"], row["r2_upper"])),
        "usefulness": Table(
            use[["segments", *explained]].reset_index(),
            "Share of the differences in hold-out spend that segments explain (r2): the means of one half of the customers, judged on the "
            "other; difference to the best trivial scheme",
            dict.fromkeys(explained, SHARE),
        ),
    }
    held = sentence(HELD, "some" if firm.weak else "all", weak=", ".join(firm.weak))
    return Finding(parts, f"{held} {sentence(USEFUL, _useful(use, scheme), scheme=scheme, base=use.attrs['baseline'], **points)}")


def names_again(firm: Stability | Absent) -> Finding:
    """The table of names that come back; empty where there is none, which `hold` says."""
    if isinstance(firm, Absent):
        return Finding()
    ends = ["same_name", "same_name_lower", "same_name_upper"]
    caption = f"Do the same customers get the same name again? Jaccard index over {firm.draws} resampled bases"
    return Finding({"stability": Table(firm.table[["segment", "customers", *ends, "verdict"]], caption, dict.fromkeys(ends, "{:.2f}"))})


def ranking(ranks: pd.DataFrame | Absent, purchase_model: str) -> Finding:
    """What the top tenth by each ranking brought, and which rules are not beaten."""
    labels = {f"top_by_{name}": Value(None, f"Hold-out spend of the top tenth by {name}", "share") for name in RANKED}
    labels["value_over_spend"] = Value(None, "Hold-out spend of the top tenth by value, less that by past spend", "points")
    if isinstance(ranks, Absent):
        return missing(ranks, labels)
    parts: dict[str, Part] = {}
    for name in RANKED:
        row = ranks.loc[name]
        parts[f"top_by_{name}"] = labels[f"top_by_{name}"]._replace(value=row["top"], interval=(row["lower"], row["upper"]))
    gap = _points_over(ranks.loc["spend"])
    parts["value_over_spend"] = labels["value_over_spend"]._replace(value=gap["points"], interval=(gap["low"], gap["high"]))
    parts["oracle_top"] = Value(ranks.loc["oracle", "top"], "Hold-out spend of the top tenth, ranked by the hold-out itself", "share")
    columns = ["top", "lower", "upper", "second", "difference", "difference_lower", "difference_upper"]
    parts["ranking"] = Table(
        ranks[columns].reset_index(),
        "Share of hold-out spend with the top tenth (top) and fifth (second) of customers by each ranking, and difference of the top from "
        "ranking by expected value",
        dict.fromkeys(columns, SHARE) | dict.fromkeys(columns[4:], SIGNED),
    )
    return Finding(parts, _rules(ranks, purchase_model))


def gains(curves: pd.DataFrame | Absent, bands: Mapping[str, pd.DataFrame] | Absent, ranks: pd.DataFrame | Absent) -> Finding:
    """The curves behind the ranking, and whether sorting by past spend does as well; empty where there are none, which `ranking` says."""
    if isinstance(ranks, Absent) or isinstance(curves, Absent) or isinstance(bands, Absent):
        return Finding()
    title = worded(TITLE, "gains", value=ranks.loc["value", "top"], spend=ranks.loc["spend", "top"])
    caption = (
        "Left: share of hold-out spend with the best-ranked customers; the line marks a tenth. Right: difference of each ranking from the "
        "one by expected value, with paired 95 % bands."
    )
    words = table_in_words("Share of hold-out spend with the top tenth and the top fifth", ranks.reset_index(), ["score", "top", "second"])
    drawn = Drawing(figures.gains(curves, bands, ranks.attrs["top"], title), caption, words)
    return Finding({"gains": drawn}, f"{GAINS} {GAIN[_over(ranks.loc['spend'])]} {ORACLE}")


def deciles(tables: Mapping[str, pd.DataFrame] | Absent, tenths: Tenths | Absent, currency: str) -> Finding:
    """Ten equal parts of sales and ten equal numbers of customers, judged by what came; the mapping holds them in this order.

    The parts of the figure keep equal customers together; `tenths` counts who made the tenths exactly, and who is equal at a cut is said.
    """
    first = Value(None, "Customers who made the first tenth of sales", "customers")
    if isinstance(tables, Absent):
        return missing(tables, first_part=first)
    if isinstance(tenths, Absent):
        return missing(tenths, first_part=first)
    (name, parts), (other, even) = tables.items()
    title = worded(TITLE, "deciles", first=tenths.first.customers, later=tenths.first.later.estimate)
    caption = (
        "Share of sales with each part when it was cut (hatched) and in the hold-out (filled, with bootstrap 95 % intervals); equal "
        "customers "
        "stay together. Left: parts of equal sales; right: parts of equally many customers, as near as ties allow."
    )
    words = [
        table_in_words(_capital(name), parts.reset_index(), ["segment", "customers", "share_of_holdout"]),
        table_in_words(_capital(other), even.reset_index(), ["segment", "customers", "share_of_sales", "share_of_holdout"]),
    ]
    return Finding(
        {
            "first_part": first._replace(value=tenths.first.customers),
            "first_part_later": Value(tenths.first.later, "Their share of the hold-out", "share"),
            "last_part": Value(tenths.last, "Customers who made the last tenth of sales", "customers"),
            "top_tenth_then": Value(tenths.top.held, "Share of the calibration's sales with the top tenth of customers", "share"),
            "top_tenth_later": Value(tenths.top.later, "Their share of the hold-out", "share"),
            "deciles": Drawing(figures.decile_lift(tables, title), caption, " ".join(words)),
        },
        DECILES + _ties(tenths, currency),
    )


def deciles_table(tables: Mapping[str, pd.DataFrame] | Absent, currency: str) -> Finding:
    """The parts of equal sales in numbers; empty where there are none, which `deciles` says."""
    if isinstance(tables, Absent):
        return Finding()
    parts = next(iter(tables.values()))
    later = ["share_of_holdout", "share_of_holdout_lower", "share_of_holdout_upper"]
    money = ["mean_spend", "holdout_mean", "holdout_lower", "holdout_upper"]
    caption = (
        f"Ten equal parts of sales: customers, spend per customer then and in the hold-out ({currency}), who bought in it, and its share, "
        "with 95 % intervals"
    )
    formats = dict.fromkeys(["share", "active", *later], SHARE) | dict.fromkeys(money, "{:,.1f}")
    return Finding({"deciles": Table(parts[["customers", "share", *money, "active", *later]].reset_index(), caption, formats)})


def in_short(
    ranks: pd.DataFrame | Absent, use: pd.DataFrame | Absent, scheme: str, chain: Any | Absent, back: pd.DataFrame | Absent
) -> Finding:
    """What sorting, segments, and a comparison of before and after are good for, with what the top tenth brought by each ranking."""
    if isinstance(ranks, Absent):
        return missing(ranks)
    said = [sentence(SORTED, _over(ranks.loc["spend"]))]
    if not isinstance(use, Absent):
        said.append(sentence(SPEAK, _useful(use, scheme), scheme=scheme))
    if not isinstance(chain, Absent):
        said.append(STAY)
    if not isinstance(back, Absent):
        top = back.iloc[0]
        said.append(sentence(BACK, verdict(top["change_lower"], top["change_upper"])))
    title = worded(TITLE, "gains", value=ranks.loc["value", "top"], spend=ranks.loc["spend", "top"])
    caption = (
        "Share of hold-out spend with the top tenth of customers by each ranking, all made from the calibration alone; 95 % intervals."
    )
    words = table_in_words("Share of hold-out spend with the top tenth", ranks.reset_index(), ["score", "top", "lower", "upper"])
    return Finding({"top_tenth": Drawing(figures.top_shares(ranks, title), caption, words)}, " ".join(said))


def records(base: CustomerBase) -> Finding:
    """How the records were read, where they are cut in two, and what they carry."""
    text = sentence(READ, "days", cut=base.tested.calibration_end, end=base.tested.end, customers=len(base.customers))
    return Finding({"audit": audit_table(base.tested.audit)}, f"{text} {going_with(base)}".rstrip())


def warnings(*found: Caveat | Absent) -> Finding:
    """Caveats as a table; those that could not be made are left out."""
    import pandas as pd

    rows = [{"caveat": each.name, "what it means here": each.sentence} for each in found if not isinstance(each, Absent)]
    table = pd.DataFrame(rows, columns=["caveat", "what it means here"])
    return Finding({"evidence_caveats": Table(table, "Caveats where they bite", None, max(1, len(table)))})


def assumptions(
    base: CustomerBase, data: str, scheme: str, margin: float, discount_rate: float, prevented: float
) -> list[tuple[str, str, str, str]]:
    """What is assumed, with value, source and grade."""
    source = source_of_margin(data, margin, discount_rate)
    return [
        ("customers buy and leave as the model says", model_assumed(base.then), "Fader, Hardie & Lee (2005); see the hold-out", "assumed"),
        ("rules of the segments", f"{scheme}, learned until {base.tested.calibration_end}", "these data", "measured"),
        ("margin and discount rate", f"{margin:.0%} of spend, {discount_rate:.1%} a year", *source),
        ("share of departures that a measure prevents", f"{prevented:.0%}", "parameter of this report", "assumed"),
        ("price of treating a customer", "a twentieth of a mean order", "no source", "assumed"),
        ("who is kept brings what the active ones brought", "yes", "no source", "assumed"),
        ("customers do not influence each other", "none do", "not checked", "assumed"),
    ]


def _useful(use: pd.DataFrame, scheme: str) -> str:
    row: Any = use.loc[scheme]
    return "itself" if use.attrs["baseline"] == scheme else verdict(row["difference_lower"], row["difference_upper"])


def _over(row: Any) -> str:
    """The verdict on expected value from the difference of another ranking to it."""
    return verdict(-row["difference_upper"], -row["difference_lower"])


def _points_over(row: Any) -> dict[str, float]:
    """By how many points the ranking by value is ahead of another, with the interval; no minus before a zero."""
    ends = {"points": "difference", "low": "difference_upper", "high": "difference_lower"}
    return {name: -100 * row[column] + 0.0 for name, column in ends.items()}


def _rules(ranks: pd.DataFrame, purchase_model: str) -> str:
    top, own, said = ranks.attrs["top"], ranks.loc["value", "top"], []
    others = ranks.drop(index=["value", "oracle", "random"], errors="ignore")
    for name, row in others.iterrows():
        key = _over(row)
        if key in RULE:
            said.append(sentence(RULE, key, top=top, own=own, name=name, held=row["top"], **_points_over(row)))
    worse = [name for name in ranks.index[ranks["upper"] < top] if name != "oracle"]
    said += [sentence(AGAINST, "chance", name=name, top=top, held=ranks.loc[name, "top"]) for name in worse]
    if purchase_model == "BG/NBD" and any("P(alive)" in each for each in said):
        said.append(AGAINST["BG/NBD"])
    return " ".join(said) or AGAINST["all beaten"]


def _ties(tenths: Tenths, currency: str) -> str:
    cuts = {"first": tenths.first, "last": tenths.above_last, "top": tenths.top}
    said = (
        sentence(TIES, name, tied=cut.tied, amount=cut.amount, currency=currency, taken=cut.taken, are="is" if cut.taken == 1 else "are")
        for name, cut in cuts.items()
        if cut.tied
    )
    return "".join(said)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
