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
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Browser, Page, TimeoutError

from goodwill.reports import render
from goodwill.reports.recording.notebooks import short_name

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

PATIENCE = 900  # seconds for a notebook: the longest takes a minute and a half alone, and many times that on a machine that others use
SLOW = 180  # seconds for anything that JupyterLab is asked to show
AGAIN = 20  # times, a second apart, that a kernel is seen idle before it is asked again: between two cells it is idle for a moment
IDLE = ".jp-Notebook-ExecutionIndicator[data-status='idle']"

T = TypeVar("T")

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


def saved(path: Path) -> dict[str, Any] | None:
    """The notebook as it was saved; None while it is being saved."""
    try:
        return json.loads(path.read_text("utf8"))
    except ValueError:
        return None


def finished(path: Path) -> dict[str, Any] | None:
    """The saved notebook, once it has run to its last cell."""
    found = saved(path)
    cells = [cell for cell in (found or {"cells": []})["cells"] if cell["cell_type"] == "code"]
    failed = [out for cell in cells for out in cell["outputs"] if out["output_type"] == "error"]
    assert not failed, failed[0]["evalue"]
    return found if cells and all(cell["execution_count"] for cell in cells) else None


def answered(page: Page) -> bool:
    """Accept the questions of JupyterLab, one after the other; whether one of them was which kernel to take."""
    asked_for_kernel = False
    for _ in range(10):
        dialog = page.locator(".jp-Dialog")
        if not dialog.count():
            break
        asked_for_kernel |= "kernel" in dialog.first.inner_text().lower()
        dialog.first.locator("button.jp-mod-accept").click()
        page.wait_for_timeout(500)  # the next question opens when this one has closed
    return asked_for_kernel


def run_all(page: Page) -> None:
    """Choose Run All Cells from the menu; a question that opens before the menu does is answered, and it is chosen again."""
    for tried in range(SLOW // 10):
        answered(page)
        try:
            page.click(".lm-MenuBar-itemLabel:text-is('Run')", timeout=10_000)
            page.click(".lm-Menu-itemLabel:text-is('Run All Cells')", timeout=10_000)
            return
        except TimeoutError:
            assert tried < SLOW // 10 - 1, "the menu of JupyterLab did not open"


def opened(browser: Browser, address: str, name: str) -> Page:
    """A page of JupyterLab on a notebook whose cells are being run."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(SLOW * 1000)
    page.goto(f"{address}/lab/tree/{name}?reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    # Asked to run before the kernel is there, JupyterLab wants to know which one to take, and forgets what it was to run.
    page.wait_for_selector(IDLE)
    run_all(page)
    return page


def until(page: Page, done: Callable[[], T | None]) -> T:
    """Save the notebook, again and again, until what was saved is as wanted; what JupyterLab forgot to run is asked for again."""
    deadline, idle = time.monotonic() + PATIENCE, 0
    while not (found := done()):
        assert time.monotonic() < deadline, "the notebook did not get that far in JupyterLab"
        idle = idle + 1 if page.locator(IDLE).count() else 0
        if idle > AGAIN:
            run_all(page)
            idle = 0
        page.wait_for_timeout(1000)
        if answered(page):
            page.wait_for_selector(IDLE)
            run_all(page)
        page.keyboard.press("Control+s")
    return found


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_in_jupyterlab(notebook: Path, lab: tuple[str, Path], browser: Browser, artefacts: Path) -> None:
    address, folder = lab
    page = opened(browser, address, notebook.name)
    ran = folder / "ran" / notebook.name  # the other may be saved once more
    ran.parent.mkdir()
    ran.write_text(json.dumps(until(page, lambda: finished(folder / notebook.name))), "utf8")
    page.screenshot(path=artefacts / f"lab-{notebook.stem}.png")
    page.close()
    # What JupyterLab has saved becomes the report of this notebook.
    report = render(ran, folder / "report")
    assert report.failure is None
    assert report.notebook == short_name(notebook)
    promised = json.loads(notebook.read_text("utf8"))["metadata"]["goodwill"]["records"]
    assert set(promised) <= set(json.loads((report.folder / "results.json").read_text("utf8")))
