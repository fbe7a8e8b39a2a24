"""What notebook 09 says: who the customers of a period are, what changed, what became of each cohort, and who carries the base."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goodwill.figures import base_audit as figures
from goodwill.findings.finding import Absent, Drawing, Finding, Part, Table, Value, missing, needs_all
from goodwill.findings.words import plural, sentence, table_in_words, verdict, worded

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.inference.uncertainty import Interval
    from goodwill.lifetime_value.base_audit.change import Change
    from goodwill.lifetime_value.base_audit.cohorts import Drift
    from goodwill.lifetime_value.base_audit.periods import BaseAudit

PERIODS = {
    "whole": "The records hold {count} whole {period}s, {first} to {last}.",
    "some cut": "The records hold {count} whole {period}s, {first} to {last}. Left out, because only a part of them is there: {partial}.",
}
ONE = {
    "better": (
        "In {period}, {active} bought. {bought_once} of them bought on one day only; the tenth who spent most brought {top_share} of the "
        "money, more than twice its part of the customers: an average hides whom such a base lives from."
    ),
    "worse": (
        "In {period}, {active} bought. {bought_once} of them bought on one day only; the tenth who spent most brought {top_share} of the "
        "money, less than twice its part of the customers: such a base lives from many."
    ),
    "not told apart": (
        "In {period}, {active} bought. {bought_once} of them bought on one day only; the tenth who spent most brought {top_share} of the "
        "money, which is not told apart from twice its part of the customers."
    ),
    "no money": "In {period}, {active} bought. {bought_once} of them bought on one day only.",
}
CHANGED = {
    "better": "In {later}, **more came than in {earlier}**: {base_change}. That is more than the chance of who buys explains.",
    "worse": "In {later}, **less came than in {earlier}**: {base_change}. That is more than the chance of who buys explains.",
    "not told apart": "{later} and {earlier} are **not told apart** by what came: {base_change}, which the chance of who buys may explain.",
}
SEASON = {"": "The two are different parts of the year, so a season may be all of it."}
WHO = {
    "new": "{left} who bought then and not now took {lost} with them; {new} who were won since brought {won}.",
    "nobody new": "{left} who bought then and not now took {lost} with them. **Nobody was won since**: such a base can only shrink.",
}
PARTS = {
    "money": (
        "Taken apart, {customers:+,.0f} come from how many customers bought, {purchases:+,.0f} from how often each did, and {amount:+,.0f} "
        "from the money of a purchase."
    ),
    "no money": "Taken apart, {customers:+,.0f} come from how many customers bought, and {purchases:+,.0f} from how often each did.",
}
CHANGE_TITLE = {
    "better": "{later} brought more than {earlier}: who made the difference",
    "worse": "{later} brought less than {earlier}: who made the difference",
    "not told apart": "{later} and {earlier} are not told apart: who gave more, and who less",
}
KEPT = {
    "": (
        "Of the {size} won in {cohort}, {again:.0%} bought again in the {period} after; in the last {period}, {age} later, it was "
        "{last:.0%}. Shares that fall fast and then slowly do not say that customers become loyal: who leaves early is no longer among "
        "those asked."
    )
}
CAPTIONS = {
    "money": "Customers, purchases and money by {period}",
    "purchases": "Customers and purchases by {period}",
    "ages": "Share of a cohort that bought in each {period} after that of its first purchase.",
    "changed": "Customers by what they did in {earlier} and in {later}; their number stands in brackets.",
    "layers": "{measure} by {period}; each colour stands for the customers whose first purchase lies there.",
}
KEPT_TITLE = {"": "Of the {size} won in {cohort}, {again:.0%} bought in the next {period}, {last:.0%} in the last one seen"}
DRIFT = {
    "better": (
        "At the same age, one {period} after the first purchase, customers won in {newest} had brought **more** than those won in "
        "{oldest}: {cohort_drift} each."
    ),
    "worse": (
        "At the same age, one {period} after the first purchase, customers won in {newest} had brought **less** than those won in "
        "{oldest}: {cohort_drift} each. A growing base of ever weaker cohorts looks healthy until it stops to grow."
    ),
    "not told apart": (
        "At the same age, one {period} after the first purchase, customers won in {newest} and in {oldest} are **not told apart**: "
        "{cohort_drift} each."
    ),
}
LAYERS = {"": "Of what came in {last}, {known_share} came from customers who had been won before it."}
LAYERS_TITLE = {
    "": "Customers won before {last} brought {share:.0%} of what came in it",
    "nothing": "What came by period, and who brought it",
}
NOBODY = {
    False: "",
    True: " **Nobody was won after {earlier}**: such a base can only shrink.",
}
SHORT = {
    "both": "{changed}{nobody} {known} {drift}",
    "no drift": (
        "{changed}{nobody} {known} Whether newer customers are better or worse than older ones at the same age cannot be said here: {why}"
    ),
}
MONEY = ["money", "money_each", "share_of_money", "so_far"]
FACTORS = {"purchases_each": "purchases of each", "money_each": "money of a purchase"}
SHOWN = 12  # rows of the tables that have one for each cohort and period
TWICE = 0.2  # of the money, what twice its part is to a tenth of the customers
MISSING = {
    "active": Value(None, "Customers who bought in the last period"),
    "bought_once": Value(None, "Share of them who bought on one day only", "share"),
    "top_share": Value(None, "Part of the money that the best tenth brought", "share"),
}


def periods(audit: BaseAudit, table: pd.DataFrame) -> Finding:
    """The whole periods, one a row."""
    said = sentence(
        PERIODS,
        "some cut" if audit.partial else "whole",
        count=len(audit.names),
        period=audit.period,
        first=audit.names[0],
        last=audit.names[-1],
        partial=", ".join(audit.partial),
    )
    caption = worded(CAPTIONS, "money" if audit.has_money else "purchases", period=audit.period)
    return Finding({"base_periods": Table(_without_empty(audit, table), caption)}, said)


def _without_empty(audit: BaseAudit, table: pd.DataFrame) -> pd.DataFrame:
    """The table without the columns of money where the records have none."""
    return table if audit.has_money else table.drop(columns=MONEY, errors="ignore")


@needs_all(MISSING, but=("top",))
def one_period(audit: BaseAudit, spread: pd.DataFrame, *, top: Interval | Absent) -> Finding:
    """How the customers of the last period differ."""
    customers = int(spread["customers"].sum())
    once = float(spread["share_of_customers"].iloc[0])
    parts: dict[str, Part] = {
        "active": MISSING["active"]._replace(value=customers, unit="customers"),
        "bought_once": MISSING["bought_once"]._replace(value=once),
        "base_spread": Table(
            _without_empty(audit, spread),
            f"Customers of {audit.names[-1]} by how many days they bought on",
            dict.fromkeys(("share_of_customers", "share_of_money"), "{:.1%}"),
        ),
    }
    if isinstance(top, Absent):
        parts["top_share"] = MISSING["top_share"]._replace(reason=str(top))
        return Finding(parts, sentence(ONE, "no money", period=audit.names[-1]))
    parts["top_share"] = MISSING["top_share"]._replace(value=top)
    return Finding(parts, sentence(ONE, verdict(top.lower - TWICE, top.upper - TWICE), period=audit.names[-1]))


@needs_all({"base_change": "What came in the last period, less what came before"})
def changed(audit: BaseAudit, found: Change, money: str) -> Finding:
    """What the last period brought more or less than an earlier one, by whom, and by what."""
    key = verdict(found.difference.lower, found.difference.upper)
    rows = found.table.set_index("group").astype(float).to_dict("index")
    said = [sentence(CHANGED, key, later=found.later, earlier=found.earlier)]
    if found.season:
        said.append(sentence(SEASON, ""))
    gone, won = rows["not now"], rows["won since"]
    told = {"left": plural(int(gone["customers"]), "customer"), "lost": f"{-gone['difference']:,.0f}"}
    new = {"new": f"{won['customers']:,.0f}", "won": f"{won['now']:,.0f}"}
    said.append(sentence(WHO, "new" if won["customers"] else "nobody new", **told, **new))
    moved = found.parts["difference"]
    if moved.notna().all():
        apart = dict(zip(("customers", "purchases", "amount"), moved, strict=False))
        said.append(sentence(PARTS, "money" if audit.has_money else "no money", **apart))
    label = f"{_unit(audit, money)}, {found.later} less {found.earlier}"
    title = worded(CHANGE_TITLE, key, later=found.later, earlier=found.earlier)
    words = table_in_words(title, found.table, ["group", "customers", "difference"])
    caption = worded(CAPTIONS, "changed", earlier=found.earlier, later=found.later)
    return Finding(
        {
            "base_change": Value(found.difference, f"What came in {found.later}, less what came in {found.earlier}", _unit(audit, money)),
            "base_changed": Drawing(figures.changed(found.table, label, title=title), caption, words),
            "base_groups": Table(found.table, f"Customers of {found.earlier} and of {found.later}"),
            "base_parts": Table(
                found.parts.replace({"part": FACTORS}), f"What made the difference between {found.earlier} and {found.later}"
            ),
        },
        " ".join(said),
    )


def _unit(audit: BaseAudit, money: str) -> str:
    return money if audit.has_money else "purchases"


@needs_all()
def kept(audit: BaseAudit, table: pd.DataFrame) -> Finding:
    """What became of the cohorts: the share of each that bought, by age."""
    known = table[table["born"] >= 0]
    largest = known.drop_duplicates("cohort").sort_values("size", kind="stable", ascending=False)
    parts: dict[str, Part] = {
        "base_cohorts": Table(
            _without_empty(audit, table.drop(columns=["born", "at"])),
            f"Each cohort by its age in {audit.period}s",
            {"share_active": "{:.1%}"},
            SHOWN,
        )
    }
    for name in largest["cohort"]:
        own = known[known["cohort"] == name]
        if len(own) < 3:
            continue
        told = {
            "size": f"{int(own['size'].max()):,}",
            "cohort": name,
            "again": float(own["share_active"].iloc[1]),
            "last": float(own["share_active"].iloc[-1]),
            "period": audit.period,
            "age": plural(int(own["age"].iloc[-1]), audit.period),
        }
        title = worded(KEPT_TITLE, "", **told)
        words = table_in_words(title, own, ["age", "share_active"])
        caption = worded(CAPTIONS, "ages", period=audit.period)
        drawing = Drawing(figures.ages(known, audit.period, title=title), caption, words)
        return Finding(parts | {"base_ages": drawing}, sentence(KEPT, "", **told))
    return Finding(parts)


def drift(audit: BaseAudit, cohorts: pd.DataFrame, found: Drift | Absent, money: str) -> Finding:
    """Whether newer cohorts bring more or less at the same age."""
    label = "What a customer of the newest cohort had brought at the same age, less one of the oldest"
    if isinstance(found, Absent):
        return missing(found, cohort_drift=label)
    key = verdict(found.difference.lower, found.difference.upper)
    table = Table(
        cohorts,
        f"What each cohort had brought, and how many had come again, one {audit.period} after the first purchase",
        {"active": "{:.1%}"},
    )
    said = sentence(DRIFT, key, period=audit.period, newest=found.newest, oldest=found.oldest)
    return Finding({"cohort_drift": Value(found.difference, label, _unit(audit, money)), "base_same_age": table}, said)


def layers(audit: BaseAudit, table: pd.DataFrame, known: float | Absent) -> Finding:
    """Which cohorts carry the base."""
    label = "Part of what came in the last period that came from customers won before it"
    parts: dict[str, Part] = {
        "base_layer_table": Table(_without_empty(audit, table), "What each cohort brought, period by period", max_rows=SHOWN)
    }
    if isinstance(known, Absent):
        return Finding({**missing(known, known_share=label).parts, **parts}, missing(known).text)
    return Finding({"known_share": Value(known, label, "share"), **parts}, sentence(LAYERS, "", last=audit.names[-1]))


def _drawn(audit: BaseAudit, table: pd.DataFrame, known: float | Absent, money: str) -> Drawing:
    """The layers, one upon the other."""
    measure = "money" if audit.has_money else "purchases"
    told = {} if isinstance(known, Absent) else {"share": known}
    title = worded(LAYERS_TITLE, "" if told else "nothing", last=audit.names[-1], **told)
    rows = table.assign(row=table["cohorts"].astype(str) + " in " + table["period"].astype(str))
    words = table_in_words(title, rows, ["row", measure])
    caption = worded(CAPTIONS, "layers", measure=money if audit.has_money else "Purchases", period=audit.period)
    return Drawing(figures.layers(table, measure, _unit(audit, money), title=title), caption, words)


@needs_all(but=("known", "drifted"), without=("base_layers",))
def in_short(
    audit: BaseAudit, found: Change, table: pd.DataFrame, money: str, *, known: float | Absent, drifted: Drift | Absent
) -> Finding:
    """What changed, who carries the base, with the layers as a figure, and whether newer customers are as good."""
    key = verdict(found.difference.lower, found.difference.upper)
    won = found.table.set_index("group")["customers"]["won since"]
    told = {
        "changed": sentence(CHANGED, key, later=found.later, earlier=found.earlier),
        "nobody": sentence(NOBODY, not won, earlier=found.earlier),
        "known": missing(known).text if isinstance(known, Absent) else sentence(LAYERS, "", last=audit.names[-1]),
    }
    parts = {"base_layers": _drawn(audit, table, known, money)}
    if isinstance(drifted, Absent):
        return Finding(parts, SHORT["no drift"].format(**told, why=missing(drifted).text))
    key = verdict(drifted.difference.lower, drifted.difference.upper)
    moved = sentence(DRIFT, key, period=audit.period, newest=drifted.newest, oldest=drifted.oldest)
    return Finding(parts, SHORT["both"].format(**told, drift=moved))


def assumptions(audit: BaseAudit) -> list[tuple[str, str, str, str]]:
    """What the report takes for granted, with source and grade."""
    return [
        ("a customer begins with the first purchase in the records", "yes", "there is nothing before it", "assumed"),
        (f"whole calendar {audit.period}s", str(len(audit.names)), "the dates of the records", "measured"),
        ("chance among customers", "each customer's difference is one draw", "no model of purchases", "assumed"),
    ]
