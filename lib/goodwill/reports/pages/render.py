"""The pages: a report from an executed notebook, and the note about one that failed; single files that ask nothing of the network.

Markdown and code go through nbconvert's filters; the page around them is our own template, because nbconvert's stock page is 270 KB of
CSS with links to other hosts and placeholder alternative text. Everything that is data is escaped by the template.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from goodwill.findings.forecasts_held import Account, told_alike
from goodwill.findings.numbers import describe
from goodwill.findings.words import listed, plural
from goodwill.reports.pages.arrangement import Arrangement, arranged
from goodwill.reports.pages.glossary import terms_in
from goodwill.reports.pages.outputs import Pieces
from goodwill.reports.pages.trust import trust_in_words
from goodwill.reports.recording.extract import Failure, Results, text
from goodwill.reports.recording.parameters import Parameter
from goodwill.reports.recording.secrets import visible

BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # characters that say in which direction others are written
TEMPLATES = Path(__file__).parent / "template"
WORDS = re.compile(r"<style.*?</style>|<[^>]*>|&\w+;", re.DOTALL)  # all that is no text of a page


def report_page(
    content: Mapping[str, Any], found: Results, facts: Mapping[str, Any], parameters: Sequence[Parameter], ledger: Sequence[Account] = ()
) -> str:
    """The page of a report.

    Parameters
    ----------
    content : mapping
        The executed notebook.
    found : Results
        What it recorded.
    facts : mapping
        The content of run.json.
    parameters : sequence of Parameter
        As declared, for the panel that sets values against defaults.
    ledger : sequence of Account
        How the forecasts of earlier nights have fared.
    """
    from markupsafe import Markup

    pieces, places = Pieces(content["cells"]), arranged(content["cells"])
    cells = list(places.sections)
    opening = f"<h1>{Markup.escape(facts['title'])}</h1>"
    if cells and cells[0]["cell_type"] == "markdown" and text(cells[0]["source"]).lstrip().startswith("# "):
        opening = pieces.markdown(text(cells.pop(0)["source"]))
    in_short = pieces.in_short(places.in_short) if places.in_short else ""
    body = [Markup(pieces.cell(cell)) for cell in cells]
    headline = [headline_entry(found.records[name]) for name in facts["headline"] if name in found.records]
    working = _working(pieces, places)
    words = " ".join([opening, in_short, *body, *(working["cells"] if working else [])])
    return page(
        "report",
        facts=facts,
        notebook_title=pieces.title or facts["title"],
        opening=Markup(opening),
        headline=headline,
        in_short=Markup(in_short),
        cells=body,
        working=working,
        terms=terms_in(WORDS.sub(" ", words)),
        headings=[heading for heading in pieces.headings if heading["level"] in (2, 3)],
        parameters=[_parameter_row(p, facts["parameters"].get(p.name, p.default)) for p in parameters],
        ledger=told_alike(ledger),
        drifts=[each for each in ledger if each.drift],
        started=when(facts["started"]),
        rendered=when(facts["rendered"]["when"]) if "rendered" in facts else "",
        seconds=f"{facts['seconds']:.0f} s" if facts["seconds"] >= 1 else "under 1 s",
    )


def _working(pieces: Pieces, places: Arrangement) -> dict[str, Any] | None:
    """What is folded away: its heading, which stands open, what the fold says of its content, and the content."""
    from markupsafe import Markup

    if places.heading is None and not places.working:
        return None
    heading = pieces.markdown(text(places.heading["source"]) if places.heading else "## The working")
    figures, tables, before = pieces.figures, pieces.tables, len(pieces.exhibits)
    cells = [Markup(pieces.cell(cell)) for cell in places.working]
    counts = [plural(pieces.tables - tables, "table"), plural(pieces.figures - figures, "figure")]
    return {
        "heading": Markup(heading),
        "holds": listed([count for count in counts if not count.startswith("0 ")] or ["text and code"]),
        "exhibits": pieces.exhibits[before:],
        "cells": cells,
    }


def failure_page(facts: Mapping[str, Any], failure: Failure, last_good: str = "") -> str:
    """The page about a report that was not built; `last_good` is the folder of the last good one, when it stands."""
    return page("failure", facts=facts, failure=failure, has_last=bool(last_good), folder=last_good, started=when(facts["started"]))


def headline_entry(record: Mapping[str, Any]) -> dict[str, Any]:
    """Label, value, unit, and what stands below: the interval, or the reason why there is no value; and how far it can be trusted.

    Examples
    --------
    >>> headline_entry({"label": "Value", "value": 12.3, "interval": None, "unit": "USD", "reason": None})
    {'label': 'Value', 'value': '12.30', 'unit': 'USD', 'more': '', 'trust': []}
    """
    more, unit, trust = record["reason"] or "", record.get("unit") or "", trust_in_words(record)
    if record.get("interval"):
        more = f"{record['level'] * 100:g}% interval {describe(record, 'interval')}"
    if record["value"] is None:
        return {"label": record["label"], "value": "not available", "unit": "", "more": more, "trust": trust}
    has_sign = unit in ("share", "%")
    value = describe(record, "value" if has_sign else "number")
    return {"label": record["label"], "value": value, "unit": "" if has_sign else unit, "more": more, "trust": trust}


def page(name: str, **values: Any) -> str:
    """One of the templates with its style and script."""
    from markupsafe import Markup

    styles = [TEMPLATES / "page.css", *(path for path in [TEMPLATES / f"{name}.css"] if path.exists())]
    style = "".join(path.read_text("utf-8") for path in styles)
    script = (TEMPLATES / ("index.js" if name == "index" else "page.js")).read_text("utf-8")

    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    shared = {"style": Markup(style), "script": Markup(script), "script_hash": f"sha256-{digest}"}
    return BIDI.sub(_named, str(_environment().get_template(f"{name}.html.j2").render(**shared, **values)))


def _named(sign: re.Match[str]) -> str:
    """A control character by its number: unseen it would turn the words around it."""
    return f"[U+{ord(sign[0]):04X}]"


def when(iso: str) -> str:
    """A time stamp as people read it, in UTC.

    Examples
    --------
    >>> when("2024-05-01T06:07:08+00:00")
    '2024-05-01 06:07 UTC'
    """
    return datetime.fromisoformat(iso).strftime("%Y-%m-%d %H:%M UTC")


@cache
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True)


def _parameter_row(parameter: Parameter, value: Any) -> dict[str, Any]:
    value, default = visible(value), visible(parameter.default)
    about = f"{parameter.help} ({parameter.unit})" if parameter.unit else parameter.help
    return {
        "name": parameter.name,
        "value": shown(value),
        "default": shown(default),
        "changed": value != default,
        "help": about,
    }


def shown(value: Any) -> str:
    """The value of a parameter as text for people."""
    if value == "":
        return "automatic"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
