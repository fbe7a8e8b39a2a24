"""One report per group of a column: the rows of each group stand in a file of their own, which its notebook takes as its data."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from goodwill.data.held import Held
from goodwill.data.purchases_by_group import NO_GROUP
from goodwill.data.reading.addresses import read_address, shown
from goodwill.errors import DataError
from goodwill.reports.recording.versions import library_hash
from goodwill.reports.running.fingerprints import Fingerprints
from goodwill.reports.running.writing import read_object, while_written, write_json
from goodwill.reports.sets.recipe import GROUP, Groups, Report, fan_names

MANIFEST = "groups.json"


def pieces_folder(cache: Path, source: str, column: str) -> Path:
    """Where the groups of a column are kept: the same place for every run, so that an unchanged group is an unchanged file."""
    mark = hashlib.sha256(f"{source}\0{column}".encode()).hexdigest()[:16]
    return cache / "groups" / mark


def split(source: str, column: str, folder: Path, fingerprint: str | None, at_most: int, held: Held | None = None) -> None:
    """Write the rows of each group as Parquet, cells as they were read, in their order, and then the manifest.

    Parameters
    ----------
    source : str
        Anything that `read_transactions` reads.
    column : str
        A blank cell counts as the group `(empty)`; blanks around a value do not count.
    folder : Path
        Where to; files of groups that are gone are removed.
    fingerprint : str, optional
        Of the source, for the manifest.
    at_most : int
        Refuse more groups than this: somebody has named the column of the customers.
    held : Held, optional
        The source as it was when the fingerprint was taken.

    Raises
    ------
    DataError
        For a column that is not there, too many groups, or a source that changed meanwhile.
    """
    import pyarrow.parquet as pq

    from goodwill.data.reading.columns import named_column
    from goodwill.data.reading.files import ROW
    from goodwill.data.reading.sources import open_source

    opened = open_source(source, None)
    column = named_column("column", column, opened.columns, opened.name)
    columns = [name for name in opened.columns if name]
    table = opened.load(columns).table
    label = table[column].cast("string").strip().fill_null("").name("label")
    found = table.select(label).distinct().order_by("label").limit(at_most + 1).to_pyarrow().column("label").to_pylist()
    if len(found) > at_most:
        raise DataError(f"column {column!r} of {opened.name} has more than {at_most:,} values; take another one, or say at_most.")
    names = fan_names(f"{{{GROUP}}}", [{GROUP: value or NO_GROUP} for value in found], date.min, opened.name)
    folder.mkdir(parents=True, exist_ok=True)
    before = {name for _, name, _ in _groups(read_object(folder / MANIFEST))}
    groups: list[list[str]] = []
    for value, name in zip(found, names, strict=True):
        rows = table.filter(label == value)
        if ROW in table.columns:
            rows = rows.order_by(ROW)
        path = folder / f"{_stem(source)}-{name}.parquet"
        beside = while_written(path)
        pq.write_table(rows.select(*columns).to_pyarrow(), beside)
        beside.replace(path)
        groups.append([value or NO_GROUP, path.name, hashlib.sha256(path.read_bytes()).hexdigest()])
    if held is not None:
        held.check()
    write_json(folder / MANIFEST, {"fingerprint": fingerprint, "library": library_hash(), "groups": groups})
    for name in before - {name for _, name, _ in groups}:
        (folder / name).unlink(missing_ok=True)


def is_split(folder: Path, fingerprint: str | None, prints: Fingerprints) -> bool:
    """Whether the groups in a folder are those of the data as they are now, every file whole."""
    manifest = read_object(folder / MANIFEST)
    if fingerprint is None or manifest.get("fingerprint") != fingerprint or manifest.get("library") != library_hash():
        return False
    return all(prints.content(folder / name) == digest for _, name, digest in _groups(manifest))


def group_reports(groups: Groups, folder: Path, base: Path) -> list[Report]:
    """The reports of the groups in a folder; none where nothing was ever split."""
    found = _groups(read_object(folder / MANIFEST))
    given = [{"data": Path(os.path.relpath(folder / name, base)).as_posix()} for _, name, _ in found]
    if groups.borrow:
        given = [
            own | {"borrow_from": groups.of, "group": f"{groups.column}={value}"} for own, (value, _, _) in zip(given, found, strict=True)
        ]
    reports = groups.template.reports([{GROUP: value} for value, _, _ in found], given)
    file, separator, table = groups.of.partition("::")
    source = shown(groups.of) if "://" in groups.of else f"{Path(file).name}{separator}{table}"
    words = [{"data": f"{source} ({groups.column} = {value})"} for value, _, _ in found]
    return [replace(report, part_of=groups.of, shown=each) for report, each in zip(reports, words, strict=True)]


def _stem(source: str) -> str:
    """What the files of the groups are called after: a file, or the database of an address and nothing else of it."""
    address = read_address(source)
    place = address.database if address is not None else source.partition("::")[0]
    return Path(place).stem or "data"


def _groups(manifest: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The groups that a manifest lists; none when it is broken."""
    found = manifest.get("groups")
    if not isinstance(found, list) or not all(isinstance(g, list) and len(g) == 3 and all(isinstance(t, str) for t in g) for g in found):
        return []
    return [(value, Path(name).name, digest) for value, name, digest in found]
