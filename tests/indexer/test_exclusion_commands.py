"""Safety lists by their commands: what they keep off, from when on, and what they leave alone."""

import csv
import io

import pytest

from screening.exclusions.rules import RULE_COLUMNS
from tests.harness.slow import slow_but_first
from tests.indexer.ruled import state
from tests.indexer.running import Running

PHONE = ("phone", "+12025550142")
OTHER = ("phone", "+12025550143")
EMAIL = ("email", "desk@shelter.example")
CARD = ("card", "4242424242424242")
ROLE_MAILBOX = ("email", "info@agency.example")
LIST = [(*one, "buyer") for one in (PHONE, OTHER, EMAIL, CARD)]


def add(running: Running, *rule: str, category: str = "shelter") -> str:
    return running.run("exclusions", "add", *rule, "--category", category).output


def counted(running: Running) -> list[str]:
    """Return what status says is kept off the list, or is on it although a rule names it."""
    said = running.run("status").output.splitlines()
    return [line.strip() for line in said if "safety list" in line]


RULES = [
    (["phone", "exact", "+1 (202) 555-0142"], [PHONE]),
    (["phone", "range", "+1 202 555 01xx"], [PHONE, OTHER]),
    (["card", "range", "424242xxxxxxxxxx"], [CARD]),
    (["email", "domain", "shelter.example"], [EMAIL]),
    (["email", "mailbox", "desk"], [EMAIL]),
]


def test_a_rule_takes_off_every_index_what_it_covers_and_its_removal_brings_it_back(
    running: Running,
) -> None:
    everything = [PHONE, OTHER, EMAIL, CARD]
    running.publish(LIST)
    partner = running.add_partner("acme")
    built = running.manifest(partner).generation
    for rule, kept_off in RULES:
        said = add(running, *rule)
        selectors, are = ("selector", "is") if len(kept_off) == 1 else ("selectors", "are")
        named = f"{len(kept_off)} {selectors} that the list names"
        assert f"it keeps {named} off it" in said
        assert running.listed(partner, *everything) == [one not in kept_off for one in everything]
        assert counted(running) == [f"{len(kept_off)} {selectors} {are} kept off by a safety list"]
        said = running.run("exclusions", "remove", *rule).output
        assert f"it keeps {named} off it no longer" in said
        assert running.listed(partner, *everything) == [True] * 4
    assert counted(running) == []
    assert running.manifest(partner).generation == built  # all by overlays: within seconds


def test_what_a_rule_covers_is_rejected_at_import_and_victims_are_not(running: Running) -> None:
    partner, report = running.add_partner("acme"), running.folder / "report.csv"
    add(running, "phone", "exact", PHONE[1])
    path = running.write_list([*LIST, (*ROLE_MAILBOX, "buyer"), (*PHONE, "victim")])
    done = running.run("publish", str(path), "--report", str(report), expect=3)
    assert "2 excluded: is on a safety list" in done.output
    assert report.read_text().splitlines()[1:] == [
        "list.csv,2,phone,excluded",
        "list.csv,6,email,excluded",
    ]
    assert running.listed(partner, PHONE, OTHER, ROLE_MAILBOX) == [False, True, False]
    assert running.rows("SELECT count(*) FROM entries WHERE role = 'victim'") == [(1,)]
    before = running.stored()
    done = running.run("add", "email:Info@agency.example", "--role", "buyer", expect=2)
    assert "nothing is changed" in done.output
    assert running.stored() == before
    running.run("add", f"email:{ROLE_MAILBOX[1]}", "--role", "victim")


def test_no_list_and_no_rollback_brings_back_what_a_rule_keeps_off(running: Running) -> None:
    running.publish(LIST[:2])
    running.publish(LIST)
    partner = running.add_partner("acme")
    add(running, "phone", "exact", PHONE[1])
    running.run("rollback")
    assert running.listed(partner, PHONE, OTHER, EMAIL) == [False, True, False]
    running.publish(LIST, "--changes", expect=3)
    assert running.listed(partner, PHONE, OTHER, EMAIL) == [False, True, True]
    running.run("compact", "--all")
    assert running.listed(partner, PHONE, OTHER, EMAIL) == [False, True, True]
    assert running.manifest(partner).files.count == 3


