"""Partners are suspended, resumed and removed: what of them stays, and what is gone."""

import pytest

from screening.store import keys
from tests.harness.processes import eventually
from tests.harness.slow import slow_but_first
from tests.harness.valkey import Valkey
from tests.indexer.api_keys import rotate
from tests.indexer.running import NO_STRETCH, Running

PHONE = ("phone", "+12025550142")
EMAIL = ("email", "listed@list.example")
LIST = [(*PHONE, "trafficker")]
LONGER = [*LIST, (*EMAIL, "buyer")]


def test_a_suspended_partner_keeps_all_it_has_and_is_answered_again_when_it_is_resumed(
    running: Running,
) -> None:
    running.publish(LIST)
    partner, _ = running.add_partner("acme"), running.add_partner("zeta")
    before = running.records()
    for _ in range(2):  # twice is no other than once
        assert running.run("partner", "suspend", "acme").output.startswith("acme is suspended\n")
        states = {name: record.state for name, record in running.records().items()}
        assert states == {"acme": "suspended", "zeta": "active"}
    running.publish(LONGER)  # its index goes on, and no other command resumes it
    running.run("compact", "--all")
    assert running.records()["acme"].state == "suspended"
    assert running.listed(partner, PHONE, EMAIL) == [True, True]
    assert "acme (live, check, suspended)" in running.run("status").output
    running.run("partner", "resume", "acme")
    after = running.records()["acme"]
    assert (after.state, after.api_keys, after.key_ids) == (
        "active", before["acme"].api_keys, before["acme"].key_ids
    )  # fmt: skip
    assert after.sequence == max(head.release for head in running.heads().values())
    assert "suspended" not in running.run("status").output


def test_the_limits_of_a_partner_are_shown_and_changed_one_by_one(running: Running) -> None:
    running.publish(LIST)
    running.add_partner("acme"), running.add_partner("zeta")
    shown = running.run("partner", "limits", "acme").output
    assert shown == (
        "acme may ask 20,000 selectors a second, 20,000 at once, and 5,000,000 different ones a "
        "day; it is held after 1,000 different matches in 30 days; on suspicion of a search: "
        "alert\n"
    )
    sequence = running.records()["acme"].sequence
    said = running.run("partner", "limits", "acme", "--daily", "1000").output
    assert "20,000 at once, and 1,000 different ones a day" in said
    running.run("partner", "limits", "acme", "--per-second", "5", "--burst", "40", "--matches", "7")
    acme, zeta = running.records()["acme"], running.records()["zeta"]
    assert (acme.selectors_per_second, acme.burst_selectors) == (5, 40)
    assert (acme.daily_selectors, acme.matches_per_30_days) == (1_000, 7)
    assert (zeta.selectors_per_second, zeta.burst_selectors) == (20_000, None)
    assert (zeta.daily_selectors, zeta.matches_per_30_days) == (5_000_000, 1_000)
    assert acme.sequence > sequence
    running.run(
        "partner",
        "rotate",
        "acme",
        "--kit",
        str(running.folder / "new.json"),
        "--api-url",
        "https://api.example",
    )
    assert running.records()["acme"].daily_selectors == 1_000


def test_limits_of_one_are_told_as_of_one(running: Running) -> None:
    running.add_partner("acme")
    ones = [part for name in ("per-second", "daily", "matches") for part in (f"--{name}", "1")]
    assert running.run("partner", "limits", "acme", *ones).stdout.startswith(
        "acme may ask 1 selector a second, 1 at once, and 1 different one a day; it is held after "
        "1 different match in 30 days;"
    )


@pytest.mark.parametrize("value", ["0", "-1", "x", "1000000000001", "9" * 400])
@pytest.mark.parametrize("option", ["--daily", "--matches", "--per-second", "--burst"])
@pytest.mark.slow
def test_a_limit_that_is_none_is_refused(running: Running, option: str, value: str) -> None:
    said = running.run("partner", "limits", "acme", option, value, expect=2)
    assert "Traceback" not in said.output
    if option in ("--per-second", "--burst"):
        running.run("partner", "key", "limit", "acme", "0123456789ab", option, value, expect=2)


@pytest.mark.parametrize("value", ["0", "1000000000001"])
def test_a_setting_of_a_limit_that_is_none_is_refused(running: Running, value: str) -> None:
    for said in (
        running.run("status", expect=2, INDEXER_SELECTORS_PER_SECOND=value),
        running.run("status", expect=2, INDEXER_DAILY_SELECTORS=value),
        running.run("status", expect=2, INDEXER_MATCHES_PER_30_DAYS=value),
    ):
        assert "INDEXER_" in said.output
        assert "Traceback" not in said.output


