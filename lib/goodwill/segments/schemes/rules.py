"""Rules: what a scheme of segments learned once, written as text, and applied unchanged to later customers.

A scheme is a function `name(customers, ...) -> Rules` in a module of this room, with a partner `place_name(rules, customers)` that gives
the position of each customer's segment; `learn` and `Rules.assign` find both by the scheme's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib import import_module
from inspect import signature
from typing import TYPE_CHECKING, Any

import numpy as np

from goodwill.errors import DataError
from goodwill.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

SCHEMES = {
    "rfm": "rfm_segments",
    "sales_decile": "deciles",
    "count_decile": "deciles",
    "target_groups": "deciles",
    "abc": "abc_classes",
    "abc_list": "abc_classes",
    "pyramid": "tiers",
    "loyalty_tier": "tiers",
    "loyalty_role": "loyalty_roles",
    "relationship": "relationship_customers",
    "region_industry": "regions",
    "hiatus": "hiatus_rule",
    "mixture": "latent_classes",
    "scorecard": "scorecards",
    "payment_record": "payment_records",
}
FORMAT = 1  # of the text


@dataclass(frozen=True, repr=False)
class Rules(Shown):
    """Rules of one scheme, learned from the customers of one window.

    Attributes
    ----------
    scheme : str
        One of `SCHEMES`.
    segments : tuple of str
        Best first; every one can be reached by some customer.
    settings : mapping
        Plain data: columns, cut points, names.
    notes : tuple of str
        Sentences for the reader: what ties did, which segments fell away, how a cut was chosen.
    relative : bool
        True: the cuts are learned anew from whatever customers are assigned, so that moving between segments is purely relative.

    Examples
    --------
    >>> import pandas as pd
    >>> rules = Rules("abc", ("A", "B", "C"), {"column": "spend", "lowest": [100.0, 20.0]})
    >>> rules.assign(pd.DataFrame({"spend": [150.0, 5.0]})).tolist(), Rules.from_text(rules.to_text()) == rules
    (['A', 'C'], True)
    """

    scheme: str
    segments: tuple[str, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    relative: bool = False

    def __post_init__(self) -> None:
        module = home_of(self.scheme)
        object.__setattr__(self, "segments", tuple(str(name) for name in self.segments))
        object.__setattr__(self, "settings", plain(self.settings))
        object.__setattr__(self, "notes", tuple(self.notes))
        twice = sorted({name for name in self.segments if self.segments.count(name) > 1})
        if not self.segments or twice:
            what = f"names {', '.join(map(repr, twice))} more than once" if twice else "have no segments"
            raise DataError(f"the rules of '{self.scheme}' {what}: give each segment a name of its own.")
        try:
            if self.relative:
                self.settings["options"].items()  # with which they are learned anew
            else:
                getattr(module, f"check_{self.scheme}")(self)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            said = f"lack {error}" if isinstance(error, KeyError) else f"hold something of the wrong kind ({error})"
            raise DataError(f"the settings of '{self.scheme}' {said}: learn the rules again, or mend the text.") from None

    def _said(self) -> str:
        return f"{self.scheme}, {len(self.segments)} segments: {', '.join(self.segments)}"

    def assign(self, customers: pd.DataFrame) -> pd.Categorical:
        """The segment of each customer, in the order of the rows: ordered, best first, never missing.

        Raises
        ------
        DataError
            A column that the scheme needs is missing or has gaps.
        """
        import pandas as pd

        if self.relative:
            # Where ties leave a segment empty here, its name stays among the categories.
            anew = learn(self.scheme, customers, **self.settings["options"])
            return anew.assign(customers).set_categories(list(self.segments), ordered=True)
        positions = getattr(home_of(self.scheme), f"place_{self.scheme}")(self, customers)
        return pd.Categorical.from_codes(np.asarray(positions, dtype=np.int64), pd.Index(self.segments, dtype=object), ordered=True)

    def to_text(self) -> str:
        """YAML that `from_text` reads back; plain data only, meant to be read and kept under version control."""
        import yaml

        told = {"goodwill_rules": FORMAT, "scheme": self.scheme, "relative": self.relative, "segments": self.segments}
        told |= {"settings": self.settings, "notes": self.notes}
        return yaml.safe_dump(_lists(told), allow_unicode=True, sort_keys=False, default_flow_style=None, width=120)

    @staticmethod
    def from_text(text: str) -> Rules:
        """Read rules back, and check them as when they were made.

        Raises
        ------
        DataError
            The text is no YAML, is not from `to_text`, or its rules overlap or leave gaps.
        """
        import yaml

        try:
            told = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise DataError(f"the text of the rules is no YAML: {' '.join(str(error).split())}.") from None
        if not isinstance(told, dict) or told.get("goodwill_rules") != FORMAT:
            raise DataError(f"the text holds no rules of segments: it must begin with 'goodwill_rules: {FORMAT}', as Rules.to_text writes.")
        lacking = [name for name in ("scheme", "segments", "settings") if name not in told]
        if lacking:
            raise DataError(f"the text of the rules lacks {', '.join(lacking)}; write it with Rules.to_text.")
        segments, notes = told["segments"], told.get("notes") or ()
        return Rules(str(told["scheme"]), tuple(segments), told["settings"] or {}, tuple(notes), bool(told.get("relative")))


def learn(scheme: str, customers: pd.DataFrame, **options: Any) -> Rules:
    """Learn the rules of a scheme from customers; `options` are those of the function of that name.

    >>> import pandas as pd
    >>> customers = pd.DataFrame({"spend": [100.0, 50.0, 30.0, 20.0]})
    >>> list(learn("abc", customers, cuts=(0.5, 0.9)).assign(customers))
    ['A', 'B', 'B', 'C']
    """
    learned = getattr(home_of(scheme), scheme)
    known = [name for name in signature(learned).parameters if name != "customers"]
    for name in options:
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.5)
            hint = f"did you mean '{near[0]}'? " if near else ""
            raise DataError(f"'{scheme}' has no option '{name}': {hint}it takes {', '.join(known)}.")
    return learned(customers, **options)


def home_of(scheme: str) -> Any:
    """The module of a scheme.

    >>> home_of("abc").__name__
    'goodwill.segments.schemes.abc_classes'
    """
    if scheme not in SCHEMES:
        near = get_close_matches(str(scheme), SCHEMES, n=1, cutoff=0.5)
        hint = f"did you mean '{near[0]}'? " if near else ""
        raise DataError(f"no scheme is called '{scheme}': {hint}there are {', '.join(SCHEMES)}.")
    return import_module(f"goodwill.segments.schemes.{SCHEMES[scheme]}")


def plain(value: Any) -> Any:
    """Numpy and pandas values as Python's own, lists as tuples, so that equal rules compare equal.

    >>> import numpy as np
    >>> plain({"lowest": np.array([5.0, 2.0])})
    {'lowest': (5.0, 2.0)}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return tuple(plain(inner) for inner in value)
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise DataError(f"rules hold plain data only, and {value!r} is of type {type(value).__name__}: pass numbers, text or lists of them.")


def _lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _lists(inner) for key, inner in value.items()}
    return [_lists(inner) for inner in value] if isinstance(value, tuple) else value
