"""`indexer notice`: what a partner is to hear is signed, once, and in every later release."""

from collections.abc import Sequence
from typing import NamedTuple

import pytest

from screening.registry.notices import MAX_NOTICES, Notice, open_notices_head, parse_notices
from screening.store import keys
from screening.store.signed import Verifier
from tests.indexer.running import Running

LISTED = ("phone", "+12025550142", "trafficker")
RECEIPT = "a2b3c4d5e6f7a2b3c4d5e6f7gh"
ROW, OTHER_ROW = f"{RECEIPT}.0", f"{RECEIPT}.17"


class Stands(NamedTuple):
    sequence: int
    notices: Sequence[Notice]


def notices(running: Running) -> dict[str, Stands]:
    """Return what stands signed in Redis."""
    verifier = Verifier((running.secrets / "verifying.key").read_bytes())
    found = {}
    stored: dict[bytes, bytes] = running.redis.hgetall(keys.NOTICES)  # type: ignore[assignment]  # bytes they are
    for name, document in stored.items():
        head = open_notices_head(document, name.decode(), verifier)
        content = running.redis.get(keys.notices_of(name.decode()))
        assert content is None or isinstance(content, bytes)
        found[name.decode()] = Stands(head.sequence, parse_notices(content or b"", head))
    return found


def rows_of(running: Running, partner: str = "acme") -> list[str]:
    return [one.of for one in notices(running)[partner].notices]


def test_a_partner_is_told_of_each_row_once_and_others_are_not(running: Running) -> None:
    running.publish([LISTED])
    running.add_partner("acme")
    running.add_partner("beta")
    said = running.run("notice", ROW, "--partner", "acme", "--receipts-are-theirs").output
    assert "acme is told of 1 row; it knew of 0" in said
    said = running.run(
        *("notice", OTHER_ROW, f" {ROW.upper()}", OTHER_ROW, "--partner", "acme"),
        "--receipts-are-theirs",
    ).output
    assert "acme is told of 1 row; it knew of 1" in said
    stands = notices(running)
    assert stands.keys() == {"acme", "beta"}
    assert stands["beta"].notices == ()
    first, second = stands["acme"].notices
    assert (first.of, second.of) == (ROW, OTHER_ROW)
    assert first.number < second.number < stands["acme"].sequence
    assert {one.what for one in stands["acme"].notices} == {"retracted"}
    assert stands["acme"].sequence == running.records()["acme"].sequence
    recorded = [one for one in running.ledger() if one["command"] == "notice"]
    assert [(one["partner"], one["rows"]) for one in recorded] == [
        ("acme", [ROW]),
        ("acme", [OTHER_ROW, ROW, OTHER_ROW]),
    ]


def test_every_later_release_carries_them_into_an_emptied_redis_too(running: Running) -> None:
    running.publish([LISTED])
    running.add_partner("acme")
    running.run("notice", ROW, "--partner", "acme", "--receipts-are-theirs")
    before = notices(running)["acme"]
    running.redis.flushall()
    running.run("compact")
    after = notices(running)["acme"]
    assert after.notices == before.notices
    assert after.sequence > before.sequence


@pytest.mark.slow
def test_what_stands_there_beside_ours_is_removed(running: Running) -> None:
    running.publish([LISTED])
    running.add_partner("acme")
    running.redis.delete(keys.NOTICES)
    running.redis.rpush(keys.NOTICES, "x")
    running.run("notice", ROW, "--partner", "acme", "--receipts-are-theirs")
    running.redis.hset(keys.NOTICES, "stranger", b"x" * 80)
    running.run("compact")
    assert notices(running).keys() == {"acme"}


def test_for_every_partner_it_is_signed_that_there_is_nothing_to_hear(running: Running) -> None:
    running.publish([LISTED])
    running.add_partner("acme")
    running.add_partner("beta")
    running.run("partner", "remove", "beta")
    records = running.records()
    assert notices(running) == {one: (records[one].sequence, ()) for one in ("acme", "beta")}
    assert not running.redis.exists(keys.notices_of("acme"))


