"""Do headlines keep their word? (`python -m benchmarks.truth [--companies N] [--first N] [--hours H] [--only STUDY]`; `make truth`)

Collects `study(companies, seed)` from every module of this folder, runs them in portions and prints, for each headline and truth, how
often its interval held the truth (the model's own, and the widened one that the headline shows), the mean interval score of both, how
much wider one is, and the bias; and for each headline the slope of its estimate on the truth, over the truths of the study.

Every portion is kept in reports/build/truth as soon as it is done: stopped and started again, the run goes on where it was. After
`--hours` no further portion is begun. The result of each study is kept in benchmarks/results/truth/STUDY.txt. `--first` runs other
companies, to see whether what is kept hangs on those that happened to be taken.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pandas as pd

from benchmarks.truth._portions import PROCESSES, run, studies
from benchmarks.truth._table import text

RESULTS = Path(__file__).resolve().parents[1] / "results" / "truth"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.truth")
    parser.add_argument("--companies", type=int, help="of each truth; by default as many as each study asks for")
    parser.add_argument("--first", type=int, help="number of the first company, in place of the study's own; the result is not kept")
    parser.add_argument("--hours", type=float, default=2.0, help="after which no further portion is begun")
    parser.add_argument("--processes", type=int, default=PROCESSES, help="at a time")
    parser.add_argument("--only", choices=studies(), action="append", help="one study; may be given again")
    given = parser.parse_args()
    names = given.only or studies()
    parts = run(names, given.companies, given.hours, given.processes, given.first)
    if not parts:
        print("nothing has been run yet", file=sys.stderr)
        return 1
    RESULTS.mkdir(exist_ok=True)
    for name in names:
        own = [pd.read_csv(path) for path in parts if path.name.startswith(f"{name}-")]
        if own:
            said = text(pd.concat(own, ignore_index=True))
            if given.first is None:
                (RESULTS / f"{name}.txt").write_text(said)
            print(said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
