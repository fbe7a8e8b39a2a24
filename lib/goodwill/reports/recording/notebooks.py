"""Where the notebooks are and what they declare, read as plain JSON: listing them starts no kernel and imports nothing heavy."""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from goodwill.errors import ReportError, UsageError
from goodwill.reports.recording.parameters import Parameter, read_parameters, unknown_name

PROMISES = ("records", "tables", "figures")


@dataclass(frozen=True)
class Notebook:
    """A notebook file: its JSON content and what it declares.

    The notebook's metadata hold under `goodwill` the names that it promises: `records`, `tables`, `figures`, and `headline`, the
    records (all promised ones when it is missing) that lead the page, in this order.
    """

    path: Path
    content: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> Notebook:
        """Read a notebook file; ReportError when it is not one."""
        try:
            content = json.loads(path.read_text("utf-8"))
        except OSError as error:
            raise ReportError(f"{path} cannot be read as a notebook: {error.strerror or error}.") from error
        except (ValueError, RecursionError) as error:
            raise ReportError(f"{path} is not a notebook: it is no JSON ({' '.join(str(error).split())}).") from error
        if wrong := why_no_notebook(content):
            raise ReportError(f"{path} is not a notebook of the format 4: {wrong}. Open it in JupyterLab and save it.")
        return cls(path.resolve(), content)

    @property
    def name(self) -> str:
        """The short name: the file's without its number, `01_customer_lifetime_value.ipynb` -> `customer_lifetime_value`."""
        return short_name(self.path)

    @cached_property
    def title(self) -> str:
        """The first heading as plain text, or the short name."""
        for cell in self.content["cells"]:
            if cell["cell_type"] == "markdown" and (heading := re.search(r"^# +(.+)$", _text(cell), re.MULTILINE)):
                return re.sub(r"[*`]", "", heading[1]).strip()
        return self.name.replace("_", " ")

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The declared parameters; none when no cell is tagged."""
        tagged = [cell for cell in self.content["cells"] if "parameters" in cell.get("metadata", {}).get("tags", [])]
        if len(tagged) > 1:
            raise ReportError(f"{self.path.name}: {len(tagged)} cells are tagged 'parameters'; there must be one.")
        return read_parameters(_text(tagged[0]), self.path.name) if tagged else ()

    @property
    def promised(self) -> dict[str, list[str]]:
        """The names that the notebook promises to record, by kind, and `headline`."""
        declared = self.content.get("metadata", {}).get("goodwill", {})
        names = {kind: list(declared.get(kind, [])) for kind in PROMISES}
        return names | {"headline": list(declared.get("headline", names["records"]))}


def why_no_notebook(content: Any) -> str:
    """What of a notebook's JSON has another shape than its format says, in words; empty where all that is read here fits.

    Examples
    --------
    >>> why_no_notebook({"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "code", "metadata": {}, "source": 5}]})
    'the source of cell 1 is no text'
    """
    if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
        return "it has no list of cells"
    if content.get("nbformat") != 4:
        return f"it says that its format is {content.get('nbformat')!r}"
    declared = content.get("metadata", {}).get("goodwill", {}) if isinstance(content.get("metadata", {}), dict) else None
    if not isinstance(declared, dict) or not all(_are_texts(declared.get(kind, [])) for kind in (*PROMISES, "headline")):
        return "its metadata do not hold lists of names"
    return next((wrong for number, cell in enumerate(content["cells"], 1) if (wrong := _why_no_cell(cell, number))), "")


def _why_no_cell(cell: Any, number: int) -> str:
    if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown", "raw"):
        return f"cell {number} is neither code nor text"
    if not isinstance(cell.get("source"), str) and not _are_texts(cell.get("source")):
        return f"the source of cell {number} is no text"
    if not isinstance(cell.get("metadata"), dict) or not _are_texts(cell["metadata"].get("tags", [])):
        return f"cell {number} has no metadata, or tags that are no texts"
    outputs = cell.get("outputs", [])
    if not isinstance(outputs, list) or not all(isinstance(each, dict) and isinstance(each.get("output_type"), str) for each in outputs):
        return f"the outputs of cell {number} are no list of outputs"
    return ""


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _text(cell: dict[str, Any]) -> str:
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])


def short_name(path: Path) -> str:
    """The name of a notebook without its number."""
    return re.sub(r"^\d+_", "", path.stem)


def project_root() -> Path | None:
    """The folder with pyproject.toml and notebooks/ above where the user stands, else above this package (editable install)."""
    here = Path.cwd()
    for start in (here, *here.parents, *Path(__file__).resolve().parents):
        if (start / "pyproject.toml").is_file() and (start / "notebooks").is_dir():
            return start
    return None


PACKAGED = Path(__file__).resolve().parents[2]  # holds notebooks/ and recipes/ when the library was installed from a wheel


def notebooks_folder() -> Path:
    """The folder with the notebooks: GOODWILL_NOTEBOOKS, else notebooks/ of the project, else those that were installed."""
    if named := os.environ.get("GOODWILL_NOTEBOOKS"):
        return Path(named).resolve()
    root = project_root() or PACKAGED
    if not (root / "notebooks").is_dir():
        raise UsageError("No notebooks found: stand inside the project, or name their folder in the variable GOODWILL_NOTEBOOKS.")
    return root / "notebooks"


def write_notebooks(folder: Path) -> list[Path]:
    """Copy the notebooks and the recipes into a folder, to read and to change; nothing that stands there is replaced.

    Raises
    ------
    UsageError
        A file of the same name stands in the folder, or it cannot be written.
    """
    root = project_root()
    recipes = (root / "reports" if root else PACKAGED) / "recipes"
    copies = {path: folder / path.name for path in [*list_notebooks(), *sorted(recipes.glob("*.yaml"))]}
    for copy in copies.values():
        if copy.exists():
            raise UsageError(f"{copy} exists and is left as it is; name another folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, copy in copies.items():
            shutil.copyfile(path, copy)
    except OSError as error:
        raise UsageError(f"The notebooks cannot be written to {folder}: {error.strerror or error}.") from error
    return list(copies.values())


def find_notebook(name: str, base: Path | None = None) -> Notebook:
    """A notebook by path (relative to `base`, where the user stands by default), by short name, or by number ("01")."""
    if name.endswith(".ipynb"):
        path = (base or Path.cwd()) / name
        if not path.is_file():
            raise UsageError(f"There is no notebook {path}.")
        return Notebook.read(path)
    paths = list_notebooks()
    for path in paths:
        if name in (path.stem, short_name(path), path.stem.partition("_")[0]):
            return Notebook.read(path)
    raise UsageError(unknown_name(name, [short_name(path) for path in paths], "notebook", str(notebooks_folder())))


def list_notebooks() -> list[Path]:
    """The notebooks of the project, in reading order."""
    return sorted(notebooks_folder().glob("*.ipynb"))