def test_what_no_entry_of_the_list_names_is_not_counted_as_kept_off(running: Running) -> None:
    running.publish(LIST)
    partner = running.add_partner("acme")
    add(running, "phone", "exact", PHONE[1])
    running.publish(LIST, "--allow-shrink", expect=3)  # its row is rejected: it has no entry now
    assert counted(running) == []
    said = running.run("exclusions", "remove", "phone", "exact", PHONE[1]).output
    assert "0 selectors that the list names off it no longer" in said
    assert running.listed(partner, PHONE) == [False]
    running.publish(LIST)
    assert running.listed(partner, PHONE) == [True]


def test_an_override_lists_a_selector_for_a_reason_until_it_ends(running: Running) -> None:
    running.publish(LIST)
    partner = running.add_partner("acme")
    add(running, "email", "domain", "shelter.example")
    selector = f"email:{EMAIL[1]}"
    reason = "case 7: a front of theirs"
    assert running.listed(partner, EMAIL) == [False]
    running.run("exclusions", "override", selector, "--reason", reason)
    assert running.listed(partner, EMAIL) == [True]
    said = "1 override lets a selector be listed that a safety list names, or has named"
    assert counted(running) == [said]
    running.publish(LIST)  # it is taken at import, too
    add(running, "phone", "exact", PHONE[1])  # and no other rule ends it
    assert running.listed(partner, EMAIL, PHONE) == [True, False]
    running.run("exclusions", "unoverride", selector)
    assert running.listed(partner, EMAIL) == [False]
    running.publish(LIST[:3], "--allow-shrink", expect=3)
    assert running.listed(partner, EMAIL) == [False]
    for path in (running.home / "list.sqlite", *running.home.glob("ledger/*")):
        assert reason.encode() not in path.read_bytes()
    assert [one["command"] for one in running.ledger() if "override" in one["command"]] == [
        "exclusions override",
        "exclusions override done",
        "exclusions unoverride",
        "exclusions unoverride done",
    ]


def test_which_of_the_defaults_hold_is_a_setting_that_every_command_puts_in_force(
    running: Running,
) -> None:
    partner, _ = running.add_partner("acme"), running.add_partner("zeta")
    everything = "hotline,shelter,airline,bank,emergency,role_mailbox,other"
    path = str(running.write_list([*LIST, (*ROLE_MAILBOX, "buyer")]))
    running.run("publish", path, INDEXER_EXCLUDED_CATEGORIES="hotline,bank")
    for categories, is_listed, command in (
        (everything, False, ["compact"]),
        ("hotline , shelter", True, ["compact", "--all"]),
        (everything, False, ["partner", "resume", "zeta"]),
        ("other", True, ["partner", "policy", "zeta", "--whole-list"]),
    ):
        running.run(*command, INDEXER_EXCLUDED_CATEGORIES=categories)
        assert running.listed(partner, ROLE_MAILBOX, PHONE) == [is_listed, True], command
    running.run("compact", INDEXER_EXCLUDED_CATEGORIES="test")  # numbers of fiction, and .example
    assert running.listed(partner, ROLE_MAILBOX, PHONE) == [False, False]
    done = running.run("compact", expect=2, INDEXER_EXCLUDED_CATEGORIES="hotline,everything")
    assert done.output.startswith("these settings are not valid: INDEXER_EXCLUDED_CATEGORIES")
    assert done.output.count("\n") == 1


