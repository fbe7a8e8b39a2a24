"""All that is unclear in a source in one message, with the answers that make it readable, in the words of where the user stands."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from goodwill.data.doubts.doubt import as_yaml
from goodwill.errors import DataError, Unclear

Read = TypeVar("Read")
LISTS = ("keep", "missing")
MOST = 12  # questions about one source


def as_list(texts: Iterable[str] | str) -> list[str]:
    """A list of texts; a text alone is a list of one."""
    return [texts] if isinstance(texts, str) else [str(text) for text in texts]


def answered(read: Callable[[Mapping[str, Any]], Read], told: Mapping[str, Any]) -> Read:
    """What a reader returns for what was told; all that it asks is asked at once.

    A question is answered in its likeliest way to come to the next one. So the answers together have been tried on this very source.

    Raises
    ------
    Unclear
        With all questions and all answers.
    DataError
        Where it cannot be read, whatever is answered.
    """
    asked: list[Unclear] = []
    given = dict(told)
    while True:
        try:
            found = read(given)
        except Unclear as question:
            following = with_answers(given, question.answers)
            asked.append(question)
            if following == given or len(asked) >= MOST:
                raise _together(asked, "") from None
            given = following
        except DataError as error:
            if not asked:
                raise
            raise _together(asked, str(error)) from None
        else:
            if not asked:
                return found
            raise _together(asked, "") from None


def with_answers(told: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    """What was told and answered: lists grow, the rest is replaced.

    Examples
    --------
    >>> with_answers({"keep": ["a=1"], "amount": None}, {"keep": ["b=2"], "amount": "paid"})
    {'keep': ['a=1', 'b=2'], 'amount': 'paid'}
    """
    lists = {name: list(dict.fromkeys([*told.get(name, ()), *values])) for name, values in answers.items() if name in LISTS}
    return {**told, **answers, **lists}


def _together(asked: list[Unclear], failure: str) -> Unclear:
    """One error for all questions, and what stands in the way of reading even with their answers."""
    answers: dict[str, Any] = {}
    for question in asked:
        answers = with_answers(answers, question.answers)
    parts = [str(question) for question in asked] + ([f"{failure}"] if failure else [])
    if len(parts) == 1:
        return Unclear(parts[0], answers)
    listed = " ".join(f"({place}) {part}" for place, part in enumerate(parts, 1))
    closing = "" if failure else f" All at once: {', '.join(f'{name}={value!r}' for name, value in answers.items())}."
    return Unclear(f"{len(parts)} things are unclear. {listed}{closing}", answers)


# --------------------------------------------------------------------------------------------- in the words of where the user stands

_TEXT = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_PARAMETER = re.compile(
    rf"(?<![\w-])(?P<name>[a-z_]+)=(?P<value>\[(?:{_TEXT})(?:, (?:{_TEXT}))*\]|{_TEXT})|(?<![\w-])(?P<bare>[a-z_]+)=(?=[\s,;.)]|$)"
)


def on_the_command_line(message: str, names: Iterable[str], way: str = "") -> str:
    """A message in which parameters are options: `customer_id='Email'` as `--customer-id Email`, or as another `way` says.

    Examples
    --------
    >>> message = "say which with customer_id=. Pass keep=['status=paid', 'a=1'] or date='Order Date'."
    >>> on_the_command_line(message, ["customer_id", "keep", "date"])
    "say which with --customer-id. Pass --keep 'status=paid' --keep 'a=1' or --date 'Order Date'."
    >>> print(on_the_command_line("pass missing=['n/a', '-'] or amount=", ["missing", "amount"], "-p {name} {value}"))
    pass -p missing '["n/a", "-"]' or -p amount
    """
    known = set(names)

    def option(match: re.Match[str]) -> str:
        name = match["name"] or match["bare"]
        if name not in known:
            return match[0]
        if way:
            value = ast.literal_eval(match["value"]) if match["value"] else ""
            text = as_yaml(value) if isinstance(value, list) else value
            return way.format(name=name, value=_quoted(text) if match["value"] else "").rstrip()
        return f"--{name.replace('_', '-')}" if match["bare"] else as_options({name: ast.literal_eval(match["value"])})

    return _PARAMETER.sub(option, message)


def as_options(answers: Mapping[str, Any]) -> str:
    """Parameters as options of the command line.

    Examples
    --------
    >>> as_options({"customer_id": "Email", "keep": ["status=paid|shipped"]})
    "--customer-id Email --keep 'status=paid|shipped'"
    """
    pairs = [(name, each) for name, value in answers.items() for each in (value if isinstance(value, list) else [value])]
    return " ".join(f"--{name.replace('_', '-')} {_quoted(str(value))}" for name, value in pairs)


def _quoted(text: str) -> str:
    return f"'{text}'" if re.search(r"[=|<>*()]", text) and "'" not in text else shlex.quote(text)


def as_recipe(answers: Mapping[str, Any]) -> list[str]:
    """Parameters as the lines of a recipe.

    Examples
    --------
    >>> as_recipe({"customer_id": "Email", "keep": ["status=paid"]})
    ['customer_id: "Email"', 'keep: ["status=paid"]']
    """
    return [f"{name}: {as_yaml(value)}" for name, value in answers.items()]
