"""The bootstrap in blocks gives the intervals of the bootstrap over customers, and its curves those of the data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.segments.cdnow import valued

from goodwill.inference.bootstrap import deal, group_sums
from goodwill.inference.gains import area, curve, curve_draws, ordered, shares_at, top_share_draws


@pytest.mark.slow
def test_blocks_vary_as_customers_do() -> None:
    customers = valued("cdnow")
    spend = customers["spend_holdout"].to_numpy()
    values = np.column_stack([np.ones(len(spend)), spend])
    _, drawn = group_sums(values, np.zeros(len(spend), np.int64), 1, draws=2000, seed=3)
    mean = drawn[:, 0, 1] / drawn[:, 0, 0]
    assert mean.std() == pytest.approx(spend.std() / np.sqrt(len(spend)), rel=0.1)
    assert mean.mean() == pytest.approx(spend.mean(), rel=0.002)


@pytest.mark.slow
@pytest.mark.parametrize(("resamples", "error", "off"), [(80, 0.25, 0.01), pytest.param(300, 0.15, 0.005, marks=pytest.mark.slow)])
def test_top_share_varies_as_it_does_among_resampled_customers(resamples: int, error: float, off: float) -> None:
    """The spread of so many shares is known to 8 or 4 %, one standard error; three of them are allowed, and more."""
    customers = valued("cdnow_sample")
    score, spend = customers["value"].to_numpy(), customers["spend_holdout"].to_numpy()
    found = shares_at(curve_draws(ordered(score), spend, deal(len(score), 1000, seed=1)), [0.1])[:, 0]
    rng, plain = np.random.default_rng(2), []
    for _ in range(resamples):
        taken = rng.integers(len(score), size=len(score))
        plain.append(shares_at(curve(ordered(score[taken]), spend[taken]), [0.1])[0, 0])
    assert found.std() == pytest.approx(np.std(plain), rel=error)
    assert found.mean() == pytest.approx(np.mean(plain), abs=off)


@pytest.mark.slow
def test_the_largest_hundredth_varies_around_its_share() -> None:
    spend = valued("cdnow")["spend"].to_numpy()
    share, drawn = top_share_draws(spend, 0.01, 400, seed=1)
    assert share == pytest.approx(0.137, abs=5e-4)
    assert drawn.mean() == pytest.approx(share, abs=0.002)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=40))
def test_sampling_everybody_once_is_the_data(score: list[int]) -> None:
    y = np.arange(1.0, len(score) + 1)
    blocks = deal(len(score), 1, seed=1)
    once = blocks._replace(weights=np.ones_like(blocks.weights))
    exact, drawn = curve(ordered(score), y), curve_draws(ordered(score), y, once)
    tops = np.linspace(0, 1, 7)
    assert shares_at(drawn, tops) == pytest.approx(shares_at(exact, tops))
    assert area(drawn) == pytest.approx(area(exact))


def test_a_large_tie_shares_with_nobody() -> None:
    score = np.concatenate([np.ones(6000), np.linspace(0.9, 0.1, 4000)])
    y = np.concatenate([np.zeros(6000), np.ones(4000)])
    blocks = deal(len(y), 20, seed=1)
    assert shares_at(curve_draws(ordered(score), y, blocks), [0.3]).max() == 0
