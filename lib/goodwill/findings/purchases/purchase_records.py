"""What stands in the way of purchase models in the records themselves: logs cut out of longer ones, and the calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.figures import model_comparison as figures
from goodwill.findings.finding import Absent, Drawing, Finding, Part, Table, Value, missing, needs_all
from goodwill.findings.words import listed, sentence, table_in_words, worded

if TYPE_CHECKING:
    from goodwill.data.date_grain import DateGrain
    from goodwill.lifetime_value.evidence.seasons import CalendarProfile, SeasonGap
    from goodwill.lifetime_value.evidence.windows import FirstPurchasePile
    from goodwill.lifetime_value.richer.regularity import RegularityChoice

SURELY = 0.001  # p-values below are said to be below
MOST_NAMED = 4  # days and weeks that are named one by one

P_VALUE = {"shown": "p = {p:.3f}", "below": "p < .001"}
PILE = {
    "too few": "The data are too short, or first purchases too few, to see whether they pile up at the start.",
    "cohort": (
        "Nobody is first seen after {stop}, {silent} days before the data end: these customers were chosen by when they first bought, "
        "a cohort. Within these {span} days the first eighth holds {ratio:.2f} [{lower:.2f}, {upper:.2f}] times as many first purchases "
        "as the later trend gives ({p}), which is no pile. Whether they had bought before {first} only its source can say."
    ),
    "truncated": (
        "Nobody is first seen after {stop}, {silent} days before the data end: these customers were chosen by when they first bought, "
        "a cohort. Within these {span} days the first eighth holds {ratio:.2f} [{lower:.2f}, {upper:.2f}] times as many first purchases "
        "as the later trend gives ({p}), which may be old customers. Whether they had bought before {first} only its source can say."
    ),
    "piled": (
        "The first eighth of the time holds {ratio:.2f} [{lower:.2f}, {upper:.2f}] times as many first purchases as the later trend "
        "gives ({p}). Part of these customers are old, and the log begins in the middle of their story; keep only those first seen "
        "after {until}, or later, unless a season or a promotion explains the start."
    ),
    "unclear": (
        "The first eighth of the time holds {ratio:.2f} [{lower:.2f}, {upper:.2f}] times as many first purchases as the later trend "
        "gives ({p}): too few to tell whether the log begins in the middle of the story."
    ),
    "even": (
        "The first eighth of the time holds {ratio:.2f} [{lower:.2f}, {upper:.2f}] times as many first purchases as the later trend "
        "gives ({p}): no pile of old customers shows. Slow ones may still be among the new."
    ),
}
PILE_TITLE = {
    "too few": "Too few first purchases to tell whether they pile up at the start",
    "cohort": "Customers were chosen by when they first bought: a cohort, without a pile at its start",
    "truncated": "A cohort whose start holds more first purchases than its trend: some may be old customers",
    "piled": "The start holds {ratio:.1f} times the first purchases of the later trend: old customers",
    "unclear": "First purchases are too few to tell whether they pile up at the start",
    "even": "First purchases do not pile up at the start",
}
PILE_CAPTION = "First purchases per period, with the trend of the later half carried back and the 95 % range of a count."

WEEKDAYS = {"differ": "{high}s see {most:.2f} and {low}s {least:.2f} times the purchases of a mean day."}
DAY = {"named": "{date} ({occasion}, {ratio:.1f} times)", "unknown": "{date} (no known occasion, {ratio:.1f} times)"}
DAYS = {
    "none": "No single day sticks out.",
    "one": "1 day sticks out: {days}.",
    "few": "{count} days stick out: {days}.",
    "many": "{count} days stick out, among them {days}.",
}
WEEK = {"named": "{date} ({occasion})", "unknown": "{date}"}
WEEKS = {
    "one": "1 week sticks out, that from {weeks}.",
    "few": "{count} weeks stick out, those from {weeks}.",
    "many": "{count} weeks stick out, among them those from {weeks}.",
}
SEASON = {
    "too short": "With {months:.0f} months of data a season cannot be told from a trend.",
    "seen": "The strongest month is {month}, {ratio:.2f} [{lower:.2f}, {upper:.2f}] times the mean month.",
}
CALENDAR_TITLE = {
    ("too short", "none"): "No day sticks out; with {months:.0f} months of data a season cannot be told from a trend",
    ("too short", "one"): "1 day sticks out of {days}; with {months:.0f} months of data a season cannot be told from a trend",
    ("too short", "some"): "{count} days stick out of {days}; with {months:.0f} months of data a season cannot be told from a trend",
    ("seen", "none"): "{month} sees {ratio:.2f} times the mean month",
    ("seen", "one"): "{month} sees {ratio:.2f} times the mean month; {named} sticks out",
    ("seen", "some"): "{month} sees {ratio:.2f} times the mean month; {named} stick out",
}
CALENDAR_CAPTION = (
    "Repeat purchases per week with their local level; days that chance does not explain are marked. "
    "Right: ratios to the mean, with 95 % intervals."
)
GAP = {
    "alike": "Calibration and hold-out cover the year alike ({overlap:.0%} of their days are in the same months).",
    "apart": "Calibration and hold-out lie in different parts of the year ({overlap:.0%} of their days are in the same months).",
}
ONLY = {
    (True, True): "Only the calibration holds {calibration}, and only the hold-out {holdout}.",
    (True, False): "Only the calibration holds {calibration}.",
    (False, True): "Only the hold-out holds {holdout}.",
}
ON = {
    "first": "the first of a month",
    "last": "the last of a month",
    "weekday": "a {on}",
    "number": "day {on} of a month",
    "": "{step} days apart from the next",
}
GRAIN = {
    "all": "Every date is {on}: it stands for {length}, and no day of purchase is known.",
    "most": "{share:.0%} of the dates are {on}: they stand for {length}, and no day of purchase is known.",
}
LENGTH = {
    "week": "a week",
    "month": "a month",
    "quarter": "a quarter of the year",
    "year": "a year",
    "days": "{step} days",
}
COARSE = {
    "counted": (
        "Purchases of one customer within that time have become one, and the models here, which count days, are misled by it. Count by the "
        "{period} instead (purchase_opportunities) and use the model that knows only periods (BetaGeoNBDByPeriod), or, where at most one "
        "purchase fits into a {period}, BetaGeoBetaBinom; or take dates from a source that knows the day."
    ),
    "rhythm": (
        "Purchases of one customer within that time have become one, and the models here, which count days, are misled by it. "
        "Take dates from a source that knows the day."
    ),
}
SIZE = {
    "unknown": "How much that changes cannot be measured with {months:.0f} months of data: a season needs two years.",
    "known": (
        "By season alone a day of the hold-out sees {change:+.0%} [{lower:+.0%}, {upper:+.0%}] purchases of a day of the calibration; "
        "no model here knows that."
    ),
    "told": (
        "By season alone a day of the hold-out sees {change:+.0%} [{lower:+.0%}, {upper:+.0%}] purchases of a day of the calibration; "
        "the calendar of the model is there to know that."
    ),
}
REGULAR = {
    "random": (
        "By the likelihood of all gaps customers buy **at random moments** rather than at regular times: silence alone says who may have "
        "left, nobody is overdue."
    ),
    "feigned": (
        "Gaps of {k} stages are more likely than random ones, by {gain:,.1f} in all, but merging the purchases of a day feigns up to "
        "{feigned:,.1f} of it: **regular times are not told apart from random moments**."
    ),
    "regular": (
        "**Customers buy at regular times**: gaps of {k} stages are more likely than random ones, by {gain:,.1f} in all, of which merging "
        "the purchases of a day feigns at most {feigned:,.1f}. Who is overdue is more surely gone than a model of random moments says; "
        "BG/CNBD-{k}, which knows that, is among the models compared."
    ),
}
REGULAR_LABEL = "Stages of a gap between purchases: 1 is at random, more is regular"
REGULAR_CAPTION = "Log-likelihood of all purchases with their gaps, by stages of a gap"


def p_in_words(p: float) -> str:
    """A p-value with three decimals, or that it is below one in a thousand."""
    return worded(P_VALUE, "below" if p < SURELY else "shown", p=p)


def first_purchases(pile: FirstPurchasePile) -> Finding:
    """Whether first purchases pile up at the start of the data, as in a log cut out of a longer one."""
    title = worded(PILE_TITLE, _pile_key(pile), ratio=pile.ratio.estimate)
    some = pile.periods.iloc[:: max(1, len(pile.periods) // 10)]
    words = table_in_words("First purchases", some, ["start", "births"])
    drawing = Drawing(figures.first_purchases(pile, title=title), PILE_CAPTION, words)
    return Finding({"first_purchases": drawing}, pile_in_words(pile))


def pile_in_words(pile: FirstPurchasePile) -> str:
    """What the first purchases say of the records, as Markdown."""
    ratio = pile.ratio
    return sentence(
        PILE,
        _pile_key(pile),
        stop=pile.stop,
        silent=pile.days - pile.span,
        span=pile.span,
        ratio=ratio.estimate,
        lower=ratio.lower,
        upper=ratio.upper,
        p=p_in_words(pile.p_value),
        first=pile.first,
        until=pile.until,
    )


@needs_all({"regularity": REGULAR_LABEL})
def regularity(found: RegularityChoice) -> Finding:
    """Whether customers buy at regular times, by the likelihood of all gaps."""
    gain = float(found.table["gain"].max())
    key = "regular" if found.k > 1 else "feigned" if gain > 0 else "random"
    best = int(list(found.table.index)[int(found.table["gain"].to_numpy().argmax())])
    table = found.table.assign(average=found.table["gain"] / found.fits[1].n).reset_index()
    parts: dict[str, Part] = {
        "regularity": Value(found.k, REGULAR_LABEL),
        "regularities": Table(table, REGULAR_CAPTION, {"log_likelihood": "{:,.1f}", "gain": "{:,.1f}", "average": "{:+.4f}"}),
    }
    return Finding(parts, sentence(REGULAR, key, k=best, gain=gain, feigned=found.feigned))


def dates(grain: DateGrain) -> Finding:
    """That dates stand for a week, a month or longer; nothing where they are known to the day."""
    return Finding({}, grain_in_words(grain) if grain.is_coarse else "")


def grain_in_words(grain: DateGrain) -> str:
    """What the dates stand for and what that does to purchase models, as Markdown; for dates that are coarse."""
    on = worded(ON, _place(grain.on), on=grain.on, step=grain.step)
    length = worded(LENGTH, grain.kind, step=grain.step)
    return " ".join(
        [
            sentence(GRAIN, "all" if grain.share == 1 else "most", on=on, length=length, share=grain.share),
            sentence(COARSE, "counted" if grain.period else "rhythm", period=grain.period),
        ]
    )


def _place(on: str) -> str:
    if on in ON:
        return on
    return "number" if on.isdigit() else "weekday"


def calendar(profile: CalendarProfile | Absent) -> Finding:
    """Whether weekdays, single days, weeks or months of the year disturb."""
    if isinstance(profile, Absent):
        return missing(profile)
    words = table_in_words("Repeat purchases by weekday, ratio to the mean", profile.weekdays, ["weekday", "ratio"])
    drawing = Drawing(figures.calendar(profile, title=_calendar_title(profile)), CALENDAR_CAPTION, words)
    said = [*_weekdays(profile), _days(profile), *_weeks(profile), _season(profile)]
    return Finding({"calendar": drawing}, " ".join(said))


def season_gap(gap: SeasonGap) -> Finding:
    """Whether calibration and hold-out lie in different parts of the year."""
    return Finding({}, gap_in_words(gap))


def gap_in_words(gap: SeasonGap, *, is_told: bool = False) -> str:
    """How the months of calibration and hold-out differ, and by how much that changes purchases where it can be measured; Markdown."""
    said = [sentence(GAP, "apart" if gap.warns else "alike", overlap=gap.overlap)]
    if gap.warns:
        shares = gap.coverage
        calibration = shares.loc[(shares["calibration"] > 0) & (shares["holdout"] == 0), "name"].to_list()
        holdout = shares.loc[(shares["holdout"] > 0) & (shares["calibration"] == 0), "name"].to_list()
        if calibration or holdout:
            key = (bool(calibration), bool(holdout))
            said.append(sentence(ONLY, key, calibration=listed(calibration), holdout=listed(holdout)))
        said.append(_size(gap, is_told))
    return " ".join(said)


def _pile_key(pile: FirstPurchasePile) -> str:
    if np.isnan(pile.p_value):
        return "too few"
    return "truncated" if pile.kind == "cohort" and pile.ratio.lower > 1 else pile.kind


def _weekdays(profile: CalendarProfile) -> list[str]:
    ratio = profile.weekdays["ratio"].to_numpy()
    high, low = profile.weekdays.iloc[int(np.argmax(ratio))], profile.weekdays.iloc[int(np.argmin(ratio))]
    if not high["lower"] > 1 > low["upper"]:
        return []
    return [sentence(WEEKDAYS, "differ", high=high["weekday"], most=high["ratio"], low=low["weekday"], least=low["ratio"])]


def _days(profile: CalendarProfile) -> str:
    named = [_named(DAY, row["date"], row) for _, row in profile.peaks.head(MOST_NAMED).iterrows()]
    return sentence(DAYS, _many(len(profile.peaks)), count=len(profile.peaks), days=listed(named))


def _weeks(profile: CalendarProfile) -> list[str]:
    out = profile.weeks[profile.weeks["sticks_out"]]
    if out.empty:
        return []
    named = [_named(WEEK, row["start"], row) for _, row in out.head(MOST_NAMED).iterrows()]
    return [sentence(WEEKS, _many(len(out)), count=len(out), weeks=listed(named))]


def _named(table: dict[str, str], day: Any, row: Any) -> str:
    return worded(table, "named" if row["occasion"] else "unknown", date=f"{day:%Y-%m-%d}", occasion=row["occasion"], ratio=row["ratio"])


def _many(count: int) -> str:
    if count <= 1:
        return "one" if count else "none"
    return "few" if count <= MOST_NAMED else "many"


def _season(profile: CalendarProfile) -> str:
    key, values = _strongest(profile)
    return sentence(SEASON, key, **values)


def _strongest(profile: CalendarProfile) -> tuple[str, dict[str, Any]]:
    if profile.seasons is None:
        return "too short", {"months": 12 * profile.years}
    top = profile.seasons.iloc[int(np.argmax(profile.seasons["ratio"].to_numpy()))]
    return "seen", {"month": top["name"], "ratio": top["ratio"], "lower": top["lower"], "upper": top["upper"]}


def _calendar_title(profile: CalendarProfile) -> str:
    key, values = _strongest(profile)
    occasions = profile.peaks["occasion"].replace("", np.nan).dropna().unique()[:2]
    count = len(profile.peaks) if profile.seasons is None else len(occasions)
    many = "some" if count > 1 else _many(count)
    return worded(CALENDAR_TITLE, (key, many), **values, count=count, days=7 * len(profile.weeks), named=listed(occasions.tolist()))


def _size(gap: SeasonGap, is_told: bool) -> str:
    if gap.ratio is None:
        return sentence(SIZE, "unknown", months=gap.months)
    return sentence(
        SIZE, "told" if is_told else "known", change=gap.ratio.estimate - 1, lower=gap.ratio.lower - 1, upper=gap.ratio.upper - 1
    )
