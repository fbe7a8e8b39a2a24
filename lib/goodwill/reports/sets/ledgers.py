"""The ledgers of a set of reports as text: what `goodwill ledger` prints."""

from __future__ import annotations

from pathlib import Path

from goodwill.errors import UsageError
from goodwill.findings.forecasts_held import accounts, whole
from goodwill.findings.numbers import describe
from goodwill.inference.ledger import Forecast
from goodwill.reports.running.ledger_file import read_ledger
from goodwill.reports.sets.recipe import NAME

ENDING = ".ledger.jsonl"


def ledger_lines(folder: Path, *, each: bool = False) -> list[str]:
    """The account of every report in the folder of a set that has foretold something, those that the recipe no longer makes included.

    Parameters
    ----------
    folder : Path
        Of the set.
    each : bool
        Whether every forecast is listed too.

    Raises
    ------
    UsageError
        When nothing was foretold there.
    """
    names = sorted(path.name.removesuffix(ENDING) for path in folder.glob(f"*{ENDING}"))
    lines: list[str] = []
    for name in filter(NAME.fullmatch, names):
        found = read_ledger(folder / name)
        lines += [name, *(f"  {account.label}, {account.ahead} ahead: {account.record}" for account in accounts(found.forecasts))]
        lines += [f"  Drift of {account.label}: {account.drift}" for account in accounts(found.forecasts) if account.drift]
        lines += [f"  {found.damaged} lines cannot be read and are left out."] if found.damaged else []
        lines += [f"    {_line(one)}" for one in found.forecasts] if each else []
    if not lines:
        raise UsageError(f"{folder} holds no forecasts; run the recipe first, or name the folder of its reports with --out.")
    return lines


def _line(one: Forecast) -> str:
    """`2026-03-01 to 2026-03-29, purchases: 120 (95% interval 100 to 140); 131 came, inside`."""
    said = describe({"value": one.estimate, "interval": [one.lower, one.upper], "level": one.level, "unit": one.unit})
    name = f"{one.name} ({one.which})" if one.which else one.name
    if one.came is None:
        return f"{one.window}, {name}: {said}; not yet due"
    came = describe({"value": whole(one.came), "unit": one.unit}, "number")
    return f"{one.window}, {name}: {said}; {came} came, {'inside' if one.statement.held else 'outside'}"
