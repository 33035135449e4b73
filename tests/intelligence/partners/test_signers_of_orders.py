"""Orders are held to what those who have signed them may when they leave."""

import pytest

from intelligence.errors import FormRefused
from intelligence.staff.roles import Role
from tests.intelligence.partners.office import RESUME, SUSPEND, PartnerOffice
from tests.intelligence.staff.services import PASSWORD


@pytest.mark.parametrize("who", ["pam", "per"])
def test_what_somebody_might_sign_no_more_does_not_leave(office: PartnerOffice, who: str) -> None:
    order_id = office.approved(RESUME)
    office.desk.left_with(office.services.person(who), Role.CURATOR)
    office.desk.exchange.take_turn()
    assert office.desk.indexer.down.sequences() == []
    (back,) = office.partners.waiting(office.desk.abel.who)
    assert back.id == order_id
    assert "has lost the role that this takes" in str(back.record["outcome"])
    records = office.services.records()
    assert f'"event":"order kept back","change":"{order_id}"' in records
    assert "change kept back" not in records


def test_a_suspension_leaves_whatever_its_signer_may_by_then(office: PartnerOffice) -> None:
    order_id = office.given(SUSPEND)
    office.desk.left_with(office.pam, Role.CURATOR)
    office.desk.exchange.take_turn()
    assert office.desk.row(order_id).state == "exported"


def test_nobody_approves_what_was_ordered_by_who_might_order_it_no_more(
    office: PartnerOffice,
) -> None:
    order_id = office.given(RESUME)
    office.desk.left_with(office.pam, Role.CURATOR)
    with pytest.raises(FormRefused, match="has lost the role that this takes"):
        office.orders.approve(office.per.who, order_id, PASSWORD)
