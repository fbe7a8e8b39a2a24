"""Numbers to be moved, on a page: sliders over results that the notebook has worked out; the script of the page lets them be seen.

Without a script nothing of it shows, and the figure that stands beside it says as much as a figure can.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any


def explorer_html(result: Mapping[str, Any]) -> str:
    """The sliders of a recorded explorer and what they answer where they start, hidden until a script has taken hold of them."""
    name, dials = result["name"], result["dials"]
    rows = []
    for place, dial in enumerate(dials):
        field, last, start = f"dial-{name}-{place}", len(dial["shown"]) - 1, dial["start"]
        shown = escape(dial["shown"][start])
        turned = f'min="0" max="{last}" step="1" value="{start}" aria-valuetext="{shown}" autocomplete="off"'
        label = f'<label for="{field}">{escape(dial["label"])}</label>'
        rows.append(f'<p class="dial">{label} <input type="range" id="{field}" {turned}> <output for="{field}">{shown}</output></p>')
    cell = 0
    for dial in dials:
        cell = cell * len(dial["shown"]) + dial["start"]
    answers = "".join(
        f"<div><dt>{escape(label)}</dt><dd>{escape(text)}</dd></div>"
        for label, text in zip(result["answers"], result["cells"][cell], strict=True)
    )
    told = escape(json.dumps({"dials": [dial["shown"] for dial in dials], "cells": result["cells"]}, ensure_ascii=False))
    body = f'<p class="question" id="question-{name}">{escape(result["caption"])}</p>{"".join(rows)}'
    back = '<p><button type="button" data-back>Back to this report</button></p>'
    opening = f'<div class="explorer" role="group" aria-labelledby="question-{name}" data-explorer="{told}" hidden>'
    return f'{opening}{body}<dl class="answers" aria-live="polite">{answers}</dl>{back}</div>'
