"""Names of months and weekdays in the languages of the headers that are read."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_MONTHS = (
    "january januar janvier enero gennaio janeiro januari janv styczen",
    "february februar fevrier febrero febbraio fevereiro februari fevr feber luty",
    "march marz mars marzo marco maart mrt maerz marzec",
    "april avril abril aprile avr kwiecien",
    "may mai mayo maggio maio mei maj",
    "june juni juin junio giugno junho czerwiec",
    "july juli juillet julio luglio julho juil lipiec",
    "august aout agosto augustus sierpien",
    "september septembre septiembre settembre setembro sept wrzesien setiembre",
    "october oktober octobre octubre ottobre outubro pazdziernik",
    "november novembre noviembre novembro listopad",
    "december dezember decembre diciembre dicembre dezembro grudzien",
)
_WEEKDAYS = (
    "monday montag lundi lunes lunedi segunda maandag tuesday dienstag mardi martes martedi terca dinsdag wednesday mittwoch mercredi "
    "miercoles mercoledi quarta woensdag thursday donnerstag jeudi jueves giovedi quinta donderdag friday freitag vendredi viernes venerdi "
    "sexta vrijdag saturday samstag sonnabend samedi sabado sabato zaterdag sunday sonntag dimanche domingo domenica zondag"
)
_SHORTEST = 3
_SHORT_WEEKDAYS = frozenset(["mo", "di", "mi", "do", "fr", "sa", "so", "ma", "wo", "vr", "za", "zo", "tu", "we", "th", "su"])


def _bare(name: str) -> str:
    """Lower case without accents and the point behind; the letter ä as a."""
    return "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c)).rstrip(".")


@lru_cache(maxsize=1)
def _month_numbers() -> dict[str, int]:
    """Every beginning of a name of at least three letters, where it begins names of one month only."""
    found: dict[str, set[int]] = {}
    for number, names in enumerate(_MONTHS, 1):
        for name in names.split():
            for length in range(_SHORTEST, len(name) + 1):
                found.setdefault(name[:length], set()).add(number)
    return {beginning: next(iter(numbers)) for beginning, numbers in found.items() if len(numbers) == 1}


def month_number(name: str) -> int | None:
    """The month of a name or of its beginning; None for what names none, or several.

    Examples
    --------
    >>> [month_number(name) for name in ("Jan", "févr.", "März", "dic", "août", "jui", "Foo")]
    [1, 2, 3, 12, 8, None, None]
    """
    return _month_numbers().get(_bare(name))


@lru_cache(maxsize=1)
def _weekday_names() -> frozenset[str]:
    names = _WEEKDAYS.split()
    return _SHORT_WEEKDAYS | {name[:length] for name in names for length in range(_SHORTEST, len(name) + 1)}


_AT_START = re.compile(r"^([^\W\d_]{2,11})(?:-feira)?\.?,?\s+(?=\d|[^\W\d_])")
_AT_END = re.compile(r",?\s*[(（]?(?:(?:星期|周|週|礼拜)[一二三四五六日天]|([^\W\d_]{2,11})\.?)[)）]?$")


def without_weekday(text: str) -> str:
    """A date without the name of its weekday before or behind.

    Examples
    --------
    >>> without_weekday("Wednesday, January 4, 2023"), without_weekday("mer. 4 janv. 2023"), without_weekday("2023-01-04 (Mi)")
    ('January 4, 2023', '4 janv. 2023', '2023-01-04')
    >>> without_weekday("Mar 4, 2023"), without_weekday("2023年1月4日 星期三")
    ('Mar 4, 2023', '2023年1月4日')
    """
    first = _AT_START.match(text)
    # "mar." is Tuesday in French and March in English: a month where nothing else names one.
    if first and _bare(first[1]) in _weekday_names() and (month_number(first[1]) is None or _names_month(text[first.end() :])):
        text = text[first.end() :]
    last = _AT_END.search(text)
    if last and (last[1] is None or _bare(last[1]) in _weekday_names()) and re.search(r"\d", text[: last.start()]):
        text = text[: last.start()]
    return text


def _names_month(text: str) -> bool:
    return any(month_number(word) is not None for word in re.findall(r"[^\W\d_]{3,}", text))
