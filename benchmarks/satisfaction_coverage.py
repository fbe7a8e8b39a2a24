"""How often do intervals about the satisfaction-loyalty curve hold the truth? (`python -m benchmarks.satisfaction_coverage`, some minutes)

Surveys of n answers are simulated: 5, 8, 17, 42 and 28 % answer 1 to 5, loyalty is drawn at each level. Counted are the 95 % intervals that
hold the true ratio of the loyalty of fives to that of fours, and the sets that hold the true place of a kink in the log-odds.
Seeds are fixed. With `--write` the tables go to benchmarks/results/satisfaction_coverage.txt. Exit status 1 if a verdict fails.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from goodwill.satisfaction.intervals import risk_ratio
from goodwill.satisfaction.kink import HONEST_CUT, profile_log_likelihood
from goodwill.satisfaction.turning_points import largest_steps

FloatArray = NDArray[np.float64]

LEVELS = np.arange(1.0, 6)
SHARES = np.array([0.05, 0.08, 0.17, 0.42, 0.28])
SIZES = (93, 200, 500, 1000, 2000, 5000)
RATIO_CELLS = {
    "Xerox .12/.72": (0.02, 0.04, 0.07, 0.12, 0.72),
    "odds 6 .60/.90": (0.30, 0.38, 0.50, 0.60, 0.90),
    "monopoly .90/.91": (0.87, 0.88, 0.89, 0.90, 0.91),
    "rare .02/.12": (0.003, 0.006, 0.01, 0.02, 0.12),
}
Z = 1.959964
GRID = np.round(np.arange(1.5, 4.51, 0.1), 10)  # places tried; (1, 2] and [4, 5) are flat, so one place in each stands for all
SEED = 2015


def main(write: bool) -> int:
    """Print the tables, say whether the verdicts hold, and keep them if asked."""
    start, lines, good = time.perf_counter(), [], True
    for part in (ratio_study, kink_study, step_study):
        text, passed = part()
        lines += [*text, ""]
        good &= passed
        print("\n".join(text), flush=True)
    lines.append(f"seed {SEED}; {time.perf_counter() - start:.0f} s on one core")
    if write:
        target = Path(__file__).with_name("results") / "satisfaction_coverage.txt"
        target.parent.mkdir(exist_ok=True)
        target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0 if good else 1


def surveys(truth: FloatArray, n: int, sets: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Loyal and all answers at each level, shape (sets, 5), of surveys in which the two highest levels were answered."""
    size = rng.multinomial(n, SHARES, sets)
    while (empty := (size[:, 3:] == 0).any(1)).any():
        size[empty] = rng.multinomial(n, SHARES, int(empty.sum()))
    return rng.binomial(size, truth).astype(float), size.astype(float)


def ratio_coverage(truth: tuple[float, ...], n: int, sets: int, boot_sets: int, rng: np.random.Generator) -> dict[str, float]:
    """Coverage of four 95 % intervals for the ratio of the top two levels; one that does not exist is a miss."""
    x, m = surveys(np.array(truth), n, sets, rng)
    ratio = truth[4] / truth[3]

    def inside(lower: FloatArray, upper: FloatArray) -> float:
        return float(((lower <= ratio) & (ratio <= upper)).mean())

    score = risk_ratio(x[:, 4], m[:, 4], x[:, 3], m[:, 3])
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = np.log(x[:, 4] / m[:, 4]) - np.log(x[:, 3] / m[:, 3])
        half = Z * np.sqrt(1 / x[:, 4] - 1 / m[:, 4] + 1 / x[:, 3] - 1 / m[:, 3])
        lower, upper = np.exp(middle - half), np.exp(middle + half)
        few_x, few_m = x[:boot_sets], m[:boot_sets].astype(int)
        again = [rng.binomial(few_m[:, k], few_x[:, k] / few_m[:, k], (300, boot_sets)) / few_m[:, k] for k in (3, 4)]
        drawn = np.sort(again[1] / again[0], axis=0)  # undefined ones go to the end and count as very large
        tails = np.nan_to_num(drawn[[7, 292]], nan=np.inf)
    smooth = logistic_ratio(x, m)
    return {
        "score": inside(score.lower, score.upper),
        "log-Wald": inside(lower, upper),
        "bootstrap": inside(tails[0], tails[1]),
        "logistic curve": inside(*smooth),
    }


