"""Single questions of a survey and what goes with satisfaction; and the worked examples: a simulated company, a survey of 93 answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goodwill.figures import satisfaction as figures
from goodwill.findings.finding import Absent, Drawing, Finding, Part, Table, Value, missing
from goodwill.findings.words import listed, sentence, table_in_words, verdict, worded

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.satisfaction.index import SatisfactionIndex
    from goodwill.satisfaction.items import Comparison
    from goodwill.satisfaction.worked_examples import JDSurvey, TwoOutcomes

NO_EXAMPLE = {
    "company": "The simulated company is a worked example beside the built-in survey; it stands in no report on other answers.",
    "jd": "The worked example of the JD survey was not asked for.",
}
OWN, SIMULATED = "own survey", "simulated company"
LABELS = {
    "index_simple": "Simple score ({whose})",
    "index_weighted": "Weighted score ({whose})",
    "index_difference": "Weighted minus simple, paired",
    "index_100": "Weighted score on 0 to 100",
    "alpha": "Cronbach's alpha ({whose}); Feldt interval, a little short for skewed answers",
    "jd_never_bought": "JD survey: never bought on JD",
    "jd_answered_returns": "JD survey: answered about returns",
}
CAPTIONS = {
    "items": "Items ({whose}): mean with 95% t interval, top boxes, correlation with the rest, alpha without the item",
    "importance_table": (
        "Stated weights beside derived importance ({whose}): Shapley (LMG) and Johnson parts of R squared; "
        "ranks that a bootstrap leaves possible"
    ),
    "importance": (
        "Mean answer and share of the explained variance, with 95% intervals; lines mark the averages. "
        "An item whose interval crosses a line has no place."
    ),
    "penalty_reward": (
        "Penalty and reward ({whose}): overall satisfaction where an item is among the worst or the best fifth; "
        "a Kano label only where the interval of the contrast excludes zero"
    ),
    "behaviour": "Share with a high intention, and share who did; 95% Wilson intervals.",
    "behaviour, simulated": (
        "Share with a high intention, and share who did (simulated company: who bought in the last 13 weeks); 95% Wilson intervals."
    ),
    "categories": (
        "Six loyalty categories from purchases after the first, in two equal spans (simulated company); "
        "without_trend is what chance alone would give. Non-users are not in purchase records."
    ),
    "jd_funnel": "JD survey: questionnaires at each stage",
    "jd_table": "JD survey: shares of the 93 valid answers, 95% Wilson intervals, and worst-case bounds over the 250 asked",
    "jd_shares": (
        "JD survey 2015: share of the valid answers with the 95% Wilson interval (bars) and what it could be among all 250 asked (grey)."
    ),
}
ALTERNATIVES = {"importance": "Importance and mean of items", "jd_shares": "JD survey shares"}
WEIGHTING = {
    "changes": "Weighting changes the score by {index_difference}: the important items are rated differently.",
    "not told apart": "Weighting changes nothing that these answers can show ({index_difference}).",
}
PLACES = {"": "{decided} of {items} items have a place that the answers decide ({whose})"}
FIRST = {
    "some": (
        "Look first at {items}: more important than the average item, and rated below it "
        "(measured; an association, not what an improvement would bring)."
    ),
    "none": "No item is told apart as both more important than the average item and rated below it, so none is named to look at first.",
}
KANO = {
    "some": "{labelled} of {items} items earn a Kano label.",
    "none": "No item earns a Kano label: every interval of the contrast holds zero.",
}
PAIR = {"rises": "{outcome} rises", "falls": "{outcome} falls", "not shown": "for {outcome} no increase is shown"}
TOGETHER = {"": "With satisfaction, {first}; {second}"}
OUTCOMES = {"intention": "share with a high intention", "behaviour": "share with {name}"}
JD_WIDTH = {"": "By chance alone shares are known to {half:.0%} either way; without assumptions, hardly at all"}
JD = (
    "{jd_never_bought:number} of the 93 never bought on JD, and yet {jd_answered_returns:number} answered what returns there are like. "
    "Which of these answers are theirs cannot be told; they are left in and said."
)


def no_example(which: str) -> Absent:
    """Takes the place of a worked example that is not shown."""
    return Absent(NO_EXAMPLE[which])


def score(found: SatisfactionIndex | Absent, whose: str = OWN) -> Finding:
    """Simple and weighted score, and whether weighting makes a difference."""
    if isinstance(found, Absent):
        return Finding()
    lower, upper = found.difference.lower, found.difference.upper
    key = "not told apart" if verdict(lower, upper) == "not told apart" else "changes"
    values = {"index_simple": found.simple, "index_weighted": found.weighted, "index_difference": found.difference}
    parts = {name: Value(value, worded(LABELS, name, whose=whose), "points") for name, value in values.items()}
    parts["index_100"] = Value(found.scaled(found.weighted), LABELS["index_100"], "of 100")
    return Finding(parts, WEIGHTING[key])


def compared(found: Comparison | Absent, whose: str = OWN) -> tuple[Finding, ...]:
    """What to look at first: importance and performance of each item."""
    if isinstance(found, Absent):
        return (missing(found),)
    places = found.places
    decided = int((places["place"] != "undecided").sum())
    title = worded(PLACES, "", decided=decided, items=len(places), whose=whose)
    words = table_in_words(ALTERNATIVES["importance"], places.reset_index(), ["item", "mean", "share", "place"])
    drawing = Drawing(figures.importance_map(places, title=title), CAPTIONS["importance"], words)
    columns = ["stated", "lmg", "johnson", "share", "rank", "rank_lower", "rank_upper"]
    table = Table(found.importance[columns].reset_index(), worded(CAPTIONS, "importance_table", whose=whose))
    said = look_first(found) if whose == OWN else ""  # of a simulated company nobody should look at anything
    return Finding({"importance": drawing}, said), Finding({"importance": table})


def look_first(found: Comparison) -> str:
    """Which items are told apart as important and weak, as Markdown."""
    first = [str(item) for item in found.places.index[found.places["place"] == "look here first"]]
    return sentence(FIRST, "some" if first else "none", items=listed(first))


def penalties(found: Comparison | Absent, whose: str = OWN) -> Finding:
    """How much worse a bad item goes with, and how much better a good one."""
    if isinstance(found, Absent):
        return Finding()
    labelled = int((found.penalties["kano"] != "").sum())
    text = worded(KANO, "some" if labelled else "none", labelled=labelled, items=len(found.penalties))
    return Finding({"penalty_reward": Table(found.penalties.reset_index(), worded(CAPTIONS, "penalty_reward", whose=whose))}, text)


def together(found: Comparison | Absent, whose: str = OWN) -> Finding:
    """Each item on its own and within the index, and how far all go together."""
    if isinstance(found, Absent):
        return Finding()
    shown = found.table.drop(columns=["top_box_lower", "top_box_upper"]).reset_index()
    return Finding(
        {
            "alpha": Value(found.alpha, worded(LABELS, "alpha", whose=whose)),
            "items": Table(shown, worded(CAPTIONS, "items", whose=whose)),
        }
    )


def behaviour(found: TwoOutcomes | Absent, whose: str = OWN) -> Finding:
    """An intention beside what the same respondents did."""
    if isinstance(found, Absent):
        return missing(found) if whose == OWN else Finding()
    first = worded(PAIR, found.intention_trend, outcome="intention")
    second = worded(PAIR, found.behaviour_trend, outcome=found.name)
    tables = {
        OUTCOMES["intention"]: (found.intention, (0.0, 1.0)),
        worded(OUTCOMES, "behaviour", name=found.name): (found.behaviour, (0.0, 1.0)),
    }
    drawn = figures.outcomes(tables, title=worded(TOGETHER, "", first=first, second=second))
    words = " ".join(table_in_words(key, table.dropna(), ["satisfaction", "mean"]) for key, (table, _) in tables.items())
    caption = CAPTIONS["behaviour" if whose == OWN else "behaviour, simulated"]
    return Finding({"behaviour": Drawing(drawn, caption, words)})


def categories(table: pd.DataFrame | Absent) -> Finding:
    """Six loyalty categories from purchases, beside what chance alone would give."""
    if isinstance(table, Absent):
        return Finding()
    formats = {"share": "{:.1%}", "without_trend": "{:.1%}"}
    return Finding({"categories": Table(table.reset_index(), CAPTIONS["categories"], formats)})


def firm(
    items: Comparison | Absent, index: SatisfactionIndex | Absent, bought: TwoOutcomes | Absent, table: pd.DataFrame | Absent
) -> tuple[Finding, ...]:
    """The simulated company: all that the report shows of single questions, and what its customers did."""
    shown = (*compared(items, SIMULATED), penalties(items, SIMULATED), score(index, SIMULATED), together(items, SIMULATED))
    return (*shown, behaviour(bought, SIMULATED), categories(table))


def jd(found: JDSurvey | Absent) -> tuple[Finding, ...]:
    """What ninety-three answers can show."""
    if isinstance(found, Absent):
        return (missing(found),)
    shown = found.shares
    half = (shown["upper"] - shown["lower"]).max() / 2
    label = shown["question_id"] + " " + shown["option"]
    drawn = figures.shares_with_bounds(
        shown.assign(label=shown["question_id"] + " " + shown["option"].str.slice(0, 38)), title=worded(JD_WIDTH, "", half=half)
    )
    words = table_in_words(ALTERNATIVES["jd_shares"], shown.assign(label=label), ["label", "share", "lower", "upper"])
    formats = dict.fromkeys(["share", "lower", "upper", "least", "most"], "{:.1%}")
    tables = {"jd_funnel": Table(found.funnel, CAPTIONS["jd_funnel"]), "jd_shares": Table(shown, CAPTIONS["jd_table"], formats)}
    rest: dict[str, Part] = {
        "jd_shares": Drawing(drawn, CAPTIONS["jd_shares"], words),
        "jd_never_bought": Value(found.never_bought, LABELS["jd_never_bought"], "respondents"),
        "jd_answered_returns": Value(found.answered_returns, LABELS["jd_answered_returns"], "respondents"),
    }
    return Finding(tables), Finding(rest, JD)
