"""A console that is restored knows the map and the matches that were told since its backup."""

import pytest

from intelligence.curation.resuming import IndexerStatus, resume
from screening.spools.statements import StatementSet
from tests.intelligence.curation.desk import DEPLOYMENT
from tests.intelligence.disclosure.room import PHONE, Room


@pytest.mark.parametrize("is_gone", [False, True])
def test_the_evidence_in_up_files_that_are_there_is_taken_up(room: Room, is_gone: bool) -> None:
    room.tell_map(PHONE)
    room.tell_records(room.record(1, PHONE))
    indexer, empty = room.desk.indexer, StatementSet().result()
    if is_gone:
        indexer.up.path(1).unlink()
    of_list = (empty.statements, empty.digest)
    status = IndexerStatus(DEPLOYMENT, 1, None, *of_list, indexer.told, indexer.previous)
    peers = room.desk.exchange.keys.find_peers()
    assert peers is not None
    with room.database.writing() as session:
        missing = resume(session, room.desk.exchange, peers, status)
    assert missing == is_gone
    room.desk.in_force(PHONE)
    assert room.counts() == {"map": 0 if is_gone else 1, "record": 1, "match": 1}
    if not is_gone:
        assert len(room.ask(room.anna, 1)) == 1
