from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from goodwill.reports.running import pdf
from goodwill.reports.running.pdf import print_pdf

from .sets import NOW, write_report


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(pdf, "find_chromium", lambda: "/opt/chromium")
    return write_report(tmp_path / "north", NOW)


def chromium(body: bytes | None, status: int = 0) -> Any:
    """A stand-in that writes what it is told where the command wants the PDF."""

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        target = next(part.removeprefix("--print-to-pdf=") for part in command if part.startswith("--print-to-pdf="))
        if body is not None:
            Path(target).write_bytes(body)
        return subprocess.CompletedProcess(command, status, "", "")

    return run


def test_the_pdf_stands_beside_the_page(report: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(subprocess, "run", chromium(b"%PDF-1.4 x"))
    assert print_pdf(report) == ""
    assert (report / "report.pdf").read_bytes() == b"%PDF-1.4 x"
    assert not list(report.glob(".*"))


@pytest.mark.parametrize(("body", "status", "said"), [(None, 0, "wrote none"), (b"<html>", 0, "wrote none"), (b"%PDF-1.4", 5, "status 5")])
def test_a_chromium_that_fails_leaves_the_report_as_it_was(report: Path, monkeypatch: pytest.MonkeyPatch, body, status, said):
    (report / "report.pdf").write_bytes(b"%PDF-1.4 old")
    monkeypatch.setattr(subprocess, "run", chromium(body, status))
    assert said in print_pdf(report)
    assert (report / "report.pdf").read_bytes() == b"%PDF-1.4 old"


def test_a_chromium_that_hangs_is_given_up(report: Path, monkeypatch: pytest.MonkeyPatch):
    def run(command: list[str], **_: Any) -> None:
        raise subprocess.TimeoutExpired(command, 90)

    monkeypatch.setattr(subprocess, "run", run)
    assert "more than 90 s" in print_pdf(report)


def test_without_chromium_one_sentence_says_so(report: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf, "find_chromium", lambda: None)
    assert "there is no Chromium" in print_pdf(report)
    assert not (report / "report.pdf").exists()
