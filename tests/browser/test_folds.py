"""A page that opens with In short and folds The working, in a real browser: with and without scripts, on a phone, and printed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from tests.reports.conftest import notebook

from goodwill.reports.running.pdf import print_pdf
from goodwill.reports.running.run import run_notebook

PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 900}

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    outcome = run_notebook(notebook("08_in_short"), {}, tmp_path_factory.mktemp("folds") / "report")
    assert outcome.failure is None
    return outcome.folder


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=WIDE, java_script_enabled=request.param, reduced_motion="reduce")  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def test_the_working_is_closed_until_a_link_leads_into_it(report: Path, page: Page) -> None:
    page.goto((report / "report.html").as_uri())
    assert not page.locator("#table-audit").is_visible()
    page.get_by_role("link", name="Does the line fit?").click()
    assert page.locator("#does-the-line-fit").is_visible()
    assert page.locator("#table-audit").is_visible()


def test_an_address_with_an_exhibit_opens_the_working_there(report: Path, page: Page) -> None:
    page.goto((report / "report.html").as_uri() + "#figure-fits")
    box = page.locator("#figure-fits").bounding_box()
    assert page.locator("#figure-fits").is_visible()
    assert box is not None
    assert box["y"] < WIDE["height"]


def test_a_click_opens_and_closes_the_working(report: Path, page: Page) -> None:
    page.goto((report / "report.html").as_uri())
    for is_open in (True, False):
        page.get_by_text("Open the working").click()
        assert page.locator("#table-audit").is_visible() == is_open


def test_in_print_the_working_stands_open(report: Path, page: Page) -> None:
    page.goto((report / "report.html").as_uri())
    page.emulate_media(media="print")
    assert page.locator("#figure-fits").is_visible()
    assert not page.get_by_text("Open the working").is_visible()


def test_the_pdf_holds_what_is_folded(report: Path) -> None:
    whole = (report / "report.html").read_text("utf-8")
    assert print_pdf(report) == ""
    printed = len((report / "report.pdf").read_bytes())
    (report / "report.html").write_text(
        whole.replace('<figure class="picture" id="figure-fits">', '<figure hidden id="figure-fits">'), "utf-8"
    )
    try:
        assert print_pdf(report) == ""
        assert len((report / "report.pdf").read_bytes()) < printed - 1000
    finally:
        (report / "report.html").write_text(whole, "utf-8")


def test_the_page_fits_and_has_no_serious_accessibility_fault(report: Path, browser: Browser, artefacts: Path) -> None:
    for name, size in (("wide", WIDE), ("phone", PHONE)):
        page = browser.new_page(viewport=size)  # type: ignore[arg-type]
        page.goto((report / "report.html").as_uri())
        for state in ("closed", "open"):
            page.screenshot(path=artefacts / f"folds-{name}-{state}.png", full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
            faults = [fault["id"] for fault in Axe().run(page).response["violations"] if fault["impact"] in ("serious", "critical")]
            assert faults == []
            page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
        page.close()


def test_the_contents_mark_no_heading_that_is_folded_away(report: Path, browser: Browser) -> None:
    page = browser.new_page(viewport=WIDE)  # type: ignore[arg-type]
    page.goto((report / "report.html").as_uri())
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    page.wait_for_function("document.querySelector('.contents [aria-current]').textContent !== 'In short'")
    assert page.locator(".contents [aria-current]").inner_text() in ("The working", "How this report was made")
    page.close()
