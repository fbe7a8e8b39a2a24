"""Chinese labels are drawn in a font of the machine that has them; where there is none, the figure says so."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from matplotlib import font_manager
from matplotlib.figure import Figure

from goodwill.figures import theme
from goodwill.reports.recording import record
from goodwill.reports.recording.pictures import figure_svg, said_undrawn, undrawn


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    theme.chinese_font.cache_clear()
    yield
    theme.chinese_font.cache_clear()


def fonts_of(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    monkeypatch.setattr(font_manager, "fontManager", SimpleNamespace(get_font_names=lambda: ["DejaVu Sans", *names]))


def labelled(text: str) -> Figure:
    figure = Figure()
    figure.subplots().set_title(text)
    return figure


def test_the_font_is_the_first_of_the_list_that_the_machine_has(monkeypatch: pytest.MonkeyPatch) -> None:
    fonts_of(monkeypatch, "SimHei", "Microsoft YaHei")
    assert theme.chinese_font() == "Microsoft YaHei"


def test_where_there_is_no_such_font_the_style_is_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    import matplotlib as mpl

    fonts_of(monkeypatch)
    with theme.themed():
        assert mpl.rcParams["font.family"] == ["sans-serif"]
    theme.chinese_font.cache_clear()
    fonts_of(monkeypatch, "PingFang SC")
    with theme.themed():
        assert mpl.rcParams["font.family"] == ["sans-serif", "PingFang SC"]


def test_characters_without_a_font_are_named_once() -> None:
    with undrawn() as missing:
        figure_svg(labelled("东方 a\ue0fe"), "", "")
    assert "\ue0fe" in missing and "a" not in missing
    assert said_undrawn(["东", "方", "东"]) == (
        "Labels of this figure hold characters that no font of the machine that drew it has (东, 方); they are kept as text, and are "
        "seen where the page is opened if a font is there."
    )
    assert said_undrawn([]) == ""
    assert "(a, b, c, d, e, …)" in said_undrawn(list("abcdef"))


def test_a_figure_says_in_its_caption_what_could_not_be_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = {}
    monkeypatch.setattr(record.output, "put", lambda result, **_: shown.update({result["name"]: result["caption"]}))
    record.record_figure("private", labelled("\ue0fe"), caption="Sales.", alt="A figure.")
    record.record_figure("plain", labelled("sales"), caption="Sales.", alt="A figure.")
    assert shown["plain"] == "Sales."
    assert shown["private"].startswith(
        "Sales. Labels of this figure hold characters that no font of the machine that drew it has (\ue0fe);"
    )


def test_other_warnings_go_on() -> None:
    with pytest.warns(UserWarning, match="something else"), undrawn() as missing:
        warnings.warn("something else", stacklevel=1)
    assert missing == []


def test_numbers_of_an_axis_have_separators_and_as_many_decimals_as_are_asked() -> None:
    with theme.themed():
        _, (axis,) = theme.panels()
    theme.thousands(axis.xaxis, None)
    assert [axis.xaxis.get_major_formatter()(value, 0) for value in (-1500.0, 0.25, 2_000_000.0)] == [
        "\N{MINUS SIGN}1,500",
        "0.25",
        "2,000,000",
    ]
    theme.thousands(axis.xaxis)
    assert axis.xaxis.get_major_formatter()(1500.4, 0) == "1,500"
