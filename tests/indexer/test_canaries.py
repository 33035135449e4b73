"""Canaries: each in the index of one partner alone, through all that becomes of a list."""

import csv
import io

import pytest

from tests.harness.deployment import Partner
from tests.harness.slow import slow_but_first
from tests.indexer.running import Running
from tests.indexer.vault import Vault

LIST = [("phone", "+12025550100", "trafficker"), ("email", "a@hotel.example", "buyer")]
RANGE = "phone:+12025550160..+12025550179"
HIDDEN = [("phone", f"+12025550{number}") for number in range(160, 180)]
CONTROLLED = "--we-control-these"
EXACT = ("phone", "exact")


def add(running: Running, *selectors: str, each: int = 5, expect: int = 0) -> str:
    arguments = [*selectors, "--each", str(each), CONTROLLED]
    return running.run("canary", "add", *arguments, expect=expect).output


def hidden_from(running: Running, partner: Partner) -> set[tuple[str, str]]:
    """Return the canaries that a partner's index lists."""
    return {
        one for one, is_listed in zip(HIDDEN, running.listed(partner, *HIDDEN), strict=True)
        if is_listed
    }  # fmt: skip


@pytest.fixture
def acme(running: Running) -> Partner:
    """A partner with a list and five canaries of twenty."""
    running.publish(LIST)
    partner = running.add_partner("acme")
    add(running, RANGE)
    return partner


def test_each_partner_has_canaries_of_its_own_and_its_manifest_marks_them(
    running: Running, acme: Partner
) -> None:
    zeta = running.add_partner("zeta")
    first, second = hidden_from(running, acme), hidden_from(running, zeta)
    assert (len(first), len(second), first & second) == (5, 5, set())
    manifests = [running.manifest(one) for one in (acme, zeta)]
    assert [len(one.canaries) for one in manifests] == [5, 5]
    assert [one.files.count for one in manifests] == [7, 7]
    assert not set(manifests[0].canaries) & set(manifests[1].canaries)
    rows = list(csv.DictReader(io.StringIO(running.run("canary", "list").output)))
    assert {one["value"] for one in rows if one["partner"] == "acme"} == {two for _, two in first}
    said = running.run("status").output
    assert "canaries  20, of which partners have 10: 5 each" in said
    assert "list      1: 2 selectors" in said  # they are in no count of the list


@pytest.mark.slow
def test_they_are_the_same_through_all_that_becomes_of_a_list(
    running: Running, acme: Partner
) -> None:
    before = hidden_from(running, acme)
    running.publish([*LIST, ("phone", "+12025550101", "buyer")])
    running.run("retract", "phone:+12025550100", "--reason", "wrong")
    assert hidden_from(running, acme) == before
    running.run("rollback")
    running.run("lift", "phone:+12025550100")
    running.run("compact", "--all")
    assert hidden_from(running, acme) == before
    running.run("rotate", "pepper")
    running.run("compact", "--all")
    assert hidden_from(running, acme) == before
    assert len(running.manifest(acme).canaries) == 5


@pytest.mark.slow
def test_a_partner_that_is_given_new_keys_keeps_its_canaries_under_them(
    running: Running, acme: Partner
) -> None:
    before, kit = hidden_from(running, acme), running.folder / "new.kit.json"
    arguments = ["--kit", str(kit), "--api-url", "http://127.0.0.1:8080"]
    running.run("partner", "rotate", "acme", *arguments)
    renewed = Partner(kit)
    assert renewed.kit.token_key.key_id != acme.kit.token_key.key_id
    assert hidden_from(running, acme) == hidden_from(running, renewed) == before


def test_a_change_of_the_list_is_an_overlay_beside_canaries(
    running: Running, acme: Partner
) -> None:
    built = running.manifest(acme).generation
    running.run("add", "phone:+12025550102", "--role", "buyer")
    assert running.manifest(acme).generation == built
    assert running.listed(acme, ("phone", "+12025550102")) == [True]


