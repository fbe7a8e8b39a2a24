"""What the reading of records found and did, as every notebook shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goodwill.findings.finding import Finding, Table

if TYPE_CHECKING:
    import pandas as pd

CAPTION = "What the reading found and did"
ROWS = 40  # shown at most


def audit(records: Any) -> Finding:
    """The rules of the reading that touched anything, of transactions or a summary of them.

    >>> import pandas as pd
    >>> import goodwill as gw
    >>> log = pd.DataFrame({"customer_id": ["a", None], "date": ["2025-01-02", "2025-02-03"], "amount": [10, 20]})
    >>> touched = audit(gw.read_transactions(log)).parts["audit"].frame
    >>> touched.loc[touched["rule"] == "missing id", ["rows", "money"]].to_dict("list")
    {'rows': [1], 'money': [20.0]}
    """
    return Finding({"audit": audit_table(records.audit)})


def audit_table(audit: pd.DataFrame) -> Table:
    """The rules that touched anything, and those that say something without counting rows."""
    touched = audit["rows"].fillna(1) > 0  # no mutate: any number above none
    return Table(audit[touched].reset_index(drop=True), CAPTION, max_rows=ROWS)
