"""Recency, frequency, monetary value: scores without arbitrary ties, and named segments that provably partition the score cube."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from goodwill.errors import DataError
from goodwill.segments.schemes.cuts import EQUAL, FloatArray, IntArray, numbers, rank_above
from goodwill.segments.schemes.rules import Rules

if TYPE_CHECKING:
    import pandas as pd

LETTERS = ("R", "F", "M")
Box = Mapping[str, int | Sequence[int]]
SHOWN = 6  # cells named in an error


def rfm(
    customers: pd.DataFrame,
    *,
    bins: int = 5,
    cuts: Mapping[str, Sequence[float]] | None = None,
    money: str = "spend",
    segments: Mapping[str, Box | Sequence[Box]] | None = None,
    relative: bool = False,
) -> Rules:
    """Score recency, frequency and money from 1 (worst) to `bins` (best) and name the cells.

    Equal values get equal scores: the edges are quantiles of the data, closed on the right, so that a pile of one-time buyers gets one
    score, even where this leaves other scores unused (a note says which). Recency is scored by the time since the last purchase,
    hiatus = T - recency, and a short one is good.

    Parameters
    ----------
    customers : DataFrame with frequency, recency, T and the column `money`
    bins : scores per letter, 3 or more with the default names
    cuts : for R (in units of the hiatus), F, M: `bins` - 1 rising edges, closed on the right, instead of quantiles
    money : column scored as M
    segments : name -> box, or list of boxes, best first. A box gives for each letter a score or the lowest and highest one; a letter left
        out means any score. Together they must hold every cell of the cube exactly once.
    relative : cut anew whatever customers are assigned

    Raises
    ------
    DataError
        Cells that lie in several segments or in none are listed.

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({"frequency": [0, 1, 4], "recency": [0, 5, 30], "T": [30, 30, 30], "spend": [10.0, 20.0, 90.0]})
    >>> list(rfm(customers, bins=3).assign(customers))
    ['lost', 'needs attention', 'champions']
    """
    columns = {"R": "hiatus", "F": "frequency", "M": money}
    named = default_segments(bins) if segments is None else segments
    edges = {letter: _edges(customers, letter, columns[letter], bins, cuts) for letter in LETTERS}
    boxes = {str(name): [_box(name, box, bins) for box in _as_list(given)] for name, given in named.items()}
    owner = _owners(boxes, bins)
    notes = _unused(edges, bins)
    if relative:
        options = {"bins": bins, "cuts": cuts, "money": money, "segments": segments}
        return Rules("rfm", tuple(boxes), {"options": options}, notes, True)
    reached = np.unique(owner[np.ix_(*_used(edges, bins))])
    left = [name for k, name in enumerate(boxes) if k not in reached]
    if left:
        notes = (*notes, f"with these cuts nobody can be in {', '.join(map(repr, left))}: left out of the segments")
    kept = tuple(name for k, name in enumerate(boxes) if k in reached)
    settings = {"bins": bins, "columns": columns, "edges": edges, "boxes": boxes}
    held = np.bincount(place_rfm(Rules("rfm", kept, settings), customers), minlength=len(kept))
    if (held == 0).any():
        notes = (
            *notes,
            f"nobody here is in {', '.join(repr(name) for name, n in zip(kept, held, strict=True) if not n)}, though one could be",
        )
    return Rules("rfm", kept, settings, notes)


def default_segments(bins: int = 5) -> dict[str, list[dict[str, tuple[int, int]]]]:
    """Nine names by low, middle and high scores (of five: 1-2, 3, 4-5); money tells apart only among frequent customers.

    >>> len(default_segments()), default_segments()["new"]  # bought lately, and seldom
    (9, [{'R': (4, 5), 'F': (1, 2)}])
    """
    if bins < 3:
        raise DataError(f"bins={bins}: the default names need 3 scores or more; pass segments= for fewer.")
    low, high = max(1, 2 * bins // 5), bins + 1 - max(1, 2 * bins // 5)
    bad, good, middle = (1, low), (high, bins), (low + 1, high - 1)
    return {
        "champions": [{"R": good, "F": good, "M": good}],
        "loyal": [{"R": good, "F": good, "M": (1, high - 1)}],
        "promising": [{"R": good, "F": middle}],
        "new": [{"R": good, "F": bad}],
        "needs attention": [{"R": middle, "F": (low + 1, bins)}],
        "fading": [{"R": middle, "F": bad}],
        "cannot lose": [{"R": bad, "F": good, "M": good}],
        "at risk": [{"R": bad, "F": good, "M": (1, high - 1)}, {"R": bad, "F": middle}],
        "lost": [{"R": bad, "F": bad}],
    }


def rfm_scores(rules: Rules, customers: pd.DataFrame) -> pd.DataFrame:
    """Scores R, F, M of each customer, 1 to bins, 5 of 5 being best; equal values have equal scores.

    >>> import pandas as pd
    >>> from goodwill.segments import rfm
    >>> customers = pd.DataFrame({"frequency": [0, 1, 4], "recency": [0, 5, 30], "T": [30, 30, 30], "spend": [10.0, 20.0, 90.0]})
    >>> rfm_scores(rfm(customers, bins=3), customers).to_dict("list")
    {'R': [1, 2, 3], 'F': [1, 2, 3], 'M': [1, 2, 3]}
    """
    import pandas as pd

    settings = _settings(rules, customers)
    scores = {}
    for letter in LETTERS:
        above = rank_above(numbers(customers, settings["columns"][letter], "rfm"), settings["edges"][letter])
        scores[letter] = settings["bins"] - above if letter == "R" else above + 1
    return pd.DataFrame(scores, index=customers.index)


def rfm_coverage(rules: Rules, customers: pd.DataFrame) -> pd.DataFrame:
    """One row per cell of the score cube: R, F, M, segment, whether ties leave it reachable, and its customers with their share.

    >>> import pandas as pd
    >>> from goodwill.segments import rfm
    >>> customers = pd.DataFrame({"frequency": [0, 1, 4], "recency": [0, 5, 30], "T": [30, 30, 30], "spend": [10.0, 20.0, 90.0]})
    >>> cells = rfm_coverage(rfm(customers, bins=3), customers)
    >>> len(cells), cells.loc[cells["customers"] > 0, "segment"].tolist()
    (27, ['lost', 'needs attention', 'champions'])
    """
    import pandas as pd

    settings = _settings(rules, customers)
    bins = settings["bins"]
    names = tuple(settings["boxes"])
    owner = _owners(settings["boxes"], bins)
    used = np.zeros_like(owner, dtype=bool)
    used[np.ix_(*_used(settings["edges"], bins))] = True
    scores = rfm_scores(rules, customers).to_numpy()
    counts = np.bincount(np.ravel_multi_index(tuple(scores.T - 1), owner.shape), minlength=owner.size)
    cells = np.stack(np.unravel_index(np.arange(owner.size), owner.shape), axis=1) + 1
    table = pd.DataFrame(cells, columns=list(LETTERS))
    return table.assign(
        segment=[names[k] for k in owner.ravel()], reachable=used.ravel(), customers=counts, share=counts / max(len(customers), 1)
    )


def place_rfm(rules: Rules, customers: pd.DataFrame) -> IntArray:
    """The position of each customer's segment."""
    settings = rules.settings
    owner = _owners(settings["boxes"], settings["bins"])
    position = np.array([rules.segments.index(name) if name in rules.segments else -1 for name in settings["boxes"]])
    cube = position[owner]
    where: tuple[Any, ...] = ()
    for letter in LETTERS:
        above = rank_above(numbers(customers, settings["columns"][letter], "rfm"), settings["edges"][letter])
        where += (settings["bins"] - 1 - above if letter == "R" else above,)
    return cube[where]


