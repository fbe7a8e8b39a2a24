"""Sets a laptop up for the course, from the folder it stands in: no administrator's rights and no network are needed.

    python setup_class.py            (Windows: py setup_class.py)

It makes a Python of its own beside itself, installs the wheels of the folder into it, tries it, and writes a file to start with. Nothing
outside the folder is changed; to be rid of it, delete the folder. Only Python's standard library is used, and any Python 3 can read this.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
LONGEST = 110  # characters; Windows allows 260 for a whole path, and the longest file inside takes the rest
NEEDED = 1_500  # megabytes when all is unpacked
SYSTEMS = {"win32": "windows", "darwin": "mac"}
TRY = "import goodwill as gw; print(len(gw.read_transactions('cdnow_sample').to_pandas()))"


def main(arguments: list[str] | None = None) -> None:
    """Set up, or stop with one sentence that says what is in the way."""
    parser = argparse.ArgumentParser(description="Sets this laptop up for the course.")
    parser.add_argument("--at", type=Path, default=HERE / "python", help="where the Python of the course is put (beside this file)")
    place = parser.parse_args(arguments).at.resolve()
    known = json.loads((HERE / "wheels" / "contents.json").read_text("utf-8"))
    stop_if(why_not(known, place))
    print(f"1 of 3  A Python of its own in {place}", flush=True)
    make_environment(place)
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    print("2 of 3  Installing the packages from the folder of wheels (some minutes)", flush=True)
    wheels = known["wheels"][this_machine()]
    listed = place / "wheels.txt"
    listed.write_text("\n".join(wheels) + "\n", "utf-8")
    run([python, "-m", "pip", "install", "--no-index", "--find-links", HERE / "wheels", "--no-deps", "--quiet", "--requirement", listed])
    without_news(place)
    print("3 of 3  Trying it", flush=True)
    run([python, "-c", TRY])
    print(f"Ready. Start with: {write_starter(python)}")


def this_machine() -> str:
    """The system and Python that wheels are made for, such as `windows-3.12`."""
    return f"{SYSTEMS.get(sys.platform, 'linux')}-{sys.version_info.major}.{sys.version_info.minor}"


def why_not(known: dict[str, dict[str, list[str]]], place: Path) -> str:
    """What is in the way, in one sentence; empty when nothing is."""
    if this_machine() not in known["wheels"]:
        machines = ", ".join(sorted(known["wheels"]))
        return f"The wheels are for {machines}; this is {this_machine()} ({sys.executable}). Start me with another Python."
    there = {spelled("==".join(path.name.split("-")[:2])) for path in (HERE / "wheels").glob("*.whl")}
    if missing := [name for name in known["wheels"][this_machine()] if spelled(name) not in there]:
        return f"{len(missing)} wheels are missing from {HERE / 'wheels'}, the first is {missing[0]}: copy the whole folder again."
    if os.name == "nt" and len(str(place)) > LONGEST:
        return f"The path {place} has {len(str(place))} characters, which is too long for Windows: use --at C:\\goodwill, say."
    above = next(parent for parent in (place, *place.parents) if parent.exists())
    if (free := shutil.disk_usage(above).free / 1e6) < NEEDED:
        return f"{above} has {free:,.0f} MB free and {NEEDED:,} MB are needed: make room, or name another disk with --at."
    return ""


def spelled(pinned: str) -> str:
    """A package with its version in one spelling: names of wheels have capitals and underscores, lists of packages have not."""
    return re.sub(r"[-_.]+", "-", pinned.partition("==")[0]).lower() + "==" + pinned.partition("==")[2]


def make_environment(place: Path) -> None:
    """A virtual environment with pip, made from what is at hand."""
    try:
        venv.EnvBuilder(with_pip=True, clear=True).create(place)
    except (subprocess.CalledProcessError, OSError) as error:
        stop_if(
            f"No Python could be made in {place} ({error}). On Debian and Ubuntu the package python3-venv is needed; elsewhere try --at."
        )


def without_news(place: Path) -> None:
    """JupyterLab asks whether it may fetch news and looks for updates: without a network both only disturb."""
    folder = place / "etc" / "jupyter" / "labconfig"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "page_config.json").write_text('{"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": true}}', "utf-8")


def write_starter(python: Path) -> Path:
    """A file that opens JupyterLab on the lessons when it is clicked."""
    name = {"win32": "start.bat", "darwin": "start.command"}.get(sys.platform, "start.sh")
    path, lab = HERE / name, "-m jupyterlab --notebook-dir"
    if os.name == "nt":
        path.write_text(f'@chcp 65001 > nul\r\n@"{python}" {lab}="{HERE / "students"}"\r\n@pause\r\n', "utf-8")
    else:
        path.write_text(f'#!/bin/sh\nexec "{python}" {lab}="{HERE / "students"}"\n', "utf-8")
        path.chmod(0o755)
    return path


def run(command: list[object]) -> None:
    """Run a command; stop with what it said when it fails."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, encoding="utf-8", errors="replace")
    if done.returncode:
        last = ((done.stderr or done.stdout).strip().splitlines() or ["no reason was given"])[-1]
        stop_if(f"It failed: {last} ({platform.platform()}, Python {sys.version.split()[0]}).")


def stop_if(said: str) -> None:
    """End with a sentence, where there is one."""
    if said:
        sys.exit(said)


if __name__ == "__main__":
    main()
