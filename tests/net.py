"""The net under the move of the code: runs a notebook on the old and on the new side and compares everything shown.

python net.py data                                    writes the inputs of the cases (once; needs goodwill on the path)
python net.py capture WORKTREE NOTEBOOK CASE -o FILE  runs a notebook with the library of a worktree and writes what it showed
python net.py compare OLD NEW [NEW2]                  one line for each difference; exit status 1 if there is any
python net.py recipe OLD_DIR NEW_DIR                  the same for two builds of a recipe: results.json and tables/
python net.py cases                                   which cases there are
"""

from __future__ import annotations

import argparse
import csv
import difflib
import html
import io
import json
import math
import os
import re
import sys
import tempfile
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

INPUTS = Path(os.environ.get("NET_DATA", "/work/notes/net-data"))
MIME = "application/vnd.goodwill.result+json"
NEW_FIELDS = {"grade", "weakest", "model_interval", "track_record", "schema"}  # a new side may add these to what is recorded
NEW_NAMES = {"schema"}  # and these entries to results.json
PARTED = {"alt"}  # meant to change: told as a note only
ENVIRONMENT = {
    "TQDM_DISABLE": "1",
    "PYTHONHASHSEED": "0",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}

# Parameters of a case by the number of the notebook; "*" for all others. Those that a notebook does not declare are left out.
SHOP = {"data": "transactions.csv"}
CASES: dict[str, dict[str, dict[str, Any]]] = {
    "default": {"*": {}},
    "cdnow_sample": {"01": {"data": "cdnow_sample"}, "02": {"data": "cdnow_sample"}, "04": {"data": "cdnow_sample"}, "*": {}},
    "company": {
        "*": SHOP,
        "02": SHOP | {"complaints": "complaints.csv", "told": "told.csv"},
        "03": {"data": "survey.csv", "scale": "1-10", "items": ["quality", "service", "delivery", "price"], "examples": False},
        "04": SHOP | {"costs": "costs.csv", "causes": "complaints.csv", "experiment": "trial.csv", "arm_costs": ["voucher:1", "call:6"]},
    },
    "small": {
        "*": {"data": "small_transactions.csv"},
        "01": {"data": "small_transactions.csv", "spend_model": "independent"},
        "02": {"data": "small_transactions.csv", "complaints": "small_complaints.csv", "told": "small_told.csv"},
        "03": {"data": "small_survey.csv", "scale": "1-10"},
        "04": {"data": "small_transactions.csv", "causes": "small_complaints.csv", "costs": "small_costs.csv"},
        "07": {"data": "small_survival.csv", "fit_periods": 2},
    },
}
CASES["cdnow_sample"]["08"] = CASES["cdnow_sample"]["04"]
for _case in ("company", "small"):
    CASES[_case]["08"] = CASES[_case]["04"]
TWINS = {
    ("company", "07"): "default",
    ("cdnow_sample", "03"): "default",
    ("cdnow_sample", "06"): "default",
    ("cdnow_sample", "07"): "default",
}


# --- inputs ---------------------------------------------------------------------------------------------------------------------------


