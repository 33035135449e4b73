"""What `publish` and `rollback` put in force, what they refuse, and what they leave behind."""

import getpass
import hashlib
import shutil
import time
from datetime import UTC, datetime

import pytest

from indexer.importers.entry import IMPORT_SENTENCES
from screening.generations.records import current_minute, minute_after
from screening.ledger.verify import verify_ledger
from screening.store import keys
from tests.indexer.running import Running

PHONE = ("phone", "+12025550142")
EMAIL = ("email", "listed@list.example")
CARD = ("card", "4242424242424242")
OTHER = ("phone", "+12025550143")


def rows(*selectors: tuple[str, str], role: str = "trafficker") -> list[tuple[str, str, str]]:
    return [(*selector, role) for selector in selectors]


def test_rows_that_cannot_be_taken_are_reported_and_the_others_published(running: Running) -> None:
    path = running.folder / "mixed.csv"
    path.write_text(
        "kind,value,role\n"
        "phone,+1 202 555 0142,trafficker\n"
        "phone,202 555 0143,trafficker\n"
        "email,nobody,buyer\n"
        "card,4242424242424241,buyer\n"
        "card,4242424242424242,friend\n"
        "passport,123,buyer\n"
        "email,LISTED@list.example,business\n"
        "email,listed@list.example,business,\n"
    )
    report = running.folder / "report.csv"
    partner = running.add_partner("acme")
    done = running.run("publish", str(path), "--report", str(report), expect=3)
    assert report.read_text().splitlines() == [
        "file,line,kind,code",
        "mixed.csv,3,phone,region_required",
        "mixed.csv,4,email,not_an_email",
        "mixed.csv,5,card,bad_checksum",
        "mixed.csv,6,card,unknown_role",
        "mixed.csv,7,,unknown_kind",
        "mixed.csv,9,email,wrong_column_count",
    ]
    assert "2 selectors from 2 entries" in done.output
    assert running.listed(partner, PHONE, EMAIL, OTHER, CARD) == [True, True, False, False]

    running.run("publish", str(path), "--region", "US", expect=3)
    assert running.listed(partner, PHONE, EMAIL, OTHER, CARD) == [True, True, True, False]


def test_several_files_together_are_the_list(running: Running) -> None:
    partner = running.add_partner("acme")
    first = running.write_list(rows(PHONE), "first.csv")
    second = running.write_list(rows(EMAIL), "second.csv")
    running.run("publish", str(first), str(second))
    assert running.listed(partner, PHONE, EMAIL) == [True, True]


@pytest.mark.parametrize(
    ("refused", "option"),
    [
        ([], "--allow-empty"),
        (rows(PHONE), "--allow-shrink"),
        ([("phone", "nonsense", "buyer")], "--allow-empty"),
        (rows(PHONE, EMAIL, CARD, role="victim"), "--allow-empty"),
    ],
    ids=["empty", "shrunken", "nothing taken", "victims only"],
)
def test_a_list_that_is_empty_or_shrinks_is_refused_and_the_old_one_stays(
    running: Running, refused: list[tuple[str, str, str]], option: str
) -> None:
    running.add_partner("acme")
    running.publish(rows(PHONE, EMAIL, CARD))
    before = running.stored()
    other = {"--allow-shrink": "--allow-empty", "--allow-empty": "--allow-shrink"}[option]
    for done in (running.publish(refused, expect=4), running.publish(refused, other, expect=4)):
        assert option in done.output.splitlines()[-1]
    assert running.stored() == before
    assert "list      1: 3 selectors" in running.run("status").output
    running.publish(refused, option, expect=None)
    assert running.stored() != before


@pytest.mark.parametrize(
    ("refused", "why"),
    [
        ([("email", "nobody", "buyer")], "would be empty"),
        ([*rows(PHONE), ("email", "nobody", "buyer")], "would shrink"),
        (
            [*rows(PHONE, EMAIL, CARD), ("email", "nobody", "victim")],
            "protect nobody: list.csv line 5; ",
        ),
    ],
)
def test_of_a_refused_list_a_curator_is_told_which_rows_to_correct_and_why(
    running: Running, refused: list[tuple[str, str, str]], why: str
) -> None:
    running.publish(rows(PHONE, EMAIL, CARD))
    report = running.folder / "report.csv"
    done = running.publish(refused, "--report", str(report), expect=4)
    first, second, last = done.output.splitlines()
    assert first == f"1 row was not taken; see {report}"
    assert second == f"  1 not_an_email: {IMPORT_SENTENCES['not_an_email']}"
    assert why in last
    assert report.read_text().splitlines()[1:] == [
        f"list.csv,{len(refused) + 1},email,not_an_email"
    ]
    assert "--report" in running.publish(refused, expect=4).output