@pytest.mark.slow
def test_the_highest_limits_are_given(running: Running) -> None:
    running.publish([("phone", "+12025550142", "trafficker")])
    running.add_partner("acme")
    most = str(10**12)
    options = ("--daily", most, "--matches", most, "--per-second", most, "--burst", most)
    running.run("partner", "limits", "acme", *options)
    assert running.records()["acme"].daily_selectors == 10**12


def test_of_a_removed_partner_nothing_is_left_but_what_shuts_it_out(running: Running) -> None:
    running.publish(LIST)
    running.add_partner("acme", *NO_STRETCH, "--kinds", "phone,email")
    other = running.add_partner("zeta")
    running.publish(LONGER)  # by an overlay
    assert any(keys.is_overlay(key) for key in running.redis.scan_iter("generation:acme-*"))
    theirs = running.manifest(other)
    running.run("partner", "suspend", "acme")
    running.run("partner", "remove", "acme")
    assert running.left_of("acme-2026a") == []
    assert set(running.stored()) == {
        keys.HEADS.encode(),
        keys.PARTNERS.encode(),
        keys.NOTICES.encode(),  # that it has nothing to hear
        *running.redis.scan_iter(f"generation:zeta-2026a:{theirs.generation}:*"),
    }
    assert running.rows("SELECT count(*) FROM policies") == [(1,)]
    assert running.manifest(other) == theirs
    assert running.listed(other, PHONE, EMAIL) == [True, True]
    assert "acme" not in running.run("status").output
    commands = (
        ["publish", str(running.folder / "list.csv")],
        ["rollback"],
        ["compact", "--all"],
        ["partner", "remove", "acme"],
    )
    for command in commands:  # and so it stays
        running.run(*command)
        shut_out = running.records()["acme"]
        assert (shut_out.state, shut_out.key_ids, shut_out.api_keys) == ("suspended", [], [])
        assert running.left_of("acme-2026a") == []


@pytest.mark.slow
def test_a_removed_partner_is_gone_from_the_disk_of_the_store_too(
    running: Running, valkey: Valkey
) -> None:
    running.publish(LIST)
    running.add_partner("acme")
    running.add_partner("zeta")
    assert "acme-2026a" in on_disk(valkey)
    assert "BGREWRITEAOF" not in running.run("partner", "remove", "acme").output
    # The server removes the file that it has replaced in its own time.
    eventually(lambda: "acme-2026a" not in on_disk(valkey), what="the old file's end")
    assert "zeta-2026a" in on_disk(valkey)


@pytest.mark.slow
def test_where_the_store_forbids_it_the_removal_says_what_is_left_to_do(
    running: Running, valkey: Valkey
) -> None:
    running.publish(LIST)
    running.add_partner("acme")
    running.redis.acl_setuser(
        "indexer", enabled=True, nopass=True, keys=["*"], categories=["+@all"],
        commands=["-bgrewriteaof", "-info"],
    )  # fmt: skip
    url = f"unix://indexer:any@{valkey.socket}"
    said = running.run("partner", "remove", "acme", SCREENING_REDIS_URL=url).output
    assert "have the store's administrator run BGREWRITEAOF" in said
    assert running.left_of("acme-2026a") == []


def on_disk(valkey: Valkey) -> str:
    files = (valkey.folder / "appendonlydir").iterdir()
    return "".join(file.read_bytes().decode("latin-1") for file in files)


def test_the_only_partner_can_be_removed_with_or_without_a_list(running: Running) -> None:
    for _ in range(2):
        running.add_partner("acme")
        running.run("partner", "remove", "acme")
        assert running.heads() == {}
        assert running.records()["acme"].key_ids == []
        running.kit_path("acme").unlink()
        running.publish(LIST)


@pytest.mark.slow
def test_a_partner_that_is_removed_in_an_overlap_has_no_old_keys_to_retire(
    running: Running,
) -> None:
    running.add_partner("acme")
    rotate(running)
    running.run("partner", "remove", "acme")
    assert running.rows("SELECT * FROM rotations") == []
    running.run("compact")  # it looked for a partner that is there no more