def write_inputs() -> None:
    """The simulated company and a file too small for most sections, as CSV."""
    import numpy as np
    import pandas as pd

    from goodwill.simulate import company, trial

    INPUTS.mkdir(parents=True, exist_ok=True)

    def write(name: str, frame: pd.DataFrame) -> None:
        frame.to_csv(INPUTS / f"{name}.csv", index=False, date_format="%Y-%m-%d", lineterminator="\n")

    sold, rng = company(customers=2_000, weeks=78, seed=1), np.random.default_rng(7)
    write("transactions", sold.transactions)
    write("complaints", sold.complaints)
    write("survey", sold.survey)
    write("trial", trial(sold, seed=2).experiment)
    ids = sold.customers["customer_id"]
    write("costs", pd.DataFrame({"customer_id": ids, "cost": rng.gamma(2, 4, len(ids)).round(2)}))
    outcomes = ["satisfied", "acceptable", "dissatisfied"]
    write("told", pd.DataFrame({"told": rng.negative_binomial(1, 0.12, 200), "outcome": rng.choice(outcomes, 200)}))
    # Twelve customers, 25 purchases: six buy once, the others two to six times.
    counts = [1, 1, 1, 1, 1, 1, 2, 2, 3, 3, 3, 6]
    who = np.repeat(np.arange(1, 13), counts)
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 400, len(who)), unit="D")
    small = pd.DataFrame({"customer_id": who, "date": day, "amount": rng.gamma(4, 6, len(who)).round(2)})
    write("small_transactions", small.sort_values(["date", "customer_id"]))
    opened = pd.Timestamp("2024-03-01") + pd.to_timedelta([0, 20, 45, 70, 110, 150], unit="D")
    log = pd.DataFrame({"customer_id": [7, 8, 9, 10, 12, 12], "opened": opened})
    log["answered"], log["closed"] = opened + pd.Timedelta(days=1), opened + pd.Timedelta(days=4)
    log["outcome"], log["cause"] = outcomes * 2, ["delivery", "product", "delivery", "billing", "staff", "delivery"]
    write("small_complaints", log)
    write("small_told", pd.DataFrame({"told": rng.negative_binomial(1, 0.2, 15), "outcome": outcomes * 5}))
    satisfaction = rng.integers(4, 11, 15)
    loyalty = np.clip(satisfaction + rng.integers(-2, 3, 15), 1, 10)
    write("small_survey", pd.DataFrame({"respondent_id": range(1, 16), "satisfaction": satisfaction, "loyalty": loyalty}))
    write("small_costs", pd.DataFrame({"customer_id": range(1, 11), "cost": rng.gamma(2, 4, 10).round(2)}))
    write("small_survival", pd.DataFrame({"cohort": ["only"] * 4, "time": range(4), "customers": [40, 27, 21, 18]}))


def parameters_of(number: str, case: str) -> dict[str, Any]:
    """The parameters of a case with whole paths."""
    given = CASES[case].get(number, CASES[case].get("*", {}))
    if TWINS.get((case, number)):
        given = {}
    return {name: str(INPUTS / value) if isinstance(value, str) and value.endswith(".csv") else value for name, value in given.items()}


# --- capture --------------------------------------------------------------------------------------------------------------------------


def find_notebook(worktree: Path, name: str) -> Path:
    """The notebook by its path, its number (04) or its name, with or without the number."""
    if Path(name).is_file():
        return Path(name).resolve()
    for folder in (worktree / "notebooks", worktree / "lib" / "goodwill" / "notebooks"):
        for path in sorted(folder.glob("*.ipynb")):
            if name in (path.name, path.stem, path.stem[:2], path.stem[3:]):
                return path
    sys.exit(f"net: no notebook {name!r} in {worktree}.")


def capture(worktree: Path, name: str, case: str, out: Path) -> int:
    """Run the notebook with the library of the worktree and write what it showed; a failure is kept as an output."""
    import papermill
    from papermill.exceptions import PapermillExecutionError

    path = find_notebook(worktree, name)
    content = json.loads(path.read_text("utf8"))
    declared = _declared(content)
    wanted = parameters_of(path.stem[:2], case)
    given = {key: value for key, value in wanted.items() if key in declared}
    if set(wanted) - set(given):
        print(f"net: {path.stem} has no parameter {', '.join(sorted(set(wanted) - set(given)))}: left out")
    os.environ.update(ENVIRONMENT | {"PYTHONPATH": str(worktree.resolve() / "lib")})
    with tempfile.TemporaryDirectory() as folder:
        executed = Path(folder) / "executed.ipynb"
        with suppress(PapermillExecutionError):  # the outputs hold the error
            papermill.execute_notebook(str(path), str(executed), parameters=given, cwd=folder, kernel_name="python3", progress_bar=False)
        replaced = {folder: "CWD", str(worktree.resolve()): "WORKTREE"}
        outputs = _outputs(json.loads(executed.read_text("utf8")), replaced)
    out.parent.mkdir(parents=True, exist_ok=True)
    head = {"notebook": path.stem, "case": case, "worktree": worktree.name, "parameters": given}
    out.write_text(json.dumps(head | {"outputs": outputs}, indent=1, ensure_ascii=False), "utf8")
    errors = [shown for shown in outputs if shown["kind"] == "error"]
    print(f"net: {path.stem} {case}: {len(outputs)} outputs" + "".join(f"; FAILED {e['error']}" for e in errors) + f" -> {out}")
    return 0


def _declared(content: dict[str, Any]) -> set[str]:
    cells = [cell for cell in content["cells"] if "parameters" in cell["metadata"].get("tags", [])]
    return set(re.findall(r"(?m)^(\w+):", "".join("".join(cell["source"]) + "\n" for cell in cells)))


