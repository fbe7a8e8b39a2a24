"""200 small reports, one per region of one file, three of them with bad data: time, exit status, index, and the memory of the runner.

python -m benchmarks.fan_out [--reports N] [--jobs N] [--print]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import measured_with

RESULT = Path(__file__).with_name("results") / "fan_out.txt"
BAD = 3
CELLS = [
    'data: str = "cdnow_sample"  # purchases\ndate_format: str = ""  # how dates are written',
    "import goodwill as gw\n\ngw.start(globals())",
    "purchases = gw.read_transactions(data, date_format=date_format)\ngw.record_data(purchases)\nframe = purchases.to_pandas()",
    'gw.record("customers", int(frame["customer_id"].nunique()))\ngw.record("revenue", frame["amount"].sum(), unit="EUR")',
    'by_day = frame.groupby("date", as_index=False)["amount"].sum()\ngw.record_table("days", by_day, caption="Revenue by day")',
    'from matplotlib.figure import Figure\n\nfigure = Figure(figsize=(6, 3))\nfigure.subplots().plot(by_day["date"], by_day["amount"])\n'
    'gw.record_figure("revenue", figure, caption="Revenue by day.", alt="A line of the revenue by day.")',
    'gw.say("{customers} brought {revenue}.")',
]


def write_project(folder: Path, reports: int) -> Path:
    """A recipe, a notebook and the purchases of so many regions."""
    cells = [{"cell_type": "markdown", "id": "title", "metadata": {}, "source": "# What did the region bring?"}]
    for place, source in enumerate(CELLS):
        tags = {"tags": ["parameters"]} if place == 0 else {}
        cells.append({"cell_type": "code", "id": f"c{place}", "metadata": tags, "source": source, "outputs": [], "execution_count": None})
    promised = {"records": ["customers", "revenue"], "tables": ["days"], "figures": ["revenue"]}
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    content = {"cells": cells, "metadata": {"kernelspec": kernel, "goodwill": promised}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "region.ipynb").write_text(json.dumps(content))
    rows = [
        f"{region * 100 + n % 40},2024-{n % 12 + 1:02d}-{n % 28 + 1:02d},{'n/a' if region < BAD and n == 7 else n + region},region {region}"
        for region in range(reports)
        for n in range(200)
    ]
    (folder / "sales.csv").write_text("customer_id,date,amount,region\n" + "\n".join(rows) + "\n")
    recipe = folder / "regions.yaml"
    recipe.write_text(
        "title: Regions\nreports:\n- name: '{region}'\n  notebook: region.ipynb\n  for_each: {column: region, of: sales.csv}\n"
    )
    return recipe


def resident(pid: int) -> float:
    """Memory that a process holds [MB]."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def run(recipe: Path, jobs: int) -> tuple[list[dict], list[float], int, float]:
    """The events, the memory of the runner after each report, the exit status and the seconds."""
    began = time.perf_counter()
    command = [
        Path(sys.executable).parent / "goodwill",
        "run",
        recipe,
        "--out",
        recipe.parent / "set",
        "--jobs",
        str(jobs),
        "--log",
        "json",
    ]
    events, memory = [], []
    with subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True) as runner:
        assert runner.stdout is not None
        for line in runner.stdout:
            events.append(json.loads(line))
            if events[-1]["event"] == "report_done":
                memory.append(resident(runner.pid))
    return events, memory, runner.returncode, time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--print", action="store_true", help="leave the result file alone")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        recipe = write_project(Path(name), given.reports)
        busy = os.getloadavg()[0]
        events, memory, status, seconds = run(recipe, given.jobs)
        index = (recipe.parent / "set" / "index.html").read_text("utf-8")
        again, _, status_again, seconds_again = run(recipe, given.jobs)
    done, redone = events[-1], again[-1]
    named = all(f"region-{n}" in index for n in range(BAD)) and f"{done['built']} built, {done['failed']} failed" in index
    tenth = max(given.reports // 10, 1)
    lines = [
        f"{given.reports} reports over the groups of a column, {BAD} with bad data, {given.jobs} at a time, from nothing",
        "",
        f"finished in                  {seconds:8.1f} s ({seconds / given.reports:.2f} s a report)",
        f"built, failed, exit status   {done['built']:4}, {done['failed']}, {status}",
        f"the index names the failed   {'yes' if named else 'NO':>4}",
        f"memory of the runner         {memory[tenth - 1]:8.1f} MB after {tenth} reports, {memory[-1]:.1f} MB after {len(memory)}",
        f"the same run again           {seconds_again:8.1f} s; {redone['skipped']} unchanged, {redone['failed']} failed, {status_again}",
        "",
        measured_with("goodwill", "papermill", "ipykernel"),
        f"The load of the machine was {busy:.1f} before it began.",
    ]
    print("\n".join(lines))
    if not given.print:
        RESULT.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
