"""The result of the tournament as text."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.tournament.headlines import FEWEST_OWN, priors, with_headlines
from benchmarks.tournament.scores import BEST_SO_FAR, SINGLE
from goodwill.inference.track_record import Prior
from goodwill.inference.uncertainty import normal_quantile
from goodwill.lifetime_value.evidence.stacking import STACKED

RESAMPLES, SEED = 10_000, 1
DEFAULT = SINGLE[0]
CLAIMED = (("held", "held", "as claimed"),)
HEADLINES = (("wide_held", "wide_held", "headlines"), ("wide_held", "held", "its headline, the rival as claimed"))


def means(rows: pd.DataFrame) -> pd.DataFrame:
    """Means over dates by forecast; of bias the mean and the mean size; the best log score first, then the least absolute error.

    Whoever was not asked on every date comes after all who were: means over other dates say nothing of who is better.
    """
    each = rows.assign(size=rows["bias"].abs(), money_size=rows["money"].abs()).groupby("forecast")
    found = each[["log_score", "MAE", "bias", "size", "money", "money_size", "held", "interval_score", "seconds"]].mean()
    found.insert(0, "dates", each.size())
    asked = found["dates"] == found["dates"].max()
    best = found.assign(asked=asked).sort_values(["asked", "log_score", "MAE"], ascending=[False, False, True], na_position="last")
    return best.drop(columns="asked")


def table(rows: pd.DataFrame) -> list[str]:
    """The means as text."""
    found = means(rows)
    head = f"{'forecast':<26}{'dates':>6}{'log score':>11}{'MAE':>8}{'bias':>8}{'|bias|':>8}{'money':>8}{'|money|':>8}"
    lines = [f"{head}{'held %':>8}{'int. score':>11}{'CPU s':>8}"]
    for name, row in found.iterrows():
        cells = [f"{row['log_score']:>11.4f}", f"{row['MAE']:>8.3f}", f"{row['bias']:>+8.1%}", f"{row['size']:>8.1%}"]
        cells += [f"{row['money']:>+8.1%}", f"{row['money_size']:>8.1%}", f"{100 * row['held']:>8.0f}", f"{row['interval_score']:>11.2f}"]
        lines.append(f"{name:<26}{row['dates']:>6.0f}{''.join(cells)}{row['seconds']:>8.2f}".replace("nan", "  -"))
    return lines


def on_the_same_dates(rows: pd.DataFrame) -> list[str]:
    """Each forecast that was not asked everywhere beside the stacked one and the default, where it was: log score, |bias|, held."""
    lines, dates = [], rows.groupby(["set", "cut"]).ngroups
    for name in rows["forecast"].unique():
        own = rows[rows["forecast"] == name].set_index(["set", "cut"])
        if len(own) == dates or own["log_score"].isna().all():
            continue
        cells = [f"{name}, where it was asked ({len(own)} dates of {own.index.get_level_values(0).nunique()} sets):"]
        for each in (name, DEFAULT, STACKED):
            part = rows[rows["forecast"] == each].set_index(["set", "cut"]).reindex(own.index)
            held = "" if part["held"].isna().any() else f", held {100 * part['held'].mean():.0f} %"
            cells.append(f"{each} {part['log_score'].mean():.4f}, |bias| {part['bias'].abs().mean():.1%}{held};")
        lines.append(" ".join(cells).rstrip(";"))
    return lines


def witnesses(rows: pd.DataFrame) -> pd.Series:
    """Of which source each row is: a simulated company is one, and so is a real company however often it is entered."""
    return rows["set"].where(rows["kind"] == "simulated", rows["family"])


def difference(of: pd.Series, rival: pd.Series, source: pd.Series) -> tuple[float, float, float]:
    """Mean difference over dates, with the 95 % interval of a bootstrap of sources; the three are aligned by date."""
    gain = pd.DataFrame({"gain": of - rival, "source": source}).dropna()
    each = gain.groupby("source", sort=False)["gain"].agg(["sum", "size"]).to_numpy(float)
    drawn = np.random.default_rng(SEED).integers(len(each), size=(RESAMPLES, len(each)))
    means = each[drawn, 0].sum(axis=1) / each[drawn, 1].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(gain["gain"].mean()), float(low), float(high)


def stands(low: float, high: float) -> str:
    """Whether a difference is told apart from zero."""
    return "higher" if low > 0 else "lower" if high < 0 else "not told apart"


def scores_told(rows: pd.DataFrame) -> list[str]:
    """The stacked forecast against single models: log score by date, standard error over sources."""
    wide = rows.pivot_table(index=["set", "cut"], columns="forecast", values="log_score")
    source = rows.assign(source=witnesses(rows)).groupby(["set", "cut"])["source"].first()
    best = str(wide[list(SINGLE)].mean().idxmax())
    lines = []
    for name, what in ((best, "the best single model in hindsight"), (DEFAULT, "the default"), (BEST_SO_FAR, "the best single one so far")):
        by_source = (wide[STACKED] - wide[name]).groupby(source).mean()
        mean, error = float(by_source.mean()), float(by_source.std(ddof=1) / np.sqrt(len(by_source)))
        fair = "not worse beyond its standard error" if mean >= -error else "worse beyond its standard error"
        lines.append(
            f"stacked less {name} ({what}): {mean:+.5f} a customer, standard error {error:.5f} over {len(by_source)} sources: {fair}"
        )
    return lines


def intervals(part: pd.DataFrame) -> pd.DataFrame:
    """By forecast: dates; share held, interval score and width as claimed; and the same of the headline."""
    wide = part.assign(width=(part["upper"] - part["lower"]) / part["came"], reach=(part["wide_upper"] - part["wide_lower"]) / part["came"])
    each = wide.groupby("forecast", sort=False)
    found = each[["held", "interval_score", "width", "wide_held", "wide_score", "reach"]].mean()
    found.insert(0, "dates", each.size())
    return found.sort_values("wide_score")


def by_own_record(wide: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """All dates, and those on which a report claims a headline, with their titles."""
    own = wide[wide["past"] >= FEWEST_OWN]
    titles = ("all dates", f"dates with {FEWEST_OWN} own hold-outs or more behind them, on which reports claim the headline")
    return [
        (f"{title} ({part.groupby(['set', 'cut']).ngroups})", part) for title, part in zip(titles, (wide, own), strict=True) if len(part)
    ]


def coverage_told(wide: pd.DataFrame) -> list[str]:
    """What intervals of totals held: as claimed, and as headlines; and the stacked forecast against the fair rivals."""
    (title, everywhere), *own = by_own_record(wide)
    lines = [title, f"{'forecast':<26}{'dates':>6}{'held %':>8}{'int. score':>11}{'width':>8}"]
    for name, row in intervals(everywhere).sort_values("interval_score").iterrows():
        cells = f"{100 * row['held']:>8.0f}{row['interval_score']:>11.2f}{row['width']:>8.2f}"
        lines.append(f"{name:<26}{row['dates']:>6.0f}{cells}")
    lines += [f"  {line}" for line in comparisons(everywhere, CLAIMED)]
    for title, part in own:
        head = f"{'forecast':<26}{'dates':>6}{'held %':>8}{'int. score':>11}{'width':>8}{'headline %':>12}{'int. score':>11}{'width':>8}"
        lines += ["", title, head]
        for name, row in intervals(part).iterrows():
            cells = f"{100 * row['held']:>8.0f}{row['interval_score']:>11.2f}{row['width']:>8.2f}"
            cells += f"{100 * row['wide_held']:>12.0f}{row['wide_score']:>11.2f}{row['reach']:>8.2f}"
            lines.append(f"{name:<26}{row['dates']:>6.0f}{cells}")
        lines += [f"  {line}" for line in comparisons(part, CLAIMED + HEADLINES)]
    lines += ["", "the stacked forecast by how many own hold-outs were over", *by_count(wide)]
    return lines


def by_count(wide: pd.DataFrame) -> list[str]:
    """What the stacked forecast's intervals held by how many own hold-outs were over; below two no headline is claimed in reports."""
    lines = [f"{'own':<6}{'dates':>6}{'held %':>8}{'headline %':>12}{'median width':>14}"]
    mine = wide[wide["forecast"] == STACKED]
    for count, part in mine.groupby("past"):
        width = ((part["wide_upper"] - part["wide_lower"]) / part["came"]).median()
        lines.append(f"{count:<6}{len(part):>6}{100 * part['held'].mean():>8.0f}{100 * part['wide_held'].mean():>12.0f}{width:>14.2f}")
    return lines


