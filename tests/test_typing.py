"""What an editor and a type checker see of the library: a reader's script passes mypy in strict mode, and names complete."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "tests" / "typed_script.py"
MISTYPED = ROOT / "tests" / "mistyped_script.py"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What mypy says, in strict mode, of both scripts where the library is only found by its path: by its stubs and py.typed."""
    folder = tmp_path_factory.mktemp("typed")
    for script in (SCRIPT, MISTYPED):
        (folder / script.name).write_text(script.read_text("utf-8").replace("  # type: ignore[call-arg]", ""))
    cache = ROOT / ".mypy_cache" / "strict"  # of its own: in one cache two settings would throw out what the other has checked
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", "", "--cache-dir", str(cache), SCRIPT.name, MISTYPED.name]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env={"MYPYPATH": str(ROOT / "lib"), "PATH": ""}).stdout


def test_a_reader_s_script_of_thirty_lines_stands_in_the_type_check() -> None:
    """`make check`, which `make test` runs beside the tests, types both scripts strictly; a mark that hides nothing is an error there."""
    lines = [line for line in SCRIPT.read_text("utf-8").splitlines() if line.strip()]
    assert 20 <= len(lines) <= 40
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]
    assert {"tests/typed_script.py", "tests/mistyped_script.py"} <= set(settings["files"])
    assert settings["warn_unused_ignores"] and settings["disallow_untyped_defs"]
    assert "type: ignore" not in SCRIPT.read_text("utf-8")
    marked = [line for line in MISTYPED.read_text("utf-8").splitlines() if line.endswith("# type: ignore[call-arg]")]
    assert [word for word in ("horison=", "margn=", "order_valu=") if any(word in line for line in marked)] == [
        "horison=",
        "margn=",
        "order_valu=",
    ]
    assert len(marked) == 3


@pytest.mark.slow
def test_as_installed_the_script_passes_and_misspelt_arguments_are_found(installed: str) -> None:
    assert "typed_script.py" not in installed.replace("mistyped_script.py", "")
    for misspelt in ("horison", "order_valu", "margn"):
        assert f'Unexpected keyword argument "{misspelt}"' in installed


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("gw.", {"read_transactions", "BetaGeoNBD", "segments", "show"}),
        ("gw.segments.", {"learn", "segment_profile", "Rules"}),
        ("gw.strategies.", {"allocate", "starter_catalogue"}),
        ("gw.lifetime_value.", {"value_customers", "lorenz_curve"}),
        ("gw.findings.", {"verdict", "Finding"}),
    ],
)
def test_an_editor_completes_the_names_of_the_rooms(typed: str, offered: set[str]) -> None:
    import jedi

    code = f"import goodwill as gw\n{typed}"
    found = jedi.Script(code, project=jedi.Project(ROOT, added_sys_path=[str(ROOT / "lib")])).complete(2, len(typed))
    assert offered <= {each.name for each in found}


def test_the_top_level_stays_small() -> None:
    import goodwill as gw

    assert len(gw.__all__) <= 50
