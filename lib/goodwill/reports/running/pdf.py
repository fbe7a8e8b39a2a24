"""A report as PDF, printed by a Chromium that is there; without one the report is whole all the same."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from goodwill.reports.running.writing import while_written

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Without these Chromium looks up its maker's hosts at every start.
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SECONDS = 90


def find_chromium() -> str | None:
    """The path of an installed Chromium, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def print_pdf(folder: Path) -> str:
    """Print `report.html` of a report as `report.pdf` beside it (A4, tagged), whole or not at all.

    Returns
    -------
    str
        Empty when it is there, else one sentence that says why not.
    """
    browser = find_chromium()
    if browser is None:
        return "No PDF: there is no Chromium on the path (on Debian: apt-get install chromium)."
    page, target = folder / "report.html", folder / "report.pdf"
    if not page.is_file():
        return f"No PDF: {folder.name} has no report.html."
    with tempfile.TemporaryDirectory(prefix="goodwill-pdf-") as profile:
        made = Path(profile) / "report.pdf"
        problem = _run([*_command(browser, profile), f"--print-to-pdf={made}", page.resolve().as_uri()])
        if problem or not made.is_file() or not made.read_bytes().startswith(b"%PDF"):
            return f"No PDF of {folder.name}: {problem or 'Chromium wrote none'}."
        try:
            beside = while_written(target)
            shutil.copyfile(made, beside)
            beside.replace(target)
        except OSError as error:
            return f"No PDF of {folder.name}: {error.strerror}."
    return ""


def _command(browser: str, profile: str) -> list[str]:
    command = [browser, "--headless", *QUIET, f"--user-data-dir={profile}", "--no-pdf-header-footer", "--generate-pdf-document-outline"]
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [*command, "--no-sandbox"] if is_root else command  # as root Chromium refuses its sandbox


def _run(command: list[str]) -> str:
    """Why it did not work, or nothing."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return f"Chromium took more than {SECONDS} s"
    except OSError as error:
        return f"Chromium did not start ({error.strerror})"
    return f"Chromium ended with status {done.returncode}" if done.returncode else ""
