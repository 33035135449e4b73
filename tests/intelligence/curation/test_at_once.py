"""Of several who decide of one change at once, one does, and each of the others is told so."""

import threading
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy.exc import DBAPIError

from intelligence.errors import FormRefused
from intelligence.staff.roles import Role
from tests.intelligence.curation.desk import Desk, enrol_signer

ROUNDS = 8


def _ended(*deciding: Callable[[], object]) -> list[str]:
    """Do all at once; return how each ended."""
    together = threading.Barrier(len(deciding), timeout=10)
    ended: list[str] = []

    def run(decide: Callable[[], object]) -> None:
        together.wait()
        try:
            decide()
            ended.append("decided")
        except FormRefused as error:
            ended.append(str(error))
        except DBAPIError as error:  # no answer to a person
            ended.append(type(error).__name__)

    threads = [threading.Thread(target=run, args=(one,)) for one in deciding]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended


# SQLite has one writer at a time.
@pytest.mark.parametrize("kind", ["postgresql"])
def test_of_a_refusal_and_a_withdrawal_at_once_one_is_done(desk: Desk) -> None:
    enrol_signer(desk.services, "eve", Role.APPROVER)
    eve = desk.services.person("eve")
    ended: Counter[str] = Counter()
    for number in range(ROUNDS):
        change_id = desk.approved(f"person-{number}@guests.example")
        both = ((desk.changes.withdraw, desk.cora), (desk.changes.refuse, eve))
        ended.update(_ended(*(partial(do, by.who, change_id, "twice") for do, by in both)))
        assert desk.row(change_id).state == "refused"
    waits_no_more = "this change does not wait for that any more; look at what became of it"
    assert ended == {"decided": ROUNDS, waits_no_more: ROUNDS}
