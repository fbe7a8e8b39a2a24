from __future__ import annotations

import pytest

from goodwill.reports.pages.trust import trust_in_words

PLAIN = {"value": 0.25, "interval": [0.2, 0.3], "level": 0.95, "unit": "share", "label": "x", "reason": None}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, []),
        ({"grade": "measured"}, ["Measured"]),
        ({"grade": "published", "weakest": "retelling"}, ["Published: retelling"]),
        ({"model_interval": [0.23, 0.27]}, ["If the model is right: 23.0% to 27.0%"]),
        ({"track_record": [{"outcome": 0.28}]}, ["What came: 28.0%, inside the interval"]),
        ({"track_record": [{"outcome": 0.31}]}, ["What came: 31.0%, outside the interval"]),
        ({"track_record": [{"outcome": 0.31}], "interval": None}, ["What came: 31.0%"]),
        ({"track_record": [{"statements": 8}]}, []),
        ({"track_record": [{"held": 7}]}, ["Track record: 7 held"]),
        ({"track_record": [{"statements": 16, "held_model": 2}]}, ["Track record: 2 of 16 held as the model gave them"]),
        ({"track_record": [{"statements": 8, "held": 7, "source": "nights"}]}, ["Track record: 7 of 8 held in earlier nights"]),
        ({"track_record": [{"statements": 1200, "held": 0.93, "level": 0.95}]}, ["Track record: 93% of 1,200 held (95% should)"]),
        (
            {"track_record": [{"statements": 8, "held": 7, "disjoint": 3, "horizon": "52 weeks", "source": "own past"}]},
            ["Track record: 7 of 8 held, 3 of them disjoint, looking 52 weeks ahead, in its own past"],
        ),
        (
            {"track_record": [{"statements": 100, "held": 94, "source": "simulation", "study": "truth.md"}, {"statements": 4, "held": 4}]},
            ["Track record: 94 of 100 held in simulated companies (truth.md)", "Track record: 4 of 4 held"],
        ),
    ],
)
def test_what_a_record_knows_of_its_trust_is_said_in_few_words(more, words):
    assert trust_in_words(PLAIN | more) == words


def test_a_value_that_is_not_available_still_says_its_grade():
    missing = {"value": None, "interval": None, "level": None, "unit": None, "reason": "no data", "grade": "assumed"}
    assert trust_in_words(missing) == ["Assumed"]
