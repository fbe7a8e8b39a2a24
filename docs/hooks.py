"""What MkDocs asks while it builds the site: pages made from stubs, notebooks and reports; formulas as MathML; links out of the folder.

Nothing is fetched and nothing of the library is run: names are read from its stubs, texts from the notebooks, figures from built reports.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from latex2mathml.converter import convert
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
LIBRARY, NOTEBOOKS, REPORTS = ROOT / "lib" / "goodwill", ROOT / "notebooks", ROOT / "reports" / "build" / "main"
TOP = (
    "What everybody needs: `import goodwill as gw`, then `gw.name`. Each has an example that is run as a test, as all names of rooms have."
)
BLOCK, INLINE = re.compile(r"\$\$(.+?)\$\$", re.DOTALL), re.compile(r"(?<![\\$\w])\$([^$\n]+?)\$(?![\d$])")
OUTSIDE = re.compile(r"\[([^\]]+)\]\((\.\./[^)]+)\)")
CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that are made."""
    for path, content in [*reference(), *methods(), *gallery()]:
        files.append(File.generated(config, path, content=content))
    return files


def on_config(config: Any) -> Any:
    """List the pages that are made where `mkdocs.yml` names their folder; the reference begins with what everybody needs."""
    made = {"reference/": [path for path, _ in reference()], "methods/": [path for path, _ in methods()]}
    config.nav = [
        {title: made.get(content, content) if isinstance(content, str) else content}
        for entry in config.nav
        for title, content in (entry.items() if isinstance(entry, dict) else [("Home", entry)])
    ]
    return config


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Formulas as MathML, which a browser draws without help; a link to a file outside the site as its name."""
    parts = CODE.split(markdown)
    return "".join(part if place % 2 else _prepared(part) for place, part in enumerate(parts))


def _prepared(text: str) -> str:
    text = OUTSIDE.sub(lambda found: f"{found[1]} (`{found[2].lstrip('./')}`)", text)
    text = BLOCK.sub(lambda found: f'\n\n<div class="formula">{_formula(found[1], "block")}</div>\n\n', text)
    return INLINE.sub(lambda found: _formula(found[1], "inline"), text)


def _formula(latex: str, display: str) -> str:
    return str(convert(" ".join(latex.split()), display=display))


# ------------------------------------------------------------------------------------------------------------------- reference


def reference() -> Iterator[tuple[str, str]]:
    """One page for what stands at the top of the library, and one for each room."""
    yield "reference/goodwill.md", _room("goodwill", LIBRARY / "__init__.pyi", "goodwill", TOP)
    for stub in sorted(LIBRARY.glob("*/__init__.pyi")):
        room = stub.parent.name
        about = ast.get_docstring(ast.parse(stub.with_name("__init__.py").read_text("utf-8"))) or ""
        yield f"reference/{room}.md", _room(f"gw.{room}", stub, f"goodwill.{room}", " ".join(about.split()))


def _room(title: str, stub: Path, package: str, about: str) -> str:
    lines = [f"# `{title}`", "", about, ""]
    names = sorted(_offered(stub, package), key=lambda pair: pair[0].lower())
    lines += [f"{len(names)} names: " + ", ".join(f"[`{name}`](#{home})" for name, home in names) + ".", ""]
    for _, home in names:
        lines += [f"::: {home}", ""]
    return "\n".join(lines)


def _offered(stub: Path, package: str) -> Iterator[tuple[str, str]]:
    """The names of a stub and where each is defined; constants, which have no docstring of their own, are left out.

    Where a room offers modules, as that of the figures does, these are the names within them; rooms have pages of their own.
    """
    for node in ast.parse(stub.read_text("utf-8")).body:
        if not isinstance(node, ast.ImportFrom):
            continue
        if not node.module:
            for alias in node.names:
                path = stub.with_name(f"{alias.name}.py")
                for name in sorted(_documented(path)) if path.is_file() else ():
                    yield f"{alias.name}.{name}", f"{package}.{alias.name}.{name}"
            continue
        home = f"{package}.{node.module}" if node.level else node.module
        source = LIBRARY.parent / Path(*home.split("."))
        path = source.with_suffix(".py") if source.with_suffix(".py").is_file() else source / "__init__.py"
        defined = _documented(path)
        for alias in node.names:
            if alias.name in defined:
                yield alias.asname or alias.name, f"{home}.{alias.name}"


def _documented(path: Path) -> set[str]:
    kinds = ast.FunctionDef | ast.ClassDef
    nodes = [node for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, kinds)]
    return {node.name for node in nodes if ast.get_docstring(node) and not node.name.startswith("_")}


# --------------------------------------------------------------------------------------------------------------------- methods


def methods() -> Iterator[tuple[str, str]]:
    """What each notebook says of its question, its method and its sources: its text without its code."""
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        texts = [
            "".join(cell["source"])
            for cell in cells
            if cell["cell_type"] == "markdown" and "in-short" not in cell["metadata"].get("tags", [])
        ]
        # Links within the notebook lead to cells that this page does not have.
        body = re.sub(r"\[([^\]]+)\]\(#[^)]+\)", r"\1", "\n\n".join(texts))
        yield f"methods/{path.stem}.md", f"{body}\n\nRun it: `goodwill run {re.sub(r'^[0-9]+_', '', path.stem)}`\n"


# --------------------------------------------------------------------------------------------------------------------- gallery


def gallery() -> Iterator[tuple[str, str | bytes]]:
    """The figures of the built reports, and the reports themselves."""
    index = REPORTS / "index.json"
    lines = ["# Gallery", ""]
    if not index.is_file():
        yield "gallery/index.md", "\n".join([*lines, "There are no built reports: `make reports`, then `make docs` again.", ""])
        return
    lines += ["Every figure of the reports that `make reports` builds, as the reports show it.", ""]
    for name in (report["name"] for report in json.loads(index.read_text("utf-8"))["reports"]):
        folder = REPORTS / name
        facts = json.loads((folder / "run.json").read_text("utf-8"))
        yield f"gallery/{name}.html", (folder / "report.html").read_text("utf-8")
        lines += [f"## {facts['title']}", "", f"[The whole report]({name}.html){{ .report }}", ""]
        for figure, about in facts["figures"].items():
            yield f"gallery/{name}/{figure}.svg", (folder / "figures" / f"{figure}.svg").read_text("utf-8")
            image = f'<img src="{name}/{figure}.svg" alt="{escape(about["alt"])}" loading="lazy">'
            lines += [f"<figure>{image}<figcaption>{escape(about['caption'])}</figcaption></figure>", ""]
    yield "gallery/index.md", "\n".join(lines)
