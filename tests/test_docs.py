"""The documentation: its code runs, its pages are all reached, its packages are pinned."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import goodwill as gw

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"


def blocks(page: Path) -> list[str]:
    return [block.split("```")[0] for block in page.read_text("utf-8").split("```python\n")[1:]]


@pytest.mark.parametrize("page", sorted((DOCS / "quickstart").glob("*.md")), ids=lambda path: path.stem)
def test_the_code_of_each_quickstart_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in blocks(page):
        exec(block, names)
    assert names or page.stem == "schedulers"


@pytest.mark.slow
def test_the_numbers_that_a_quickstart_tells_are_those_of_its_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = DOCS / "quickstart" / "researchers.md"
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in blocks(page):
        exec(block, names)
    expected, told = names["expected"].loc["total"], page.read_text("utf-8")  # type: ignore[attr-defined]
    assert f"{names['came']:,.0f} purchases came, and the model had expected {expected['estimate']:,.0f}" in told
    assert f"from {expected['lower']:,.0f} to {expected['upper']:,.0f}" in told
    assert names["came"] > expected["upper"]


def test_the_recipe_of_the_quickstart_for_schedulers_can_be_read(tmp_path: Path) -> None:
    from goodwill.reports.sets.recipe import read_recipe

    text = (DOCS / "quickstart" / "schedulers.md").read_text("utf-8")
    path = tmp_path / "nightly.yaml"
    path.write_text(text.split("```yaml\n")[1].split("```")[0], "utf-8")
    assert read_recipe(path, None).title == "What our customers are worth"


def test_every_page_stands_in_the_contents_of_the_site() -> None:
    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
    entries = [pages for entry in nav for pages in (entry.values() if isinstance(entry, dict) else [entry])]
    listed = {page for pages in entries for page in (pages if isinstance(pages, list) else [pages]) if page.endswith(".md")}
    assert {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")} == listed - {"gallery/index.md"}


def test_what_the_site_needs_is_pinned() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]["docs"]
    pins = [Requirement(line) for line in (ROOT / "requirements-docs.lock").read_text("utf-8").splitlines()]
    found = {canonicalize_name(pin.name): next(iter(pin.specifier)) for pin in pins}
    assert all(pin.operator == "==" for pin in found.values())
    for line in wanted:
        package = Requirement(line)
        assert package.specifier.contains(found[canonicalize_name(package.name)].version)


@pytest.mark.parametrize("name", [name for name in gw.__all__ if callable(getattr(gw, name)) and hasattr(getattr(gw, name), "__doc__")])
def test_every_name_at_the_top_of_the_library_has_an_example(name: str) -> None:
    value = getattr(gw, name)
    own = [getattr(value, each) for each in vars(value) if not each.startswith("_")] if isinstance(value, type) else []
    assert any(">>>" in (text or "") for text in (value.__doc__, *(getattr(each, "__doc__", "") for each in own)))
