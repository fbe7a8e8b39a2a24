"""Small notebooks and data for the commands that attack the runner: what they do to it is real, only what is computed is little."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PARAMETERS = """\
data: str = ""  # purchases [path]
customer_id: str = ""  # column with the customer
date: str = ""  # column with the day
amount: str = ""  # column with the money
end: str = ""  # last day that counts [date]
number: int = 1  # makes a report another one
"""
START = "import pandas as pd\n\nimport goodwill as gw\n\ngw.start(globals())"
CODE = """\
log = gw.read_transactions(data)
gw.record_data(log)
gw.record("customers", log.table.customer_id.nunique().execute())
gw.record_table("numbers", pd.DataFrame({"number": range(number)}), caption="Numbers")
made = pd.Timestamp(log.last).date()
due = (pd.Timestamp(log.last) + pd.Timedelta(days=28)).date()
gw.record_forecasts([gw.inference.Forecast("purchases", made, due, 10.0, 5.0, 20.0, unit="purchases")])
"""


def write_notebook(path: Path, *code: str) -> None:
    """A notebook that reads its data, records a result, a table and a forecast; `code` cells stand behind."""
    cells: list[dict[str, Any]] = [{"cell_type": "markdown", "id": "title", "metadata": {}, "source": "# How many are they?"}]
    for place, source in enumerate((PARAMETERS, START, CODE, *code)):
        tags = {"tags": ["parameters"]} if source == PARAMETERS else {}
        about = {"cell_type": "code", "id": f"c{place}", "metadata": tags, "source": source}
        cells.append(about | {"outputs": [], "execution_count": None})
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}, "goodwill": {"records": ["customers"], "tables": ["numbers"]}}
    path.write_text(json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}))


def write_sales(path: Path) -> None:
    """Purchases of two regions."""
    days = [f"2024-{month:02d}-{day:02d}" for month in (1, 2, 3) for day in range(1, 29)]
    rows = [f"{n % 17},{day},{n % 7 + 1}.50,{('north', 'south')[n % 2]}" for n, day in enumerate(days * 3)]
    path.write_text("customer_id,date,amount,region\n" + "\n".join(rows) + "\n")
