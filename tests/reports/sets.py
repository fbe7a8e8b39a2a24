"""A set of reports as the runner leaves it, without running anything: folders, histories and outcomes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from goodwill.reports.recording.extract import Failure
from goodwill.reports.running.history import history_file
from goodwill.reports.running.run import Outcome

NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
PAGE = '<!DOCTYPE html><meta name="generator" content="Goodwill"><title>x</title>'
HOSTILE_NAME = "</script><img src=x onerror=alert(9)>"


def facts_of(name: str, started: datetime, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "title": f"What is a customer of {name} worth?",
        "notebook": "01_customer_lifetime_value.ipynb",
        "status": "built",
        "started": started.isoformat(timespec="seconds"),
        "seconds": 8.2,
        "parameters": {"data": "sales.csv", "region": name, "horizon": 52},
        "defaults": {"data": "cdnow", "region": "", "horizon": 52},
        "data": {"data": {"source": "sales.csv", "fingerprint": "ab" * 32, "first": "2024-01-01", "last": "2026-11-21"}},
        "headline": ["value", "share", "customers", "missing"],
        "tables": {"deciles": {"caption": "Deciles", "rows": 10}, "audit": {"caption": "What was found", "rows": 3}},
        "figures": {},
    } | more


def records_of(value: float) -> dict[str, Any]:
    def record(value: Any, unit: str | None, label: str, half: float = 0, reason: str | None = None) -> dict[str, Any]:
        interval = [value - half, value + half] if half else None
        return {"value": value, "interval": interval, "level": 0.95 if half else None, "unit": unit, "label": label, "reason": reason}

    return {
        "value": record(value, "USD", "Expected profit of all customers in the next 52 weeks", value / 25),
        "share": record(0.6 + value % 7 / 50, "share", "Share of the expected value with the top tenth of customers", 0.02),
        "customers": record(round(value / 9), "customers", "Customers in the data"),
        "missing": record(None, None, "Value of a campaign", reason="no campaign in the data"),
    }


def write_report(folder: Path, started: datetime, value: float = 232_974.0, **more: Any) -> Path:
    """A report folder with the least that one has."""
    for kind in ("tables", "figures"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    (folder / "report.html").write_text("<!DOCTYPE html><title>report</title>")
    (folder / "notebook.ipynb").write_text("{}")
    (folder / "tables" / "deciles.csv").write_text("a\n1\n")
    (folder / "run.json").write_text(json.dumps(facts_of(folder.name, started) | more))
    (folder / "results.json").write_text(json.dumps(records_of(value)))
    return folder


def write_history(folder: Path, runs: int, until: datetime, value: float = 232_974.0) -> None:
    lines = []
    for back in range(runs, 0, -1):
        found = records_of(value * (1 + 0.01 * ((back * 7919) % 13 - 6)))
        results = {name: {key: found[name][key] for key in ("value", "interval")} for name in found}
        started = (until - timedelta(days=back)).isoformat(timespec="seconds")
        lines.append(json.dumps({"started": started, "status": "built", "seconds": 8.0, "results": results, "data": {}}))
    history_file(folder).write_text("\n".join(lines) + "\n")


def outcome(folder: Path, status: str, *, message: str = "", cell: int | None = None) -> Outcome:
    failure = Failure(message, cell=cell) if message else None
    title, started = f"What is a customer of {folder.name} worth?", NOW.isoformat(timespec="seconds")
    return Outcome(folder.name, title, folder, started, 8.2, failure, status, "customer_lifetime_value")


def write_set(folder: Path, reports: int, runs: int = 30) -> list[Outcome]:
    """A set with the given number of reports: every 40th failed, every 25th stale, every third unchanged."""
    outcomes = []
    for place in range(reports):
        report = folder / f"region-{place:03}"
        status = "failed" if place % 40 == 1 else "stale" if place % 25 == 2 else "skipped" if place % 3 == 0 else "built"
        age = timedelta(days=3) if status != "built" else timedelta()
        if place != 1:
            write_report(report, NOW - age, 90_000 + 1_000 * place)
            write_history(report, runs, NOW - age, 90_000 + 1_000 * place)
        message = {
            "failed": f"column 'paid' of {HOSTILE_NAME} holds text in 3 of 69,659 rows (first: row 118, 'n/a'); pass missing=['n/a'].",
            "stale": "sales.csv reaches 2026-11-19; the recipe expects data through 2026-11-21.",
        }.get(status, "")
        outcomes.append(outcome(report, status, message=message, cell=4 if status == "failed" else None))
        if status == "failed":
            report.with_name(f"{report.name}.failed.html").write_text("<!DOCTYPE html><title>failed</title>")
    return outcomes
