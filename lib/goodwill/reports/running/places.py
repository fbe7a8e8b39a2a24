"""Places where Jupyter, IPython and matplotlib write for themselves: below the home folder, or elsewhere where there is none to write to.

Users of services often have no home folder, or one that is read-only or full. No report depends on what is kept there.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

NAMES = ("JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "MPLCONFIGDIR")


@contextmanager
def writable_places() -> Iterator[None]:
    """Inside, each of these programs has a folder to write to: its own where that can be written, else one that goes in the end."""
    missing = [name for name in NAMES if not _can_be_written(name)]
    if not missing:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="goodwill-home-") as folder:
        places = {name: Path(folder, name.lower()) for name in missing}
        for place in places.values():
            place.mkdir(0o700)
        with environment({name: str(place) for name, place in places.items()}):
            yield


@contextmanager
def environment(more: Mapping[str, str]) -> Iterator[None]:
    """Variables that a process started inside gets."""
    before = {name: os.environ.get(name) for name in more}
    os.environ.update(more)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _can_be_written(name: str) -> bool:
    try:
        place = _place(name)
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(b"x")
            file.flush()
        return True
    except (OSError, RuntimeError):  # RuntimeError: a user whom the system does not know has no home at all
        return False


def _place(name: str) -> Path:
    if named := os.environ.get(name):
        return Path(named)
    if name == "JUPYTER_RUNTIME_DIR":
        from jupyter_core.paths import jupyter_runtime_dir

        return Path(jupyter_runtime_dir())
    return Path.home() / {"IPYTHONDIR": ".ipython", "MPLCONFIGDIR": ".config/matplotlib"}[name]
