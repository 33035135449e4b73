"""A partner with a valid kit that guesses finds a small part of the list before it is stopped.

`make redteam` does the same to a list of 10^5; docs/threat-model.md has its figures.
"""

from pathlib import Path

import pytest

from loadtests.redteam import Defence, Guesser, listed_numbers, trial

COUNT = 4_000


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["dense", "runs"])
def test_who_searches_is_held_and_told_of_after_a_small_part_of_the_list(
    tmp_path: Path, shape: str
) -> None:
    # A budget that would never stop it: what is seen of the search does.
    defence = Defence("hold", canaries=64, matches=10 * COUNT)
    found = trial(
        tmp_path,
        shape,  # type: ignore[arg-type]  # a literal above
        defence,
        count=COUNT,
        route="check",
        size=16,
    )
    assert found.stopped_by == "429 matches"
    assert set(found.until_alert) & {"canary.matched", "partner.hit_rate"}
    assert "partner.held" in found.until_alert
    assert 0 < len(found.found) < COUNT // 2


def test_a_guesser_asks_nothing_twice_and_goes_on_beside_what_it_found() -> None:
    listed = listed_numbers("runs", 100)
    assert len(set(listed)) == 100
    guesser = Guesser("runs", 10_000)
    first = guesser.batch(16)
    guesser.hit(listed[0])
    second = guesser.batch(16)
    assert not set(first) & set(second)
    assert all(abs(number - listed[0]) <= 10 for number in second)
