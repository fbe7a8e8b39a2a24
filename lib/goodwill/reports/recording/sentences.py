"""Sentences with recorded values in them: no number of a report is typed in its prose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from string import Formatter

from goodwill.errors import ReportError
from goodwill.findings.numbers import describe, safe_markdown
from goodwill.reports.recording import output
from goodwill.reports.recording.output import RECORDED
from goodwill.reports.recording.parameters import unknown_name

FORMS = ("", "value", "interval", "number")


def say(text: str) -> None:
    """Write a sentence (Markdown) with recorded values in it, so that no number is typed in prose.

    Parameters
    ----------
    text : str
        `{name}` is the value with unit and interval; `{name:value}` without the interval; `{name:interval}` its two ends;
        `{name:number}` the bare number; `{name:.4f}` the bare number with so many digits.

    Raises
    ------
    ReportError
        For a name that was not recorded, or a form that does not exist.

    Examples
    --------
    >>> import goodwill as gw
    >>> gw.record("expected", 1653.4, interval=(1456, 1863), unit="purchases")
    >>> gw.say("We expect {expected:value}, and between {expected:interval} in 95 of 100 such years.")
    """
    names = sorted({field for _, field, _, _ in Formatter().parse(text) if field})
    output.put({"kind": "said", "names": names}, markdown=filled(text, safe_markdown))


def say_absent(why: str, names: Sequence[str] = ()) -> None:
    """Say why there is nothing to show, also under these recorded names; a page whose *In short* does so is thin."""
    output.put({"kind": "absent", "why": why, "names": list(names)}, markdown=safe_markdown(why))


def filled(text: str, safe: Callable[[str], str]) -> str:
    """The text with recorded values in place of the names in braces."""
    words = []
    for literal, field, form, _ in Formatter().parse(text):
        words.append(literal)
        if field is not None:
            words.append(safe(_said(field, form or "")))
    return "".join(words)


def _said(name: str, form: str) -> str:
    if name not in RECORDED:
        raise ReportError(unknown_name(name, RECORDED, "recorded value", "this notebook"))
    try:
        return describe(RECORDED[name], form)
    except ValueError:
        forms = ", ".join(form for form in FORMS if form)
        raise ReportError(f"say: {{{name}:{form}}} cannot be written; after the colon stand {forms} or a format such as .2f.") from None
