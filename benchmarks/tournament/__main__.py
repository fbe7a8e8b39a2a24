"""Which forecast of purchases deserves trust? All models and rules over all data sets at hand: `python -m benchmarks.tournament [--write]`.

The design, fixed before anything of this run was scored, stands in docs/tournament.md. Every data set is asked at several dates; the
hold-out after each is over when the next begins, and every forecast sees only what was known on its date. What is done is kept after each
data set, and a run that was stopped goes on; `--anew` begins again, `--tables` only makes the tables from what is kept.

Money is the expected purchases times the spend that Gamma-Gamma expects of each customer, and of rules and boosting times the mean of her
repeat purchases. The interval score is that of the total's 95 % interval over what came. Nothing is left out that loses.

`--write` also keeps the prior of the track record of purchases (`goodwill.inference.track_record`).
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pandas as pd

from benchmarks.kept_priors import keep_prior
from benchmarks.tournament.contenders import entered
from benchmarks.tournament.data_sets import DataSet, data_sets
from benchmarks.tournament.headlines import priors
from benchmarks.tournament.peers import answered, install, predictions
from benchmarks.tournament.scores import scored, with_best_so_far
from benchmarks.tournament.tables import written
from goodwill.lifetime_value.evidence.stacking import STACKED

RESULTS = Path(__file__).parents[1] / "results"
RESULT, ROWS = RESULTS / "tournament.txt", RESULTS / "tournament.csv"


def rows_of(data: DataSet) -> tuple[list[dict[str, Any]], list[str]]:
    """All forecasts of a data set, and who is missing among the peers."""
    with tempfile.TemporaryDirectory() as folder:
        dates = list(entered(data, folder))
        missing = list(answered(folder, costly=data.kind == "real"))
        rows = []
        for now, said, known in dates:
            beside = predictions(folder, now.number, now.customers, now.summary.unit, now.each_time, now.mean)
            rows += scored(said | beside, now.came, now.spent, known)
    return rows, missing


def tournament(
    few: bool = False,
    known: pd.DataFrame | None = None,
    keep: Callable[[pd.DataFrame], Any] = lambda _: None,
    most: int | None = None,
) -> tuple[pd.DataFrame, list[str]]:
    """All rows: set, family, kind, cut, customers, forecast and its measures; and what is missing.

    Parameters
    ----------
    few : two small data sets
    known : rows of an earlier run, whose data sets are not entered again
    keep : is given all rows after each data set
    most : how many data sets are entered now
    """
    found = [] if known is None else [known]
    done, missing = set() if known is None else set(known["set"]), []
    for name, make in islice(((name, make) for name, make in data_sets(few).items() if name not in done), most):
        began = time.process_time()
        data = make()
        if data is None:
            missing.append(f"{name} (not installed)")
            continue
        rows, absent = rows_of(data)
        missing += [one for one in absent if one not in missing]
        found.append(pd.DataFrame(rows))
        keep(with_best_so_far(pd.concat(found, ignore_index=True)))
        print(f"{name}: {time.process_time() - began:.0f} s without peers", file=sys.stderr, flush=True)
    return with_best_so_far(pd.concat(found, ignore_index=True)), missing


def kept_rows() -> pd.DataFrame:
    """The rows of what was entered so far."""
    known = pd.read_csv(ROWS, parse_dates=["cut"])
    return known.assign(cut=known["cut"].dt.date)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep the result in benchmarks/results, and the prior in the library")
    parser.add_argument("--anew", action="store_true", help="begin again, where a result is kept")
    parser.add_argument("--tables", action="store_true", help="enter nothing; make the tables from what is kept")
    parser.add_argument("--most", type=int, help="how many data sets are entered now; by default all that are not yet")
    parser.add_argument("--install", action="store_true", help="make the environments of peers first")
    given = parser.parse_args()
    if given.install:
        install()
    known = kept_rows() if ROWS.exists() and given.write and not given.anew else None

    def keep(rows: pd.DataFrame) -> None:
        if given.write:
            rows.to_csv(ROWS, index=False, float_format="%.8g")

    rows, missing = (kept_rows(), []) if given.tables else tournament(known=known, keep=keep, most=given.most)
    text = written(rows, missing)
    if given.write:
        RESULT.write_text(text, "utf8")
        sets = rows.loc[rows["kind"] == "simulated", "set"].nunique()
        prior = priors(rows)[STACKED]
        source = f"totals of purchases of {sets} simulated companies"
        source += " and the Complete Journey" if "complete_journey" in set(rows["set"]) else ""
        keep_prior("purchases", replace(prior, source=source), "python -m benchmarks.tournament --write")
    print(text)


if __name__ == "__main__":
    main()
