"""A year of nights with nobody watching (python -m benchmarks.year_of_nights, minutes): forecasts come due and are held to account.

Two shops of 3,000 customers with a log of purchases each (CSV) that grows to two years; nothing changes in the one, in the other all rates
halve in the 27th week of the second year. Of each a recipe has two reports, which foretell as notebooks 01 and 04 do; one more, of a small
shop, foretells by several models as 06 does, and one of a table of contracts (07), to which a renewal is added every four weeks. It is run
as of every so many days of that year, as cron would have run it: kernels, pages, history, index and ledger are the real ones; only the
notebooks are smaller than ours. Every line of the ledgers is then checked against the logs and the table. Writes
results/year_of_nights.txt.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.drift import BEFORE, START, World, purchases
from goodwill.findings.forecasts_held import accounts
from goodwill.inference.ledger import FOUR_WEEKS, YEAR, Forecast, by_kind, chain
from goodwill.reports.running.ledger_file import read_ledger
from goodwill.reports.sets.batch import Options, run_recipe
from goodwill.reports.sets.recipe import read_recipe

RESULTS = Path(__file__).parent / "results" / "year_of_nights.txt"
HALVED = BEFORE + 27 * 7
SHOPS = {"steady": World(3000), "halved": World(3000, changed_on=float(HALVED)), "small": World(1000)}
PARAMETERS = """\
data: str = ""  # purchases [path]
customer_id: str = ""  # column with the customer
date: str = ""  # column with the day
amount: str = ""  # column with the money
end: str = ""  # last day that counts [date]
seed: int = 1  # of the simulated futures
"""
READ = """\
transactions = gw.read_transactions(data)
whole = gw.summarize_purchases(transactions, end=end or None)
"""
CODE = {
    "value": READ
    + """\
base = whole.to_pandas()
fit = gw.BetaGeoNBD.fit(whole)
spend = SimpleNamespace(fit=gw.GammaGamma.fit(base[(base["frequency"] > 0) & (base["monetary_value"] > 0)]))
told = gw.lifetime_value.forecasts(fit, spend, whole, gw.ValueTerms(8, 1.0, 0.1, "week"), None, seed=seed)
""",
    "segments": READ
    + """\
base = gw.segments.customer_base(transactions, end=end, horizon=8, margin=1.0, discount_rate=0.1)
segment = gw.segments.learn("abc", base.customers).assign(base.today.customers)
told = gw.segments.segment_forecasts(base, "abc", segment, "BG/NBD", seed=seed)
""",
    "models": """\
from dataclasses import replace
from datetime import date as day
everything = gw.read_transactions(data)
days = everything.table["date"].cast("date")
transactions = replace(everything, table=everything.table.filter(days <= day.fromisoformat(end))) if end else everything
compared = SimpleNamespace(best="BG/NBD", horizon=8.0)
told = gw.lifetime_value.model_forecasts(transactions, compared, draws=100, seed=seed)
whole = gw.summarize_purchases(transactions)
""",
    "contracts": """\