def comparisons(part: pd.DataFrame, pairs: tuple[tuple[str, str, str], ...]) -> list[str]:
    """Shares held by the stacked forecast less those of its rivals."""
    held = {what: part.pivot_table(index=["set", "cut"], columns="forecast", values=what) for what in ("held", "wide_held")}
    source = part.assign(source=witnesses(part)).groupby(["set", "cut"])["source"].first()
    lines = []
    for mine, other, what in pairs:
        for rival in (DEFAULT, BEST_SO_FAR):
            mean, low, high = difference(held[mine][STACKED], held[other][rival], source)
            points = f"{100 * mean:+.1f} points [{100 * low:+.1f}, {100 * high:+.1f}]"
            lines.append(f"stacked less {rival}, {what}: {points}: {stands(low, high)}")
    return lines


def left_out(rows: pd.DataFrame) -> list[str]:
    """What the models' intervals of purchases leave out, on the scale of logarithms, as a track record begins with it."""
    lines = [f"{'forecast':<26}{'data':<12}{'errors':>7}{'rms error':>11}{'claimed':>9}{'tau':>7}"]
    apart = rows[rows["family"] != "cdnow"].assign(kind=lambda r: r["kind"].where(r["kind"] == "simulated", "journey"))
    for (name, kind), part in apart[apart["held"].notna()].groupby(["forecast", "kind"], sort=False):
        error = np.log(part["came"] / part["expected"])
        end = np.where(error >= 0, part["upper"], part["lower"])
        claimed = np.log(end / part["expected"]) / normal_quantile(0.95)
        tau = np.sqrt(max(float((error**2 - claimed**2).mean()), 0.0))
        sizes = f"{np.sqrt((error**2).mean()):>11.3f}{np.sqrt((claimed**2).mean()):>9.3f}{tau:>7.3f}"
        lines.append(f"{name:<26}{kind:<12}{len(part):>7}{sizes}")
    return lines


