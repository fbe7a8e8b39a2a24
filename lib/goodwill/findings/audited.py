"""What the reading of records found and did, as every notebook shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goodwill.findings.finding import Finding, Table

if TYPE_CHECKING:
    import pandas as pd

CAPTION = "What the reading found and did"
ROWS = 40  # shown at most


def audit(records: Any) -> Finding:
    """The rules of the reading that touched anything, of transactions or a summary of them."""
    return Finding({"audit": audit_table(records.audit)})


def audit_table(audit: pd.DataFrame) -> Table:
    """The rules that touched anything, and those that say something without counting rows."""
    touched = audit["rows"].fillna(1) > 0  # no mutate: any number above none
    return Table(audit[touched].reset_index(drop=True), CAPTION, max_rows=ROWS)
