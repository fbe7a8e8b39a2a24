"""The cells of the notebook, run in this process on made-up surveys; the runner has tests of its own."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.notebooks.running import NOTEBOOKS, goodwill_run

import goodwill as gw
from goodwill.reports.recording.output import RECORDED
from goodwill.simulate import answering_company

WORDS = Path(__file__).parents[2] / "lib" / "goodwill" / "findings" / "satisfaction"
NOTEBOOK = json.loads((NOTEBOOKS / "03_satisfaction_loyalty.ipynb").read_text(encoding="utf-8"))


def run(**parameters):
    """Records by name after running every code cell with these parameters."""
    names: dict = {}
    for cell in NOTEBOOK["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
            if "parameters" in cell["metadata"].get("tags", []):
                names.update(parameters)
    return {name: result["value"] for name, result in RECORDED.items()}


def survey_of(tmp_path, loyal, n):
    """A file of counts on 1 to K with yes-or-no loyalty; the parameters that read it."""
    rows = [(s + 1, y, int(c)) for s, (x, m) in enumerate(zip(loyal, n, strict=True)) for y, c in ((0, m - x), (1, x))]
    path = tmp_path / "survey.csv"
    pd.DataFrame(rows, columns=["satisfaction", "loyalty", "count"]).to_csv(path, index=False)
    scale = f"1-{len(n)}"
    return {"data": str(path), "scale": scale, "loyalty_scale": "0-1", "loyalty_kind": "behaviour", "examples": False}


@pytest.mark.slow
def test_acsi_2015_with_no_parameter(tmp_path):
    found = goodwill_run("satisfaction_loyalty", tmp_path).value
    promised = set(NOTEBOOK["metadata"]["goodwill"]["records"])
    assert promised <= set(found)
    assert (found["respondents"], found["both_answers"]) == (8232, 7822)
    assert found["largest_step"] == "8 to 9"
    assert found["turning_point"].startswith("No turning point is named, for a bend is not told apart from a smooth curve")
    assert found["shape"].startswith("The shape depends on the outcome chosen")
    assert found["jd_never_bought"] == 10
    assert found["notch_at_most"] is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("loyal", "n", "record_name", "text"),
    [
        ((90, 70, 50, 30, 10), [100] * 5, "relation", "no increasing relation"),
        pytest.param((0, 0, 0, 30, 40), (10, 20, 15, 30, 40), "turning_point", "no turning point is named", marks=pytest.mark.slow),
        pytest.param((44,) * 5, [50] * 5, "zones", "one zone", marks=pytest.mark.slow),
        pytest.param((5, 0, 15, 40, 90), (25, 0, 45, 70, 100), "relation", "Loyalty rises", marks=pytest.mark.slow),
        pytest.param((10, 30, 60), (50, 60, 80), "relation", "Loyalty rises", marks=pytest.mark.slow),
        pytest.param(np.arange(5, 60, 5), [80] * 11, "relation", "Loyalty rises", marks=pytest.mark.slow),
    ],
    ids=["falling", "separable", "flat", "gap", "three levels", "eleven levels"],
)
def test_every_kind_of_survey_is_told_what_it_can_carry(tmp_path, loyal, n, record_name, text):
    assert text in run(**survey_of(tmp_path, loyal, n))[record_name]


KEPT = (4, 8, 14, 24, 144), [200] * 5  # who is loyal, and who was asked, on each level


@pytest.fixture(scope="module")
def unstated(tmp_path_factory):
    """What is recorded, and under which labels, where the user states no money and allows examples."""
    shown = run(**survey_of(tmp_path_factory.mktemp("unstated"), *KEPT) | {"examples": True})
    return shown, labels()


@pytest.mark.slow
def test_money_stands_in_a_report_only_with_what_the_user_states(tmp_path, unstated):
    assert unstated[0]["notch_at_most"] is None
    stated = run(**survey_of(tmp_path, *KEPT), margin=100.0, persistence=1.0)
    assert stated["notch_at_most"] == pytest.approx(177.2, abs=4)  # .12 to .72 at ten per cent: 12.2 to 189.5
    assert stated["notch_claimed"] == 0


@pytest.mark.slow
def test_the_simulated_company_stands_in_no_report_on_answers_of_the_users(unstated):
    shown, named = unstated
    assert not {"index_simple", "alpha"} & set(shown)
    assert shown["jd_never_bought"] == 10
    assert not [label for label in named if "simulated" in label]


@pytest.mark.slow
def test_with_purchases_of_the_same_customers_levels_have_a_value_and_a_point_that_of_the_relationship_report(tmp_path):
    sold = answering_company("full", customers=1_200, weeks=104, seed=5, prospects=0, trial_shares=(), survey_week=78.0)
    sold.transactions[["customer_id", "date", "amount"]].to_csv(tmp_path / "purchases.csv", index=False)
    sold.survey.drop(columns="segment").to_csv(tmp_path / "survey.csv", index=False)
    read = {"data": str(tmp_path / "survey.csv"), "scale": "1-10", "loyalty_scale": "1-10", "examples": False, "surveyed": "2025-06-30"}
    found = run(**read, purchases=str(tmp_path / "purchases.csv"))
    purchases, survey = gw.read_transactions(tmp_path / "purchases.csv"), gw.read_survey(tmp_path / "survey.csv", scale=(1, 10))
    expected = gw.relationship.worth_by_level(purchases, survey, "2025-06-30")
    assert found["satisfaction_point"] == pytest.approx(expected.point.estimate)
    assert found["step_worth"] == pytest.approx(expected.steps["difference"].iloc[-1])
    assert found["notch_at_most"] is None  # the reader's own money is not stated


def labels():
    return [result["label"] for result in RECORDED.values()]


@pytest.mark.slow
def test_items_of_the_users_own_lead(tmp_path):
    rng = np.random.default_rng(3)
    felt = rng.standard_normal(900)
    weak, fine = (np.clip(np.rint(mean + load * felt + rng.standard_normal(900) / 2), 1, 5) for mean, load in ((2.6, 1.0), (3.8, 0.2)))
    loyalty = np.clip(np.rint(3 + felt), 1, 5)
    table = pd.DataFrame({"satisfaction": np.clip(np.rint(3 + 1.2 * felt), 1, 5), "loyalty": loyalty, "weak": weak, "fine": fine})
    table.astype(int).to_csv(tmp_path / "items.csv", index=False)
    shown = run(data=str(tmp_path / "items.csv"), items=["weak", "fine"])
    assert shown["index_simple"] == pytest.approx(table[["weak", "fine"]].to_numpy().mean())
    assert "Simple score (own survey)" in labels()
    assert said(tmp_path).startswith("Look first at weak: more important than the average item, and rated below it")


def said(folder):
    """What the items say of the survey in this folder."""
    from goodwill import satisfaction as sat
    from goodwill.data.survey import read_survey
    from goodwill.findings.satisfaction import satisfaction_items

    asked = sat.item_answers(read_survey(folder / "items.csv", items=["weak", "fine"]))
    return satisfaction_items.look_first(sat.compare_items(asked))


def test_association_is_never_called_effect():
    """The word stands only where an assumption is named or an effect is denied."""
    written = [WORDS / f"satisfaction_{module}.py" for module in ("loyalty", "levels", "groups", "items")]
    prose = " ".join(["".join(cell["source"]) for cell in NOTEBOOK["cells"]] + [path.read_text("utf8") for path in written])
    title = "Satisfaction leads to loyalty - or could loyalty lead to satisfaction"  # of a paper that is cited
    allowed = rf"n_effective|taken as effect|association were effect|effective (?:number|answers)|{title}"
    assert not re.search(
        r"\beffects?\b|\bcauses?\b|\bimpacts?\b|\bdrivers?\b|leads? to", re.sub(allowed, "", prose).replace("driver_importance", "")
    )
