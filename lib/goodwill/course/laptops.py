"""`python -m goodwill.course.laptops`: the course for laptops that have no network: wheels, the student folder, the book, one script.

The wheels are fetched here, for the systems and Pythons that are named; what is installed there asks nobody (`setup_class.py`).
"""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any

import click
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from goodwill.course.lessons import course_folder
from goodwill.errors import GoodwillError, UsageError
from goodwill.reports.recording.notebooks import project_root

# What pip is asked for: tags of wheels from the newest to the oldest that the packages use, and what their conditions are held against.
PLATFORMS: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "windows": (("win_amd64",), {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64"}),
    "mac": (
        tuple(f"macosx_{version}_{kind}" for version in ("14_0", "13_0", "12_0", "11_0", "10_9") for kind in ("arm64", "universal2")),
        {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix", "platform_machine": "arm64"},
    ),
    "linux": (
        (*(f"manylinux_2_{minor}_x86_64" for minor in (28, 27, 26, 24, 17, 12, 5)), "manylinux2014_x86_64", "manylinux1_x86_64"),
        {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"},
    ),
}
UNSEEN = ("lessons", "mistakes.yaml")  # of the course folder: what holds solutions and is kept out of the students' wheel


@click.command()
@click.option("--course", type=click.Path(path_type=Path, exists=True, file_okay=False), required=True, help="what `make course` built")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option("--for", "machines", multiple=True, default=("windows-3.12",), show_default=True, help="system-python; may be repeated")
@click.option("--at-most", type=float, default=700, show_default=True, help="size of all wheels [MB]")
def main(course: Path, out: Path, machines: Sequence[str], at_most: float) -> None:
    """Write the folder for the laptops to OUT."""
    try:
        size = build(course, out, machines, at_most)
    except GoodwillError as error:
        sys.exit(f"Error: {error}")
    click.echo(f"{out}: {size:,.0f} MB of wheels for {', '.join(machines)}. Copy it whole; there, type: python setup_class.py")


def build(course: Path, out: Path, machines: Sequence[str], at_most: float) -> float:
    """Fetch the wheels and put the folder together; gives their size in MB.

    Raises
    ------
    UsageError
        For an unknown machine, when a wheel cannot be had, and when all wheels together are larger than `at_most`.
    """
    root, wheels = _root(), out / "wheels"
    shutil.rmtree(out, ignore_errors=True)
    wheels.mkdir(parents=True)
    pins = [Requirement(line) for line in (root / "requirements.lock").read_text("utf-8").splitlines() if line.strip()]
    built = _wheel(root, out)
    ours = students_wheel(built, wheels)
    built.unlink()
    wanted = {}
    for machine in machines:
        wanted[machine] = needed(pins, machine)
        _download(wanted[machine], machine, wheels)
    size = sum(path.stat().st_size for path in wheels.iterdir()) / 1e6
    if size > at_most:
        raise UsageError(f"the wheels weigh {size:,.0f} MB, more than {at_most:,.0f}: name fewer machines with --for, or raise --at-most.")
    contents = {"wheels": {machine: [*names, ours] for machine, names in wanted.items()}}
    (wheels / "contents.json").write_text(json.dumps(contents, indent=1), "utf-8")
    shutil.copyfile(course_folder() / "setup_class.py", out / "setup_class.py")
    for part in ("students", "book"):
        shutil.copytree(course / part, out / part)
    return size


def needed(pins: Sequence[Requirement], machine: str) -> list[str]:
    """The locked packages that the library needs on a machine, without those for tests: `name==version`.

    Parameters
    ----------
    pins : the lines of the lock
    machine : system and Python, such as "windows-3.12"

    Raises
    ------
    UsageError
        When the machine is none of those that wheels can be fetched for.
    """
    held = environment(machine)
    locked = {str(canonicalize_name(pin.name)): pin for pin in pins if pin.marker is None or pin.marker.evaluate(held)}
    found: dict[str, str] = {}
    waiting = [("goodwill", "")]
    seen = set()
    while waiting:
        name, extra = each = waiting.pop()
        if each in seen:
            continue
        seen.add(each)
        if name in locked:
            found[name] = f"{name}{locked[name].specifier}"
        for line in _requires(name):
            condition = Requirement(line)
            if condition.marker is None or condition.marker.evaluate({**held, "extra": extra}):
                waiting += [(str(canonicalize_name(condition.name)), part) for part in ("", *sorted(condition.extras))]
    return [found[name] for name in sorted(found)]


def environment(machine: str) -> dict[str, str]:
    """What the conditions of packages are held against for a machine.

    Examples
    --------
    >>> environment("windows-3.12")["sys_platform"]
    'win32'
    """
    system, _, version = machine.partition("-")
    if system not in PLATFORMS or version.count(".") != 1:
        raise UsageError(f"wheels are fetched for {', '.join(PLATFORMS)} and a Python, such as windows-3.12; not for {machine!r}.")
    names = {"python_version": version, "python_full_version": f"{version}.0", "implementation_name": "cpython"}
    return names | {"platform_python_implementation": "CPython", "extra": ""} | PLATFORMS[system][1]


def students_wheel(wheel: Path, folder: Path) -> str:
    """Copy our wheel into a folder without the lessons that hold the solutions; gives its `name==version`."""
    hidden = tuple(f"goodwill/notebooks/course/{name}" for name in UNSEEN)
    with zipfile.ZipFile(wheel) as whole, zipfile.ZipFile(folder / wheel.name, "w", zipfile.ZIP_DEFLATED) as part:
        for item in whole.infolist():
            if item.filename.startswith(hidden):
                continue
            content = whole.read(item)
            if item.filename.endswith(".dist-info/RECORD"):
                content = _without(content.decode(), hidden).encode()
            part.writestr(item, content)
    name, version = wheel.name.split("-")[:2]
    return f"{name}=={version}"


def _without(record: str, hidden: tuple[str, ...]) -> str:
    """The list of files in a wheel without those that were left out."""
    kept = io.StringIO()
    csv.writer(kept, lineterminator="\n").writerows(row for row in csv.reader(io.StringIO(record)) if not row[0].startswith(hidden))
    return kept.getvalue()


def _download(names: Sequence[str], machine: str, wheels: Path) -> None:
    system, _, version = machine.partition("-")
    tags = [part for tag in PLATFORMS[system][0] for part in ("--platform", tag)]
    listed = wheels / "wanted.txt"
    listed.write_text("\n".join(names) + "\n", "utf-8")
    command: list[Any] = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", wheels]
    command += [*tags, "--python-version", version, "--implementation", "cp", "--requirement", listed]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    listed.unlink()
    if done.returncode:
        last = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()[-1:]
        raise UsageError(f"the wheels for {machine} cannot be had: {last[-1] if last else 'pip gives no reason'}")


def _requires(name: str) -> list[str]:
    """What a package says it needs; nothing for one that is of another system and not installed here."""
    try:
        return requires(name) or []
    except PackageNotFoundError:
        return []


def _wheel(root: Path, out: Path) -> Path:
    """Our own wheel, built from the project."""
    from hatchling.builders.wheel import WheelBuilder

    folder = out / "ours"
    built = Path(next(WheelBuilder(str(root)).build(directory=str(folder), versions=["standard"])))
    kept = built.replace(out / built.name)
    shutil.rmtree(folder)
    return kept


def _root() -> Path:
    root = project_root()
    if root is None or not (root / "requirements.lock").is_file():
        raise UsageError("the folder for laptops is made from a checkout of the project, where requirements.lock stands.")
    return root


if __name__ == "__main__":
    main()
