"""The main recipe beside a shell loop of papermill and nbconvert over the same notebooks, in one run.

python -m benchmarks.reports [--recipe FILE] [--jobs N] [--rounds N] [--print]

Every way starts from nothing built and in processes of its own; the ways take turns.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import measured_with
from goodwill.reports.sets.recipe import Report, read_recipe

ROOT = Path(__file__).resolve().parents[1]
RESULT = Path(__file__).with_name("results") / "reports.txt"
BIN = Path(sys.executable).parent
TARGET_SECONDS, TARGET_RATIO, TARGET_UNCHANGED = 90, 1.7, 5  # what was promised


def ways(recipe: Path, jobs: int, folder: Path) -> dict[str, Callable[[], None]]:
    """The contenders by name; `unchanged` runs last, over what the first one built."""
    reports = [report for report in read_recipe(recipe).reports if isinstance(report, Report)]
    goodwill = [BIN / "goodwill", "run", recipe, "--out", folder / "set", "--jobs", str(jobs)]

    def ours(**variables: str) -> None:
        shutil.rmtree(folder / "set", ignore_errors=True)
        run(*goodwill, **variables)

    def loop() -> None:
        for report in reports:
            given = [word for name, value in report.parameters.items() for word in ("-p", name, str(value))]
            out = folder / f"{report.name}.ipynb"
            run(BIN / "papermill", report.notebook.path, out, "--no-progress-bar", *given)
            run(BIN / "jupyter-nbconvert", "--to", "html", out)

    return {
        f"goodwill run, {jobs} jobs": ours,
        "shell loop of papermill and nbconvert": loop,
        f"goodwill run, {jobs} jobs, without forking": lambda: ours(GOODWILL_FORK="0"),
        "goodwill run, nothing changed": lambda: run(*goodwill),
    }


def run(*command: object, **variables: str) -> None:
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT, env=os.environ | variables, capture_output=True)


def measure(call: Callable[[], None]) -> float:
    """Wall seconds."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipe", type=Path, default=ROOT / "reports" / "recipes" / "main.yaml")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--print", action="store_true", help="leave the result file alone")
    given = parser.parse_args()
    lines = table(given.recipe.resolve(), given.jobs, given.rounds)
    print("\n".join(lines))
    if not given.print:
        RESULT.write_text("\n".join(lines) + "\n", "utf-8")


def table(recipe: Path, jobs: int, rounds: int) -> list[str]:
    with tempfile.TemporaryDirectory() as name:
        contenders = ways(recipe, jobs, Path(name))
        best = {way: float("inf") for way in contenders}
        busy = os.getloadavg()[0]
        for _ in range(rounds):
            for way, call in contenders.items():
                best[way] = min(best[way], measure(call))
    count = len(read_recipe(recipe).reports)
    lines = [f"The {count} reports of {recipe.name} from nothing; the fastest of {rounds} round(s)", ""]
    lines += [f"{'':46}{'wall, s':>9}{'x first':>9}"]
    first = next(iter(best.values()))
    lines += [f"{way:46}{wall:9.1f}{wall / first:9.2f}" for way, wall in best.items()]
    loop, unchanged = best["shell loop of papermill and nbconvert"], best["goodwill run, nothing changed"]
    lines += ["", f"Under {TARGET_SECONDS} s: {yes(first < TARGET_SECONDS)}. At least {TARGET_RATIO} x faster than the loop: "]
    lines[-1] += (
        f"{yes(loop / first >= TARGET_RATIO)}. Under {TARGET_UNCHANGED} s when nothing changed: {yes(unchanged < TARGET_UNCHANGED)}."
    )
    lines += ["", measured_with("goodwill", "papermill", "nbconvert", "ipykernel").replace(", one BLAS thread", "")]
    return [*lines, f"The load of the machine was {busy:.1f} before it began."]


def yes(is_so: bool) -> str:
    return "yes" if is_so else "NO"


if __name__ == "__main__":
    main()
