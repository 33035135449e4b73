"""Up files: each is taken up whole, or passed over on record where nothing is lost by that.

What follows a file in the spool must not wait for it for ever: acknowledgements do, and without
them no retraction leaves.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from sqlalchemy import delete, select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from intelligence.curation.tables import PassedOverRow
from intelligence.errors import Undecipherable, UpFileLost
from intelligence.journal import INDEXER, Journal
from intelligence.spool.tables import ToldRow
from intelligence.spool_keys import Peers
from screening.spools.export import FIRST_PREVIOUS
from screening.spools.folder import SpoolFolder
from screening.spools.sealed_file import Place, open_file
from screening.spools.up_file import (
    Beside,
    UpContent,
    UpHeading,
    parse_up_content,
    parse_up_heading,
)
from screening.spools.whole_list import ListPart
from screening.vocabulary.errors import OperatorError, ScreeningError, SpoolRefused

_NOT_READ: Final = "malformed"
_GONE: Final = "gone"
_OPENED_AT_MOST: Final = 8
_BRING_IT: Final = (
    "bring it from the indexer's host, or where it is lost, see in the operations guide: an up "
    "file is lost"
)


_MAY_BE_GONE: Final = ("partners", "usage", "exclusions")
"""What a file that is gone may have told, and pages show. Of a list they show nothing before it is
taken over, and that demands all of its parts."""


class Evidence(Protocol):
    """Takes up what is told beside acknowledgements, and forgets what a file takes off."""

    def hear(self, session: Session, told: Beside) -> None:
        """Take up one up file."""

    def forget(self, session: Session, sequence: int) -> None:
        """Delete the sightings of what a down file that is in force has taken off the list."""


class Told(NamedTuple):
    """An up file of the indexer's; `content` is None where it cannot be read, and need not be."""

    heading: UpHeading
    content: UpContent | None


def open_told(document: bytes, peers: Peers, sequence: int) -> Told:
    """Return what the indexer has told in a file.

    Raises `SpoolRefused` for what it has not written, and `OperatorError` for what it has, and
    nobody here can read, though it is told once: that must wait for a version that can.
    """
    place = Place(peers.deployment, "up", sequence)
    content = open_file(document, place, by=peers.indexer, to=peers.console)
    try:
        heading = parse_up_heading(content)
    except SpoolRefused as error:
        raise OperatorError(str(error)) from None
    try:
        return Told(heading, parse_up_content(content))
    except SpoolRefused:
        if heading.is_replaced:
            return Told(heading, None)
        raise OperatorError(
            f"up file {sequence} is signed by the indexer and is not what its format "
            f"({heading.format}) says, and nothing that comes later says it again: keep the file, "
            "bring console and indexer to the same version, and report it"
        ) from None


def find_told(up: SpoolFolder, peers: Peers, sequence: int) -> tuple[bytes, Told] | None:
    """Return an up file and what it tells, None where it has not come.

    Raises `UpFileLost` where it was damaged, is no file for this console alone, or one behind it
    has come, and `OperatorError` as `open_told` does.
    """
    document = _find(up, sequence)
    later = None if document is not None else _find_later(up, peers, sequence)
    if later is not None:
        document = _find(up, sequence)  # it may have come just before that one
    path = up.path(sequence)
    if document is None and later is not None:
        raise UpFileLost(f"{path} is missing, and {up.path(later).name} is there; {_BRING_IT}")
    if document is None:
        return None
    try:
        return document, open_told(document, peers, sequence)
    except SpoolRefused as error:
        raise UpFileLost(f"{path} cannot be used: {error}; {_BRING_IT}") from None


def last_told(session: Session) -> ToldRow | None:
    """Return the last up file that was read, None before the first."""
    return session.scalars(select(ToldRow).order_by(ToldRow.sequence.desc()).limit(1)).one_or_none()


def find_next(up: SpoolFolder, peers: Peers, last: ToldRow | None) -> tuple[bytes, Told] | None:
    """Return the up file behind the last that was read, as `find_told` does.

    Raises `OperatorError` as well where it follows another.
    """
    sequence, previous = (1, FIRST_PREVIOUS) if last is None else (last.sequence + 1, last.sha256)
    found = find_told(up, peers, sequence)
    if found is None:
        return None
    heading = found[1].heading
    named = (heading.deployment, heading.sequence, heading.previous)
    if named != (peers.deployment, sequence, previous):
        raise OperatorError(
            f"what the indexer tells in file {sequence} follows another than was read here; "
            "find out which of both was restored, and see: intelligence spool resume"
        )
    return found


