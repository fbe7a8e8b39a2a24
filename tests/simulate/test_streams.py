import numpy as np
import pytest

from goodwill.simulate.streams import Streams, philox


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        # The known answers that the authors of Philox publish with Random123 (kat_vectors, philox4x32 10).
        ((0, 0, 0, 0), (0, 0), "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0), "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ],
)
def test_philox_gives_the_published_known_answers(counter, key, words):
    assert " ".join(f"{int(word):08x}" for word in philox(counter, key)) == words


def test_a_number_belongs_to_its_person_process_and_event_whoever_else_is_asked():
    streams, people = Streams(7), np.arange(1000)
    alone = [float(streams.uniform("gap", person, 3)) for person in (5, 998)]
    assert streams.uniform("gap", people, 3)[[5, 998]].tolist() == alone
    assert streams.uniform("gap", people[::-1], 3)[::-1][[5, 998]].tolist() == alone


def test_other_people_processes_events_replicates_and_seeds_have_unrelated_numbers():
    people = np.arange(20_000)
    base = Streams(1).uniform("gap", people)
    others = [
        Streams(2).uniform("gap", people),
        Streams(1).uniform("leave", people),
        Streams(1).uniform("gap", people, 1),
        Streams(1).uniform("gap", people, 0, 1),
        Streams(1).uniform("gap", people + 1),
    ]
    # 4 standard errors of a correlation of 20,000 independent pairs.
    assert all(abs(np.corrcoef(base, other)[0, 1]) < 4 / np.sqrt(20_000) for other in others)


def test_uniforms_fill_the_unit_interval_evenly_and_never_touch_its_ends():
    u = Streams(3).uniform("amount", np.arange(100_000))
    counts = np.bincount((u * 20).astype(int), minlength=20)
    assert ((counts - 5000) ** 2 / 5000).sum() < 43.8  # the .999 quantile of chi-square with 19 degrees of freedom
    assert u.min() > 0 and u.max() < 1
