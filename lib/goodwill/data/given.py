"""Sources that a user may or may not give, and the names under which a report calls them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from goodwill.errors import TooLittle

Read = TypeVar("Read")


def given(source: Any, what: str, how: str) -> Any:
    """The source as it is; too little to go on where none was given.

    Parameters
    ----------
    source : a path, a table, or an empty text or None for nothing
    what : what the source holds, such as "purchases"
    how : the parameter that gives it, such as "data="

    Raises
    ------
    TooLittle
        When there is none.

    Examples
    --------
    >>> given("shop.csv", "purchases", "data=")
    'shop.csv'
    >>> given("", "purchases", "data=")
    Traceback (most recent call last):
    goodwill.errors.TooLittle: There are no purchases: pass data=.
    """
    if source is None or (isinstance(source, str) and not source):
        raise TooLittle(f"There are no {what}: pass {how}.")
    return source


def called(read: Read, name: str) -> Read:
    """What was read, with another name of its source; with an empty name, as it is.

    Parameters
    ----------
    read : Transactions, Complaints or any frozen dataclass with a `source`
    name : such as "simulated company, purchases"

    Examples
    --------
    >>> import goodwill as gw
    >>> called(gw.read_survey("acsi_2015"), "our survey").source
    'our survey'
    """
    return replace(read, source=name) if name else read  # type: ignore[type-var]
