"""What a partner is entitled to: its index holds that part of the list, and no more."""

from collections.abc import Iterable

import pytest

from tests.harness.deployment import Partner
from tests.indexer.running import NO_STRETCH, Running

HEADER = "kind,value,role,confidence,jurisdictions,list\n"
PHONE = ("phone", "+12025550142")
SURE = ("phone", "+12025550143")
ABROAD = ("phone", "+12025550144")
EMAIL = ("email", "listed@list.example")
CARD = ("card", "4242424242424242")
EVERYONE = [PHONE, SURE, ABROAD, EMAIL, CARD]
ROWS = [
    "phone,+12025550142,trafficker,40,,",
    "phone,+12025550143,buyer,90,DE US,",
    "phone,+12025550144,buyer,,FR,Border",
    "email,listed@list.example,business,70,,border",
    "card,4242424242424242,facilitator,,,",
]


def publish(running: Running, rows: Iterable[str] = ROWS, *options: str) -> None:
    path = running.folder / "list.csv"
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
    running.run("publish", str(path), *options)


def holds(running: Running, partner: Partner) -> list[tuple[str, str]]:
    """Return which of them a partner's index lists."""
    return [
        one
        for one, is_listed in zip(EVERYONE, running.listed(partner, *EVERYONE), strict=True)
        if is_listed
    ]


def generations(running: Running, *partners: Partner) -> list[str]:
    return [running.manifest(partner).generation for partner in partners]


POLICIES = [
    ("--whole-list", EVERYONE, "the whole list"),
    ("--kinds phone", [PHONE, SURE, ABROAD], "phone entries"),
    ("--kinds Card,email", [EMAIL, CARD], "card, email entries"),
    ("--roles buyer", [SURE, ABROAD], "entries as buyer"),
    ("--min-confidence 70", [SURE, EMAIL], "entries from 70 % confidence"),
    ("--lists border", [ABROAD, EMAIL], "entries of border"),
    ("--lists DEFAULT,border", EVERYONE, "entries of border, default"),
    ("--jurisdictions de", [PHONE, SURE, EMAIL, CARD], "entries in DE"),
    ("--jurisdictions NL", [PHONE, EMAIL, CARD], "entries in NL"),
    (
        "--kinds phone,email --roles buyer,business --min-confidence 60 --lists default "
        "--jurisdictions FR,US",
        [SURE],
        "phone, email entries as buyer, business from 60 % confidence of default in FR, US",
    ),
]


def test_a_partner_s_index_holds_what_its_policy_covers_and_nothing_else(running: Running) -> None:
    publish(running)
    partner, other = running.add_partner("acme"), running.add_partner("zeta")
    theirs = generations(running, other)
    for options, expected, words in POLICIES:
        said = running.run("partner", "policy", "acme", *options.split()).output
        assert said.startswith(f"acme is answered from {words}\n")
        assert holds(running, partner) == expected, options
        assert holds(running, other) == EVERYONE
        # What is not its own is not there to be guessed at either.
        assert running.manifest(partner).files.count == len(expected)
    assert generations(running, other) == theirs


@pytest.mark.slow
def test_a_partner_may_begin_with_a_policy_before_there_is_a_list(running: Running) -> None:
    before = running.add_partner("early", *NO_STRETCH, "--kinds", "email", "--lists", "border")
    publish(running)
    after = running.add_partner("late", *NO_STRETCH, "--roles", "buyer", "--min-confidence", "50")
    assert (holds(running, before), holds(running, after)) == ([EMAIL], [SURE])
    added = [one for one in running.ledger() if one["command"] == "partner add"]
    assert added[0]["policy"]["lists"] == ["border"]
    assert added[1]["policy"]["min_confidence"] == 50


@pytest.mark.slow
def test_a_new_policy_uploads_one_new_generation_and_leaves_others_alone(running: Running) -> None:
    publish(running)
    partner, other = running.add_partner("acme"), running.add_partner("zeta")
    publish(running, [*ROWS, "phone,+12025550145,buyer,,,"])  # both have an overlay now
    before, theirs = running.stored(), running.overlay(other.kit.token_key.key_id)
    first = generations(running, partner, other)
    running.run("partner", "policy", "acme", "--kinds", "phone")
    changed = generations(running, partner, other)
    assert (changed[0] != first[0], changed[1]) == (True, first[1])
    new = running.stored().keys() - before.keys()
    assert new
    assert all(changed[0].encode() in key for key in new)
    assert running.overlay(partner.kit.token_key.key_id) == {}
    assert running.overlay(other.kit.token_key.key_id) == theirs != {}


