"""Forecasts made in an environment of their own: gradient boosting, and packages whose needs would clash with ours.

Each peer is a script for the Python of `.venv-peers/PACKAGE` (made by `python -m benchmarks.tournament --install`). It reads the tasks of a
folder and writes, for each, a file of predictions: `TASK.PEER.csv`, a row per customer and a column per forecast; and `TASK.PEER.json`, by
forecast its processor seconds and, of models whose likelihood is one of ours, their parameters. That is all that the tournament sees.
A peer whose environment is not there is left out, and is named where the result is told.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

import goodwill as gw
from benchmarks.peer_environments import HOME, python_with
from benchmarks.tournament.scores import Said
from goodwill.lifetime_value.evidence.stacking import log_chances

READ = """
import json, sys, time, warnings, logging
from pathlib import Path
import pandas as pd
warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
def tasks():
    for path in sorted(Path(sys.argv[1]).glob("*.task.json")):
        yield str(path).removesuffix(".task.json"), json.loads(path.read_text())
def table(task, what):
    return pd.read_csv(f"{task}.{what}.csv", dtype={"customer_id": str})
def said(task, found):
    told = {name: {"seconds": seconds, "parameters": parameters} for name, (_, seconds, parameters) in found.items()}
    pd.DataFrame({name: list(expected) for name, (expected, _, _) in found.items()}).to_csv(f"{task}.{sys.argv[2]}.csv", index=False)
    Path(f"{task}.{sys.argv[2]}.json").write_text(json.dumps(told))
"""

BOOSTING = """
from sklearn.ensemble import HistGradientBoostingRegressor
for task, asked in tasks():
    train, test = (table(task, what).drop(columns="customer_id") for what in ("train", "test"))
    began = time.process_time()
    model = HistGradientBoostingRegressor(loss="poisson", max_iter=100, learning_rate=0.05, min_samples_leaf=50, random_state=1)
    model.fit(train.drop(columns="came"), train["came"])
    expected = model.predict(test)
    said(task, {"boosting": (expected, time.process_time() - began, None)})
"""

CLVKIT = """
import clvkit
for task, asked in tasks():
    log, found = table(task, "log").assign(amount=1.0), {}
    log["date"] = pd.to_datetime(log["date"])
    options = {"time_unit": "W", "collapse": "D", "observation_period_end": pd.Timestamp(asked["cut"])}
    for name, kind in {"BG/NBD": clvkit.BGNBD, "MBG/NBD": clvkit.MBGNBD}.items():
        began = time.process_time()
        model = kind().fit(clvkit.CustomerBase.from_transactions(log, "customer_id", "date", "amount", **options))
        expected = model.predict(t=asked["length"]).to_pandas()["expected_purchases"]
        expected = expected.reindex(table(task, "rows")["customer_id"])
        found["clvkit " + name] = (expected, time.process_time() - began, {k: float(v) for k, v in model.params_.items()})
    said(task, found)
"""

PYMC = """
from pymc_marketing import clv
kinds = {"BG/NBD": (clv.BetaGeoModel, "r alpha a b"), "MBG/NBD": (clv.ModifiedBetaGeoModel, "r alpha a b"),
         "Pareto/NBD": (clv.ParetoNBDModel, "r alpha s beta")}
for task, asked in tasks():
    rows, found = table(task, "rows"), {}
    for name, (kind, names) in kinds.items():
        began = time.process_time()
        model = kind(data=rows)
        model.fit(method="map", progressbar=False)
        expected = model.expected_purchases(data=rows, future_t=asked["length"]).values.ravel()
        parameters = {each: float(model.fit_result[each].mean()) for each in names.split()}
        found["pymc-marketing " + name] = (expected, time.process_time() - began, parameters)
    said(task, found)
"""


class Peer(NamedTuple):
    """The script of a package, which packages it needs beside, and whether its cost keeps it to some of the data."""

    package: str
    script: str
    beside: tuple[str, ...] = ()
    costly: bool = False


PEERS = {
    "boosting": Peer("scikit-learn", BOOSTING, ("pandas",)),
    "clvkit": Peer("clvkit", CLVKIT, costly=True),  # its start takes as long as all other forecasts of a set
    "pymc": Peer("pymc-marketing", PYMC, costly=True),
}


def install() -> None:
    """Make the environments that are not there."""
    for peer in PEERS.values():
        python_with(peer.package, peer.package, *peer.beside)


def python_of(peer: Peer) -> Path | None:
    """The Python of a peer's environment; None where it is not there."""
    python = HOME / peer.package / "bin" / "python"
    return python if python.exists() else None


