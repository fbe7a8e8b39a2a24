"""What was said of CDNOW's money on every month end, held against what came (`python -m benchmarks.money_statements`; some minutes).

On each month end from that on which everybody has been won, BG/NBD and Gamma-Gamma are fitted to what was known and say what the
customers will bring in the next 8, 13, 26, 39 and 52 weeks (money spent, undiscounted), with the 95 % interval of the models. Each
interval is widened by the errors that were due on its date (`goodwill.inference.track_record`), and claims 95 % where two windows without
overlap were. Beside it stands "last period": the next window brings what the last one of that length brought, give or take its own past
errors, by the same arithmetic, once by its own past alone and once with the same belief of what errors are elsewhere.

The rule by which widening stands or falls, set before it was run: over the statements that claim an interval, the mean interval score
(Gneiting & Raftery 2007; lower is better) is below that of the unwidened intervals, and below that of last period.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import date
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from goodwill.data.reading.sources import read_transactions
from goodwill.data.tables import Transactions
from goodwill.inference.track_record import FROM_OTHER_DATA, Prior, Statement, disjoint, interval_score, scored
from goodwill.lifetime_value.evidence.past_statements import due_date, last_period_statements, money_statement, month_ends

HORIZONS = (8, 13, 26, 39, 52)
FIRST = date(1997, 3, 31)
RESULT = Path(__file__).parent / "results" / "money_statements.txt"


def model_statements(log: Transactions, horizon: int) -> list[Statement]:
    """The statements of the models that have come due."""
    return [money_statement(log, made, horizon) for made in dates(log, horizon)]


def dates(log: Transactions, horizon: int) -> list[date]:
    """The month ends whose window ends within the data."""
    return [made for made in month_ends(FIRST, log.last) if due_date(made, horizon) <= log.last]


def rule_statements(log: Transactions, horizon: int) -> list[Statement]:
    """The statements of last period, from the first month end that has a whole window since everybody was won behind it."""
    since = due_date(FIRST, horizon)
    return [one for one in last_period_statements(log, horizon, dates(log, horizon)) if one.made >= since]


def claimed_scores(log: Transactions, horizon: int, said: list[Statement]) -> pd.DataFrame:
    """The statements that claim an interval, with the interval scores of each way to give one; index made."""
    table = scored(said)
    claims = table[table["wide_lower"].notna()].set_index("made")
    out = claims[["due", "estimate", "came"]].copy()
    out["widened"] = interval_score(claims["wide_lower"], claims["wide_upper"], claims["came"])
    out["unwidened"] = interval_score(claims["lower"], claims["upper"], claims["came"])
    ways: tuple[tuple[str, Prior | None], ...] = (("last period", None), ("last period, same belief", FROM_OTHER_DATA))
    rule = rule_statements(log, horizon)
    for name, prior in ways:
        other = scored(rule, prior=prior).set_index("made")
        score = pd.Series(interval_score(other["wide_lower"], other["wide_upper"], other["came"]), index=other.index)
        out[name] = score.reindex(out.index)
    return out


def lines(horizon: int, said: list[Statement], scores: pd.DataFrame) -> list[str]:
    """One horizon as text."""
    table = scored(said)
    root = np.sqrt((table["error"] ** 2).mean())
    claims = table[table["wide_lower"].notna()]
    head = (
        f"{horizon} weeks ahead: {len(table)} statements, {len(disjoint(said))} without overlap (*); root mean square log error "
        f"{root:.3f}; the models' intervals held {table['held_model'].sum()} of {len(table)}"
    )
    out = [
        head,
        f"{'made':<11} {'due':<11} {'expected':>9} {'95 % of the models':>19} {'came':>9} {'error':>7}      {'past':>4} {'widened':>19}",
    ]
    for row in table.itertuples():
        mark, held = "*" if row.disjoint else " ", "yes" if row.held_model else "no"
        wide = f"{row.wide_lower:,.0f}-{row.wide_upper:,.0f} {'yes' if row.held else 'no'}" if row.wide_lower == row.wide_lower else ""
        interval = f"{row.lower:,.0f}-{row.upper:,.0f}"
        figures = f"{row.estimate:>9,.0f} {interval:>19} {row.came:>9,.0f} {row.error:>7.3f} {held:>3}{mark}"
        out.append(f"{row.made!s:<11} {row.due!s:<11} {figures} {row.past:>4} {wide:>23}")
    if claims.empty:
        return [*out, "No statement had two finished windows without overlap behind it: none claims an interval.", ""]
    width, wide = ((claims[upper] - claims[lower]).mean() for lower, upper in (("lower", "upper"), ("wide_lower", "wide_upper")))
    held, before = claims["held"].astype(bool).sum(), claims["held_model"].astype(bool).sum()
    widths = f"mean width {width:,.0f} and {wide:,.0f}"
    out.append(f"Of the {len(claims)} that claim an interval the models' held {before}, the widened one {held}; {widths}.")
    names = ["unwidened", "widened", "last period", "last period, same belief"]
    return [*out, "Mean interval score: " + verdict_figures(scores[names]), ""]


def verdict_figures(scores: pd.DataFrame) -> str:
    """Mean scores by name, over the statements that have all of them, and how many these are."""
    common = scores.dropna()
    return ", ".join(f"{name} {common[name].mean():,.0f}" for name in common) + f" (over the {len(common)} of {len(scores)} that all have)"


def main() -> int:
    started = time.perf_counter()
    log, out, all_scores = read_transactions("cdnow"), [], []
    for horizon in HORIZONS:
        said = model_statements(log, horizon)
        scores = claimed_scores(log, horizon, said)
        out += lines(horizon, said, scores)
        all_scores.append(scores.assign(horizon=horizon))
        print(f"{horizon} weeks: {time.perf_counter() - started:.0f} s", file=sys.stderr)
    scores = pd.concat(all_scores)
    names = ["unwidened", "widened", "last period", "last period, same belief"]
    means, own = scores[names].mean(), scores[names[:2]].mean()
    common = scores[names].dropna().mean()
    passed = own["widened"] < own["unwidened"] and (common["widened"] < common[names[2:]]).all()
    text = "\n".join(
        line.rstrip()
        for line in [
            "CDNOW: money expected of the known customers on every month end, and what came (USD, undiscounted; BG/NBD, Gamma-Gamma)",
            f"Widened with tau {FROM_OTHER_DATA.tau}, worth {FROM_OTHER_DATA.degrees:g} degrees of freedom: {FROM_OTHER_DATA.source}.",
            "",
            *out,
            f"All {len(scores)} statements that claim an interval: widened {means['widened']:,.0f}, unwidened {means['unwidened']:,.0f}.",
            "Beside last period: " + verdict_figures(scores[names]) + ".",
            f"The rule (widened below unwidened and below last period): {'kept' if passed else 'NOT KEPT'}.",
        ]
    )
    RESULT.write_text(text + "\n")
    print(text + f"\n({time.perf_counter() - started:.0f} s; written to {RESULT.name})")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
