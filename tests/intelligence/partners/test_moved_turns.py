"""No turn that somebody moves in the database has a partner be answered who was cut off since."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from intelligence.curation.tables import ChangeSet
from tests.harness.slow import slow_but_first
from tests.intelligence.partners.office import RESUME, SUSPEND, PartnerOffice


def _write(office: PartnerOffice, order_id: UUID, **columns: Any) -> None:
    with office.desk.database.writing() as session:
        session.execute(update(ChangeSet).where(ChangeSet.id == order_id).values(columns))


@slow_but_first(1, "turn", [None, -1, 99])
@pytest.mark.parametrize("moved", ["resumed", "suspended"])
def test_what_was_kept_from_coming_back_undoes_no_suspension_by_a_turn(
    office: PartnerOffice, moved: str, turn: int | None
) -> None:
    orders = {"resumed": office.approved(RESUME)}
    _write(office, orders["resumed"], state="draft")
    office.desk.clock.move(1)
    orders["suspended"] = office.given(SUSPEND)
    office.applied(1)
    _write(office, orders["resumed"], state="approved")
    _write(office, orders[moved], turn=turn)
    office.desk.exchange.take_turn()
    assert [office.state(orders[one]) for one in ("resumed", "suspended")] == ["refused", "applied"]
    assert "suspended after this" in str(office.shown(orders["resumed"]).record["outcome"])


@slow_but_first(1, "turn", [None, -1, 99])
def test_a_suspension_leaves_first_whatever_its_turn(
    office: PartnerOffice, turn: int | None
) -> None:
    change = office.desk.approved("+1 202 555 0142")
    suspended = office.given(SUSPEND)
    _write(office, suspended, turn=turn)
    office.desk.exchange.take_turn()
    assert office.state(suspended) == "exported"
    assert office.desk.row(change).state == "approved"
