"""New partners and new keys: what is ordered, and the kit that comes for the one who ordered it."""

from uuid import UUID

import msgspec
import pytest

from intelligence.errors import FormRefused, NotPermitted
from intelligence.partners.proposals import KINDS, ROLES, TypedPartner, new_partner, rotation
from screening.spools.issued_kit import IssuedKit, seal_kit
from screening.spools.order import Admit, Entitlement, Order, PartnerOrder, Rotate, parse_signed
from tests.intelligence.partners.office import PartnerOffice
from tests.intelligence.staff.services import PASSWORD, Person

KIT = b'{"format":"screening-kit/1","api_key":"a secret of the partner"}'
URL = "https://screening.example"
TYPED = {
    "name": "beta",
    "reason": "agreed on",
    "api_url": URL,
    "is_test": False,
    "has_bulk": True,
    "kinds": ["email", "phone"],
    "roles": ["buyer", "trafficker"],
    "min_confidence": 40,
    "lists": "Vice, default",
    "jurisdictions": "us, DE",
}


def typed(**others: object) -> TypedPartner:
    return TypedPartner(**{**TYPED, **others})  # type: ignore[arg-type]  # of a test's words


def order_of(office: PartnerOffice, sequence: int) -> PartnerOrder:
    signed = parse_signed(office.desk.indexer.export(sequence).batches[0].batch)
    assert isinstance(signed, PartnerOrder)
    return signed


def issued(office: PartnerOffice, sequence: int, kit: bytes = KIT) -> None:
    """Have the next file written and followed, and the kit told, sealed as it says."""
    office.desk.exchange.take_turn()
    signed = order_of(office, sequence)
    assert isinstance(signed.order, Admit | Rotate)
    names = {"deployment": signed.deployment, "batch": signed.batch}
    sealed = seal_kit(kit, signed.order.sealed_to, **names)
    of = (sequence, signed.batch, signed.order.partner, sealed)
    office.desk.indexer.write(lambda head: IssuedKit("screening-issued-kit/1", *head, *of))
    office.applied(sequence)


def taken(office: PartnerOffice, order_id: UUID, by: Person | None = None) -> bytes:
    return office.partners.kits.take((by or office.pam).who, order_id, PASSWORD)[1]


def test_a_new_partner_is_what_was_chosen_and_its_kit_is_taken_once(office: PartnerOffice) -> None:
    order_id = office.approved(new_partner(typed()))
    issued(office, 1)
    order = order_of(office, 1).order
    assert isinstance(order, Admit)
    assert (order.partner, order.mode, order.scopes) == ("beta", "live", ["check", "bulk"])
    assert order.entitlement == Entitlement(
        ["phone", "email"], ["trafficker", "buyer"], 40, ["default", "vice"], ["DE", "US"]
    )
    with pytest.raises(FormRefused, match="the one alone who has ordered it"):
        taken(office, order_id, by=office.per)
    with pytest.raises(FormRefused, match="password"):
        office.partners.kits.take(office.pam.who, order_id, "another password")
    assert taken(office, order_id) == KIT
    with pytest.raises(FormRefused, match="no kit is here"):
        taken(office, order_id)
    shown = office.shown(order_id)
    assert shown.kit_came_at
    assert shown.kit_taken_at
    assert '"kit taken"' in office.services.records()


def test_a_kit_of_new_keys_is_opened_with_a_password_that_was_changed_meanwhile(
    office: PartnerOffice,
) -> None:
    order_id = office.approved(rotation("acme", "once a year", URL, 7))
    issued(office, 1)
    order = order_of(office, 1).order
    assert isinstance(order, Rotate)
    assert (order.partner, order.overlap_days, order.api_url) == ("acme", 7, URL)
    resealed = office.services.signing_keys.resealed(office.pam.who.account_id, PASSWORD, PASSWORD)
    assert resealed is not None
    with office.desk.database.writing() as session:
        resealed.keep(session, office.pam.who.account_id)
    assert taken(office, order_id) == KIT


