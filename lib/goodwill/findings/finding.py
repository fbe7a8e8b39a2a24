"""What a section of a report found: its values, tables and drawings by name, and the text that says them; or that there is nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, ParamSpec, TypeAlias

from goodwill.errors import TooLittle

if TYPE_CHECKING:
    import pandas as pd

P = ParamSpec("P")


class Value(NamedTuple):
    """A result of one value; what `goodwill.record` is told.

    `value` may be anything with estimate, lower and upper, which brings its interval. `model_interval` is the narrower one that would hold
    if the model were right; `grade` (measured, published, assumed) is that of the weakest input that matters, and `weakest` names it;
    `track_record` says how earlier statements of this kind have fared.

    Attributes
    ----------
    value : number, text, or anything with estimate, lower and upper
    label, unit : for people
    interval, model_interval : pairs of numbers
    level : of the interval
    reason : why there is no value, or no interval
    grade, weakest, track_record : as above

    Examples
    --------
    >>> import goodwill as gw
    >>> told = Value(gw.inference.Interval(1200.0, 1000.0, 1500.0), "Profit of the year", unit="USD", grade="measured")
    >>> told.value.lower, told.label, told.grade
    (1000.0, 'Profit of the year', 'measured')
    """

    value: Any
    label: str
    unit: str | None = None
    interval: Sequence[Any] | None = None
    model_interval: Sequence[Any] | None = None
    level: float = 0.95
    reason: str | None = None
    grade: str | None = None
    weakest: str | None = None
    track_record: Any = None


class Table(NamedTuple):
    """A frame with the words above it; what `goodwill.record_table` is told.

    Attributes
    ----------
    frame : DataFrame
    caption : the words above it
    formats : by column, such as "{:.0%}", or a function of the cell
    max_rows : shown on the page; the CSV has all

    Examples
    --------
    >>> import pandas as pd
    >>> told = Table(pd.DataFrame({"share": [0.25]}), "Who the customers are", formats={"share": "{:.0%}"})
    >>> told.caption, told.formats["share"].format(told.frame["share"][0])
    ('Who the customers are', '25%')
    """

    frame: pd.DataFrame
    caption: str
    formats: Mapping[str, str | Callable[[Any], str]] | None = None
    max_rows: int = 30


class Drawing(NamedTuple):
    """A figure with the sentence below it, and in `words` what a reader who cannot see it needs; made from the same table.

    Attributes
    ----------
    figure : matplotlib Figure
    caption, words : str

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> told = Drawing(Figure(), "Purchases of CDNOW's customers", words="Half of the customers never came back.")
    >>> told.caption
    "Purchases of CDNOW's customers"
    """

    figure: Any
    caption: str
    words: str


class Dial(NamedTuple):
    """An input: its name for people, its values as they are written, and the place of the one that the report itself uses."""

    label: str
    shown: tuple[str, ...]
    start: int


class Explorer(NamedTuple):
    """Dials, and what stands for each setting of them: the labels of the answers, and their texts, the last dial turning fastest."""

    caption: str
    dials: tuple[Dial, ...]
    answers: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]

    def at(self, *places: int) -> dict[str, str]:
        """The answers where the dials stand at these places.

        Examples
        --------
        >>> dial = Dial("Margin", ("10%", "20%"), 0)
        >>> Explorer("What if?", (dial,), ("Value",), (("5 USD",), ("10 USD",))).at(1)
        {'Value': '10 USD'}
        """
        cell = 0
        for dial, place in zip(self.dials, places, strict=True):
            cell = cell * len(dial.shown) + place
        return dict(zip(self.answers, self.cells[cell], strict=True))


Part: TypeAlias = Value | Table | Drawing | Explorer


class Absent:
    """Takes the place of what could not be computed, and knows why in one sentence.

    It can be passed on, compared with itself and shown. Whatever else is done with it raises its sentence as `TooLittle`.

    Examples
    --------
    >>> fit = Absent("Seven customers are too few for a fit.")
    >>> fit.summary
    Traceback (most recent call last):
    goodwill.errors.TooLittle: Seven customers are too few for a fit.
    """

    __slots__ = ("why",)
    why: str

    def __init__(self, why: str) -> None:
        object.__setattr__(self, "why", why)

    def __repr__(self) -> str:
        return f"Absent({self.why!r})"

    def __str__(self) -> str:
        return self.why

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Absent) and self.why == other.why

    def __hash__(self) -> int:
        return hash((Absent, self.why))

    def __copy__(self) -> Absent:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Absent:
        return self

    def __reduce__(self) -> tuple[type[Absent], tuple[str]]:
        return Absent, (self.why,)

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):  # Python and its tools ask any object which protocols it has
            raise AttributeError(name)
        raise TooLittle(self.why)

    def _touched(self, *_: Any, **__: Any) -> NoReturn:
        raise TooLittle(self.why)


_TOUCHES = (
    "setattr delattr format bool len iter next reversed contains call getitem setitem delitem enter exit array array_ufunc "
    "lt le gt ge neg pos abs invert int float complex index fspath round trunc floor ceil "
    "add sub mul matmul truediv floordiv mod divmod pow lshift rshift and or xor "
    "radd rsub rmul rmatmul rtruediv rfloordiv rmod rdivmod rpow rlshift rrshift rand ror rxor"
)
for _name in _TOUCHES.split():  # Python looks these up in the class, past __getattr__
    setattr(Absent, f"__{_name}__", Absent._touched)


@dataclass(frozen=True)
class Finding:
    """The answer to one question: parts by the names under which they are recorded, and a text.

    The text is Markdown; `{name}` in it stands for a value recorded under that name, here or before, as in `goodwill.say`. `absent` is set
    when the finding could not be made: its sentence is then said in place of the text. `without` holds the tables and drawings that the
    data do not allow, with the sentence that says why: a notebook that promises one keeps its word by saying that.

    Examples
    --------
    >>> from goodwill.findings import Value
    >>> returning = Value(0.41, "Customers who return", "share", interval=(0.39, 0.43))
    >>> found = Finding({"returning": returning}, "Of all customers {returning} return.")
    >>> list(found.parts), found.absent
    (['returning'], None)
    """

    parts: Mapping[str, Part] = field(default_factory=dict)
    text: str = ""
    absent: Absent | None = None
    without: Mapping[str, str] = field(default_factory=dict)


def attempt(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """The result of the call; `Absent` when an argument is, or when the function finds too little to go on.

    Parameters
    ----------
    function : callable
        What is computed. Only `TooLittle` counts as finding too little; every other error is raised.
    *args, **kwargs
        Its arguments. One that is Absent, or a list, tuple or dict that holds one, is returned as it is.

    Examples
    --------
    >>> from goodwill.errors import TooLittle
    >>> def fit(days):
    ...     if len(days) < 3:
    ...         raise TooLittle(f"{len(days)} days are too few for a fit.")
    ...     return sum(days) / len(days)
    >>> attempt(fit, [3, 4])
    Absent('2 days are too few for a fit.')
    >>> attempt(round, attempt(fit, [3, 4]), 1)
    Absent('2 days are too few for a fit.')
    """
    absent = next(_absent_among((function, *args, *kwargs.values())), None)
    if absent is not None:
        return absent
    try:
        return function(*args, **kwargs)
    except TooLittle as error:
        return Absent(str(error))


def missing(
    absent: Absent, names: Mapping[str, str | Value] | None = None, /, *, without: Sequence[str] = (), **more: str | Value
) -> Finding:
    """The finding of what could not be computed: a value that is not available under each name, with the reason.

    Parameters
    ----------
    absent : Absent
        Says why.
    names : mapping, optional
        Label by name; a `Value` where the unit counts.
    without : sequence of str
        Names of the tables and drawings that there are not either.
    **more : str or Value
        The same, as keywords.

    Examples
    --------
    >>> from goodwill.findings import Absent
    >>> missing(Absent("No answers."), share_loyal="Loyal share").parts["share_loyal"].reason
    'No answers.'
    """
    parts = {name: _unavailable(given, absent.why) for name, given in {**(names or {}), **more}.items()}
    return Finding(parts, absent.why.replace("{", "{{").replace("}", "}}"), absent, dict.fromkeys(without, absent.why))


def _unavailable(given: str | Value, why: str) -> Value:
    value = given if isinstance(given, Value) else Value(None, given)
    return value._replace(value=None, interval=None, model_interval=None, reason=why)


def _absent_among(arguments: Sequence[Any]) -> Iterator[Absent]:
    for argument in arguments:
        inside = argument.values() if isinstance(argument, dict) else argument if isinstance(argument, list | tuple) else ()
        yield from (item for item in (argument, *inside) if isinstance(item, Absent))


def needs_all(
    names: Mapping[str, str | Value] | None = None, *, silent: bool = False, but: tuple[str, ...] = (), without: tuple[str, ...] = ()
) -> Callable[[Callable[P, Finding]], Callable[P, Finding]]:
    """For a function that makes a finding: when one of its arguments is Absent, the finding is `missing`, with these names.

    Parameters
    ----------
    names : label (or `Value`) by name of the values that are promised in any case
    silent : say nothing and record nothing, where another finding says the same already
    but : keyword arguments that may be Absent
    without : names of the tables and drawings that are promised in any case

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
            return Finding() if silent else missing(absent, names, without=without)

        return guarded

    return decorate
