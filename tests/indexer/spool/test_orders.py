"""What the console has ordered of partners is in force after `indexer spool apply`, and told."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from screening.spools.acknowledgement import Refused
from screening.spools.issued_kit import IssuedKit, open_kit
from screening.spools.order import Admit, Entitlement, Notify, Resume, Rotate, Suspend
from screening.spools.partners_told import PartnersTold
from screening.vocabulary.kit import Kit, encode_kit, parse_kit
from tests.harness.deployment import Partner
from tests.harness.slow import slow_but_first
from tests.harness.spool_console import ANN, BEN, CAT, DAY, TODAY, Desk, add
from tests.indexer.running import Running
from tests.indexer.test_notices import rows_of

PHONE, OTHER = ("phone", "+12025550142"), ("phone", "+12025550143")
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
    assert "file 2, release 3: acme is suspended" in running.run("spool", "apply").output
    assert acme() == "suspended"
    desk.order(RESUME)
    assert "file 3, release 4: acme is answered again" in running.run("spool", "apply").output
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


REFUSED: dict[Callable[[Desk], None], str] = {
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


@slow_but_first(4, "write", REFUSED, ids=lambda write: write.__name__)
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


def test_one_person_has_a_partner_told_of_what_was_retracted(
    running: Running, desk: Desk, acme: Callable[[], str]
) -> None:
    rows = [f"{'a' * 26}.0", f"{'b' * 26}.12"]
    desk.order(Notify("acme", "it was somebody else's", rows=rows), by=[ANN])
    assert "acme is told what was retracted" in running.run("spool", "apply").output
    assert rows_of(running) == rows
    desk.order(Notify("nobody", "it was somebody else's", rows=rows), by=[ANN])
    running.run("spool", "apply", expect=4)
    assert desk.outcomes()[1:] == [(2, "applied"), (3, "not_possible")]


SEALED_TO = X25519PrivateKey.from_private_bytes(bytes(range(40, 72)))
WHOLE = Entitlement(
    kinds=["phone", "card", "email"],
    roles=["trafficker", "facilitator", "buyer", "business"],
    min_confidence=0,
    lists=None,
    jurisdictions=None,
)
URL = "https://screening.example"
PUBLIC = SEALED_TO.public_key().public_bytes_raw()


def admit(name: str = "beta", entitlement: Entitlement = WHOLE, **others: Any) -> Admit:
    said: dict[str, Any] = {"mode": "live", "scopes": ["bulk"], "sealed_to": PUBLIC, **others}
    return Admit(name, "agreed on", api_url=URL, entitlement=entitlement, **said)


def rotation() -> Rotate:
    return Rotate("acme", "once a year", api_url=URL, sealed_to=PUBLIC, overlap_days=7)


def kits(desk: Desk) -> list[tuple[IssuedKit, Kit]]:
    """Return what was told of kits, and what the one who ordered them opens of it."""
    told = [one for one in desk.told_beside() if isinstance(one, IssuedKit)]
    opened = [
        open_kit(one.sealed, SEALED_TO, deployment=one.deployment, batch=one.batch) for one in told
    ]
    return [(one, parse_kit(kit or b"")) for one, kit in zip(told, opened, strict=True)]


@pytest.mark.parametrize(
    "order",
    [SUSPEND, Notify("acme", "somebody else's", rows=[f"{'a' * 26}.0"]), rotation()],
    ids=lambda one: type(one).__name__,
)
def test_what_passes_is_not_told_as_final_and_the_order_is_followed_once_it_has(
    running: Running, desk: Desk, acme: Callable[[], str], order: Suspend | Notify | Rotate
) -> None:
    (key,) = running.home.rglob("token-keys/*.json")
    whole = key.read_bytes()
    key.write_bytes(b"cut off")
    desk.order(order, by=[ANN, BEN] if isinstance(order, Rotate) else [ANN])
    assert "Traceback" not in running.run("spool", "apply", expect=2).output
    assert desk.outcomes() == [(1, "applied")]
    key.write_bytes(whole)
    running.run("spool", "apply")
    assert desk.outcomes() == [(1, "applied"), (2, "applied")]
    assert acme() == ("suspended" if order is SUSPEND else "active")
    assert (left_unsealed(running), len(kits(desk))) == ([], isinstance(order, Rotate))


def left_unsealed(running: Running) -> list[str]:
    return [path.name for path in running.home.rglob("*.kit.json")]


def test_a_new_partner_is_ordered_and_its_kit_comes_up_sealed(
    running: Running, desk: Desk, acme: Callable[[], str]
) -> None:
    phones = msgspec.structs.replace(WHOLE, kinds=["phone"])
    desk.approve(add("email", "jane@booking.example"))
    desk.order(admit(entitlement=phones))
    running.run("spool", "apply")
    ((told, kit),) = kits(desk)
    assert (told.of, told.partner, kit.partner, kit.api_url) == (3, "beta", "beta", URL)
    assert kit.api_key.encode() not in told.sealed
    (desk.spools / "beta.kit.json").write_bytes(encode_kit(kit))
    (desk.spools / "beta.kit.json").chmod(0o600)
    beta = Partner(desk.spools / "beta.kit.json")
    assert running.listed(beta, PHONE, ("email", "jane@booking.example")) == [True, False]
    (key,) = running.records()["beta"].api_keys
    assert (key.id, key.scopes) == (kit.parsed_api_key().id, ["bulk"])
    assert left_unsealed(running) == []
    assert desk.outcomes()[-1] == (3, "applied")


def test_new_keys_are_ordered_beside_the_old_ones(
    running: Running, desk: Desk, acme: Callable[[], str]
) -> None:
    desk.order(rotation())
    running.run("spool", "apply")
    ((_, kit),) = kits(desk)
    record = running.records()["acme"]
    assert record.key_ids[0] == kit.token_key.key_id
    assert record.api_keys[0].id == kit.parsed_api_key().id
    assert (len(record.key_ids), len(record.api_keys)) == (2, 2)
    before = running.stored()
    desk.order(rotation())
    assert "was given new keys" in running.run("spool", "apply", expect=4).output
    assert running.stored() == before, "the time of the old keys is not made shorter"
    assert desk.outcomes()[-1] == (3, "not_possible")


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (admit("acme"), "not_possible"),
        (admit(mode="test", entitlement=msgspec.structs.replace(WHOLE, kinds=["phone"])), None),
        (admit(sealed_to=bytes(32)), "malformed"),
    ],
    ids=["a partner that is there", "a limited test partner", "sealed to what is no key"],
)
def test_no_partner_is_added_by_an_order_that_is_refused(
    running: Running, desk: Desk, acme: Callable[[], str], order: Admit, code: str | None
) -> None:
    before = running.stored()
    desk.order(order)
    running.run("spool", "apply", expect=4)
    assert running.stored() == before
    assert desk.outcomes()[1:] == [(2, code or "not_possible")]
    assert kits(desk) == []
    assert left_unsealed(running) == []


@slow_but_first(0, "order", [admit(), rotation()], ids=lambda one: type(one).__name__)
def test_an_order_of_keys_that_is_killed_gives_one_kit_that_opens(
    running: Running, desk: Desk, acme: Callable[[], str], order: Admit | Rotate
) -> None:
    desk.order(order)
    for _ in running.killed_everywhere("spool", "apply"):
        running.run("spool", "apply")
        ((_, kit),) = kits(desk)
        record = running.records()[order.partner]
        assert kit.parsed_api_key().id in [key.id for key in record.api_keys]
        assert kit.token_key.key_id in record.key_ids
        assert left_unsealed(running) == []
        assert desk.outcomes() == [(1, "applied"), (2, "applied")]
        for sequence in (2, 3):
            (desk.spools / f"up/{sequence:010}.up").unlink()
