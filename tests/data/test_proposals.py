"""What messages about surveys, complaint logs, contracts and trials propose makes that very file readable: one test for every place."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import goodwill
from goodwill.data.complaints import read_complaints
from goodwill.data.survey import read_survey
from goodwill.data.survival import read_survival
from goodwill.data.told_counts import read_told_counts
from goodwill.errors import DataError
from goodwill.strategies.offer import trial_at_hand

LIB = Path(goodwill.__file__).parent
ROOMS = ("data/survey*.py", "data/complaints.py", "data/surviv*.py", "data/contract_c*.py", "data/told_counts.py")
ROOMS += ("data/reading/answers.py", "data/reading/moments.py", "data/side_tables.py", "strategies/policy_value.py")
PROPOSES = re.compile(r"\bpass \w+=|[Dd]id you mean|such as \w+=|\bwrite \w+=|name it with|\bpass $|rename the one|give that name")
PROPOSED = re.compile(r"(\w+)=(\[[^\]]*\]|'[^']*')")
SURVEY, LOG, CONTRACTS, TOLD = read_survey, read_complaints, read_survival, read_told_counts
LIVES = "".join(f"{k},{'yes' if k < 4 else 'no'}\n" for k in range(1, 8))


@dataclass(frozen=True)
class Case:
    """A file that is refused, by which function of ours, and what is told beforehand."""

    site: str
    read: Callable[..., Any]
    text: str
    told: Mapping[str, Any] = field(default_factory=dict)


CASES = {
    "a column of a survey": Case("survey._no_column", SURVEY, "satisfied,loyalty\n5,4\n1,2\n"),
    "who left": Case("survey_answers._scale_of_loyalty", SURVEY, "satisfaction,churn\n5,no\n4,yes\n", {"loyalty": "churn"}),
    "a weight": Case("survey_answers._sizes", SURVEY, "satisfaction,loyalty,weight\n5,1,x\n4,2,1\n4,2,y\n"),
    "words of another scale": Case("answers.unreadable", SURVEY, "satisfaction,loyalty\nSlightly satisfied,1\nNeutral,2\n"),
    "a text": Case("answers.unreadable", SURVEY, "satisfaction,loyalty\n5,4\noops,3\nno idea,3\n1,2\n"),
    "a code": Case("answers.misfit", SURVEY, "satisfaction,loyalty\n" + "5,4\n1,2\n" * 20 + "98,3\n"),
    "a code or a level": Case("answers.misfit", SURVEY, "satisfaction,loyalty\n1,2\n9,3\n4,1\n"),
    "yes and no as numbers": Case("answers.misfit", SURVEY, "satisfaction,loyalty\n1,0\n5,1\n4,1\n"),
    "numbers for levels": Case("answers.misfit", SURVEY, "satisfaction,loyalty\n0,1\n25,2\n50,3\n75,4\n100,5\n"),
    "a column of a log": Case("complaints.read_complaints", LOG, "Eingang\n2024-05-01\n"),
    "two orders of day and month": Case("moments.read_moments", LOG, "opened\n03/04/2024\n05/06/2024\n"),
    "no day": Case("moments.read_moments", LOG, "opened,closed\n2024-05-01,soon\n2024-05-02,2024-05-04\n2024-05-02,late\n"),
    "a moment far away": Case("complaints._far_away", LOG, "opened,closed\n2024-05-01,2044-01-01\n2024-05-02,2045-01-01\n2024-05-03,\n"),
    "outcomes": Case("complaints.outcomes", LOG, "opened,outcome\n2024-05-01,满意\n2024-05-02,不满意\n"),
    "shares that may be people": Case("contract_counts.counts_of_shares", CONTRACTS, "time,customers\n0,100\n1,63\n2,47\n"),
    "a cohort that there is not": Case(
        "contract_counts.counts_of_shares", CONTRACTS, "cohort,time,customers\na,0,1.0\na,1,0.5\n", {"started": ["b:10"]}
    ),
    "whether a customer left": Case("contract_customers.left_or_there", CONTRACTS, f"tenure,churn\n{LIVES}2,maybe\n3,perhaps\n"),
    "how long a customer stayed": Case("contract_customers.renewals_of_tenure", CONTRACTS, f"tenure,churn\n{LIVES}x,yes\ny,yes\n"),
    "no count": Case("told_counts._counts", TOLD, "told\n3\nmany\nfew\n2\n"),
    "codes of counts": Case("told_counts._refuse_codes", TOLD, "told\n" + "3\n4\n1\n2\n" * 9 + "99\n" * 5),
}  # fmt: skip


def _refused(case: Case, folder: Path) -> tuple[Path, str, set[str]]:
    """The file, what is said of it, and the functions that were gone through."""
    path, seen = folder / "table.csv", set()
    path.write_text(case.text, encoding="utf-8")

    def note(frame: Any, event: str, _: Any) -> None:  # for each of some hundred thousand calls: names are made when all is over
        if event == "call":
            seen.add(frame.f_code)

    sys.setprofile(note)
    try:
        with pytest.raises(DataError) as refused:
            case.read(path, **case.told)
    finally:
        sys.setprofile(None)
    return path, str(refused.value), {f"{Path(code.co_filename).stem}.{code.co_name}" for code in seen}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", CASES)
def test_each_proposal_makes_that_very_file_readable(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    path, said, seen = _refused(case, tmp_path)
    assert case.site in seen
    proposed = [(parameter, ast.literal_eval(value)) for parameter, value in PROPOSED.findall(said) if "NUMBER" not in value]
    assert proposed, said
    for parameter, value in proposed:
        assert case.read(path, **{**case.told, parameter: value}) is not None, (parameter, value)


def test_a_trial_without_a_control_is_read_with_one_of_the_arms_it_names(tmp_path: Path) -> None:
    text = "customer_id,arm,propensity,outcome\n1,a,0.5,1\n2,b,0.5,2\n3,a,0.5,1\n4,b,0.5,0\n"
    path, said, seen = _refused(Case("policy_value.control_among", trial_at_hand, text), tmp_path)
    assert "policy_value.control_among" in seen and said.endswith("It has a, b, and no name says so: name it with control_arm.")
    assert trial_at_hand(path, control="b").experiment.arms == ("b", "a")


def _sites() -> set[str]:
    """Functions of these rooms whose texts propose a parameter."""
    found = set()
    for path in (each for room in ROOMS for each in LIB.glob(room)):
        for function in (node for node in ast.walk(ast.parse(path.read_text("utf8"))) if isinstance(node, ast.FunctionDef)):
            documented = {id(node.value) for node in function.body[:1] if isinstance(node, ast.Expr)}
            texts = [node for node in ast.walk(function) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
            called = {node.func.id for node in ast.walk(function) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
            if "left_out" in called or any(PROPOSES.search(node.value) for node in texts if id(node) not in documented):
                found.add(f"{path.stem}.{function.name}")
    return found


def test_every_place_that_proposes_is_among_them() -> None:
    # above, among the tests of trials and of contracts, and what others propose with
    elsewhere = {"policy_value.control_among", "side_tables._names", "contract_counts.whole_numbers", "answers.left_out"}
    assert _sites() - {case.site for case in CASES.values()} - elsewhere == set()
