import pytest

from goodwill.data.purchases import summarize_purchases
from goodwill.data.reading.sources import read_transactions


@pytest.fixture(scope="session")
def cdnow():
    """The 23,570 customers of CDNOW on 1997-09-30, with the next 39 weeks as hold-out."""
    return summarize_purchases(read_transactions("cdnow"), calibration_end="1997-09-30").to_pandas()


@pytest.fixture(scope="session")
def sample():
    """The published tenth of them."""
    return summarize_purchases(read_transactions("cdnow_sample"), calibration_end="1997-09-30").to_pandas()