def check_rfm(rules: Rules) -> None:
    """Check, when rules are made or read, that the boxes partition the cube, edges rise, and every segment can be reached."""
    settings = rules.settings
    bins, edges, boxes = settings["bins"], settings["edges"], settings["boxes"]
    for letter in LETTERS:
        _check_edges(edges[letter], letter, bins)
    owner = _owners({name: [_box(name, box, bins) for box in _as_list(given)] for name, given in boxes.items()}, bins)
    names = tuple(boxes)
    reached = {names[k] for k in np.unique(owner[np.ix_(*_used(edges, bins))])}
    if reached != set(rules.segments):
        odd = ", ".join(map(repr, sorted(reached ^ set(rules.segments))))
        raise DataError(f"the segments of 'rfm' are not those that its boxes and edges can reach: {odd}.")


def _settings(rules: Rules, customers: pd.DataFrame) -> Mapping[str, Any]:
    if rules.scheme != "rfm":
        raise DataError(f"these are rules of '{rules.scheme}', which has no scores of recency, frequency and money: learn 'rfm'.")
    return rfm(customers, **rules.settings["options"]).settings if rules.relative else rules.settings


def _edges(customers: pd.DataFrame, letter: str, column: str, bins: int, cuts: Mapping[str, Sequence[float]] | None) -> list[float]:
    if not 2 <= bins <= 20:
        raise DataError(f"bins={bins}: give 2 to 20 scores.")
    values = numbers(customers, column, "rfm")
    if cuts is None or letter not in cuts:
        # The inverse of the distribution function returns values that occur, so that no edge depends on how two are averaged.
        return [float(edge) for edge in np.quantile(values, np.arange(1, bins) / bins, method="inverted_cdf")]
    edges = [float(edge) for edge in cuts[letter]]
    _check_edges(edges, letter, bins)
    return edges