def _outputs(content: dict[str, Any], replaced: dict[str, str]) -> list[dict[str, Any]]:
    """Every output in order; `cell` counts the cells of the notebook without those that papermill put in."""
    found, number = [], -1
    for cell in content["cells"]:
        tags = cell["metadata"].get("tags", [])
        if "papermill-error-cell-tag" in tags or "injected-parameters" in tags:
            continue
        number += 1
        for output in cell.get("outputs", ()):
            shown = _output(output, replaced)
            if shown is not None:
                found.append({"cell": number} | shown)
    return found


def _output(output: dict[str, Any], replaced: dict[str, str]) -> dict[str, Any] | None:
    if output["output_type"] == "error":
        return {"kind": "error", "name": "", "error": _cleaned(f"{output['ename']}: {output['evalue']}", replaced)}
    if output["output_type"] == "stream":
        return {"kind": output["name"], "name": "", "text": _cleaned("".join(output["text"]), replaced)}
    data = output.get("data", {})
    parts = {mime: "".join(value) if isinstance(value, list) else value for mime, value in data.items() if mime != MIME}
    parts = {mime: _cleaned(value, replaced) for mime, value in parts.items() if isinstance(value, str)}
    result = data.get(MIME)
    if result is None:
        return {"kind": "plain", "name": "", "parts": parts}
    if "image/svg+xml" in parts:  # the HTML of a figure holds the same picture again
        parts = {"image/svg+xml": same_ids(parts["image/svg+xml"])}
    fields = {key: _cleaned(value, replaced) if isinstance(value, str) else value for key, value in result.items()}
    apart = {key: fields.pop(key) for key in PARTED if key in fields}
    return {"kind": fields.pop("kind"), "name": fields.pop("name", ""), "fields": fields, "apart": apart, "parts": parts}


def _cleaned(text: str, replaced: dict[str, str]) -> str:
    for old, new in replaced.items():
        text = text.replace(old, new)
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    return re.sub(r"\S*ipykernel_\d+[/\\]\d+\.py", "<cell>", text) if "ipykernel_" in text else text


