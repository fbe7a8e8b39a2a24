"""What is needed to score customers night after night: fitted models, terms and the rules of segments, kept as one file."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from goodwill.data.purchases import summarize_purchases
from goodwill.errors import DataError, FitError, TooLittle
from goodwill.inference.fit import Fit
from goodwill.lifetime_value.richer.covariates import CovariateFit, fit_with_covariates
from goodwill.lifetime_value.richer.covariates_kept import covariates_from_text, covariates_to_text
from goodwill.lifetime_value.score_places import check_place, deliver, read_scores
from goodwill.lifetime_value.scoring import score_customers
from goodwill.lifetime_value.value import ValueTerms
from goodwill.segments.schemes.rules import Rules, learn

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.data.purchases import PurchaseSummary

FORMAT = 1
LEARNED_FROM = 50_000  # customers; spend learned from more would take longer than all scores, and say the same within one per cent
BEFORE = ("expected_purchases", "value", "segment")  # what a score of today is set beside


class Scored(NamedTuple):
    """How many customers were scored; of those, how many were not there before, and how many are in another segment now.

    Where the fit goes by covariates, also the fit as it was asked about these customers, and the levels that it does not know (covariate,
    level, customers).
    """

    customers: int
    new: int
    moved: int
    by: CovariateFit | None = None
    strange: pd.DataFrame | None = None


@dataclass(frozen=True)
class Scorer:
    """Fits, terms and rules; what `score` needs beside the orders.

    Attributes
    ----------
    purchases : fit of a purchase model
    spend : fit of a spend model; None where there is no money, or too little of it
    terms : horizon, margin and discount rate, in the unit of the fit
    rules : what cuts customers into segments; None without money
    note : why there is no money, else empty
    covariates : the purchase model whose parameters go with what is told of customers; None where nothing is told. Then `purchases` is the
        same model without.
    """

    purchases: Fit
    spend: Fit | None
    terms: ValueTerms
    rules: Rules | None
    note: str = ""
    covariates: CovariateFit | None = None

    @property
    def older_until(self) -> date | None:
        """The last day on which customers are first seen who are older than the data, and scored by parameters of their own."""
        return getattr(self.purchases.model, "until", None)

    def to_json(self) -> str:
        """All of it as text; `Scorer.from_json` reads it."""
        fits = {name: json.loads(fit.to_json()) if fit else None for name, fit in (("purchases", self.purchases), ("spend", self.spend))}
        kept = {
            "format": FORMAT,
            **fits,
            "terms": asdict(self.terms),
            "rules": self.rules.to_text() if self.rules else None,
            "note": self.note,
            "covariates": json.loads(covariates_to_text(self.covariates)) if self.covariates else None,
        }
        return json.dumps(kept, indent=1)

    @staticmethod
    def from_json(text: str, where: str = "the stored fit") -> Scorer:
        """Read what `to_json` wrote.

        Raises
        ------
        DataError
            When it is something else.
        """
        try:
            kept = json.loads(text)
            if kept["format"] != FORMAT:
                raise ValueError
            purchases, spend = (Fit.from_json(json.dumps(kept[name])) if kept[name] else None for name in ("purchases", "spend"))
            rules = Rules.from_text(kept["rules"]) if kept["rules"] else None
            told = covariates_from_text(json.dumps(kept["covariates"])) if kept.get("covariates") else None
            return Scorer(purchases, spend, ValueTerms(**kept["terms"]), rules, str(kept["note"]), told)  # type: ignore[arg-type]
        except (ValueError, KeyError, TypeError, AttributeError, FitError) as error:
            raise DataError(f"{where} holds no fit that can be read; 'goodwill score ORDERS --keep-fit FILE' writes one.") from error


def fit_scorer(
    summary: PurchaseSummary, terms: ValueTerms, *, model: Any | None = None, scheme: str = "rfm", told: pd.DataFrame | None = None
) -> Scorer:
    """Fit what scores need to a summary.

    Parameters
    ----------
    summary : of all purchases (without a hold-out), in `terms.unit`
    model : class of the purchase model; by default `goodwill.BetaGeoNBD`, and where old customers pile up at the start of the data
        that of `goodwill.lifetime_value.model_for`, which has parameters of their own for these
    scheme : of the segments (see `goodwill.segments.learn`); without money there are none
    told : what is known of each customer (`goodwill.lifetime_value.told_of_customers`), with which the parameters of the purchase model
        then go; customers older than the log are not taken apart then

    Raises
    ------
    FitError, TooLittle
        When the purchases do not carry a model.

    Examples
    --------
    >>> import goodwill as gw
    >>> terms = gw.ValueTerms(horizon=52, margin=0.3, annual_discount_rate=0.15, unit="week")
    >>> scorer = fit_scorer(gw.summarize_purchases(gw.read_transactions("cdnow_sample")), terms)
    >>> Scorer.from_json(scorer.to_json()).purchases.model == scorer.purchases.model
    True
    """
    from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
    from goodwill.lifetime_value.richer.model_of_log import model_for

    if told is None:
        purchases, by = (model or model_for(summary.transactions, BetaGeoNBD, end=summary.end)).fit(summary), None
    else:
        by = fit_with_covariates(summary, told, model=model or BetaGeoNBD)
        purchases = by.plain
    spend, note = _spend(summary)
    return Scorer(purchases, spend, terms, learn(scheme, summary.to_pandas()) if summary.has_amount else None, note, by)


def _spend(summary: PurchaseSummary) -> tuple[Fit | None, str]:
    """The spend model that the orders choose, as notebook 01 does; else why there is none."""
    from goodwill.lifetime_value.spend_choice import choose_spend

    if not summary.has_amount:
        return None, "the orders hold no money"
    try:
        return choose_spend(_some(summary)).fit, ""
    except (FitError, TooLittle) as error:
        return None, str(error).rstrip(".")


def _some(summary: PurchaseSummary) -> PurchaseSummary:
    """The customers from whom spend is learned: all, or of very many a part that does not hang on what they bought."""
    parts = summary.counts["customers"] // LEARNED_FROM
    if parts < 2:
        return summary
    log = summary.transactions
    part = log.table.customer_id.cast("string").hash().abs() % parts == 0
    return summarize_purchases(replace(log, table=log.table.filter(part)), unit=summary.unit, grain=summary.grain, end=summary.end)


def score(
    scorer: Scorer,
    summary: PurchaseSummary,
    to: str | Path,
    *,
    level: float | None = 0.95,
    before: str | Path | None = None,
    told: pd.DataFrame | None = None,
) -> Scored:
    """Write a row for every customer: history, P(alive), expected purchases, spend, value, their intervals, and the segment.

    Parameters
    ----------
    summary : in the unit of the terms
    to : a path that ends in .csv or .parquet, or `DATABASE::TABLE`; what stands there is replaced where a scoring wrote it
    level : of the predictive intervals; None leaves them out
    before : scores written earlier, in any of these forms; adds expected_purchases_before, value_before and segment_before, missing for
        customers who are new
    told : what is known of each customer, where the fit goes by covariates; a customer with a level that it does not know is scored by the
        model without covariates

    Raises
    ------
    DataError
        When `to` or `before` is no such place, or holds something else, and when the fit goes by covariates and nothing is told.
    """
    check_place(str(to))
    by, strange = _by_covariates(scorer, summary, told)
    purchases = scorer.purchases if by is None else by.cells(summary.to_pandas()["customer_id"])
    earlier = read_scores(str(before)) if before is not None else None
    counted = {"new": 0, "moved": 0}

    def with_segment(customers: pd.DataFrame) -> pd.DataFrame:
        found = customers.assign(segment=scorer.rules.assign(customers).astype(str)) if scorer.rules else customers.copy()
        return found if earlier is None else _beside(found, earlier, counted)

    folder = Path(str(to)).absolute().parent if "::" not in str(to) else None  # so that the last step is a rename
    with tempfile.TemporaryDirectory(dir=folder, prefix=".scores-") as work:
        fresh = Path(work) / "scores.parquet"
        how: dict[str, Any] = {"level": level, "also": lambda scores: scores.order_by("customer_id"), "each": with_segment}
        count = score_customers(summary, purchases, scorer.spend, scorer.terms, to=fresh, **how)
        deliver(fresh, str(to))
    return Scored(count, counted["new"], counted["moved"], by, strange)


def _by_covariates(scorer: Scorer, summary: PurchaseSummary, told: pd.DataFrame | None) -> tuple[CovariateFit | None, pd.DataFrame | None]:
    """The fit with covariates asked about these customers, and the levels of theirs that it does not know."""
    if scorer.covariates is None:
        return None, None
    if told is None:
        names = ", ".join(coding.name for coding in scorer.covariates.told.design.codings)
        raise DataError(f"this fit goes by covariates ({names}); tell them of the customers that are to be scored too.")
    return scorer.covariates.of(summary, told)


def _beside(found: pd.DataFrame, earlier: pd.DataFrame, counted: dict[str, int]) -> pd.DataFrame:
    then = earlier.reindex(found["customer_id"].astype(str))
    for name in (name for name in BEFORE if name in then):
        found[f"{name}_before"] = then[name].to_numpy()
    is_known = found["customer_id"].astype(str).isin(earlier.index)
    counted["new"] += int((~is_known).sum())
    if "segment" in then and "segment" in found:
        counted["moved"] += int((is_known & (found["segment_before"] != found["segment"])).sum())
    return found
