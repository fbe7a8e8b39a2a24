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


SHIFT = """
new PerformanceObserver(list => list.getEntries().forEach(entry => { window.shift = (window.shift || 0) + entry.value; }))
    .observe({type: "layout-shift", buffered: true});
"""
LETTERS = """
() => [...document.querySelectorAll("figure.picture svg")].filter(svg => svg.getBoundingClientRect().width).map(svg => {
    const edge = svg.getBoundingClientRect(), scale = edge.width / svg.viewBox.baseVal.width;
    const words = [...svg.querySelectorAll("text")].filter(text => text.textContent.trim());
    const boxes = words.map(text => [text.textContent.trim(), text.getBoundingClientRect()]);
    return {
        figure: svg.closest("figure").id,
        two: svg.closest("figure").classList.contains("two"),
        smallest: Math.min(...words.map(text => parseFloat(getComputedStyle(text).fontSize) * scale)),
        out: boxes.filter(([, box]) => box.left < edge.left - 1 || box.right > edge.right + 1 || box.top < edge.top - 1
            || box.bottom > edge.bottom + 1).map(([text]) => text),
    };
})
"""


def test_figures_fit_a_phone_and_those_with_one_drawing_can_be_enlarged(built: list[Path], browser: Browser) -> None:
    width = "Math.max(0, ...[...document.querySelectorAll('figure.picture svg')].map(image => image.getBoundingClientRect().width))"
    enlarged = 0
    for file in (file for file in built if file.name == "report.html"):
        page, _, _ = opened(browser, file, PHONE)
        page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
        assert page.evaluate(width) <= PHONE["width"]
        if page.locator(".enlarge:visible").count():
            enlarged += 1
            page.locator(".enlarge:visible").first.click()
            assert page.evaluate(width) > PHONE["width"]
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
            page.get_by_role("button", name="Fit figure to screen").first.click()
            assert page.evaluate(width) <= PHONE["width"]
        page.close()
    assert enlarged


def test_words_of_figures_can_be_read_on_a_phone_and_stay_inside_them(built: list[Path], browser: Browser) -> None:
    """At least 9 pixels high where there is a drawing for phones, which most figures have; the others can be enlarged."""
    figures = []
    for file in (file for file in built if file.name == "report.html"):
        for size in (PHONE, WIDE):
            page, _, _ = opened(browser, file, size)
            page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
            found = page.evaluate(LETTERS)
            page.close()
            assert [each for each in found if each["out"]] == [], file
            if size == PHONE:
                figures += found
    assert [each for each in figures if each["two"] and each["smallest"] < 9] == []
    assert sum(each["two"] for each in figures) > 0.75 * len(figures)


def test_words_of_figures_can_be_found_and_selected(built: list[Path], browser: Browser) -> None:
    page, _, _ = opened(browser, next(file for file in built if file.name == "report.html"), WIDE)
    word = page.evaluate("[...document.querySelector('figure.picture svg').querySelectorAll('text')].pop().textContent.trim()")
    assert page.evaluate("word => window.find(word)", word)
    assert page.evaluate("window.getSelection().toString().trim()") == word
    page.close()


def test_nothing_moves_while_a_page_is_loaded(built: list[Path], browser: Browser) -> None:
    for file in built:
        for size in (WIDE, PHONE):
            page = browser.new_page(viewport=size)  # type: ignore[arg-type]
            page.add_init_script(SHIFT)
            page.goto(file.as_uri())
            page.wait_for_timeout(300)
            assert page.evaluate("window.shift || 0") == 0, (file, size)
            page.close()


def test_at_twice_the_size_nothing_has_to_be_scrolled_sideways(built: list[Path], browser: Browser) -> None:
    """A window of 1280 pixels at 200 % has room for 640; text keeps its size against it."""
    for file in built:
        context = browser.new_context(viewport={"width": 640, "height": 450}, device_scale_factor=2)
        page = context.new_page()
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= 640, file
        assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('main p:not([class])')).fontSize)") >= 15, file
        context.close()


def test_a_report_leads_to_its_index_and_its_neighbours(built: list[Path], browser: Browser) -> None:
    listed = [report["name"] for report in json.loads((MAIN / "index.json").read_text("utf-8"))["reports"]]
    page = browser.new_page(viewport=WIDE)  # type: ignore[arg-type]
    page.goto((MAIN / listed[0] / "report.html").as_uri())
    page.get_by_role("link", name="Next", exact=True).click()
    page.wait_for_url(f"**/{listed[1]}/report.html")
    page.get_by_role("link", name="Previous", exact=True).click()
    page.wait_for_url(f"**/{listed[0]}/report.html")
    page.get_by_role("link", name="Previous", exact=True).click()
    page.wait_for_url("**/index.html*")  # there is none before the first
    page.goto((MAIN / listed[-1] / "report.html").as_uri())
    page.get_by_role("link", name="All reports").click()
    assert page.locator(f"#report-{listed[-1]}").is_visible()
    page.close()


def test_wide_tables_scroll_by_themselves_and_show_their_edge(built: list[Path], browser: Browser) -> None:
    wide = """() => [...document.querySelectorAll(".tabular .scroll")].filter(box => box.scrollWidth > box.clientWidth + 1)
        .map(box => getComputedStyle(box).backgroundImage.split("gradient").length - 1)"""
    shadows: list[int] = []
    for file in (file for file in built if file.name == "report.html"):
        page, _, _ = opened(browser, file, PHONE)
        shadows += page.evaluate(wide)
        page.close()
    assert shadows
    assert set(shadows) == {4}


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
