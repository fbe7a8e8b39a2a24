"""What a file is good for."""

from pathlib import Path

import pandas as pd
import pytest

from goodwill.checks import KINDS, check
from goodwill.data.reading.sources import read_transactions
from goodwill.data.rhythm import fixed_terms, for_purchase_models
from goodwill.errors import DataError, TooLittle

FILES = Path(__file__).parent / "data" / "files" / "transactions"


@pytest.mark.slow
def test_a_check_says_what_each_notebook_could_do() -> None:
    found = check(FILES / "00_plain.csv")
    assert found.said == "readable as transactions, 2023-01-04 to 2024-02-05"
    assert found.notebooks[0] == "customer_lifetime_value: all of it (120 customers, 80 came back)"
    assert check(FILES / "16_all_bought_once.csv").notebooks[0] == "customer_lifetime_value: little or nothing: nobody came back"
    without_money = dict(line.split(": ", 1) for line in check(FILES / "39_no_money_column.csv").notebooks)
    assert without_money["customer_lifetime_value"] == "little or nothing: there is no column of money"
    assert without_money["purchase_models_compared"].startswith("all of it")


@pytest.mark.slow
def test_payments_under_a_contract_are_told_with_the_notebook_for_them() -> None:
    read = read_transactions(FILES / "22_monthly_subscription.csv")
    found = fixed_terms(read)
    assert found is not None
    assert (found.step, found.share, found.equal) == (30, 1.0, 1.0)
    sentence = (
        "22_monthly_subscription.csv looks like payments under a contract: 100% of the gaps between payments of a customer are 30 days, "
        "and 100% of the payments equal the one before. Models of purchases at free times do not fit them; count how many contracts of "
        "each start are still there after each term, and use the notebook contracts_and_donations."
    )
    assert check(FILES / "22_monthly_subscription.csv").notebooks == (sentence,)
    with pytest.raises(DataError, match=r"contracts_and_donations\. keep=\['date=\*'\] takes them for purchases") as refused:
        for_purchase_models(read)
    assert str(refused.value).startswith(sentence)
    again = read_transactions(FILES / "22_monthly_subscription.csv", keep=["date=*"])
    assert for_purchase_models(again) is again


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    "name", ["00_plain.csv", "19_nearly_daily.csv", "32_yearly_buyers.csv", "43_three_prices.csv", "s04_mostly_once.csv"]
)
def test_purchases_at_free_times_are_no_contracts(name: str) -> None:
    assert fixed_terms(read_transactions(FILES / name)) is None


@pytest.mark.slow
def test_calendar_months_are_steps_too_and_changing_amounts_are_no_contract() -> None:
    months = pd.date_range("2023-01-15", periods=12, freq="MS") + pd.Timedelta(days=14)
    log = pd.DataFrame({"customer_id": [k // 12 for k in range(120)], "date": list(months) * 10, "amount": 9.99})
    assert fixed_terms(read_transactions(log)) is not None
    assert fixed_terms(read_transactions(log.assign(amount=[k * 1.7 % 31 + 1 for k in range(120)]))) is None


def test_without_money_value_is_refused_before_anything_is_fitted() -> None:
    read = read_transactions(FILES / "39_no_money_column.csv")
    with pytest.raises(TooLittle, match="has no column of money that is recognised: pass amount= to value customers"):
        for_purchase_models(read)
    assert for_purchase_models(read, money=False) is read


def test_other_kinds_are_read_by_their_readers(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("opened,closed\n2024-05-01,2024-05-03\n2024-05-02,\n")
    assert check(tmp_path / "log.csv", "complaints").said == "readable as complaints, 2 cases, 2024-05-01 to 2024-05-03"
    (tmp_path / "left.csv").write_text("time,customers\n0,1037\n1,600\n2,400\n")
    assert check(tmp_path / "left.csv", "contracts").said == "readable as contracts, 1 cohort, 1,037 customers"
    assert set(KINDS) == {"transactions", "survey", "complaints", "experiment", "contracts"}


def test_unknown_kinds_and_parameters_are_named() -> None:
    with pytest.raises(DataError, match="no check for 'poems'; use one of transactions, survey"):
        check("x.csv", "poems")
    with pytest.raises(DataError, match="A table read as transactions has no parameter 'colour'"):
        check("cdnow_sample", colour="red")
