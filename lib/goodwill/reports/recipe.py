"""Recipes: which notebooks run with which parameters, as YAML.

::

    title: What our customers are worth
    reports:
      - name: customer_lifetime_value        # the folder of the report; letters, digits, _ and -
        notebook: customer_lifetime_value    # a short name, or a path from the recipe's folder
        parameters: {data: cdnow}            # relative data paths start at the recipe's folder
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goodwill.errors import UsageError
from goodwill.reports.notebooks import Notebook, find_notebook
from goodwill.reports.parameters import check_values, unknown_name

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


@dataclass(frozen=True)
class Report:
    """One report of a recipe: its name, its notebook, and the parameters as the recipe gives them."""

    name: str
    notebook: Notebook
    parameters: Mapping[str, Any]
    title: str = ""


@dataclass(frozen=True)
class Recipe:
    """A set of reports."""

    path: Path
    title: str
    reports: tuple[Report, ...]


def read_recipe(path: Path) -> Recipe:
    """Read a recipe and check all of it, parameters included, before anything runs.

    Values are read as text and take the type that the notebook declares, so that `007` and `1997-09-30` stay what they are.

    Raises
    ------
    UsageError
        Naming the recipe and what is wrong in it.
    """
    import yaml

    try:
        content = yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)
    except OSError as error:
        raise UsageError(f"The recipe {path} cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not YAML: {' '.join(str(error).split())}.") from error
    _check_keys(content, ("title", "reports"), ("title", "reports"), str(path))
    if not isinstance(content["reports"], list) or not content["reports"]:
        raise UsageError(f"{path}: 'reports' must be a list of at least one report.")
    reports = tuple(_read_report(entry, f"{path}, report {place}", path.parent) for place, entry in enumerate(content["reports"], 1))
    names = [report.name.lower() for report in reports]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"{path}: two reports have the name {name!r}; each needs a folder of its own.")
    return Recipe(path.resolve(), str(content["title"]), reports)


def _read_report(entry: Any, where: str, base: Path) -> Report:
    _check_keys(entry, ("name", "notebook", "parameters", "title"), ("name", "notebook"), where)
    name, parameters = entry["name"], entry.get("parameters") or {}
    if not isinstance(name, str) or not NAME.fullmatch(name) or name.lower() == "index":
        raise UsageError(f"{where}: the name {name!r} cannot be a folder; use letters, digits, _ and -.")
    if not isinstance(parameters, dict):
        raise UsageError(f"{where}: 'parameters' must be names with values.")
    notebook = find_notebook(str(entry["notebook"]), base)
    check_values(notebook.parameters, parameters, f"{where}: {notebook.name}")
    return Report(name, notebook, parameters, str(entry.get("title", "")))


def _check_keys(entry: Any, known: tuple[str, ...], needed: tuple[str, ...], where: str) -> None:
    if not isinstance(entry, dict):
        raise UsageError(f"{where} must hold the keys {', '.join(known)}.")
    for key in entry:
        if key not in known:
            raise UsageError(unknown_name(str(key), known, "key", where))
    for key in needed:
        if not entry.get(key):
            raise UsageError(f"{where} has no {key!r}.")
