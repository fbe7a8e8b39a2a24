"""What the customers of a relationship will buy and bring if nothing is done: what a later run can count."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from goodwill.errors import TooLittle
from goodwill.lifetime_value.evidence.forecasts import forecasts

if TYPE_CHECKING:
    from goodwill.inference.fit import Fit
    from goodwill.inference.ledger import Forecast
    from goodwill.lifetime_value.value import ValueTerms


def purchases_ahead(
    buying: Fit, spending: Fit, summary: Any, terms: ValueTerms, currency: str, *, simulated: bool = False, seed: int = 1
) -> list[Forecast]:
    """`goodwill.lifetime_value.forecasts` by the model of buying alone, which knows no satisfaction: levers are no part of it.

    Parameters
    ----------
    buying, spending : fits of the purchase model and of the spend model, to `summary`
    simulated : whether the company is made up, of which nothing comes
    terms, currency : of the money, and its label

    Raises
    ------
    TooLittle
        Where the company is simulated.

    Examples
    --------
    >>> import goodwill as gw
    >>> made = gw.relationship.example_records()
    >>> said = purchases_ahead(made.buying, made.spending, made.summary, made.terms, "USD")
    >>> [(one.name, (one.due - one.made).days, round(one.estimate, -1)) for one in said]
    [('purchases', 28, 150.0), ('value', 28, 1540.0), ('purchases', 364, 1690.0), ('value', 364, 16910.0)]
    """
    if simulated:
        raise TooLittle("the company is simulated, so that nothing more comes of it.")
    return forecasts(buying, SimpleNamespace(fit=spending), summary, terms, None, currency=currency, seed=seed)
