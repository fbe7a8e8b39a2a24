"""Objects at the end of a cell: one line, a small table, a picture where one is obvious; never a dump."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import goodwill as gw
from goodwill.errors import FitError, UsageError
from goodwill.shown import Shown

PACKAGE = Path(gw.__file__).parent
HEAVY = ("DataFrame", "Array", "Table", "Series", "ndarray", "PurchaseSummary", "Transactions")
# Wordings and inner parts of a search, which no user is handed.
INNER = {
    "Finding",
    "Likelihood",
    "LogLinear",
    "People",
    "Clock",
    "DayKinds",
    "StackedDraws",
    "Pooling",
    "ByCell",
    "FactorPrior",
    "Moved",
    "Lines",
    "Loaded",
    "Stage",
    "CaseReader",
    "AnswerTable",
    "Moments",
    "Renewals",
    "Marks",
    "Oracle",
    "CellLikelihood",
    "Tally",
    "Coded",
    "Plain",
}


@pytest.fixture(scope="module")
def orders() -> object:
    return gw.read_transactions("cdnow_sample")


@pytest.fixture(scope="module")
def summary(orders: object) -> gw.PurchaseSummary:
    return gw.summarize_purchases(orders, calibration_end="1997-09-30")


@pytest.fixture(scope="module")
def shown(orders: object, summary: gw.PurchaseSummary) -> dict[str, Shown]:
    cells = gw.satisfaction.LoyaltyCells.of([1, 2, 3, 4, 5], [1, 4, 30, 120, 160], [10, 20, 90, 200, 190])
    return {
        "orders": orders,
        "summary": summary,
        "fit": gw.BetaGeoNBD.fit(summary),
        "cells": cells,
        "rules": gw.segments.learn("rfm", summary.to_pandas()),
        "company": gw.company(customers=200),
    }


def test_each_object_says_in_one_line_what_it_is(shown: dict[str, Shown]) -> None:
    assert repr(shown["orders"]) == "<Transactions cdnow_sample, 1997-01-01 to 1998-06-30, USD>"
    assert repr(shown["summary"]) == (
        "<PurchaseSummary [week/day, USD] 2,357 customers (946 came back) to 1998-06-30, hold-out from 1997-09-30>"
    )
    assert repr(shown["fit"]).startswith("<Fit BetaGeoNBD(r=0.24259")
    assert repr(shown["fit"]).endswith("log-likelihood -9,582.4 over 2,357 customers>")
    assert repr(shown["cells"]) == "<LoyaltyCells levels 1 to 5, 510 answers, 62% loyal>"
    assert repr(shown["rules"]).startswith("<Rules rfm, 9 segments: champions, loyal,")


def test_no_line_is_a_dump_and_no_table_is_long(shown: dict[str, Shown]) -> None:
    for name, each in shown.items():
        line, page = repr(each), each._repr_html_()
        assert "\n" not in line and len(line) < 260, name
        assert "array(" not in line and "r0 :=" not in line, name
        assert page.startswith("<p><strong>") and page.count("<tr") <= 12, name


@pytest.mark.slow
def test_every_public_dataclass_that_holds_tables_is_shown_so() -> None:
    missing = []
    for path in PACKAGE.rglob("*.py"):
        if path.relative_to(PACKAGE).parts[0] in ("reports", "findings", "shown.py"):
            continue
        for node in ast.parse(path.read_text()).body:
            if not isinstance(node, ast.ClassDef) or node.name.startswith("_") or node.name in INNER:
                continue
            is_dataclass = any("dataclass" in ast.unparse(each) for each in node.decorator_list)
            held = [ast.unparse(each.annotation) for each in node.body if isinstance(each, ast.AnnAssign)]
            is_heavy = any(name in text for text in held if not text.startswith("ClassVar") for name in HEAVY)
            if is_dataclass and is_heavy and "Shown" not in map(ast.unparse, node.bases):
                missing.append(f"{path.relative_to(PACKAGE)}: {node.name}")
    assert not missing


@pytest.mark.slow
def test_pictures_are_drawn_for_what_has_one_and_refused_in_words_for_the_rest(shown: dict[str, Shown]) -> None:
    for name in ("summary", "fit", "cells"):
        figure = shown[name].plot()
        assert figure.axes and figure._suptitle.get_text(), name
    assert shown["fit"].plot(title="As published").get_suptitle() == "As published"
    with pytest.raises(UsageError, match="a Rules has no one picture"):
        shown["rules"].plot()


def test_a_picture_goes_on_given_axes(shown: dict[str, Shown]) -> None:
    from matplotlib.figure import Figure

    axes = Figure().subplots()
    assert shown["summary"].plot(ax=axes) is axes.get_figure()
    assert axes.get_title(loc="left").startswith("How often customers of")


@pytest.mark.slow
def test_a_frame_of_orders_is_summarised_as_if_it_had_been_read(orders: object) -> None:
    frame = orders.to_pandas()  # type: ignore[attr-defined]
    assert gw.summarize_purchases(frame).counts == gw.summarize_purchases(orders).counts


@pytest.mark.parametrize("model", [gw.BetaGeoNBD, gw.GammaGamma, gw.ParetoNBD])
def test_a_fit_of_what_is_no_summary_says_what_to_type(model: type, orders: object) -> None:
    said = "a fit takes a summary of purchases, or a DataFrame with a row per customer, and not Transactions; pass gw.summarize_purchases"
    with pytest.raises(FitError, match=said):
        model.fit(orders)


def test_a_class_without_a_line_of_its_own_shows_shapes() -> None:
    from dataclasses import dataclass

    @dataclass(frozen=True, repr=False)
    class Held(Shown):
        name: str
        table: pd.DataFrame
        points: np.ndarray
        share: float
        rest: dict[str, int]

    held = Held("x" * 50, pd.DataFrame({"a": range(20)}), np.zeros((3, 4)), 0.123456, {"a": 1})
    assert repr(held) == f"<Held name '{'x' * 39}…', table (20 × 1), points (3 × 4), share 0.1235, rest (1 named)>"
    assert held._repr_html_().count("<tr") < 14


def test_the_first_code_of_the_readme_takes_six_lines_and_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readme = (PACKAGE.parents[1] / "README.md").read_text("utf8")
    blocks = [block.split("```")[0] for block in readme.split("```python\n")[1:]]
    assert len([line for line in blocks[0].splitlines() if line.strip()]) <= 6
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in blocks:
        exec(block, names)
    saved = pd.read_csv(tmp_path / "scores.csv")
    assert len(saved) == 2357 and {"customer_id", "value", "probability_alive"} <= set(saved)
