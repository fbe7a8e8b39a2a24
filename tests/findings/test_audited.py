"""What the reading of records found: the rules that touched something."""

from types import SimpleNamespace

import pandas as pd
from tests.findings.told import seen

from goodwill.findings import audit
from goodwill.findings.audited import audit_table


def test_the_audit_shows_rules_that_touched_rows_and_those_that_count_none() -> None:
    rules = pd.DataFrame({"rule": ["encoding", "zero amounts", "rows used"], "rows": [None, 0, 9], "done": ["read", "kept", "used"]})
    assert seen(audit(SimpleNamespace(audit=rules))) == [
        "audit: What the reading found and did | {} | rule, rows, done | encoding, nan, read / rows used, 9, used"
    ]
    table = audit_table(rules)
    assert table.frame.index.tolist() == [0, 1] and table.max_rows == 40
