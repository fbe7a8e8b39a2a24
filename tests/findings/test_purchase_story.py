"""The words of notebook 01 in `purchase_story`, each reached from data."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from tests.drawn import title
from tests.findings.fitted import fit
from tests.lifetime_value.test_seasonal import shop

import goodwill as gw
from goodwill.findings.finding import Absent, Value, missing
from goodwill.findings.purchases import purchase_story as said
from goodwill.inference.track_record import Statement, scored, track_record, why_not_widened, widened
from goodwill.inference.uncertainty import Interval
from goodwill.lifetime_value.evidence.checks import ClassTest
from goodwill.lifetime_value.evidence.headline import Headline
from goodwill.lifetime_value.richer.borrowing import Leaning

ABSENT = Absent("Nobody came back.")


BG_NBD = (
    "The model is BG/NBD: a customer buys at random times at a rate $\\lambda$ of their own, and after each repeat purchase leaves for "
    "good with a probability $p$ of their own. Rates differ between customers by a gamma distribution with shape $r$ and rate "
    "$\\alpha$, leaving probabilities by a beta distribution with parameters $a$ and $b$. For a customer with history $(x, t_x, T)$ "
    "the likelihood is\n\n"
    "$$L = \\frac{B(a, b+x)}{B(a,b)} \\frac{\\Gamma(r+x)\\,\\alpha^r}{\\Gamma(r)(\\alpha+T)^{r+x}} + [x>0]\\,"
    "\\frac{B(a+1,b+x-1)}{B(a,b)} \\frac{\\Gamma(r+x)\\,\\alpha^r}{\\Gamma(r)(\\alpha+t_x)^{r+x}}.$$"
)
MBG_NBD = (
    "The model is MBG/NBD: a customer buys at random times at a rate $\\lambda$ of their own, and after each purchase, the first "
    "included, leaves for good with a probability $p$ of their own. Rates differ between customers by a gamma distribution with shape "
    "$r$ and rate $\\alpha$, leaving probabilities by a beta distribution with parameters $a$ and $b$. For a customer with history "
    "$(x, t_x, T)$ the likelihood is\n\n"
    "$$L = \\frac{B(a, b+x+1)}{B(a,b)} \\frac{\\Gamma(r+x)\\,\\alpha^r}{\\Gamma(r)(\\alpha+T)^{r+x}} + "
    "\\frac{B(a+1,b+x)}{B(a,b)} \\frac{\\Gamma(r+x)\\,\\alpha^r}{\\Gamma(r)(\\alpha+t_x)^{r+x}}.$$"
)
PARETO_NBD = (
    "The model is Pareto/NBD: a customer buys at random times at a rate $\\lambda$ of their own, and leaves for good at a random time, "
    "at a rate $\\mu$ of their own that purchases have no part in. Both rates differ between customers by gamma distributions, with "
    "shapes $r$, $s$ and rates $\\alpha$, $\\beta$. For a customer with history $(x, t_x, T)$ the likelihood is the average over "
    "these of\n\n"
    "$$\\frac{\\lambda^x \\mu}{\\lambda+\\mu}\\, e^{-(\\lambda+\\mu)t_x} + "
    "\\frac{\\lambda^{x+1}}{\\lambda+\\mu}\\, e^{-(\\lambda+\\mu)T}.$$"
)


STACKED = (
    "Three models are *stacked*: BG/NBD, MBG/NBD and Pareto/NBD each foretell, and count by weights $w_k$ that maximise what the mixture "
    "would have given to what came after earlier dates of these data,\n\n"
    "$$\\sum_i \\log \\sum_k w_k\\, p_k(y_i),$$\n\n"
    "averaged over a bootstrap of dates and customers (Yao, Vehtari, Simpson & Gelman 2018). In all three a customer buys at random times "
    "at a rate of their own and leaves for good without saying so: after a repeat purchase, after any purchase, or at any time. At a date "
    "count only hold-outs that were over by then. The interval of a total takes one model at a time for all customers."
)


@pytest.mark.parametrize(("model", "text"), [("BG/NBD", BG_NBD), ("MBG/NBD", MBG_NBD), ("Pareto/NBD", PARETO_NBD), ("stacked", STACKED)])
def test_a_page_tells_the_story_of_its_own_model(model: str, text: str) -> None:
    assert said.story(model).text.replace("{{", "{").replace("}}", "}") == text


@pytest.mark.parametrize(
    ("warnings", "text"),
    [
        ((), "The likelihood has one clear maximum: no ridge, no parameter at a boundary."),
        (("a ran away", "b too"), "**Mind the fit**: a ran away b too."),
    ],
)
def test_a_fit_says_what_is_wrong_with_it(warnings: tuple[str, ...], text: str) -> None:
    finding = said.fitted(fit(*warnings), "MBG/NBD", "month")
    assert finding.text == text
    assert finding.parts["purchase_model"].caption == "MBG/NBD, fitted to the calibration (time in months)"
    assert list(finding.parts["purchase_model"].frame.columns) == ["parameter", "estimate"]


def classes(*actual: int) -> pd.DataFrame:
    fixed = {"expected": [50.0, 30.0, 20.0], "lower": [40.0, 20.0, 12.0], "upper": [60.0, 40.0, 28.0]}
    return pd.DataFrame({"label": ["0", "1", "2+"], "actual": actual, **fixed})


@pytest.mark.parametrize(
    ("actual", "p", "headline", "text"),
    [
        (
            (60, 20, 19),
            0.051,
            "The model reproduces how many customers come back how often",
            "The chi-square test over 3 classes does not contradict the model ({frequency_p_value:.0%} of simulated sets that follow it "
            "fit no better). With 2,357 customers, a misfit like the largest here, −0.9% of them with 2+ repeat purchases, may be chance. "
            "This is the period that the model was fitted to, so it is the easy test.",
        ),
        (
            (61, 29, 11),
            0.05,
            "The model places too many or too few customers at 0 and 2+ repeat purchases",
            "The chi-square test over 3 classes **rejects the model** ({frequency_p_value:.0%} of simulated sets that follow it fit no "
            "better). How much that matters is another question: the largest misfit is −0.9% of 2,357 customers, with 2+ repeat purchases. "
            "This is the period that the model was fitted to, so it is the easy test.",
        ),
    ],
)
def test_frequency_classes_name_those_that_misfit(actual: tuple[int, ...], p: float, headline: str, text: str) -> None:
    drawn, tested = said.classes(classes(*actual), ClassTest(3.0, 3, p, 2357, "2+", -0.009))
    assert (drawn.text, tested.text) == ("", text)
    assert tested.parts == {"frequency_p_value": Value(p, "Chance of a misfit this large if the model were true", "share")}
    assert list(drawn.parts) == ["frequency_classes"]
    drawing = drawn.parts["frequency_classes"]
    assert title(drawing.figure) == headline
    assert drawing.caption == (
        "Customers by repeat purchases in the calibration; dots are what the fitted model expects, bars their 95 % range by chance alone."
    )
    assert drawing.words == (
        f"Customers by number of repeat purchases. 0: actual {actual[0]}, expected 50; 1: actual {actual[1]}, expected 30; "
        f"2+: actual {actual[2]}, expected 20."
    )


def test_classes_that_cannot_be_tested_are_drawn_all_the_same() -> None:
    drawn, tested = said.classes(classes(60, 20, 19), ABSENT)
    assert list(drawn.parts) == ["frequency_classes"]
    assert tested == missing(ABSENT, frequency_p_value=Value(None, "Chance of a misfit this large if the model were true", "share"))


@pytest.mark.parametrize(
    ("model", "text"),
    [
        (
            "BG/NBD",
            "Of the repeat buyers {alive_repeat_buyers} are still customers, as the model sees it. Of {one_time_buyers} who bought once it "
            "cannot say: BG/NBD lets customers leave only after a repeat purchase, so that their P(alive) is 1 by construction. It is left "
            "blank below.",
        ),
        (
            "Pareto/NBD",
            "Of the repeat buyers {alive_repeat_buyers} are still customers, as the model sees it. That leaves {one_time_buyers} who "
            "bought once, whom the model judges as well.",
        ),
    ],
)
def test_who_is_alive_depends_on_the_model(model: str, text: str) -> None:
    silence, frequency = np.linspace(0, 30, 24), np.arange(1, 16)
    grid = pd.DataFrame(np.exp(-silence[:, None] * frequency / 30), index=silence, columns=frequency)
    finding = said.alive(Interval(0.6, 0.5, 0.7), 12, grid, model, "month")
    assert finding.text == text
    once, share, drawing = finding.parts.values()
    assert list(finding.parts) == ["one_time_buyers", "alive_repeat_buyers", "alive"]
    assert once == Value(12, "Bought once", "customers")
    assert share == Value(Interval(0.6, 0.5, 0.7), "Repeat buyers who are still customers", "share")
    assert title(drawing.figure) == "The more often somebody used to buy, the sooner silence means that they are gone"
    assert drawing.caption == (
        "P(alive) of a customer first seen at the start of the data, by repeat purchases and months of silence. Point estimates."
    )
    assert drawing.words == (
        "P(alive) by months of silence and repeat purchases. 0: 1 1, 5 1, 15 1; 15.65: 1 0.5935, 5 0.07363, 15 0.0003992."
    )


WHOLE = Interval(6000.0, 5000.4, 7000.0)
NOW = Statement(date(1998, 6, 30), date(1999, 1, 19), *WHOLE)


def headline(past: list[Statement]) -> Headline:
    record = track_record(past) if past else None
    return Headline(NOW, widened(NOW, past), why_not_widened(NOW, past), record, scored(past) if past else pd.DataFrame())


def test_a_fit_under_a_calendar_tells_its_factors() -> None:
    summary = gw.summarize_purchases(gw.read_transactions("cdnow_sample"))
    finding = said.fitted(gw.lifetime_value.fit_with_calendar(summary, ["Christmas x2"]), "BG/NBD", "week")
    assert finding.text == (
        "The likelihood has one clear maximum: no ridge, no parameter at a boundary. The model knows a calendar (Christmas): every day has "
        "a factor on everybody's rate of purchase, whose mean over a year is 1, and the times of a history are counted by a clock that "
        "runs by these factors. The busiest: Christmas, 1.90 [1.90, 1.90] times the mean day."
    )
    assert finding.parts["purchase_model"].frame["parameter"].tolist() == ["r", "alpha", "a", "b"]
    assert finding.parts["calendar_factors"].caption == "How much busier than the mean day of the year, by the calendar of the model"
    assert finding.parts["calendar_factors"].frame["name"].tolist() == ["Christmas"]
    assert finding.parts["calendar_factors"].formats == dict.fromkeys(("factor", "lower", "upper"), "{:.2f}")
    assert finding.parts["calendar_factors"].max_rows == 80  # a factor for each week of the year, and days with a name


def test_factors_that_are_estimated_do_not_stand_among_the_parameters() -> None:
    finding = said.fitted(gw.lifetime_value.fit_with_calendar(gw.summarize_purchases(shop(customers=200)), ["Christmas"]), "BG/NBD", "week")
    assert finding.parts["purchase_model"].frame["parameter"].tolist() == ["r", "alpha", "a", "b"]


BORROWED = Leaning(40, 25, 12, Interval(2.14, 1.6, 2.8), together=2.41, alone=1.52, own=0.61)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (
            BORROWED,
            "This group leans on 12 other groups. Of a new customer {newcomer_year} are expected within a year, beyond the first; "
            "{own_share} of that forecast rests on the group's own customers, the rest on what is common to all groups. By its own "
            "customers alone (40, of whom 25 came back) it would be 1.52, by all as one 2.41.",
        ),
        (
            BORROWED._replace(own=0.0, alone=None, groups=1),
            "This group leans on 1 other group, and no difference between them is told apart from chance, so that it has the fit of all "
            "customers together. Of a new customer {newcomer_year} are expected within a year, beyond the first. Its own customers alone "
            "(40, of whom 25 came back) determine no fit; by all as one it would be 2.41.",
        ),
    ],
    ids=["differ", "alike"],
)
def test_how_far_a_group_leans_on_others_is_said(found: Leaning, text: str) -> None:
    finding = said.leans(found)
    assert finding.text == text
    assert finding.parts["newcomer_year"] == Value(
        found.expected, "Repeat purchases of a new customer of this group within a year", "purchases"
    )
    assert finding.parts["own_share"] == Value(found.own, "Share of that forecast that rests on the group's own customers", "share")


def test_of_a_group_that_borrows_nothing_nothing_is_said_and_of_one_that_cannot_why() -> None:
    assert said.leans(None).parts == {}
    assert said.leans(None).text == ""
    assert list(said.leans(ABSENT).parts) == ["newcomer_year", "own_share"]
    assert said.leans(ABSENT).absent == ABSENT


def test_a_borrowed_fit_is_not_called_the_maximum_of_a_likelihood() -> None:
    rows = pd.DataFrame({"frequency": [0, 1, 2, 6], "recency": [0.0, 8.0, 15.0, 27.0], "T": 30.0, "weight": [60, 20, 12, 8]})
    both = pd.concat([rows.assign(shop="north"), rows.assign(shop="south")])
    finding = said.fitted(gw.lifetime_value.fit_groups(both, "shop")["north"], "BG/NBD", "week")
    assert finding.text == (
        "These are the most plausible parameters, given the customers of this group and what is common to all groups; the errors count "
        "that neither is known exactly."
    )
