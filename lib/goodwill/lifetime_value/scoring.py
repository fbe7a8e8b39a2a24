"""Scores of every customer, written by the engine that holds the data: only distinct histories come here, and only their scores go back."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
from ibis.util import gen_name

from goodwill.errors import DataError, FitError
from goodwill.inference.rows import as_of, check_unit
from goodwill.lifetime_value.customer_intervals import history_intervals
from goodwill.lifetime_value.histories import NOTHING, bought_for_nothing
from goodwill.lifetime_value.richer.by_cell import CellsOf

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.data.purchases import PurchaseSummary
    from goodwill.lifetime_value.value import ValueTerms

KEYS = ["frequency", "recency", "T"]
_CHUNK = 100_000  # distinct histories scored at a time, so that the work space of a model stays small
# Expected spend is a + b m in the mean m; b is taken from an m so large that a is lost in rounding against it.
_FAR = 2.0**60
SPARK = re.compile(r"part-.*\.parquet|\.part-.*\.parquet\.crc|_SUCCESS|\._SUCCESS\.crc")  # the files of one table


def score_histories(
    purchase_model: Any, spend_model: Any | None, histories: pd.DataFrame, terms: ValueTerms, *, level: float | None = None
) -> pd.DataFrame:
    """What all customers with one history share: P(alive), expected purchases, and what turns their mean spend into value.

    Parameters
    ----------
    purchase_model : any purchase model (see `goodwill.BetaGeoNBD`)
    spend_model : `GammaGamma`, `GammaGammaByFrequency`, `GammaGammaWithFirst`, or None without money
    histories : distinct frequency, recency, T in `terms.unit`
    terms : horizon, margin and discount rate
    level : also predictive intervals at this level, such as .95 (see `goodwill.lifetime_value.customer_intervals`)

    Returns
    -------
    DataFrame with the index of `histories`: probability_alive; expected_purchases within the horizon; with a spend model also
    discounted_purchases, mean_discount (their ratio to the plain ones), and spend_base and spend_slope: the expected spend per purchase
    is base + slope x mean spend (Fader & Hardie 2013, note 025, equation 5, is linear in the mean; so is the model by frequency). Where
    the model uses first amounts, first_base, first_slope and first_rate are the same for those whose first amount tells something:
    base + slope x mean + rate x first amount. With a level also what `history_intervals` gives.

    Raises
    ------
    FitError
        When the expected spend of the model is not linear in the mean spend.

    Examples
    --------
    >>> import goodwill as gw
    >>> histories = gw.example("cdnow")[["frequency", "recency", "T"]].head(2)
    >>> models = gw.BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426), gw.GammaGamma(p=6.25, q=3.74, gamma=15.44)
    >>> terms = gw.ValueTerms(horizon=39, margin=0.3, annual_discount_rate=0.15, unit="week")
    >>> score_histories(*models, histories, terms)[["probability_alive", "expected_purchases", "spend_base", "spend_slope"]].round(3)
       probability_alive  expected_purchases  spend_base  spend_slope
    0              0.727               1.226       6.332        0.820
    1              0.212               0.203      10.734        0.695
    """
    import pandas as pd

    parts = [
        _scores(purchase_model, spend_model, histories.iloc[start : start + _CHUNK], terms)
        for start in range(0, max(len(histories), 1), _CHUNK)
    ]
    scores = pd.concat(parts)
    if level is None:
        return scores
    return scores.join(history_intervals(purchase_model, spend_model, histories, terms.horizon, level=level))


def _scores(purchase_model: Any, spend_model: Any | None, histories: pd.DataFrame, terms: ValueTerms) -> pd.DataFrame:
    import pandas as pd

    x, t_x, T = (histories[name].to_numpy(float) for name in KEYS)
    columns = {
        "probability_alive": purchase_model.probability_alive(x, t_x, T),
        "expected_purchases": purchase_model.expected_purchases(terms.horizon, x, t_x, T),
    }
    if spend_model is not None:
        columns["discounted_purchases"] = purchase_model.discounted_expected_purchases(terms.rate, x, t_x, T, horizon=terms.horizon)
        base = spend_model.expected_spend(x, np.zeros_like(x))
        slope = np.where(x > 0, spend_model.expected_spend(x, np.full_like(x, _FAR)) / _FAR, 0.0)
        seen = x > 0
        if not np.allclose(spend_model.expected_spend(x, base)[seen], (base + slope * base)[seen], rtol=1e-9, atol=0):
            raise FitError(f"{type(spend_model).__name__}: its expected spend is not linear in the mean spend; score such a model by hand")
        plain, within = (np.asarray(columns[name], float) for name in ("expected_purchases", "discounted_purchases"))
        discount = np.divide(within, plain, out=np.ones_like(plain), where=plain > 0)
        columns |= {"spend_base": base, "spend_slope": slope, "mean_discount": discount}
        if getattr(spend_model, "uses_first", False):
            columns |= _with_first(spend_model, x)
    return pd.DataFrame(columns, index=histories.index)


def _with_first(model: Any, x: np.ndarray) -> dict[str, Any]:
    """Expected spend as base + slope x mean + rate x first amount, of those whose first amount tells something."""
    one, two = (model.expected_spend(x, np.zeros_like(x), np.full_like(x, first)) for first in (1.0, 2.0))
    slope = np.where(x > 0, model.expected_spend(x, np.full_like(x, _FAR), np.ones_like(x)) / _FAR, 0.0)
    return {"first_base": 2 * one - two, "first_slope": slope, "first_rate": two - one}


def _for_nothing(summary: PurchaseSummary, spend_model: Any) -> pd.DataFrame:
    """By frequency, the spend expected of those who gave back all that they bought."""
    table = summary.table
    nothing = (table.returned > ibis.literal(0.0)) & (table.spend < ibis.literal(NOTHING))
    rows = (
        table.group_by(frequency=table.frequency, nothing=nothing).aggregate(weight=lambda t: t.count()).order_by("frequency").to_pandas()
    )
    back = rows["nothing"].to_numpy(bool)
    often = bought_for_nothing(rows["frequency"].to_numpy(float) + 1, back, spend_model, rows["weight"])
    found = rows.assign(spend_nothing=spend_model.expected_spend(often, np.zeros_like(often)))[back]
    return found[["frequency", "spend_nothing"]]


def scored_customers(
    summary: PurchaseSummary, purchase_model: Any, spend_model: Any | None, terms: ValueTerms, *, level: float | None = None
) -> ibis.Table:
    """One row per customer with the scores, as a lazy Ibis table of the engine that holds the data.

    Parameters
    ----------
    summary : of all purchases (without a hold-out), in `terms.unit`
    purchase_model, spend_model, terms, level : as in `score_histories`; what `CovariateFit.cells` gives in place of the purchase model
        where it goes with covariates

    Returns
    -------
    ibis.Table
        customer_id; frequency, recency, T (in the unit) and, with money, monetary_value, spend and perhaps returned; probability_alive;
        expected_purchases; with a spend model expected_spend and value, as in `goodwill.customer_value`; with a level purchases_lower and
        purchases_upper, value_lower and value_upper: what this one customer brings lies within, at that level.

    Examples
    --------
    >>> import goodwill as gw
    >>> summary = gw.summarize_purchases(gw.read_transactions(gw.example("orders")))
    >>> models = gw.BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week"), gw.GammaGamma(p=6.25, q=3.74, gamma=15.44)
    >>> found = scored_customers(summary, *models, gw.ValueTerms(horizon=39, margin=0.3, annual_discount_rate=0.15, unit="week"))
    >>> found.order_by("customer_id").to_pandas()[["customer_id", "frequency", "probability_alive", "value"]].round(2)
      customer_id  frequency  probability_alive  value
    0           a          2               0.51  10.73
    1           b          0               1.00   5.03
    2           c          1               0.75  18.89
    """
    import pandas as pd

    check_unit(terms.unit, summary)
    if spend_model is not None and not summary.has_amount:
        raise DataError(f"{summary.source} has no money: read it with amount=, or score without a spend model.")
    customers, keys = summary.table, list(KEYS)
    if isinstance(purchase_model, CellsOf):
        customers, keys = customers.inner_join(ibis.memtable(purchase_model.customers), "customer_id"), [*KEYS, "cell"]
    found = customers.select(*keys).distinct().order_by(keys).to_pandas()
    in_unit = found.assign(recency=found["recency"] / summary.grains_per_unit, T=found["T"] / summary.grains_per_unit)
    if isinstance(purchase_model, CellsOf):
        models, parts = purchase_model.models, in_unit.groupby("cell")
        scored = pd.concat([score_histories(models[cell], spend_model, part, terms, level=level) for cell, part in parts])
    else:
        scored = score_histories(as_of(purchase_model, summary), spend_model, in_unit, terms, level=level)
    scores = found.join(scored)
    if spend_model is not None and "returned" in customers.columns:
        scores = scores.merge(_for_nothing(summary, spend_model), on="frequency", how="left").fillna({"spend_nothing": 0.0})
    joined = customers.inner_join(_sent(scores, customers), keys)
    return _columns(joined, summary, spend_model, terms)


def _sent(scores: pd.DataFrame, customers: ibis.Table) -> ibis.Table:
    """The scores of the histories as a table of the engine."""
    types = {c: "int64" if c in (*KEYS, "cell", "purchases_lower", "purchases_upper") else "float64" for c in scores}
    return ibis.memtable(scores.astype(types), schema=types)


def _columns(joined: ibis.Table, summary: PurchaseSummary, spend_model: Any | None, terms: ValueTerms) -> ibis.Table:
    per_unit = ibis.literal(float(summary.grains_per_unit))
    chosen: dict[str, Any] = {"customer_id": joined.customer_id, "frequency": joined.frequency}
    chosen |= {name: joined[name].cast("float64") / per_unit for name in ("recency", "T")}
    if summary.has_amount:
        chosen |= {name: joined[name] for name in ("monetary_value", "spend", "returned") if name in joined.columns}
    intervals = [name for name in ("purchases_lower", "purchases_upper") if name in joined.columns]
    chosen |= {name: joined[name] for name in ("probability_alive", "expected_purchases", *intervals)}
    if spend_model is not None:
        chosen["expected_spend"] = spend = _expected_spend(joined)
        margin = ibis.literal(float(terms.margin))
        chosen["value"] = margin * spend * joined.discounted_purchases
        for end in ("lower", "upper") if intervals else ():  # discounted as the expected purchases are
            chosen[f"value_{end}"] = margin * spend * joined.mean_discount * joined[f"spends_{end}"]
    return joined.select(**chosen)


def _expected_spend(joined: ibis.Table) -> Any:
    """As `spend_history` tells a spend model."""
    none = ibis.literal(0.0)
    mean = (joined.monetary_value > none).ifelse(joined.monetary_value, none)
    spend = joined.spend_base + joined.spend_slope * mean
    if "first_base" in joined.columns:
        first = (joined.spend - joined.frequency.cast("float64") * joined.monetary_value).round(6)
        told = joined.first_base + joined.first_slope * mean + joined.first_rate * first
        spend = (first > none).ifelse(told, spend)
    if "spend_nothing" in joined.columns:
        spend = ((joined.returned > none) & (joined.spend < ibis.literal(NOTHING))).ifelse(joined.spend_nothing, spend)
    return spend


def score_customers(
    summary: PurchaseSummary,
    purchase_model: Any,
    spend_model: Any | None,
    terms: ValueTerms,
    *,
    to: str | Path,
    level: float | None = None,
    also: Callable[[ibis.Table], ibis.Table] | None = None,
    each: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
) -> int:
    """Write the scores of every customer to Parquet, or to a table beside the data; customers never pass through this process's memory.

    Parameters
    ----------
    summary, purchase_model, spend_model, terms, level : as in `scored_customers`; a `Fit` will do for a model
    to : a path that ends in .parquet (Spark makes it a folder), or `::TABLE` for a table in the database that holds the data (made
        anew where it stands already)
    also : takes the table of `scored_customers` and returns it with more columns, computed by the engine, such as a segment by value
    each : takes some customers at a time as a DataFrame and returns it with more columns, such as `lambda t: t.assign(segment=
        rules.assign(t))` with rules of `goodwill.segments` and the strategy planned for that segment; for Parquet only

    Returns
    -------
    int
        The number of customers written.

    Examples
    --------
    >>> import tempfile
    >>> import goodwill as gw
    >>> from goodwill.lifetime_value.scoring import score_customers
    >>> summary = gw.summarize_purchases(gw.read_transactions("cdnow_sample"))
    >>> terms = gw.ValueTerms(horizon=39, margin=0.3, annual_discount_rate=0.15, unit="week")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     score_customers(
    ...         summary,
    ...         gw.BetaGeoNBD.fit(summary),
    ...         gw.GammaGamma(p=6.25, q=3.74, gamma=15.44),
    ...         terms,
    ...         to=f"{folder}/scores.parquet",
    ...         also=lambda t: t.mutate(segment=(t.value > 50).ifelse("keep", "wait")),
    ...     )
    2357
    """
    purchases, spend = (getattr(m, "model", m) for m in (purchase_model, spend_model))
    scored = scored_customers(summary, purchases, spend, terms, level=level)
    if also is not None:
        scored = also(scored)
    con = summary.table.get_backend()
    if str(to).startswith("::"):
        if each is not None:
            raise DataError(f"to={str(to)!r}: with each= the scores go to a path that ends in .parquet; a table takes also=.")
        return write_table(scored, str(to).removeprefix("::"), con)
    if Path(to).suffix != ".parquet":
        raise DataError(f"to={str(to)!r}: pass a path that ends in .parquet, or ::TABLE for a table beside the data.")
    return _write_parquet(scored, Path(to), con, each)


def write_table(scored: ibis.Table, name: str, con: Any) -> int:
    """Write a table of scores under another name, which then takes the place of the old one; returns the number of its rows.

    Raises DataError where the table that stands there is none of scores.
    """
    if "." in name:
        raise DataError(f"to='::{name}': name a table without its schema; it is made in the schema of the connection.")
    if name in con.list_tables() and not _is_scored(set(con.table(name).columns), set(scored.columns)):
        raise DataError(f"to='::{name}': this table was not written by a scoring and would be lost; name another one, or drop it yourself.")
    fresh = gen_name(name)
    con.create_table(fresh, scored)
    mark = "`" if con.name == "pyspark" else '"'
    old, new = (f"{mark}{n.replace(mark, mark * 2)}{mark}" for n in (name, fresh))
    con.raw_sql(f"DROP TABLE IF EXISTS {old}")
    con.raw_sql(f"ALTER TABLE {new} RENAME TO {old}")
    return int(con.table(name).count().execute())


def _is_scored(standing: set[str], new: set[str]) -> bool:
    """Whether a table with these columns is one that a scoring has written."""
    return standing == new or {"customer_id", "probability_alive", "expected_purchases"} <= standing


def _write_parquet(scored: ibis.Table, path: Path, con: Any, each: Callable[[pd.DataFrame], pd.DataFrame] | None) -> int:
    """Written beside and moved into place when whole."""
    import pyarrow.parquet as pq

    if path.is_dir() and (stranger := _stranger(path)):
        raise DataError(f"to={str(path)!r}: the folder holds {stranger!r}, which no scoring has written; name another path.")
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    if each is None and con.name in ("duckdb", "pyspark"):  # they write Parquet themselves
        con.to_parquet(scored, beside)
    else:
        _write_batches(scored, beside, each)
    if path.is_dir():
        shutil.rmtree(path)
    beside.replace(path)
    return sum(pq.read_metadata(part).num_rows for part in (path.glob("*.parquet") if path.is_dir() else [path]))


def _stranger(folder: Path) -> str:
    """The first thing in a folder that Spark does not put into one of Parquet files; nothing of anybody else's is replaced."""
    if folder.is_symlink():
        return "a link to elsewhere"
    own = {path for path in folder.iterdir() if SPARK.fullmatch(path.name) and path.is_file() and not path.is_symlink()}
    return min((path.name for path in folder.iterdir() if path not in own), default="")


def _write_batches(scored: ibis.Table, path: Path, each: Callable[[pd.DataFrame], pd.DataFrame] | None) -> None:
    """Some customers at a time through this process."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    def changed(batch: pa.RecordBatch) -> pa.Table:
        if each is None:
            return pa.Table.from_batches([batch])
        frame = each(batch.to_pandas())
        labels = frame.select_dtypes("category").columns  # a batch need not hold them all
        return pa.Table.from_pandas(frame.astype(dict.fromkeys(labels, "str")), preserve_index=False)

    writer = None
    try:
        with scored.to_pyarrow_batches(chunk_size=_CHUNK) as batches:
            for batch in batches:
                table = changed(batch)
                writer = writer or pq.ParquetWriter(path, table.schema)
                writer.write_table(table.cast(writer.schema))
    finally:
        if writer:
            writer.close()
