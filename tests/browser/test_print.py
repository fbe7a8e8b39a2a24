"""A printed report: no page with a large hole, and no exhibit cut at the foot of a page."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from tests.browser.test_pages import built  # noqa: F401

from goodwill.reports.running.pdf import print_pdf

# Of the height of the text of a page; a figure with its caption is about a third of it, and is never cut.
LARGEST_HOLE = 0.38
DOTS = 30  # an inch
MARGINS = 0.9  # of a page holds text, above its number

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="no pdftoppm (on Debian: apt-get install poppler-utils)"),
]


def holes(pdf: Path, folder: Path) -> list[float]:
    """What is left blank at the foot of each page but the last, as a share of the room for text."""
    folder.mkdir()
    subprocess.run(["pdftoppm", "-r", str(DOTS), "-gray", str(pdf), str(folder / "page")], check=True)
    found = []
    for path in sorted(folder.glob("*.pgm"))[:-1]:
        kind, size, depth, body = path.read_bytes().split(b"\n", 3)
        assert (kind, depth) == (b"P5", b"255")
        width, height = map(int, size.split())
        page = np.frombuffer(body, np.uint8).reshape(height, width)[: int(height * MARGINS)]
        inked = np.flatnonzero((page < 200).any(axis=1))
        found.append(1 - (inked[-1] + 1) / len(page) if len(inked) else 1.0)
    return found


def test_no_page_of_a_printed_report_has_a_large_hole(built: list[Path], tmp_path: Path) -> None:  # noqa: F811
    for file in built:
        if file.name == "report.html":
            folder = tmp_path / file.parent.name
            shutil.copytree(file.parent, folder)
            assert print_pdf(folder) == ""
            found = holes(folder / "report.pdf", tmp_path / f"{folder.name}-pages")
            assert found
            assert max(found) < LARGEST_HOLE, (file, [round(hole, 2) for hole in found])
