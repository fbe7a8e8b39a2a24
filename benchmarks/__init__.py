"""Side-by-side timings with the peers: `python -m benchmarks` runs them all and writes the tables of README.md."""

import os

# Before numpy starts: one BLAS thread, so that CPU seconds mean the same for everybody.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import importlib.metadata
import platform
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

README = Path(__file__).with_name("README.md")


def keep_part(result: Path, name: str, lines: list[str]) -> None:
    """Put one part of a kept result, whose first line begins with its name, in the place of what stood there of that name."""
    known = result.read_text("utf8").split("\n\n") if result.exists() else []
    others = [part.strip("\n") for part in known if part.strip() and not part.lstrip().startswith(name)]
    result.write_text("\n\n".join(sorted([*others, "\n".join(lines)])) + "\n", "utf8")


def run_parts(parts: dict[str, Callable[[], list[str]]], result: Path, given: list[str]) -> int:
    """Run those parts of a study that are named in lower case among what was given, or all; with `--write` their lines are kept."""
    for name in [each for each in parts if each.lower() in given] or parts:
        lines = parts[name]()
        if "--write" in given:
            keep_part(result, name, lines)
    return 0


@dataclass(frozen=True)
class Timing:
    """The fastest of several runs of one contender, and what it returned."""

    wall: float  # [s]
    cpu: float  # all threads of this process [s]
    result: Any


def fastest(contenders: dict[str, Callable[[], Any]], rounds: int) -> dict[str, Timing]:
    """Run the contenders in turn, `rounds` times, so that a disturbance hits all alike; keep each one's minimum."""
    best: dict[str, Timing] = {}
    for _ in range(rounds):
        for name, call in contenders.items():
            wall, cpu = time.perf_counter(), time.process_time()
            result = call()
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            known = best.get(name)
            best[name] = Timing(min(wall, known.wall), min(cpu, known.cpu), result) if known else Timing(wall, cpu, result)
    return best


def rows(work: str, timings: dict[str, Timing], shown: Callable[[Any], str]) -> list[str]:
    """Lines of a Markdown table; the first contender is the one that the others are compared with."""
    ours = next(iter(timings.values()))
    lines = []
    for name, timing in timings.items():
        times = [
            f"{ours_or_theirs:.3f} | {ours_or_theirs / base:.2f}"
            for ours_or_theirs, base in ((timing.wall, ours.wall), (timing.cpu, ours.cpu))
        ]
        lines.append(f"| {work} | {name} | {' | '.join(times)} | {shown(timing.result)} |")
        work = ""
    return lines


HEADER = ["| work | who | wall, s | × first | CPU, s | × first | result |", "|---|---|--:|--:|--:|--:|---|"]


def measured_with(*packages: str) -> str:
    """One line: when, on what machine, with which versions."""
    versions = ", ".join(f"{package} {importlib.metadata.version(package)}" for package in packages)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}"
    return f"Measured {date.today()}, {machine}, Python {platform.python_version()}, {versions}, one BLAS thread."


def write_table(name: str, lines: list[str]) -> None:
    """Replace what stands in README.md between the markers of the table `name`; the prose stays."""
    text = README.read_text(encoding="utf-8")
    between = re.compile(rf"(<!-- table: {name} -->\n).*?(<!-- end: {name} -->)", re.DOTALL)
    if not between.search(text):
        raise SystemExit(f"{README.name} has no markers '<!-- table: {name} -->' and '<!-- end: {name} -->' to write between")
    new = "\n" + "\n".join(lines) + "\n\n"
    README.write_text(between.sub(lambda found: found[1] + new + found[2], text), encoding="utf-8")
