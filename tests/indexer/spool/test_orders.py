"""What the console has ordered of partners is in force after `indexer spool apply`, and told."""

import json
from collections.abc import Callable

import pytest

from screening.spools.acknowledgement import Refused
from screening.spools.order import Resume, Suspend
from screening.spools.partners_told import PartnersTold
from tests.harness.spool_console import ANN, BEN, CAT, DAY, TODAY, Desk, add
from tests.indexer.running import Running

PHONE = ("phone", "+12025550142")
OTHER = ("phone", "+12025550143")
SUSPEND = Suspend("acme", "its kit was seen in a public place")
RESUME = Resume("acme", "it has a new kit")


@pytest.fixture
def acme(running: Running, desk: Desk) -> Callable[[], str]:
    """A partner that is answered; what its record says of that."""
    running.add_partner("acme")
    desk.approve(add(*PHONE))
    running.run("spool", "apply")
    return lambda: running.records()["acme"].state


def test_one_person_suspends_and_two_resume(
    running: Running, desk: Desk, acme: Callable[[], str]
) -> None:
    desk.order(SUSPEND, by=[ANN])
    assert "file 2: acme is suspended" in running.run("spool", "apply").output
    assert acme() == "suspended"
    desk.order(RESUME)
    assert "file 3: acme is answered again" in running.run("spool", "apply").output
    assert acme() == "active"
    assert desk.outcomes() == [(1, "applied"), (2, "applied"), (3, "applied")]
    applied = [one for one in running.ledger() if one["command"] == "spool" and "order" in str(one)]
    named = [(one["batches"][0]["order"], one["batches"][0]["signed_by"]) for one in applied]
    assert named == [("suspend", ["ann"]), ("resume", ["ann", "ben"])]
    desk.approve(add(*OTHER))
    running.run("spool", "apply")
    assert desk.outcomes()[-1] == (4, "applied")


def half_signed(desk: Desk) -> None:
    desk.order(RESUME, by=[ANN])


def signed_twice(desk: Desk) -> None:
    desk.order(RESUME, by=[ANN, ANN])


def unsigned(desk: Desk) -> None:
    desk.order(SUSPEND, by=[])


def by_somebody_unknown(desk: Desk) -> None:
    desk.order(SUSPEND, by=[CAT])


def edited(desk: Desk) -> None:
    signed = desk.console.approved(desk.console.order(RESUME), ANN, BEN)
    other = desk.console.order(Resume("acme", "somebody else says so"))
    desk.write(type(signed)(other, signed.signatures))


def expired(desk: Desk) -> None:
    times = {"written_at": TODAY - 9 * DAY, "not_before": TODAY - 9 * DAY}
    order = desk.console.order(SUSPEND, **times, expires_at=TODAY - DAY)
    desk.write(desk.console.approved(order, ANN))


def for_another_deployment(desk: Desk) -> None:
    order = desk.console.order(SUSPEND, deployment="0" * 16)
    desk.write(desk.console.approved(order, ANN))


def beside_a_batch(desk: Desk) -> None:
    console = desk.console
    batch = console.approved(console.batch(add(*OTHER)), ANN, BEN)
    desk.write(batch, console.approved(console.order(SUSPEND), ANN))


def of_a_drifted_list(desk: Desk) -> None:
    desk.console.statements = desk.console.statements.changed(begun=[b"another"])
    desk.order(SUSPEND, by=[ANN])


def of_no_partner(desk: Desk) -> None:
    desk.order(Suspend("nobody", "it was never here"), by=[ANN])


REFUSED = {
    half_signed: "half_signed",
    signed_twice: "signed_twice",
    unsigned: "half_signed",
    by_somebody_unknown: "unknown_approver",
    edited: "bad_signature",
    expired: "expired",
    for_another_deployment: "wrong_deployment",
    beside_a_batch: "malformed",
    of_a_drifted_list: "drifted",
    of_no_partner: "not_possible",
}


@pytest.mark.parametrize("write", REFUSED, ids=lambda write: write.__name__)
def test_an_order_that_is_not_to_be_followed_changes_nothing(
    running: Running, desk: Desk, acme: Callable[[], str], write: Callable[[Desk], None]
) -> None:
    before = running.stored()
    write(desk)
    running.run("spool", "apply", expect=4)
    assert running.stored() == before
    assert acme() == "active"
    assert desk.outcomes()[1:] == [(2, REFUSED[write])]


def test_an_order_is_followed_once(running: Running, desk: Desk, acme: Callable[[], str]) -> None:
    order = desk.console.approved(desk.console.order(SUSPEND), ANN)
    desk.write(order)
    running.run("spool", "apply")
    desk.order(RESUME)
    running.run("spool", "apply")
    desk.write(order)
    running.run("spool", "apply", expect=4)
    assert acme() == "active"
    of = desk.told()[-1].of
    assert isinstance(of, Refused)
    assert of.code == "batch_seen"


def test_an_order_that_is_killed_is_followed_by_the_next_command(
    running: Running, desk: Desk, acme: Callable[[], str]
) -> None:
    desk.order(SUSPEND, by=[ANN])
    seen = set()
    for _ in running.killed_everywhere("spool", "apply"):
        seen.add(acme())
        running.run("spool", "apply")
        assert acme() == "suspended"
        assert desk.outcomes() == [(1, "applied"), (2, "applied")]
        for path in (desk.spools / "up").glob("0000000002.up"):
            path.unlink()
    assert seen == {"active", "suspended"}


def test_the_console_is_told_how_partners_stand_when_that_has_changed(
    running: Running, desk: Desk, acme: Callable[[], str]
) -> None:
    assert running.run("spool", "partners").output == "told of 1 partner\n"
    assert running.run("spool", "partners").output == "the console knows all of it\n"
    desk.order(SUSPEND, by=[ANN])
    running.run("spool", "apply")
    running.run("spool", "partners")
    told = [one for one in desk.told_beside() if isinstance(one, PartnersTold)]
    assert [[(p.partner, p.state) for p in one.partners] for one in told] == [
        [("acme", "active")],
        [("acme", "suspended")],
    ]
    (partner,) = told[-1].partners
    status = json.loads(running.run("status", "--json").output)["partners"][0]
    assert [key.id for key in partner.api_keys] == [key["id"] for key in status["api_keys"]]
    assert partner.token_keys == [index["key_id"] for index in status["indexes"]]
