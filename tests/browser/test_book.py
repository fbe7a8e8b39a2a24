"""The book of the course in a real browser: no network, no error, phone and desk, light and dark, and reached with its own links."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

BUILT = Path(__file__).resolve().parents[2] / "build" / "course"
SIZES = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
FOLDERS = ("book", "teachers/book")


@pytest.fixture(scope="module", params=FOLDERS)
def book(request: pytest.FixtureRequest) -> list[Path]:
    """All pages of a book, the index first."""
    pages = sorted((BUILT / request.param).glob("*.html"), key=lambda path: path.name != "index.html")
    if not pages:
        pytest.skip("no book; run make course")
    return pages


def opened(browser: Browser, file: Path, size: str, scheme: str) -> tuple[Page, list[str]]:
    """A page that is loaded, and what it asked of others or wrote as an error."""
    page = browser.new_page(viewport=SIZES[size], color_scheme=scheme)  # type: ignore[arg-type]
    wrong: list[str] = []
    page.on("request", lambda request: wrong.append(request.url) if not request.url.startswith(("file:", "data:")) else None)
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(file.as_uri())
    page.wait_for_load_state("networkidle")
    return page, wrong


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_is_quiet_narrow_enough_and_without_serious_fault(
    book: list[Path], browser: Browser, artefacts: Path, size: str, scheme: str
) -> None:
    for file in book:
        page, wrong = opened(browser, file, size, scheme)
        page.screenshot(path=artefacts / f"book-{file.stem}-{size}-{scheme}.png", full_page=True)
        page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
        width = page.evaluate("document.documentElement.scrollWidth")
        faults = [
            f"{fault['id']}: {fault['help']} ({len(fault['nodes'])} places, first {fault['nodes'][0]['html'][:200]})"
            for fault in Axe().run(page).response["violations"]
            if fault["impact"] in ("serious", "critical")
        ]
        page.close()
        assert (wrong, faults) == ([], []), file
        assert width <= SIZES[size]["width"], file


def test_a_reader_gets_from_the_index_through_all_pages_and_to_a_term(book: list[Path], browser: Browser) -> None:
    page, _ = opened(browser, book[0], "desk", "light")
    page.get_by_role("link", name="Lesson 1").first.click()
    seen = {Path(page.url).name}
    while (following := page.locator("nav.turn a", has_text="Next:")).count():
        following.first.click()
        seen.add(Path(page.url).name)
    assert seen == {file.name for file in book[1:]}
    page.goto((book[0].parent / "02_reading_records.html").as_uri())
    page.get_by_role("link", name="CRM system").first.click()
    assert page.url.endswith("glossary.html#crm-system")
    expect(page.locator("#crm-system")).to_be_in_viewport()
    page.close()


def test_every_link_of_a_page_leads_somewhere(book: list[Path], browser: Browser) -> None:
    names = {file.name: file.read_text("utf-8") for file in book}
    for file in book:
        page, _ = opened(browser, file, "desk", "light")
        links = page.evaluate("[...document.querySelectorAll('a[href]')].map(link => link.getAttribute('href'))")
        page.close()
        for link in links:
            target, _, place = link.partition("#")
            assert not link.startswith("http") and (target or file.name) in names, (file.name, link)
            assert not place or f'id="{place}"' in names[target or file.name], (file.name, link)