def believed(found: dict[str, Prior]) -> list[str]:
    """The priors by forecast."""
    lines = [f"{'forecast':<26}{'tau':>7}{'degrees':>9}"]
    return lines + [f"{name:<26}{one.tau:>7.3f}{one.degrees:>9.1f}" for name, one in found.items()]


def written(rows: pd.DataFrame, missing: list[str] | None = None) -> str:
    """The result as text."""
    lines = ["Forecasts of purchases over data sets and dates (python -m benchmarks.tournament --write); log score and MAE by customer", ""]
    if missing:
        lines += [f"Left out: {', '.join(missing)}.", ""]
    groups = [("all data", rows), *((kind, rows[rows["kind"] == kind]) for kind in ("real", "simulated"))]
    for where, part in groups:
        if len(part):
            lines += [f"{where}: {part['set'].nunique()} data sets, {part.groupby(['set', 'cut']).ngroups} dates", *table(part), ""]
    lines += [
        "Forecasts that were not asked everywhere",
        *on_the_same_dates(rows),
        "",
        "The stacked forecast, log score",
        *scores_told(rows),
        "",
    ]
    wide = with_headlines(rows)
    for where in ("all data", "real", "simulated"):
        part = wide if where == "all data" else wide[wide["kind"] == where]
        if len(part):
            lines += [f"Intervals of totals, {where}", *coverage_told(part), ""]
    lines += ["Beyond what the intervals claim (errors of totals of purchases; CDNOW left out)", *left_out(rows), ""]
    lines += ["What a track record begins with: the prior of all these data but CDNOW", *believed(priors(rows)), ""]
    for name, part in rows.groupby("set", sort=False):
        first = part[part["forecast"] == STACKED]
        lines += [f"{name} ({int(part['customers'].max()):,} customers)"]
        lines += [f"  weights on {cut}: {weights}" for cut, weights in zip(first["cut"], first["weights"], strict=True)]
        lines += [*table(part), ""]
    return "\n".join(line.rstrip() for line in lines).rstrip() + "\n"
