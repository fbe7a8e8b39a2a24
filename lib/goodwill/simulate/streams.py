"""Random numbers that belong to somebody: each is a function of seed, person, process, event and replicate, and of nothing else.

So a company can be run again with one thing changed, and everybody whom the change does not touch lives through exactly the same. A
stateful generator cannot do this: one draw more or less and everybody after it gets other numbers.

The function is Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3", SC11), over arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
UIntArray = NDArray[np.uint64]

# The constants of the paper: two multipliers, and the steps by which the key moves in each of ten rounds.
MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
KEY_STEPS = (0x9E3779B9, 0xBB67AE85)
ROUNDS = 10
LOW, SHIFT = np.uint64(0xFFFFFFFF), np.uint64(32)


def philox(counter: Sequence[ArrayLike], key: tuple[int, int]) -> tuple[UIntArray, ...]:
    """Four words of 32 random bits for each counter of four words, under a key of two.

    The first known answer that the authors of Philox publish:

    >>> [f"{int(word):08x}" for word in philox((0, 0, 0, 0), (0, 0))]
    ['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8']
    """
    a, b, c, d = (np.asarray(word, np.uint64) for word in counter)
    first, second = key
    for _ in range(ROUNDS):
        p, q = MULTIPLIERS[0] * a, MULTIPLIERS[1] * c
        a, b, c, d = (q >> SHIFT) ^ b ^ np.uint64(first), q & LOW, (p >> SHIFT) ^ d ^ np.uint64(second), p & LOW
        first, second = (first + KEY_STEPS[0]) & 0xFFFFFFFF, (second + KEY_STEPS[1]) & 0xFFFFFFFF
    return a, b, c, d


# What a random number is for. The numbers are part of the keys: a new process goes to the end, or every company changes.
PROCESSES = (
    "rate", "leaving chance", "spend level", "satisfaction", "segment", "birth", "arrival", "gap", "mood", "problem", "voice", "outcome",
    "open", "answer", "close", "cause", "channel", "leave", "amount", "told", "listener", "decides", "delay", "responds", "survey mood",
    "arm",
)  # fmt: skip
CODES = {name: code for code, name in enumerate(PROCESSES)}
ITEMS = 64  # processes from here on are the questions of the survey


@dataclass(frozen=True)
class Streams:
    """The random numbers of one company.

    >>> streams = Streams(seed=1)
    >>> bool(streams.uniform("gap", [3, 4], 0)[1] == streams.uniform("gap", 4, 0))
    True
    """

    seed: int

    def uniform(self, process: str | int, person: ArrayLike, event: ArrayLike = 0, replicate: ArrayLike = 0) -> FloatArray:
        """Uniform between 0 and 1, never either, for each person and event."""
        code = CODES[process] if isinstance(process, str) else process
        counter = np.broadcast_arrays(person, event, code, replicate)
        a, b, *_ = philox(counter, (self.seed & 0xFFFFFFFF, (self.seed >> 32) & 0xFFFFFFFF))
        # 26 bits of each word: 52 in all, and half a step so that logarithms exist at both ends.
        bits = (a >> np.uint64(6)).astype(float) * 2.0**26 + (b >> np.uint64(6)).astype(float)
        return (bits + 0.5) / 2.0**52

    def normal(self, process: str | int, person: ArrayLike, event: ArrayLike = 0, replicate: ArrayLike = 0) -> FloatArray:
        """Standard normal."""
        from scipy.special import ndtri

        return ndtri(self.uniform(process, person, event, replicate))

    def exponential(self, process: str | int, person: ArrayLike, event: ArrayLike = 0, replicate: ArrayLike = 0) -> FloatArray:
        """Exponential with mean 1."""
        return -np.log(self.uniform(process, person, event, replicate))

    def gamma(self, process: str | int, shape: Any, person: ArrayLike, event: ArrayLike = 0, replicate: ArrayLike = 0) -> FloatArray:
        """Gamma of this shape with scale 1."""
        from scipy.special import gammaincinv

        return gammaincinv(shape, self.uniform(process, person, event, replicate))

    def choice(self, process: str | int, shares: Sequence[float], person: ArrayLike, event: ArrayLike = 0) -> NDArray[np.intp]:
        """The index of one of some shares that add up to 1."""
        ends = np.cumsum(shares)[:-1]
        return np.searchsorted(ends, self.uniform(process, person, event), side="right")
