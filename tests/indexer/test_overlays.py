"""When a change of the list is laid over an index, and when the index is built anew."""

from tests.indexer.running import NO_STRETCH, Running

FIRST = ("email", "first@list.example", "buyer")
CARDS = ("--kinds", "card")
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


def test_an_index_that_has_changed_and_is_old_is_built_anew_by_maintenance(
    running: Running,
) -> None:
    running.publish([FIRST])
    changed, same = running.add_partner("acme"), running.add_partner("beta", *NO_STRETCH, *CARDS)
    running.run("add", "email:second@list.example", "--role", "buyer")
    built = [running.manifest(one).generation for one in (changed, same)]
    running.run("compact")
    assert [running.manifest(one).generation for one in (changed, same)] == built
    running.change("UPDATE generations SET built_at = built_at - 86401")
    assert "1 index built anew" in running.run("compact").output
    assert running.manifest(changed).generation != built[0]
    assert running.manifest(same).generation == built[1]
    assert running.overlay(changed.kit.token_key.key_id) == {}
    assert running.listed(changed, ("email", "second@list.example")) == [True]


def test_maintenance_puts_back_all_that_an_emptied_redis_has_lost_and_counts_it(
    running: Running,
) -> None:
    running.publish([FIRST])
    partners = [running.add_partner("acme"), running.add_partner("beta")]
    running.run("add", "email:second@list.example", "--role", "buyer")
    running.redis.flushall()
    assert "run indexer compact" in running.run("status").output
    assert "2 indexes built anew" in running.run("compact").output
    for partner in partners:
        assert running.listed(partner, FIRST[:2], ("email", "second@list.example")) == [True] * 2
    assert running.ledger()[-1]["built"] == 2
    assert "0 indexes built anew" in running.run("compact").output
