"""After a restore of either side the spools go on, and nothing that is held is lost."""

from dataclasses import replace

import msgspec
import pytest

from indexer.spool.status import SpoolStatus
from intelligence.spool.resuming import parse_status, resume
from intelligence.spool.tables import RestoredRow
from screening.spools.acknowledgement import Applied
from screening.spools.export import Result
from screening.spools.folder import SpoolFolder
from screening.spools.statements import StatementSet
from screening.vocabulary.errors import OperatorError
from tests.intelligence.curation.desk import DEPLOYMENT, Desk

PHONE, OTHER = "+1 202 555 0142", "+1 202 555 0143"


def status(desk: Desk, following: int, previous: str | None, result: Result) -> bytes:
    """Return what an indexer says that waits for this file, and has told all that was told."""
    told = (desk.indexer.told, desk.indexer.previous)
    of_list = (result.statements, result.digest)
    said = SpoolStatus(DEPLOYMENT, None, [], following, previous, 0, *of_list, None, *told, [])
    return msgspec.json.encode(said)


def resumed(desk: Desk, content: bytes) -> None:
    peers = desk.exchange.keys.find_peers()
    assert peers is not None
    resume(desk.exchange, peers, parse_status(content), "root")
    desk.exchange.take_turn()


def test_a_console_from_a_backup_goes_on_where_the_indexer_is(desk: Desk) -> None:
    desk.in_force(PHONE)
    result = desk.indexer.export(1).result
    for sequence in (2, 3):  # by the console that was lost: something, and back again
        desk.indexer.tell(Applied(sequence, str(sequence) * 64, 4, 8, result))
    for _ in range(2):
        with pytest.raises(OperatorError, match="spool resume"):
            desk.exchange.take_turn()
    change_id = desk.approved(OTHER)
    resumed(desk, status(desk, 4, "3" * 64, result))
    assert desk.indexer.down.sequences() == [1, 4]
    assert (desk.indexer.export(4).previous, desk.row(change_id).export_sequence) == ("3" * 64, 4)
    desk.indexer.apply(4)
    desk.exchange.take_turn()
    assert desk.row(change_id).state == "applied"


def test_a_restored_console_writes_nothing_until_it_is_resumed(desk: Desk) -> None:
    desk.in_force(PHONE)
    with desk.database.writing() as session:
        session.add(RestoredRow(at=int(desk.clock())))
    desk.approved(OTHER)  # both folders are lost, too: nothing here tells of a file 2
    for _ in range(2):
        with pytest.raises(OperatorError, match="bring the indexer's status"):
            desk.exchange.take_turn()
    assert desk.indexer.down.sequences() == [1]
    resumed(desk, status(desk, 3, "2" * 64, desk.indexer.export(1).result))
    assert desk.indexer.down.sequences() == [1, 3], "2 was used by the console that was lost"


def test_what_a_restored_indexer_has_lost_with_its_files_leaves_again(desk: Desk) -> None:
    desk.in_force(PHONE)
    gone, other = desk.retracted(PHONE), desk.approved(OTHER)
    desk.exchange.take_turn()
    desk.indexer.apply(2)
    desk.exchange.take_turn()
    desk.indexer.down.path(2).unlink()
    resumed(desk, status(desk, 2, desk.indexer.sha256(1), desk.indexer.export(1).result))
    assert [desk.row(one).state for one in (gone, other)] == ["exported", "exported"]
    assert desk.indexer.export(2).result.statements == 1


def test_nothing_goes_on_where_the_lists_differ(desk: Desk) -> None:
    desk.in_force(PHONE)
    change_id = desk.in_force(OTHER)
    other = StatementSet(1, 3).result()
    with pytest.raises(OperatorError, match="restore the side that has more"):
        resumed(desk, status(desk, 2, desk.indexer.sha256(1), other))
    assert desk.row(change_id).state == "applied"


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"deployment":"x"}'])
def test_what_is_no_status_is_refused(content: bytes) -> None:
    with pytest.raises(OperatorError, match="spool status --json"):
        parse_status(content)


def test_a_resume_that_was_broken_off_says_nothing_of_which_side_was_restored(desk: Desk) -> None:
    desk.in_force(PHONE)
    gone = desk.retracted(PHONE)
    desk.exchange.take_turn()
    desk.indexer.apply(2)
    desk.exchange.take_turn()
    said = parse_status(status(desk, 2, desk.indexer.sha256(1), desk.indexer.export(1).result))
    peers = desk.exchange.keys.find_peers()
    assert peers is not None

    def is_gone() -> tuple[SpoolFolder, SpoolFolder]:
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="disk"):
        resume(replace(desk.exchange, folders=is_gone), peers, said, "root")
    with pytest.raises(OperatorError, match=r"^the console or its indexer was restored"):
        desk.exchange.take_turn()
    assert desk.row(gone).state == "approved"
