"""Random files of every table, read as a user would: `python -m benchmarks.fuzz_files` (2,000 of each, some twenty minutes).

    --files 200            fewer of each table
    --only transactions    one table: transactions, survey, complaints, experiment or contracts
    --first 500            begin with another seed: a long run in pieces
    --write                keep the result in results/fuzz_files.txt

File k of a table is made from seed k alone. A file may be refused in words or asked about; what must not be is any other exception, or a
row of an accepted table that the audit does not account for. Ends with status 1 where one was found.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from goodwill.checks import check
from goodwill.errors import GoodwillError, Unclear

RESULTS = Path(__file__).parent / "results" / "fuzz_files.txt"
SHOWN = 5  # failures that are printed in full

ODD = (
    "", " ", "NULL", "nan", "n/a", "-", "0", "-1", "999999", "1e400", "1e5", "6.93E+12", "1,234", "1.234,56", "$5", "€ 5", "(5)",
    "5-", "12.5.3",
    "٣", "１２", "x" * 300, "a\nb", 'a"b', "a,b", "a;b", "\u200b", "Total", "Guest", "1900-01-01", "2203-01-01", "2024-02-30", "13/13/2024",
    "04/05/2024", "4.5.24", "1714521600", "1714521600000", "45413", "2024-05", "May 2024", "2024-05-01T10:00:00Z",
    "mer. 1 mai 2024", "true",
    "是", "★★★", "99", "=1+1", "\\N", "#REF!", "inf", "-inf", "1" * 40,
)  # fmt: skip
DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%y", "%d.%m.%Y", "%Y%m%d", "%d %b %Y", "%Y-%m-%d %H:%M", "%B %d, %Y", "%Y年%m月%d日")
ENCODINGS = ("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "gb18030", "cp1252")


def _day(draw: random.Random, form: str) -> str:
    return (datetime(2023, 1, 1) + timedelta(days=draw.randrange(500), minutes=draw.randrange(1440))).strftime(form)


def transactions(draw: random.Random) -> tuple[list[str], list[list[str]]]:
    """Ids, days, money and what else shops export."""
    form, mark = draw.choice(DAYS), draw.choice(".,")
    header = [
        draw.choice(("customer_id", "customer_id", "customer_id", "Kunde", "会员号", "E-Mail", "who")),
        draw.choice(("date", "date", "date", "Datum", "下单时间", "when")),
        "amount",
    ]
    more: dict[str, Callable[[], str]] = {
        "status": lambda: draw.choice(("paid", "cancelled", "paid", "pending")),
        "currency": lambda: draw.choice(("EUR", "EUR", "USD")),
        "refunded_amount": lambda: draw.choice(("", "0", f"{draw.expovariate(0.1):.2f}")),
        "Quantity": lambda: str(draw.randrange(-1, 5)),
        "order_id": lambda: str(draw.randrange(60)),
        "event_type": lambda: draw.choice(("purchase", "view", "cart")),
    }
    chosen = draw.sample(list(more), draw.choice((0, 0, 1, 2)))
    if draw.random() < 0.1:
        header[2] = draw.choice(("UnitPrice", "Betrag", "price", "nothing"))
    rows = []
    for _ in range(draw.randrange(1, 120)):
        money = f"{draw.lognormvariate(3, 1):.2f}".replace(".", mark)
        rows.append([f"c{draw.randrange(40)}", _day(draw, form), money, *(more[name]() for name in chosen)])
    return [*header, *chosen], rows


def survey(draw: random.Random) -> tuple[list[str], list[list[str]]]:
    """Answers on a scale that may have words, codes and weights."""
    scale = draw.choice(
        (["1", "2", "3", "4", "5"], [str(k) for k in range(11)], ["Very dissatisfied", "Neutral", "Very satisfied"], ["yes", "no"])
    )
    header = ["satisfaction", "loyalty", *draw.sample(["weight", "segment", "customer_id"], draw.randrange(0, 3))]
    return header, [[draw.choice(scale) for _ in header] for _ in range(draw.randrange(1, 120))]


def complaints(draw: random.Random) -> tuple[list[str], list[list[str]]]:
    """A log of complaints."""
    form = draw.choice((*DAYS, "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S+02:00", "%s"))
    header = ["opened", *draw.sample(["closed", "answered", "outcome", "customer_id", "cause"], draw.randrange(0, 5))]
    outcomes = ("satisfied", "acceptable", "dissatisfied", "满意", "")

    def cell(name: str) -> str:
        return draw.choice(outcomes) if name in ("outcome", "cause", "customer_id") else _day(draw, form)

    return header, [[cell(name) for name in header] for _ in range(draw.randrange(1, 80))]


def experiment(draw: random.Random) -> tuple[list[str], list[list[str]]]:
    """A randomised trial."""
    arms = draw.choice((["control", "mail"], ["No E-Mail", "Mens E-Mail"], ["a", "b", "c"], ["only"]))
    header = ["customer_id", "arm", "propensity", "outcome"]
    rows = [[str(k), draw.choice(arms), f"{1 / len(arms):.4f}", f"{draw.expovariate(1):.2f}"] for k in range(draw.randrange(1, 120))]
    return header, rows


def contracts(draw: random.Random) -> tuple[list[str], list[list[str]]]:
    """Survivors of cohorts of contracts, or a row for each customer."""
    if (form := draw.random()) < 0.2:
        return ["tenure", "Churn"], [[str(draw.randrange(0, 9)), draw.choice(("Yes", "No"))] for _ in range(draw.randrange(1, 80))]
    if form < 0.4:
        day = draw.choice(DAYS)
        spans = [sorted((_day(draw, "%Y-%m-%d"), _day(draw, "%Y-%m-%d"))) for _ in range(draw.randrange(1, 80))]
        written = [[datetime.fromisoformat(each).strftime(day) for each in span] for span in spans]
        return ["start", "end"], [[start, draw.choice(("", end))] for start, end in written]
    rows = []
    for cohort in range(draw.randrange(1, 4)):
        left = draw.choice((100, 1000, 57))
        for time in range(draw.randrange(1, 12)):
            rows.append([f"c{cohort}", str(time), str(left)])
            left = int(left * draw.uniform(0.5, 1.02))
    return ["cohort", "time", "customers"], rows


TABLES = {"transactions": transactions, "survey": survey, "complaints": complaints, "experiment": experiment, "contracts": contracts}


def make(kind: str, seed: int, folder: Path) -> tuple[Path, int | None]:
    """Write file `seed` of a table; with it the number of its records, where nothing was done to its lines."""
    draw = random.Random(f"{kind} {seed}")
    header, rows = TABLES[kind](draw)
    for _ in range(draw.choice((0, 0, 0, 1, 1, 2, 5, 30))):
        row = draw.choice(rows)
        row[draw.randrange(len(row))] = draw.choice(ODD)
    records: int | None = len(rows)
    mark = draw.choice(",,,;\t|")
    lines = [mark.join(_quoted(cell, mark) for cell in row) for row in (header, *rows)]
    for _ in range(draw.choice((0, 0, 0, 0, 1, 2))):
        records = None
        lines.insert(draw.randrange(len(lines) + 1), draw.choice(("", "a", mark * 9, '"open', "Report of the shop", lines[0])))
    text = draw.choice(("\n", "\n", "\r\n")).join(lines) + draw.choice(("\n", ""))
    path = folder / f"{kind}_{seed}.csv"
    data = text.encode(draw.choice(ENCODINGS), errors="replace")
    if draw.random() < 0.02:
        data, records = data[: draw.randrange(len(data))], None
    path.write_bytes(data)
    return path, records


def _quoted(cell: str, mark: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(sign in cell for sign in (mark, '"', "\n")) else cell


@dataclass
class Result:
    """What became of the files of a table, and the failures by seed."""

    ends: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


def read_one(kind: str, path: Path, records: int | None) -> tuple[str, str]:
    """How reading a file ended ("read", "asked", "refused" or "failed"), and what went wrong."""
    try:
        found = check(path, kind)
    except Unclear:
        return "asked", ""
    except GoodwillError:
        return "refused", ""
    except Exception:
        return "failed", traceback.format_exc(limit=-3)
    lost = _unaccounted(found.audit, records) if kind == "transactions" else _uncounted(found.audit, kind, records)
    return ("failed", lost) if lost else ("read", "")


def _unaccounted(audit: Any, records: int | None) -> str:
    """Rows of an audit that are neither used nor left out by name; "" when there are none."""
    rows = audit.set_index("rule")["rows"]
    named = rows["rows used"] + rows["missing id"] + rows["missing date"] + rows["missing amount"] * (audit["money"].notna().any())
    whole = int(rows["rows read"] + rows["blank lines"])
    if int(named) != int(rows["rows read"]):
        return f"{int(rows['rows read']) - int(named)} of {int(rows['rows read'])} rows are in no rule"
    return f"{records} records were written and {whole} read" if records is not None and records != whole else ""


def _uncounted(audit: Any, kind: str, records: int | None) -> str:
    """Records of a survey, a log or contracts that the audit does not count; "" when there are none."""
    rule = {"survey": "respondents", "complaints": "complaints", "contracts": "rows"}.get(kind)
    if rule is None or records is None:
        return ""
    rows = audit.set_index("rule")["rows"]
    counted = int(rows[rule]) + int(rows.get("second header rows of a survey tool", 0)) + int(rows.get("blank lines", 0))
    counted += int(rows.get("rows above the header", 0))
    return "" if counted == records else f"{records} records were written and {counted} are counted"


def run(kind: str, files: int, first: int = 0) -> Result:
    """Make and read files of one table."""
    result = Result()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + files):
            path, records = make(kind, seed, Path(folder))
            end, why = read_one(kind, path, records)
            result.ends[end] += 1
            if why:
                result.failures.append(f"{kind}, seed {seed}: {why}")
            path.unlink()
    return result


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m benchmarks.fuzz_files")
    asked.add_argument("--files", type=int, default=2_000)
    asked.add_argument("--first", type=int, default=0)
    asked.add_argument("--only", choices=TABLES, action="append")
    asked.add_argument("--write", action="store_true")
    told = asked.parse_args()
    lines, failed = [], 0
    for kind in told.only or TABLES:
        result = run(kind, told.files, told.first)
        failed += len(result.failures)
        ends = ", ".join(f"{result.ends[end]:,} {end}" for end in ("read", "asked", "refused", "failed"))
        lines.append(f"{kind}: {told.files:,} files, seeds {told.first} to {told.first + told.files - 1}: {ends}")
        print(lines[-1], flush=True)
        print("\n".join(result.failures[:SHOWN]))
    if told.write:
        RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
