"""What makes the answering company run: every parameter of its equations, and companies by name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from goodwill.errors import DataError
from goodwill.simulate.simulated_company import ByOutcome, Shares

DROPOUTS = ("after a purchase", "at any time", "never")


@dataclass(frozen=True)
class Strategy:
    """Something that the company can do to a customer.

    Attributes
    ----------
    name : as in the trial
    cost : per customer [currency]
    rate : relative change of the purchase rate while it works, one per segment of the company
    satisfaction : what it adds to satisfaction while it works [standard deviations]

    Examples
    --------
    >>> import goodwill as gw
    >>> voucher = Strategy("voucher", cost=2.0, rate=(0.1, 0.3))  # 10 % more purchases of the first segment, 30 % of the second
    >>> two = gw.simulate.mechanism("full", segments=(("private", 0.6), ("business", 0.4)), strategies=(voucher,), trial_shares=(0.5,))
    >>> two.strategies[0].cost
    2.0
    """

    name: str
    cost: float
    rate: tuple[float, ...]
    satisfaction: float = 0.0


@dataclass(frozen=True)
class Mechanism:
    """Every parameter of the answering company; the page `docs/simulated_company.md` has the equations.

    A triple holds one value per outcome of a complaint: satisfied, acceptable, dissatisfied. Values are invented unless a source is named.
    The defaults are a company without problems, word of mouth, strategies or any break of BG/NBD: `MECHANISMS` has the others by name.
    """

    start: date = date(2024, 1, 1)  # first day
    acquisition_weeks: float = 12.0  # first purchases of the customers are spread over this time, evenly unless said below [weeks]
    acquisition_trend: float = 0.0  # growth of the number of first purchases within it [log per year]
    acquisition_season: float = 0.0  # amplitude of a yearly wave in that number, 0 to 1
    acquisition_peak: float = 48.0  # week of the year where the wave is highest

    # Purchases and leaving.
    r: float = 0.243  # shape of the gamma distribution of purchase rates
    alpha: float = 4.414  # its rate; the mean customer buys r / alpha times a week [weeks]
    dropout: str = "after a purchase"  # or at any time, or never
    a: float = 0.793  # after a purchase: beta distribution of the chance to leave
    b: float = 2.426
    first_purchase_dropout: float = 0.0  # share of that chance that holds after the first purchase: 0 is BG/NBD, 1 is MBG/NBD
    s: float = 0.606  # at any time: shape of the gamma distribution of leaving rates
    beta: float = 11.669  # its rate [weeks]
    regularity: float = 1.0  # shape of the gamma distributed gaps between purchases: 1 is exponential, 2 and more are regular buyers
    season: float = 0.0  # amplitude of the yearly wave in everybody's rate, 0 to 1
    season_peak: float = 48.0  # week of the year where it is highest
    rate_trend: float = 0.0  # growth of everybody's rate [log per year]

    # Money.
    p: float = 6.25  # shape of one customer's amounts
    q: float = 3.74  # shape of the gamma distribution of customers' scales
    gamma: float = 15.44  # its rate; the mean customer spends p gamma / (q - 1) a purchase [currency]
    spend_with_rate: float = 0.0  # correlation (of normal scores) of the level of spend with the purchase rate
    price_trend: float = 0.0  # growth of all amounts [log per year]

    # Satisfaction.
    mood_spread: float = 0.0  # standard deviation of the part of satisfaction that comes and goes; that of the lasting part is 1
    mood_return: float = 0.1  # share of that part, and of what a problem did, that fades in a week [per week]
    satisfaction_dropout: float = 0.0  # log odds (or log rate) of leaving per standard deviation of satisfaction; negative keeps
    lagging: bool = False  # leaving answers to the satisfaction at the purchase before, which no survey of today shows

    # Problems, voice and handling.
    problem_chance: float = 0.0  # that a purchase has a problem
    voice: float = 0.3  # chance that somebody of mean satisfaction complains of a problem at her first purchase
    voice_satisfaction: float = 0.0  # log odds of complaining per standard deviation of satisfaction
    voice_purchases: float = 0.0  # log odds of complaining per unit of log(1 + purchases before)
    outcome_shares: ByOutcome = (0.45, 0.30, 0.25)  # how complaints end
    outcome_dropout: ByOutcome = (0.0, 0.0, 0.0)  # log odds of leaving after the purchase complained about
    complaint_dropout: ByOutcome = (0.0, 0.0, 0.0)  # chance to leave at the moment of the complaint, whatever the purchase did
    complaint_dropout_per_day: float = 0.0  # what each day without an answer adds to that chance [per day]
    leavers_complain: bool = True  # whether those who have left before they would have complained still do
    silent_dropout: float = 0.0  # the same log odds after a problem that was not complained about
    outcome_satisfaction: ByOutcome = (0.0, 0.0, 0.0)  # what the outcome does to satisfaction; it fades [standard deviations]
    silent_satisfaction: float = 0.0  # the same of a problem not complained about
    satisfaction_per_answer_day: float = 0.0  # what each day without an answer adds [standard deviations]
    days_to_complain: float = 4.0  # mean time from purchase to complaint [days]
    days_to_answer: ByOutcome = (1.0, 2.0, 6.0)  # mean time to the first answer [days]
    days_to_close: ByOutcome = (3.0, 5.0, 14.0)  # mean time from there to the end of the case [days]
    causes: Shares = (("delivery", 0.4), ("product", 0.3), ("billing", 0.2), ("staff", 0.1))  # no effect on anything
    channels: Shares = (("phone", 0.4), ("e-mail", 0.4), ("shop", 0.2))  # no effect on anything

    # Word of mouth among people who are not customers yet.
    prospects: int = 0  # how many there are
    arrival: float = 0.0  # rate at which one comes without having heard anything [per week]
    told: tuple[float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0)  # mean listeners after a purchase that ended satisfied,
    # acceptable, dissatisfied, with a silent problem, without a problem; the first, second and last speak well, the others badly
    convinces: float = 0.05  # chance that a good word decides a prospect to come
    deters: float = 0.10  # chance that a bad word decides a prospect never to come
    days_to_tell: float = 7.0  # mean time from purchase to telling [days]

    # Strategies and the trial.
    strategies: tuple[Strategy, ...] = ()
    trial_week: int = 52  # the customers known then are randomised
    trial_weeks: int = 26  # how long a strategy works, and the trial is watched
    trial_shares: tuple[float, ...] = ()  # chance of each strategy; the rest is the arm without one; empty: there is no trial

    # Survey.
    survey_week: int = 0  # when the survey asks; 0 stands for the end [weeks]
    response: float = 0.4  # chance that somebody of mean satisfaction who has not left answers
    response_satisfaction: float = 0.0  # log odds of answering per standard deviation of satisfaction
    response_left: float = 0.0  # log odds of answering of those who have left
    points: int = 10  # answers run from 1 to this [5 or 10]
    answer_centre: float = 0.65  # where the mean answer lies on the scale [share of its length]
    answer_spread: float = 0.22  # standard deviation of answers before they are rounded [share of its length]
    items: Shares = (("quality", 0.8), ("service", 0.7), ("delivery", 0.6), ("price", 0.5))  # correlation with satisfaction
    satisfaction_loading: float = 0.9  # correlation of the overall answer with satisfaction: below 1 is measurement error
    loyalty_loading: float = 0.6  # correlation of the intention to buy again with satisfaction
    segments: Shares = (("private", 0.7), ("business", 0.3))  # no effect on anything but what strategies do

    def __post_init__(self) -> None:
        _check(self)

    @property
    def satisfies(self) -> tuple[str, ...]:
        """The models whose assumptions hold of the purchases (cut to whole days) and amounts, with the trial left out.

        >>> from goodwill.simulate import MECHANISMS
        >>> MECHANISMS["MBG/NBD"].satisfies, MECHANISMS["full"].satisfies
        (('MBG/NBD', 'Gamma-Gamma'), ('Gamma-Gamma',))
        """
        at_complaints = (*self.outcome_dropout, *self.complaint_dropout, self.complaint_dropout_per_day)
        moves_leaving = (self.satisfaction_dropout, self.silent_dropout, *at_complaints)
        plain = self.regularity == 1 and self.season == 0 and self.rate_trend == 0 and not any(moves_leaving)
        kinds = {("after a purchase", 0.0): "BG/NBD", ("after a purchase", 1.0): "MBG/NBD"}
        name = {"at any time": "Pareto/NBD", "never": "NBD"}.get(self.dropout) or kinds.get((self.dropout, self.first_purchase_dropout))
        spend = self.spend_with_rate == 0 and self.price_trend == 0
        return ((name,) if plain and name else ()) + (("Gamma-Gamma",) if spend else ())


def _check(m: Mechanism) -> None:
    for name in ("causes", "channels", "segments", "outcome_shares"):
        total = sum(share[1] if isinstance(share, tuple) else share for share in getattr(m, name))
        if abs(total - 1) > 1e-9:
            raise DataError(f"the shares in {name} add up to {total:.4g}; they must add up to 1.")
    if m.dropout not in DROPOUTS:
        raise DataError(f"dropout is {m.dropout!r}; it is one of: {', '.join(DROPOUTS)}.")
    if not 0 <= m.acquisition_season < 1:
        raise DataError(f"acquisition_season is {m.acquisition_season}; the amplitude of a wave in a number lies between 0 and 1.")
    if not 0 <= m.season < 1:
        raise DataError(f"season is {m.season}; the amplitude of a wave in a rate lies between 0 and 1.")
    if not all(0 <= chance <= 1 for chance in m.complaint_dropout):
        raise DataError(f"complaint_dropout is {m.complaint_dropout}; chances lie between 0 and 1.")
    if not m.complaint_dropout_per_day >= 0:
        raise DataError(f"complaint_dropout_per_day is {m.complaint_dropout_per_day}; what waiting adds to a chance is not below 0.")
    if not m.mood_return > 0:
        raise DataError(f"mood_return is {m.mood_return}; moods fade, at a rate above 0 per week.")
    if m.points not in (5, 10):
        raise DataError(f"points is {m.points}; a survey scale here has 5 or 10 points.")
    if m.trial_shares and (len(m.trial_shares) != len(m.strategies) or sum(m.trial_shares) >= 1):
        raise DataError("trial_shares needs one chance per strategy, and something left for the arm without one.")
    for strategy in m.strategies:
        if len(strategy.rate) != len(m.segments):
            raise DataError(f"the strategy {strategy.name} has {len(strategy.rate)} effects for {len(m.segments)} segments.")


# Parameters of the three plain companies as fitted to CDNOW: BG/NBD and Pareto/NBD by Fader, Hardie & Lee (2005), MBG/NBD by this library.
_PLAIN = Mechanism()
_FULL = Mechanism(
    r=0.8,
    alpha=8.0,
    a=0.7,
    b=4.0,
    first_purchase_dropout=1.0,
    mood_spread=0.5,
    satisfaction_dropout=-0.3,
    problem_chance=0.15,
    voice=0.35,
    voice_satisfaction=-0.3,
    voice_purchases=0.3,
    outcome_dropout=(-0.4, 0.0, 1.1),
    silent_dropout=0.7,
    outcome_satisfaction=(0.2, 0.0, -1.0),
    silent_satisfaction=-0.6,
    satisfaction_per_answer_day=-0.03,
    prospects=4_000,
    arrival=0.002,
    told=(1.0, 0.0, 3.0, 1.5, 0.3),
    strategies=(Strategy("voucher", 1.0, (0.15, 0.05)), Strategy("call", 6.0, (0.05, 0.40), satisfaction=0.3)),
    trial_shares=(0.3, 0.3),
    response_satisfaction=0.2,
    response_left=-1.0,
)
MECHANISMS: dict[str, Mechanism] = {
    "BG/NBD": _PLAIN,
    "MBG/NBD": replace(_PLAIN, r=0.525, alpha=6.183, a=0.891, b=1.614, first_purchase_dropout=1.0),
    "Pareto/NBD": replace(_PLAIN, r=0.553, alpha=10.578, dropout="at any time"),
    "nobody leaves": replace(_PLAIN, dropout="never"),
    "full": _FULL,
    "nothing works": replace(
        _FULL,
        satisfaction_dropout=0.0,
        outcome_dropout=(0.0, 0.0, 0.0),
        silent_dropout=0.0,
        told=(0.0, 0.0, 0.0, 0.0, 0.0),
        strategies=(Strategy("voucher", 1.0, (0.0, 0.0)), Strategy("call", 6.0, (0.0, 0.0))),
    ),
}


def mechanism(name: str | Mechanism, **changed: Any) -> Mechanism:
    """A company by name with some parameters changed.

    Parameters
    ----------
    name : a name of `MECHANISMS`, or a Mechanism
    **changed : parameters of `Mechanism`

    Raises
    ------
    DataError
        For another name or parameter, and for values that make no company.

    Examples
    --------
    >>> mechanism("BG/NBD", season=0.3).satisfies
    ('Gamma-Gamma',)
    """
    if isinstance(name, str):
        if name not in MECHANISMS:
            raise DataError(f"there is no company called {name!r}; there are: {', '.join(MECHANISMS)}.")
        name = MECHANISMS[name]
    try:
        return replace(name, **changed)
    except TypeError:
        unknown = next(key for key in changed if not hasattr(name, key))
        raise DataError(f"a company has no parameter {unknown!r}; its parameters are the fields of Mechanism.") from None