@pytest.mark.parametrize(
    "again",
    ["--lists Border,border --jurisdictions us,US,DE", "--jurisdictions DE,US --lists border"],
)
@pytest.mark.slow
def test_the_same_policy_however_it_is_spelled_builds_nothing(running: Running, again: str) -> None:
    publish(running)
    partner = running.add_partner(
        "acme", *NO_STRETCH, "--lists", "border", "--jurisdictions", "DE,US"
    )
    first = generations(running, partner)
    running.run("partner", "policy", "acme", *again.split())
    assert generations(running, partner) == first


def test_a_change_reaches_the_partners_whose_policy_covers_it(running: Running) -> None:
    publish(running)
    sure = running.add_partner("sure", *NO_STRETCH, "--min-confidence", "50")
    border = running.add_partner("border", *NO_STRETCH, "--lists", "border")
    built = generations(running, sure, border)
    running.run("add", f"card:{CARD[1]}", "--role", "buyer", "--confidence", "80")
    assert (holds(running, sure), holds(running, border)) == ([SURE, EMAIL, CARD], [ABROAD, EMAIL])
    assert running.overlay(border.kit.token_key.key_id) == {}
    # What is said anew with less confidence leaves the one, and what nobody may see again both.
    arguments = ["--role", "business", "--confidence", "10", "--list", "border"]
    running.run("add", f"email:{EMAIL[1]}", *arguments)
    assert (holds(running, sure), holds(running, border)) == ([SURE, CARD], [ABROAD, EMAIL])
    running.run("add", f"email:{EMAIL[1]}", "--role", "victim", "--list", "somewhere else")
    assert (holds(running, sure), holds(running, border)) == ([SURE, CARD], [ABROAD])
    running.run("rollback")
    assert EMAIL not in holds(running, border)
    running.run("compact", "--all")
    assert (holds(running, sure), holds(running, border)) == ([SURE, CARD], [ABROAD])
    assert built != generations(running, sure, border)


@pytest.mark.slow
def test_an_end_that_is_no_concern_of_a_policy_does_not_show_in_its_index(running: Running) -> None:
    path = running.folder / "list.csv"
    path.write_text(
        "kind,value,role,confidence,source,expires_at\n"
        f"phone,{PHONE[1]},buyer,90,a,2050-01-01\nphone,{PHONE[1]},buyer,10,b,2060-01-01\n"
    )
    running.run("publish", str(path))
    everything = running.add_partner("acme")
    sure = running.add_partner("sure", *NO_STRETCH, "--min-confidence", "50")
    (later,), (sooner,) = (running.listed_until(one, PHONE) for one in (everything, sure))
    assert sooner < later


@pytest.mark.slow
def test_to_look_at_a_policy_changes_nothing(running: Running) -> None:
    publish(running)
    partner = running.add_partner("acme", *NO_STRETCH, "--kinds", "phone", "--roles", "buyer")
    before, recorded = running.stored(), running.ledger()
    said = running.run("partner", "policy", "acme").output
    assert said == "acme is answered from phone entries as buyer\n"
    assert (running.stored(), running.ledger()) == (before, recorded)
    assert holds(running, partner) == [SURE, ABROAD]


BEGINNING = [
    (["publish", "{list}"], "new lists: hotles, safe"),
    (["publish", "--changes", "{list}"], "new lists: hotles, safe"),
    (["import", "{list}"], "new lists: hotles, safe"),
    (["import", "{list}", "--dry-run"], "would be new lists: hotles, safe"),
    (["add", "phone:+12025550148", "--role", "buyer", "--list", "Hotles"], "new lists: hotles"),
]


@pytest.mark.parametrize(("command", "sentence"), BEGINNING)
@pytest.mark.slow
def test_a_list_that_a_change_begins_is_named_and_that_no_policy_reaches_it(
    running: Running, command: list[str], sentence: str
) -> None:
    publish(running)
    path = running.folder / "more.csv"
    rows = [*ROWS, "phone,+12025550148,buyer,,,Hotles", "phone,+12025550149,victim,,,safe"]
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
    arguments = [str(path) if one == "{list}" else one for one in command]
    running.add_partner("acme", *NO_STRETCH, "--lists", "border,default")
    done = running.run(*arguments)
    assert f"  {sentence}" in done.stdout.splitlines()
    # A victim is protected in all lists, whatever list has the entry.
    assert "no partner's policy reaches hotles; if a name is misspelt" in done.stderr
    again = running.run(*arguments).output
    assert ("new lists" in again) == ("policy reaches" in again) == ("--dry-run" in command)