def same_ids(svg: str) -> str:
    """A picture without its alternative text, with ids numbered in the order in which they come."""
    svg = re.sub(r"<(title|desc|metadata)>.*?</\1>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(<g) id="[^"]*"', r"\1", svg)
    numbers: dict[str, str] = {}

    def renamed(match: re.Match[str]) -> str:
        known = match[2] if "-" in match[2] else numbers.setdefault(match[2], f"n{len(numbers)}")  # glyphs keep their names
        return match[1] + known + match[3]

    return re.sub(r'( id="|href="#|url\(#)([^")]+)("|\))', renamed, svg)


# --- compare --------------------------------------------------------------------------------------------------------------------------


class Report:
    """Differences and notes, a line each."""

    def __init__(self, look_apart: bool = False) -> None:
        self.look_apart = look_apart  # a picture whose texts are the same is only noted
        self.differences: list[str] = []
        self.notes: list[str] = []
        self.nearly = 0  # numbers that differ by less than 1e-9 of themselves

    def differ(self, what: str, old: Any = None, new: Any = None) -> None:
        both = "" if old is None and new is None else f"\n    old: {_short(old)}\n    new: {_short(new)}"
        self.differences.append(what + both)

    def equal(self, old: Any, new: Any) -> bool:
        """Whether two values are the same; numbers within 1e-9 of each other are, and are counted."""
        if isinstance(old, bool) or isinstance(new, bool) or old is None or new is None:
            return old is new
        if isinstance(old, int | float) and isinstance(new, int | float):
            if old == new:
                return True
            close = math.isclose(old, new, rel_tol=1e-9, abs_tol=1e-300)
            self.nearly += close
            return close
        if isinstance(old, list) and isinstance(new, list):
            return len(old) == len(new) and all(self.equal(a, b) for a, b in zip(old, new, strict=True))
        if isinstance(old, dict) and isinstance(new, dict):
            return old.keys() == new.keys() and all(self.equal(old[key], new[key]) for key in old)
        return type(old) is type(new) and old == new

    def close(self, head: str) -> int:
        nearly = f"; {self.nearly} numbers differ below 1e-9" if self.nearly else ""
        for line in self.notes:
            print(f"  note: {line}")
        for line in self.differences:
            print(f"  {line}")
        print(f"{'DIFFERENT' if self.differences else 'OK'} {head}: {len(self.differences)} differences, {len(self.notes)} notes{nearly}")
        return 1 if self.differences else 0


def _short(value: Any, most: int = 600) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = re.sub(r"\s+", " ", text)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def compare(old_file: Path, new_files: list[Path], any_order: bool, look_apart: bool) -> int:
    old = json.loads(old_file.read_text("utf8"))
    news = [json.loads(path.read_text("utf8")) for path in new_files]
    report, any_order = Report(look_apart), any_order or len(news) > 1
    _compare_named(old, news, report)
    _compare_said(old, news, report, any_order)
    _compare_rest(old, news, report, any_order)
    return report.close(f"{old['notebook']} {old['case']} | {' + '.join(new['notebook'] for new in news)}")


def _named(shown: dict[str, Any]) -> bool:
    return shown["kind"] in ("record", "table", "figure", "data", "start")


def _compare_named(old: dict[str, Any], news: list[dict[str, Any]], report: Report) -> None:
    """Records, tables, figures and data by kind and name; the last of a name counts, as in a report."""
    was = {(o["kind"], o["name"]): o for o in old["outputs"] if _named(o)}
    each = [{(o["kind"], o["name"]): o for o in new["outputs"] if _named(o)} for new in news]
    for key, before in was.items():
        found = [side[key] for side in each if key in side]
        if not found:
            report.differ(f"missing: {key[0]} {key[1]}")
        elif key[0] == "start":
            parameters = {name: value for side in found for name, value in side["fields"]["parameters"].items()}
            _compare_parameters(before["fields"]["parameters"], parameters, report, twice=len(news) > 1)
        else:
            for after in found:
                _compare_one(key, before, after, report)
    for key in dict.fromkeys(key for side in each for key in side if key not in was):
        report.differ(f"new: {key[0]} {key[1]}")


def _compare_parameters(old: dict[str, Any], new: dict[str, Any], report: Report, *, twice: bool) -> None:
    for name in old.keys() | new.keys():
        before, after = old.get(name, "no such parameter"), new.get(name, "no such parameter")
        if before != after and not (twice and name in ("seed",)):
            report.differ(f"parameter {name}", before, after)


def _compare_one(key: tuple[str, str], old: dict[str, Any], new: dict[str, Any], report: Report) -> None:
    what, before, after = f"{key[0]} {key[1]}", old["fields"], new["fields"]
    for field in [*before, *(name for name in after if name not in before)]:
        if field == "csv":
            _compare_csv(what, before["csv"], after.get("csv", ""), report)
        elif field not in before:
            if field not in NEW_FIELDS:
                report.differ(f"{what}: new field {field}", None, after[field])
        elif field not in after:
            report.differ(f"{what}: field {field} is gone", before[field], None)
        elif not report.equal(before[field], after[field]):
            report.differ(f"{what}: {field}", before[field], after[field])
    if old["apart"] != new["apart"]:
        report.notes.append(f"{what}: the alternative text changed")
    _compare_parts(what, old["parts"], new["parts"], report)


def _compare_parts(what: str, old: dict[str, str], new: dict[str, str], report: Report) -> None:
    """What is shown: Markdown as it is, HTML by its words, a picture by its marks."""
    for mime in [*old, *(mime for mime in new if mime not in old)]:
        before, after = old.get(mime, ""), new.get(mime, "")
        if mime == "text/plain" and len(old) > 1:
            continue  # the same again for terminals
        if mime == "image/svg+xml":
            if before != after:
                words, gone, added = _svg_difference(what, before, after)
                if report.look_apart and not gone and not added:
                    report.notes.append(words.partition(";")[0])
                else:
                    report.differ(words, gone, added)
            continue
        if mime == "text/html":
            if before != after and _words(before) == _words(after):
                report.notes.append(f"{what}: the HTML changed, its words did not")
            before, after = _words(before), _words(after)
        if before != after:
            report.differ(f"{what}: shown {mime}", *_around_change(before, after))


def _svg_difference(what: str, old: str, new: str) -> tuple[str, Any, Any]:
    lines_old, lines_new = old.splitlines(), new.splitlines()
    common = sum((Counter(lines_old) & Counter(lines_new)).values())
    share = 1 - common / max(len(lines_old), len(lines_new), 1)
    text_old, text_new = (re.findall(r"<!--\s*(.*?)\s*-->", svg) for svg in (old, new))
    gone = [text for text in text_old if text not in text_new]
    added = [text for text in text_new if text not in text_old]
    return f"{what}: the picture differs ({share:.0%} of its lines); texts only on one side:", gone, added


def _words(page: str) -> str:
    page = re.sub(r"(?s)<(style|script)\b.*?</\1>", "", page)
    page = re.sub(r'\salt="[^"]*"', "", page)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " | ", page))).strip()


