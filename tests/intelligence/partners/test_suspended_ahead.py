"""Who was suspended by a clock that was ahead is answered again once that is right."""

from tests.intelligence.partners.office import RESUME, SUSPEND, PartnerOffice


def test_a_suspension_of_a_clock_that_was_ahead_keeps_nobody_from_ordering(
    office: PartnerOffice,
) -> None:
    office.desk.clock.move(3_600)
    office.given(SUSPEND)
    office.applied(1)
    office.desk.clock.move(-3_600)
    resumed = office.approved(RESUME)
    office.applied(2)
    assert office.state(resumed) == "applied"