def logistic_ratio(x: FloatArray, m: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Delta-method limits of p5 / p4 as a logistic curve through all five levels has it."""
    design = np.column_stack([np.ones(5), LEVELS])
    beta = np.zeros((len(x), 2))
    for _ in range(25):
        p = 1 / (1 + np.exp(-np.clip(beta @ design.T, -30, 30)))
        information = np.einsum("kj,dk,ki->dji", design, m * p * (1 - p), design) + 1e-9 * np.eye(2)
        beta += np.clip(np.linalg.solve(information, ((x - m * p) @ design)[..., None])[..., 0], -3, 3)
    p = 1 / (1 + np.exp(-beta @ design.T))
    # The log ratio is log p5 - log p4, and the derivative of log p is 1 - p times the design.
    slope = (1 - p[:, 4:]) * design[4] - (1 - p[:, 3:4]) * design[3]
    spread = np.sqrt(np.einsum("dj,dji,di->d", slope, np.linalg.inv(information), slope))
    middle = np.log(p[:, 4] / p[:, 3])
    limits = np.clip([middle - Z * spread, middle + Z * spread], -700, 700)
    return np.exp(limits[0]), np.exp(limits[1])


def ratio_study(sets: int = 4000, boot_sets: int = 600) -> tuple[list[str], bool]:
    """Coverage of ratio intervals in four cells and six sizes."""
    rng, error = np.random.default_rng(SEED), float(np.sqrt(0.95 * 0.05 / sets))
    lines = [
        "Ratio of the loyalty of fives to that of fours, nominal 95 %",
        f"{sets} surveys each (Monte-Carlo error {error:.4f}); "
        f"bootstrap {boot_sets} surveys x 300 (error {np.sqrt(0.95 * 0.05 / boot_sets):.3f})",
        f"{'cell':18}{'n':>6}{'score':>9}{'log-Wald':>10}{'bootstrap':>11}{'logistic curve':>16}",
    ]
    passed, worst = True, 1.0
    for name, truth in RATIO_CELLS.items():
        for n in SIZES:
            found = ratio_coverage(truth, n, sets, boot_sets, rng)
            passed &= 0.94 - 3 * error <= found["score"] <= 0.965 + 3 * error
            worst = min(worst, found["score"])
            values = (found["score"], found["log-Wald"], found["bootstrap"], found["logistic curve"])
            lines.append(f"{name:18}{n:>6}{values[0]:>9.3f}{values[1]:>10.3f}{values[2]:>11.3f}{values[3]:>16.3f}")
    lines.append(
        f"verdict: score intervals within three errors of .94 to .965 everywhere: {'yes' if passed else 'NO'} (lowest {worst:.3f})"
    )
    return lines, passed


def kink_truth(place: float) -> FloatArray:
    """Loyalty at the five levels when the log-odds bend at `place`; between 4 and 5 it is the Xerox case: .02 at 1, .12 at 4, .72 at 5."""
    if place > 4:
        a, b = np.log(0.02 / 0.98), (np.log(0.12 / 0.88) - np.log(0.02 / 0.98)) / 3
        c = (np.log(0.72 / 0.28) - (a + 4 * b)) / (5 - place)
        log_odds = a + b * (LEVELS - 1) + c * np.maximum(LEVELS - place, 0)
    else:
        log_odds = -1.4 + 0.2 * (LEVELS - place) + 1.4 * np.maximum(LEVELS - place, 0)
    return 1 / (1 + np.exp(-log_odds))


def kink_coverage(place: float, n: int, sets: int, boot_sets: int, rng: np.random.Generator, resamples: int = 150) -> dict[str, float]:
    """Coverage of the profile sets (by cut), of estimate -+ 1.96 standard errors and of the percentile bootstrap."""
    truth = kink_truth(place)
    x, m = surveys(truth, n, sets, rng)
    places = np.unique(np.append(GRID, place))
    profile = profile_log_likelihood(LEVELS, x, m, places)
    loss = 2 * (profile.max(1) - profile[:, np.searchsorted(places, place)])
    estimate, error = wald(x, m)
    with np.errstate(invalid="ignore"):
        near = np.abs(estimate - place) <= Z * error
    found = {"profile 6.63": (loss <= HONEST_CUT).mean(), "profile 3.84": (loss <= 3.84).mean(), "Wald": near.mean()}
    found |= {"undefined": (~np.isfinite(error)).mean()}
    if boot_sets:
        held = []
        for counts, size in zip(x[:boot_sets], m[:boot_sets], strict=True):
            again = rng.multinomial(n, size / size.sum(), resamples)
            drawn = rng.binomial(again, np.divide(counts, size, out=np.zeros(5), where=size > 0)).astype(float)
            lower, upper = np.quantile(best_places(drawn, again.astype(float)), [0.025, 0.975])
            held.append(lower <= place <= upper)
        found["bootstrap"] = np.mean(held)
    return {name: float(value) for name, value in found.items()}


def best_places(x: FloatArray, m: FloatArray) -> FloatArray:
    """The first most likely place of each survey: in a flat stretch every optimiser has such a habit, here the end near the middle."""
    places = np.arange(2.0, 4.01, 0.2)
    profile = profile_log_likelihood(LEVELS, x, m, places)
    return places[np.argmax(profile > profile.max(1, keepdims=True) - 1e-7, axis=1)]


def wald(x: FloatArray, m: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The most likely place and its standard error by the information matrix (Muggeo 2003); nan where that is singular."""
    places = np.linspace(1.6, 4.4, 57)
    profile = profile_log_likelihood(LEVELS, x, m, places)
    estimate = places[np.argmax(profile, 1)]
    error = np.full(len(x), np.nan)
    for i, psi in enumerate(estimate):
        after = (psi < LEVELS).astype(float)
        hinge = after * (LEVELS - psi)
        c, p = _slope_change(x[i], m[i], hinge)
        design = np.column_stack([np.ones(5), LEVELS, hinge, -c * after])
        information = (design * (m[i] * p * (1 - p))[:, None]).T @ design
        if np.linalg.cond(information) < 1e10:
            error[i] = np.sqrt(np.linalg.inv(information)[3, 3])
    return estimate, error


def _slope_change(x: FloatArray, m: FloatArray, hinge: FloatArray) -> tuple[float, FloatArray]:
    design = np.column_stack([np.ones(5), LEVELS - 3, hinge])
    beta = np.zeros(3)
    for _ in range(30):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -20, 20)))
        information = (design * (m * p * (1 - p))[:, None]).T @ design + 1e-9 * np.eye(3)
        beta += np.clip(np.linalg.solve(information, design.T @ (x - m * p)), -2, 2)
    return float(beta[2]), p