def _around_change(old: str, new: str) -> tuple[str, str]:
    """Both texts from a little before where they part."""
    parts = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    start = max(parts - 80, 0)
    return ("…" if start else "") + old[start:], ("…" if start else "") + new[start:]


def _compare_csv(what: str, old: str, new: str, report: Report) -> None:
    if old == new:
        return
    before, after = (list(csv.reader(io.StringIO(text))) for text in (old, new))
    if not before or not after or before[0] != after[0]:
        report.differ(f"{what}: columns", before[:1], after[:1])
        return
    if len(before) != len(after):
        report.differ(f"{what}: rows", len(before) - 1, len(after) - 1)
        return
    wrong = []
    for number, (row, other) in enumerate(zip(before[1:], after[1:], strict=True), 1):
        for column, a, b in zip(before[0], row, other, strict=False):
            if a != b and not report.equal(_number(a), _number(b)):
                wrong.append((number, column, a, b))
        if len(row) != len(other):
            wrong.append((number, "", str(row), str(other)))
    if wrong:
        number, column, a, b = wrong[0]
        report.differ(f"{what}: {len(wrong)} cells, first row {number} column {column!r}", a, b)


def _number(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def _said(side: dict[str, Any]) -> list[str]:
    """Paragraphs said, in order."""
    texts = [o["parts"].get("text/markdown", "") for o in side["outputs"] if o["kind"] in ("said", "absent")]
    return [re.sub(r"\s+", " ", part).strip() for text in texts for part in re.split(r"\n\s*\n", text) if part.strip()]


def _sentences(paragraphs: list[str]) -> list[str]:
    return [part for text in paragraphs for part in re.split(r"(?<=[.!?:;])\s+", text) if part]


def _compare_said(old: dict[str, Any], news: list[dict[str, Any]], report: Report, any_order: bool) -> None:
    before, after = _said(old), [text for new in news for text in _said(new)]
    if before == after:
        return
    if any_order:
        gone, added = _once(before, after), _once(after, before)
        if Counter(before) == Counter(after):
            return
        if not gone and not added:
            report.notes.append("sentences that stand more often on one side than on the other")
            return
    else:
        if _sentences(before) == _sentences(after):
            report.notes.append("the same words said, cut differently into paragraphs")
            return
        if Counter(before) == Counter(after):
            report.differ("said: the same sentences in another order", *_first_pair(before, after))
            return
        gone, added = None, None
    if gone is not None and added is not None:
        left, right = _once(_sentences(gone), _sentences(after)), _once(_sentences(added), _sentences(before))
        if not left and not right:
            report.notes.append("the same words said, cut differently into paragraphs")
            return
        _tell_pairs(gone, added, report)
        return
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag != "equal":
            _tell_pairs(before[i:j], after[k:m], report)


def _once(these: list[str], others: list[str]) -> list[str]:
    known = set(others)
    return [text for text in these if text not in known]


def _first_pair(old: list[str], new: list[str]) -> tuple[str, str]:
    return next((a, b) for a, b in zip(old, new, strict=True) if a != b)


def _tell_pairs(gone: list[str], added: list[str], report: Report) -> None:
    """Paragraphs that became others, each beside the one it resembles most."""
    left = list(added)
    for text in gone:
        near = difflib.get_close_matches(text, left, n=1, cutoff=0.4)
        if near:
            left.remove(near[0])
            report.differ("said", *_around_change(text, near[0]))
        else:
            report.differ("no longer said", text, "")
    for text in left:
        report.differ("newly said", "", text)


def _compare_rest(old: dict[str, Any], news: list[dict[str, Any]], report: Report, any_order: bool) -> None:
    """Errors, streams, what was shown without being recorded, and the order in which names come."""
    for kind in ("error", "stdout", "stderr", "plain"):
        before = [_rest_text(o) for o in old["outputs"] if o["kind"] == kind]
        after = [_rest_text(o) for new in news for o in new["outputs"] if o["kind"] == kind]
        if before != after and not (any_order and set(before) == set(after)):
            report.differ(f"{kind}", before, after)
    if any_order:
        return
    was, now = ([f"{o['kind']} {o['name']}" for o in side["outputs"] if _named(o)] for side in (old, news[0]))
    was, now = [name for name in was if name in set(now)], [name for name in now if name in set(was)]
    if was != now:
        place = next((i for i, (a, b) in enumerate(zip(was, now, strict=False)) if a != b), min(len(was), len(now)) - 1)
        report.differ("order of what is recorded (--any-order leaves this out)", was[place : place + 8], now[place : place + 8])


def _rest_text(shown: dict[str, Any]) -> str:
    return shown.get("error") or shown.get("text") or json.dumps(shown.get("parts"), ensure_ascii=False, sort_keys=True)


# --- recipe ---------------------------------------------------------------------------------------------------------------------------


def _builds(folder: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """Recorded values and tables by name, over all reports of a build."""
    results: dict[str, Any] = {}
    for path in sorted(folder.rglob("results.json")):
        for name, result in json.loads(path.read_text("utf8")).items():
            results.setdefault(name, []).append((path.parent.name, result))
    tables: dict[str, Any] = {}
    for path in sorted(folder.rglob("tables/*.csv")):
        tables.setdefault(path.stem, []).append((path.parent.parent.name, path.read_text("utf8")))
    return results, tables


def compare_builds(old_folder: Path, new_folder: Path) -> int:
    """Values and tables of two builds by name; a name of several reports is compared report by report, else with whoever has it."""
    report = Report()
    (old_results, old_tables), (new_results, new_tables) = _builds(old_folder), _builds(new_folder)
    for what, olds, news in (("value", old_results, new_results), ("table", old_tables, new_tables)):
        for name, entries in olds.items():
            for where, before in entries:
                found = news.get(name, [])
                same = [after for place, after in found if place == where] or [after for _, after in found]
                if not same:
                    report.differ(f"missing: {what} {name} of {where}")
                for after in same[:1] if len(entries) == 1 and len(found) == 1 else same:
                    _compare_built(f"{what} {name} of {where}", before, after, report)
        for name in news:
            if name not in olds and name not in NEW_NAMES:
                report.differ(f"new: {what} {name} of {', '.join(place for place, _ in news[name])}")
    print(f"  {len(old_results)} values and {len(old_tables)} tables on the old side, {len(new_results)} and {len(new_tables)} on the new")
    return report.close(f"{old_folder} | {new_folder}")


def _compare_built(what: str, before: Any, after: Any, report: Report) -> None:
    if isinstance(before, str) and what.startswith("table"):
        _compare_csv(what, before, after, report)
    elif isinstance(before, dict) and isinstance(after, dict):
        for field in [*before, *(name for name in after if name not in before and name not in NEW_FIELDS)]:
            if not report.equal(before.get(field), after.get(field)):
                report.differ(f"{what}: {field}", before.get(field), after.get(field))
    elif not report.equal(before, after):
        report.differ(what, before, after)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("data")
    commands.add_parser("cases")
    one = commands.add_parser("capture")
    one.add_argument("worktree", type=Path)
    one.add_argument("notebook")
    one.add_argument("case", choices=list(CASES))
    one.add_argument("-o", dest="out", type=Path, required=True)
    two = commands.add_parser("compare")
    two.add_argument("old", type=Path)
    two.add_argument("new", type=Path, nargs="+")
    two.add_argument("--any-order", action="store_true", help="the order of what is shown does not count")
    two.add_argument("--look-apart", action="store_true", help="pictures that differ, but not in their texts, are only noted")
    three = commands.add_parser("recipe")
    three.add_argument("old", type=Path)
    three.add_argument("new", type=Path)
    given = parser.parse_args()
    if given.command == "data":
        write_inputs()
        return 0
    if given.command == "cases":
        print("\n".join(f"{case} {number}: {json.dumps(values)}" for case, each in CASES.items() for number, values in each.items()))
        return 0
    if given.command == "capture":
        return capture(given.worktree, given.notebook, given.case, given.out)
    if given.command == "compare":
        return compare(given.old, given.new, given.any_order, given.look_apart)
    return compare_builds(given.old, given.new)


if __name__ == "__main__":
    sys.exit(main())
