from __future__ import annotations

import pandas as pd

from goodwill.reports.recording.tables import table_csv, table_html


def test_every_value_is_escaped():
    frame = pd.DataFrame({"<b>id": ["<script>alert(1)</script>"]}, index=pd.Index(["<i>"], name="&"))
    html = table_html(frame, "a < b", name="t")
    for markup in ("<script", "<i>", "<b>"):
        assert markup not in html
    assert "a &lt; b" in html


def test_numbers_stand_right_with_equal_decimals_and_headers_have_a_scope():
    html = table_html(pd.DataFrame({"estimate": [-9582.4292, 0.24259]}, index=["log likelihood", "r"]), "Fit", name="t")
    assert "<td>−9,582.429</td>" in html
    assert "<td>0.243</td>" in html
    assert html.count('scope="col"') == 2
    assert html.count('scope="row"') == 2


def test_missing_values_years_dates_and_formats():
    frame = pd.DataFrame({"year": [1997, 1998], "on": pd.to_datetime(["2024-05-01", None]), "share": [0.5, -0.25], "yes": [True, False]})
    html = table_html(frame, "Mixed", name="t", formats={"share": "{:.0%}"})
    assert table_html(pd.DataFrame({"n": pd.array([1, None], "Int64")}), "NA", name="t").count("–") == 1
    for text in (">1997<", ">2024-05-01<", ">–<", ">50%<", ">−25%<", ">yes<", ">no<"):
        assert text in html


def test_dates_and_months_stay_on_one_line_and_other_text_does_not() -> None:
    frame = pd.DataFrame({"on": pd.to_datetime(["2024-05-01", None]), "in": ["2024-05", "2024-06"], "what": ["2024-05-01 or later", "x"]})
    html = table_html(frame, "Dates", name="t")
    assert html.count("white-space:nowrap") == html.count("gw-date") == 6
    assert '<td class="gw-text gw-date" style="text-align:left;white-space:nowrap">2024-05-01</td>' in html
    assert '<td class="gw-text" style="text-align:left">2024-05-01 or later</td>' in html


def test_csv_holds_the_index_only_when_it_says_something():
    assert table_csv(pd.DataFrame({"a": [1, 2]})) == "a\n1\n2\n"
    assert table_csv(pd.DataFrame({"a": [1.5]}, index=pd.Index(["x"], name="name"))) == "name,a\nx,1.5\n"


def test_an_empty_frame_is_a_table_without_rows():
    assert "<tbody>" in table_html(pd.DataFrame({"a": []}), "Nothing", name="t")
