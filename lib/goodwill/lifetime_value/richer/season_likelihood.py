"""The likelihood of BG/NBD and MBG/NBD under a calendar, its estimates, and the factors that they give the days of the year.

With Lambda(t) the operational time, a customer with purchases on days d_1, ..., d_x, the last at t_x, has the likelihood of the plain model
at (x, Lambda(t_x), Lambda(T)), times the product of the factors of her days (the Jacobian of the change of time). So that beyond the plain
model's distinct rows (x, t_x, T), which also tell the first and the last day, only the number of repeat purchases on each day enters, and
compression is that of the plain model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy import sparse, special

from goodwill.inference.likelihood import Likelihood, Objective
from goodwill.inference.parameters import FloatArray
from goodwill.lifetime_value.richer.calendars import DayKinds

if TYPE_CHECKING:
    import pandas as pd

    from goodwill.inference.fit import Fit


@dataclass(frozen=True, eq=False)
class FactorPrior:
    """What is believed of the logarithms of factors: some sums of them are normal around 0, each with a width of its own.

    Parameters
    ----------
    sums : array, shape (sums, factors)
    width : array, shape (sums,)
    """

    sums: FloatArray
    width: FloatArray

    @cached_property
    def precision(self) -> FloatArray:
        """Inverse of the covariance of the logarithms, shape (factors, factors)."""
        return self.sums.T @ (self.sums / self.width[:, None] ** 2)

    def with_width(self, width: FloatArray) -> FactorPrior:
        """The same sums, believed more or less."""
        return FactorPrior(self.sums, width)


@dataclass(frozen=True)
class SeasonLikelihood(Likelihood):
    """A `Likelihood` whose rows are (x, first day, last day, number of the row), days being counted from the first purchase of all.

    Parameters
    ----------
    kinds : DayKinds
        Of days 0 to D, day D being the end.
    bought : array, shape (D + 1,)
        Repeat purchases on each day.
    by_row : function
        Gives a sparse matrix (rows, days) of the repeat purchases of a customer of each row; only refits to other weights ask for it.
    whole : array
        The weights to which `bought` belongs.
    believed : FactorPrior
        Of the logarithms of the factors.
    days : float
        In a time unit.
    leave_at_first : bool
    """

    kinds: Any = None
    bought: Any = None
    by_row: Any = None
    whole: Any = None
    believed: Any = None
    days: float = 1.0
    leave_at_first: bool = False

    def objective(self) -> Objective:
        """The weighted log-likelihood less the penalty, as a function of the natural parameters; see `Likelihood.objective`."""
        return _objective(self.rows, self.believed)

    @cached_property
    def rows(self) -> SeasonRows:
        """The rows as the sums need them."""
        return SeasonRows(self)

    @property
    def kinds_of_rows(self) -> list[Any]:
        """Which rows are of which kind of customers with parameters of its own: all of one."""
        return [np.ones(len(self.weight), bool)]

    def in_own_time(self, fit: Fit, rows: pd.DataFrame) -> tuple[Fit, pd.DataFrame]:
        """The fit as one of the plain model to histories in operational time, and these; the calendar is taken as known."""
        plain = fit.model._at_mean_days
        t_x, T = fit.model.operational(rows["recency"], rows["T"])
        columns = (rows["frequency"].to_numpy(float), t_x, T)
        scale, model = {"alpha": float(T.max()) / 10}, type(plain)
        own = Likelihood(model, columns, rows["weight"].to_numpy(float), model.starts, scale, model.limits, self.unit)
        return replace(fit, model=plain, problem=own), rows.assign(recency=t_x, T=T)

    def under(self, believed: FactorPrior) -> SeasonLikelihood:
        """The same data under another prior."""
        made = replace(self, believed=believed)
        made.__dict__["rows"] = self.rows
        return made


class Found(NamedTuple):
    """Value of the log-likelihood and its derivatives at log-parameters; the second ones where they were asked for."""

    value: float
    slope: FloatArray
    curvature: FloatArray

    def penalised(self, beta: FloatArray, believed: FactorPrior) -> Found:
        """With the logarithm of the prior of the factors."""
        k, pull = len(beta), believed.precision @ beta
        slope, curvature = self.slope.copy(), self.curvature.copy()
        slope[-k or len(slope) :] -= pull
        if len(curvature):
            curvature[-k or len(slope) :, -k or len(slope) :] -= believed.precision
        return Found(self.value - float(beta @ pull) / 2, slope, curvature)


def _objective(rows: SeasonRows, believed: FactorPrior) -> Objective:
    size = believed.sums.shape[1]

    def value_and_gradient(theta: FloatArray) -> tuple[float, FloatArray]:
        phi = np.log(theta)
        found = rows.found(phi).penalised(phi[len(phi) - size :], believed)
        return found.value, found.slope / theta

    def nearby(theta: FloatArray) -> Callable[[FloatArray], FloatArray]:
        """The gradient around, from the exact second derivatives."""
        phi = np.log(theta)
        found = rows.bent(phi).penalised(phi[len(phi) - size :], believed)

        def gradient_at(other: FloatArray) -> FloatArray:
            return (found.slope + found.curvature @ (np.log(other) - phi)) / other

        return gradient_at

    value_and_gradient.nearby = nearby  # type: ignore[attr-defined]
    return value_and_gradient


class Bending:
    """What tells `found`, and keeps the second derivatives last asked for: a climb asks for them several times at one place."""

    known: tuple[bytes, Found] | None = None

    def found(self, phi: FloatArray, *, second: bool = False) -> Found:
        """The weighted sum of the log-likelihood, and its derivatives by the log-parameters."""
        raise NotImplementedError

    def bent(self, phi: FloatArray) -> Found:
        """`found` with second derivatives."""
        key = phi.tobytes()
        if self.known is None or self.known[0] != key:
            self.known = (key, self.found(phi, second=True))
        return self.known[1]


class SeasonRows(Bending):
    """The rows of a `SeasonLikelihood` as its sums need them."""

    def __init__(self, told: SeasonLikelihood) -> None:
        x, birth, last, row = told.columns
        self.told, self.x, self.weight = told, x, told.weight
        self.birth, self.last = birth.astype(np.int64), last.astype(np.int64)
        self.kinds: DayKinds = told.kinds
        self.size = len(self.kinds.kind)
        self.first = int(told.leave_at_first)
        self.n = float(told.weight.sum())
        self.counts, self.x_at = np.unique(x, return_inverse=True)
        self.n_x = np.bincount(self.x_at, weights=self.weight)
        self.n_birth = self._by(self.birth, self.weight)
        self.x_birth = self._by(self.birth, self.weight * x)
        self.back = np.ones(len(x), bool) if self.first else x > 0
        self.whose = np.flatnonzero(self.back)
        self.x_back, self.w_back, self.x_back_at = x[self.back], self.weight[self.back], self.x_at[self.back]
        self.birth_back, self.last_back = self.birth[self.back], self.last[self.back]
        self.lag = np.where(np.bincount(self.x_back_at, minlength=len(self.counts)) > 0, self.counts - 1, 0.0)
        self.bought = self._bought(row.astype(np.int64))
        self.order = np.argsort(self.birth_back, kind="stable")
        self.starts: Any = np.append(0, np.cumsum(np.bincount(self.birth_back, minlength=self.size)))
        self.by_kind = np.bincount(self.kinds.kind, weights=self.bought, minlength=len(self.kinds.share))

    def _by(self, day: Any, values: FloatArray) -> FloatArray:
        return np.asarray(np.bincount(day, weights=values, minlength=self.size), float)

    def _bought(self, row: Any) -> FloatArray:
        told = self.told
        if len(row) == len(told.whole) and np.array_equal(self.weight, told.whole):
            return told.bought
        if not told.kinds.design.shape[1]:  # a constant: no estimate depends on it
            return told.bought * (self.weight @ self.x) / max(told.bought.sum(), 1.0)
        return np.asarray(told.by_row()[row].T @ self.weight).ravel()

    def found(self, phi: FloatArray, *, second: bool = False) -> Found:
        """The weighted sum of the log-likelihood, and its derivatives by the log-parameters."""
        r, alpha, a, b = np.exp(phi[:4])
        b = b + self.first
        beta, psi, n = phi[4:], special.psi, self.n
        log_speed = self.kinds.log_factors(beta)
        share = self.kinds.share * np.exp(log_speed)  # of the purchases of a year
        mean = share @ self.kinds.design
        design = self.kinds.design - mean
        speed = np.exp(log_speed)[self.kinds.kind]
        speed[0] = 0.0
        clock = np.cumsum(speed) / self.told.days
        ends = clock[-1] - clock
        log_T = np.log(alpha + ends)
        left = 1 / (alpha + clock[self.last_back] - clock[self.birth_back])
        longer = log_T[self.birth_back] + np.log(left)
        staying = np.log(b + self.lag)
        R = r + self.x_back
        odds = R * longer - staying[self.x_back_at] + np.log(a)
        small = np.exp(-np.abs(odds))
        p = np.where(odds > 0, 1.0, small) / (1 + small)
        gone = self.w_back * p
        counts = self.counts
        value = self.n_x @ (special.gammaln(r + counts) - special.gammaln(r) + special.betaln(a, b + counts) - special.betaln(a, b))
        value += n * r * np.log(alpha) - (r * self.n_birth + self.x_birth) @ log_T
        value += self.w_back @ (np.maximum(odds, 0) + np.log1p(small)) + self.by_kind @ log_speed
        shrink, per_T = gone * R, 1 / (alpha + ends)
        by_T = self._by(self.birth_back, shrink)
        u = (by_T - (r * self.n_birth + self.x_birth)) * per_T  # derivative by T, of the customers of each first day
        v = -shrink * left  # by t_x, of each row
        v_birth = self._by(self.birth_back, v)
        gone_x = np.bincount(self.x_back_at, weights=gone, minlength=len(counts))
        both = n * psi(a + b) - self.n_x @ psi(a + b + counts)
        slope = np.empty(len(phi))
        slope[0] = self.n_x @ psi(r + counts) - n * psi(r) + n * np.log(alpha) - self.n_birth @ log_T + gone @ longer
        slope[1] = n * r / alpha + u.sum() + v.sum()
        slope[2] = both + gone.sum() / a
        slope[3] = both - n * psi(b) + self.n_x @ psi(b + counts) - gone_x @ (1 / (b + self.lag))
        if self.first:  # who stayed after the first purchase
            value += n * np.log((b - 1) / (a + b - 1))
            slope[2] -= n / (a + b - 1)
            slope[3] += n / (b - 1) - n / (a + b - 1)
        on_clock = self._by(self.last_back, v) - v_birth - u
        on_clock[-1] += u.sum()
        later = np.cumsum(on_clock[::-1])[::-1] / self.told.days  # derivative by the speed of a day
        moved = np.asarray(np.bincount(self.kinds.kind, weights=speed * later, minlength=len(self.kinds.share)), float)
        slope[4:] = (moved + self.by_kind) @ design
        curvature = np.empty((0, 0))
        if second:
            parts = _Parts(r, alpha, a, b, R, p, gone, longer, per_T, left, by_T, speed, moved, design, share)
            curvature = self._curvature(parts)
        theta = np.array([r, alpha, a, b - self.first])
        slope[:4] *= theta
        if second:
            curvature[:4] *= theta[:, None]
            curvature[:, :4] *= theta
            curvature[:4, :4] += np.diag(slope[:4])
        return Found(float(value), slope, curvature)

    def _curvature(self, at: _Parts) -> FloatArray:
        """Second derivatives by (r, alpha, a, b) and by the logarithms of the factors.

        Each customer's log-likelihood is a function of the four, of T and of t_x, and alpha shifts both times. How the times move with
        the factors is known for every day, so that derivatives by T are summed by first day, and those by t_x by first and last day.
        """
        r, alpha, a, b, R, p, gone, longer = at.r, at.alpha, at.a, at.b, at.R, at.p, at.gone, at.longer
        n, counts, tri = self.n, self.counts, lambda z: special.polygamma(1, z)
        birth, last, both = self.birth_back, self.last_back, gone * (1 - p)
        stay = (1 / (b + self.lag))[self.x_back_at]
        A, B = at.per_T, at.left
        q_R = both * R
        s_T = {  # by first day
            "T": A**2 * (r * self.n_birth + self.x_birth - at.by_T + self._by(birth, q_R * R)),
            "r": A * (self._by(birth, gone + q_R * longer) - self.n_birth),
            "a": A * self._by(birth, q_R) / a,
            "b": -A * self._by(birth, q_R * stay),
        }
        s_t = {  # by row
            "t": R * B**2 * (gone + q_R),
            "T": -q_R * R * A[birth] * B,
            "r": -(gone + q_R * longer) * B,
            "a": -q_R * B / a,
            "b": q_R * B * stay,
        }
        cross_T, cross_t = (np.array([each["r"].sum(), 0.0, each["a"].sum(), each["b"].sum()]) for each in (s_T, s_t))
        H = np.zeros((4, 4))
        H[0, 0] = self.n_x @ tri(r + counts) - n * tri(r) + both @ longer**2
        H[0, 1] = n / alpha + cross_T[0] + cross_t[0]
        H[0, 2] = both @ longer / a
        H[0, 3] = -(both * stay) @ longer
        H[1, 1] = -n * r / alpha**2 + s_T["T"].sum() + 2 * s_t["T"].sum() + s_t["t"].sum()
        H[1, 2:] = cross_T[2:] + cross_t[2:]
        shared = n * tri(a + b) - self.n_x @ tri(a + b + counts)
        H[2, 2] = shared + (both - gone).sum() / a**2
        H[2, 3] = shared - both @ stay / a
        H[3, 3] = shared + self.n_x @ tri(b + counts) - n * tri(b) + (both + gone) @ stay**2
        if self.first:
            H[2:, 2:] += n / (a + b - 1) ** 2
            H[3, 3] -= n / (b - 1) ** 2
        whole = np.zeros((4 + at.design.shape[1],) * 2)
        whole[:4, :4] = np.triu(H) + np.triu(H, 1).T
        if at.design.shape[1]:
            self._with_factors(whole, at, s_T, s_t, birth, last)
        return whole

    def _with_factors(self, whole: FloatArray, at: _Parts, s_T: dict, s_t: dict, birth: Any, last: Any) -> None:
        moves = np.cumsum(at.speed[:, None] * at.design[self.kinds.kind], axis=0) / self.told.days  # of the clock, by the factors
        of_T = moves[-1] - moves

        def on_days(by_birth: FloatArray, by_row: FloatArray) -> FloatArray:
            """Sum of derivatives by T and by t_x, times how these move."""
            return by_birth @ of_T + (self._by(last, by_row) - self._by(birth, by_row)) @ moves

        whole[0, 4:] = on_days(s_T["r"], s_t["r"])
        shifted = self._by(birth, s_t["T"])
        whole[1, 4:] = on_days(s_T["T"] + shifted, s_t["t"] + s_t["T"])
        whole[2, 4:] = on_days(s_T["a"], s_t["a"])
        whole[3, 4:] = on_days(s_T["b"], s_t["b"])
        whole[4:, :4] = whole[:4, 4:].T
        square = (self.size, self.size)
        ends = last[self.order]
        pairs, crossed = (sparse.csr_matrix((s_t[name][self.order], ends, self.starts), shape=square) for name in ("t", "T"))
        found = of_T.T @ (s_T["T"][:, None] * of_T)
        half = of_T.T @ (crossed @ moves - shifted[:, None] * moves)
        found += half + half.T
        both = self._by(last, s_t["t"]) + self._by(birth, s_t["t"])
        half = moves.T @ (pairs @ moves)
        found += moves.T @ (both[:, None] * moves) - half - half.T
        # The clock is bent by the factors, and so is the mean by which they are divided.
        spread = at.design.T @ (at.share[:, None] * at.design)
        found += at.design.T @ (at.moved[:, None] * at.design) - (at.moved.sum() + self.by_kind.sum()) * spread
        whole[4:, 4:] = found


@dataclass(frozen=True)
class _Parts:
    """What value and slope leave for the curvature."""

    r: float
    alpha: float
    a: float
    b: float
    R: FloatArray
    p: FloatArray
    gone: FloatArray
    longer: FloatArray
    per_T: FloatArray
    left: FloatArray
    by_T: FloatArray
    speed: FloatArray
    moved: FloatArray
    design: FloatArray
    share: FloatArray
