"""What the value of segments holds on real data, before and after widening (`python -m benchmarks.segment_values`; a minute or two).

CDNOW at many dates: the rules of the segments are learned up to one date, applied at the next, where the purchase model and the spend model
that the data choose value the customers for twelve weeks, and scored by the margin that came. Every line is a segment on a date; the last
lines count.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pandas as pd

from goodwill.data.reading.sources import read_transactions
from goodwill.inference.track_record import interval_score
from goodwill.segments.evidence.value_statements import statement_cuts, value_statements, widened_by_record
from goodwill.segments.schemes.rules import learn

RESULT = Path(__file__).parent / "results" / "segment_values.txt"
GOAL = 0.85  # share of the segment-dates with a record whose widened interval holds what came


def lines(found: pd.DataFrame) -> list[str]:
    """Each segment on each date, with both intervals per customer and what came."""
    out = [
        f"{'made':<11} {'segment':<16} {'customers':>9} {'expected':>9} {'of the model':>17} {'held':>5} {'widened':>17} "
        f"{'held':>5} {'came':>8}"
    ]
    for row in found.itertuples():
        model = f"{row.lower:,.2f}-{row.upper:,.2f}"
        wide, held = ("", "") if pd.isna(row.held) else (f"{row.wide_lower:,.2f}-{row.wide_upper:,.2f}", _yes(bool(row.held)))
        out.append(
            f"{row.made:%Y-%m-%d}  {row.segment:<16} {row.customers:>9,} {row.expected:>9,.2f} {model:>17} {_yes(row.held_model):>5} "
            f"{wide:>17} {held:>5} {row.came:>8,.2f}"
        )
    return out


def scores(found: pd.DataFrame) -> tuple[float, float]:
    """Mean interval scores of those that claim one, in multiples of what was expected: of the model, and widened (lower is better)."""
    claims = found[found["held"].notna()]
    ends = [(claims[low], claims[high]) for low, high in (("lower", "upper"), ("wide_lower", "wide_upper"))]
    model, wide = (interval_score(*(value / claims["expected"] for value in (low, high, claims["came"]))).mean() for low, high in ends)
    return float(model), float(wide)


def reached(found: pd.DataFrame) -> bool:
    """Whether the widened intervals hold as often as they should, and are worth more than those of the model."""
    held, (model, wide) = found["held"].dropna().astype(bool), scores(found)
    return bool(len(held)) and held.mean() >= GOAL and wide < model


def counted(found: pd.DataFrame) -> list[str]:
    """How many intervals held, of all segment-dates and of those that claim one, and what they score."""
    claims = found[found["held"].notna()]
    before, after = claims["held_model"].mean(), claims["held"].astype(bool).mean()
    wider = ((claims["wide_upper"] - claims["wide_lower"]) / (claims["upper"] - claims["lower"])).median()
    model, wide = scores(found)
    return [
        f"Of {len(found)} segment-dates the interval of the model held {int(found['held_model'].sum())} "
        f"({found['held_model'].mean():.0%}).",
        f"Of {len(claims)} that had two finished windows behind them it held {int(claims['held_model'].sum())} ({before:.0%}), the "
        f"widened one {int(claims['held'].sum())} ({after:.0%}; goal at least {GOAL:.0%}); it is {wider:.1f} times as wide (median).",
        f"Interval score of these, in multiples of what was expected: {model:.2f} of the model, {wide:.2f} widened (lower is better; "
        f"goal below that of the model).",
    ]


def study(data: str, scheme: str, weeks: int, every: int) -> pd.DataFrame:
    """Statements about the segments of a scheme, widened by their record."""
    log = read_transactions(data)
    cuts = statement_cuts(log.first, log.last, horizon=7 * weeks, every=7 * every)

    def learned(customers: pd.DataFrame) -> Any:
        return learn(scheme, customers)

    return widened_by_record(value_statements(log, learned, cuts))


def _yes(held: bool) -> str:
    return "yes" if held else "no"


def main(arguments: list[str] | None = None) -> int:
    """Print, and with --write keep in results/."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.segment_values", description=__doc__)
    parser.add_argument("--data", default="cdnow", help="a built-in set or a file (cdnow)")
    parser.add_argument("--scheme", default="rfm", help="how customers are cut into segments (rfm)")
    parser.add_argument("--weeks", type=int, default=12, help="how far a statement looks ahead (12)")
    parser.add_argument("--every", type=int, default=4, help="weeks between two statements (4)")
    parser.add_argument("--write", action="store_true", help=f"also write results/{RESULT.name}")
    given = parser.parse_args(arguments)
    started = time.perf_counter()
    found = study(given.data, given.scheme, given.weeks, given.every)
    head = f"Value per customer of the {given.scheme} segments of {given.data} within {given.weeks} weeks, 95 % intervals"
    text = "\n".join(line.rstrip() for line in [head, "", *lines(found), "", *counted(found)]) + "\n"
    if given.write:
        RESULT.write_text(text, "utf8")
    print(text + f"({time.perf_counter() - started:.0f} s)")
    return 0 if reached(found) else 1


if __name__ == "__main__":
    sys.exit(main())
