from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from goodwill.errors import ReportError, UsageError
from goodwill.reports.recording import output
from goodwill.reports.recording.output import RECORDED
from goodwill.reports.recording.record import record, record_data, record_figure, record_table
from goodwill.reports.recording.sentences import say
from goodwill.reports.recording.starting import start

CELL = 'data: str = "cdnow"  # data [path]\nshow: bool = False  # show\nrate: float = 0.1  # rate [0..1]'


@pytest.fixture
def shown(monkeypatch):
    """What the calls would put into the cell: (result, texts)."""
    outputs = []
    monkeypatch.setattr(output, "put", lambda result, **texts: outputs.append((result, texts)))
    RECORDED.clear()
    return outputs


def test_start_coerces_what_papermill_hands_over_loosely(shown):
    namespace = {"In": ["", CELL, "# Parameters\nshow = 'true'\nrate = 1"], "data": "cdnow", "show": "true", "rate": 1}
    start(namespace)
    assert namespace["show"] is True
    assert (namespace["rate"], type(namespace["rate"])) == (1.0, float)
    assert shown[0][0]["parameters"] == {"data": "cdnow", "show": True, "rate": 1.0}
    assert "show = True" in shown[0][1]["markdown"]


def test_start_finds_a_name_that_does_not_exist_in_the_injected_cell(shown):
    with pytest.raises(UsageError, match="did you mean 'rate'"):
        start({"In": ["", CELL, "# Parameters\nrat = 1"], "data": "cdnow", "show": False, "rate": 0.1})


def test_start_finds_a_misspelt_name_in_the_bare_cell_that_jupyter_scheduler_adds(shown):
    with pytest.raises(UsageError, match="did you mean 'rate'"):
        start({"In": ["", CELL, "show = True\nrat = 1"], "data": "cdnow", "show": True, "rate": 0.1})


def test_a_cell_that_a_reader_puts_behind_the_parameters_is_his_own(shown):
    for cell in ("n = 3", "import os\nrat = 1", "rat = len('x')", "rat += 1"):
        start({"In": ["", CELL, cell], "data": "cdnow", "show": False, "rate": 0.1})


def test_start_refuses_a_value_out_of_range(shown):
    with pytest.raises(UsageError, match="'rate' is 2"):
        start({"In": ["", CELL], "data": "cdnow", "show": False, "rate": 2})


def test_start_uses_the_latest_version_of_an_edited_parameters_cell(shown):
    namespace = {"In": ["", CELL, "start(globals())", CELL.replace("[0..1]", "[0..5]"), "import os"], "data": "x", "show": False, "rate": 3}
    start(namespace)
    assert namespace["rate"] == 3.0


def test_start_does_without_parameters(shown):
    start({"In": ["", "import os"]})
    assert shown[0][0]["parameters"] == {}


def test_a_password_in_a_connection_url_is_not_shown(shown):
    start({"In": ["", CELL], "data": "postgres://me:secret@host/db::t", "show": False, "rate": 0.1})
    assert "secret" not in str(shown)


@pytest.mark.parametrize(
    ("value", "stored"),
    [(np.float64(1.5), 1.5), (np.int64(3), 3), (np.bool_(True), True), (Decimal("2.00"), 2), (Decimal("2.5"), 2.5), (np.array(4.0), 4.0)],
)
def test_values_are_stored_as_plain_numbers(shown, value, stored):
    record("x", value)
    assert shown[0][0]["value"] == stored
    assert type(shown[0][0]["value"]) is type(stored)


@pytest.mark.parametrize("value", [float("nan"), np.inf, np.nan, [1, 2], np.array([1.0, 2.0])])
def test_what_is_no_single_finite_value_is_refused(shown, value):
    with pytest.raises(ReportError, match="record\\('x'\\)"):
        record("x", value)


def test_a_value_that_claims_no_interval_can_say_why(shown):
    record("money", 3.0, model_interval=(2.5, 3.5), reason="no statement had come due")
    record("claimed", 3.0, interval=(2.0, 4.0), reason="no statement had come due")
    assert (shown[0][0]["value"], shown[0][0]["interval"], shown[0][0]["reason"]) == (3.0, None, "no statement had come due")
    assert shown[1][0]["reason"] is None


def test_no_value_needs_a_reason(shown):
    with pytest.raises(ReportError, match="reason="):
        record("x", None)
    record("x", None, reason="nobody came back")
    assert (shown[0][0]["value"], shown[0][0]["reason"]) == (None, "nobody came back")


@pytest.mark.parametrize("interval", [(2, 1), (1,), (1, float("nan")), ("a", "b")])
def test_an_interval_is_two_numbers_in_order(shown, interval):
    with pytest.raises(ReportError):
        record("x", 1.0, interval=interval)


def test_a_name_is_letters_digits_and_underscores(shown):
    for name in ("../x", "a b", "1x", ""):
        with pytest.raises(ReportError, match="name of a result"):
            record(name, 1)


