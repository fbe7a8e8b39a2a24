"""Random kills over a running recipe (python -m benchmarks.kills, some fifteen minutes)

A recipe of two small reports is run by the command line, with other parameters each time so that all are built, and after a random time
one of its processes is killed: the runner, a worker, a kernel, or the parent that forks them. Whatever is left of the run ends by itself.
Then every published report must be whole, no process may be left, and the next run must build what is missing and leave nothing half-made.
Writes results/kills.txt.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.small_reports import write_notebook, write_sales
from goodwill.reports.running.fingerprints import is_whole
from goodwill.reports.running.history import read_history
from goodwill.reports.running.ledger_file import read_ledger
from goodwill.reports.running.ours import report_facts

RESULTS = Path(__file__).parent / "results" / "kills.txt"
NAMES = ("a", "b")
PATIENCE = 300  # seconds in which what is left must have ended
LEFTOVERS = ("*.writing", "*.building", "*.previous", "*.damaged*", "*.failed.*")


def start(folder: Path, number: int) -> subprocess.Popen[str]:
    reports = ", ".join(f"{{name: {name}, notebook: small.ipynb, parameters: {{data: sales.csv, number: {number}}}}}" for name in NAMES)
    (folder / "r.yaml").write_text(f"title: Kills\nreports: [{reports}]\n")
    command = [sys.executable, "-c", "import sys; from goodwill.cli import main; main(sys.argv[1:])", "run", str(folder / "r.yaml")]
    command += ["--out", str(folder / "set"), "--jobs", "2", "--log", "json"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def family(runner: subprocess.Popen[str]) -> list[psutil.Process]:
    """The runner and all that it has started, the kernels' own processes too."""
    try:
        process = psutil.Process(runner.pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def kill_one(runner: subprocess.Popen[str], rng: np.random.Generator) -> tuple[str, list[psutil.Process]]:
    """Kill one of them; what it was, and all that there were."""
    there = family(runner)
    if not there or runner.poll() is not None:
        return "nothing: the run had ended", there
    victim = there[int(rng.integers(len(there)))]
    place = there.index(victim)
    try:
        is_child = place > 0 and victim.ppid() == runner.pid
        what = "the runner" if place == 0 else "the parent that forks" if is_child else "a worker or a kernel"
        victim.kill()
    except psutil.NoSuchProcess:
        return "nothing: it had ended", there
    return what, there


def wrong_with(folder: Path, there: list[psutil.Process]) -> str:
    """What is wrong after the run that was attacked; empty where nothing is."""
    _, alive = psutil.wait_procs(there, timeout=PATIENCE)
    if [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]:
        return f"{len(alive)} processes are left"
    for name in NAMES:
        place = folder / "set" / name
        if place.exists() and not is_whole(place, report_facts(place)):
            return f"{name} is published and not whole"
    index = folder / "set" / "index.html"
    return "the index is not whole" if index.exists() and not index.read_text().rstrip().endswith("</html>") else ""


def wrong_after(folder: Path, status: int, said: str, number: int) -> str:
    """What is wrong after the next run; empty where nothing is."""
    if status:
        return f"the next run ends with {status}: {said[-300:]}"
    left = [path.name for ending in LEFTOVERS for path in (folder / "set").rglob(ending)]
    if left:
        return f"left over: {', '.join(left)}"
    for name in NAMES:
        facts: dict[str, Any] = report_facts(folder / "set" / name)
        if facts.get("parameters", {}).get("number") != number or not is_whole(folder / "set" / name, facts):
            return f"{name} is not what was asked for"
        if read_history(folder / "set" / name).runs[-1]["started"] != facts["started"]:
            return f"the history of {name} lacks its last run"
        if not read_ledger(folder / "set" / name).forecasts:
            return f"the ledger of {name} has lost its forecasts"
    return ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--print", action="store_true", help="show the table and leave the file alone")
    given = parser.parse_args()
    rng = np.random.default_rng(given.seed)
    rows, wrong, killed = [], 0, Counter[str]()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_notebook(folder / "small.ipynb")
        write_sales(folder / "sales.csv")
        began = time.perf_counter()
        start(folder, 1).communicate()
        usual = time.perf_counter() - began
        for number in range(2, given.kills + 2):
            runner = start(folder, number)
            after = float(rng.uniform(0, usual))
            time.sleep(after)
            what, there = kill_one(runner, rng)
            runner.communicate()
            problem = wrong_with(folder, there)
            next_run = start(folder, number)
            said, _ = next_run.communicate()
            done = Counter(line["status"] for line in map(_line, said.splitlines()) if line.get("event") == "report_done")
            problem = problem or wrong_after(folder, next_run.returncode, said, number)
            wrong += bool(problem)
            killed[what] += 1
            repaired = ", ".join(f"{count} {status}" for status, count in sorted(done.items()))
            rows.append(f"{number - 1:>3}  after {after:5.1f} s  {what:<28}then: {repaired:<24}{problem or 'nothing wrong'}")
            print(rows[-1], flush=True)
    head = ["Random kills over a running recipe (python -m benchmarks.kills)"]
    head.append(
        f"{given.kills} kills ({', '.join(f'{count} of {what}' for what, count in killed.most_common())}); something wrong: {wrong}"
    )
    print("\n".join(head))
    if not given.print:
        RESULTS.write_text("\n".join([*head, "", *rows]) + "\n", "utf8")


def _line(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


if __name__ == "__main__":
    main()
