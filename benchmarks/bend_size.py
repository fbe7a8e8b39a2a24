"""How often is a bend told apart where there is none? (`python -m benchmarks.bend_size`, about half an hour)

Surveys are simulated on 5 and on 10 levels under smooth truths, and counted are those in which `goodwill.satisfaction.find_bend` tells
a bend apart: at most 5 % should. Then the same under truths with a kink: how often it is found, and how often its set then holds it.
Seeds are fixed, three of them. With `--write` the tables go to benchmarks/results/bend_size.txt. Exit status 1 if the verdict fails.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from goodwill.satisfaction.bends import BEND_CUT, other_scales, smooth_rivals
from goodwill.satisfaction.cells import LoyaltyCells
from goodwill.satisfaction.kink import HONEST_CUT, profile_log_likelihood

FloatArray = NDArray[np.float64]

SEEDS = (11, 12, 13)
SIZES = (200, 1000, 8000)
ANSWERS = {
    5: np.array([0.05, 0.08, 0.17, 0.42, 0.28]),
    10: np.array([0.019, 0.013, 0.018, 0.027, 0.054, 0.080, 0.142, 0.210, 0.184, 0.253]),  # of ACSI 2015
}


def expit(x: FloatArray) -> FloatArray:
    return 1 / (1 + np.exp(-x))


# Loyalty by place on the scale, u from 0 (lowest answer) to 1 (highest).
SMOOTH: dict[str, Callable[[FloatArray], FloatArray]] = {
    "no relation": lambda u: np.full_like(u, 0.5),
    "straight in the shares": lambda u: 0.05 + 0.85 * u,
    "power": lambda u: 0.9 * (0.1 + 0.9 * u) ** 3,
    "exponential": lambda u: 0.95 * np.exp(-3.5 * (1 - u)),
    "stretched": lambda u: 0.97 * np.exp(-3 * (1 - u) ** 1.6),
    "square": lambda u: 0.03 + 0.9 * u**2,
    "Gompertz": lambda u: 0.95 * np.exp(-np.exp(2.2 - 4.5 * u)),
    "square root": lambda u: 0.02 + 0.93 * np.sqrt(u),
    "saturating": lambda u: 1 - np.exp(-np.exp(-3 + 4.2 * u)),
    "logistic": lambda u: expit(-4 + 6.5 * u),
    "floor and ceiling": lambda u: 0.02 + 0.94 * expit(13 * (u - 0.8)),
    "normal scores": lambda u: ndtr(-2.6 + 2.2 * u + 1.9 * u**2),
    "gradual bend": lambda u: expit(-3.6 + u + 1.1 * np.logaddexp(0, (9 * u - 5.5) / 1.2)),
}


def kinked(place: float) -> Callable[[FloatArray], FloatArray]:
    """Log-odds that rise by 1 over the scale before the kink, and by 13 after it."""
    return lambda u: expit(-3 + u + 12 * np.maximum(u - place, 0))


KINKED = {"kink at 5/9": 5 / 9, "kink at 2/3": 2 / 3, "kink at 3/4": 3 / 4}


def surveys(truth: FloatArray, points: int, n: int, sets: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Loyal and all answers at each level; surveys that leave a level unanswered keep it with a hundredth of an answer."""
    size = rng.multinomial(n, ANSWERS[points], sets)
    loyal = rng.binomial(size, truth).astype(float)
    return np.where(size > 0, loyal, 0.01 * truth), np.where(size > 0, size, 0.01)


