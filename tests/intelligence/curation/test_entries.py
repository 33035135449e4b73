"""What the console holds the list for is what the protocol says, whatever is approved."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from intelligence.curation.entries import Entries, line_of
from intelligence.curation.tables import ChangeSet, EntryRow, ExportRow
from screening.spools.changes import Add, Change
from screening.spools.statements import StatementSet
from tests.harness import spool_console
from tests.intelligence.curation.desk import Desk

PHONES = [("phone", f"+1202555011{number}") for number in range(3)]
PHONE = "+1 202 555 0142"
ROLES = ("trafficker", "buyer", "victim", "disputed")


def additions() -> st.SearchStrategy[Add]:
    return st.builds(
        lambda selector, role, source, days, reason: spool_console.add(
            selector[0], selector[1], role, source=source, days=days, reason=reason
        ),
        st.sampled_from(PHONES),
        st.sampled_from(ROLES),
        st.sampled_from(["a", "b"]),
        st.sampled_from([7, 9]),
        st.sampled_from(["seen", "heard"]),
    )


def changes() -> st.SearchStrategy[Change]:
    retractions = st.sampled_from(PHONES).map(lambda one: spool_console.retract(*one))
    lifts = st.sampled_from(PHONES).map(lambda one: spool_console.lift(*one))
    return st.one_of(additions(), additions(), retractions, lifts)


def _subject(change: Change) -> tuple[str, ...]:
    """Of one subject a batch says one thing."""
    of = (type(change).__name__, change.canonical)
    return (*of, change.list, change.source) if isinstance(change, Add) else of


@pytest.mark.parametrize("kind", ["sqlite"])
@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(said=st.lists(st.lists(changes(), min_size=1, max_size=3, unique_by=_subject), max_size=6))
def test_the_set_is_that_of_the_protocol_s_own_console_and_undone_as_it_was(
    desk: Desk, said: Sequence[Sequence[Change]]
) -> None:
    console = spool_console.Console("0123456789abcdef")
    known = StatementSet()
    _forget_all(desk)
    for sequence, some in enumerate(said, start=1):
        console._say(some)
        with desk.database.writing() as session:
            of = _written(session, desk, sequence)
            before, entries = known, Entries(session, desk.seals)
            entries.take(some, before, of=of, sequence=sequence)
            entries.undo(sequence)
            session.expire_all()
            assert _open(session, desk) == before
            known = entries.take(some, before, of=of, sequence=sequence)
            assert known == console.statements == _open(session, desk)


def test_a_victim_said_again_ends_what_the_same_source_has_said_since(desk: Desk) -> None:
    """As the indexer does it: the two lists would drift apart otherwise."""
    desk.in_force(PHONE, role="victim")
    desk.in_force(PHONE)
    assert desk.indexer.export(2).result.statements == 2
    desk.in_force(PHONE, role="victim")
    assert desk.indexer.export(3).result == desk.indexer.export(1).result


def _open(session: Session, desk: Desk) -> StatementSet:
    """Return the set of what is open, reckoned from nothing."""
    rows = session.scalars(select(EntryRow).where(EntryRow.ended_by.is_(None)))
    return StatementSet().changed(begun=[line_of(row, desk.seals.selector(row)) for row in rows])


def _written(session: Session, desk: Desk, sequence: int) -> UUID:
    row = ChangeSet(id=uuid4(), state="exported", author_id=desk.cora.who.account_id, created_at=1)
    session.add(row)
    session.add(
        ExportRow(
            sequence=sequence,
            sha256=str(sequence),
            statements=0,
            product=b"",
            state="waiting",
            written_at=1,
        )
    )
    session.flush()
    return row.id


def _forget_all(desk: Desk) -> None:
    with desk.database.writing() as session:
        for table in (EntryRow, ChangeSet, ExportRow):
            session.execute(delete(table))
