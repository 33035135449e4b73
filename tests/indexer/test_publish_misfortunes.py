"""Stores that were emptied, forged or written by others, and clocks that were ahead."""

import shutil
import time

import pytest

from indexer.index.list_for_test_keys import LISTED_FOR_TEST_KEYS
from screening.store import keys
from tests.harness.slow import slow_but_first
from tests.indexer.rows import CARD, EMAIL, OTHER, PHONE, rows
from tests.indexer.running import Running


def test_a_publish_clears_away_what_was_forged_and_keeps_every_partner(running: Running) -> None:
    partner = running.add_partner("acme")
    for name in (keys.HEADS, keys.PARTNERS):
        running.redis.hset(name, mapping={"forged": "x", b"\xff\xfe": "y"})
    running.publish(rows(PHONE))
    assert set(running.redis.hkeys(keys.HEADS)) == {partner.kit.token_key.key_id.encode()}
    assert set(running.redis.hkeys(keys.PARTNERS)) == {b"acme"}


def test_only_the_last_three_lists_stay_in_the_store_and_in_the_list_file(
    running: Running,
) -> None:
    partner = running.add_partner("acme")
    for selector in (PHONE, EMAIL, CARD, OTHER, ("phone", "+12025550144")):
        running.publish(rows(selector))
        running.run("compact", "--all")
    key_id = partner.kit.token_key.key_id
    generations = {key.split(b":")[2] for key in running.redis.scan_iter(keys.every_key_of(key_id))}
    assert len(generations) == 3
    assert len(running.rows("SELECT DISTINCT tag FROM entries")) == 3
    assert len(running.rows("SELECT * FROM stretched")) == 3


def test_a_store_that_was_emptied_is_filled_again_by_the_next_publish(running: Running) -> None:
    probe = running.add_partner("probe", "--test")
    running.publish(rows(PHONE))
    partners = [running.add_partner("acme"), probe]
    before = max(head.sequence for head in running.heads().values())
    running.redis.flushall()
    running.publish(rows(PHONE))
    assert [running.manifest(partner).files.count for partner in partners] == [
        1,
        len(LISTED_FOR_TEST_KEYS),
    ]
    assert set(running.records()) >= {"acme", "probe"}
    assert all(head.sequence > before for head in running.heads().values())
    running.add_partner("late")


@pytest.mark.slow
def test_what_the_store_does_not_let_be_swept_is_swept_by_a_later_command(running: Running) -> None:
    partner = running.add_partner("acme")
    key_id = partner.kit.token_key.key_id

    def kept() -> int:
        found = running.redis.scan_iter(keys.every_key_of(key_id))
        return len({key.split(b":")[2] for key in found})

    for selector in (PHONE, EMAIL, CARD):
        running.publish(rows(selector))
        running.run("compact", "--all")
    running.publish(rows(OTHER))
    running.redis.acl_setuser(
        "default", enabled=True, nopass=True, keys=["*"], commands=["+@all", "-scan"]
    )
    assert "1 index built anew" in running.run("compact", "--all").output
    running.redis.acl_setuser("default", enabled=True, nopass=True, keys=["*"], commands=["+@all"])
    assert kept() == 4
    running.add_partner("late")
    assert kept() == 3
    assert running.listed(partner, OTHER) == [True]


@slow_but_first(1, "also_lost", [[], [keys.HEADS]])
def test_a_home_from_a_backup_shuts_out_who_came_later_and_counts_on_behind_them(
    running: Running, also_lost: list[str]
) -> None:
    partner = running.add_partner("acme")
    running.publish(rows(PHONE))
    backup = running.folder / "backup"
    shutil.copytree(running.home, backup)
    late = running.add_partner("late")
    highest = max(record.sequence for record in running.records().values())
    shutil.rmtree(running.home)
    backup.rename(running.home)
    if also_lost:
        running.redis.delete(*also_lost)

    running.publish(rows(PHONE, EMAIL))
    assert running.listed(partner, PHONE, EMAIL) == [True, True]
    assert all(head.sequence > highest for head in running.heads().values())
    assert late.kit.token_key.key_id not in running.heads()
    shut_out = running.records()["late"]
    assert (shut_out.state, shut_out.key_ids, shut_out.api_keys) == ("suspended", [], [])
    assert shut_out.sequence > highest


@slow_but_first(1, "again", [("compact",), ("compact", "--all")])
def test_what_a_clock_that_was_ahead_took_for_expired_is_listed_by_the_next_command(
    running: Running, again: tuple[str, ...]
) -> None:
    partner = running.add_partner("acme")
    running.publish(rows(PHONE, OTHER))
    past, in_a_month, in_two = (int(time.time()) + days * 86_400 for days in (-1, 30, 60))
    (one,) = running.rows("SELECT hex(min(id)) FROM entries")[0]
    expiring = f"UPDATE entries SET expires_at = {{}} WHERE id = x'{one}'"  # noqa: S608 - our own
    # What a list and its generation are after such a clock: left out is what expires by then.
    running.change(expiring.format(past))
    running.run("compact", "--all")
    assert sorted(running.listed(partner, PHONE, OTHER)) == [False, True]
    running.change(expiring.format(in_a_month))
    running.change(f"UPDATE revisions SET as_of = {in_two}")  # noqa: S608 - the same
    running.change(f"UPDATE generations SET built_at = {in_two}")  # noqa: S608 - the same
    running.run(*again)
    assert running.listed(partner, PHONE, OTHER) == [True, True]
    (built,) = running.rows("SELECT count(*) FROM generations")
    running.run("compact")
    assert running.rows("SELECT count(*) FROM generations") == [built]
