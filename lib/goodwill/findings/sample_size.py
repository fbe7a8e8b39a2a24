"""How many customers, answers or complaints a short answer rests on, said first where they are few."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from goodwill.findings.finding import Absent, Finding
from goodwill.findings.words import listed
from goodwill.inference.proportions import wilson

if TYPE_CHECKING:
    from goodwill.data.complaints import Complaints
    from goodwill.data.purchases import PurchaseSummary

    Counted = int | PurchaseSummary | Complaints | Absent

# Few is where a share of one half is not known to this many percentage points either way, at 95 %.
POINTS = 5
FEW = {
    "all": "**Few to go by: {counted}.** With so few even a share of one half would be known only to {points:.0f} percentage points "
    "either way; read every number below with its interval.",
    "some": "**Few to go by: {counted}.** With {fewest} even a share of one half would be known only to {points:.0f} percentage points "
    "either way; read every number that rests on them with its interval.",
}


def on_few(found: Finding | Absent, **counts: Counted) -> Finding | Absent:
    """A short answer that begins with how little it rests on, where that is so; as it is where there is enough, or no answer.

    Parameters
    ----------
    found : Finding or Absent
        The short answer.
    **counts : int, PurchaseSummary, Complaints or Absent
        By what is counted (`customers=47`); a summary stands for its customers, a log for its complaints, and what is absent for none.

    Examples
    --------
    >>> from goodwill.findings.finding import Finding
    >>> on_few(Finding({}, "Half of them return."), customers=47).text.split(".")[0]
    '**Few to go by: 47 customers'
    >>> on_few(Finding({}, "Half of them return."), customers=2357).text
    'Half of them return.'
    """
    if isinstance(found, Absent) or found.absent is not None:
        return found
    sizes = {what.replace("_", " "): size for what, of in counts.items() if (size := _size(of)) is not None}
    few = {what: size for what, size in sizes.items() if margin_of_half(size) > POINTS / 100}  # no mutate: no size gives just that
    if not few:
        return found
    fewest = min(few, key=lambda what: few[what])
    counted = listed([f"{size:,} {what}" for what, size in few.items()])
    wording = FEW["all" if len(few) == 1 else "some"]
    said = wording.format(counted=counted, fewest=f"{few[fewest]:,} {fewest}", points=100 * margin_of_half(few[fewest]))
    return replace(found, text=f"{said}\n\n{found.text}")


def margin_of_half(size: int) -> float:
    """How far the 95 % interval (Wilson) of a share of one half among so many reaches to either side.

    Examples
    --------
    >>> round(margin_of_half(47), 3), round(margin_of_half(381), 3)
    (0.137, 0.05)
    """
    if size < 1:
        return 0.5
    interval = wilson(size / 2, size)
    return float(interval.upper - interval.lower) / 2


def _size(of: Counted) -> int | None:
    """How many there are; None where what is counted is absent."""
    if isinstance(of, Absent):
        return None
    if isinstance(of, int):
        return of
    cases = getattr(of, "cases", None)
    return len(cases) if cases is not None else int(of.counts["customers"])  # type: ignore[union-attr]