def _check_edges(edges: Sequence[float], letter: str, bins: int) -> None:
    if len(edges) != bins - 1 or not np.isfinite(edges).all() or (np.diff(edges) < 0).any():
        told = ", ".join(f"{edge:g}" for edge in edges)
        raise DataError(f"the cuts of {letter} must be {bins - 1} rising numbers for {bins} scores, and not {told or 'none'}.")


def _as_list(given: Box | Sequence[Box]) -> Sequence[Box]:
    return [given] if isinstance(given, Mapping) else list(given)


def _box(name: str, box: Box, bins: int) -> dict[str, list[int]]:
    """A box with a lowest and a highest score for every letter."""
    strange = [letter for letter in box if letter not in LETTERS]
    if strange:
        raise DataError(f"segment '{name}' speaks of {strange[0]!r}: the letters of a box are R, F and M.")
    full = {}
    for letter in LETTERS:
        given: Any = box.get(letter, (1, bins))
        low, high = (given, given) if isinstance(given, int) else (given[0], given[-1])
        if not 1 <= low <= high <= bins:
            raise DataError(f"segment '{name}' asks for {letter} from {low} to {high}: scores run from 1 to {bins}.")
        full[letter] = [int(low), int(high)]
    return full


def _owners(boxes: Mapping[str, Sequence[Mapping[str, Sequence[int]]]], bins: int) -> IntArray:
    """The one segment of every cell, as its position among the boxes' names; an error lists cells with none or several."""
    inside = np.zeros((len(boxes), bins, bins, bins), dtype=bool)
    for k, given in enumerate(boxes.values()):
        for box in given:
            r, f, m = (slice(box[letter][0] - 1, box[letter][1]) for letter in LETTERS)
            inside[k, r, f, m] = True
    claims = inside.sum(axis=0)
    names = list(boxes)
    if (claims > 1).any():
        cell = tuple(np.argwhere(claims > 1)[0])
        both = " and ".join(repr(names[k]) for k in np.flatnonzero(inside[(slice(None), *cell)])[:2])
        raise DataError(f"the segments overlap in {_cells(claims > 1)} (R F M); the first lies in {both}: make them exclusive.")
    if (claims == 0).any():
        raise DataError(f"the segments leave {_cells(claims == 0)} (R F M) without a name: add a segment or widen one.")
    return inside.argmax(axis=0)


def _cells(where: NDArray[np.bool_]) -> str:
    cells = np.argwhere(where) + 1
    told = ", ".join(" ".join(map(str, cell)) for cell in cells[:SHOWN])
    return f"{len(cells)} of {where.size} cells: {told}{', …' if len(cells) > SHOWN else ''}"


def _used(edges: Mapping[str, Sequence[float]], bins: int) -> list[IntArray]:
    """Positions of the scores of each letter that some value gets: one more than the edges passed; equal edges pass together."""
    used = []
    for letter in LETTERS:
        e: FloatArray = np.asarray(edges[letter], dtype=float)
        passed = np.append(e[1:] - e[:-1] > EQUAL * np.abs(e[:-1]), True) if len(e) else np.zeros(0, dtype=bool)
        above = np.concatenate([[0], np.flatnonzero(passed) + 1])
        used.append(np.sort(bins - 1 - above) if letter == "R" else above)
    return used


def _unused(edges: Mapping[str, Sequence[float]], bins: int) -> tuple[str, ...]:
    notes = []
    for letter, used in zip(LETTERS, _used(edges, bins), strict=True):
        idle = sorted(set(range(bins)) - set(used.tolist()))
        if idle:
            notes.append(
                f"{letter}: ties leave score{'s' * (len(idle) > 1)} {', '.join(str(k + 1) for k in idle)} of {bins} without customers"
            )
    return tuple(notes)
