"""Numbers to be moved, in a real browser: by keyboard, offline from a file, on a phone, in the dark; and without a script."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from goodwill.findings.explorer import explorer
from goodwill.reports import render

PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
CODE = """
import goodwill as gw
import pandas as pd
from goodwill.figures import theme
from goodwill.findings.explorer import explorer
gw.start(globals())
"""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with one explorer of two dials beside its figure, from a notebook that nbclient ran."""
    import nbformat
    from nbclient import NotebookClient

    grid = "[(m, h, m * h) for m in (0.1, 0.2, 0.3) for h in (26, 52)]"
    made = f"""
from goodwill.findings.finding import Drawing, Finding
grid = pd.DataFrame({grid}, columns=["margin", "horizon", "value"])
dials = {{"margin": ("Margin", "{{:.0%}}", 0.2), "horizon": ("Weeks ahead", "{{:.0f}} weeks", 52)}}
moved = explorer(grid, "What would it be worth?", dials, {{"value": ("Value", "{{:.1f}} USD")}})
figure, (one,) = theme.panels()
one.plot([1, 2])
theme.headline([one], "A line that rises, whatever the reader does with the numbers below it")
gw.show(Finding({{"line": Drawing(figure, "A line", "A line that rises from one to two"), "value_explored": moved}}))
"""
    cells = [nbformat.v4.new_markdown_cell("# What is it worth?"), *(nbformat.v4.new_code_cell(text) for text in (CODE, made))]
    content = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    folder = tmp_path_factory.mktemp("explored")
    NotebookClient(content, kernel_name="python3").execute()
    nbformat.write(content, folder / "moved.ipynb")
    outcome = render(folder / "moved.ipynb")
    assert outcome.failure is None, outcome.failure
    return outcome.folder / "report.html"


def answer(page: Page) -> str:
    return page.locator(".explorer dd").inner_text()


def test_arrow_keys_move_the_numbers_to_what_was_computed(report: Path, browser: Browser) -> None:
    page = browser.new_page(viewport=WIDE)  # type: ignore[arg-type]
    page.goto(report.as_uri())
    assert answer(page) == "10.4 USD"
    margin = page.get_by_label("Margin")
    margin.focus()
    page.keyboard.press("ArrowRight")
    assert margin.get_attribute("aria-valuetext") == "30%"
    assert answer(page) == "15.6 USD"
    page.get_by_label("Weeks ahead").focus()
    page.keyboard.press("Home")
    assert answer(page) == "7.8 USD"
    page.get_by_role("button", name="Back to this report").click()
    assert answer(page) == "10.4 USD"
    page.close()


def test_every_setting_of_the_page_is_the_one_of_python(report: Path, browser: Browser) -> None:
    import pandas as pd

    grid = pd.DataFrame([(m, h, m * h) for m in (0.1, 0.2, 0.3) for h in (26, 52)], columns=["margin", "horizon", "value"])
    dials = {"margin": ("Margin", "{:.0%}", 0.2), "horizon": ("Weeks ahead", "{:.0f} weeks", 52)}
    made = explorer(grid, "What would it be worth?", dials, {"value": ("Value", "{:.1f} USD")})
    page = browser.new_page(viewport=WIDE)  # type: ignore[arg-type]
    page.goto(report.as_uri())
    for first in range(3):
        for second in range(2):
            page.get_by_label("Margin").fill(str(first))
            page.get_by_label("Weeks ahead").fill(str(second))
            assert answer(page) == made.at(first, second)["Value"]
    page.close()


def test_without_a_script_the_figure_stands_alone(report: Path, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report.as_uri())
    assert not page.locator(".explorer").is_visible()
    assert page.locator("#figure-line svg").first.is_visible()
    context.close()


def test_on_paper_there_is_nothing_to_move(report: Path, browser: Browser) -> None:
    page = browser.new_page(viewport=WIDE)  # type: ignore[arg-type]
    page.goto(report.as_uri())
    page.emulate_media(media="print")
    assert not page.locator(".explorer").is_visible()
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["phone", "wide"])
def test_it_fits_and_has_no_serious_fault(report: Path, browser: Browser, artefacts: Path, size: dict[str, int], scheme: str) -> None:
    page = browser.new_page(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(report.as_uri())
    page.screenshot(path=artefacts / f"explorer-{size['width']}-{scheme}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert [fault["id"] for fault in Axe().run(page).response["violations"] if fault["impact"] in ("serious", "critical")] == []
    page.close()


def test_the_data_of_a_page_are_small(report: Path) -> None:
    results = json.loads((report.parent / "results.json").read_text("utf-8"))
    assert set(results) == {"schema"}
    assert report.stat().st_size < 120_000