def test_say_writes_values_units_and_intervals(shown):
    record("total", 1653.4, interval=(1456, 1863), unit="purchases")
    record("share", 0.4321, interval=(0.4, 0.47), unit="share")
    record("loss", -1234567.8, unit="USD")
    record("none", None, reason="no data")
    say("{total}; {total:value}; {total:interval}; {total:number}; {total:.3f}; {share}; {loss}; {none}; {{as it is}}")
    assert shown[-1][1]["markdown"] == (
        "1,650 purchases (95% interval 1,460 to 1,860); 1,650 purchases; 1,460 to 1,860; 1,650; 1653.400; "
        "43.2% (95% interval 40.0% to 47.0%); −1,234,568 USD; not available (no data); {as it is}"
    )


def test_say_names_what_was_not_recorded(shown):
    record("total", 1)
    with pytest.raises(ReportError, match="did you mean 'total'"):
        say("{totl}")
    with pytest.raises(ReportError, match="cannot be written"):
        say("{total:middle}")


def test_running_a_cell_again_replaces_its_record(shown):
    record("total", 1)
    record("total", 2)
    say("{total}")
    assert shown[-1][1]["markdown"] == "2"


def test_what_is_said_cannot_become_markup(shown):
    record("name", "<script>alert(1)</script> *x* [a](b) $1")
    say("{name}")
    assert shown[-1][1]["markdown"] == "&lt;script&gt;alert(1)&lt;/script&gt; \\*x\\* \\[a\\](b) <span>&#36;</span>1"


def test_a_figure_needs_caption_and_alternative_text_and_is_the_same_every_time(shown):
    from matplotlib.figure import Figure

    def draw():
        figure = Figure(figsize=(3, 2))
        figure.subplots().plot([1, 2])
        return figure

    with pytest.raises(ReportError, match="the alt says nothing"):
        record_figure("f", draw(), caption="A line.", alt=" ")
    record_figure("f", draw(), caption="A <line>.", alt='It "rises".')
    record_figure("f", draw().axes[0], caption="A <line>.", alt='It "rises".')
    svgs = [texts["svg"] for _, texts in shown if "svg" in texts]
    assert svgs[0] == svgs[1]
    assert "<title>A &lt;line&gt;.</title>\n<desc>It &quot;rises&quot;.</desc>" in svgs[0]
    assert "<metadata>" not in svgs[0]


def test_crowded_marks_are_drawn_as_pixels(shown):
    from matplotlib.figure import Figure

    sizes = {}
    for marks in (1_000, 5_000):
        figure = Figure(figsize=(3, 2))
        figure.subplots().scatter(range(marks), range(marks))
        record_figure("f", figure, caption="Marks.", alt="Marks on a line.")
        svg = next(texts["svg"] for _, texts in reversed(shown) if "svg" in texts)
        sizes[marks] = "<image" in svg
    assert sizes == {1_000: False, 5_000: True}


def test_a_table_is_stored_whole_and_shown_in_part(shown):
    import pandas as pd

    record_table("t", pd.DataFrame({"a": range(50)}), caption="Fifty", max_rows=5)
    result, texts = shown[0]
    assert len(result["csv"].splitlines()) == 51
    assert texts["html"].count("<td") == 5
    assert "first 5 of 50 rows" in texts["html"]


def test_data_are_recorded_with_source_and_fingerprint(shown):
    class Transactions:
        source, fingerprint, first, last = "my.csv", "ab" * 32, "1997-01-01", "1998-06-30"

    record_data(Transactions())
    assert shown[0][0] == {
        "kind": "data",
        "name": "data",
        "source": "my.csv",
        "fingerprint": "ab" * 32,
        "first": "1997-01-01",
        "last": "1998-06-30",
    }


def test_a_record_says_how_far_it_can_be_trusted_only_where_it_is_told(shown):
    record("plain", 1.0)
    record("full", 1.0, model_interval=(0.5, 1.5), grade="published", weakest="retelling", track_record=[{"statements": 3, "study": None}])
    assert not {"grade", "weakest", "model_interval", "track_record"} & set(shown[0][0])
    assert (shown[1][0]["grade"], shown[1][0]["track_record"]) == ("published", [{"statements": 3}])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"grade": "guessed"}, "grade is 'guessed'; use one of measured, published, assumed"),
        ({"model_interval": (2, 1)}, "not a low and a high end"),
        ({"track_record": {"hold": 3}}, "no part of a track record 'hold'; did you mean 'held'"),
    ],
)
def test_what_makes_no_sense_about_trust_is_refused(shown, given, message):
    with pytest.raises(ReportError, match=message):
        record("x", 1.0, **given)


def test_the_name_that_results_json_uses_itself_is_refused(shown):
    with pytest.raises(ReportError, match="'schema'"):
        record("schema", 1)
