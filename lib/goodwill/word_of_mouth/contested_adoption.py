"""A new product whose dissatisfied adopters warn others off: Bass diffusion with bad word of mouth, and recovery as the control.

With n adopters and d rejecters, both as shares of the market, and a share delta of adopters dissatisfied:
n' = (p + a n)(1 - n - d), d' = b n (1 - n - d), a = q+ (1 - delta), b = q- delta.
Dividing the equations gives d as a function of n alone, so that the end is the root of one equation.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log1p
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from goodwill.errors import DataError
from goodwill.word_of_mouth.adoption import BassDiffusion
from goodwill.word_of_mouth.telling import Floats

FADED = 40.0  # discount exponent beyond which nothing is worth anything: e^-40


@dataclass(frozen=True)
class ContestedAdoption:
    """Adoption under good and bad word of mouth; shares of a market of 1.

    Attributes
    ----------
    p : coefficient of innovation, per period
    q_good : imitation by satisfied adopters, per period, if all were satisfied
    q_bad : rejection through dissatisfied adopters, per period, if all were dissatisfied
    dissatisfied : share of adopters who are and stay dissatisfied

    Notes
    -----
    Adoption counts alone do not identify `q_bad` when the market size is free: rejecters only lower the ceiling.

    Examples
    --------
    >>> round(ContestedAdoption(p=0.03, q_good=0.38, q_bad=0.38, dissatisfied=0.10).final_adoption, 8)
    0.92142735
    """

    p: float
    q_good: float
    q_bad: float
    dissatisfied: float

    def __post_init__(self) -> None:
        if not (self.p > 0 and self.q_good >= 0 and self.q_bad >= 0):
            raise DataError(f"p is {self.p}, q_good {self.q_good}, q_bad {self.q_bad}; p must be positive and the others at least 0")
        if not 0 <= self.dissatisfied <= 1:
            raise DataError(f"the share of dissatisfied adopters is {self.dissatisfied}; it must lie between 0 and 1")

    @classmethod
    def with_recovery(cls, p: float, q_good: float, q_bad: float, *, failures: float, voice: float, recovered: float) -> ContestedAdoption:
        """When a share `failures` of adopters has a problem, `voice` of them complain and `recovered` of those are made content.

        Those who stay silent are counted as dissatisfied talkers; in truth they do not talk like complainers who were let down.
        """
        return cls(p, q_good, q_bad, failures * (1 - voice * recovered))

    @property
    def _a(self) -> float:
        return self.q_good * (1 - self.dissatisfied)

    @property
    def _b(self) -> float:
        return self.q_bad * self.dissatisfied

    def rejecters(self, adopters: float) -> float:
        """d(n) = (b / a) (n - (p / a) ln(1 + a n / p)): the exact first integral; b n^2 / 2p where nobody recommends."""
        n, x = adopters, self._a * adopters / self.p
        if x < 1e-4:
            return self._b * n**2 / self.p * (1 / 2 - x / 3 + x**2 / 4)
        return self._b / self._a * n * (1 - log1p(x) / x)

    @property
    def final_adoption(self) -> float:
        """The share that adopts in the end: the root of n + d(n) = 1."""
        from scipy.optimize import brentq

        if self._b == 0:
            return 1.0
        return float(brentq(lambda n: n + self.rejecters(n) - 1, 0.0, 1.0, xtol=1e-14, rtol=1e-14))

    def path(self, times: ArrayLike) -> tuple[Floats, Floats]:
        """Adopters and rejecters at increasing times from 0 on, by integrating both equations."""
        at = np.atleast_1d(np.asarray(times, float))
        if (np.diff(at) < 0).any() or at[0] < 0:
            raise DataError("times must increase from 0 or later")
        solution = self._solve(at[-1] + 1e-9, 0.0)
        return solution(at)[0], solution(at)[1]

    def present_value(self, rate: float) -> float:
        """The integral of exp(-rate t) n'(t): value of all adoptions in units of one margin and the whole market."""
        if not rate >= 0:
            raise DataError(f"the discount rate is {rate}; it must be at least 0")
        return self.final_adoption if rate == 0 else float(self._solve(FADED / rate, rate)(FADED / rate)[2])

    def value_ratio(self, rate: float) -> float:
        """Present value relative to the same product without dissatisfied adopters."""
        return self.present_value(rate) / ContestedAdoption(self.p, self.q_good, self.q_bad, 0.0).present_value(rate)

    def _solve(self, end: float, rate: float) -> Any:
        from scipy.integrate import solve_ivp

        def flow(t: float, state: Floats) -> list[float]:
            undecided = 1 - state[0] - state[1]
            adopting = (self.p + self._a * state[0]) * undecided
            return [adopting, self._b * state[0] * undecided, float(np.exp(-rate * t)) * adopting]

        return solve_ivp(flow, (0, end), [0.0, 0.0, 0.0], method="DOP853", rtol=1e-11, atol=1e-13, dense_output=True).sol


class Launch(NamedTuple):
    """What dissatisfied adopters cost one launch, by the share of them; everything in it is assumed.

    Attributes
    ----------
    times, paths : adopters as shares of the market over time, by the share dissatisfied
    shares, ratios : present value relative to none dissatisfied, by the share dissatisfied
    one_in_ten : that ratio where one adopter in ten is dissatisfied
    won : share of the launch's value won by recovery
    lost_early, lost_late : indirect loss by an adopter who turns away and falls silent in year 1, and in year 8 [margins]

    Examples
    --------
    >>> from goodwill.word_of_mouth import launch
    >>> found = launch()
    >>> {share: round(float(path[-1]), 2) for share, path in found.paths.items()}  # who has adopted in the end
    {0.0: 1.0, 0.05: 0.92, 0.145: 0.8}
    """

    times: Floats
    paths: dict[float, Floats]
    shares: Floats
    ratios: Floats
    one_in_ten: float
    won: float
    lost_early: float
    lost_late: float


def launch(
    p: float = 0.03,
    q: float = 0.38,
    worse: float = 2.0,
    rate: float = 0.10,
    *,
    failures: float = 0.15,
    voice: float = 0.4,
    recovered: float = 0.6,
) -> Launch:
    """A launch with coefficients of innovation and imitation per year, in which bad word of mouth is `worse` times as strong as good.

    Parameters
    ----------
    p, q : per year
    worse : how many times as strong bad word is
    rate : discount per year
    failures, voice, recovered : share of adopters with a problem, share of them who complain, share of those made content

    Examples
    --------
    >>> found = launch()
    >>> round(found.one_in_ten, 4), round(found.won, 4), round(found.lost_early, 2)
    (0.8633, 0.0422, 1.06)
    """

    def market(share: float) -> ContestedAdoption:
        return ContestedAdoption(p, q, worse * q, share)

    times, shares = np.linspace(0, 25, 101), np.linspace(0, 0.3, 13)
    none, some = (
        ContestedAdoption.with_recovery(p, q, worse * q, failures=failures, voice=voice, recovered=each).value_ratio(rate)
        for each in (0.0, recovered)
    )
    early, late = BassDiffusion(p, q).value_of_lost_adopter([1.0, 8.0], rate=rate)
    return Launch(
        times,
        {share: market(share).path(times)[0] for share in (0.0, 0.05, 0.145)},
        shares,
        np.array([market(share).value_ratio(rate) for share in shares]),
        market(0.10).value_ratio(rate),
        some - none,
        float(early),
        float(late),
    )