def test_the_very_first_list_may_not_be_empty_either(running: Running) -> None:
    running.publish([], expect=4)
    assert "nothing is in force yet" in running.run("status").output


def test_a_list_may_shrink_as_far_as_the_setting_says(running: Running) -> None:
    running.publish(rows(PHONE, EMAIL, CARD, OTHER))
    path = str(running.write_list(rows(PHONE, EMAIL, CARD)))
    running.run("publish", path, expect=4)
    running.run("publish", path, INDEXER_MAX_SHRINK_FRACTION="0.25")


def test_a_second_publish_stretches_only_what_is_new(running: Running) -> None:
    running.add_partner("acme", "--stretch", "light")
    running.publish(rows(PHONE, EMAIL))
    before = set(running.rows("SELECT * FROM stretched"))
    assert len(before) == 2
    running.publish(rows(PHONE, EMAIL, CARD))
    # Each sealing has a nonce of its own: a value that was computed again would differ.
    after = set(running.rows("SELECT * FROM stretched"))
    assert before < after
    assert len(after) == 3
    running.add_partner("zeta", "--stretch", "light")
    assert set(running.rows("SELECT * FROM stretched")) == after


def test_what_has_expired_since_does_not_count_as_shrunk(running: Running) -> None:
    running.add_partner("acme")
    path = running.folder / "expiring.csv"
    path.write_text(
        "kind,value,role,expires_at\n"
        + "".join(f"phone,+1202555014{n},buyer,2999-01-01\n" for n in range(8))
        + f"email,{EMAIL[1]},buyer,\n"
    )
    running.run("publish", str(path))
    running.change("UPDATE entries SET expires_at = strftime('%s') - 1 WHERE kind = 'phone'")
    running.change("UPDATE revisions SET as_of = as_of - 60")
    running.publish(rows(EMAIL))
    running.publish([], expect=4)


def test_a_selector_with_any_entry_of_role_victim_is_withheld(running: Running) -> None:
    partner = running.add_partner("acme")
    listed = [*rows(PHONE, EMAIL), (*CARD, "buyer"), (*CARD, "victim"), (*OTHER, "victim")]
    done = running.publish(listed)
    assert "2 selectors" in done.output
    assert running.listed(partner, PHONE, EMAIL, CARD, OTHER) == [True, True, False, False]
    # An entry that has expired no longer lists anyone, but a victim's still protects.
    path = running.folder / "expired.csv"
    path.write_text(
        "kind,value,role,expires_at\n"
        f"phone,{PHONE[1]},trafficker,2020-01-01\n"
        f"email,{EMAIL[1]},trafficker,2999-01-01\n"
        f"card,{CARD[1]},trafficker,\n"
        f"card,{CARD[1]},victim,2020-01-01\n"
    )
    running.run("publish", str(path), "--allow-shrink")
    assert running.listed(partner, PHONE, EMAIL, CARD) == [False, True, False]


def test_every_index_says_to_the_minute_when_an_entry_ends(running: Running) -> None:
    path = running.folder / "ends.csv"
    path.write_text(
        "kind,value,role,expires_at\n"
        "phone,+12025550142,buyer,2049-06-01T10:00:30Z\n"
        "phone,+12025550142,buyer,2048-01-01\n"
        "phone,+12025550143,buyer,\n"
    )
    early = running.add_partner("early")
    running.run("publish", str(path))
    late = running.add_partner("late")
    ends = int(datetime(2049, 6, 1, 10, 0, 30, tzinfo=UTC).timestamp())
    for partner in (early, late):
        until, in_half_a_year = running.listed_until(partner, PHONE, OTHER)
        assert until == minute_after(ends)
        assert 179 < (in_half_a_year - current_minute(time.time())) / 1_440 < 181


