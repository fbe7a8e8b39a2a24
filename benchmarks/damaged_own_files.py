"""What a run does about damaged files of its own (python -m benchmarks.damaged_own_files, some ten minutes)

A set of three reports is built (one of them per group, with earlier builds, a failure, a stale report, histories and ledgers), and then, in
a copy of it, one file is deleted, emptied, cut, filled with zeros, or given another shape, and the recipe is run twice. The first run must
end by itself without an exception, with a whole index and every report that can be built whole; the second must find nothing to mend.
Writes results/damaged_own_files.txt.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.small_reports import write_notebook, write_sales
from goodwill.errors import GoodwillError
from goodwill.reports.running.fingerprints import is_whole
from goodwill.reports.running.ours import report_facts
from goodwill.reports.sets.batch import Options, run_recipe
from goodwill.reports.sets.recipe import read_recipe

RESULTS = Path(__file__).parent / "results" / "damaged_own_files.txt"
RECIPE = """\
title: Damaged
keep: {runs: 3}
expects: {rows_within: 0.5, columns: as before}
reports:
  - {name: a, notebook: small.ipynb, parameters: {data: sales.csv}}
  - {name: "of-{region}", notebook: small.ipynb, for_each: {column: region, of: sales.csv}}
  - {name: bad, notebook: bad.ipynb, parameters: {data: sales.csv}}
  - {name: late, notebook: small.ipynb, parameters: {data: sales.csv}, expects: {through: 2030-01-01}}
"""
STANDS = ("skipped", "built")
EXPECTED = {"a": STANDS, "of-north": STANDS, "of-south": STANDS, "bad": ("failed",), "late": ("stale",)}
DAMAGES: dict[str, Callable[[bytes], bytes | None]] = {
    "deleted": lambda body: None,
    "emptied": lambda body: b"",
    "cut in the middle": lambda body: body[: len(body) // 2],
    "zeros": lambda body: bytes(len(body)),
    "a list": lambda body: b"[1, 2]",
    "another object": lambda body: b'{"a": 5, "made": 7, "runs": {}}',
    "values of other kinds": lambda body: other_kinds(body),
    "nested without end": lambda body: b"[" * 100_000,
    "not UTF-8": lambda body: b"\xff\xfe" + body[:100],
}
FILES = (
    "a/run.json", "a/results.json", "a/notebook.ipynb", "a/report.html", "a/tables/numbers.csv", "a.history.jsonl", "a.ledger.jsonl",
    "index.json", "index.html", ".lock", "bad.failed.json", "bad.failed.html", "late.stale.json", ".cache/fingerprints.json",
    ".cache/observed/*.json", ".cache/groups/*/groups.json", ".cache/groups/*/*-north.parquet", "a.earlier/*/run.json",
)  # fmt: skip


def other_kinds(body: bytes) -> bytes:
    """The same names with values of other kinds, line by line where it is a file of lines."""
    try:
        return json.dumps(_turned(json.loads(body))).encode()
    except ValueError:
        pass
    try:
        return b"\n".join(json.dumps(_turned(json.loads(line))).encode() for line in body.splitlines()) + b"\n"
    except ValueError:
        return b"5"


def _turned(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _turned(item) for name, item in value.items()}
    return {"turned": 1} if isinstance(value, str | bool) else str(value) if isinstance(value, int | float) else [[]]


def run(folder: Path) -> tuple[dict[str, str], list[str]]:
    """The status of each report, and the problems that were told."""
    events: list[dict[str, Any]] = []
    outcomes = run_recipe(read_recipe(folder / "r.yaml", date(2024, 6, 1)), folder / "set", Options(jobs=2), on_event=events.append)
    return {each.name: each.status for each in outcomes}, [event["message"] for event in events if event["event"] == "problem"]


def wrong_after(folder: Path, found: dict[str, str], again: dict[str, str]) -> str:
    """What is not as it should be after the two runs; empty where nothing is."""
    for name, allowed in EXPECTED.items():
        if found.get(name) not in allowed or again.get(name) not in allowed:
            return f"{name}: {found.get(name)}, then {again.get(name)}"
        if allowed[0] == "skipped" and again[name] != "skipped":
            return f"{name} was built again"
        if allowed[0] == "skipped" and not is_whole(folder / "set" / name, report_facts(folder / "set" / name)):
            return f"{name} is not whole"
    listed = json.loads((folder / "set" / "index.json").read_text())
    if {each["name"] for each in listed["reports"]} != EXPECTED.keys():
        return "the list lacks a report"
    return "" if (folder / "set" / "index.html").read_text().rstrip().endswith("</html>") else "the index is not whole"


def attack(standing: Path, place: str, damage: Callable[[bytes], bytes | None], scratch: Path) -> tuple[str, str]:
    """What is wrong after the runs, and what they did."""
    folder = scratch / "copy"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(standing, folder, copy_function=shutil.copy2)
    victim = sorted((folder / "set").glob(place))[0]
    body = damage(victim.read_bytes())
    if body is None:
        victim.unlink()
    else:
        victim.write_bytes(body)
    try:
        (found, problems), (again, _) = run(folder), run(folder)
    except GoodwillError as error:
        return "STOPPED", str(error)
    except Exception as error:
        return "RAW", f"{type(error).__name__}: {error}"
    built = [name for name, status in found.items() if status == "built"]
    did = "; ".join([*problems, f"built again: {', '.join(built)}" if built else "nothing was built again"])
    return wrong_after(folder, found, again), did


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--print", action="store_true", help="show the table and leave the file alone")
    given = parser.parse_args()
    rows, wrong = [], 0
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        standing = scratch / "standing"
        standing.mkdir()
        write_notebook(standing / "small.ipynb")
        write_notebook(standing / "bad.ipynb", "1 / 0")
        write_sales(standing / "sales.csv")
        (standing / "r.yaml").write_text(RECIPE.replace("data: sales.csv}}\n", "data: sales.csv, number: 2}}\n", 1))
        run(standing)
        (standing / "r.yaml").write_text(RECIPE)
        run(standing)
        for place in FILES:
            for what, damage in DAMAGES.items():
                found, did = attack(standing, place, damage, scratch)
                wrong += bool(found)
                rows.append(f"{found or 'mended':<24}{place + ': ' + what:<60}{did.replace(name, '…')[:220]}")
                print(rows[-1], flush=True)
    head = ["What a run does about damaged files of its own (python -m benchmarks.damaged_own_files)"]
    head.append(f"{len(rows)} damaged files; not mended by the next run: {wrong}")
    print("\n".join(head))
    if not given.print:
        RESULTS.write_text("\n".join([*head, "", *(row.rstrip() for row in rows)]) + "\n", "utf8")


if __name__ == "__main__":
    main()
