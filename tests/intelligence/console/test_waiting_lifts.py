"""Whoever takes a selector off is shown what waits to allow it again."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from intelligence.curation.tables import ChangeSet, ChangeState
from intelligence.staff.roles import Role
from tests.harness.accessibility import flaws_of
from tests.harness.console import PASSWORD
from tests.intelligence.console.staffed import Staffed, answered
from tests.intelligence.console.test_long_changes import listed

ON_IT = "+1 202 555 0142"


def submitted_lift(staffed: Staffed) -> str:
    """Have a selector be listed, off, and to be allowed again; return the page of that change."""
    curator = staffed.browsers[Role.CURATOR]
    listed(staffed, ON_IT)
    curator.visit("/check")
    curator.send("/check", value=ON_IT)
    curator.send("/retractions", reason="of somebody else", password=PASSWORD)
    answered(staffed)
    curator.visit("/check")
    curator.send("/check", value=ON_IT)
    curator.send("/lifts", reason="a slip")
    lift = curator.page.url.path
    curator.send(f"{lift}/submission", password=PASSWORD)
    return str(lift)


@pytest.mark.slow
def test_what_is_to_list_it_again_is_named_to_whoever_looks_into_it(staffed: Staffed) -> None:
    pam, approver = staffed.browsers[Role.PARTNER_MANAGER], staffed.browsers[Role.APPROVER]
    curator = staffed.browsers[Role.CURATOR]
    lift = submitted_lift(staffed)
    pam.visit("/challenges")
    pam.send("/challenges", selectors=ON_IT, reference="L 7/26", ground="it is their shop's")
    (path,) = re.findall(r'href="(/challenges/[0-9a-f-]{36})"', approver.visit("/challenges").text)
    waits = "That it may be listed again waits for another person to sign"
    assert waits in approver.visit(path).text
    assert f'href="{lift}"' in approver.page.text
    approver.visit(lift)
    at = datetime.now(UTC) + timedelta(days=2)
    approver.send(f"{lift}/approval", password=PASSWORD, leaves_at=f"{at:%Y-%m-%dT%H:%M}")
    signed = f"That it may be listed again is signed, and leaves at {at:%Y-%m-%d %H:%M} UTC"
    assert signed in approver.visit(path).text
    curator.visit("/check")
    curator.send("/check", value=ON_IT)
    assert signed in curator.page.text
    assert flaws_of(curator.page.text) == []
    found = {"conclusion": "retract", "reason": "it is not them", "password": PASSWORD}
    with staffed.desk.log_in.database.writing() as session:  # a moment is told by the second
        is_lift = ChangeSet.state == ChangeState.SCHEDULED
        session.execute(
            update(ChangeSet).where(is_lift).values(decided_at=ChangeSet.decided_at - 60)
        )
    approver.visit(path)
    approver.send(f"{path}/conclusions", **found)
    (retraction,) = re.findall(r'href="(/changes/[0-9a-f-]{36})">What became', approver.page.text)
    assert signed in approver.visit(retraction).text
    assert "<h3>Was taken off before</h3>" in approver.page.text
    assert flaws_of(approver.page.text) == []
    assert "That was decided after this was approved: this comes back" in curator.visit(lift).text
