"""What is said of a selector whose change is decided, while partners are told as before."""

from intelligence.curation.entries import Entries
from intelligence.curation.reading import CHECKED_AT_MOST
from intelligence.curation.recognising import recognise
from intelligence.curation.standing import Stand
from intelligence.curation.tables import ExportRow
from screening.spools.statements import StatementSet
from tests.intelligence.curation.desk import Desk

PHONE = "+12025550142"


def stand(desk: Desk) -> Stand:
    return desk.reading.check(desk.cora.who, recognise(PHONE)).stand


def test_what_is_decided_is_leaving_until_the_indexer_has_it_in_force(desk: Desk) -> None:
    desk.in_force(PHONE)
    assert not stand(desk).is_leaving
    gone = desk.retracted(PHONE)
    assert (stand(desk).is_retracted, stand(desk).is_leaving) == (True, True)
    desk.exchange.take_turn()
    assert stand(desk).is_leaving
    sequence = desk.row(gone).export_sequence
    assert sequence is not None
    desk.indexer.refuse(sequence)
    desk.exchange.take_turn()
    refused = desk.overview.on_the_way(desk.abel.who, None).refused
    assert refused is not None
    assert (refused["sequence"], stand(desk).is_leaving) == (sequence, True)
    desk.indexer.apply(sequence)
    desk.exchange.take_turn()
    assert desk.overview.on_the_way(desk.abel.who, None).refused is None
    assert (stand(desk).is_retracted, stand(desk).is_leaving) == (True, False)


def coming(desk: Desk) -> tuple[bool, bool, list[int]]:
    """Tell whether it is listed, is only coming, and how many entries of each list are."""
    counts = desk.overview.counts(desk.cora.who)
    assert counts is not None
    found = stand(desk)
    return found.is_listed, found.is_coming, [one.coming for one in counts.lists]


def test_what_is_decided_is_coming_until_the_indexer_has_it_in_force(desk: Desk) -> None:
    change = desk.approved(PHONE)
    desk.exchange.take_turn()
    assert coming(desk) == (True, True, [1])
    sequence = desk.row(change).export_sequence
    assert sequence is not None
    desk.indexer.refuse(sequence)
    desk.exchange.take_turn()
    assert coming(desk) == (True, True, [1])
    desk.indexer.apply(sequence)
    desk.exchange.take_turn()
    assert coming(desk) == (True, False, [0])


def test_what_replaces_an_entry_in_force_comes_and_the_selector_is_listed(desk: Desk) -> None:
    desk.in_force(PHONE)
    desk.approved(PHONE, reason="seen again")
    desk.exchange.take_turn()
    assert coming(desk) == (True, False, [1])


def test_of_what_many_sources_say_a_check_tells_the_first_and_how_many_others(desk: Desk) -> None:
    said = {f"case-{one}" for one in range(CHECKED_AT_MOST + 2)}
    for one in said:
        desk.changes.draft(desk.cora.who, desk.addition(PHONE, source=one))
    checked = desk.reading.check(desk.cora.who, recognise(PHONE))
    assert (len(checked.changes), checked.others) == (CHECKED_AT_MOST, 2)
    of_all = [desk.addition(PHONE, source=one) for one in said]
    with desk.database.writing() as session:
        sets = desk.changes.sets
        row = sets.begun(session, desk.cora.who)
        session.add(
            ExportRow(
                sequence=1, sha256="", written_at=1, statements=0, product=b"", state="applied"
            )
        )
        session.flush()
        Entries(session, desk.seals).take(of_all, StatementSet(), of=row.id, sequence=1)
    checked = desk.reading.check(desk.cora.who, recognise(PHONE))
    assert (len(checked.entries), checked.others) == (CHECKED_AT_MOST, 4)