def leave_task(folder: str, number: int, cut: date, horizon: float, customers: pd.DataFrame, log: pd.DataFrame) -> None:
    """What peers may know on a date, as files: histories, days of purchase, and what boosting learns from."""
    task, length, before = (
        Path(folder, f"{number:03}"),
        float(customers["duration_holdout"].iloc[0]),
        cut - timedelta(days=round(horizon * 7)),
    )
    customers[["customer_id", "frequency", "recency", "T"]].to_csv(f"{task}.rows.csv", index=False)
    log.loc[log["date"] <= pd.Timestamp(cut), ["customer_id", "date"]].to_csv(f"{task}.log.csv", index=False)
    train = features(log, before)
    train["came"] = bought(log, train.reset_index(), before, cut)
    train.to_csv(f"{task}.train.csv")
    features(log, cut).reindex(customers["customer_id"]).to_csv(f"{task}.test.csv")
    Path(f"{task}.task.json").write_text(json.dumps({"cut": str(cut), "length": length}), "utf8")


def answered(folder: str, costly: bool) -> Iterator[str]:
    """Let all peers that are there do the tasks of a folder; the names of those that are not, or fail."""
    for name, peer in PEERS.items():
        python = python_of(peer)
        if python is None:
            yield f"{peer.package} (not installed)"
        elif costly or not peer.costly:
            threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
            done = subprocess.run(
                [str(python), "-c", READ + peer.script, folder, name], env=os.environ | threads, capture_output=True, text=True
            )
            if done.returncode:
                print(done.stderr[-2000:], file=sys.stderr)
                yield f"{peer.package} (failed)"


def predictions(folder: str, number: int, customers: pd.DataFrame, unit: str, each_time: Any, mean: Any) -> dict[str, Said]:
    """What the files of predictions of a task say, by forecast.

    Raises ValueError where a file has not a finite forecast for every customer.
    """
    found, length = {}, float(customers["duration_holdout"].iloc[0])
    for path in sorted(Path(folder).glob(f"{number:03}.*.json")):
        if path.name.endswith(".task.json"):
            continue
        told, table = json.loads(path.read_text("utf8")), pd.read_csv(path.with_suffix(".csv"))
        for name, one in told.items():
            expected = table[name].to_numpy(float)
            if len(expected) != len(customers) or not np.isfinite(expected).all():
                raise ValueError(f"{path.with_suffix('.csv')} has no finite forecast of {name} for each of {len(customers)} customers")
            model = _model(name, one["parameters"], unit)
            scores = None if model is None else log_chances(model, customers, length)[1]
            found[name] = Said(expected, one["seconds"], scores, None, expected * (mean if model is None else each_time))
    return found


def _model(name: str, parameters: dict[str, float] | None, unit: str) -> Any:
    """The model of ours that has the likelihood of a peer's."""
    return None if parameters is None else gw.PURCHASE_MODELS[name.split()[-1]](**parameters, unit=unit)


def bought(log: pd.DataFrame, customers: pd.DataFrame, after: date, until: date) -> np.ndarray:
    """Days with a repeat purchase of each customer in (after, until]."""
    some = log[log["repeat"] & (log["date"] > pd.Timestamp(after)) & (log["date"] <= pd.Timestamp(until))]
    return some.groupby("customer_id").size().reindex(customers["customer_id"], fill_value=0).to_numpy(float)


def features(log: pd.DataFrame, cut: date) -> pd.DataFrame:
    """What boosting knows of each customer on a date: history, purchases of the last 4, 8, 13 and 26 weeks, mean spend; day in the year."""
    past = log[log["date"] <= pd.Timestamp(cut)]
    each = past.groupby("customer_id").agg(first=("date", "min"), last=("date", "max"), times=("date", "size"), spend=("amount", "mean"))
    days = {"age": each["first"], "hiatus": each["last"]}
    found = pd.DataFrame({name: (pd.Timestamp(cut) - day).dt.days for name, day in days.items()})
    found = found.assign(times=each["times"] - 1, spend=each["spend"], season=pd.Timestamp(cut).day_of_year)
    for weeks in (4, 8, 13, 26):
        recent = past[past["repeat"] & (past["date"] > pd.Timestamp(cut) - pd.Timedelta(weeks=weeks))]
        found[f"last {weeks}"] = recent.groupby("customer_id").size().reindex(found.index, fill_value=0)
    return found