def test_rollback_puts_the_list_before_in_force_and_publishing_goes_on_from_there(
    running: Running,
) -> None:
    partner = running.add_partner("acme")
    assert "no earlier list" in running.run("rollback", expect=2).output
    running.publish(rows(PHONE, OTHER))
    assert "no earlier list" in running.run("rollback", expect=2).output
    running.publish(rows(PHONE, EMAIL))
    sequence = max(head.sequence for head in running.heads().values())

    assert "list 1 is in force again" in running.run("rollback").output
    assert running.listed(partner, PHONE, OTHER, EMAIL) == [True, True, False]
    assert all(head.sequence > sequence for head in running.heads().values())
    assert "no earlier list" in running.run("rollback", expect=2).output

    running.publish(rows(PHONE, CARD))
    assert running.listed(partner, PHONE, OTHER, EMAIL, CARD) == [True, False, False, True]
    # Back to what was in force before it, and not to the list that was a mistake.
    assert "list 1 is in force again" in running.run("rollback").output
    assert running.listed(partner, PHONE, OTHER, EMAIL, CARD) == [True, True, False, False]


def test_a_list_is_no_younger_for_a_rollback(running: Running) -> None:
    running.add_partner("acme")
    running.publish(rows(PHONE))
    (published_at,) = {head.published_at for head in running.heads().values()}
    running.change("UPDATE revisions SET published_at = published_at - 86400")
    running.add_partner("later")
    running.publish(rows(EMAIL))
    running.run("rollback")
    assert {head.published_at for head in running.heads().values()} == {published_at - 86_400}


def test_a_publish_clears_away_what_was_forged_and_keeps_every_partner(running: Running) -> None:
    partner = running.add_partner("acme")
    for name in (keys.HEADS, keys.PARTNERS):
        running.redis.hset(name, mapping={"forged": "x", b"\xff\xfe": "y"})
    running.publish(rows(PHONE))
    assert set(running.redis.hkeys(keys.HEADS)) == {partner.kit.token_key.key_id.encode()}
    assert set(running.redis.hkeys(keys.PARTNERS)) == {b"acme"}


def test_rollback_reaches_back_as_far_as_lists_are_kept(running: Running) -> None:
    partner = running.add_partner("acme")
    for selector in (PHONE, EMAIL, CARD, OTHER):
        running.publish(rows(selector))
        running.run("compact", "--all")
    assert "list 3 is" in running.run("rollback").output
    assert "list 2 is" in running.run("rollback").output
    assert running.listed(partner, PHONE, EMAIL, CARD) == [False, True, False]
    assert "no earlier list" in running.run("rollback", expect=2).output


def test_rollback_does_not_publish_who_has_been_found_to_be_a_victim(running: Running) -> None:
    partner = running.add_partner("acme")
    running.publish([*rows(PHONE, OTHER), *rows(PHONE, role="buyer")])
    found_out = [*rows(OTHER), *rows(PHONE, role="victim")]
    running.publish(found_out, "--allow-shrink")
    assert running.run("rollback").output.splitlines()[:2] == [
        "list 1 is in force again",
        "  of its selectors, named as victims' or retracted since: 1",
    ]
    later = running.add_partner("later")
    for one in (partner, later):
        assert running.listed(one, PHONE, OTHER) == [False, True]


def test_a_partner_who_came_after_a_list_has_it_after_a_rollback_too(running: Running) -> None:
    running.publish(rows(PHONE))
    running.publish(rows(EMAIL))
    partner = running.add_partner("acme")
    assert running.listed(partner, PHONE, EMAIL) == [False, True]
    running.run("rollback")
    assert running.listed(partner, PHONE, EMAIL) == [True, False]


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
    assert [running.manifest(partner).files.count for partner in partners] == [1, 3]
    assert set(running.records()) >= {"acme", "probe"}
    assert all(head.sequence > before for head in running.heads().values())
    running.add_partner("late")


def snapshot(running: Running) -> object:
    """Return all that a command changes and others can see: Redis, list, keys, kits."""
    tables = ("meta", "entries", "stretched", "partners", "generations", "releases")
    listed = [running.rows(f"SELECT * FROM {table}") for table in tables]  # noqa: S608 - our names
    token_keys = sorted((running.home / "keyring" / "token-keys").iterdir())
    kits = sorted(running.folder.glob("*.kit.json"))
    return running.stored(), listed, token_keys, kits


