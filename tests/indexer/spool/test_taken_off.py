"""The console is told whom hands have taken off beside it, for as long as that is so."""

from datetime import UTC, datetime
from unittest.mock import ANY

import pytest

from indexer.deployment import open_deployment
from indexer.spool.exclusions import KeptOff, SafetyLists
from screening.spools.exclusions_told import MOST_TAKEN_OFF, ExclusionsTold
from tests.harness.deployment import Partner
from tests.harness.spool_console import Desk, add, lift, now, retract
from tests.indexer.running import Running
from tests.indexer.silent import Silent
from tests.indexer.vault import settings_of

PHONE = ("phone", "+12025550142")
OTHER = ("phone", "+12025550143")
NEW = ("phone", "+12025550144")
EMAIL = ("email", "jane@booking.example")


@pytest.fixture
def partner(running: Running, desk: Desk) -> Partner:
    """Have two selectors listed by the console's first file."""
    partner = running.add_partner("acme")
    desk.approve(add(*PHONE), add(*OTHER))
    running.run("spool", "apply")
    return partner


def by_hand(running: Running, *of: tuple[str, str]) -> None:
    named = [":".join(one) for one in of]
    running.run("retract", *named, "--reason", "given to somebody else")


def taken_off(running: Running, desk: Desk) -> list[tuple[str, str]]:
    """Return whom the console was told of last, that they were taken off by hand."""
    running.run("spool", "exclusions")
    told = [one for one in desk.told_beside() if isinstance(one, ExclusionsTold)][-1]
    return [(one.kind, one.canonical) for one in told.taken_off]


def test_what_hands_retract_is_told_with_its_time_until_hands_lift_it(
    running: Running, desk: Desk, partner: Partner
) -> None:
    assert taken_off(running, desk) == []
    before = datetime.now(UTC).replace(microsecond=0)
    by_hand(running, OTHER, PHONE)
    assert taken_off(running, desk) == [PHONE, OTHER]
    told = [one for one in desk.told_beside() if isinstance(one, ExclusionsTold)][-1]
    assert all(before <= one.at <= told.written_at for one in told.taken_off)
    assert running.run("spool", "exclusions").output == "the console knows all of it\n"
    running.run("lift", ":".join(OTHER), "--by-hand")
    assert taken_off(running, desk) == [PHONE]
    assert not any(PHONE[1] in line for line in running.ledger())


def test_what_the_console_retracts_is_not_of_hands(
    running: Running, desk: Desk, partner: Partner
) -> None:
    by_hand(running, PHONE)
    desk.approve(retract(*PHONE), retract(*OTHER))
    running.run("spool", "apply")
    assert desk.outcomes()[-1] == (2, "applied")
    assert taken_off(running, desk) == []
    desk.approve(lift(*PHONE), add(*PHONE), at=now())
    running.run("spool", "apply")
    assert running.listed(partner, PHONE) == [True]
    by_hand(running, PHONE)
    assert taken_off(running, desk) == [PHONE], "and by hands again it is"


def test_whom_nothing_lists_hands_keep_off_and_a_file_in_flight_comes_back(
    running: Running, desk: Desk, partner: Partner
) -> None:
    by_hand(running, NEW)
    assert taken_off(running, desk) == [], "the console shows it as listed nowhere"
    desk.approve(add(*NEW))
    running.run("spool", "apply", expect=4)
    assert desk.outcomes()[-1] == (2, "retracted")
    assert running.listed(partner, NEW) == [False]
    assert taken_off(running, desk) == []


def test_who_stays_off_after_an_undo_is_told(
    running: Running, desk: Desk, partner: Partner
) -> None:
    running.run("add", ":".join(PHONE), "--role", "victim", "--by-hand")
    running.run("spool", "undo")
    assert taken_off(running, desk) == [PHONE]


def test_a_restored_indexer_tells_all_anew_for_it_does_not_know_what_was_told(
    running: Running, desk: Desk, partner: Partner
) -> None:
    assert taken_off(running, desk) == []
    passphrase, file = running.folder / "backup.pass", running.folder / "home.sealed"
    passphrase.write_text("a passphrase of the tests\n")
    passphrase.chmod(0o600)
    with_passphrase = ("--passphrase-file", str(passphrase))
    running.run("backup", str(file), *with_passphrase)
    by_hand(running, PHONE)
    assert taken_off(running, desk) == [PHONE]
    running.home.rename(running.folder / "lost")
    running.run("restore", str(file), *with_passphrase)
    assert "told of" in running.run("spool", "exclusions").output
    assert taken_off(running, desk) == [], "the backup knows nothing of it, and lists them"


def test_of_too_many_the_latest_are_told_and_how_many_are_left_out(
    running: Running, desk: Desk, partner: Partner
) -> None:
    desk.approve(add(*NEW))
    running.run("spool", "apply")
    for number, one in enumerate((OTHER, NEW, PHONE)):
        by_hand(running, one)
        running.change(f"UPDATE blocks SET at = {number} WHERE since = {4 + number}")  # noqa: S608 - our own
    settings, store = settings_of(running)
    settings = settings.model_copy(update={"spool": desk.spools})
    with open_deployment(settings, store, Silent()) as deployment:
        lists = SafetyLists(deployment, most_taken_off=2)
        assert lists.tell() is not None
        assert lists.tell(again=True) == KeptOff(rules=ANY, taken_off=2, left_out=1)
    told = [one for one in desk.told_beside() if isinstance(one, ExclusionsTold)][-1]
    assert [(one.kind, one.canonical) for one in told.taken_off] == [PHONE, NEW]
    assert told.left_out == 1


@pytest.mark.slow
def test_one_more_than_can_be_named_ends_no_telling(running: Running, desk: Desk) -> None:
    desk.approve(add(*EMAIL))
    running.run("spool", "apply")
    phones = [f"+120255{number:05}" for number in range(MOST_TAKEN_OFF + 1)]
    rows = "".join(f"phone,{one},trafficker\n" for one in phones)
    path = running.folder / "many.csv"
    path.write_text("kind,value,role\n" + rows)
    running.run("publish", str(path), "--by-hand")
    running.run("retract", *(f"phone:{one}" for one in phones), "--reason", "an emergency")
    assert len(taken_off(running, desk)) == MOST_TAKEN_OFF
    told = [one for one in desk.told_beside() if isinstance(one, ExclusionsTold)][-1]
    assert told.left_out == 1
    said = running.run("spool", "exclusions", "--again").output
    assert (
        f"told of {MOST_TAKEN_OFF:,} selectors taken off by hand; left out: 1 earlier one\n" in said
    )


def test_the_command_says_how_many_it_has_told_as_taken_off_by_hand(
    running: Running, desk: Desk, partner: Partner
) -> None:
    assert "told of 0 selectors taken off by hand" in running.run("spool", "exclusions").output
    by_hand(running, PHONE)
    assert "told of 1 selector taken off by hand" in running.run("spool", "exclusions").output
