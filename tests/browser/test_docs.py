"""The site of the documentation, opened from its files: nothing from the network, formulas drawn, words found, no serious fault."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

SITE = Path(__file__).resolve().parents[2] / "build" / "docs"
PAGES = ("index.html", "quickstart/researchers.html", "reference/goodwill.html", "methods/05_relationship_value.html", "gallery/index.html")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (SITE / "index.html").is_file(), reason="no site; run make docs"),
]


def opened(browser: Browser, page: str, width: int) -> tuple[Page, list[str]]:
    shown = browser.new_page(viewport={"width": width, "height": 900})
    asked: list[str] = []
    shown.on("request", lambda request: asked.append(request.url))
    shown.goto((SITE / page).as_uri())
    shown.wait_for_timeout(500)
    return shown, [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_nothing_of_the_network_and_fits(page: str, width: int, browser: Browser) -> None:
    shown, asked = opened(browser, page, width)
    assert asked == []
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    shown.close()


def test_formulas_are_drawn(browser: Browser) -> None:
    shown, _ = opened(browser, "methods/05_relationship_value.html", 1280)
    assert shown.locator("math").count() > 5
    assert "$$" not in shown.locator("article").inner_text()
    shown.close()


def test_a_function_is_found_by_its_name_without_a_server(browser: Browser) -> None:
    shown, _ = opened(browser, "index.html", 1280)
    shown.keyboard.press("/")
    shown.wait_for_timeout(700)
    shown.keyboard.type("summarize_purchases")
    shown.wait_for_selector(".md-search-result__item", timeout=10_000)
    assert "summarize_purchases" in shown.locator(".md-search-result__item").first.inner_text()
    shown.close()


def test_the_reference_shows_an_example_of_every_model(browser: Browser) -> None:
    shown, _ = opened(browser, "reference/goodwill.html", 1280)
    text = shown.locator("article").inner_text()
    for name in ("BetaGeoNBD", "ParetoNBD", "GammaGamma", "read_transactions", "customer_value"):
        assert name in text
    assert text.count(">>>") > 40
    shown.close()


def test_the_gallery_shows_figures_with_their_words(browser: Browser) -> None:
    shown, _ = opened(browser, "gallery/index.html", 1280)
    texts = shown.evaluate("[...document.querySelectorAll('figure img')].map(image => image.alt)")
    assert len(texts) > 30
    assert all(len(text) > 20 for text in texts)
    shown.close()


def test_the_text_of_own_pages_has_no_serious_fault(browser: Browser) -> None:
    for page in ("index.html", "quickstart/researchers.html"):
        shown, _ = opened(browser, page, 1280)
        faults = {
            fault["id"]
            for fault in Axe().run(shown, context="article").response["violations"]
            if fault["impact"] in ("serious", "critical")
        }
        shown.close()
        assert faults <= {"scrollable-region-focusable"}, page  # how the theme shows code