def kink_study(sets: int = 400, boot_sets: int = 100) -> tuple[list[str], bool]:
    """Coverage of kink sets at five places."""
    rng = np.random.default_rng(SEED + 1)
    lines = [
        "Place of a kink in the log-odds, five levels. Nominal level of the profile set: 99 %, the point 6.63 of chi-square(1).",
        f"{sets} surveys each (Monte-Carlo error at .95: {np.sqrt(0.95 * 0.05 / sets):.3f}); bootstrap {boot_sets} surveys x 150; "
        "Wald where its error is undefined counts as a miss",
        f"{'kink at':>8}{'n':>6}{'profile 6.63':>14}{'profile 3.84':>14}{'Wald':>8}{'undefined':>11}{'bootstrap':>11}",
    ]
    passed, worst = True, 1.0
    for place in (2.5, 3.0, 3.5, 4.5):
        for n in SIZES:
            found = kink_coverage(place, n, sets, boot_sets if n in (93, 500, 2000) else 0, rng)
            if place == 4.5:
                passed &= found["profile 6.63"] >= 0.93 and found["Wald"] < 0.5 and found.get("bootstrap", 0.0) < 0.5
                worst = min(worst, found["profile 6.63"])
            shown = f"{found['bootstrap']:>11.2f}" if "bootstrap" in found else f"{'':>11}"
            sets_shown = f"{found['profile 6.63']:>14.3f}{found['profile 3.84']:>14.3f}"
            lines.append(f"{place:>8}{n:>6}{sets_shown}{found['Wald']:>8.3f}{found['undefined']:>11.2f}{shown}")
    lines.append(
        f"verdict: between 4 and 5 the profile set covers at least .93 (lowest {worst:.3f}) where Wald and bootstrap fail: "
        f"{'yes' if passed else 'NO'}"
    )
    return lines, passed


def step_study(sets: int = 1500) -> tuple[list[str], bool]:
    """Coverage of the confidence set for the largest step."""
    rng, passed = np.random.default_rng(SEED + 2), True
    lines = [
        "Set of steps that may be the largest, nominal 95 %, " + f"{sets} surveys each",
        f"{'curve':18}{'n':>6}{'coverage':>10}{'mean size':>11}",
    ]
    curves = {"Xerox": (0.02, 0.04, 0.07, 0.12, 0.72), "Fair-like": (0.25, 0.36, 0.45, 0.68, 0.82), "ties": (0.1, 0.3, 0.5, 0.7, 0.9)}
    for name, truth in curves.items():
        for n in (93, 500, 5000):
            kept = largest_steps(*surveys(np.array(truth), n, sets, rng))
            size = np.diff(truth)
            covered = float(kept[:, size > size.max() - 1e-9].mean(0).min())
            passed &= covered >= 0.93
            lines.append(f"{name:18}{n:>6}{covered:>10.3f}{kept.sum(1).mean():>11.1f}")
    lines.append(f"verdict: at least .93 everywhere, exact ties included: {'yes' if passed else 'NO'}")
    return lines, passed


if __name__ == "__main__":
    sys.exit(main("--write" in sys.argv))
