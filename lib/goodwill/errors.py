"""The errors that reach a user: each says what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class GoodwillError(Exception):
    """Base of the errors that a user can mend; the command line prints them as one paragraph, without a traceback.

    Examples
    --------
    >>> import goodwill as gw
    >>> try:
    ...     gw.read_transactions("no_such_shop")
    ... except gw.GoodwillError as error:
    ...     print(type(error).__name__)
    DataError
    """


class DataError(GoodwillError):
    """The data cannot be read or interpreted: names the file, the column, the first rows and the parameter that helps.

    Examples
    --------
    >>> import goodwill as gw
    >>> gw.ValueTerms(horizon=52, margin=30, annual_discount_rate=0.15, unit="week")
    Traceback (most recent call last):
    goodwill.errors.DataError: the margin is 30; it must be a share of spend above 0, up to 1
    """


class Unclear(DataError):
    """The data can be meant in several ways: asks which, and holds the parameters that answer in the likeliest way.

    Parameters
    ----------
    message : str
        What is unclear, and the parameters that decide it.
    answers : mapping
        Parameters of the reader with the likeliest answer; lists (`keep`, `missing`) are added to what was told.
    """

    def __init__(self, message: str, answers: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.answers = dict(answers)


class TooLittle(DataError):
    """There is too little to go on: too few data for what is asked, or a table that was not given.

    Only this error makes `gw.attempt` return what is absent in place of a result; every other one is raised.

    Examples
    --------
    >>> import goodwill as gw
    >>> gw.attempt(gw.data.given, "", "complaints", "complaints=")
    Absent('There are no complaints: pass complaints=.')
    """


class FitError(GoodwillError):
    """A model cannot be fitted to these data, or what is asked of it does not exist.

    Examples
    --------
    >>> import pandas as pd
    >>> import goodwill as gw
    >>> gw.BetaGeoNBD.fit(pd.DataFrame({"frequency": [0, 0], "recency": [0.0, 0.0], "T": [10.0, 12.0]}))
    Traceback (most recent call last):
    goodwill.errors.FitError: no customer has a repeat purchase (all frequencies are 0), so there is nothing to learn about coming back
    """


class ReportError(GoodwillError):
    """A report cannot be run: an unknown notebook, a bad parameter, a bad recipe, a notebook that did not finish.

    Examples
    --------
    >>> import goodwill as gw
    >>> gw.record("share", float("nan"))
    Traceback (most recent call last):
    goodwill.errors.ReportError: record('share'): the value is nan; where no value exists record None with reason=.
    """


class UsageError(ReportError):
    """A report was asked for wrongly (unknown notebook, parameter or recipe key); the command line exits with status 2.

    Examples
    --------
    >>> import goodwill as gw
    >>> gw.findings.explore(gw.Finding())
    Traceback (most recent call last):
    goodwill.errors.UsageError: this finding has no number to be moved.
    """
