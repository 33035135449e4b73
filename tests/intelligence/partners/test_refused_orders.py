"""An order that a colleague has refused waits for whoever gave it, until they have noted that."""

import pytest

from intelligence.errors import FormRefused
from tests.intelligence.partners.office import RESUME, PartnerOffice


def _refused(office: PartnerOffice) -> list[int]:
    troubles = [office.partners.troubles(one.who) for one in (office.pam, office.per)]
    return [one.orders.refused for one in troubles if one]


def test_its_author_alone_is_told_that_an_order_was_refused(office: PartnerOffice) -> None:
    order_id = office.given(RESUME)
    office.orders.refuse(office.per.who, order_id, "it has no new kit")
    assert _refused(office) == [1, 0]
    (shown,) = office.partners.waiting(office.pam.who)
    assert (shown.id, shown.was_refused) == (order_id, True)
    assert office.partners.waiting(office.per.who) == []
    with pytest.raises(FormRefused, match="whoever has written it"):
        office.orders.note(office.per.who, order_id)
    office.orders.note(office.pam.who, order_id)
    assert (_refused(office), office.partners.waiting(office.pam.who)) == ([0, 0], [])
