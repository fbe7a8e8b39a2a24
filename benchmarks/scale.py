"""Cost against size: `python -m benchmarks.scale` measures 10^3 to 10^7 transactions (minutes) and draws docs/scale.svg.

    --rows N ...    other sizes; 100,000,000 is measured by benchmarks.hundred_million --write, and then stands in the same chart
    --draw          only draws what results/scale.csv holds

Each size is the way from Parquet to a score for every customer (see `benchmarks.hundred_million`), in a process of its own whose peak of
memory is read at the end; up to a million transactions pandas and lifetimes do the summary and the fit of the same data beside it.
"""

from __future__ import annotations

import argparse
from typing import Any

import pandas as pd

from benchmarks.hundred_million import RESULTS, run
from goodwill.figures import theme
from goodwill.reports.recording.pictures import figure_svg

CSV = RESULTS / "scale.csv"
CHART = RESULTS.parents[1] / "docs" / "scale.svg"
SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
PEER_UP_TO = 1_000_000
# What the chart tells apart, and the steps that make it up.
PARTS = {
    "read and audit": ("read and check", "audit of duplicates and repeats"),
    "summarize": ("summary of each customer, kept in the engine", "distinct (frequency, recency, T)", "distinct spend, to a thousandth"),
    "fit": ("BG/NBD fit", "Gamma-Gamma fit"),
    "score all": ("every customer scored, to Parquet",),
}


def keep(rows: int, found: dict[str, list[dict[str, Any]]]) -> None:
    """Put the steps of one size into the file, in place of what it held of that size, and draw."""
    new = pd.DataFrame([{"rows": rows, "who": who, **step} for who, steps in found.items() for step in steps])
    old = pd.read_csv(CSV) if CSV.exists() else new.iloc[:0]
    both = pd.concat([old[old["rows"] != rows], new]).sort_values("rows", kind="stable")
    both.round({"wall": 3, "cpu": 3, "peak": 3}).to_csv(CSV, index=False)
    draw()


def draw() -> None:
    """Seconds and memory against transactions, both on logarithmic scales."""
    steps = pd.read_csv(CSV)
    ours, peer = (steps[steps["who"] == who] for who in ("goodwill", "lifetimes"))
    with theme.themed():
        figure, (left, right) = theme.panels(2, width=9.6, height=4.4)
        colors = (theme.MODEL, theme.OTHER, theme.NAIVE, theme.ACCENT)
        for (name, parts), marker, color in zip(PARTS.items(), "osD^", colors, strict=True):
            seconds = ours[ours["step"].isin(parts)].groupby("rows")["wall"].sum()
            left.plot(seconds.index, seconds, marker=marker, color=color, markersize=4, linewidth=1.2, label=name)
        for table, dashes, name in ((ours, "-", "all of it"), (peer, ":", "pandas and lifetimes")):
            seconds, memory = table.groupby("rows")["wall"].sum(), table.groupby("rows")["peak"].max()
            left.plot(seconds.index, seconds, linestyle=dashes, color=theme.INK, label=name)
            right.plot(
                memory.index,
                memory,
                linestyle=dashes,
                color=theme.INK,
                marker="o",
                markersize=4,
                label=name.replace("all of it", "Goodwill"),
            )
        left.set(xscale="log", yscale="log", xlabel="transactions", ylabel="seconds")
        right.set(xscale="log", ylim=(0, None), xlabel="transactions", ylabel="peak memory of the process [GB]")
        left.legend(fontsize=8)
        right.legend(fontsize=8, loc="upper left")
        most = ours.loc[ours["rows"].idxmax()]
        all_seconds, peak = (ours.loc[ours["rows"] == most["rows"], c] for c in ("wall", "peak"))
        said = f"{most['rows']:,} transactions, from Parquet to a score for every customer: {_time(all_seconds.sum())}, {peak.max():.1f} GB"
        theme.finding(figure, said)
    CHART.write_text(figure_svg(figure, "Cost against size", said), encoding="utf-8")


def _time(seconds: float) -> str:
    return f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m benchmarks.scale")
    asked.add_argument("--rows", type=int, nargs="+", default=SIZES)
    asked.add_argument("--memory", default="2GB")
    asked.add_argument("--draw", action="store_true")
    told = asked.parse_args()
    if told.draw:
        return draw()
    for rows in told.rows:
        keep(rows, run(rows, told.memory, ("goodwill", "lifetimes") if rows <= PEER_UP_TO else ("goodwill",)))
    return None


if __name__ == "__main__":
    main()
