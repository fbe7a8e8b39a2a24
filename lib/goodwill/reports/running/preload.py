"""What the fork server imports once, so that every kernel that it forks starts with everything at hand."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import import_module

import goodwill.reports.running.fork  # noqa: F401 (it remembers the path of a fresh kernel before anything adds to it)

# What notebooks, papermill and the pages import. Nothing here may start a thread or open a connection.
# fmt: off
STACK = (
    "ipykernel.kernelapp", "ipykernel.embed", "IPython.core.completerlib", "IPython.extensions.storemagic", "IPython.core.magics.execution",
    "matplotlib_inline.backend_inline", "tornado.platform.asyncio", "tornado.queues", "psutil", "pdb", "numpy.random", "numpy.testing",
    "pandas", "pandas.io.formats.csvs", "pandas.io.formats.string", "scipy.stats", "scipy.optimize", "scipy.special", "scipy.integrate",
    "matplotlib.pyplot", "matplotlib.backends.backend_svg", "seaborn", "contourpy", "PIL.PngImagePlugin", "ibis", "ibis.backends.duckdb",
    "ibis.backends.duckdb.converter", "ibis.formats.pandas", "ibis.expr.types.groupby", "duckdb", "pyarrow.parquet", "pyarrow.dataset",
    "pyarrow.substrait", "pyarrow_hotfix", "openpyxl", "nbconvert.filters", "pygments.formatters", "pygments.styles.default", "jinja2",
    "latex2mathml.converter",
)
# fmt: on
PARENT = "GOODWILL_FORKING_PARENT"  # set in the environment of the fork server only


def preload() -> None:
    """Import the stack and keep it out of the garbage collector, so that forks go on sharing its memory."""
    import gc
    import pkgutil

    gc.disable()  # nothing of what is imported goes again, and looking for it takes a second
    import goodwill
    from goodwill.reports.running.execute import import_papermill

    import_papermill()
    sys.modules["debugpy"] = None  # type: ignore[assignment] # nobody debugs a kernel that runs by itself; importing it takes .2 s
    import_module("ipykernel.debugger")
    del sys.modules["debugpy"]
    for name in (*STACK, *(found.name for found in pkgutil.walk_packages(goodwill.__path__, "goodwill."))):
        with suppress(ImportError):  # an engine that is not installed
            import_module(name)
    # Importing DuckDB opens its default database with a thread for each further core; a fork would not have them.
    import_module("duckdb").execute("SET threads = 1")
    _warm_up()
    gc.collect()
    gc.freeze()
    gc.enable()


def _warm_up() -> None:
    """Do once what every run would do again: compile patterns and schemas, read fonts, templates and the library."""
    import nbformat
    from matplotlib.figure import Figure

    from goodwill.reports.pages import outputs, render
    from goodwill.reports.recording import pictures, versions

    versions.versions(), versions.library_hash()
    nbformat.validate(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("x", id="x")]))
    pieces = outputs.Pieces()
    pieces.markdown("# A *title*\n\n$x^2$ `code` [link](#x)\n\n- list\n\n| a |\n|---|\n| b |\n")
    code = {
        "cell_type": "code",
        "metadata": {},
        "source": "import x\n\ndef f(a: int = 1.5) -> str:\n    return f'{a}'  # why",
        "outputs": [],
    }
    pieces.cell(code)
    for name in ("report", "failure"):
        render._environment().get_template(f"{name}.html.j2")
    figure = Figure()
    axes = figure.subplots()
    axes.plot([0, 1], label="$x$")
    axes.legend()
    pictures.figure_svg(figure, "caption", "alternative text")


if os.environ.pop(PARENT, ""):
    preload()
