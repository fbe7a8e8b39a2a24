"""A year of nights with nobody watching (python -m benchmarks.year_of_nights, minutes): forecasts come due and are held to account.

Two shops with a log of purchases each (CSV) that grows to two years; nothing changes in the one, in the other all rates halve in the 27th
week of the second year. A recipe with a small report of each is run as of every day of that year, as cron would have run it: kernels,
pages, history, index and ledger are the real ones; only the notebook is smaller than ours. Every line of the ledger is then checked
against the log. Writes results/year_of_nights.txt.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.drift import BEFORE, START, World, purchases
from goodwill.findings.forecasts_held import accounts
from goodwill.inference.ledger import FOUR_WEEKS, YEAR, by_kind, chain
from goodwill.reports.running.ledger_file import read_ledger
from goodwill.reports.sets.batch import Options, run_recipe
from goodwill.reports.sets.recipe import read_recipe

RESULTS = Path(__file__).parent / "results" / "year_of_nights.txt"
HALVED = BEFORE + 27 * 7
SHOPS = {"steady": World(1500), "halved": World(1500, changed_on=float(HALVED))}
PARAMETERS = """\
data: str = ""  # purchases [path]
customer_id: str = ""  # column with the customer
date: str = ""  # column with the day
amount: str = ""  # column with the money
end: str = ""  # last day that counts [date]
seed: int = 1  # of the simulated futures
"""
CODE = """\
transactions = gw.read_transactions(data)
whole = gw.summarize_purchases(transactions, end=end or None)
base = whole.to_pandas()
fit = gw.BetaGeoNBD.fit(whole)
spend = SimpleNamespace(fit=gw.GammaGamma.fit(base[(base["frequency"] > 0) & (base["monetary_value"] > 0)]))
told = gw.lifetime_value.forecasts(fit, spend, whole, gw.ValueTerms(8, 1.0, 0.1, "week"), None, seed=seed)
gw.record("customers", whole.counts["customers"])
gw.record_forecasts(told)
"""


def write_notebook(path: Path) -> None:
    sources = [
        (PARAMETERS, ["parameters"]),
        ("from types import SimpleNamespace\n\nimport goodwill as gw\n\ngw.start(globals())", []),
        (CODE, []),
    ]
    cells: list[dict[str, Any]] = [{"cell_type": "markdown", "id": "t", "metadata": {}, "source": "# What comes next?"}]
    for place, (source, tags) in enumerate(sources):
        cell: dict[str, Any] = {
            "cell_type": "code",
            "id": f"c{place}",
            "metadata": {"tags": tags},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        cells.append(cell)
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    about = {"kernelspec": kernel, "language_info": {"name": "python"}, "goodwill": {"records": ["customers"]}}
    path.write_text(json.dumps({"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5}))


def write_log(path: Path, world: World, number: int) -> pd.DataFrame:
    rng = np.random.default_rng(number)
    log = purchases(world, rng).sort_values(["day", "customer"])
    log["date"] = [START + timedelta(days=int(day)) for day in log["day"]]
    mean = rng.gamma(6, 5, world.customers)
    log["amount"] = np.round(rng.gamma(4, mean[log["customer"].astype(int)] / 4), 2)
    log.rename(columns={"customer": "customer_id"})[["customer_id", "date", "amount"]].to_csv(path, index=False)
    return log


def run_nights(folder: Path, nights: int, every: int) -> float:
    reports = ", ".join(f"{{name: {name}, notebook: small.ipynb, parameters: {{data: {name}.csv}}}}" for name in SHOPS)
    (folder / "nights.yaml").write_text(f"title: A year of nights\nkeep: {{runs: 5}}\nreports: [{reports}]\n")
    began = time.perf_counter()
    for night in range(0, nights, every):
        day = START + timedelta(days=BEFORE + night + 1)
        outcomes = run_recipe(read_recipe(folder / "nights.yaml", day), folder / "set", Options(jobs=2, as_of=day))
        assert all(outcome.status in ("built", "skipped") for outcome in outcomes), [outcome.failure for outcome in outcomes]
        if night % 28 == 0:
            print(day, f"{time.perf_counter() - began:.0f} s", flush=True)
    return time.perf_counter() - began


def checked(folder: Path, name: str, log: pd.DataFrame, last: date) -> list[str]:
    """What the ledger says of a shop, each line of it held against the log first."""
    ledger = read_ledger(folder / "set" / name)
    first = log.groupby("customer")["date"].min()
    for one in ledger.forecasts:
        known = log["customer"].isin(first.index[first <= one.made])
        window = log[known & (log["date"] > one.made) & (log["date"] <= one.due)]
        assert (one.came is not None) == (one.due <= last), one
        if one.came is not None and one.name == "purchases":
            assert one.came == len(window), (one, len(window))
    lines = [
        f"{name}: {len(ledger.forecasts)} forecasts, {sum(one.came is not None for one in ledger.forecasts)} came due, each as the log says"
    ]
    for (_, is_short), made in by_kind(ledger.forecasts).items():
        links = [one for one in chain(made) if one.came is not None]
        assert all(later.made >= one.due for one, later in pairwise(links))
        assert not is_short or len(links) >= ((last - made[0].made).days // FOUR_WEEKS) - 1
    for each in accounts(ledger.forecasts):
        lines.append(f"  {each.label}, {each.ahead} ahead: {each.record}")
        lines += [f"    DRIFT {each.drift}"] if each.drift else []
    return lines


def first_mark(folder: Path, name: str) -> str:
    """The first night on which the page would have been marked."""
    found = read_ledger(folder / "set" / name).forecasts
    for night in sorted({one.due for one in found if one.came is not None}):
        seen = [one if one.came is not None and one.due <= night else one.__class__(**{**vars(one), "came": None}) for one in found]
        if any(each.drift for each in accounts([one for one in seen if one.made <= night])):
            return night.isoformat()
    return "never"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=YEAR)
    parser.add_argument("--every", type=int, default=1, help="run every so many days only")
    parser.add_argument("--print", action="store_true", help="show the table and leave the file alone")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_notebook(folder / "small.ipynb")
        logs = {name: write_log(folder / f"{name}.csv", world, number) for number, (name, world) in enumerate(SHOPS.items(), 1)}
        seconds = run_nights(folder, given.nights, given.every)
        last_night = (given.nights - 1) // given.every * given.every
        last = START + timedelta(days=BEFORE + last_night)
        lines = ["A year of nights, run with --as-of on every day (python -m benchmarks.year_of_nights)"]
        lines += [f"{last_night // given.every + 1} nights of two reports in {seconds / 60:.0f} minutes on {os.cpu_count()} cores", ""]
        for name, log in logs.items():
            lines += [*checked(folder, name, log, last), f"  first marked: {first_mark(folder, name)}", ""]
        lines.append(f"The rates of the second shop halve on {START + timedelta(days=HALVED)}.")
    text = "\n".join(lines) + "\n"
    print(text)
    if not given.print:
        RESULTS.write_text(text, "utf8")


if __name__ == "__main__":
    main()
