"""What notebook 01 says of the purchase model: its story, how it fits, and who is still a customer by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goodwill.figures import lifetime_value as figures
from goodwill.findings.finding import Absent, Drawing, Finding, Part, Table, Value, missing
from goodwill.findings.words import listed, plural, sentence, table_in_words, worded
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.richer.group_parameters import GroupLikelihood
from goodwill.lifetime_value.richer.seasonal_fit import calendar_factors

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.inference.fit import Fit
    from goodwill.lifetime_value.evidence.checks import ClassTest
    from goodwill.lifetime_value.richer.borrowing import Leaning

CALENDAR = {
    "told": (
        "The model knows a calendar ({calendar}): every day has a factor on everybody's rate of purchase, whose mean over a year is 1, and "
        "the times of a history are counted by a clock that runs by these factors. The busiest: {name}, {factor:.2f} [{lower:.2f}, "
        "{upper:.2f}] times the mean day."
    ),
}
CALENDAR_CAPTION = "How much busier than the mean day of the year, by the calendar of the model"
STORY = {
    "BG/NBD": (
        "The model is BG/NBD: a customer buys at random times at a rate $\\lambda$ of their own, and after each repeat purchase leaves for "
        "good with a probability $p$ of their own. Rates differ between customers by a gamma distribution with shape $r$ and rate "
        "$\\alpha$, leaving probabilities by a beta distribution with parameters $a$ and $b$. For a customer with history $(x, t_x, T)$ "
        "the likelihood is\n\n"
        "$$L = \\frac{{B(a, b+x)}}{{B(a,b)}} \\frac{{\\Gamma(r+x)\\,\\alpha^r}}{{\\Gamma(r)(\\alpha+T)^{{r+x}}}} + [x>0]\\,"
        "\\frac{{B(a+1,b+x-1)}}{{B(a,b)}} \\frac{{\\Gamma(r+x)\\,\\alpha^r}}{{\\Gamma(r)(\\alpha+t_x)^{{r+x}}}}.$$"
    ),
    "MBG/NBD": (
        "The model is MBG/NBD: a customer buys at random times at a rate $\\lambda$ of their own, and after each purchase, the first "
        "included, leaves for good with a probability $p$ of their own. Rates differ between customers by a gamma distribution with shape "
        "$r$ and rate $\\alpha$, leaving probabilities by a beta distribution with parameters $a$ and $b$. For a customer with history "
        "$(x, t_x, T)$ the likelihood is\n\n"
        "$$L = \\frac{{B(a, b+x+1)}}{{B(a,b)}} \\frac{{\\Gamma(r+x)\\,\\alpha^r}}{{\\Gamma(r)(\\alpha+T)^{{r+x}}}} + "
        "\\frac{{B(a+1,b+x)}}{{B(a,b)}} \\frac{{\\Gamma(r+x)\\,\\alpha^r}}{{\\Gamma(r)(\\alpha+t_x)^{{r+x}}}}.$$"
    ),
    "Pareto/NBD": (
        "The model is Pareto/NBD: a customer buys at random times at a rate $\\lambda$ of their own, and leaves for good at a random time, "
        "at a rate $\\mu$ of their own that purchases have no part in. Both rates differ between customers by gamma distributions, with "
        "shapes $r$, $s$ and rates $\\alpha$, $\\beta$. For a customer with history $(x, t_x, T)$ the likelihood is the average over "
        "these of\n\n"
        "$$\\frac{{\\lambda^x \\mu}}{{\\lambda+\\mu}}\\, e^{{-(\\lambda+\\mu)t_x}} + "
        "\\frac{{\\lambda^{{x+1}}}}{{\\lambda+\\mu}}\\, e^{{-(\\lambda+\\mu)T}}.$$"
    ),
    "stacked": (
        "Three models are *stacked*: BG/NBD, MBG/NBD and Pareto/NBD each foretell, and count by weights $w_k$ that maximise what the "
        "mixture would have given to what came after earlier dates of these data,\n\n"
        "$$\\sum_i \\log \\sum_k w_k\\, p_k(y_i),$$\n\n"
        "averaged over a bootstrap of dates and customers (Yao, Vehtari, Simpson & Gelman 2018). In all three a customer buys at random "
        "times at a rate of their own and leaves for good without saying so: after a repeat purchase, after any purchase, or at any time. "
        "At a date count only hold-outs that were over by then. The interval of a total takes one model at a time for all customers."
    ),
}
FITTED = {
    "clear": "The likelihood has one clear maximum: no ridge, no parameter at a boundary.",
    "warned": "**Mind the fit**: {warnings}.",
    "borrowed": (
        "These are the most plausible parameters, given the customers of this group and what is common to all groups; the errors count "
        "that neither is known exactly."
    ),
}
LEANS = {
    "differ": (
        "This group leans on {groups}. Of a new customer {newcomer_year} are expected within a year, beyond the first; {own_share} of that "
        "forecast rests on the group's own customers, the rest on what is common to all groups."
    ),
    "alike": (
        "This group leans on {groups}, and no difference between them is told apart from chance, so that it has the fit of all customers "
        "together. Of a new customer {newcomer_year} are expected within a year, beyond the first."
    ),
}
ALONE = {
    "fitted": (
        "By its own customers alone ({customers:,}, of whom {repeaters:,} came back) it would be {alone:.2f}, by all as one {together:.2f}."
    ),
    "unfitted": (
        "Its own customers alone ({customers:,}, of whom {repeaters:,} came back) determine no fit; by all as one it would be "
        "{together:.2f}."
    ),
}
LEAN_LABELS = {
    "newcomer_year": "Repeat purchases of a new customer of this group within a year",
    "own_share": "Share of that forecast that rests on the group's own customers",
}
CLASSES = {
    "stands": (
        "The chi-square test over {classes} classes does not contradict the model ({frequency_p_value:.0%} of simulated sets that follow "
        "it fit no better). With {customers:,} customers, a misfit like the largest here, {misfit:+.1%} of them with {label} repeat "
        "purchases, may be chance. This is the period that the model was fitted to, so it is the easy test."
    ),
    "rejected": (
        "The chi-square test over {classes} classes **rejects the model** ({frequency_p_value:.0%} of simulated sets that follow it fit "
        "no better). How much that matters is another question: the largest misfit is {misfit:+.1%} of {customers:,} customers, with "
        "{label} repeat purchases. This is the period that the model was fitted to, so it is the easy test."
    ),
}
CLASSES_TITLE = {
    "inside": "The model reproduces how many customers come back how often",
    "outside": "The model places too many or too few customers at {classes} repeat purchases",
}
ALIVE = {
    "BG/NBD": (
        "Of the repeat buyers {alive_repeat_buyers} are still customers, as the model sees it. Of {one_time_buyers} who bought once it "
        "cannot say: BG/NBD lets customers leave only after a repeat purchase, so that their P(alive) is 1 by construction. It is left "
        "blank below."
    ),
    "others": (
        "Of the repeat buyers {alive_repeat_buyers} are still customers, as the model sees it. That leaves {one_time_buyers} who bought "
        "once, whom the model judges as well."
    ),
}
SURE = 0.05


def story(model: str) -> Finding:
    """What the purchase model says of customers, with its likelihood."""
    return Finding(text=sentence(STORY, model))


def fitted(fit: Fit, model: str, unit: str) -> Finding:
    """The estimates, and whether the likelihood has a clear maximum."""
    caption = f"{model}, fitted to the calibration (time in {unit}s)"
    clear = "borrowed" if isinstance(getattr(fit, "problem", None), GroupLikelihood) else "clear"
    said = sentence(FITTED, "warned" if fit.warnings else clear, warnings=" ".join(fit.warnings))
    table = fit.estimates.reset_index()
    calendar = getattr(fit.model, "calendar", None)
    if calendar is None:
        return Finding({"purchase_model": Table(table, caption)}, said)
    factors = calendar_factors(fit)
    top = factors.iloc[int(factors["factor"].to_numpy(float).argmax())]
    numbers = {name: float(top[name]) for name in ("factor", "lower", "upper")}
    shown = dict.fromkeys(numbers, "{:.2f}")
    parts: dict[str, Part] = {
        "purchase_model": Table(table.iloc[: len(table) - len(calendar.fields)], caption),
        "calendar_factors": Table(factors, CALENDAR_CAPTION, shown, max_rows=80),
    }
    return Finding(parts, f"{said} {sentence(CALENDAR, 'told', calendar=str(calendar), name=top['name'], **numbers)}")


def leans(found: Leaning | Absent | None) -> Finding:
    """How far the fit of a group leans on other groups; nothing is said of one that borrows nothing."""
    if found is None:
        return Finding()
    year, share = Value(None, LEAN_LABELS["newcomer_year"], "purchases"), Value(None, LEAN_LABELS["own_share"], "share")
    if isinstance(found, Absent):
        return missing(found, newcomer_year=year, own_share=share)
    numbers = {"customers": found.customers, "repeaters": found.repeaters, "alone": found.alone, "together": found.together}
    said = [
        sentence(LEANS, "differ" if found.own > 0 else "alike", groups=plural(found.groups, "other group")),
        sentence(ALONE, "unfitted" if found.alone is None else "fitted", **numbers),
    ]
    return Finding({"newcomer_year": year._replace(value=found.expected), "own_share": share._replace(value=found.own)}, " ".join(said))


def classes(table: pd.DataFrame, test: ClassTest | Absent) -> tuple[Finding, ...]:
    """Customers by repeat purchases, in the data and as the model expects, and whether the difference may be chance."""
    out = table["label"][(table["actual"] < table["lower"]) | (table["actual"] > table["upper"])].to_list()
    title = worded(CLASSES_TITLE, "outside" if out else "inside", classes=listed(out))
    caption = (
        "Customers by repeat purchases in the calibration; dots are what the fitted model expects, bars their 95 % range by chance alone."
    )
    words = table_in_words("Customers by number of repeat purchases", table, ["label", "actual", "expected"])
    drawn = Finding({"frequency_classes": Drawing(figures.frequency_classes(table, title=title), caption, words)})
    p_value = Value(None, "Chance of a misfit this large if the model were true", "share")
    if isinstance(test, Absent):
        return drawn, missing(test, frequency_p_value=p_value)
    key = "stands" if test.p_value > SURE else "rejected"
    said = sentence(CLASSES, key, classes=test.classes, customers=test.customers, misfit=test.misfit, label=test.label)
    return drawn, Finding({"frequency_p_value": p_value._replace(value=test.p_value)}, said)


def alive(share: Interval, once: int, grid: pd.DataFrame, model: str, unit: str) -> Finding:
    """Who is still a customer, and when silence means that somebody has left."""
    title = "The more often somebody used to buy, the sooner silence means that they are gone"
    caption = f"P(alive) of a customer first seen at the start of the data, by repeat purchases and {unit}s of silence. Point estimates."
    table = grid.iloc[::12].reset_index(names=f"{unit}s")
    words = table_in_words(f"P(alive) by {unit}s of silence and repeat purchases", table, [f"{unit}s", 1, 5, 15])  # type: ignore[list-item]
    return Finding(
        {
            "one_time_buyers": Value(once, "Bought once", "customers"),
            "alive_repeat_buyers": Value(share, "Repeat buyers who are still customers", "share"),
            "alive": Drawing(figures.alive_map(grid, unit, title=title), caption, words),
        },
        ALIVE.get(model, ALIVE["others"]),
    )
