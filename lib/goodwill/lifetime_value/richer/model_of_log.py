"""Which class of a purchase model fits a log: one that knows the calendar, older customers, or the other groups of which it is one."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from goodwill.errors import FitError
from goodwill.lifetime_value.evidence.windows import first_purchase_pile
from goodwill.lifetime_value.richer.borrowing import Borrowing
from goodwill.lifetime_value.richer.older import PLAIN, older_apart
from goodwill.lifetime_value.richer.seasonal import in_season

if TYPE_CHECKING:
    from goodwill.data.tables import Transactions
    from goodwill.lifetime_value.richer.borrowing import Lenders


def model_for(
    transactions: Transactions,
    model: Any,
    calendar: Any = (),
    *,
    all_new: bool = False,
    end: date | str | None = None,
    lenders: Lenders | None = None,
) -> Any:
    """The class of model that fits a log: under the calendar that is asked for, and, where old customers pile up at its start, with
    parameters of their own for these. Of one group of many, a model that borrows from the others.

    Parameters
    ----------
    all_new : customers are known to have begun inside the log, so that no pile is looked for
    lenders : the groups from which the model borrows

    Raises
    ------
    FitError
        For a calendar, or stacked models, of a group that borrows.

    Examples
    --------
    >>> import goodwill as gw
    >>> model_for(gw.read_transactions("cdnow_sample"), gw.BetaGeoNBD).__name__  # a cohort, without a pile
    'BetaGeoNBD'
    """
    under = in_season(model, calendar)
    if lenders is not None:
        if under is not model or model not in PLAIN.values():
            raise FitError(
                "a group borrows under BG/NBD, MBG/NBD or Pareto/NBD without a calendar; leave out borrow_from=, or name one of these"
            )
        return Borrowing(model, lenders)
    if not all_new and PLAIN.get(getattr(model, "__name__", "stacked")) is model:
        pile = first_purchase_pile(transactions, end=end)
        if pile.until is not None:
            return older_apart(under, pile.until)
    return under
