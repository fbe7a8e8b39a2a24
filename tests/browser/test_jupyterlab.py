"""The notebooks in a real JupyterLab: opened, run from the menu, saved without an error."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from goodwill.reports import render
from goodwill.reports.recording.notebooks import short_name

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

PATIENCE = 900  # seconds for a notebook: the longest takes a minute and a half alone, and many times that on a machine that others use
AGAIN = 45  # seconds after which an idle kernel is asked again
IDLE = ".jp-Notebook-ExecutionIndicator[data-status='idle']"

pytestmark = pytest.mark.browser


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A JupyterLab of its own for each test, on a copy of the notebooks, as `make lab` starts it: its address and its folder."""
    folder = tmp_path / "lab"
    folder.mkdir()
    for notebook in NOTEBOOKS:
        shutil.copy(notebook, folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", f"--port={port}", f"--notebook-dir={folder}"]
    command += ["--IdentityProvider.token=", "--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    # Settings of whoever runs the tests stay out, and what tests set does not stay.
    command += [f"--LabApp.user_settings_dir={tmp_path / 'settings'}"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"{address}/api", timeout=2).read()
                break
            except OSError:
                assert time.monotonic() < deadline, "JupyterLab did not start"
                time.sleep(0.2)
        yield address, folder
    finally:
        server.terminate()
        server.wait(20)


def finished(path: Path) -> bool:
    """Whether the saved notebook has run to its last cell."""
    cells = [cell for cell in json.loads(path.read_text("utf8"))["cells"] if cell["cell_type"] == "code"]
    failed = [out for cell in cells for out in cell["outputs"] if out["output_type"] == "error"]
    assert not failed, failed[0]["evalue"]
    return all(cell["execution_count"] for cell in cells)


def run_all(page: Page) -> None:
    """Choose Run All Cells from the menu."""
    page.click(".lm-MenuBar-itemLabel:text-is('Run')")
    page.click(".lm-Menu-itemLabel:text-is('Run All Cells')")


def opened(browser: Browser, address: str, name: str) -> Page:
    """A page of JupyterLab on a notebook whose cells are being run."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.goto(f"{address}/lab/tree/{name}?reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=120_000)
    # Asked to run before the kernel is there, JupyterLab wants to know which one to take, and forgets what it was to run.
    page.wait_for_selector(IDLE, timeout=120_000)
    run_all(page)
    return page


def until(page: Page, done: Callable[[], object]) -> None:
    """Save the notebook, again and again, until what was saved is as wanted; what JupyterLab forgot to run is asked for again."""
    deadline, asked = time.monotonic() + PATIENCE, time.monotonic()
    while not done():
        assert time.monotonic() < deadline, "the notebook did not get that far in JupyterLab"
        if time.monotonic() > asked + AGAIN and page.locator(IDLE).count():
            run_all(page)
            asked = time.monotonic()
        page.wait_for_timeout(1000)
        dialog = page.locator(".jp-Dialog")
        if dialog.count():
            asks_for_kernel = "kernel" in dialog.first.inner_text().lower()
            page.click(".jp-Dialog button.jp-mod-accept")
            if asks_for_kernel:
                page.wait_for_timeout(3000)
                run_all(page)
        page.keyboard.press("Control+s")


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_in_jupyterlab(notebook: Path, lab: tuple[str, Path], browser: Browser, artefacts: Path) -> None:
    address, folder = lab
    page = opened(browser, address, notebook.name)
    until(page, lambda: finished(folder / notebook.name))
    page.screenshot(path=artefacts / f"lab-{notebook.stem}.png")
    page.close()
    # What JupyterLab has saved becomes the report of this notebook.
    report = render(folder / notebook.name, folder / "report")
    assert report.failure is None
    assert report.notebook == short_name(notebook)
    promised = json.loads(notebook.read_text("utf8"))["metadata"]["goodwill"]["records"]
    assert set(promised) <= set(json.loads((report.folder / "results.json").read_text("utf8")))
