"""Lots as a habit: whoever acts on a plan leaves some customers alone by lot, so that what came of it can be measured.

Customers are drawn within their segment. Who was held out the last time is not held out again, unless a lasting control group is asked
for: nobody is to be kept from what others get for ever by accident. What was drawn stands in a file, with the chance that each customer
had; orders that come later tell what the strategies did, and measured effects take the place of assumed ones in the catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.errors import DataError, TooLittle
from goodwill.shown import Shown
from goodwill.strategies.catalogue import DO_NOTHING, Catalogue
from goodwill.strategies.plan_file import read_text, read_texts
from goodwill.strategies.trials.trial_design import whole_numbers
from goodwill.strategies.trials.trial_outcomes import less_past_spend

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.data.tables import Transactions
    from goodwill.strategies.policy_value import Experiment
    from goodwill.strategies.trials.trial_arms import TrialArms

COLUMNS = ["customer_id", "segment", "arm", "propensity", "control_chance", "drawn", "seed"]
MOST_HELD = 0.5  # of those who may be held out, so that a control group made of few is not all of them
EVEN = 1e-9  # so little from 0 or 1 is no chance


@dataclass(frozen=True, eq=False, repr=False)
class Lots(Shown):
    """Who gets what, by lot.

    Attributes
    ----------
    table : customer_id (text), segment, arm (a strategy or do_nothing), propensity (chance of that arm) and control_chance (chance of
        do_nothing); a customer whose control_chance is 0 or 1 was in no lot
    drawn : the last day that the draw knew; what is ordered after it counts
    seed : of the draw

    Examples
    --------
    >>> from datetime import date
    >>> import pandas as pd
    >>> from goodwill.strategies import draw_lots
    >>> plan = pd.DataFrame({"segment": ["best"], "strategy": ["call"], "share": [1.0]})
    >>> lots = draw_lots(range(50), ["best"] * 50, plan, drawn=date(2025, 1, 31))
    >>> lots.held_out, lots.summary().to_dict("list")
    (5, {'segment': ['best', 'best'], 'arm': ['call', 'do_nothing'], 'customers': [45, 5], 'chance': [0.9, 0.1]})
    """

    table: pd.DataFrame
    drawn: date
    seed: int

    @property
    def held_out(self) -> int:
        """Customers of the control group: left alone by lot."""
        return int(((self.table["arm"] == DO_NOTHING) & self.in_lot).sum())

    @property
    def in_lot(self) -> pd.Series:
        """Whether a lot decided; only these can be compared."""
        chance = self.table["control_chance"]
        return (chance > EVEN) & (chance < 1 - EVEN)

    def summary(self) -> pd.DataFrame:
        """Customers by segment and arm."""
        grouped = self.table.groupby(["segment", "arm"], sort=False, observed=True)
        return grouped.agg(customers=("customer_id", "size"), chance=("propensity", "mean")).reset_index()

    def to_text(self) -> str:
        """CSV with one row per customer."""
        return self.table.assign(drawn=self.drawn.isoformat(), seed=self.seed)[COLUMNS].to_csv(index=False)

    def to_csv(self, path: str | Path) -> None:
        """Write `to_text` to a file; `read_lots` reads it back."""
        Path(path).write_text(self.to_text(), "utf8")


def draw_lots(
    customer_ids: Any,
    segments: Any,
    plan: pd.DataFrame,
    *,
    drawn: date,
    holdout: float = 0.1,
    seed: int = 1,
    before: Sequence[Lots] = (),
    same_control: bool = False,
) -> Lots:
    """Draw who of the planned segments gets what, and who is held out.

    Parameters
    ----------
    customer_ids, segments : one each per customer; segments that the plan leaves alone are not drawn
    plan : segment, strategy, share (see `read_plan`)
    drawn : the last day that is known
    holdout : share of the customers of each planned segment who are left alone
    seed : of the draw
    before : earlier lots, of which the latest that a customer was in counts: who was held out there is not held out again
    same_control : instead, hold the same customers out again, and draw only those who were in no lots before

    Raises
    ------
    DataError
        A hold-out that is no share, a customer twice, or a plan for a segment that nobody is in.

    Examples
    --------
    >>> from datetime import date
    >>> import pandas as pd
    >>> plan = pd.DataFrame({"segment": ["best"], "strategy": ["call"], "share": [1.0]})
    >>> lots = draw_lots(range(20), ["best"] * 10 + ["others"] * 10, plan, drawn=date(2025, 1, 31), holdout=0.2)
    >>> lots.table.columns.tolist(), len(lots.table)  # only whom the plan speaks of
    (['customer_id', 'segment', 'arm', 'propensity', 'control_chance'], 10)
    """
    import pandas as pd

    if not 0 < holdout < 1:
        raise DataError(f"the share held out is {holdout}; it must lie between 0 and 1, such as 0.1.")
    ids, names = pd.Series(np.asarray(customer_ids)).astype(str), pd.Series(np.asarray(segments, dtype=object)).astype(str)
    if len(ids) != len(names) or ids.duplicated().any():
        raise DataError(f"{len(ids)} customers with {len(names)} segments; one each is needed, and no customer twice.")
    unknown = [name for name in dict.fromkeys(plan["segment"]) if name not in set(names)]
    if unknown:
        raise DataError(f"the plan is for '{unknown[0]}', and no customer is in that segment; there are {', '.join(sorted(set(names)))}.")
    known = _earlier(before, decided=same_control).reindex(ids).reset_index(drop=True)
    rng, parts = np.random.default_rng(seed), []
    for name, wanted in plan.groupby("segment", sort=False):
        inside = names == name
        for rows, chance, held in _strata(known[inside], holdout, same_control):
            parts.append(_draw_stratum(rows, chance, held, wanted, rng).assign(segment=name))
    table = pd.concat(parts).sort_index()
    return Lots(table.assign(customer_id=ids)[COLUMNS[:5]].reset_index(drop=True), drawn, seed)


def draw_from_orders(
    transactions: Transactions, plan: pd.DataFrame, *, drawn: date, scheme: str = "rfm", rules: str | Path | None = None, **how: Any
) -> Lots:
    """Cut the customers of a log into segments as they stand on a day, and draw lots for a plan.

    Parameters
    ----------
    plan : see `read_plan`; where it picks single customers, only these are drawn, each segment with its one strategy
    scheme : learned from these customers (see `goodwill.segments.learn`)
    rules : file with rules kept as text (`Rules.to_text`), in place of a scheme
    **how : as in `draw_lots`

    Examples
    --------
    >>> from datetime import date
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> plan = pd.DataFrame({"segment": ["champions"], "strategy": ["call"], "share": [0.5]})
    >>> draw_from_orders(gw.read_transactions("cdnow_sample"), plan, drawn=date(1997, 9, 30)).summary().round(2).to_dict("list")
    {'segment': ['champions', 'champions'], 'arm': ['call', 'do_nothing'], 'customers': [204, 250], 'chance': [0.45, 0.55]}
    """
    from goodwill.data.purchases import summarize_purchases
    from goodwill.segments.schemes.rules import Rules, learn

    customers = summarize_purchases(transactions, end=drawn).to_pandas()
    kept = Rules.from_text(read_text(str(rules))) if rules else learn(scheme, customers)
    ids, segments = customers["customer_id"].astype(str), kept.assign(customers)
    if "customer_id" not in plan:
        return draw_lots(ids, segments, plan, drawn=drawn, **how)
    inside, by_segment = _picked(ids, segments, plan)
    return draw_lots(ids[inside], segments[inside], by_segment, drawn=drawn, **how)


def read_lots(path: str | Path) -> Lots:
    """Read what `Lots.to_csv` wrote.

    Raises
    ------
    DataError
        The file cannot be read, a column is missing, or a number is none.

    Examples
    --------
    >>> from datetime import date
    >>> from tempfile import TemporaryDirectory
    >>> import pandas as pd
    >>> from goodwill.strategies import draw_lots
    >>> plan = pd.DataFrame({"segment": ["best"], "strategy": ["call"], "share": [1.0]})
    >>> with TemporaryDirectory() as folder:
    ...     draw_lots(range(50), ["best"] * 50, plan, drawn=date(2025, 1, 31)).to_csv(f"{folder}/lots.csv")
    ...     read_lots(f"{folder}/lots.csv")
    <Lots table (50 × 5), drawn 2025-01-31, seed 1>
    """
    import pandas as pd

    table = read_texts(str(path), "lots")
    missing = [name for name in COLUMNS if name not in table]
    if missing or table.empty:
        what = f"no column {missing[0]}" if missing else "no rows"
        raise DataError(f"{path} holds no lots: it has {what}; 'goodwill draw' writes {', '.join(COLUMNS)}.")
    numbers = {name: pd.to_numeric(table[name], errors="coerce") for name in ("propensity", "control_chance", "seed")}
    for name, column in numbers.items():
        if column.isna().any() or (name != "seed" and not column.between(0, 1).all()):
            raise DataError(f"{path}: column '{name}' holds something else than a {'number' if name == 'seed' else 'chance'}.")
    try:
        drawn = date.fromisoformat(table["drawn"].iloc[0])
    except ValueError:
        raise DataError(f"{path}: column 'drawn' holds '{table['drawn'].iloc[0]}', and not a day such as 2026-03-31.") from None
    kept = table.assign(propensity=numbers["propensity"], control_chance=numbers["control_chance"])
    return Lots(kept[COLUMNS[:5]], drawn, int(numbers["seed"].iloc[0]))


@dataclass(frozen=True, eq=False)
class LotOutcomes:
    """What came of lots.

    Attributes
    ----------
    experiment : those whom a lot decided on, with the outcome (spend after the draw, adjusted for spend before it) and past_spend
    first, last : the days that count
    left_out : customers of the file on whom no lot decided

    Examples
    --------
    >>> from datetime import date
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> from goodwill.strategies import draw_from_orders, lot_outcomes
    >>> orders, plan = gw.read_transactions("cdnow_sample"), pd.DataFrame({"segment": ["champions"], "strategy": ["call"], "share": [1.0]})
    >>> found = lot_outcomes(draw_from_orders(orders, plan, drawn=date(1997, 9, 30)), orders)
    >>> found.first, found.days, found.experiment.arms
    (datetime.date(1997, 10, 1), 273, ('do_nothing', 'call'))
    """

    experiment: Experiment
    first: date
    last: date
    left_out: int

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def arms(self, level: float = 0.95) -> TrialArms:
        """Each arm beside the control: sizes, effect and cost (see `trial_arms`)."""
        from goodwill.strategies.trials.trial_arms import trial_arms

        return trial_arms(self.experiment, level)

    def measured(self, catalogue: Catalogue, level: float = 0.95) -> tuple[Catalogue, pd.DataFrame]:
        """The catalogue with measured effects where it had assumed ones, and the table of what was measured (see `with_measured`)."""
        from goodwill.strategies.trials.trial_design import with_measured

        return with_measured(catalogue, self.experiment, level=level)


def lot_outcomes(
    lots: Lots, transactions: Transactions, *, margin: float = 1.0, costs: Mapping[str, float] | None = None, until: date | None = None
) -> LotOutcomes:
    """Join lots with the orders that came after the draw; who ordered nothing brought nothing.

    What past spend explains of the outcome is taken out (`goodwill.strategies.trials.trial_outcomes.less_past_spend`).

    Parameters
    ----------
    transactions : with money, until after the draw; may hold customers who are in no lots
    margin : profit per unit of spend
    costs : of strategies per treated customer
    until : last day that counts, by default the last of the orders

    Raises
    ------
    TooLittle
        No order is later than the draw, or nobody was held out by lot.
    DataError
        No customer of the lots is in the orders, or a cost is for a strategy that nobody got.

    Examples
    --------
    Nobody was called in 1997, so that an effect which these lots find is chance:

    >>> from datetime import date
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> from goodwill.strategies import draw_from_orders
    >>> orders, plan = gw.read_transactions("cdnow_sample"), pd.DataFrame({"segment": ["champions"], "strategy": ["call"], "share": [1.0]})
    >>> found = lot_outcomes(draw_from_orders(orders, plan, drawn=date(1997, 9, 30), holdout=0.5), orders).arms()
    >>> found.table.set_index("arm").loc["call", ["lower", "upper"]].astype(float).round(1).tolist()
    [-21.9, 34.1]
    """
    from goodwill.data.periods import customers_by_window
    from goodwill.strategies.policy_value import check_experiment

    last, first = until or transactions.last, lots.drawn + timedelta(days=1)
    if last < first:
        raise TooLittle(f"the lots were drawn on {lots.drawn} and the orders end on {last}; wait until orders have come in.")
    spent = customers_by_window(transactions, [min(transactions.first, lots.drawn), first, last + timedelta(days=1)]).fillna(0.0)
    spent.index = spent.index.astype(str)
    table = lots.table[lots.in_lot].reset_index(drop=True)
    if not (table["arm"] == DO_NOTHING).any() or not (table["arm"] != DO_NOTHING).any():
        raise TooLittle("the lots hold nobody out, or treat nobody, so there is nothing to compare.")
    if not table["customer_id"].isin(spent.index).any():
        first_id = table["customer_id"].iloc[0]
        raise DataError(f"no customer of the lots is in the orders (first: {first_id}); do both files use the same ids?")
    past, came = (spent[window].reindex(table["customer_id"]).fillna(0.0).to_numpy() for window in (0, 1))
    frame = table.assign(past_spend=past, spend=came)
    frame["outcome"] = less_past_spend(frame["spend"], frame)
    segments = tuple(dict.fromkeys(table["segment"]))
    experiment = check_experiment(frame, segments=segments, control=DO_NOTHING, costs=costs, margin=margin)
    return LotOutcomes(experiment, first, last, len(lots.table) - len(table))


def read_catalogue_of(lots: Lots, source: str | Path) -> Catalogue:
    """A catalogue for the segments of lots and those that it names itself, in this order.

    Examples
    --------
    >>> from datetime import date
    >>> import pandas as pd
    >>> from goodwill.strategies import draw_lots
    >>> plan = pd.DataFrame({"segment": ["best"], "strategy": ["call"], "share": [1.0]})
    >>> text = "strategies: [{id: call, name: Call them, unit_cost: 2, eligible: [new, best]}]\\n"
    >>> read_catalogue_of(draw_lots(range(9), ["best"] * 9, plan, drawn=date(2025, 1, 31)), text).segments
    ('best', 'new')
    """
    from goodwill.strategies.catalogue_file import load, read_catalogue

    place, content = load(source)
    entries = content.get("strategies") if isinstance(content, dict) else None
    if not isinstance(entries, list):
        raise place.error("'strategies' must be a list of at least one entry")
    listed = [entry.get("eligible") for entry in entries if isinstance(entry, dict)]
    named = [str(name) for names in listed if isinstance(names, list) for name in names]
    return read_catalogue(source, tuple(dict.fromkeys([*lots.table["segment"].unique(), *named])), order_value=1.0)


def _strata(known: pd.DataFrame, holdout: float, same_control: bool) -> list[tuple[Any, Any, bool | None]]:
    """Rows of one segment that are drawn together, the chance of being held out, and whether they are held out already (None: drawn)."""
    new = known["arm"].isna()
    was_held = known["arm"] == DO_NOTHING
    if same_control:
        kept = [(known.index[~new & was_held], True), (known.index[~new & ~was_held], False)]
        strata = [(rows, known.loc[rows, "control_chance"].to_numpy(), held) for rows, held in kept if len(rows)]
        return [*strata, *([(known.index[new], holdout, None)] if new.any() else [])]
    free = known.index[new | ~was_held]
    chance = min(MOST_HELD, holdout * len(known) / max(len(free), 1))
    shielded = known.index[~new & was_held]
    return [(rows, each, None) for rows, each in ((free, chance), (shielded, 0.0)) if len(rows)]


def _draw_stratum(rows: Any, chance: Any, held: bool | None, wanted: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Arms of the customers of one stratum in exact numbers, at random, with the chances that this gives."""
    import pandas as pd

    shares = wanted["share"].to_numpy(float)
    arms = np.array([DO_NOTHING, *wanted["strategy"]], dtype=object)
    left = 1 - shares.sum()
    if held is None:
        parts = np.concatenate([[chance + (1 - chance) * left], (1 - chance) * shares])
        counts = whole_numbers(parts * len(rows))
        order = rng.permutation(len(rows))
        drawn = np.empty(len(rows), dtype=object)
        drawn[order] = np.repeat(arms, counts)
        chances = dict(zip(arms, counts / len(rows), strict=True))
        propensity = np.array([chances[arm] for arm in drawn], float)
        return pd.DataFrame({"arm": drawn, "propensity": propensity, "control_chance": chances[DO_NOTHING]}, index=rows)
    if held:
        return pd.DataFrame({"arm": DO_NOTHING, "propensity": chance, "control_chance": chance}, index=rows)
    # Who was treated before stays so; the earlier lot decided, with the chance that it had.
    counts = whole_numbers(shares / shares.sum() * len(rows))
    drawn = rng.permutation(np.repeat(arms[1:], counts))
    given = dict(zip(arms[1:], counts / len(rows), strict=True))
    return pd.DataFrame(
        {"arm": drawn, "propensity": (1 - chance) * np.array([given[arm] for arm in drawn]), "control_chance": chance}, index=rows
    )


