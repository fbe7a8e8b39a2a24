"""What a finding is when something that it is about is absent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import ParamSpec

from goodwill.findings.finding import Absent, Finding, Value, missing

P = ParamSpec("P")


def needs_all(
    names: Mapping[str, str | Value] | None = None, *, silent: bool = False, but: tuple[str, ...] = ()
) -> Callable[[Callable[P, Finding]], Callable[P, Finding]]:
    """For a function that makes a finding: when one of its arguments is Absent, the finding is `missing`, with these names.

    Parameters
    ----------
    names : label (or `Value`) by name of the values that are promised in any case
    silent : say nothing and record nothing, where another finding says the same already
    but : keyword arguments that may be Absent

    Examples
    --------
    >>> @needs_all({"gain": "Gain"})
    ... def gain(plan: float) -> Finding:
    ...     return Finding({"gain": Value(plan, "Gain")})
    >>> gain(Absent("No plan is made.")).parts["gain"].reason
    'No plan is made.'
    """

    def decorate(function: Callable[P, Finding]) -> Callable[P, Finding]:
        @wraps(function)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> Finding:
            needed = [value for name, value in kwargs.items() if name not in but]
            absent = next((each for each in (*args, *needed) if isinstance(each, Absent)), None)
            if absent is None:
                return function(*args, **kwargs)
            return Finding() if silent else missing(absent, names)

        return guarded

    return decorate