@pytest.mark.slow
def test_a_list_that_one_policy_reaches_is_new_and_not_out_of_reach(running: Running) -> None:
    publish(running)
    running.add_partner("acme", *NO_STRETCH, "--lists", "border")
    running.add_partner("zeta")
    path = running.folder / "hotels.csv"
    path.write_text(f"{HEADER}phone,+12025550148,buyer,,,hotels\n")
    said = running.run("publish", "--changes", str(path)).output
    assert "  new lists: hotels" in said.splitlines()
    assert "policy reaches" not in said


def test_a_test_partner_reaches_no_list(running: Running) -> None:
    publish(running)
    running.add_partner("acme", *NO_STRETCH, "--lists", "border")
    running.add_partner("probe", "--test")
    said = running.run("add", "phone:+12025550148", "--role", "buyer", "--list", "hotels").output
    assert "no partner's policy reaches hotels" in said


@pytest.mark.slow
def test_the_first_list_names_what_it_was_given_names_for(running: Running) -> None:
    path = running.folder / "list.csv"
    path.write_text(HEADER + "".join(f"{row}\n" for row in ROWS))
    assert "  new lists: border" in running.run("publish", str(path)).output.splitlines()


REFUSED = [
    (["policy", "acme", "--kinds", "passport"], "--kinds: choose of phone, card, email"),
    (["policy", "acme", "--kinds", ""], "--kinds: choose of phone, card, email"),
    (
        ["policy", "acme", "--roles", "victim"],
        "--roles: choose of trafficker, facilitator, buyer, business",
    ),
    (["policy", "acme", "--roles", "buyer,disputed"], "--roles: choose of trafficker"),
    (["policy", "acme", "--min-confidence", "101"], "--min-confidence"),
    (["policy", "acme", "--whole-list", "--kinds", "card"], "leave the other options away"),
    (["policy", "probe"], "permanent test list"),
    (["policy", "acme", "--lists", "2026"], "leave the option away for any"),
    (["policy", "acme", "--jurisdictions", "DE,Germany"], "leave the option away for any"),
    (["policy", "acme", "--jurisdictions", "ß"], "leave the option away for any"),
    (["policy", "probe", "--kinds", "phone"], "permanent test list"),
    (["policy", "nobody", "--kinds", "phone"], "no partner of that name"),
    (["add", "new", "--test", "--kinds", "phone"], "permanent test list"),
]


def test_what_no_policy_can_be_is_refused_in_one_line_and_nothing_changes(running: Running) -> None:
    publish(running)
    running.add_partner("acme")
    running.add_partner("probe", "--test")
    before, recorded = running.stored(), running.ledger()
    for command, sentence in REFUSED:
        files = ["--kit", "new.json", "--api-url", "https://api.example"]
        done = running.run("partner", *command, *(files if command[0] == "add" else []), expect=2)
        assert sentence in done.output
        assert done.output.count("\n") == 1, done.output
        assert (running.stored(), running.ledger()) == (before, recorded), command


@pytest.mark.slow
def test_partner_policy_killed_before_any_step_is_completed_by_the_same_command(
    running: Running,
) -> None:
    publish(running)
    partner, other = running.add_partner("acme"), running.add_partner("zeta")
    before, theirs = running.stored(), generations(running, other)
    held = []
    for _ in running.killed_everywhere("partner", "policy", "acme", "--kinds", "phone"):
        held.append(holds(running, partner))
        has_begun = running.ledger()[-1]["command"].startswith("partner policy")
        assert has_begun or running.stored() == before
        running.run("partner", "policy", "acme", "--kinds", "phone")
        assert holds(running, partner) == [PHONE, SURE, ABROAD]
        assert running.manifest(partner).files.count == 3
        assert (holds(running, other), generations(running, other)) == (EVERYONE, theirs)
        # Of a generation that was never in force nothing is left.
        names = {key.split(b":")[2] for key in running.redis.scan_iter("generation:acme-*")}
        assert len(names) == 2
        assert {head.release for head in running.heads().values()} == {
            record.sequence for record in running.records().values()
        }
    # There were kills on both sides of the flip, and none between the two policies.
    assert list(map(list, dict.fromkeys(map(tuple, held)))) == [EVERYONE, [PHONE, SURE, ABROAD]]
