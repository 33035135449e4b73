"""A console that is restored knows the map and the matches that were told since its backup."""

from dataclasses import dataclass, replace

import pytest
from sqlalchemy.orm import Session

from intelligence.disclosure.evidence import Evidence
from intelligence.spool.resuming import IndexerStatus, resume
from screening.spools.index_map import MapPart
from screening.spools.match_records import MatchRecords
from screening.spools.statements import StatementSet
from screening.spools.up_file import Beside
from screening.vocabulary.errors import OperatorError
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
    missing = resume(room.desk.exchange, peers, status, "root").missing
    assert missing == is_gone
    room.desk.in_force(PHONE)
    assert room.counts() == {"map": 0 if is_gone else 1, "record": 1, "match": 1}
    if not is_gone:
        assert len(room.ask(room.anna, 1)) == 1


@dataclass(frozen=True)
class BrokenOff:
    """Hears of the map, and dies of a record."""

    evidence: Evidence

    def hear(self, session: Session, told: Beside) -> None:
        if isinstance(told, MatchRecords):
            raise KeyboardInterrupt
        assert isinstance(told, MapPart)
        self.evidence.hear(session, told)

    def forget(self, session: Session, sequence: int) -> None:
        self.evidence.forget(session, sequence)


def test_each_file_is_taken_up_by_itself_and_nothing_leaves_until_all_are(room: Room) -> None:
    room.tell_map(PHONE)
    room.tell_records(room.record(1, PHONE))
    indexer, empty = room.desk.indexer, StatementSet().result()
    of_list = (empty.statements, empty.digest)
    status = IndexerStatus(DEPLOYMENT, 1, None, *of_list, indexer.told, indexer.previous)
    peers = room.desk.exchange.keys.find_peers()
    assert peers is not None
    dies = replace(room.desk.exchange, evidence=BrokenOff(room.desk.evidence))
    with pytest.raises(KeyboardInterrupt):
        resume(dies, peers, status, "root")
    assert room.counts() == {"map": 1, "record": 0, "match": 0}
    with pytest.raises(OperatorError, match="intelligence spool resume"):
        room.desk.exchange.take_turn()
    assert resume(room.desk.exchange, peers, status, "root").missing == 0
    room.desk.in_force(PHONE)
    assert room.counts() == {"map": 1, "record": 1, "match": 1}
