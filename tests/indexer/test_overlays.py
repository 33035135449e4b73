"""When a change of the list is laid over an index, and when the index is built anew."""

from tests.indexer.running import Running

FIRST = ("email", "first@list.example", "buyer")
SMALL = 1_000
"""So many changes are an overlay, however small the list (`indexer/index/indexes.py`)."""


def some(count: int) -> list[tuple[str, str, str]]:
    return [("email", f"n{number}@list.example", "buyer") for number in range(count)]


def test_more_changes_than_an_overlay_may_hold_make_a_new_index(running: Running) -> None:
    running.publish([FIRST])
    partner = running.add_partner("acme")
    built = running.manifest(partner).generation
    running.publish([FIRST, *some(SMALL)])
    assert running.manifest(partner).generation == built
    assert len(running.overlay(partner.kit.token_key.key_id)) == SMALL
    running.publish([FIRST, *some(SMALL + 1)])
    assert running.manifest(partner).generation != built
    assert running.manifest(partner).files.count == SMALL + 2
    assert running.overlay(partner.kit.token_key.key_id) == {}