def gains(levels: FloatArray, loyal: FloatArray, n: FloatArray, least: float = 0.0) -> tuple[FloatArray, FloatArray, FloatArray]:
    """What a kink gains over smooth curves in each survey, as `goodwill.satisfaction.find_bend` has it; places tried and the profile there.

    The slow rivals are fitted only where the gain over the fast ones is above `least`; elsewhere it is an upper bound.
    """
    places = np.linspace(levels[1], levels[-2], 12 * (len(levels) - 3) + 1)
    profile = profile_log_likelihood(levels, loyal, n, places)
    rivals = np.max(list(smooth_rivals(levels, loyal, n).values()), axis=0)
    found = 2 * (profile.max(1) - rivals)
    for i in np.flatnonzero(found > least):
        slow = other_scales(LoyaltyCells(levels, n[i], loyal[i], n[i]))
        found[i] = min(found[i], 2 * (profile[i].max() - max(slow.values())))
    return found, places, profile


def size_study(sets: int, cut: float) -> tuple[list[str], float]:
    """Share of surveys in which a bend is told apart though the truth is smooth, and the largest of these shares."""
    lines, worst = [f"{'smooth truth':26}{'levels':>7}" + "".join(f"{n:>9}" for n in SIZES)], 0.0
    for name, curve in SMOOTH.items():
        for points in ANSWERS:
            shares = [found_and_held(curve, None, points, n, sets, cut)[0] for n in SIZES]
            worst = max(worst, *shares)
            lines.append(f"{name:26}{points:>7}" + "".join(f"{share:>9.3f}" for share in shares))
            print(lines[-1], flush=True)
    return lines, worst


def found_and_held(
    curve: Callable[[FloatArray], FloatArray], place: float | None, points: int, n: int, sets: int, cut: float
) -> tuple[float, float]:
    """Share of surveys in which a bend is told apart, and share of those whose set of places holds the true one (nan without one)."""
    levels = np.arange(1.0, points + 1)
    truth = curve((levels - 1) / (points - 1))
    found, held = [], []
    for seed in SEEDS:
        gain, places, profile = gains(levels, *surveys(truth, points, n, sets, np.random.default_rng(seed)), least=cut)
        found.append(gain > cut)
        near = int(np.argmin(np.abs(places - (1 + (place or 0) * (points - 1)))))
        held.append((2 * (profile.max(1) - profile[:, near]) <= HONEST_CUT)[gain > cut])
    kept = np.concatenate(held)
    return float(np.mean(found)), float(kept.mean()) if place is not None and len(kept) else float("nan")


def power_study(sets: int, cut: float) -> list[str]:
    """Share of surveys in which a true kink is told apart, and share of those whose set holds its place."""
    lines = [f"{'truth with a kink':26}{'levels':>7}" + "".join(f"{n:>9}{'held':>7}" for n in SIZES)]
    for name, place in KINKED.items():
        for points in ANSWERS:
            cells = [found_and_held(kinked(place), place, points, n, sets, cut) for n in SIZES]
            lines.append(f"{name:26}{points:>7}" + "".join(f"{found:>9.3f}{held:>7.2f}" for found, held in cells))
            print(lines[-1], flush=True)
    return lines


def main(write: bool, sets: int = 70) -> int:
    """Print the tables, say whether the verdict holds, and keep them if asked."""
    start = time.perf_counter()
    head = f"A bend is told apart when twice the log-likelihood gains more than {BEND_CUT:g}. Seeds {SEEDS}, {sets} surveys each in a cell."
    print(head)
    first, worst = size_study(sets, BEND_CUT)
    error = float(np.sqrt(0.05 * 0.95 / (len(SEEDS) * sets)))
    passed = worst <= 0.05 + 3 * error
    verdict = (
        f"verdict: at most 5 % (within three errors of {error:.3f}) under smooth truths: {'yes' if passed else 'NO'} (most {worst:.3f})"
    )
    lines = [head, *first, verdict, "", *power_study(sets, BEND_CUT), f"{time.perf_counter() - start:.0f} s on one core"]
    print(lines[-1], verdict, sep="\n")
    if write:
        (Path(__file__).with_name("results") / "bend_size.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0 if passed else 1


if __name__ == "__main__":
    raise SystemExit(main("--write" in sys.argv[1:]))
