"""Of several who decide of one change at once, one does, and each of the others is told so."""

from collections import Counter
from functools import partial

import pytest

from intelligence.errors import FormRefused
from intelligence.staff.roles import Role
from tests.harness.together import at_once
from tests.intelligence.curation.desk import Desk, enrol_signer

ROUNDS = 8


# SQLite has one writer at a time.
@pytest.mark.parametrize("kind", ["postgresql"])
def test_of_a_refusal_and_a_withdrawal_at_once_one_is_done(desk: Desk) -> None:
    enrol_signer(desk.services, "eve", Role.APPROVER)
    eve = desk.services.person("eve")
    ended: Counter[str] = Counter()
    for number in range(ROUNDS):
        change_id = desk.approved(f"person-{number}@guests.example")
        both = ((desk.changes.withdraw, desk.cora), (desk.changes.refuse, eve))
        deciding = [partial(do, by.who, change_id, "twice") for do, by in both]
        done, refused = at_once(deciding, FormRefused)
        ended.update(["decided" for _ in done] + [str(one) for one in refused])
        assert desk.row(change_id).state == "refused"
    waits_no_more = "this change does not wait for that any more; look at what became of it"
    assert ended == {"decided": ROUNDS, waits_no_more: ROUNDS}