@pytest.mark.slow
def test_what_the_list_says_of_a_canarys_selector_holds_and_it_is_a_canary_no_more(
    running: Running, acme: Partner
) -> None:
    listed, victim, retracted = sorted(hidden_from(running, acme))[:3]
    running.run("add", f"phone:{listed[1]}", "--role", "trafficker")
    running.run("add", f"phone:{victim[1]}", "--role", "victim")
    running.run("retract", f"phone:{retracted[1]}", "--reason", "a person has it now")
    assert running.listed(acme, listed, victim, retracted) == [True, False, False]
    assert len(running.manifest(acme).canaries) == 2
    running.run("lift", f"phone:{retracted[1]}")
    assert len(running.manifest(acme).canaries) == 3


@pytest.mark.slow
def test_what_a_safety_list_comes_to_name_is_a_canary_no_more_and_another_keeps_its_index(
    running: Running, acme: Partner
) -> None:
    zeta = running.add_partner("zeta")
    other = running.manifest(zeta).generation
    first, second = sorted(hidden_from(running, acme))[:2]
    said = running.run("exclusions", "add", *EXACT, first[1], "--category", "hotline").output
    assert "it keeps 0 selectors that the list names off it" in said
    assert "1 canary is gone" in said
    assert running.listed(acme, first, second) == [False, True]
    assert len(running.manifest(acme).canaries) == 4
    assert running.manifest(zeta).generation == other
    running.publish([*LIST, ("phone", "+12025550101", "buyer")])
    running.run("compact", "--all")
    assert running.listed(acme, first, second) == [False, True]
    assert (
        "1 canary is hidden again" in running.run("exclusions", "remove", *EXACT, first[1]).output
    )
    assert running.listed(acme, first, second) == [True, True]


@pytest.mark.slow
def test_a_safety_list_of_before_the_next_list_takes_canaries_from_that(running: Running) -> None:
    partner = running.add_partner("acme")
    running.run("canary", "add", "domain:travellers.example", "--addresses", "9", CONTROLLED)
    rule = ("email", "domain", "travellers.example", "--category", "shelter")
    assert "9 canaries are gone" in running.run("exclusions", "add", *rule).output
    running.publish(LIST)
    assert running.manifest(partner).canaries == []


@pytest.mark.slow
def test_canaries_that_a_safety_list_takes_are_pending_until_no_index_hides_them(
    running: Running, acme: Partner
) -> None:
    first = min(hidden_from(running, acme))
    running.redis.config_set("maxmemory", "1")
    rule = (*EXACT, first[1], "--category", "hotline")
    said = running.run("exclusions", "add", *rule, expect=69).output
    assert "not in force yet: the safety lists are changed, the canaries are changed;" in said
    running.redis.config_set("maxmemory", "0")
    running.run("compact")
    assert running.listed(acme, first) == [False]
    assert "not in force yet" not in running.run("status").output


@slow_but_first(
    2,
    ("selector", "why"),
    [
        ("card:4242424242424242", "is a card"),
        ("phone:+12025550100", "is in the list"),
        ("phone:+12025550199", "is a test selector"),
        ("email:info@agency.example", "is named by a safety list"),
        ("email:eva.fischer7059@gmail.com", "is an address where anyone can have a mailbox"),
        ("domain:gmail.com", "is an address where anyone can have a mailbox"),
        ("domain:co.uk", "is an address where anyone can have a mailbox"),
    ],
)
def test_what_is_somebodys_is_no_canary_and_nothing_is_changed(
    running: Running, acme: Partner, selector: str, why: str
) -> None:
    before = running.stored()
    said = add(running, "phone:+12025550180", selector, expect=2)
    assert f"selector 2 {why}" in said
    assert selector.partition(":")[2] not in said
    assert running.stored() == before
    assert running.rows("SELECT count(*) FROM canaries") == [(20,)]


def test_who_does_not_state_that_it_controls_them_adds_none(
    running: Running, acme: Partner
) -> None:
    running.run("canary", "add", "phone:+12025550180", expect=2)
    assert running.rows("SELECT count(*) FROM canaries") == [(20,)]


@pytest.mark.parametrize("value", ["phone:+12025550179..+12025550160", "phone:12..13"])
@pytest.mark.slow
def test_a_range_that_is_none_is_refused(running: Running, value: str) -> None:
    assert "selector 1" in running.run("canary", "add", value, CONTROLLED, expect=2).output


