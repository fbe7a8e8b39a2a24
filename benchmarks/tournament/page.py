"""The part of docs/tournament.md that is made from the result."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from benchmarks.tournament.headlines import priors, with_headlines
from benchmarks.tournament.tables import by_own_record, comparisons, intervals, means, on_the_same_dates, scores_told
from goodwill.lifetime_value.evidence.stacking import STACKED

PAGE = Path(__file__).parents[2] / "docs" / "tournament.md"
MADE = re.compile(r"(<!-- made by the tournament -->\n).*?(<!-- end -->)", re.DOTALL)


def write_page(rows: pd.DataFrame, page: Path = PAGE) -> None:
    """Put what is made from the result in its place."""
    page.write_text(MADE.sub(lambda found: f"{found[1]}\n{made(rows)}\n{found[2]}", page.read_text("utf8")), "utf8")


def made(rows: pd.DataFrame) -> str:
    """The tables and the verdicts, as Markdown."""
    wide, lines = with_headlines(rows), []
    for where in ("all data", "real", "simulated"):
        part = rows if where == "all data" else rows[rows["kind"] == where]
        if len(part):
            lines += [f"**{where[0].upper()}{where[1:]}**: {part['set'].nunique()} data sets, {_dates(part)} dates.", "", *_means(part), ""]
    lines += ["Forecasts that were not asked everywhere, on the dates on which they were:", ""]
    lines += [*(f"- {line}" for line in on_the_same_dates(rows)), ""]
    lines += ["### The stacked forecast by log score", "", *(f"- {line}" for line in scores_told(rows)), ""]
    lines += ["### Intervals of totals", ""]
    for where in ("all data", "real", "simulated"):
        part = wide if where == "all data" else wide[wide["kind"] == where]
        for title, some in by_own_record(part):
            lines += [
                f"**{where[0].upper()}{where[1:]}, {title}**",
                "",
                *_intervals(some),
                "",
                *(f"- {line}" for line in comparisons(some)),
                "",
            ]
    prior = priors(rows)[STACKED]
    lines += [
        f"The prior of the stacked forecast from all data but CDNOW: tau {prior.tau:.3f}, {prior.degrees:.1f} degrees of freedom.",
        "",
    ]
    return "\n".join(lines)


def _dates(part: pd.DataFrame) -> int:
    return part.groupby(["set", "cut"]).ngroups


def _means(rows: pd.DataFrame) -> list[str]:
    head = "| forecast | dates | log score | MAE | bias | size of bias | money | size | held % | int. score | CPU s |"
    lines = [head, "|---|" + "--:|" * 10]
    for name, row in means(rows).iterrows():
        cells = [f"{row['dates']:.0f}", f"{row['log_score']:.4f}", f"{row['MAE']:.3f}", f"{row['bias']:+.1%}"]
        cells += [f"{row['size']:.1%}", f"{row['money']:+.1%}", f"{row['money_size']:.1%}", f"{100 * row['held']:.0f}"]
        cells += [f"{row['interval_score']:.2f}", f"{row['seconds']:.2f}"]
        lines.append(f"| {name} | {' | '.join(cells)} |".replace("nan", "–"))
    return lines


def _intervals(part: pd.DataFrame) -> list[str]:
    head = "| forecast | dates | held % | int. score | width | headline % | int. score | width |"
    lines = [head, "|---|" + "--:|" * 7]
    for name, row in intervals(part).iterrows():
        cells = [f"{row['dates']:.0f}", f"{100 * row['held']:.0f}", f"{row['interval_score']:.2f}", f"{row['width']:.2f}"]
        cells += [f"{100 * row['wide_held']:.0f}", f"{row['wide_score']:.2f}", f"{row['reach']:.2f}"]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines
