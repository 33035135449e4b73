"""What cannot be read of the record is said, believed of nobody, and read as soon as it can be."""

import errno
import io
import os
import weakref
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from intelligence.challenges.concluding import Concluding
from intelligence.challenges.tables import Conclusion
from intelligence.curation.recognising import recognise
from intelligence.curation.showing import Showing
from intelligence.journal import Journal
from intelligence.on_record import OnRecord, Outcome
from intelligence.staff.privileges import Privileges
from screening.ledger.ledger import Ledger
from tests.harness.descriptors import descriptors_left
from tests.intelligence.curation.desk import Desk
from tests.intelligence.staff.services import PASSWORD
from tests.ledger.log.keeping import fail

PHONE = "+1 202 555 0142"


def _file(desk: Desk) -> Path:
    """Return where the ledger is written by now."""
    position = desk.services.signing_keys.journal.position()
    assert position is not None
    return desk.services.folder / f"{position.segment}.open"


def test_who_has_listed_it_is_asked_of_the_record_once_it_can_be_read(desk: Desk) -> None:
    change_id, told, segment = desk.in_force(PHONE), list[str](), _file(desk)
    anew = OnRecord(desk.services.folder, told.append)
    segment.chmod(0o640)
    assert not anew.of(change_id).is_all
    assert told == [segment.stem]
    segment.chmod(0o600)
    people = anew.of(change_id)
    assert (people.is_all, people.outcome) == (True, Outcome.LEAVES)
    assert people.author == desk.cora.who.account_id
    assert not people.are(desk.bo.who.account_id)
    assert told == [segment.stem]


@pytest.mark.parametrize("descriptors", [0, 1])
def test_a_moment_without_file_descriptors_is_forgotten(desk: Desk, descriptors: int) -> None:
    change_id, journal = desk.added(PHONE), Journal(desk.services.ledger, desk.clock)
    with descriptors_left(descriptors):
        meanwhile = journal.on_record.of(change_id)
    assert (meanwhile.is_all, meanwhile.author) == (False, None)
    people = journal.on_record.of(change_id)
    assert (people.is_all, people.author) == (True, desk.cora.who.account_id)
    assert "ledger not read" in desk.services.records()


def test_nobody_keeps_a_listing_while_it_is_not_known_who_has_listed_it(desk: Desk) -> None:
    change_id, segment = desk.in_force(PHONE), _file(desk)
    anew = OnRecord(desk.services.folder, list[str]().append)
    segment.chmod(0o640)
    with desk.database.reading() as session:
        concluding = Concluding(session, desk.seals, anew)
        refused = concluding.kept_from(uuid4(), recognise(PHONE))
        showing = Showing(session, desk.seals, Privileges(frozenset()), anew)
        author = showing.author(desk.row(change_id))
    segment.chmod(0o600)
    assert refused.keys() == {Conclusion.KEEP, Conclusion.NOTHING}
    assert author == "the record cannot be read: cora (cora)"


def test_past_a_file_that_cannot_be_read_the_older_ones_are(desk: Desk) -> None:
    folder, actor = desk.services.folder, desk.bo.who.actor
    of_files = dict[str, UUID]()
    for host in ("one", "other"):
        before, made = {*folder.iterdir()}, uuid4()
        with Ledger(folder, host=host) as ledger:
            Journal(ledger, desk.clock).record(actor, "change drafted", change=str(made))
            (path,) = set(folder.glob("*.open")) - before
            of_files[path.stem] = made
    older, newer = sorted(of_files)
    told = list[str]()
    (path,) = folder.glob(f"{newer}.*")
    path.chmod(0o640)
    anew = OnRecord(folder, told.append)
    authors = [anew.of(of_files[one]).author for one in (older, newer)]
    assert authors == [desk.bo.who.account_id, None]
    assert told == [newer]


def test_that_it_cannot_be_read_is_on_record_once(desk: Desk) -> None:
    desk.added(PHONE)
    segment = _file(desk)
    journal = Journal(desk.services.ledger, desk.clock)
    segment.chmod(0o640)
    for _ in range(3):
        journal.on_record.of(uuid4())
    segment.chmod(0o600)
    line = f'"event":"ledger not read","segment":"{segment.stem}"'
    assert desk.services.records().count(line) == 1


def test_a_file_that_breaks_off_is_not_all_and_is_read_again_after_a_while(desk: Desk) -> None:
    change_id, told = desk.in_force(PHONE), list[str]()
    anew = OnRecord(desk.services.folder, told.append, desk.clock)
    undo = fail(_file(desk))
    for _ in range(3):
        assert not anew.of(change_id).is_all
    undo()
    assert len(told) == 1
    assert not anew.is_all()
    desk.clock.move(10)
    assert anew.of(change_id).author == desk.cora.who.account_id
    assert anew.is_all()


def test_a_file_that_goes_on_breaking_off_is_read_again_ever_more_seldom(desk: Desk) -> None:
    desk.in_force(PHONE)
    told = list[str]()
    anew = OnRecord(desk.services.folder, told.append, desk.clock)
    undo = fail(_file(desk))
    for _ in range(8):
        assert not anew.is_all()
        desk.clock.move(10)
    reads = len(told)
    assert reads == 4, "at once, and after 10, 30 and 70 seconds"
    for _ in range(10):
        desk.clock.move(3_600)
        assert not anew.is_all()
    assert len(told) == reads + 10, "once an hour at least"
    undo()
    desk.clock.move(3_600)
    assert anew.is_all()


class _Spoiled(io.FileIO):
    """A file of which the disk gives what stands before a place, and EIO from there on."""

    def __init__(self, descriptor: int, good: int) -> None:
        super().__init__(descriptor)
        self._good = good

    def readinto(self, buffer: Any) -> int:
        left = self._good - self.tell()
        if left <= 0:
            raise OSError(errno.EIO, "spoiled")
        return super().readinto(memoryview(buffer)[:left]) or 0


def test_what_stands_before_the_place_where_a_file_breaks_off_is_known(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, good = desk.added(PHONE), _file(desk).stat().st_size
    desk.changes.approve(desk.abel.who, before, PASSWORD)
    behind = desk.added("+1 202 555 0143")
    anew = OnRecord(desk.services.folder, list[str]().append, desk.clock)

    def spoiled(descriptor: int, _: str) -> io.BufferedReader:
        return io.BufferedReader(_Spoiled(descriptor, good))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fdopen", spoiled)
        anew.load()
    people = anew.of(before)
    assert (people.author, people.signers) == (desk.cora.who.account_id, {people.author})
    assert (people.decided_by, people.is_all) == (None, False)
    assert anew.of(behind).author is None


class _Selectors(list[str]):
    """One to which there can be a weak reference."""


def test_no_selectors_of_what_is_recorded_are_kept(desk: Desk) -> None:
    anew, change_id = OnRecord(desk.services.folder, pytest.fail), uuid4()
    selectors = _Selectors(["phone ending 42"])
    anew.load()
    facts = {"change": str(change_id), "selectors": selectors}
    anew.take({"actor": desk.bo.who.actor, "event": "change drafted", **facts})
    reference = weakref.ref(selectors)
    del selectors, facts
    assert reference() is None
    assert anew.of(change_id).author == desk.bo.who.account_id
