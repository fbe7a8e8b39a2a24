"""Every wording on how forecasts of earlier nights have fared, reached from data."""

from __future__ import annotations

from dataclasses import replace

from tests.inference.test_ledger import forecast, months

from goodwill.findings.forecasts_held import accounts, told_alike, whole
from goodwill.inference.ledger import Forecast


def said(*made: Forecast) -> str:
    (account,) = accounts([replace(one, label="Purchases") for one in made])
    return account.record


def test_nothing_has_come_due() -> None:
    assert said(forecast(0), forecast(1)) == "None of 2 forecasts has come due yet; the first does on 2025-01-29."
    assert said(forecast(0)) == "One forecast was made so far; it comes due on 2025-01-29."
    (account,) = accounts([forecast(0)])
    assert (account.held, account.disjoint, account.miss, account.track, account.drift) == (0, 0, "", None, "")


def test_a_kind_is_called_by_its_label_or_else_by_its_name() -> None:
    (labelled,) = accounts([replace(forecast(0), label="Purchases of all")])
    assert (labelled.name, labelled.label) == ("purchases", "Purchases of all")
    (bare,) = accounts([forecast(0)])
    assert (bare.name, bare.label) == ("purchases", "purchases")


def test_one_has_come_due_and_held_or_not() -> None:
    assert said(forecast(0, 210.0), forecast(1)) == "One has come due, and it held: 210 came, and 200 were expected."
    assert said(forecast(0, 410.0)) == "One has come due, and it did not hold: 410 came, and 200 were expected."
    assert said(forecast(0, 2.0, estimate=2.0)) == "One has come due, and it held: 2 came, and 2 were expected."
    money = said(forecast(0, 210.5, unit="USD"))
    assert money == "One has come due, and it held: 210.50 came, and 200 were expected."


def test_only_counts_become_whole() -> None:
    assert (whole(None), whole(2.5)) == (None, 2.5)
    assert isinstance(whole(2.0), int)


def test_some_have_come_due_and_more_less_or_as_much_came() -> None:
    assert said(*months(220, 230, 300)) == (
        "Of 3 that came due 2 held (95% should), 3 without overlap; the mean miss is 24%, 24% more came than was expected."
    )
    assert said(*months(180, 190, 100)) == (
        "Of 3 that came due 2 held (95% should), 3 without overlap; the mean miss is 33%, 25% less came than was expected."
    )
    assert said(forecast(0, 200.0), forecast(1, 200.0)) == (
        "Of 2 that came due 2 held (95% should), 1 without overlap; the mean miss is 0%, as much came as was expected."
    )
    assert said(*months(200, 0)) == (
        "Of 2 that came due 1 held (95% should), 2 without overlap; the mean miss is 100, 100 less came than was expected."
    )
    assert said(*months(0, 400)) == (
        "Of 2 that came due 0 held (95% should), 2 without overlap; the mean miss is 200, as much came as was expected."
    )


def test_a_drift_is_said_with_its_beginning_its_size_and_its_direction() -> None:
    (less,) = accounts(months(200, 210, 100, 95))
    assert less.drift == (
        "Since 2025-02-26 51% less came than was foretold, in 2 windows of four weeks: more than chance. "
        "What the forecasts rest on has changed."
    )
    (more,) = accounts(months(200, 600))
    assert more.drift == (
        "Since 2025-01-29 200% more came than was foretold, in 1 window of four weeks: more than chance. "
        "What the forecasts rest on has changed."
    )
    (half,) = accounts(months(200, 210, 390, 390))
    assert half.drift == (
        "Since 2025-02-26 95% more came than was foretold, in 2 windows of four weeks: more than chance. "
        "What the forecasts rest on has changed."
    )
    (none,) = accounts(months(200, 210, 190))
    assert none.drift == ""


def test_what_looks_further_is_not_asked_whether_it_drifts_and_two_that_are_share_the_chance() -> None:
    far = [forecast(60 * place, came, days=60) for place, came in enumerate((200.0, 60.0, 50.0))]
    assert accounts(far)[0].drift == ""
    barely = months(200, 200, 99)
    assert accounts(barely)[0].drift
    both = [*barely, *(replace(one, name="value", unit="USD", came=one.estimate) for one in barely)]
    assert [account.drift for account in accounts(both)] == ["", ""]
    assert [(account.name, account.ahead, account.made, account.due, account.held, account.disjoint) for account in accounts(both)] == [
        ("purchases", "4 weeks", 3, 3, 2, 3),
        ("value", "4 weeks", 3, 3, 3, 3),
    ]


def test_forecasts_by_renewals_come_due_at_one() -> None:
    one = Forecast("survivors", 8, 9, 390.0, 370.0, 410.0, unit="customers", which="a")
    (account,) = accounts([one])
    assert account.record == "One forecast was made so far; it comes due at renewal 9."
    assert (account.ahead, account.is_part, account.seen, account.drift) == ("1 renewal", True, "", "")
    (both,) = accounts([replace(one, made=7, due=8), one])
    assert both.record == "None of 2 forecasts has come due yet; the first does at renewal 8."


def test_kinds_of_which_the_same_is_said_are_told_together_and_keep_their_order() -> None:
    parts = [Forecast("profit", forecast(0).made, forecast(0).due, 9.0, 8.0, 10.0, unit="USD", which=name) for name in ("lost", "best")]
    given = accounts([forecast(0), *parts, forecast(0, days=91)])
    names = [[(each.name, each.ahead) for each in alike] for alike in told_alike(given)]
    assert names == [[("profit", "4 weeks"), ("profit", "4 weeks")], [("purchases", "4 weeks")], [("purchases", "13 weeks")]]
    assert told_alike([]) == []


def test_a_drift_beyond_the_season_is_called_so() -> None:
    def in_season(*came: float) -> list[Forecast]:
        return [replace(one, season=0.1, season_sd=0.05) for one in months(*came)]

    (less,) = accounts(in_season(221, 232, 110, 105))
    assert less.drift == (
        "Since 2025-02-26 51% less came than was foretold and than the season of the year before explains, in 2 windows of four weeks: "
        "more than chance. What the forecasts rest on has changed."
    )
    (more,) = accounts(in_season(221, 700))
    assert more.drift == (
        "Since 2025-01-29 216% more came than was foretold and than the season of the year before explains, in 1 window of four weeks: "
        "more than chance. What the forecasts rest on has changed."
    )


def test_which_fall_would_be_seen_is_said() -> None:
    (well,) = accounts(months(200, estimate=200.0))
    assert well.seen == "A fall by 39% or more would be marked within 13 weeks, in four of five cases."
    wide = replace(months(200)[0], lower=100.0, upper=400.0)
    (badly,) = accounts([wide])
    assert badly.seen == (
        "At this size a halving cannot be told from chance within 13 weeks: only a fall by 66% or more would be marked, in four of five "
        "cases."
    )
    (never,) = accounts([replace(months(2, estimate=2.0)[0], lower=0.0, upper=6.0)])
    assert never.seen == "At this size no fall, not even to nothing, can be told from chance within 13 weeks."


def test_forecasts_of_parts_are_not_asked_whether_they_drift_and_leave_the_chance_to_the_whole() -> None:
    barely = months(200, 200, 99)
    parts = [replace(one, which=name) for name in ("a", "b", "c") for one in months(200, 200, 20)]
    found = accounts([*barely, *parts])
    assert [bool(account.drift) for account in found if not account.is_part] == [True]
    assert not any(account.drift or account.seen for account in found if account.is_part)
