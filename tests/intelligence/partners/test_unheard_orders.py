"""An order of which nobody has heard is neither taken for done, nor lost."""

from tests.intelligence.partners.office import SUSPEND, PartnerOffice
from tests.intelligence.spool.test_resuming import resumed, status

PHONE, OTHER = "+1 202 555 0142", "+1 202 555 0143"


def test_an_order_of_which_nothing_was_heard_comes_back_to_its_people(
    office: PartnerOffice,
) -> None:
    """A restored indexer does it once more, or passes it over: its list says the same of both."""
    desk = office.desk
    desk.in_force(PHONE)
    order_id = office.given(SUSPEND)
    office.applied(2)
    change_id = desk.in_force(OTHER)
    desk.indexer.refuse(2)
    desk.exchange.take_turn()
    for sequence in (2, 3):
        desk.indexer.apply(sequence)
    desk.indexer.up.path(desk.indexer.told - 1).unlink()
    resumed(desk, status(desk, 4, desk.indexer.sha256(3), desk.indexer.export(3).result))
    assert (office.state(order_id), desk.row(change_id).state) == ("refused", "applied")
    assert "whether this was done was not heard" in str(office.shown(order_id).record["outcome"])