table = gw.read_survival(data)
in_use = gw.lifetime_value.fits_in_use(gw.lifetime_value.fit_cohorts(table.table, 7, "month"))
told = gw.lifetime_value.contract_forecasts(table, in_use, "month", 3)
""",
}
RECORDED = {"contracts": 'gw.record("customers", int(table.table["customers"].iloc[-1]))'}
KINDS = {"steady": ("value", "segments"), "halved": ("value", "segments"), "small": ("models",)}  # of reports on each shop
COUNTED = 'gw.record("customers", whole.counts["customers"])'
RENEWALS = 20  # that the table of contracts holds on the last night


def write_notebook(path: Path, kind: str) -> None:
    lines = CODE[kind] + RECORDED.get(kind, COUNTED) + "\ngw.record_forecasts(told)\n"
    sources = [
        (PARAMETERS if kind != "contracts" else 'data: str = ""  # contracts [path]', ["parameters"]),
        ("from types import SimpleNamespace\n\nimport goodwill as gw\n\ngw.start(globals())", []),
        (lines, []),
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


def write_contracts(path: Path, night: int) -> pd.DataFrame:
    """Who of two cohorts is there after each renewal; one is added every four weeks."""
    rows = []
    for cohort, size, chance in (("regular", 1000, 0.1), ("premium", 400, 0.05)):
        rng, there = np.random.default_rng(size), size
        for renewal in range(RENEWALS + 1):
            rows.append((cohort, renewal, there))
            there = int(rng.binomial(there, 1 - chance * 0.97**renewal))
    table = pd.DataFrame(rows, columns=["cohort", "time", "customers"])
    table[table["time"] <= 7 + night // FOUR_WEEKS].to_csv(path, index=False)
    return table


def run_nights(folder: Path, nights: int, every: int) -> float:
    reports = [(name, kind) for name, kinds in KINDS.items() for kind in kinds]
    made = [f"{{name: {name}-{kind}, notebook: {kind}.ipynb, parameters: {{data: {name}.csv}}}}" for name, kind in reports]
    made.append("{name: contracts, notebook: contracts.ipynb, parameters: {data: contracts.csv}}")
    (folder / "nights.yaml").write_text(f"title: A year of nights\nkeep: {{runs: 5}}\nreports: [{', '.join(made)}]\n")
    began = time.perf_counter()
    for night in range(0, nights, every):
        day = START + timedelta(days=BEFORE + night + 1)
        write_contracts(folder / "contracts.csv", night)
        outcomes = run_recipe(read_recipe(folder / "nights.yaml", day), folder / "set", Options(jobs=2, as_of=day))
        assert all(outcome.status in ("built", "skipped") for outcome in outcomes), [outcome.failure for outcome in outcomes]
        if night % 28 == 0:
            print(day, f"{time.perf_counter() - began:.0f} s", flush=True)
    return time.perf_counter() - began


def checked(folder: Path, name: str, log: pd.DataFrame, last: date) -> list[str]:
    """What the ledger of a report on a shop says, each line of it held against the log first."""
    ledger = read_ledger(folder / "set" / name)
    first = log.groupby("customer")["date"].min()
    for one in ledger.forecasts:
        known = log["customer"].isin(first.index[first <= one.made])
        window = log[known & (log["date"] > one.made) & (log["date"] <= one.due)]
        assert (one.came is not None) == (one.due <= last), one
        if one.came is not None and one.name == "purchases":
            assert one.came == len(window), (one, len(window))
        if one.came is not None and one.name == "value of a segment":
            parts = [each.came for each in ledger.forecasts if (each.name, each.made, each.due) == (one.name, one.made, one.due)]
            assert abs(sum(part or 0.0 for part in parts) - window["amount"].sum()) < 0.01, (one, parts)
    for (_, _, is_short), made in by_kind(ledger.forecasts).items():
        links = [one for one in chain(made) if one.came is not None]
        assert all(later.made >= one.due for one, later in pairwise(links))
        assert not is_short or len(links) >= ((last - made[0].made).days // FOUR_WEEKS) - 1
    return said_of(name, ledger.forecasts, "each as the log says")


def checked_contracts(folder: Path, table: pd.DataFrame, last: int) -> list[str]:
    """The same of the contracts, by renewals."""
    found = read_ledger(folder / "set" / "contracts").forecasts
    there = table.set_index(["cohort", "time"])["customers"]
    for one in found:
        assert (one.came is not None) == (one.due <= last), one
        assert one.came is None or one.came == there[one.which, one.due]
    return said_of("contracts", found, "each as the table says")


def said_of(name: str, found: Sequence[Forecast], how: str) -> list[str]:
    lines = [f"{name}: {len(found)} forecasts, {sum(one.came is not None for one in found)} came due, {how}"]
    for each in accounts(found):
        lines.append(f"  {each.label}, {each.ahead} ahead: {each.record}{' ' + each.seen if each.seen else ''}")
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
    parser.add_argument("--every", type=int, default=7, help="run every so many days only")
    parser.add_argument("--print", action="store_true", help="show the table and leave the file alone")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for kind in CODE:
            write_notebook(folder / f"{kind}.ipynb", kind)
        logs = {name: write_log(folder / f"{name}.csv", world, number) for number, (name, world) in enumerate(SHOPS.items(), 1)}
        seconds = run_nights(folder, given.nights, given.every)
        last_night = (given.nights - 1) // given.every * given.every
        last = START + timedelta(days=BEFORE + last_night)
        lines = [f"A year of nights, run with --as-of on every {given.every} days (python -m benchmarks.year_of_nights)"]
        nights = last_night // given.every + 1
        lines += [
            f"{nights} nights of {sum(map(len, KINDS.values())) + 1} reports in {seconds / 60:.0f} minutes on {os.cpu_count()} cores",
            "",
        ]
        for name, log in logs.items():
            for kind in KINDS[name]:
                report = f"{name}-{kind}"
                lines += [*checked(folder, report, log, last), f"  first marked: {first_mark(folder, report)}", ""]
        lines += [*checked_contracts(folder, write_contracts(folder / "contracts.csv", last_night), 7 + last_night // FOUR_WEEKS), ""]
        lines.append(f"The rates of the second shop halve on {START + timedelta(days=HALVED)}.")
    text = "\n".join(lines) + "\n"
    print(text)
    if not given.print:
        RESULTS.write_text(text, "utf8")


if __name__ == "__main__":
    main()
