"""The SVG of a recorded figure as a part of the page, so that its words can be searched, selected and read aloud.

A drawing comes from the notebook, which may be a stranger's: only what draws is let in. One that holds anything else is shown as an image,
in which nothing can run.
"""

from __future__ import annotations

import re
from html import escape
from xml.etree import ElementTree

SVG, XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
SHAPES = {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "use", "image", "text", "tspan"}
DRAWS = SHAPES | {"svg", "g", "defs", "clipPath", "mask", "pattern", "linearGradient", "radialGradient", "stop"}
LEFT_OUT = {"title", "desc", "metadata", "style"}  # the page says what the drawing shows
# What matplotlib says in a style sheet, which inside a page would hold for everything.
JOINS = "stroke-linejoin:round;stroke-linecap:butt"
REFERENCE = re.compile(r"url\(\s*[\"']?#([^\"')\s]+)[\"']?\s*\)")


def inline(svg: str, name: str, alt: str) -> str | None:
    """A drawing as an element of the page whose ids begin with `name`; None when it holds more than a drawing.

    Examples
    --------
    >>> drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="36pt"><text id="t">A</text></svg>'
    >>> inline(drawing, "a", "A letter")
    '<svg xmlns="http://www.w3.org/2000/svg" width="96" height="48" style="stroke-linejoin:round;stroke-linecap:butt" role="img" \
aria-label="A letter"><text>A</text></svg>'
    >>> inline(drawing.replace("<text", "<script/><text"), "a", "A letter") is None
    True
    """
    try:
        root = ElementTree.fromstring(svg)
    except ElementTree.ParseError:
        return None
    elements = list(root.iter())
    if root.tag != f"{SVG}svg" or not all(_draws(element) for element in elements):
        return None
    used = {found for element in elements for value in element.attrib.values() for found in REFERENCE.findall(value)}
    used |= {element.get(key, "")[1:] for element in elements for key in ("href", f"{XLINK}href") if element.get(key)}
    for parent in elements:
        for child in list(parent):
            if _plain(child.tag) in LEFT_OUT:
                parent.remove(child)
    for element in root.iter():
        _rename(element, name, used)
    for side in ("width", "height"):
        if (size := root.get(side, "")).endswith("pt"):
            root.set(side, f"{float(size[:-2]) * 4 / 3:.0f}")
    for key in [key for key in root.attrib if key not in ("width", "height", "viewBox")]:
        del root.attrib[key]
    root.attrib |= {"style": JOINS, "role": "img", "aria-label": alt}
    return _written(root)


def _plain(tag: object) -> str:
    return str(tag).removeprefix(SVG)


def _draws(element: ElementTree.Element) -> bool:
    if _plain(element.tag) in LEFT_OUT:
        return True
    return _plain(element.tag) in DRAWS and all(_is_harmless(key, value) for key, value in element.attrib.items())


def _is_harmless(key: str, value: str) -> bool:
    key = key.removeprefix(XLINK).lower()
    if key.startswith("on") or key == "class":
        return False
    if key == "href":
        return value.startswith(("#", "data:image/png;base64,"))
    left = REFERENCE.sub("", value).lower()
    return not any(word in left for word in ("url(", "expression(", "@import", "javascript:", "position:"))


def _rename(element: ElementTree.Element, name: str, used: set[str]) -> None:
    """Keep only ids that something refers to, under names of this drawing."""
    own = element.attrib.pop("id", "")
    if own in used:
        element.set("id", f"{name}-{own}")
    for key, value in list(element.attrib.items()):
        if key in ("href", f"{XLINK}href"):
            del element.attrib[key]
            element.set("href", f"#{name}-{value[1:]}" if value.startswith("#") else value)
        elif "url(" in value:
            element.set(key, REFERENCE.sub(lambda found: f"url(#{name}-{found[1]})", value))


def _written(element: ElementTree.Element, is_root: bool = True) -> str:
    """The element as text of a page, without prefixes of name spaces."""
    tag = _plain(element.tag)
    space = ' xmlns="http://www.w3.org/2000/svg"' if is_root else ""
    attributes = "".join(f' {_attribute(key)}="{escape(value)}"' for key, value in element.attrib.items())
    inside = escape(element.text or "") if tag in ("text", "tspan") else ""
    for child in element:
        inside += _written(child, False) + (escape(child.tail or "") if tag in ("text", "tspan") else "")
    return f"<{tag}{space}{attributes}>{inside}</{tag}>" if inside else f"<{tag}{space}{attributes}/>"


def _attribute(key: str) -> str:
    return "xml:space" if key.endswith("}space") else key.partition("}")[2] or key
