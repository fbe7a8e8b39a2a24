"""What a clone needs to install and to stay clean: three lists of packages that agree, notebooks without outputs, no strays."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
# Where conda-forge calls a package otherwise than pip does.
CONDA_NAME = {"ibis-framework": "ibis-duckdb", "duckdb": "python-duckdb", "playwright": "playwright-python", "lazy-loader": "lazy_loader"}


def tracked(*patterns: str) -> list[Path]:
    """Files that git knows, or will know at the next commit."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return sorted({ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()})


def project() -> dict[str, SpecifierSet]:
    """Direct dependencies of pyproject.toml, run time and tests, with their ranges."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [Requirement(line) for line in pyproject["project"]["dependencies"] + pyproject["dependency-groups"]["test"]]
    return {canonicalize_name(package.name): package.specifier for package in wanted}


def lock() -> list[Requirement]:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    return [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]


def conda() -> tuple[dict[str, SpecifierSet], list[str]]:
    """The packages of environment.yml under their pip names, and its lines for pip that are not packages."""
    pip_name = {conda_name: name for name, conda_name in CONDA_NAME.items()}
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    for_pip = next(entry["pip"] for entry in listed if isinstance(entry, dict))
    lines = [entry for entry in listed if isinstance(entry, str)] + [line for line in for_pip if not line.startswith("-")]
    names_and_ranges = [re.fullmatch(r"([\w-]+)(.*)", line).groups() for line in lines]
    packages = {pip_name.get(name, name): SpecifierSet(versions) for name, versions in names_and_ranges}
    return packages, [line for line in for_pip if line.startswith("-")]


def test_conda_users_get_the_same_packages_in_the_same_ranges():
    packages, _ = conda()
    python = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert packages == project() | {"python": SpecifierSet(python), "pip": SpecifierSet()}


def test_conda_users_get_this_folder_installed_editable():
    assert conda()[1] == ["-e ."]


@pytest.mark.slow
def test_every_direct_dependency_is_locked_within_its_range():
    locked = {canonicalize_name(pin.name) for pin in lock()}
    assert set(project()) <= locked
    for pin in lock():
        version = next(iter(pin.specifier))
        assert version.operator == "==", pin
        assert project().get(canonicalize_name(pin.name), SpecifierSet()).contains(version.version, prereleases=True), pin


@pytest.mark.parametrize("python", ["3.11.0", "3.12.0", "3.13.0", "3.14.0"])
def test_every_python_gets_each_direct_dependency_once(python):
    here = {"python_version": python.rpartition(".")[0], "python_full_version": python, "sys_platform": "linux"}
    names = [canonicalize_name(pin.name) for pin in lock() if pin.marker is None or pin.marker.evaluate(here)]
    assert len(names) == len(set(names))
    assert set(project()) <= set(names)


def test_the_locks_name_no_server():
    assert "://" not in (ROOT / "requirements.lock").read_text() + (ROOT / "requirements-course.lock").read_text()


def test_the_lock_of_the_course_is_the_lock_and_nbgrader():
    ours, course = ((ROOT / name).read_text().splitlines() for name in ("requirements.lock", "requirements-course.lock"))
    assert [line for line in ours if line not in course] == []
    assert any(line.startswith("nbgrader==") for line in course)


def test_the_library_is_not_ignored_although_it_lives_in_lib():
    asked = subprocess.run(["git", "check-ignore", "--quiet", "lib/goodwill/errors.py"], cwd=ROOT)
    assert asked.returncode == 1  # git's way to say: not ignored


@pytest.mark.parametrize("path", tracked("notebooks/*.ipynb"), ids=lambda path: path.name)
def test_notebooks_are_clean_portable_and_have_one_cell_of_parameters(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert not any(cell["outputs"] or cell["execution_count"] for cell in code)
    lesson = "course" in path.relative_to(ROOT).parts  # read, not run with parameters, but where it takes tables of one's own
    assert sum("parameters" in cell["metadata"].get("tags", []) for cell in code) in ((0, 1) if lesson else (1,))
    assert not any("../" in "".join(cell["source"]) for cell in (code if lesson else notebook["cells"]))


def test_no_file_names_the_place_of_this_clone():
    for path in tracked():
        assert str(ROOT).encode() not in path.read_bytes(), path


def test_every_case_file_stands_in_the_datasheet_with_its_size_and_source():
    datasheet = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    rows = {name: int(count) for name, count in re.findall(r"^\| `(\w+)` \|.*\| ([\d,]+) \|", datasheet, re.M)}
    for path in tracked("data/cases/*.csv"):
        header, *lines = path.read_text(encoding="utf-8").splitlines()
        assert rows.get(path.stem) == len(lines), path.name
        assert {"source", "origin"} & set(header.split(",")) or f"`{path.stem}`: from" in datasheet, path.name