@pytest.mark.slow
def test_a_mail_domain_becomes_addresses_as_people_have_them(running: Running) -> None:
    running.publish(LIST)
    partner = running.add_partner("acme")
    arguments = ["--addresses", "12", "--each", "8", CONTROLLED]
    running.run("canary", "add", "domain:travellers.example", *arguments)
    assert len(running.manifest(partner).canaries) == 8
    rows = list(csv.DictReader(io.StringIO(running.run("canary", "list").output)))
    assert len(rows) == 12
    assert all(one["value"].endswith("@travellers.example") for one in rows)


@pytest.mark.slow
def test_of_kinds_that_a_policy_leaves_out_a_partner_has_none(
    running: Running, acme: Partner
) -> None:
    running.run("partner", "policy", "acme", "--kinds", "email")
    assert hidden_from(running, acme) == set()
    assert running.manifest(acme).canaries == []
    running.run("canary", "add", "domain:travellers.example", "--addresses", "9", CONTROLLED)
    assert len(running.manifest(acme).canaries) == 5


@pytest.mark.slow
def test_what_is_removed_is_in_no_index_any_more(running: Running, acme: Partner) -> None:
    running.run("canary", "remove", RANGE)
    assert hidden_from(running, acme) == set()
    assert running.manifest(acme).canaries == []
    assert running.run("canary", "list").output.count("+1202555") == 0
    # What stays tells whose they were, and not what.
    assert running.rows("SELECT count(*), max(length(sealed)) FROM canaries") == [(5, 0)]


@pytest.mark.slow
def test_what_is_removed_and_added_again_is_its_partners_as_before_and_nobody_elses(
    running: Running, acme: Partner
) -> None:
    zeta = running.add_partner("zeta")
    before = hidden_from(running, acme), hidden_from(running, zeta)
    running.run("canary", "remove", RANGE)
    assert "canaries" not in running.run("status").output
    theirs = [f"{kind}:{value}" for kind, value in sorted(before[1])]
    add(running, *theirs)
    assert (hidden_from(running, acme), hidden_from(running, zeta)) == (set(), before[1])
    add(running, RANGE)
    assert (hidden_from(running, acme), hidden_from(running, zeta)) == before


def test_a_canary_is_never_given_to_another_partner_after_the_first_is_gone(
    running: Running, acme: Partner
) -> None:
    before = hidden_from(running, acme)
    running.run("partner", "remove", "acme")
    add(running, RANGE, each=20)
    zeta = running.add_partner("zeta")
    assert hidden_from(running, zeta) == set(HIDDEN) - before
    assert "of 20, 15 are in partners' indexes" in add(running, RANGE, each=20)
    assert "canaries  20, of which partners have 15" in running.run("status").output


def test_no_value_is_in_the_clear_in_the_list_file_or_the_ledger(
    running: Running, acme: Partner
) -> None:
    stored = (running.home / "list.sqlite").read_bytes()
    assert not any(value.encode() in stored for _, value in HIDDEN)
    assert not any(value in str(one) for one in running.ledger() for _, value in HIDDEN)


def test_test_keys_have_none(running: Running, acme: Partner) -> None:
    tester = running.add_partner("tester", "--test")
    assert running.manifest(tester).canaries == []


@pytest.mark.slow
def test_a_backup_has_them(vault: Vault) -> None:
    add(vault.running, RANGE)
    before = hidden_from(vault.running, vault.partner)
    vault.back_up()
    vault.lose()
    vault.restore()
    vault.running.run("compact", "--all")
    assert hidden_from(vault.running, vault.partner) == before
    assert len(before) == 5


def test_a_test_partner_is_given_none_and_uses_up_none(running: Running) -> None:
    running.publish(LIST)
    trial = running.add_partner("a-trial", "--test")
    add(running, RANGE, each=20)
    assert running.manifest(trial).canaries == []
    assert len(running.manifest(running.add_partner("zeta")).canaries) == 20
    assert "canaries  20, of which partners have 20" in running.run("status").output
