"""Why a segment of small buyers was valued too high (`python -m benchmarks.first_amount [--write]`; half a minute).

The classes A, B and C of simulated companies, as in `benchmarks.truth.segment_values`: what they are expected to buy and to bring within 13
weeks over what they do, by Gamma-Gamma and by the model that also learns from the first amount, each fitted and with the true parameters.
"""

from __future__ import annotations

import argparse
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.truth.lifetime_value import RIGHT
from benchmarks.truth.segment_values import CUSTOMERS, MARGIN, with_spend
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.gamma_gamma import GammaGamma
from goodwill.lifetime_value.gamma_gamma_with_first import GammaGammaWithFirst
from goodwill.lifetime_value.value import ValueTerms, customer_value
from goodwill.segments.schemes.rules import learn
from goodwill.simulate.answering_company import answering_company

RESULT = Path(__file__).parent / "results" / "first_amount.txt"
COMPANIES, SEED, WEEKS = 20, 60_001, (65, 78, 91)  # of a truth; of the first; rules learned, applied, scored
TRUTHS = ("right: BG/NBD as on CDNOW", "right: nobody leaves (null)")


def of_company(name: str, seed: int) -> pd.DataFrame:
    """Of each class and spend model: purchases and margin per customer, expected and come."""
    base, changed = RIGHT[name]
    company = answering_company(base, customers=CUSTOMERS, weeks=WEEKS[-1], seed=seed, **changed)
    learned, made, due = (company.truth.mechanism.start + timedelta(days=7 * week - 1) for week in WEEKS)
    taught, known = with_spend(company.transactions, learned), with_spend(company.transactions, made, due)
    bought = company.transactions
    later = bought[(bought["date"] > pd.Timestamp(made)) & (bought["date"] <= pd.Timestamp(due))]
    days = later.groupby("customer_id")["date"].nunique()
    m, terms = company.truth.mechanism, ValueTerms(float(WEEKS[2] - WEEKS[1]), MARGIN, 0.0, "week")
    models = {
        "Gamma-Gamma, fitted": GammaGamma.fit(known[known["frequency"] > 0]).model,
        "Gamma-Gamma, true": GammaGamma(m.p, m.q, m.gamma),
        "with the first amount, fitted": GammaGammaWithFirst.fit(known).model,
        "with the first amount, true": GammaGammaWithFirst(m.p, m.q, m.gamma, m.p, 1.0),
    }
    buying, classes = BetaGeoNBD.fit(known).model, np.asarray(learn("abc", taught).assign(known), dtype=object)
    came = known.assign(purchases=known["customer_id"].map(days).fillna(0.0), margin=MARGIN * known["spend_holdout"])
    rows = []
    for model, spend in models.items():
        value = customer_value(buying, spend, known, terms)
        both = came.assign(expected_purchases=value["expected_purchases"], expected=value["value"]).groupby(classes)
        rows.append(both[["purchases", "margin", "expected_purchases", "expected"]].mean().assign(model=model))
    return pd.concat(rows).rename_axis("class").reset_index()


def main() -> int:
    """Print, and with --write keep in results/."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.first_amount", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"also write results/{RESULT.name}")
    given = parser.parse_args()
    found = pd.concat([of_company(name, SEED + each).assign(truth=name) for name in TRUTHS for each in range(COMPANIES)])
    mean = found.groupby(["truth", "class", "model"], sort=False).mean()
    table = pd.DataFrame({"purchases": mean["expected_purchases"] / mean["purchases"], "margin": mean["expected"] / mean["margin"]})
    head = f"Expected over come within 13 weeks, {COMPANIES} companies of each truth"
    text = f"{head}\n\n{table.round(2).to_string()}\n"
    if given.write:
        RESULT.write_text(text, "utf8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
