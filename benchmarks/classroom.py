"""A class of thirty, answered by a script of students and graded in one command (python -m benchmarks.classroom --write; minutes).

Good students choose the purchase model by its likelihood; others take a wrong one, are in a hurry, extrapolate, slip, treat all alike,
hand in nothing, or copy: one word for word, one with every number moved by up to two per cent. They see their folders and nothing else.

The regret that marks are held against is not the grader's: it is the money that a firm loses which acts on the answers (`money_lost`), in
expectation under the true models and the true parameters. Writes results/classroom.txt.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from click.testing import CliRunner
from scipy import stats

import goodwill as gw
from goodwill.classroom import Answers, StudentCompany, read_answers, student_company
from goodwill.classroom.answers import ANSWERS, CUSTOMERS
from goodwill.classroom.oracle import Oracle, oracle_of
from goodwill.classroom.students import AHEAD, HORIZON, MARGIN, NOTHING, VISIT_GAIN
from goodwill.cli import main as command

RESULTS = Path(__file__).parent / "results" / "classroom.txt"
SEEDS = (1, 2, 3)
REMARKS = """
Seconds are those of a machine busy with much else; a class takes about 20 of one core to grade.

A first measure of what is lost divided each part by its best gain. It gave .895, .915 and .859: where the best strategy gains next to
nothing, losing it counted as much as losing all visits. What is lost is since then a share of what is at stake between best and worst.
"""
COPIES = ("copies", "disguises")
CLASS = {
    "good": 7,
    "wrong model": 5,
    "in a hurry": 4,
    "extrapolates": 4,
    "slips": 4,
    "all alike": 2,
    "empty": 2,
    "copies": 1,
    "disguises": 1,
}
MODELS = (gw.BetaGeoNBD, gw.ModifiedBetaGeoNBD, gw.ParetoNBD)
Made = dict[str, Any]  # value and visit (Series by customer), numbers, decisions


class Folder:
    """What a student has before her."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.orders = pd.read_csv(place / "orders.csv", parse_dates=["date"])
        self.trial = pd.read_csv(place / "trial.csv")
        self.complaints = pd.read_csv(place / "complaints.csv")
        self.survey = pd.read_csv(place / "survey.csv")
        self.segment = pd.read_csv(place / "customers_known.csv", index_col="customer_id")["segment"]
        task = (place / "TASK.md").read_text("utf8")
        self.visit_cost = float(task.split("A visit costs ")[1].split()[0])
        costs = task.split("gets it and costs: ")[1].split(". ")[0].split(", ")
        self.costs = {name: float(cost.rstrip(".")) for name, cost in (each.split() for each in costs)}

    def summary(self) -> pd.DataFrame:
        each = self.orders.groupby("customer_id")
        first, last, week = each["date"].min(), each["date"].max(), pd.Timedelta(weeks=1)
        end = self.orders["date"].max()
        days = each["date"].nunique()
        return pd.DataFrame(
            {"frequency": days - 1.0, "recency": (last - first) / week, "T": (end - first) / week, "spend": each["amount"].sum()}
        ).assign(all_days=days.astype(float), mean=lambda table: table["spend"] / table["all_days"])


def by_model(folder: Folder, models: tuple = MODELS, *, share: float = 1.0, seed: int = 1) -> Made:
    """Values, visits and forecasts from the likeliest of some models, fitted to a share of the customers."""
    seen = folder.summary()
    fitted = seen if share == 1 else seen.sample(frac=share, random_state=seed)
    fit = max((_fitted(model, fitted) for model in models), key=lambda each: each.log_likelihood)
    spend = _fitted(gw.GammaGamma, fitted.assign(frequency=fitted["all_days"], monetary_value=fitted["mean"])).model
    history = [seen[name].to_numpy() for name in ("frequency", "recency", "T")]
    each = spend.expected_spend(seen["all_days"], seen["mean"])
    value = pd.Series(fit.model.expected_purchases(AHEAD, *history) * each, index=seen.index)
    rng, draws = np.random.default_rng(seed), fit.draws(400, seed) if fit.converged else fit.bootstrap_draws(40, seed)
    bought = draws.draw_purchases(HORIZON, *history, rng)
    spent = spend.draw_spend(bought, seen["all_days"].to_numpy(), seen["mean"].to_numpy(), rng)
    futures = {"orders": bought.sum(1), "spend": spent.sum(1), "buyers": (bought > 0).sum(1)}
    numbers = {name + end: float(np.quantile(drawn, at)) for name, drawn in futures.items() for end, at in _ENDS}
    numbers |= {"purchase_rate": fit.model.r / fit.model.alpha, "mean_spend": spend.p * spend.gamma / (spend.q - 1)}
    return _finished(folder, value, numbers | counted(folder))


