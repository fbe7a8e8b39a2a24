"""Which software computes the results of a notebook: versions of what they depend on, and the library file by file."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib import metadata
from pathlib import Path

PACKAGES = ("goodwill", "duckdb", "ibis-framework", "lifetimes", "matplotlib", "numpy", "pandas", "papermill", "pyarrow", "scipy")
LIBRARY = Path(__file__).parents[2]


@cache
def versions() -> dict[str, str]:
    """Versions of Python and of the packages that results depend on."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


@cache
def library_hash() -> str:
    """SHA-256 over the names and contents of all files of the library, page templates included."""
    total = hashlib.sha256()
    for path in sorted(LIBRARY.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            total.update(f"{path.relative_to(LIBRARY).as_posix()}\0".encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
