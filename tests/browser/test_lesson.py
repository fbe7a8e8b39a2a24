"""A lesson in a real JupyterLab as a student has it: it stops at the first exercise, and with the answers it runs to its end.

Its text and its results are looked at in both themes, on a desk and as narrow as a phone.
"""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from tests.browser.test_jupyterlab import finished, lab, opened, saved, until

from goodwill.course.lessons import exercises, list_lessons, source, with_answers, without_solution, write_notebook

__all__ = ["lab"]  # the fixture
pytestmark = pytest.mark.browser
LESSON = list_lessons()[0]


def errors(path: Path) -> dict[str, list[str]]:
    """The kinds of errors by cell, of the cells that show some."""
    cells = [cell for cell in (saved(path) or {"cells": []})["cells"] if cell["cell_type"] == "code"]
    shown = {cell["id"]: [each["ename"] for each in cell["outputs"] if each["output_type"] == "error"] for cell in cells}
    return {name: kinds for name, kinds in shown.items() if kinds}


def test_a_lesson_stops_at_its_first_exercise_and_with_the_answers_runs_to_its_end(
    lab: tuple[str, Path], browser: Browser, artefacts: Path
) -> None:
    address, folder = lab
    given = deepcopy(LESSON.content)
    places = list(exercises(LESSON))
    for each in places:
        given["cells"][each.solve]["source"] = without_solution(source(given["cells"][each.solve]))
    write_notebook(given, folder / "lesson.ipynb")
    page = opened(browser, address, "lesson.ipynb")
    until(page, lambda: errors(folder / "lesson.ipynb"))
    assert errors(folder / "lesson.ipynb") == {"share-of-top-check": ["NotImplementedError"]}
    page.get_by_text("Hint", exact=True).first.click()
    page.screenshot(path=artefacts / "lesson-1-lab.png")
    page.close()
    write_notebook(with_answers(given, LESSON), folder / "solved.ipynb")
    page = opened(browser, address, "solved.ipynb")
    until(page, lambda: finished(folder / "solved.ipynb"))
    page.click(".jp-SideBar [data-id='filebrowser']")  # folds the list of files, which would leave no room on a phone
    for scheme in ("light", "dark"):
        page.set_viewport_size({"width": 1280, "height": 900})
        page.click(".lm-MenuBar-itemLabel:text-is('Settings')")
        page.hover(".lm-Menu-itemLabel:text-is('Theme')")
        page.click(f".lm-Menu-itemLabel:text-is('JupyterLab {scheme.title()}')")
        page.wait_for_selector(f"body[data-jp-theme-name='JupyterLab {scheme.title()}']", state="attached")
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(1000)
            page.screenshot(path=artefacts / f"lesson-1-lab-{width}-{scheme}.png")
            assert faults(page) == [], (width, scheme)
    page.close()


def faults(page: Page) -> list[str]:
    """What axe calls serious in the text and the results of a notebook; menus, editor and the boxes that scroll are JupyterLab's."""
    parts = {"include": [[".jp-RenderedMarkdown"], [".jp-OutputArea-output"]]}
    options = {"rules": {"scrollable-region-focusable": {"enabled": False}}}
    found = Axe().run(page, context=parts, options=options).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found if each["impact"] in ("serious", "critical")]