_ENDS = (("_low", 0.1), ("", 0.5), ("_high", 0.9))


def _fitted(model: Any, rows: pd.DataFrame) -> Any:
    fit = model.fit(rows)
    return fit if fit.converged else model.fit(rows, prior=1.5)


def counted(folder: Folder) -> dict[str, float]:
    """What needs counting only."""
    arms = folder.trial.groupby("arm")["outcome"].mean()
    return {
        "complaints_per_order": len(folder.complaints) / len(folder.orders),
        "satisfied_share": float((folder.complaints["outcome"] == "satisfied").mean()),
        "top_answers": float((folder.survey["satisfaction"] >= 9).mean()),
        **{f"{name}_effect": float(arms[name] - arms["do_nothing"]) for name in folder.costs},
    }


def _finished(folder: Folder, value: pd.Series, numbers: dict[str, float]) -> Made:
    return {
        "value": value.round(2),
        "visit": VISIT_GAIN * MARGIN * value > folder.visit_cost,
        "numbers": numbers,
        "decisions": best_arms(folder),
    }


def best_arms(folder: Folder) -> dict[str, str]:
    """The strategy of each segment that brought most beyond its cost in the trial."""
    profit = MARGIN * folder.trial["outcome"] - folder.trial["arm"].map(folder.costs).fillna(0.0)
    mean = profit.groupby([folder.trial["segment"], folder.trial["arm"]]).mean().unstack()
    return mean.rename(columns={"do_nothing": NOTHING}).idxmax(axis=1).to_dict()


def good(folder: Folder, rng: np.random.Generator) -> Made:
    return by_model(folder)


def wrong_model(folder: Folder, rng: np.random.Generator) -> Made:
    """Of the two models with one way of leaving, the one that these data like less."""
    seen = folder.summary()
    worst = min(MODELS, key=lambda model: _fitted(model, seen).log_likelihood)
    return by_model(folder, (worst,))


def in_a_hurry(folder: Folder, rng: np.random.Generator) -> Made:
    """A fifth of the customers fitted, no intervals, no word on some of the parameters."""
    made = by_model(folder, (gw.BetaGeoNBD,), share=1 / 5, seed=int(rng.integers(100)))
    left_out = {"voucher_effect", "call_effect", *(name for name in made["numbers"] if name.endswith(("_low", "_high")))}
    made["numbers"] = {name: value for name, value in made["numbers"].items() if name not in left_out}
    return made


def extrapolates(folder: Folder, rng: np.random.Generator) -> Made:
    """Everybody goes on as before."""
    seen = folder.summary()
    value = seen["spend"] / np.maximum(seen["T"], 4) * AHEAD
    orders = float((seen["all_days"] / np.maximum(seen["T"], 4)).sum() * HORIZON)
    numbers = {"orders": orders, "spend": float(value.sum() / 2), "buyers": float(0.8 * len(seen))}
    numbers |= {"purchase_rate": float((seen["frequency"] / np.maximum(seen["T"], 4)).mean()), "mean_spend": float(seen["mean"].mean())}
    return _finished(folder, value, numbers | counted(folder))


def slips(folder: Folder, rng: np.random.Generator) -> Made:
    """Values of half a year in place of a year, a decimal point, the dearest strategy for everybody."""
    made = by_model(folder, (gw.BetaGeoNBD,))
    made["value"] = (made["value"] / 2).round(1)
    made["visit"] = made["visit"] & (rng.random(len(made["visit"])) < 0.5)
    made["numbers"]["spend"] *= 10
    made["numbers"] = {name: value for name, value in made["numbers"].items() if not name.startswith("spend_")}
    made["numbers"]["satisfied_share"] *= 100
    made["decisions"] = dict.fromkeys(made["decisions"], max(folder.costs, key=lambda name: folder.costs[name]))
    return made


def all_alike(folder: Folder, rng: np.random.Generator) -> Made:
    """The mean for everybody."""
    seen = folder.summary()
    value = pd.Series(seen["spend"].mean() / 65 * AHEAD, index=seen.index)
    numbers = {"orders": float(seen["all_days"].sum() * HORIZON / 65), "spend": float(value.sum() / 2)}
    return _finished(folder, value, numbers | counted(folder))


