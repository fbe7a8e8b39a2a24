"""The errors that reach a user: each says what is wrong, where, and what to do."""


class GoodwillError(Exception):
    """Base of the errors that a user can mend; the command line prints them as one paragraph, without a traceback."""


class DataError(GoodwillError):
    """The data cannot be read or interpreted: names the file, the column, the first rows and the parameter that helps."""


class TooLittle(DataError):
    """There is too little to go on: too few data for what is asked, or a table that was not given."""


class FitError(GoodwillError):
    """A model cannot be fitted to these data, or what is asked of it does not exist."""


class ReportError(GoodwillError):
    """A report cannot be run: an unknown notebook, a bad parameter, a bad recipe, a notebook that did not finish."""


class UsageError(ReportError):
    """A report was asked for wrongly (unknown notebook, parameter or recipe key); the command line exits with status 2."""
