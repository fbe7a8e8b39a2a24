"""The built pages in a real browser: nothing from the network, no sideways scroll, no serious accessibility fault."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from tests.reports.sets import HOSTILE_NAME, NOW, facts_of, write_set

from goodwill.reports.pages.render import failure_page
from goodwill.reports.recording.extract import Failure
from goodwill.reports.running.pdf import print_pdf
from goodwill.reports.sets.index import write_index

ROOT = Path(__file__).resolve().parents[2]
MAIN = ROOT / "reports" / "build" / "main"
PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 900}

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The pages of the main recipe, built where something has changed, and made-up ones."""
    subprocess.run(
        [str(Path(sys.executable).parent / "goodwill"), "run", str(ROOT / "reports" / "recipes" / "main.yaml")], check=True, cwd=ROOT
    )
    listed = json.loads((MAIN / "index.json").read_text("utf-8"))["reports"]
    pages = [MAIN / "index.html", *(MAIN / report["name"] / "report.html" for report in listed)]
    assert len(pages) > 1
    return [*pages, *made_up(tmp_path_factory.mktemp("sets"))]


def made_up(folder: Path) -> list[Path]:
    """What the main recipe does not show: an index of few and of many reports with failed and stale ones, and the page of a failure."""
    for name, reports in (("few", 6), ("many", 200)):
        (folder / name).mkdir()
        write_index("What our customers are worth, by region", folder / name, write_set(folder / name, reports), now=NOW)
    source = f"purchases = gw.read_transactions(data)  # {'a long line ' * 12}\nraise ValueError(purchases)"
    failure = Failure(f"ValueError in code cell 4: {HOSTILE_NAME}", False, 4, source, "Traceback (most recent call last)\n" + "x" * 300)
    facts = facts_of("region-001", NOW, recipe={"name": "main.yaml", "report": "region"})
    page = folder / "few" / "region-001.failed.html"
    page.write_text(failure_page(facts, failure, "region-002"), "utf-8")
    return [folder / "few" / "index.html", folder / "many" / "index.html", page]


def opened(browser: Browser, page_file: Path, size: dict[str, int], scheme: str = "light") -> tuple[Page, list[str], list[str]]:
    """A page that is loaded, with every request it made beyond itself and every error it wrote."""
    page = browser.new_page(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
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


def test_figures_fit_a_phone_until_they_are_enlarged(built: list[Path], browser: Browser) -> None:
    page, _, _ = opened(browser, next(file for file in built if file.name == "report.html"), PHONE)
    width = "Math.max(...[...document.querySelectorAll('figure.picture img')].map(image => image.clientWidth))"
    assert page.evaluate(width) <= PHONE["width"]
    page.get_by_role("button", name="Enlarge figure").first.click()
    assert page.evaluate(width) > PHONE["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name="Fit figure to screen").first.click()
    assert page.evaluate(width) <= PHONE["width"]
    page.close()


def test_pages_are_dark_where_the_system_is(built: list[Path], browser: Browser, artefacts: Path) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    for scheme, paper in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(20, 24, 31)")):
        page, _, _ = opened(browser, built[1], WIDE, scheme)
        page.screenshot(path=artefacts / f"{built[1].parent.name}-{scheme}.png", full_page=True)
        assert page.evaluate(background) == paper
        page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_have_no_serious_accessibility_fault(scheme: str, built: list[Path], browser: Browser) -> None:
    for file in built:
        for size in (WIDE, PHONE):
            page, _, _ = opened(browser, file, size, scheme)
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


def shown(page: Page) -> int:
    return page.locator(".entry:visible").count()


def test_the_index_can_be_searched_and_filtered(built: list[Path], browser: Browser) -> None:
    page, _, errors = opened(browser, next(file for file in built if file.parent.name == "many"), WIDE)
    assert shown(page) == 200
    page.get_by_label("Search").fill("region-04 worth")
    assert shown(page) == 10
    assert page.get_by_role("status").inner_text() == "10 of 200 shown"
    page.get_by_label("Status").select_option("failed")
    assert shown(page) == 1
    page.get_by_label("Search").fill("no such report")
    assert shown(page) == 0
    page.get_by_role("link", name="What is a customer of region-002 worth?").first.click()
    assert shown(page) == 200
    assert page.locator("#report-region-002").is_visible()
    assert errors == []
    page.close()


def test_without_script_the_index_is_a_plain_list(built: list[Path], browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(next(file for file in built if file.parent.name == "many").as_uri())
    assert shown(page) == 200
    assert not page.locator(".filter").is_visible()
    context.close()


def test_a_report_is_printed_as_a_pdf_with_its_title(built: list[Path], tmp_path: Path) -> None:
    folder = tmp_path / "report"
    shutil.copytree(next(file for file in built if file.name == "report.html").parent, folder)
    assert print_pdf(folder) == ""
    body = (folder / "report.pdf").read_bytes()
    assert body.startswith(b"%PDF-1.")
    assert b"/StructTreeRoot" in body
    assert 20_000 < len(body) < 3_000_000


def test_pages_are_under_three_megabytes(built: list[Path]) -> None:
    assert max(file.stat().st_size for file in built) < 3_000_000
