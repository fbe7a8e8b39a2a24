"""The built pages in a real browser: nothing from the network, no sideways scroll, no serious accessibility fault."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
MAIN = ROOT / "reports" / "build" / "main"
PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 900}

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def built() -> list[Path]:
    """The pages of the main recipe, built anew."""
    subprocess.run(
        [str(Path(sys.executable).parent / "goodwill"), "run", str(ROOT / "reports" / "recipes" / "main.yaml")], check=True, cwd=ROOT
    )
    pages = sorted(MAIN.glob("**/*.html"))
    assert MAIN / "index.html" in pages
    assert len(pages) > 1
    return pages


def opened(browser: Browser, page_file: Path, size: dict[str, int]) -> tuple[Page, list[str], list[str]]:
    """A page that is loaded, with every request it made beyond itself and every error it wrote."""
    page = browser.new_page(viewport=size)  # type: ignore[arg-type]
    requests: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(page_file.as_uri())
    page.wait_for_load_state("networkidle")
    return page, [url for url in requests if url != page_file.as_uri() and not url.startswith("data:")], errors


def test_pages_ask_nothing_of_the_network_and_write_no_error(built: list[Path], browser: Browser, artefacts: Path) -> None:
    for file in built:
        page, requests, errors = opened(browser, file, WIDE)
        page.screenshot(path=artefacts / f"{file.parent.name}-{file.stem}-wide.png", full_page=True)
        page.close()
        assert requests == [], file
        assert errors == [], file


def test_pages_do_not_scroll_sideways_on_a_phone(built: list[Path], browser: Browser, artefacts: Path) -> None:
    for file in built:
        page, _, _ = opened(browser, file, PHONE)
        page.screenshot(path=artefacts / f"{file.parent.name}-{file.stem}-phone.png", full_page=True)
        width = page.evaluate("document.documentElement.scrollWidth")
        page.close()
        assert width <= PHONE["width"], file


def test_pages_have_no_serious_accessibility_fault(built: list[Path], browser: Browser) -> None:
    for file in built:
        for size in (WIDE, PHONE):
            page, _, _ = opened(browser, file, size)
            page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
            faults = [
                f"{fault['id']}: {fault['help']} ({len(fault['nodes'])} places, first {fault['nodes'][0]['html'][:200]})"
                for fault in Axe().run(page).response["violations"]
                if fault["impact"] in ("serious", "critical")
            ]
            page.close()
            assert faults == [], file


def test_every_figure_has_an_alternative_text(built: list[Path], browser: Browser) -> None:
    for file in built:
        page, _, _ = opened(browser, file, WIDE)
        texts = page.evaluate(
            "[...document.querySelectorAll('figure img, figure svg')].map(f => f.getAttribute('alt') || f.getAttribute('aria-label') || "
            "(document.getElementById((f.getAttribute('aria-labelledby') || '').split(' ').pop()) || {textContent: ''}).textContent)"
        )
        page.close()
        if file.name == "report.html":
            assert len(texts) >= 4
        assert all(len(text) > 20 and "No description" not in text for text in texts), file