def test_a_name_may_be_given_again_and_never_a_key_id(running: Running) -> None:
    running.publish(LIST)
    kits = []
    for _ in range(3):
        kits.append(running.add_partner("acme").kit)
        running.kit_path("acme").rename(running.folder / f"{len(kits)}.old")
        running.run("partner", "remove", "acme")
    partner = running.add_partner("acme", *NO_STRETCH, "--kinds", "email")
    kits.append(partner.kit)
    assert [kit.token_key.key_id[-1] for kit in kits] == list("abcd")
    assert len({kit.api_key for kit in kits}) == len({kit.token_key.secret for kit in kits}) == 4
    record = running.records()["acme"]
    assert (record.state, record.key_ids) == ("active", [partner.kit.token_key.key_id])
    assert [key.id for key in record.api_keys] == [partner.kit.parsed_api_key().id]
    assert running.listed(partner, PHONE) == [False]
    assert running.rows("SELECT partner FROM retired_keys") == [("acme",)] * 3


@pytest.mark.slow
def test_a_partner_that_is_half_added_can_be_removed_and_nothing_else(running: Running) -> None:
    running.publish(LIST)
    running.add_partner("zeta")
    arguments = ["--kit", str(running.kit_path("acme")), "--api-url", "https://api.example"]
    added = ["partner", "add", "acme", *arguments, *NO_STRETCH]
    for _ in running.killed_everywhere(*added):
        if running.rows("SELECT state FROM partners WHERE name = 'acme'"):
            break
    # The next attempt has a token key of its own, and dies before anything else names that.
    for _ in running.killed_everywhere(*added):
        if running.left_of("acme-2026b"):
            break
    for command in ("suspend", "resume"):
        done = running.run("partner", command, "acme", expect=2)
        assert done.output == "acme is half added: run its partner add again\n"
    assert "acme is half added" in running.run("status").output
    running.run("partner", "remove", "acme")
    assert [running.left_of(f"acme-2026{letter}") for letter in "abc"] == [[], [], []]
    assert "acme" not in running.run("status").output
    assert not running.kit_path("acme").exists()
    assert running.add_partner("acme").kit.token_key.key_id == "acme-2026c"


@slow_but_first(1, "command", ["suspend", "resume", "remove"])
def test_a_partner_that_is_not_there_is_one_sentence_and_changes_nothing(
    running: Running, command: str
) -> None:
    running.publish(LIST)
    running.add_partner("acme")
    before, recorded = running.stored(), running.ledger()
    for name in ("nobody", "Acme", "acme "):
        done = running.run("partner", command, name, expect=2)
        assert done.output == "there is no partner of that name; see: indexer status\n"
    assert (running.stored(), running.ledger()) == (before, recorded)
    if command != "remove":
        running.run("partner", "remove", "acme")
        assert "no partner of that name" in running.run("partner", command, "acme", expect=2).output


@pytest.mark.slow
def test_partner_remove_killed_before_any_step_is_completed_by_the_same_command(
    running: Running,
) -> None:
    running.publish(LIST)
    running.add_partner("acme", *NO_STRETCH, "--kinds", "phone")
    other = running.add_partner("zeta")
    before, theirs = running.stored(), running.manifest(other)
    shut_out = []
    for _ in running.killed_everywhere("partner", "remove", "acme"):
        record = running.records()["acme"]
        assert bool(record.key_ids) == ("acme-2026a" in running.heads())  # all of it, or nothing
        shut_out.append(not record.key_ids)
        has_begun = running.ledger()[-1]["command"].startswith("partner remove")
        assert has_begun or running.stored() == before
        running.run("partner", "remove", "acme")
        assert running.left_of("acme-2026a") == []
        assert running.records()["acme"].state == "suspended"
        assert running.rows("SELECT key_id, partner FROM retired_keys") == [("acme-2026a", "acme")]
        assert running.rows("SELECT key_id FROM policies") == [("zeta-2026a",)]
        assert running.manifest(other) == theirs
        assert running.listed(other, PHONE) == [True]
    assert set(shut_out) == {False, True}  # there were kills on both sides of the flip


@pytest.mark.slow
def test_what_a_removal_that_died_has_left_goes_with_the_next_command_of_any_kind(
    running: Running,
) -> None:
    running.publish(LIST)
    running.add_partner("acme")
    other = running.add_partner("zeta")
    for _ in running.killed_everywhere("partner", "remove", "acme"):
        if "acme-2026a" not in running.heads():
            break
    assert running.left_of("acme-2026a") != []  # its secret, and perhaps its generation
    running.run("compact")
    assert running.left_of("acme-2026a") == []
    assert running.listed(other, PHONE) == [True]
