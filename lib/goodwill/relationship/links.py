"""Which record feeds which number, and what stands in where a record is missing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

PURCHASES, SURVEY, COMPLAINTS, TRIAL = RECORDS = ("purchases", "survey", "complaint log", "trial by lot")


class Link(NamedTuple):
    """A number, the records that it needs, and what stands in without them."""

    number: str
    needs: tuple[str, ...]
    without: str


LINKS = (
    Link("what customers bring, and who is there", (PURCHASES,), "nothing: no money figure"),
    Link("what keeping one in a hundred is worth", (PURCHASES,), "nothing"),
    Link("how satisfaction goes with leaving", (PURCHASES, SURVEY), "nothing: the lever is left out"),
    Link("how the end of a complaint goes with leaving", (PURCHASES, COMPLAINTS), "nothing: the lever is left out"),
    Link("how waiting for an answer goes with leaving", (PURCHASES, COMPLAINTS), "nothing: the lever is left out"),
    Link("what a complaint does to satisfaction", (SURVEY, COMPLAINTS), "nothing: it is left in the error of answers"),
    Link("what is told, and what hearing does", (), "published counts, assumed conversions"),
    Link("what an action brings, as effect", (TRIAL,), "break-even shares of association"),
)


def links_of(records: Iterable[str]) -> pd.DataFrame:
    """The numbers and whether the records at hand feed them.

    Parameters
    ----------
    records : those of `RECORDS` that are there

    Returns
    -------
    DataFrame
        number, needs (texts joined by " + "), there, stands_in ("" where the records are there).

    Examples
    --------
    >>> links_of(["purchases"])["there"].sum()
    np.int64(2)
    """
    import pandas as pd

    at_hand = set(records)
    rows = [
        [each.number, " + ".join(each.needs) or "no record", bool(each.needs) and set(each.needs) <= at_hand, each.without]
        for each in LINKS
    ]
    table = pd.DataFrame(rows, columns=["number", "needs", "there", "stands_in"])
    table["stands_in"] = table["stands_in"].where(~table["there"], "")
    return table