@pytest.mark.parametrize("command", ["publish", "rollback", "partner add"])
def test_nothing_has_changed_before_a_record_of_it_is_durable(
    running: Running, command: str
) -> None:
    running.add_partner("acme")
    running.publish(rows(PHONE, EMAIL))
    running.publish(rows(PHONE, EMAIL, CARD))
    recorded, before = len(running.ledger()), snapshot(running)
    path = running.write_list(rows(PHONE, EMAIL, CARD, OTHER))
    arguments = {
        "publish": ["publish", str(path)],
        "rollback": ["rollback"],
        "partner add": [
            *("partner", "add", "late", "--kit", str(running.kit_path("late"))),
            *("--api-url", "https://api.example", "--stretch", "none", "--allow-unstretched"),
        ],
    }[command]
    step = 0
    while snapshot(running) == before:
        ended = running.run(*arguments, kill_before=step)
        assert ended.was_killed, "the command changed nothing"
        step += 1

    new = running.ledger()[recorded:]
    # Kills between the record and the change leave a record each; none has another command.
    assert {record["command"] for record in new} == {command}
    record = new[-1]
    assert record["actor"] == getpass.getuser()
    if command == "publish":
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        assert record["sources"] == [{"name": "list.csv", "sha256": sha256}]
        assert (record["selectors"], record["taken"], record["rejected"]) == (4, 4, {})
    elif command == "rollback":
        assert record["revision"] == 1
    else:
        assert (record["partner"], record["allow_unstretched"]) == ("late", True)
    running.run(*arguments)
    verify_ledger(running.home / "ledger")
    assert len(list((running.home / "ledger").glob("*.open"))) == 0


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
    assert "1 indexes built anew" in running.run("compact", "--all").output
    running.redis.acl_setuser("default", enabled=True, nopass=True, keys=["*"], commands=["+@all"])
    assert kept() == 4
    running.add_partner("late")
    assert kept() == 3
    assert running.listed(partner, OTHER) == [True]


@pytest.mark.parametrize("also_lost", [[], [keys.HEADS]])
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


def test_a_list_that_would_list_who_is_protected_is_refused(running: Running) -> None:
    partner = running.add_partner("acme")
    running.publish(rows(PHONE, OTHER))
    running.run("add", f"{PHONE[0]}:{PHONE[1]}", "--role", "victim")
    assert running.listed(partner, PHONE, OTHER) == [False, True]
    report = running.folder / "report.csv"
    refused = running.publish(rows(OTHER, PHONE), "--report", str(report), expect=4).output
    assert "rows of this list name who is a victim, by an entry that it has not" in refused
    assert "list.csv line 3;" in refused
    assert report.read_text().splitlines()[1:] == ["list.csv,3,phone,protected"]
    assert running.listed(partner, PHONE, OTHER) == [False, True]
    running.publish([*rows(PHONE, OTHER), (*PHONE, "victim")])
    assert running.listed(partner, PHONE, OTHER) == [False, True]
    running.publish(rows(OTHER), "--allow-shrink")
    running.publish(rows(PHONE, OTHER))


def test_whoever_permits_that_a_victim_is_listed_is_told_which_row_does(running: Running) -> None:
    partner = running.add_partner("acme")
    running.publish([*rows(OTHER), (*PHONE, "victim")])
    said = running.publish(rows(OTHER, PHONE), "--allow-unprotected").output
    assert "1 rows name who was protected as a victim, and are listed now: list.csv line 3" in said
    assert running.listed(partner, PHONE) == [True]
    assert [one["exposed"] for one in running.ledger() if one["command"] == "publish"] == [0, 1]
    unread = [*rows(OTHER, PHONE), ("phone", "1", "victim")]
    said = running.publish(unread, "--allow-unprotected", expect=3).output
    assert "1 rows that speak of a victim were not taken, and protect nobody" in said


@pytest.mark.parametrize("again", [("compact",), ("compact", "--all")])
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


def test_a_retraction_says_whether_its_selector_was_listed(running: Running) -> None:
    running.publish(rows(PHONE, OTHER))
    said = running.run("retract", "phone:+12025550142", "--reason", "it is wrong").output
    assert "1 retracted, 1 of them were listed" in said
    for wrong in ("phone:+12025550142", "phone:+12025550111"):
        said = running.run("retract", wrong, "--reason", "it is wrong").output
        assert "0 of them were listed" in said
        assert "Compare its spelling" in said
