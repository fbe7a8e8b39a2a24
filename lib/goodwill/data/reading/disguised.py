"""Files that are not what their names say, told by their first bytes."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from goodwill.errors import DataError

# What a text file of records cannot begin with, and the way on.
_KINDS = (
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (.xls)", "save it as .xlsx or .csv"),
    (rb"%PDF-", "a PDF", "export the records behind it as .csv or .xlsx"),
    (rb"7z\xbc\xaf'|Rar!|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd", "a compressed archive", "unpack it and name the file inside"),
    (rb"\$FL[23]", "a file of SPSS (.sav)", "export it from there as .csv"),
    (rb"<stata_dta>", "a file of Stata (.dta)", "export it from there as .csv"),
    (rb"version https://git-lfs", "a pointer of Git LFS, not the file itself", "fetch the file with git lfs pull"),
    (rb"<<<<<<< ", "a file with conflicts of git in it", "solve them first"),
    (
        rb"\s*(?i:<!doctype|<html|<\?xml|<table)",
        "a page of HTML or XML, not a table of text",
        "open it in a spreadsheet and save it as .csv",
    ),
    (rb"\s*\{\s*\"", "JSON, one object or one a line", "turn it into a table first, such as with pandas.read_json(path, lines=True)"),
    (rb"\s*\[\s*[\{\[]", "JSON", "turn it into a table first, such as with pandas.read_json(path)"),
)


def refuse_disguised(path: Path) -> None:
    """Refuse what is no text of records, by name.

    Raises
    ------
    DataError
        Says what the file is, and the way on.
    """
    with path.open("rb") as f:
        head = f.read(1024)
    if head[:3] == b"\xef\xbb\xbf":
        head = head[3:]
    for pattern, kind, way in _KINDS:
        if re.match(pattern, head):
            raise DataError(f"{path.name} is {kind}; {way}.")
    if head[:4] == b"PK\x03\x04":
        names = _names_inside(path)
        raise DataError(f"{path.name} is a zip archive that holds {', '.join(map(repr, names[:5]))}; unpack it and name the file inside.")


def is_workbook(path: Path) -> bool:
    """Whether a file is an Excel workbook (.xlsx), whatever its name."""
    with path.open("rb") as f:
        if f.read(4) != b"PK\x03\x04":
            return False
    return "xl/workbook.xml" in _names_inside(path)


def _names_inside(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return ["nothing that can be listed"]
