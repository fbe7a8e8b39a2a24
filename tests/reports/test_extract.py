from __future__ import annotations

from goodwill.reports.recording.execution import Execution
from goodwill.reports.recording.extract import Results, find_failure, normalized, results
from goodwill.reports.recording.output import MIME

NOTHING = {"records": [], "tables": [], "figures": [], "headline": []}


def cell(source="x", count=1, outputs=(), **metadata):
    return {"cell_type": "code", "source": source, "execution_count": count, "outputs": list(outputs), "metadata": metadata, "id": "a"}


def test_cells_that_never_ran_are_a_failure_whatever_papermill_says():
    ran = {"cells": [cell(), cell(count=None, papermill={"status": "completed"})]}
    failure = find_failure(Execution(ran, 0), Results(), NOTHING)
    assert "stopped before code cell 2" in failure.message


def test_empty_and_skipped_cells_need_not_run():
    cells = [cell(), cell(" ", None), cell("x", None, tags=["skip-execution"])]
    assert find_failure(Execution({"cells": cells}, 1), Results(), NOTHING) is None


def test_a_headline_that_was_not_recorded_is_a_broken_promise():
    failure = find_failure(Execution({"cells": [cell()]}, 0), Results(), NOTHING | {"headline": ["total"]})
    assert "'total'" in failure.message


def test_a_table_or_figure_that_is_said_to_be_absent_keeps_the_promise():
    said = {"data": {MIME: {"kind": "absent", "why": "No log.", "names": ["waiting", "share"]}}, "output_type": "display_data"}
    ran = {"cells": [cell(outputs=[said])]}
    assert find_failure(Execution(ran, 0), results(ran), NOTHING | {"figures": ["waiting"]}) is None
    failure = find_failure(Execution(ran, 0), results(ran), NOTHING | {"tables": ["other"], "records": ["share"]})
    assert failure.message.endswith("did not record what it promises: record 'share', table 'other'.")


def test_the_injected_cell_does_not_count():
    error = {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": []}
    cells = [cell(), cell(tags=["injected-parameters"]), cell(outputs=[error])]
    assert find_failure(Execution({"cells": cells}, 2), Results(), NOTHING).cell == 2


def test_times_ids_and_machine_paths_leave_the_notebook():
    content = {
        "cells": [cell("data = '/home/me/my.csv'", papermill={"start_time": "now"}, tags=["injected-parameters"])],
        "metadata": {"papermill": {"duration": 3}, "kernelspec": {"name": "python3"}},
    }
    tidy = normalized(content, {"/home/me/my.csv": "my.csv"})
    assert tidy["metadata"] == {"kernelspec": {"name": "python3"}}
    assert tidy["cells"][0]["source"] == "data = 'my.csv'"
    assert tidy["cells"][0]["metadata"] == {"tags": ["injected-parameters"]}
    assert content["cells"][0]["metadata"]["papermill"]


def test_warnings_do_not_name_the_process_of_the_kernel():
    output = {"output_type": "stream", "name": "stderr", "text": "/tmp/ipykernel_4711/123.py:2: UserWarning: odd"}
    tidy = normalized({"cells": [cell(outputs=[output])], "metadata": {}}, {})
    assert tidy["cells"][0]["outputs"][0]["text"] == "cell.py:2: UserWarning: odd"
