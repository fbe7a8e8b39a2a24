"""What an editor and a type checker see of the library: a reader's script passes mypy in strict mode, and names complete."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "tests" / "typed_script.py"


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What mypy says of the script and, in the same run, of a copy with misspelt arguments."""
    folder = tmp_path_factory.mktemp("typed")
    good, bad = folder / "good.py", folder / "bad.py"
    text = SCRIPT.read_text("utf-8")
    good.write_text(text)
    bad.write_text(
        text.replace("horizon=39", "horison=39").replace("order_value=35.0", "order_valu=35.0").replace("margin=0.3", "margn=0.3")
    )
    cache = ROOT / ".mypy_cache" / "strict"  # of its own: in one cache two settings would throw out what the other has checked
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", "", "--cache-dir", str(cache), str(good), str(bad)]
    # As installed: the library is found by its path, its stubs and py.typed, and not by this project's settings of mypy.
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env={"MYPYPATH": str(ROOT / "lib"), "PATH": ""}).stdout


def test_a_script_of_thirty_lines_passes_strict_type_checking(checked: str) -> None:
    lines = [line for line in SCRIPT.read_text("utf-8").splitlines() if line.strip()]
    assert 20 <= len(lines) <= 40
    assert "good.py" not in checked, checked


@pytest.mark.parametrize("misspelt", ["horison", "order_valu", "margn"])
def test_a_misspelt_argument_is_found_before_anything_runs(checked: str, misspelt: str) -> None:
    assert f"bad.py:{'':0}" in checked
    assert f'Unexpected keyword argument "{misspelt}"' in checked


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