STUDENTS: dict[str, Callable[[Folder, np.random.Generator], Made]] = {
    "good": good,
    "wrong model": wrong_model,
    "in a hurry": in_a_hurry,
    "extrapolates": extrapolates,
    "slips": slips,
    "all alike": all_alike,
}


def write(place: Path, made: Made) -> None:
    """Put answers into a student's folder, numbers to four digits."""
    with (place / CUSTOMERS).open("w", encoding="utf8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("customer_id", "value", "visit"))
        rows.writerows((who, f"{value:g}", "yes" if made["visit"][who] else "no") for who, value in made["value"].items())
    numbers = {name: float(f"{value:.4g}") for name, value in made["numbers"].items()}
    asked = ("orders", "spend", "buyers")
    forecasts = {name: value for name, value in numbers.items() if name.split("_")[0] in asked}
    parts = {"forecasts": forecasts, "parameters": {name: value for name, value in numbers.items() if name not in forecasts}}
    lines = [line for part, given in parts.items() for line in (f"[{part}]", *(f"{name} = {value!r}" for name, value in given.items()))]
    decisions = ["[decisions]", *(f'{name} = "{told}"' for name, told in made["decisions"].items())]
    (place / ANSWERS).write_text("\n".join([*lines, *decisions]) + "\n", "utf8")


def disguised(place: Path, own: Path, rng: np.random.Generator) -> None:
    """Another's answers with every number moved by up to two per cent."""
    theirs = pd.read_csv(place / CUSTOMERS)
    theirs["value"] = (theirs["value"] * rng.uniform(0.98, 1.02, len(theirs))).round(1)
    theirs.to_csv(own / CUSTOMERS, index=False)
    lines = []
    for line in (place / ANSWERS).read_text("utf8").splitlines():
        name, _, told = line.partition(" = ")
        moved = told and not told.startswith('"')
        lines.append(f"{name} = {float(told) * rng.uniform(0.98, 1.02):.4g}" if moved else line)
    (own / ANSWERS).write_text("\n".join(lines) + "\n", "utf8")


def answer_class(out: Path, names: list[str], seed: int) -> dict[str, str]:
    """Everybody answers, in an order drawn by lot. Returns the kind of each student, and whom a copy is of."""
    rng = np.random.default_rng(seed)
    kinds = dict(zip(names, rng.permutation(np.repeat(list(CLASS), list(CLASS.values()))).tolist(), strict=True))
    for name, kind in kinds.items():
        if kind in STUDENTS:
            write(out / name, STUDENTS[kind](Folder(out / name), rng))
    sources = iter(rng.permutation([name for name, kind in kinds.items() if kind == "good"]).tolist())
    for name, kind in list(kinds.items()):
        if kind == "copies":
            source = next(sources)
            for file in (ANSWERS, CUSTOMERS):
                (out / name / file).write_bytes((out / source / file).read_bytes())
            kinds[name] = f"copies {source}"
        elif kind == "disguises":
            source = next(sources)
            disguised(out / source, out / name, rng)
            kinds[name] = f"disguises {source}"
    empty = [name for name, kind in kinds.items() if kind == "empty"]
    (out / empty[-1] / ANSWERS).unlink()  # one never opened the sheet, the other threw it away
    return kinds


def money_lost(answers: Answers, student: StudentCompany, oracle: Oracle) -> float:
    """What acting on the answers loses of what is at stake between the best and the worst way to act: the mean of five shares, 0 to 1.

    Ten offers of rising cost, to whoever is thought worth more than they cost; visits; strategies; stock for the forecasts, and plans on
    the parameters, both of which lose what they are off by, at most all. Who did not answer does nothing.
    """
    brings, gains, arms = oracle.values, oracle.visit_gains, oracle.strategy_gains
    value = pd.Series(answers.values, dtype=float).reindex(brings.index, fill_value=0.0)
    visited = pd.Series(answers.visits, dtype=bool).reindex(brings.index, fill_value=False)
    chosen = float(sum(arms.loc[segment, answers.decisions.get(segment, NOTHING)] for segment in arms.index))
    offers = [brings - float(cost) for cost in np.quantile(brings, np.linspace(0.05, 0.95, 10))]
    accepted = sum(float(gain[value > brings - gain].sum()) for gain in offers)
    shares = [
        _share_lost(accepted, sum(_best(gain) for gain in offers), -sum(_best(-gain) for gain in offers)),
        _share_lost(float(gains[visited].sum()), _best(gains), -_best(-gains)),
        _share_lost(chosen, float(arms.max(axis=1).sum()), float(arms.min(axis=1).sum())),
        np.mean([_stock_lost(answers.forecasts.get(name, 0.0), drawn) for name, drawn in oracle.futures.items()]),
        np.mean([min(abs(answers.parameters.get(name, 0.0) / known.truth - 1), 1.0) for name, known in oracle.parameters.items()]),
    ]
    return float(np.mean(shares))


def _best(gains: pd.Series) -> float:
    """What is gained by choosing just those on whom anything is gained."""
    return float(gains.clip(lower=0).sum())


def _share_lost(gained: float, best: float, worst: float) -> float:
    return (best - gained) / (best - worst) if best > worst else 0.0


def _stock_lost(stocked: float, drawn: np.ndarray) -> float:
    """What is short or left over, beyond what the best forecast has to bear, as a share of what comes."""
    least = np.abs(drawn - np.median(drawn)).mean()
    return float(min((np.abs(drawn - stocked).mean() - least) / drawn.mean(), 1.0))


def one_class(seed: int, students: int = 30) -> dict[str, Any]:
    """A class made, answered and graded by the commands; what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        out, secret = Path(folder) / "class", Path(folder) / "class.secret"
        secret.write_text(f'{{"made_by": "goodwill class", "secret": "{seed:064x}"}}', "utf8")
        run = CliRunner().invoke
        assert run(command, ["class", "--students", str(students), "--out", str(out)]).exit_code == 0
        names = sorted(path.name for path in out.iterdir() if path.is_dir())
        kinds, started = answer_class(out, names, seed), time.perf_counter()
        done = run(command, ["grade", str(out)])
        assert done.exit_code == 0, done.output
        seconds = time.perf_counter() - started
        table = pd.read_csv(Path(folder) / "class.marks.csv", keep_default_na=False).set_index("student")
        lost = pd.Series({name: _lost(out / name, f"{seed:064x}".encode(), name) for name in names})
    return {"kinds": kinds, "table": table.assign(lost=lost), "seconds": seconds}


def _lost(folder: Path, secret: bytes, name: str) -> float:
    student = student_company(secret, name)
    oracle = oracle_of(student)
    try:
        answers = read_answers(folder, list(student.history.index), [segment for segment, _ in student.mechanism.segments])
    except gw.DataError:
        answers = Answers()
    return money_lost(answers, student, oracle)


def judged(made: dict[str, Any]) -> dict[str, Any]:
    """Rank correlation of marks with true regret, and who was flagged rightly and wrongly."""
    table, kinds = made["table"], made["kinds"]
    copies = {name: kind.split()[1] for name, kind in kinds.items() if kind.startswith(COPIES)}
    flagged = {(name, other) for name, others in table["copied"].items() for other in others.split(", ") if other}
    rho = float(stats.spearmanr(table["mark"], -table["lost"]).statistic)
    return {"rho": rho, "caught": len(flagged & set(copies.items())), "copies": len(copies), "wrong": len(flagged - set(copies.items()))}


def report(seed: int, made: dict[str, Any]) -> list[str]:
    """A few lines on one class."""
    found, table = judged(made), made["table"]
    kind = pd.Series({name: kind.split()[0] if " student" in kind else kind for name, kind in made["kinds"].items()})
    mean = table.groupby(kind)[["mark", "values", "forecasts", "decisions", "parameters", "lost"]].mean().reindex(CLASS)
    head = (
        f"Class {seed}: rank correlation of marks with the money that is truly lost {found['rho']:.3f}; "
        f"{found['caught']} of {found['copies']} copies flagged, {found['wrong']} honest students flagged; "
        f"graded in {made['seconds']:.0f} s."
    )
    return [head, "", *mean.round(2).to_string().splitlines(), ""]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep what was found in results/")
    parser.add_argument("--seeds", type=int, nargs="*", default=list(SEEDS))
    given = parser.parse_args()
    lines = [
        "A class of 30, answered by a script and graded in one command (python -m benchmarks.classroom --write)",
        "lost: of the money at stake between the best and the worst way to act (offers, visits, strategies, stock, plans), the mean share",
        "",
    ]
    print("\n".join(lines), flush=True)
    for seed in given.seeds:
        lines += (found := report(seed, one_class(seed)))
        print("\n".join(found), flush=True)
    if given.write:
        RESULTS.write_text("\n".join(lines).rstrip("\n") + "\n" + REMARKS, "utf8")


if __name__ == "__main__":
    main()
