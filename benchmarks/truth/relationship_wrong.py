"""What a unit of each lever is worth where the model of notebook 05 is not right: `study(companies, seed)`, as in `relationship_value`."""

from __future__ import annotations

import pandas as pd

from benchmarks.truth import relationship_value

COMPANIES = 20  # of each truth
SEED = relationship_value.SEED
WRONG = tuple(name for name in relationship_value.TRUTHS if name not in relationship_value.RIGHT)


def study(companies: int, seed: int, *, customers: int = 5_000, large: int = relationship_value.LARGE) -> pd.DataFrame:
    """Headlines of so many companies under each truth for which the model is not right.

    Parameters
    ----------
    companies, seed, customers, large : as in `relationship_value.study`
    """
    return relationship_value.study(companies, seed, customers=customers, large=large, truths=WRONG)
