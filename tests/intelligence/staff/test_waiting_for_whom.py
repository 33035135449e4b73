"""Whoever looks at what waits for a second person is told why not they confirm it, and how long."""

from intelligence.staff.accounts import NewAccount
from intelligence.staff.enrolment import INVITATION_S
from intelligence.staff.roles import Role
from tests.harness.accessibility import flaws_of
from tests.intelligence.console.test_rendering import page_of
from tests.intelligence.staff.services import Person, Services


def test_each_is_told_why_not_they_confirm_it_and_until_when_it_waits(
    services: Services, ada: Person
) -> None:
    abel = services.colleague(ada, "abel", Role.APPROVER)
    eve = services.colleague(ada, "eve", Role.ADMINISTRATOR)
    auditor = services.colleague(ada, "ida", Role.AUDITOR)
    services.prove(ada)
    new = NewAccount(name="cora", display_name="Cora", roles=frozenset((Role.CURATOR,)))
    services.directory.add(ada.who, new)
    now = int(services.clock())
    told = (
        (ada, "another person confirms this than who asked for it, or whom it is about"),
        (abel, "there is another administrator, who confirms this; ask them"),
        (eve, None),
        (auditor, None),
    )
    for person, why_not in told:
        (waiting,) = services.requests.waiting(person.who)
        assert waiting.why_not == why_not
        assert (waiting.asked_at, waiting.ends_at) == (now, now + INVITATION_S)
        page = page_of("staff_requests.html", Role.APPROVER, waiting=[waiting])
        assert (f"You do not confirm it: {why_not}." in page) is (why_not is not None)
        assert "<dt>To be confirmed before</dt><dd>20" in page
        assert flaws_of(page) == []
