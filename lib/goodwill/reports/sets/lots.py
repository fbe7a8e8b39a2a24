"""Lots of a recipe: on the night that a draw is due who gets what is drawn, and when its time is over its outcomes are read.

What was drawn stands in a folder beside the recipe, one file a draw, named by the day that it is for, and is never written again: a night
that is run twice, or whose last step failed, finds its lots there. Outcomes that were read stand beside them. The catalogue in the folder
holds what was measured so far; a report that names it plans with that.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goodwill.errors import GoodwillError, UsageError
from goodwill.reports.running.run import resolve_path
from goodwill.reports.running.writing import write_whole
from goodwill.reports.sets.dates import relative_date
from goodwill.reports.sets.yaml_lines import Entry

if TYPE_CHECKING:
    from goodwill.data.tables import Transactions
    from goodwill.strategies.lots import LotOutcomes, Lots

KEYS = ("name", "orders", "plan", "draw", "watch", "holdout", "same_control", "scheme", "rules", "margin", "costs", "catalogue", "columns")
TEXTS = ("name", "orders", "plan", "scheme", "rules", "catalogue")
READ_WITH = ("customer_id", "date", "amount", "date_format", "decimal", "thousands", "amount_unit", "encoding", "quantity", "order_id")
FOLDER = "lots"


@dataclass(frozen=True)
class LotsEntry:
    """Lots that a recipe draws again and again.

    Attributes
    ----------
    name : of the files
    orders, plan, rules, catalogue : paths or addresses as the recipe gives them; the last two may be empty
    draw : the day that a draw is for, as a relative date such as start_of_month: one draw for each day that it stands for
    watch : weeks after the draw that count
    others : as in `goodwill.strategies.draw_from_orders` and `lot_outcomes`
    """

    name: str
    orders: str
    plan: str
    draw: str
    watch: int
    holdout: float = 0.1
    same_control: bool = False
    scheme: str = "rfm"
    rules: str = ""
    margin: float = 1.0
    costs: Mapping[str, float] = field(default_factory=dict)
    catalogue: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)


def read_entries(entry: Entry, names: re.Pattern[str]) -> tuple[LotsEntry, ...]:
    """The key `lots` of a recipe, checked."""
    found = [_read(item, names) for item in entry.items("'lots'")]
    for each in found:
        if [other.name for other in found].count(each.name) > 1:
            raise UsageError(f"{entry.where}: two lots have the name {each.name!r}.")
    return tuple(found)


def _read(item: Entry, names: re.Pattern[str]) -> LotsEntry:
    given = item.keys("lots", KEYS, ("name", "orders", "plan", "draw", "watch"))
    texts: dict[str, Any] = {key: given[key].text(f"'{key}'").strip() for key in TEXTS if key in given}
    if not names.fullmatch(texts["name"]):
        raise UsageError(f"{given['name'].where}: the name {texts['name']!r} cannot be a file; use letters, digits, _ and -.")
    draw = given["draw"].text("'draw'").strip("{} ")
    if relative_date(draw, date(2000, 1, 31)) is None:
        raise UsageError(f"{given['draw'].where}: 'draw' is {draw!r}; write start_of_month, start_of_quarter or another relative date.")
    numbers: dict[str, Any] = {key: _share(given[key], key) for key in ("holdout", "margin") if key in given}
    if "same_control" in given:
        numbers["same_control"] = _truth(given["same_control"])
    if "costs" in given:
        numbers["costs"] = {key: _number(value) for key, value in given["costs"].mapping("'costs'").items()}
    if "columns" in given:
        columns = given["columns"].keys("'columns'", READ_WITH)
        numbers["columns"] = {key: value.text(f"'{key}'") for key, value in columns.items()}
    return LotsEntry(**texts, draw=draw, watch=_weeks(given["watch"]), **numbers)


def _weeks(entry: Entry) -> int:
    found = re.fullmatch(r"([1-9]\d{0,2}) weeks?", entry.text("'watch'").strip())
    if not found:
        raise UsageError(f"{entry.where}: 'watch' is {entry.value!r}; write for how long orders count, such as 8 weeks.")
    return int(found[1])


def _number(entry: Entry) -> float:
    text = entry.text("the number")
    if not re.fullmatch(r"\d{1,12}(\.\d+)?", text):
        raise UsageError(f"{entry.where}: {text!r} must be a number, not negative.")
    return float(text)


def _share(entry: Entry, key: str) -> float:
    share = _number(entry)
    if not 0 < share <= 1 or (key == "holdout" and share == 1):
        raise UsageError(f"{entry.where}: '{key}' is {share:g}; it must lie between 0 and 1, such as 0.1.")
    return share


def _truth(entry: Entry) -> bool:
    text = entry.text("the value").lower()
    if text not in ("true", "false", "yes", "no"):
        raise UsageError(f"{entry.where}: {text!r} must be true or false.")
    return text in ("true", "yes")


# ------------------------------------------------------------------------------------------------------------------------ a night


def run_entry(entry: LotsEntry, base: Path, today: date) -> list[str]:
    """Read the outcomes of what is over and draw what is due on this day; what was done, in sentences.

    Data of this day and later are not seen. Nothing is done twice: a draw whose file stands is not drawn again, whoever the customers are
    by now, and outcomes that were read are not read again. A draw that is due waits while an earlier one is still watched.

    Parameters
    ----------
    base : folder of the recipe
    today : the day that the run counts as

    Raises
    ------
    GoodwillError
        A file cannot be read, or a plan does not fit the orders.
    """
    folder = base / FOLDER
    drawn = _drawn(entry, folder, today)
    due = relative_date(entry.draw, today)
    assert due is not None
    waiting = [place for place in drawn.values() if not _beside(place, "outcomes").exists()]
    is_due = due <= today and due not in drawn
    if not waiting and not is_due:
        return []
    orders = _orders(entry, base)
    last = min(orders.last, today - timedelta(days=1))
    said = [text for place in waiting if (text := _read_outcomes(entry, orders, base, place, last))]
    if is_due and len(said) == len(waiting):  # who is still watched in one trial is not drawn for another
        said.append(_draw(entry, orders, base, list(drawn.values()), due, last))
    return said


def _drawn(entry: LotsEntry, folder: Path, today: date) -> dict[date, Path]:
    """The draws that stand, by day."""
    found = {}
    for path in sorted(folder.glob(f"{entry.name}-*.csv")):
        day = re.fullmatch(r"\d{4}-\d\d-\d\d", path.stem.removeprefix(f"{entry.name}-"))
        if day and date.fromisoformat(day[0]) <= today:
            found[date.fromisoformat(day[0])] = path
    return found


def _beside(lots: Path, what: str) -> Path:
    return lots.with_suffix(f".{what}.csv")


def _orders(entry: LotsEntry, base: Path) -> Transactions:
    from goodwill.data.reading.sources import read_transactions

    return read_transactions(resolve_path(entry.orders, base), **entry.columns)


def _draw(entry: LotsEntry, orders: Transactions, base: Path, earlier: list[Path], due: date, last: date) -> str:
    from goodwill.strategies.lots import draw_from_orders, read_lots
    from goodwill.strategies.plan_file import read_plan

    rules = resolve_path(entry.rules, base) if entry.rules else None
    how: dict[str, Any] = {"holdout": entry.holdout, "same_control": entry.same_control, "scheme": entry.scheme, "rules": rules}
    # The seed belongs to the draw: made again after its file was lost, it is the same.
    seed = int(hashlib.sha256(f"{entry.name} {due}".encode()).hexdigest()[:7], 16)
    plan = read_plan(resolve_path(entry.plan, base))
    lots = draw_from_orders(orders, plan, drawn=last, before=[read_lots(path) for path in earlier], seed=seed, **how)
    place = base / FOLDER / f"{entry.name}-{due}.csv"
    place.parent.mkdir(exist_ok=True)
    write_whole(place, lots.to_text())
    return f"{entry.name}: lots for {due} were drawn among {len(lots.table):,} customers, {lots.held_out:,} of them held out"


def _read_outcomes(entry: LotsEntry, orders: Transactions, base: Path, place: Path, last: date) -> str:
    """Read the outcomes of a draw whose time is over, and write them; empty while it is not."""
    from goodwill.strategies.lots import lot_outcomes, read_lots

    lots = read_lots(place)
    until = lots.drawn + timedelta(weeks=entry.watch)
    if until > last:
        return ""
    found = lot_outcomes(lots, orders, margin=entry.margin, costs=_costs(entry, lots), until=until)
    measured = _measured(entry, base, lots, found) if entry.catalogue else 0
    write_whole(_beside(place, "outcomes"), found.arms().table.to_csv(index=False))  # last: it says that all of it is done
    more = f"; effects measured by now: {measured}" if entry.catalogue else ""
    return f"{entry.name}: the outcomes of {place.stem.removeprefix(entry.name + '-')} were read, until {until}{more}"


def _costs(entry: LotsEntry, lots: Lots) -> dict[str, float]:
    """Of the strategies that somebody got; a plan may have changed since."""
    return {name: cost for name, cost in entry.costs.items() if (lots.table["arm"] == name).any()}


def _measured(entry: LotsEntry, base: Path, lots: Lots, found: LotOutcomes) -> int:
    """Put what was measured into the catalogue of the folder; how many effects that are."""
    from goodwill.strategies.lots import read_catalogue_of

    kept = base / FOLDER / f"{entry.name}-catalogue.yaml"
    catalogue, table = found.measured(read_catalogue_of(lots, str(kept) if kept.exists() else resolve_path(entry.catalogue, base)))
    write_whole(kept, catalogue.to_text())
    return int((table["grade_after"] == "A").sum())


def start_catalogue(entry: LotsEntry, base: Path) -> None:
    """Lay the catalogue of the folder out as it is before anything was measured, so that reports can name it from the first night on."""
    kept = base / FOLDER / f"{entry.name}-catalogue.yaml"
    if entry.catalogue and not kept.exists():
        kept.parent.mkdir(exist_ok=True)
        write_whole(kept, Path(resolve_path(entry.catalogue, base)).read_text("utf-8-sig"))


def run_lots(entries: tuple[LotsEntry, ...], base: Path, today: date) -> tuple[list[str], list[str]]:
    """A night's draws and outcomes of all entries: what was done, and what went wrong, in sentences. One that fails stops no other."""
    done, wrong = [], []
    for entry in entries:
        try:
            start_catalogue(entry, base)
            done += run_entry(entry, base, today)
        except (GoodwillError, OSError) as error:
            wrong.append(f"lots {entry.name}: {error}")
    return done, wrong
