"""Bad news that can turn good on the way, and good news that can turn bad: the branching process with two kinds of news."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goodwill.errors import DataError
from goodwill.word_of_mouth.cascade import HEARSAY, ROUNDS
from goodwill.word_of_mouth.telling import Floats, Telling

Valence = Literal["bad", "good"]
BAD, GOOD = 0, 1


@dataclass(frozen=True)
class MixedCascade:
    """The spread of one complaint, or of one recovered complaint, when news can change its sign at each retelling.

    Attributes
    ----------
    first : how many people the complainer tells; they hear the news as it is
    valence : "bad" or "good": what the complainer tells
    retell_bad, retell_good : probability that somebody who heard bad (good) news retells
    bad_turns_good, good_turns_bad : probability that a person told by a reteller hears the opposite of what the reteller had heard
    onward_bad, onward_good : how many people retellers of bad (good) news tell

    Examples
    --------
    >>> from goodwill.word_of_mouth.telling import NegativeBinomialTelling
    >>> bad, good = NegativeBinomialTelling(9.5, 1.36311675), NegativeBinomialTelling(4.5, 1.36311675)
    >>> told = MixedCascade(bad, "bad", 0.05, 0.05, 0.05, 0.02, onward_bad=bad, onward_good=good)
    >>> told.mean.round(5)
    array([17.3164,  0.5276])
    """

    first: Telling
    valence: Valence
    retell_bad: float
    retell_good: float
    bad_turns_good: float = 0.0
    good_turns_bad: float = 0.0
    onward_bad: Telling = HEARSAY
    onward_good: Telling = HEARSAY

    def __post_init__(self) -> None:
        for name in ("retell_bad", "retell_good", "bad_turns_good", "good_turns_bad"):
            if not 0 <= getattr(self, name) <= 1:
                raise DataError(f"{name} is {getattr(self, name)}; it must be a probability between 0 and 1")
        if self.valence not in ("bad", "good"):
            raise DataError(f"the valence is '{self.valence}'; it must be 'bad' or 'good'")

    @property
    def mean_matrix(self) -> Floats:
        """Expected hearers of bad and good news (columns) through one hearer of bad or good news (rows)."""
        bad, good = self.retell_bad * self.onward_bad.mean, self.retell_good * self.onward_good.mean
        return np.array([bad, good])[:, None] * self._heard

    @property
    def reproduction(self) -> float:
        """The spectral radius of the mean matrix; below 1 the word always dies out."""
        return float(np.abs(np.linalg.eigvals(self.mean_matrix)).max())

    @property
    def mean(self) -> Floats:
        """Expected hearers of bad and of good news: root (I - M)^-1; DataError at or above the threshold, where it is infinite."""
        if self.reproduction >= 1:
            raise DataError(f"the expected reach is infinite: with a reproduction number of {self.reproduction:.3g} the word need not stop")
        return np.asarray(np.linalg.solve((np.eye(2) - self.mean_matrix).T, self._root))

    def pgf(self, s_bad: ArrayLike, s_good: ArrayLike) -> Any:
        """E[s_bad^(hearers of bad news) s_good^(hearers of good news)] by the fixed point in two dimensions."""
        bad, good = np.broadcast_arrays(np.asarray(s_bad), np.asarray(s_good))
        s = np.stack([bad, good])
        u = np.zeros_like(s, dtype=np.result_type(s, float))
        for _ in range(ROUNDS):
            told = np.einsum("ij,j...->i...", self._heard, u)
            new = s * np.stack(
                [
                    1 - self.retell_bad + self.retell_bad * self.onward_bad.pgf(told[BAD]),
                    1 - self.retell_good + self.retell_good * self.onward_good.pgf(told[GOOD]),
                ]
            )
            moved, u = np.abs(new - u).max(), new
            if moved < 1e-15:
                break
        return self.first.pgf(u[BAD if self.valence == "bad" else GOOD])

    def probability_of_lost_sale(self, loss_per_hearing: float) -> float:
        """Probability that at least one hearer of bad news is lost."""
        return 1 - float(self.pgf(1 - loss_per_hearing, 1.0))

    def simulate(self, complaints: int, seed: int = 1) -> NDArray[np.int64]:
        """Draw hearers of bad and good news of many complaints; shape (complaints, 2)."""
        if self.reproduction >= 1:
            raise DataError(f"the reproduction number is {self.reproduction:.3g}: simulated cascades need not end")
        rng = np.random.default_rng(seed)
        hearers = np.zeros((complaints, 2), dtype=np.int64)
        hearers[:, BAD if self.valence == "bad" else GOOD] = self.first.sample(complaints, rng)
        reach, who = hearers.copy(), np.arange(complaints)
        while who.size:
            told_by_bad = self.onward_bad.sample_sums(rng.binomial(hearers[:, BAD], self.retell_bad), rng)
            told_by_good = self.onward_good.sample_sums(rng.binomial(hearers[:, GOOD], self.retell_good), rng)
            turned_good, turned_bad = rng.binomial(told_by_bad, self.bad_turns_good), rng.binomial(told_by_good, self.good_turns_bad)
            hearers = np.stack([told_by_bad - turned_good + turned_bad, told_by_good - turned_bad + turned_good], axis=1)
            reach[who] += hearers
            alive = hearers.any(axis=1)
            who, hearers = who[alive], hearers[alive]
        return reach

    @property
    def _heard(self) -> Floats:
        """What the people told by a hearer of bad or good news (rows) hear (columns)."""
        return np.array([[1 - self.bad_turns_good, self.bad_turns_good], [self.good_turns_bad, 1 - self.good_turns_bad]])

    @property
    def _root(self) -> Floats:
        return self.first.mean * np.array([self.valence == "bad", self.valence == "good"], float)
