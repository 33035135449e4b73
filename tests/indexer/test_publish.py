"""What `publish` and `rollback` put in force, what they refuse, and what they leave behind."""

import hashlib
import os
import pwd
import time
from datetime import UTC, datetime

from screening.generations.records import current_minute, minute_after
from screening.importers.entry import IMPORT_SENTENCES
from screening.ledger.verify import verify_ledger
from tests.harness.slow import slow_but_first
from tests.indexer.rows import CARD, EMAIL, OTHER, PHONE, rows
from tests.indexer.running import Running


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


@slow_but_first(
    2,
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


@slow_but_first(
    1,
    ("refused", "why"),
    [
        ([("email", "nobody", "buyer")], "would be empty"),
        ([*rows(PHONE), ("email", "nobody", "buyer")], "would shrink from 3 selectors to 1,"),
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


def snapshot(running: Running) -> object:
    """Return all that a command changes and others can see: Redis, list, keys, kits."""
    tables = ("meta", "entries", "stretched", "partners", "generations", "releases")
    listed = [running.rows(f"SELECT * FROM {table}") for table in tables]  # noqa: S608 - our names
    token_keys = sorted((running.home / "keyring" / "token-keys").iterdir())
    kits = sorted(running.folder.glob("*.kit.json"))
    return running.stored(), listed, token_keys, kits


@slow_but_first(1, "command", ["publish", "rollback", "partner add"])
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
    assert record["actor"] == pwd.getpwuid(os.getuid()).pw_name
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
    assert "1 row names who was protected as a victim, and is listed now: list.csv line 3" in said
    assert running.listed(partner, PHONE) == [True]
    assert [one["exposed"] for one in running.ledger() if one["command"] == "publish"] == [0, 1]
    unread = [*rows(OTHER, PHONE), ("phone", "1", "victim")]
    said = running.publish(unread, "--allow-unprotected", expect=3).output
    assert "1 row that speaks of a victim was not taken, and protects nobody" in said


def test_a_retraction_says_whether_its_selector_was_listed(running: Running) -> None:
    running.publish(rows(PHONE, OTHER))
    said = running.run("retract", "phone:+12025550142", "--reason", "it is wrong").output
    assert "1 retracted, 1 of them was listed" in said
    said = running.run("retract", "phone:+12025550111", "--reason", "it is wrong").output
    assert "1 retracted, 0 of them were listed" in said
    assert "Compare its spelling" in said


@slow_but_first(2, "said", [",she is a victim", "victim interview,", ",Victim", ",Opfer"])
def test_a_list_in_which_a_row_without_a_role_speaks_of_a_victim_is_refused(
    running: Running, said: str
) -> None:
    path = running.folder / "list.csv"
    rows = ("kind,value,role,source,reason", "phone,+1 202 555 0161,buyer,,")
    path.write_text("\n".join((*rows, f"phone,+1 202 555 0161,,{said}")) + "\n")
    refused = running.run("publish", str(path), expect=4).output
    assert "rows that speak of a victim could not be taken and would protect nobody" in refused
    assert "list.csv line 3;" in refused