@pytest.mark.slow
def test_a_user_of_redis_that_may_not_write_notices_puts_lists_in_force_and_orders_none(
    running: Running,
) -> None:
    running.publish([LISTED])
    running.add_partner("acme")
    running.redis.flushall()
    user = {"commands": ["+@all"], "enabled": True, "nopass": True}
    for allowed in ([], [keys.NOTICES]):
        patterns = ["heads", "partners", "generation:*", "run:*", *allowed]
        running.redis.acl_setuser("default", keys=patterns, reset=True, **user)  # type: ignore[arg-type]  # its hints are too narrow
        running.run("compact")
    said = running.run(
        "notice", ROW, "--partner", "acme", "--receipts-are-theirs", expect=69
    ).output
    assert "does not permit this user the command" in said
    running.redis.acl_setuser("default", keys=["*"], reset=True, **user)  # type: ignore[arg-type]  # its hints are too narrow
    assert not running.redis.exists(keys.NOTICES)
    running.run("compact")
    assert rows_of(running) == [ROW]


def test_nobody_is_told_before_it_is_stated_whose_the_receipts_are(running: Running) -> None:
    """What is told cannot be taken back, and of a receipt it is not known here whose it is."""
    running.publish([LISTED])
    running.add_partner("acme")
    said = running.run("notice", ROW, "--partner", "acme", expect=2).stderr
    assert said.startswith(
        "whose answer a receipt is of is not known here, and what a partner is told cannot be "
        "taken back: see in screening audit who that they are this partner's, and pass "
        "--receipts-are-theirs; see "
    )
    assert rows_of(running) == []


def test_an_order_that_cannot_be_followed_tells_nobody_and_is_not_repeated(
    running: Running,
) -> None:
    running.publish([LISTED])
    running.add_partner("acme")
    for arguments, why in (
        ((ROW, "--partner", "nobody"), "there is no partner of that name"),
        ((ROW, RECEIPT, "--partner", "acme"), "a row is a receipt"),
        (("+12025550142", "--partner", "acme"), "a row is a receipt"),
        ((f"{RECEIPT}.01", "--partner", "acme"), "a row is a receipt"),
        ((f"{RECEIPT}.0\n0", "--partner", "acme"), "a row is a receipt"),
    ):
        said = running.run("notice", *arguments, "--receipts-are-theirs", expect=2).output
        assert why in said
        assert "2025550142" not in said
    assert rows_of(running) == []
    assert [one for one in running.ledger() if one["command"] == "notice"] == []


@pytest.mark.slow
def test_of_more_than_are_kept_the_oldest_go(running: Running) -> None:
    running.publish([LISTED])
    running.add_partner("acme")
    running.run("notice", ROW, "--partner", "acme", "--receipts-are-theirs")
    many = [f"{RECEIPT}.{number}" for number in range(1_000, 1_000 + MAX_NOTICES)]
    said = running.run(
        "notice", *many, "--partner", "acme", "--receipts-are-theirs", expect=2
    ).output
    assert "1 notices of the last 30 days would not be kept" in said
    assert rows_of(running) == [ROW]
    running.run("notice", *many, "--partner", "acme", "--receipts-are-theirs", "--drop-recent")
    assert rows_of(running) == many
    said = running.run(
        "notice", *many, ROW, "--partner", "acme", "--receipts-are-theirs", expect=2
    ).output
    assert f"{MAX_NOTICES} rows at the most" in said
    running.change("UPDATE notices SET ordered_at = ordered_at - 30 * 86400 - 1")
    running.run("notice", ROW, "--partner", "acme", "--receipts-are-theirs")
    assert rows_of(running) == [*many[1:], ROW]


@pytest.mark.slow
def test_killed_at_any_step_it_is_done_by_the_next_one_and_no_number_is_given_twice(
    running: Running,
) -> None:
    running.publish([LISTED])
    running.add_partner("acme")
    running.run("notice", OTHER_ROW, "--partner", "acme", "--receipts-are-theirs")
    told = notices(running)["acme"].notices
    for _ in running.killed_everywhere("notice", ROW, "--partner", "acme", "--receipts-are-theirs"):
        running.run("notice", ROW, "--partner", "acme", "--receipts-are-theirs")
        now = notices(running)["acme"].notices
        assert now[0] == told[0]
        assert [one.of for one in now] == [OTHER_ROW, ROW]
        assert now[0].number < now[1].number


def test_whoever_has_the_name_of_one_that_was_removed_is_told_of_nothing_of_theirs(
    running: Running,
) -> None:
    running.publish([LISTED])
    running.add_partner("acme")
    running.run("notice", ROW, "--partner", "acme", "--receipts-are-theirs")
    running.run("partner", "remove", "acme")
    (running.folder / "acme.kit.json").unlink()
    running.add_partner("acme")
    assert "acme" not in notices(running) or not notices(running)["acme"].notices
