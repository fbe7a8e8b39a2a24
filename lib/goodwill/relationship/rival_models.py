"""How far models of leaving that fit the same purchases differ in what a customer kept is worth.

No purchase model says by itself how wrong it is. Three of them see leaving differently (`purchase_choice`). Each gives its own worth of a
customer kept, with the weight of its likelihood, and the error of the one in use is the weighted spread of the others about it (Buckland,
Burnham & Augustin 1997, Biometrics 53(2), 603-618). Where the purchases tell one model from the others, nothing is added;
what none of the three can see (seasons, regular buyers) is not in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from goodwill.lifetime_value.evidence.purchase_choice import purchase_candidates
from goodwill.lifetime_value.modified_beta_geo_nbd import ModifiedBetaGeoNBD
from goodwill.lifetime_value.pareto_nbd import ParetoNBD
from goodwill.relationship.satisfaction_dropout import chance_nodes

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
MOVE = -0.05  # log odds, or log rate, of leaving: the move by which a customer kept is valued
IN_USE = "MBG/NBD"


class Rival(NamedTuple):
    """A model that fits the same purchases.

    Attributes
    ----------
    name : of the model
    worth : purchases' worth of a customer more who is still there at the end of the horizon [currency, not discounted]
    weight : of the model, by its likelihood; they add up to 1

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> [(each.name, round(each.weight, 2)) for each in made.base.rivals]
    [('MBG/NBD', 1.0), ('BG/NBD', 0.0), ('Pareto/NBD', 0.0)]
    """

    name: str
    worth: float
    weight: float


def rivals(customers: pd.DataFrame, profit: Floats, horizon: float, start: Any = None) -> list[Rival]:
    """The models that can be fitted, MBG/NBD first.

    Parameters
    ----------
    customers : frequency, recency, T, one row per customer
    profit : margin that one purchase of each is expected to bring [currency]
    horizon : in which customers are kept, in their unit
    start : a fit of MBG/NBD to these customers, which saves time

    Examples
    --------
    >>> import numpy as np
    >>> import goodwill as gw
    >>> customers = gw.example("cdnow").head(300)
    >>> found = rivals(customers, np.full(300, 10.0), horizon=39)  # 10 of margin a purchase
    >>> {each.name: round(each.worth, 1) for each in found}
    {'MBG/NBD': 27.8, 'BG/NBD': 23.1, 'Pareto/NBD': 16.0}
    """
    times = customers[["frequency", "recency", "T"]]
    found = purchase_candidates(times, {} if start is None else {IN_USE: start})
    found.sort(key=lambda each: each.name != IN_USE)
    return [Rival(each.name, kept_worth(each.fit.model, times, profit, horizon), each.weight) for each in found]


def spread(found: list[Rival]) -> float:
    """Root of the weighted mean square of how far each model's worth lies from that of the first, as a share of it.

    >>> round(spread([Rival("MBG/NBD", 10.0, 0.5), Rival("BG/NBD", 12.0, 0.5)]), 4)
    0.1414
    """
    if not found or not found[0].worth > 0:
        return 0.0
    return float(np.sqrt(sum(each.weight * (each.worth / found[0].worth - 1) ** 2 for each in found)))


def kept_worth(model: Any, customers: pd.DataFrame, profit: Floats, horizon: float) -> float:
    """What is brought within the horizon, per customer more who is there at its end, when leaving is made a little less likely [currency].

    Given that a customer is there at T, her rate of purchase and her leaving are independent, and what they are is conjugate to her
    history in all three models; with p, or mu, moved, her purchases and the chance that she stays are closed forms.

    Parameters
    ----------
    model : BetaGeoNBD, ModifiedBetaGeoNBD or ParetoNBD
    customers : frequency, recency, T, in the unit of the model
    profit : of a purchase, shape (customers,) [currency]
    horizon : in that unit
    """
    frequency, recency, T = (customers[name].to_numpy(float) for name in ("frequency", "recency", "T"))
    alive = np.asarray(model.probability_alive(frequency, recency, T), float)
    pairs, place = np.unique(np.column_stack([frequency, T]), axis=0, return_inverse=True)
    money, there = (np.bincount(place.ravel(), each, len(pairs)) for each in (profit * alive, alive))
    (bought, stayed), (more, kept) = (_expected(model, pairs, horizon, move) for move in (0.0, MOVE))
    return float(money @ (more - bought)) / max(float(there @ (kept - stayed)), 1e-300)


def _expected(model: Any, pairs: Floats, horizon: float, move: float) -> tuple[Floats, Floats]:
    """Purchases within the horizon and the chance to be there at its end, of customers who are there, by (frequency, T)."""
    x, T = pairs.T
    r, alpha = model.r + x, model.alpha + T
    if isinstance(model, ParetoNBD):
        s, beta = float(model.s), (model.beta + T) * np.exp(-move)
        stay = (beta / (beta + horizon)) ** s
        s = s if abs(s - 1) > 1e-6 else 1 + 1e-6
        return r / alpha * beta / (s - 1) * (1 - (beta / (beta + horizon)) ** (s - 1)), stay
    bought, stay = np.zeros(len(x)), np.zeros(len(x))
    first = 1 if isinstance(model, ModifiedBetaGeoNBD) else 0
    for each in np.unique(x):
        at = x == each
        odds, weight = chance_nodes(float(model.a), float(model.b + each + first))
        p = special.expit(odds + move)
        still = (alpha[at, None] / (alpha[at, None] + p * horizon)) ** r[at, None]
        stay[at], bought[at] = still @ weight, ((1 - still) / p) @ weight
    return bought, stay
