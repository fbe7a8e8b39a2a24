"""What holds for every scheme of rules: one segment each, ties equal, nothing hangs on order, ids or currency, all reachable, text."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import goodwill.segments as segments
from goodwill.errors import DataError
from goodwill.segments import JD_LEVELS, SCHEMES, Rules, learn

few = settings(max_examples=max(4, settings.default.max_examples // 4))  # times fourteen schemes

MONEY = ["spend", "value", "profit", "growth_value"]
COLUMNS = ["satisfaction", "loyal", "recommends", "no_choice", "past_apostle", "bad_word_of_mouth"]
CUTTING = ("rfm", "sales_decile", "count_decile", "target_groups", "abc", "pyramid")


@st.composite
def frames(draw):
    """Customers with many ties; every column is made from a few drawn integers, so that equal rows are equal in all of them."""
    row = st.tuples(st.integers(0, 4), st.integers(1, 12), st.integers(0, 3), st.integers(0, 12), st.integers(0, 63))
    rows = np.array(draw(st.lists(row, min_size=3, max_size=40)))
    frequency, T, since, cents, code = rows.T
    assume(cents.max() > 0)
    spend = cents * 12.49
    return pd.DataFrame(
        {
            "customer_id": [f"c{k}" for k in range(len(rows))],
            "frequency": frequency,
            "T": T / 7,
            "recency": np.where(frequency > 0, T * (3 - since) / 3 / 7, 0.0),
            "spend": spend,
            "value": spend - 20.0,
            "profit": spend - 20.0 + 20.0 * (cents == cents.max()),
            "growth_value": spend,
            "discount_share": since / 3,
            "satisfaction": 1 + code % 5,
            **{name: (code >> k) % 2 == 1 for k, name in enumerate(COLUMNS[1:])},
            "region": np.array(["east", "west", None], dtype=object)[code % 3],
            "industry": np.array(["hotels", "railways"])[cents % 2],
            "size": np.array(["large", "small"])[code % 2],
            "payment_record": np.array(["good", "bad", None], dtype=object)[code % 3],
            "trust": 10.0 * since,
            "share": 25.0 * frequency,
        }
    )


def options(scheme, unit=1.0):
    """What each scheme must be told; `unit` is the price of one old unit of money in the new currency."""
    return {
        "sales_decile": {"by": "profit"},
        "abc_list": {"lists": {"A": ["c0", "c9"], "B": ["c1"]}},
        "loyalty_tier": {"thresholds": [unit * cut for cut in (10, 30, 80, 120)]},
        "loyalty_role": {"scale": (1, 5)},
        "hiatus": {"h": 0.5},
        "scorecard": {"weights": {"trust": 4, "share": 6}, "grades": {"key": 60, "main": 20, "other": 0}},
    }.get(scheme, {})


RULED = [name for name in SCHEMES if name != "mixture"]


def places(rules, customers):
    found = rules.assign(customers)
    assert list(found.categories) == list(rules.segments)
    assert found.ordered
    return np.asarray(found.codes)


@pytest.mark.sampled(7)
@pytest.mark.parametrize("scheme", RULED)
@few
@given(customers=frames())
def test_every_customer_has_exactly_one_segment_and_ties_are_equal(scheme, customers):
    rules = learn(scheme, customers, **options(scheme))
    place = places(rules, customers)
    assert len(place) == len(customers)
    assert ((place >= 0) & (place < len(rules.segments))).all()
    alike = customers.drop(columns="customer_id") if scheme != "abc_list" else customers
    assert pd.Series(place).groupby([str(row) for row in alike.itertuples(index=False)]).nunique().max() == 1


@pytest.mark.parametrize("scheme", ["sales_decile", "count_decile", "target_groups", "abc", "pyramid"])
@few
@given(customers=frames())
def test_equal_money_is_never_parted_and_more_is_never_worse(scheme, customers):
    column = {"pyramid": "value"}.get(scheme, "spend")
    place = places(learn(scheme, customers), customers)
    falling = np.lexsort((place, -customers[column].to_numpy()))
    assert (np.diff(place[falling]) >= 0).all()
    assert pd.Series(place).groupby(customers[column].to_numpy()).nunique().max() == 1


@pytest.mark.sampled(7)
@pytest.mark.parametrize("scheme", RULED)
@few
@given(customers=frames(), seed=st.integers(0, 99))
def test_the_order_of_rows_and_the_names_of_customers_change_nothing(scheme, customers, seed):
    order = np.random.default_rng(seed).permutation(len(customers))
    shuffled = customers.iloc[order].reset_index(drop=True)
    if scheme != "abc_list":  # where names are the rule
        shuffled["customer_id"] = [f"x{k}" for k in range(len(shuffled))]
    first, second = (learn(scheme, frame, **options(scheme)) for frame in (customers, shuffled))
    assert first.segments == second.segments
    assert (places(first, customers)[order] == places(second, shuffled)).all()


@pytest.mark.sampled(7)
@pytest.mark.parametrize("scheme", RULED)
@few
@given(customers=frames(), unit=st.sampled_from([0.01, 0.1279, 7.81, 1e6]))
def test_the_currency_changes_nothing(scheme, customers, unit):
    other = customers.assign(**{name: unit * customers[name] for name in MONEY})
    here, there = learn(scheme, customers, **options(scheme)), learn(scheme, other, **options(scheme, unit))
    assert here.segments == there.segments
    assert (places(here, customers) == places(there, other)).all()


@pytest.mark.sampled(8)
@pytest.mark.parametrize("scheme", RULED)
@few
@given(customers=frames())
def test_rules_are_applied_unchanged_to_whoever_comes(scheme, customers):
    rules = learn(scheme, customers, **options(scheme))
    some = customers.iloc[::2].reset_index(drop=True)
    assert (places(rules, some) == places(rules, customers)[::2]).all()


@pytest.mark.sampled(7)
@pytest.mark.parametrize("scheme", RULED)
@few
@given(customers=frames())
def test_text_and_back_are_the_same_rules(scheme, customers):
    rules = learn(scheme, customers, **options(scheme))
    again = Rules.from_text(rules.to_text())
    assert again == rules
    assert (places(again, customers) == places(rules, customers)).all()


@pytest.mark.sampled(9)
@pytest.mark.parametrize("scheme", RULED)
@few
@given(customers=frames())
def test_every_declared_segment_can_be_reached(scheme, customers):
    rules = learn(scheme, customers, **options(scheme))
    assert set(rules.assign(anybody(rules, customers))) == set(rules.segments)


def anybody(rules, customers):
    """Customers of every kind that the rules can tell apart."""
    told = rules.settings
    if rules.scheme == "rfm":
        around = [sorted({-1.0, *(edge + step for edge in told["edges"][letter] for step in (0, 1e-3))}) for letter in "RFM"]
        hiatus, frequency, money = zip(*product(*around), strict=True)
        T = np.maximum(hiatus, 0)
        return pd.DataFrame({"T": T, "recency": 0.0, "hiatus": hiatus, "frequency": frequency, "spend": money})
    if "lowest" in told and "column" in told:
        bounds = np.array([*told["lowest"], 0.0])
        return pd.DataFrame({told["column"]: np.concatenate([bounds, bounds - 1e-3, [-1e6, 1e9]])})
    if rules.scheme == "abc_list":
        return pd.DataFrame({"customer_id": ["c0", "c1", "nobody"]})
    if rules.scheme == "loyalty_role":
        rows = product(range(1, 6), *[(False, True)] * 5)
        return pd.concat([pd.DataFrame(rows, columns=COLUMNS), pd.DataFrame({"satisfaction": [None], "loyal": [True]})])
    if rules.scheme == "relationship":
        return pd.DataFrame({"discount_share": np.linspace(0, 1, 401), "frequency": 399})
    if rules.scheme == "region_industry":
        return pd.concat([customers, pd.DataFrame({"region": ["Mars"], "industry": ["hotels"]})])
    if rules.scheme == "hiatus":
        return pd.DataFrame({"T": [1.0, 1.0], "recency": [1.0, 0.0]})
    if rules.scheme == "scorecard":
        return pd.DataFrame({"trust": [100, 30, 0], "share": [100, 30, 0]})
    assert rules.scheme == "payment_record"
    return pd.DataFrame(product(["large", "small"], ["good", "bad", None]), columns=["size", "payment_record"])


@pytest.mark.parametrize("scheme", CUTTING)
@few
@given(customers=frames())
def test_relative_rules_cut_anew_what_they_are_given(scheme, customers):
    chosen = options(scheme) if scheme != "sales_decile" else {}
    fixed, relative = learn(scheme, customers, **chosen), learn(scheme, customers, **chosen, relative=True)
    assert set(fixed.segments) <= set(relative.segments)
    assert list(fixed.assign(customers)) == list(relative.assign(customers))
    richer = customers.assign(spend=customers["spend"] * 5, value=customers["value"] * 5)
    assert list(relative.assign(richer)) == list(fixed.assign(customers))
    assert Rules.from_text(relative.to_text()) == relative


def test_an_unknown_scheme_is_answered_with_the_nearest():
    with pytest.raises(DataError, match=r"did you mean 'sales_decile'\?"):
        learn("sales_deciles", pd.DataFrame({"spend": [1.0]}))


def test_a_missing_column_is_named_with_what_to_do():
    with pytest.raises(DataError, match=r"column 'value' is missing, which 'pyramid' needs: .*by='spend'"):
        learn("pyramid", pd.DataFrame({"spend": [1.0]}))
    with pytest.raises(DataError, match="column 'T' is missing, which 'rfm' needs"):
        learn("rfm", pd.DataFrame({"spend": [1.0], "recency": [3.0], "frequency": [1]}))


def test_gaps_and_text_are_named_with_their_row():
    with pytest.raises(DataError, match=r"'spend' has no number in 1 of 3 rows \(first: row 1\)"):
        learn("abc", pd.DataFrame({"spend": [1.0, np.nan, 2.0]}))
    with pytest.raises(DataError, match="holds something that is no number"):
        learn("abc", pd.DataFrame({"spend": ["1", "two"]}))


def test_no_customers_is_said():
    with pytest.raises(DataError, match="was given no customers"):
        learn("abc", pd.DataFrame({"spend": []}))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: [", "is no YAML"),
        ("- 1", "holds no rules of segments"),
        ("goodwill_rules: 1\nscheme: abc", "lacks segments, settings"),
        ("goodwill_rules: 1\nscheme: abd\nsegments: [A]\nsettings: {}", "did you mean 'abc'"),
        ("goodwill_rules: 1\nscheme: abc\nsegments: [A, B]\nsettings: {column: spend, lowest: [5, 3]}", "2 cuts for 2 segments"),
        ("goodwill_rules: 1\nscheme: abc\nsegments: [A, B, C]\nsettings: {column: spend, lowest: [3, 5]}", "can never be reached"),
        ("goodwill_rules: 1\nscheme: abc\nsegments: [A, A]\nsettings: {column: spend, lowest: [3]}", "names 'A' more than once"),
        ("goodwill_rules: 1\nscheme: abc\nsegments: !!python/object/apply:os.getcwd []\nsettings: {}", "is no YAML"),
    ],
)
def test_a_text_that_is_no_sound_rules_is_refused(text, told):
    with pytest.raises(DataError, match=told):
        Rules.from_text(text)


@pytest.mark.parametrize("scheme", RULED)
@pytest.mark.parametrize("relative", [False, True])
def test_settings_that_are_missing_are_said(scheme, relative):
    with pytest.raises(DataError, match=r"the settings of|must be"):
        Rules(scheme, ("first", "last"), {}, relative=relative)


def test_an_unknown_option_is_answered_with_the_nearest():
    with pytest.raises(DataError, match=r"'abc' has no option 'cut': did you mean 'cuts'\?"):
        learn("abc", pd.DataFrame({"spend": [1.0]}), cut=(0.5,))
    with pytest.raises(DataError, match="'loyalty_tier' has no option 'relative': it takes thresholds, names, growth"):
        learn("loyalty_tier", pd.DataFrame({"growth_value": [1.0]}), relative=True)


def test_only_plain_data_become_rules():
    with pytest.raises(DataError, match="plain data only"):
        Rules("abc", ("A",), {"column": object()})


def test_public_names_are_functions_even_after_their_modules_are_imported():
    for scheme in SCHEMES:
        assert callable(getattr(segments, scheme))
    assert segments.JD_LEVELS is JD_LEVELS
    with pytest.raises(AttributeError):
        _ = segments.nothing