def _earlier(before: Sequence[Lots], *, decided: bool) -> pd.DataFrame:
    """Of each customer of earlier lots the arm and the chance of the latest that she was in; or in which a lot `decided`.

    Who was spared in the latest, because she had been held out in the one before, may be held out again.
    """
    import pandas as pd

    tables = [(lots.table[lots.in_lot] if decided else lots.table).assign(drawn=lots.drawn) for lots in before]
    if not tables:
        return pd.DataFrame({"arm": pd.Series(dtype=object), "control_chance": pd.Series(dtype=float)})
    latest = pd.concat(tables).sort_values("drawn", kind="stable").drop_duplicates("customer_id", keep="last")
    return latest.set_index(latest["customer_id"].astype(str))[["arm", "control_chance"]]


def _picked(ids: pd.Series, segments: Any, plan: pd.DataFrame) -> tuple[Any, pd.DataFrame]:
    """Whether each customer was picked, and the strategy of each segment among them."""
    import pandas as pd

    strange = plan.loc[~plan["customer_id"].isin(ids), "customer_id"]
    if len(strange):
        raise DataError(f"{len(strange)} customers of the plan are not in the orders (first: {strange.iloc[0]}).")
    given = ids.map(plan.set_index("customer_id")["strategy"])
    inside = given.notna().to_numpy()
    pairs = pd.DataFrame({"segment": np.asarray(segments, dtype=object)[inside], "strategy": given[inside].to_numpy()}).drop_duplicates()
    twice = pairs["segment"].duplicated()
    if twice.any():
        # Customers for whom one strategy was never meant cannot stand for those who got it.
        raise DataError(
            f"the plan picks customers of '{pairs.loc[twice, 'segment'].iloc[0]}' for more than one strategy; draw lots for one "
            "strategy of a segment at a time, or give its strategies as shares."
        )
    return inside, pairs.assign(share=1.0)