def test_two_orders_are_sealed_to_two_keys(office: PartnerOffice) -> None:
    for sequence, name in ((1, "beta"), (2, "gamma")):
        office.approved(new_partner(typed(name=name)))
        issued(office, sequence)
    orders = [order_of(office, sequence).order for sequence in (1, 2)]
    keys = {one.sealed_to for one in orders if isinstance(one, Admit)}
    assert len(keys) == 2
    assert bytes(32) not in keys


def test_whoever_has_made_another_key_meanwhile_has_the_keys_rotated(
    office: PartnerOffice,
) -> None:
    order_id = office.approved(new_partner(typed()))
    issued(office, 1)
    office.services.signing_keys.make(office.pam.who, PASSWORD)
    with pytest.raises(FormRefused, match="rotated"):
        taken(office, order_id)
    assert office.shown(order_id).kit_taken_at is None


def test_a_kit_that_comes_again_after_a_restore_is_the_one_that_holds(
    office: PartnerOffice,
) -> None:
    order_id = office.approved(new_partner(typed()))
    issued(office, 1)
    assert taken(office, order_id) == KIT
    issued(office, 1, b"another kit")
    assert taken(office, order_id) == b"another kit"


def kit_told(office: PartnerOffice, signed: PartnerOrder, kit: bytes = KIT) -> None:
    """Have a kit told as of a file that this console does not know."""
    assert isinstance(signed.order, Admit)
    names = {"deployment": signed.deployment, "batch": signed.batch}
    sealed = seal_kit(kit, signed.order.sealed_to, **names)
    of = (9, signed.batch, signed.order.partner, sealed)
    office.desk.indexer.write(lambda head: IssuedKit("screening-issued-kit/1", *head, *of))
    office.desk.exchange.take_turn()


def test_a_kit_opens_though_a_restore_has_forgotten_that_its_order_had_left(
    office: PartnerOffice,
) -> None:
    order_id = office.approved(new_partner(typed()))
    row = office.desk.row(order_id)
    signed = parse_signed(office.desk.seals.open(row, "content"))
    assert isinstance(signed, PartnerOrder)
    office.orders.withdraw(office.pam.who, order_id, "as a restore does")
    kit_told(office, signed)
    assert taken(office, order_id) == KIT
    kit_told(office, msgspec.structs.replace(signed, batch="a" * 26))
    assert '"kit of no order here","partner":"beta"' in office.services.records()
    assert office.shown(order_id).kit_taken_at


def test_approvers_take_no_kit(office: PartnerOffice) -> None:
    order_id = office.approved(new_partner(typed()))
    issued(office, 1)
    with pytest.raises(NotPermitted):
        taken(office, order_id, by=office.desk.abel)


@pytest.mark.parametrize(
    ("others", "says"),
    [
        ({"name": "Beta!"}, "name"),
        ({"name": "beta\n"}, "name"),
        ({"reason": None}, "reason"),
        ({"api_url": "http://screening.example"}, "address"),
        ({"api_url": None}, "address"),
        ({"kinds": []}, "kind"),
        ({"roles": ["victim"]}, "role"),
        ({"min_confidence": 101}, "confidence"),
        ({"jurisdictions": "Germany"}, "countries"),
        ({"lists": "1st list"}, "characters"),
        ({"reason": "x" * 2_001}, "too long"),
        ({"is_test": True}, "permanent test list"),
    ],
)
def test_what_cannot_be_ordered_is_said_in_a_sentence(others: dict[str, object], says: str) -> None:
    with pytest.raises(FormRefused, match=says):
        new_partner(typed(**others))


def test_a_test_partner_that_nothing_limits_can_be_ordered() -> None:
    order = new_partner(
        typed(
            is_test=True,
            kinds=KINDS,
            roles=ROLES,
            min_confidence=None,
            lists=None,
            jurisdictions=None,
        )
    )
    assert isinstance(order, Admit)
    assert order.mode == "test"


@pytest.mark.parametrize("days", [None, 366])
def test_a_rotation_says_how_long_old_keys_stay(days: int | None) -> None:
    with pytest.raises(FormRefused, match="from 0 to 365"):
        rotation("acme", "once a year", URL, days)


def test_no_partner_is_ordered_of_a_name_that_is_taken(office: PartnerOffice) -> None:
    order: Order = new_partner(typed(name="acme"))
    with pytest.raises(FormRefused, match="another name"):
        office.given(order)
