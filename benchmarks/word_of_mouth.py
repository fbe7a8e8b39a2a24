"""Speed and coverage of the word-of-mouth room: `python -m benchmarks.word_of_mouth` (about two minutes; --write keeps the result).

Timings: a million cascades, percolation on a graph of a million people, and at 100,000 people the same spread beside ndlib (independent
cascade from 20 people) and EoN (percolation, as ours), which get an environment of their own in .venv-peers. Coverage: profile and Wald
intervals of a Bass market size, 8 % noise on yearly adoptions, by length of the series; series that do not show the peak are refused and
counted.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import HEADER, Timing, fastest, measured_with, rows  # first: it sets one BLAS thread
from benchmarks.peer_environments import measured, python_with, version
from goodwill.word_of_mouth.adoption import BassDiffusion, fit_bass
from goodwill.word_of_mouth.cascade import TellingCascade
from goodwill.word_of_mouth.network import AcquaintanceNetwork, Ties, clusters, configuration_graph
from goodwill.word_of_mouth.telling import NegativeBinomialTelling

TOLD = NegativeBinomialTelling(9.5, 1.36311675)
PASSING = 0.12
TRUTH = BassDiffusion(0.01, 0.4, 20_000)
SERIES = 300


# The same graph for both; only the spread is timed. ndlib goes on until nothing moves, EoN percolates and takes the largest cluster.
NETWORKS = """
import numpy as np, networkx as nx, EoN
from ndlib.models import ModelConfig
from ndlib.models.epidemics import IndependentCascadesModel
ties = np.load(folder + "/ties.npz")
people, passing = int(ties["people"]), float(ties["passing"])
graph = nx.Graph()
graph.add_nodes_from(range(people))
graph.add_edges_from(zip(ties["one"].tolist(), ties["other"].tolist()))
reached = {}
def ndlib():
    model, config = IndependentCascadesModel(graph), ModelConfig.Configuration()
    config.add_model_initial_configuration("Infected", list(range(20)))
    for edge in graph.edges():
        config.add_edge_configuration("threshold", edge, passing)
    model.set_initial_status(config)
    counts = model.iteration(node_status=False)["node_count"]
    while counts[1]:
        counts = model.iteration(node_status=False)["node_count"]
    reached["ndlib"] = counts[2] / people
def eon():
    reached["EoN"] = EoN.estimate_SIR_prob_size(graph, passing)[1]
took = {"ndlib": timed(ndlib, 1), "EoN": timed(eon, 2)}
print(json.dumps({name: times | {"reach": reached[name]} for name, times in took.items()}))
"""


def million_cascades(retell: float) -> str:
    reach = TellingCascade(TOLD, retell, TOLD).simulate(1_000_000)
    return f"mean {reach.mean():.3f}, 100 or more {np.mean(reach >= 100):.5f}"


def percolation(people: int) -> str:
    return large_share(clusters(configuration_graph(TOLD, people), PASSING)[1], people)


def large_share(sizes: Any, people: int) -> str:
    return f"reach {sizes.max() / people:.4f}"


def timings() -> list[str]:
    lines = []
    for retell in (0.05, 0.08):
        name = f"1 million cascades, R = {retell * TOLD.mean:.3f}"
        lines += rows(name, fastest({"goodwill": lambda retell=retell: million_cascades(retell)}, 3), str)  # type: ignore[misc]
    lines += rows("a graph of 1 million people, built and percolated", fastest({"goodwill": lambda: percolation(1_000_000)}, 2), str)
    ties = configuration_graph(TOLD, 100_000)
    timed = fastest({"goodwill": lambda: large_share(clusters(ties, PASSING)[1], 100_000)}, 3) | peers(ties)
    lines += rows("spread among 100,000 people, graph given", timed, str)
    return [*lines, "", f"Reach in theory {AcquaintanceNetwork(TOLD, PASSING).large_cluster:.4f}."]


def peers(ties: Ties) -> dict[str, Timing]:
    """ndlib and EoN on the same graph."""
    python = python_with("networks", "ndlib", "EoN", "six")  # six: used by ndlib, which does not ask for it
    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder, "ties.npz"), one=ties.one, other=ties.other, people=ties.people, passing=PASSING)
        took: Any = measured(python, NETWORKS, folder)
    return {
        f"{name} {version(python, name)}": Timing(found["wall"], found["cpu"], f"reach {found['reach']:.4f}")
        for name, found in took.items()
    }


def coverage(periods: int, rng: np.random.Generator) -> str:
    profile, wald = [], []
    for _ in range(SERIES):
        fit = fit_bass(TRUTH.adoptions(periods) * (1 + 0.08 * rng.standard_normal(periods)))
        if fit.past_peak:
            low, high = fit.market_interval()
            profile.append(low <= TRUTH.market <= high)
            wald.append(abs(fit.model.market - TRUTH.market) <= 1.96 * fit.standard_errors[2])
    if not profile:
        return f"| {periods} | {SERIES} | – | – |"
    error = np.sqrt(0.95 * 0.05 / len(profile))
    return f"| {periods} | {SERIES - len(profile)} | {np.mean(profile):.3f} ± {error:.3f} | {np.mean(wald):.3f} |"


def main(write: bool) -> None:
    rng = np.random.default_rng(1969)
    lines = [*HEADER, *timings(), ""]
    lines += [f"Bass market size, {SERIES} series each, p .01, q .4, peak in year {TRUTH.peak_time:.1f}, 95 % intervals:", ""]
    lines += ["| years | refused | profile covers | Wald covers |", "|--:|--:|--:|--:|"]
    lines += [coverage(periods, rng) for periods in (8, 10, 11, 13, 18)]
    lines += ["", measured_with("goodwill", "numpy", "scipy")]
    print("\n".join(lines))
    if write:
        target = Path(__file__).with_name("results") / "word_of_mouth.txt"
        target.parent.mkdir(exist_ok=True)
        target.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(write="--write" in sys.argv)
