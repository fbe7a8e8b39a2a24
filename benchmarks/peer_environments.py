"""Fit times beside peers that need an environment of their own: `python -m benchmarks.peer_environments`.

Each peer is installed with pip into `.venv-peers/NAME` (kept for the next run), and every contender, Goodwill too, runs in a process of its
own on the CDNOW sample with calibration to 1997-09-30. Only the fit is timed: the fastest of several, and for those that compile the first.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from benchmarks import write_table
from goodwill.data.purchases import summarize_purchases
from goodwill.data.reading.sources import read_transactions

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / ".venv-peers"

TIMED = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
folder = sys.argv[1]
def timed(fit, rounds):
    walls, cpus = [], []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        found = fit()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return {"first": walls[0], "wall": min(walls), "cpu": min(cpus)}
"""

ROWS = """
import pandas as pd
rows = pd.read_csv(folder + "/summary.csv", dtype={"customer_id": str})
"""

GOODWILL = """
import goodwill as gw
print(json.dumps({"BG/NBD": timed(lambda: gw.BetaGeoNBD.fit(rows), 8), "MBG/NBD": timed(lambda: gw.ModifiedBetaGeoNBD.fit(rows), 8),
                  "Pareto/NBD": timed(lambda: gw.ParetoNBD.fit(rows), 3)}))
"""

CLVKIT = """
import clvkit
log = pd.read_csv(folder + "/log.csv", dtype={"customer_id": str}, parse_dates=["date"])
base = clvkit.CustomerBase.from_transactions(log, "customer_id", "date", "amount", time_unit="W", collapse="D",
                                             observation_period_end=pd.Timestamp("1997-09-30"), on_negative="net")
print(json.dumps({"BG/NBD": timed(lambda: clvkit.BGNBD().fit(base), 3), "MBG/NBD": timed(lambda: clvkit.MBGNBD().fit(base), 3)}))
"""

PYMC = """
import logging
logging.disable(logging.CRITICAL)
from pymc_marketing import clv
def fit(model):
    return lambda: model(data=rows).fit(method="map", progressbar=False)
print(json.dumps({"BG/NBD": timed(fit(clv.BetaGeoModel), 2), "MBG/NBD": timed(fit(clv.ModifiedBetaGeoModel), 2),
                  "Pareto/NBD": timed(fit(clv.ParetoNBDModel), 2)}))
"""

PEERS = {"clvkit": ("clvkit", CLVKIT), "pymc-marketing (MAP)": ("pymc-marketing", PYMC)}


def python_with(name: str, *packages: str) -> Path:
    """The Python of the environment of that name, made when it is not there with the packages (one of that name when none is told)."""
    folder = HOME / name
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *(packages or [name])], check=True)
    return python


def version(python: Path, package: str) -> str:
    """The installed version of a package."""
    asked = f"import importlib.metadata as m; print(m.version({package!r}))"
    return subprocess.run([str(python), "-c", asked], check=True, capture_output=True, text=True).stdout.strip()


def measured(python: Path, script: str, folder: str) -> dict[str, dict[str, float]]:
    """What a contender's script printed."""
    done = subprocess.run(
        [str(python), "-c", TIMED + script, folder], capture_output=True, text=True, env=os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    )
    if done.returncode:
        raise SystemExit(f"{python.parent.parent.name} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def main() -> None:
    """Measure all and write the table."""
    log = read_transactions("cdnow_sample")
    summary = summarize_purchases(log, calibration_end="1997-09-30")
    with tempfile.TemporaryDirectory() as folder:
        summary.to_pandas()[["customer_id", "frequency", "recency", "T"]].to_csv(Path(folder, "summary.csv"), index=False)
        frame = log.to_pandas()
        frame[frame["date"].astype(str) <= "1997-09-30"].to_csv(Path(folder, "log.csv"), index=False)
        found = {"goodwill": measured(Path(sys.executable), ROWS + GOODWILL, folder)}
        for name, (package, script) in PEERS.items():
            python = python_with(package)
            found[f"{name} {version(python, package)}"] = measured(python, ROWS + script, folder)
    lines = ["| model | who | wall, s | × first | first call, s | CPU, s |", "|---|---|--:|--:|--:|--:|"]
    for model, ours in found["goodwill"].items():
        for name, models in found.items():
            if model in models:
                took = models[model]
                times = f"{took['wall']:.3f} | {took['wall'] / ours['wall']:.1f} | {took['first']:.3f} | {took['cpu']:.3f}"
                lines.append(f"| {model} | {name} | {times} |")
    write_table("peer_environments", lines)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