@slow_but_first(
    1,
    "command",
    [
        ["exclusions", "add", "phone", "exact", "+12025550142", "--category", "shelter"],
        ["exclusions", "override", "email:info@agency.example", "--reason", "theirs"],
        ["exclusions", "unoverride", "email:info@agency.example"],
        ["retract", "phone:+12025550142", "--reason", "no list yet"],
    ],
)
def test_before_the_first_list_no_index_says_no_because_of_a_rule(
    running: Running, command: list[str]
) -> None:
    partner = running.add_partner("acme")
    is_refused = command[0] == "retract" or command[1] == "unoverride"  # nothing is there to end
    running.run(*command, expect=2 if is_refused else 0)
    assert running.heads() == {}
    rows = [(*one, "buyer") for one in (PHONE, ROLE_MAILBOX, OTHER)]
    running.publish(rows, expect=None)
    expected = [command[1] != "add", command[1] == "override", True]
    assert running.listed(partner, PHONE, ROLE_MAILBOX, OTHER) == expected


@pytest.mark.slow
def test_own_rules_are_shown_as_they_are_kept_and_can_be_taken_away(running: Running) -> None:
    remarks = ["--note", "night desk, 2nd floor", "--source", "https://shelter.example/contact"]
    add(running, "phone", "exact", "+1 202 555 0142", *remarks)
    add(running, "email", "domain", "@shelter.example", category="other")
    shown = running.run("exclusions", "list", "--own").output
    header, *rules = csv.reader(io.StringIO(shown))
    assert header == list(RULE_COLUMNS)
    assert sorted(rules) == [
        ["email", "domain", "shelter.example", "other", "", ""],
        ["phone", "exact", PHONE[1], "shelter", remarks[1], remarks[3]],
    ]
    everything = running.run("exclusions", "list").output
    assert set(shown.splitlines()) < set(everything.splitlines())
    add(running, "phone", "exact", PHONE[1], category="hotline")  # the same rule, said otherwise
    assert running.run("exclusions", "list", "--own").output.count("\n") == 3
    running.run("exclusions", "remove", "phone", "exact", PHONE[1])
    assert PHONE[1] not in running.run("exclusions", "list").output
    assert PHONE[1].encode() not in (running.home / "list.sqlite").read_bytes()


IMPOSSIBLE = [
    (["add", "phone", "exact", "12", "--category", "shelter"], "the value is not taken"),
    (["add", "phone", "exact", "+12025550142", "--category", "x"], "the category must be"),
    (["add", "phone", "exact", "+12025550142"], "--category"),
    (["add", "phone", "domain", "a.example", "--category", "bank"], "has match exact or range"),
    (["add", "phone", "range", "+1 202 xxx xxxx", "--category", "bank"], "--wide"),
    (["add", "email", "domain", "gmail.com", "--category", "bank"], "--wide"),
    (["remove", "email", "mailbox", "info"], "no such rule was added here"),
    (["override", "email:info@agency.example", "--reason", " "], "needs a reason"),
    (["override", "email:info@agency.example"], "--reason"),
    (["override", "info@agency.example", "--reason", "x"], "KIND:VALUE"),
    (["unoverride", "email:nobody"], "selector 1"),
    (["unoverride", "email:info@agency.example"], "has no override, and nothing is changed"),
]


def test_what_cannot_be_done_is_one_sentence_and_changes_nothing(running: Running) -> None:
    running.publish(LIST)
    before = state(running)
    for command, sentence in IMPOSSIBLE:
        done = running.run("exclusions", *command, expect=2)
        assert sentence in done.output
        assert done.output.count("\n") == 1
        assert state(running) == before, command


@pytest.mark.slow
def test_unoverride_of_one_without_an_override_leaves_those_that_have_one(
    running: Running,
) -> None:
    running.publish(LIST)
    names = [f"{kind}:{value}" for kind, value in (PHONE, OTHER)]
    running.run("exclusions", "override", names[0], "--reason", "case 7")
    running.run("exclusions", "unoverride", *names, expect=2)
    assert running.rows("SELECT count(*) FROM overrides") == [(1,)]
    running.run("exclusions", "unoverride", names[0])
    running.run("exclusions", "unoverride", names[0], expect=2)
