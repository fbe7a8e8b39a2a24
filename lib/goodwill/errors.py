"""The errors that reach a user: each says what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class GoodwillError(Exception):
    """Base of the errors that a user can mend; the command line prints them as one paragraph, without a traceback."""


class DataError(GoodwillError):
    """The data cannot be read or interpreted: names the file, the column, the first rows and the parameter that helps."""


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
    """There is too little to go on: too few data for what is asked, or a table that was not given."""


class FitError(GoodwillError):
    """A model cannot be fitted to these data, or what is asked of it does not exist."""


class ReportError(GoodwillError):
    """A report cannot be run: an unknown notebook, a bad parameter, a bad recipe, a notebook that did not finish."""


class UsageError(ReportError):
    """A report was asked for wrongly (unknown notebook, parameter or recipe key); the command line exits with status 2."""
