"""What lets a partner ask is signed by no clock that is behind its suspension."""

import pytest

from intelligence.errors import FormRefused
from tests.intelligence.partners.office import RESUME, SUSPEND, PartnerOffice


def test_nobody_resumes_by_a_clock_that_is_behind_the_suspension(office: PartnerOffice) -> None:
    office.given(SUSPEND)
    office.applied(1)
    office.desk.clock.move(-90)
    with pytest.raises(FormRefused) as refused:
        office.given(RESUME)
    assert str(refused.value) == (
        "what this undoes is of 2026-09-21 14:16 UTC, and by the clock of this console that has "
        "not come yet, so the indexer would refuse this; have whoever runs the service set the "
        "clocks right, and sign it once that minute is over"
    )
    assert [one.record["state"] for one in office.partners.waiting(office.per.who)] == ["applied"]
    office.desk.clock.move(90)
    resumed = office.approved(RESUME)
    office.applied(2)
    assert office.state(resumed) == "applied"
