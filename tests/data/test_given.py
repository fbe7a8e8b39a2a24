"""Sources that may or may not be given."""

import pandas as pd
import pytest

from goodwill.data.complaints import read_complaints
from goodwill.data.given import called, given
from goodwill.errors import TooLittle


@pytest.mark.parametrize("nothing", ["", None])
def test_what_is_not_given_is_too_little(nothing) -> None:
    with pytest.raises(TooLittle, match=r"^There are no complaints: pass complaints=[.]$"):
        given(nothing, "complaints", "complaints=")


def test_what_is_given_comes_back() -> None:
    table = pd.DataFrame({"opened": ["2024-05-01"]})
    assert given(table, "complaints", "complaints=") is table
    log = read_complaints(table)
    assert called(log, "") is log
    assert called(log, "simulated company").source == "simulated company"