def told_in(up: SpoolFolder, peers: Peers, numbers: range) -> Iterator[Told]:
    """Yield what those of these files tell that are there and the indexer's, in their order.

    Raises `OperatorError` as `open_told` does.
    """
    for sequence in up.sequences():
        document = up.find(sequence) if sequence in numbers else None
        if document is None:
            continue
        try:
            told = open_told(document, peers, sequence)
        except SpoolRefused:
            continue
        yield told


def _find(up: SpoolFolder, sequence: int) -> bytes | None:
    try:
        return up.find(sequence)
    except OperatorError as error:
        raise UpFileLost(str(error)) from None


def _find_later(up: SpoolFolder, peers: Peers, sequence: int) -> int | None:
    """Return the number of a file behind `sequence` that the indexer has written, None of none.

    Only the first few that are there are opened: who may write in the folder may lay others there.
    """
    behind = [one for one in up.sequences() if one > sequence]
    for later in behind[:_OPENED_AT_MOST]:
        place = Place(peers.deployment, "up", later)
        with suppress(SpoolRefused, OperatorError):
            open_file(up.find(later) or b"", place, by=peers.indexer, to=peers.console)
            return later
    return None


@dataclass(frozen=True, slots=True)
class TakingUp:
    """Takes up what is told beside acknowledgements, in a transaction of the caller's."""

    evidence: Evidence
    journal: Journal
    clock: Callable[[], float]

    def take_up(self, session: Session, heading: UpHeading, told: Beside | None) -> None:
        """Take up a file, or pass over all of it and put that on record.

        What it holds may come from API hosts, and what follows it must not wait for it. `told` is
        None where it cannot be read.
        """
        if told is None:
            self._pass_over(session, heading, _NOT_READ)
            return
        try:
            with session.begin_nested():
                self.evidence.hear(session, told)
        except Exception as error:
            is_of_content = isinstance(error, IntegrityError | DataError | Undecipherable)
            if isinstance(error, ScreeningError | DBAPIError | OSError) and not is_of_content:
                raise  # it passes, and the file is taken up then
            self._pass_over(session, heading, type(error).__name__)
        else:
            is_of_it = PassedOverRow.kind == heading.kind
            is_said_again = PassedOverRow.sequence <= _last_replaced(heading, told)
            session.execute(delete(PassedOverRow).where(is_of_it, is_said_again))

    def _pass_over(self, session: Session, heading: UpHeading, why: str) -> None:
        """Put on record that a file is passed over.

        Pages say so as well where a later one says all of it, until that has come.
        """
        facts = {"sequence": heading.sequence, "why": why, "of": heading.kind}
        self.journal.record(INDEXER, "evidence not taken up", **facts)
        if heading.is_replaced:
            self._note(session, heading.kind, heading.sequence)

    def pass_over_gone(self, session: Session, numbers: range) -> None:
        """Put on record that these files are gone, if any, and nobody here knows what they told.

        What each of them may have told counts as passed over: the indexer takes it for known.
        """
        if not numbers:
            return
        last = numbers[-1]
        facts = {"sequence": last, "why": _GONE, "files": len(numbers)}
        self.journal.record(INDEXER, "evidence not taken up", **facts)
        for kind in _MAY_BE_GONE:
            self._note(session, kind, last)

    def _note(self, session: Session, kind: str, sequence: int) -> None:
        row = session.get(PassedOverRow, kind) or PassedOverRow(kind=kind)
        row.sequence, row.at = sequence, int(self.clock())
        session.add(row)
        session.flush()


def _last_replaced(heading: UpHeading, told: Beside) -> int:
    """Return the number of the last file of which all is said again once this one is read.

    A list is told in parts, one file right after the other: it is said once the last is read, and
    by no series that was passed over itself in part. 0 is none.
    """
    if not isinstance(told, ListPart):
        return heading.sequence
    return heading.sequence - told.parts if told.part == told.parts else 0
