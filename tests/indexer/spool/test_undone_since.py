"""Nothing that the console sends undoes what was decided after it was written."""

import json
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from screening.spools.order import Admit, Entitlement
from tests.harness.deployment import Partner
from tests.harness.slow import slow_but_first
from tests.harness.spool_console import ANN, BEN, Desk, add, lift, now, retract
from tests.indexer.running import Running
from tests.indexer.spool.undoing import (
    EXCLUDE,
    FIRST,
    NUMBERS,
    OTHER,
    PHONE,
    RESUME,
    SECOND,
    SUSPEND,
    THIRD,
    UNEXCLUDE,
    again,
    applied,
    partner_of_first_file,
    refused,
    written_anew,
)

ADMIT = Admit(
    "acme",
    "agreed on",
    api_url="https://screening.example",
    sealed_to=X25519PrivateKey.generate().public_key().public_bytes_raw(),
    mode="live",
    scopes=["check"],
    entitlement=Entitlement(["phone"], ["trafficker"], 0, None, None),
)


@pytest.fixture
def partner(running: Running, desk: Desk) -> Partner:
    return partner_of_first_file(running, desk)


def by_the_console(running: Running, desk: Desk) -> None:
    desk.approve(retract(*PHONE), by=[ANN], at=THIRD)
    applied(running, desk)


def by_hand(running: Running, desk: Desk) -> None:
    running.run("retract", ":".join(PHONE), "--reason", "given to somebody else")


def by_the_console_again(running: Running, desk: Desk) -> None:
    desk.approve(retract(*PHONE), by=[ANN], at=FIRST)
    applied(running, desk)
    by_the_console(running, desk)


def by_hand_again(running: Running, desk: Desk) -> None:
    desk.approve(retract(*PHONE), by=[ANN], at=FIRST)
    applied(running, desk)
    by_hand(running, desk)
    assert running.ledger()[-1]["command"] == "retract again"


def by_the_console_and_once_more_by_what_is_older(running: Running, desk: Desk) -> None:
    by_the_console(running, desk)
    desk.approve(retract(*PHONE), by=[ANN], at=FIRST)
    applied(running, desk)


@slow_but_first(
    2,
    "take_off",
    [
        by_the_console,
        by_hand,
        by_the_console_again,
        by_hand_again,
        by_the_console_and_once_more_by_what_is_older,
    ],
    ids=lambda one: one.__name__,
)
def test_what_was_written_before_it_was_taken_off_allows_nobody_again(
    running: Running, desk: Desk, partner: Partner, take_off: Callable[[Running, Desk], None]
) -> None:
    take_off(running, desk)
    statements, said = desk.console.statements, dict(desk.console.said)
    again(desk, SECOND)
    why = refused(running, desk)
    assert f"this was written at {SECOND:%Y-%m-%dT%H:%M:%SZ}, and a selector" in why
    assert "was taken off the list after that" in why
    assert "have it written anew where it is right all the same" in why
    assert PHONE[1] not in why
    assert running.listed(partner, PHONE) == [False]
    desk.console.statements, desk.console.said = statements, said
    written_anew(desk, lambda: desk.approve(add(*OTHER), at=THIRD))
    applied(running, desk)
    assert running.listed(partner, PHONE, OTHER) == [False, True], "the turn goes on"
    again(desk, now())
    applied(running, desk)
    assert running.listed(partner, PHONE) == [True]


def test_a_lift_of_the_very_second_is_of_what_was_known(
    running: Running, desk: Desk, partner: Partner
) -> None:
    desk.approve(retract(*PHONE), by=[ANN], at=SECOND)
    again(desk, SECOND)
    applied(running, desk)
    assert running.listed(partner, PHONE) == [True]


def test_a_retraction_of_the_same_file_is_not_undone_by_what_was_written_before_it(
    running: Running, desk: Desk, partner: Partner
) -> None:
    console = desk.console
    moments = [{"written_at": at, "not_before": at} for at in (THIRD, SECOND)]
    off = console.approved(console.batch(retract(*PHONE), **moments[0]), ANN)
    on = console.approved(console.batch(lift(*PHONE), **moments[1]), ANN, BEN)
    desk.write(off, on)
    assert "taken off the list after that" in refused(running, desk)


def test_what_one_of_another_file_took_off_before_it_was_written_stops_no_lift(
    running: Running, desk: Desk, partner: Partner
) -> None:
    desk.approve(retract(*PHONE), at=FIRST)
    applied(running, desk)
    again(desk, SECOND)
    applied(running, desk)
    assert running.listed(partner, PHONE) == [True], "whenever that was approved, nobody signs it"


def test_what_was_applied_is_applied_again_after_a_restore(
    running: Running, desk: Desk, partner: Partner
) -> None:
    passphrase, file = running.folder / "backup.pass", running.folder / "home.sealed"
    passphrase.write_text("a passphrase of the tests\n")
    passphrase.chmod(0o600)
    with_passphrase = ("--passphrase-file", str(passphrase))
    desk.approve(retract(*PHONE), by=[ANN], at=SECOND)
    applied(running, desk)
    running.run("backup", str(file), *with_passphrase)
    for _ in range(2):
        again(desk, THIRD)
        applied(running, desk)
        desk.approve(retract(*PHONE), by=[ANN], at=THIRD)
        applied(running, desk)
    again(desk, THIRD)
    applied(running, desk)
    running.home.rename(running.folder / "lost")
    running.run("restore", str(file), *with_passphrase)
    running.run("spool", "apply")
    assert json.loads(running.run("spool", "status", "--json").output)["next_sequence"] == 8
    assert {outcome for _, outcome in desk.outcomes()} == {"applied"}
    assert running.listed(partner, PHONE) == [True]


@pytest.mark.parametrize("is_by_hand", [False, True])
def test_what_was_ordered_before_a_partner_was_suspended_resumes_nobody(
    running: Running, desk: Desk, partner: Partner, *, is_by_hand: bool
) -> None:
    if is_by_hand:
        running.run("partner", "suspend", "acme")
    else:
        desk.order(SUSPEND, by=[ANN], at=THIRD)
        applied(running, desk)
    desk.order(RESUME, at=SECOND)
    why = refused(running, desk)
    assert "the partner was suspended or removed after that" in why
    assert "order it anew once it may be answered again" in why
    assert running.records()["acme"].state == "suspended"
    written_anew(desk, lambda: desk.order(RESUME, at=now()))
    applied(running, desk)
    assert running.records()["acme"].state == "active"


def test_an_older_suspension_that_comes_later_leaves_the_moment_of_the_later_one(
    running: Running, desk: Desk, partner: Partner
) -> None:
    for at in (THIRD, FIRST):
        desk.order(SUSPEND, by=[ANN], at=at)
        applied(running, desk)
    desk.order(RESUME, at=SECOND)
    refused(running, desk)


@pytest.mark.parametrize("is_by_hand", [False, True])
def test_what_was_ordered_before_a_rule_was_made_ends_none(
    running: Running, desk: Desk, partner: Partner, *, is_by_hand: bool
) -> None:
    if is_by_hand:
        running.run("exclusions", "add", "phone", "range", NUMBERS, "--category", "shelter")
    else:
        for at in (THIRD, FIRST):
            desk.order(EXCLUDE, at=at)
            applied(running, desk)
    desk.order(UNEXCLUDE, at=SECOND)
    why = refused(running, desk)
    assert "the rule was made after that" in why
    assert "order it anew where it is to end all the same" in why
    assert running.listed(partner, PHONE) == [False]
    written_anew(desk, lambda: desk.order(UNEXCLUDE, at=now()))
    applied(running, desk)
    assert running.listed(partner, PHONE) == [True]


@pytest.mark.parametrize("suspends", [True, False])
def test_what_was_ordered_before_a_partner_was_cut_off_lets_in_none_of_its_name(
    running: Running, desk: Desk, partner: Partner, *, suspends: bool
) -> None:
    if suspends:
        desk.order(SUSPEND, by=[ANN], at=THIRD)
        applied(running, desk)
    running.run("partner", "remove", "acme")
    desk.order(ADMIT, at=SECOND)
    assert "the partner was suspended or removed after that" in refused(running, desk)
    assert running.records()["acme"].state == "suspended"
    written_anew(desk, lambda: desk.order(ADMIT, at=now()))
    applied(running, desk)
    assert running.records()["acme"].state == "active"


def test_a_retraction_of_a_refused_file_counts_though_one_before_it_there_lifts(
    running: Running, desk: Desk, partner: Partner
) -> None:
    desk.approve(retract(*PHONE), by=[ANN], at=FIRST)
    applied(running, desk)
    console = desk.console
    on = console.batch(lift(*PHONE), written_at=FIRST, not_before=FIRST)
    off = console.batch(retract(*PHONE), written_at=THIRD, not_before=THIRD)
    double = console.batch(lift(*OTHER), written_at=THIRD, not_before=THIRD)
    desk.write(*(console.approved(one, ANN, BEN) for one in (on, off, double)))
    running.run("spool", "apply", expect=4)
    assert desk.outcomes()[-1] == (console.sequence, "not_retracted")
    written_anew(desk, lambda: again(desk, SECOND))
    refused(running, desk)
