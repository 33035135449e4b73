"""Where the spools are, as the console's host sees it: read without changing anything.

No selector is in it, and no value is opened: of keys those of the spools alone are read, to tell
what the indexer has written from what others have laid there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intelligence.curation.left_files import find_refused, last_written
from intelligence.curation.passed_over import passed_over, told_anew
from intelligence.curation.tables import ChangeSet, ChangeState, ExportRow, ExportState
from intelligence.curation.unanswered import (
    count_retractions,
    find_late,
    find_unanswered,
    said_of,
    said_of_lost,
)
from intelligence.errors import UpFileLost
from intelligence.opening import is_held, open_database
from intelligence.settings import IntelligenceSettings
from intelligence.spool.exchange import find_to_be_laid, in_the_way
from intelligence.spool.leaving import list_in_force
from intelligence.spool.restored import is_restored, require_resumed
from intelligence.spool.tables import ToldRow
from intelligence.spool.told_files import find_next, last_told
from intelligence.spool_keys import SpoolKeys
from intelligence.store.schema import require_current_schema
from screening.spools.folder import SpoolFolder
from screening.spools.keys import SpoolKey
from screening.spools.sealed_file import Direction
from screening.vocabulary.errors import OperatorError, SpoolRefused

_NS: Final = 1_000_000_000
_IS_WAITING: Final = ChangeSet.state == ChangeState.APPROVED
"""Of changes that people have decided, and that have not left yet."""


class LastWritten(msgspec.Struct, frozen=True):
    """The last down file, what has become of it, and when it was written, in Unix seconds."""

    sequence: int
    state: str
    at: int


class LastTold(msgspec.Struct, frozen=True):
    """The last acknowledgement: of which down file, what became of it, when, in Unix seconds."""

    of: int
    outcome: str
    at: int


class PassedOver(msgspec.Struct, frozen=True):
    """An up file that was passed over, and what it told of, or may have; `at` in Unix seconds."""

    sequence: int
    of: str
    at: int


class SpoolStatus(msgspec.Struct, frozen=True):
    """What `intelligence spool status` shows; what the indexer's shows too has the same name.

    `console` and `indexer` are fingerprints of keys. `is_held` tells whether the service, or a
    command, works with this console now. Of the changes that wait to leave, `retractions` take
    somebody off. `up_sequence` is the last up file that was read, `up_at` when it came, in Unix
    seconds, None where it is not in the folder any more, and `unread` the number of those that lie
    behind it. `to_do` says what stands in the way, and what to do.
    """

    deployment: str | None
    console: str | None
    indexer: str | None
    is_held: bool
    statements: int
    digest: str
    waiting: int
    retractions: int
    last_written: LastWritten | None
    last_told: LastTold | None
    up_sequence: int
    up_at: int | None
    unread: int
    passed_over: list[PassedOver]
    to_do: list[str]


def spool_status(settings: IntelligenceSettings, now: float) -> SpoolStatus:
    """Return where the spools are; raises `OperatorError` where there is no console."""
    has_database = settings.database_url is not None or settings.sqlite_file.exists()
    if not (settings.home.is_dir() and has_database):  # SQLite makes what it opens
        raise OperatorError(f"there is no console in {settings.home}; run: intelligence init")
    folders = _folder(settings, "down"), _folder(settings, "up")
    with open_database(settings) as database:
        require_current_schema(database)
        held = is_held(settings) or database.is_held()
        with database.reading() as session:
            return _Look(session, SpoolKeys(settings.home), *folders, now).status(is_held=held)


def _folder(settings: IntelligenceSettings, direction: Direction) -> SpoolFolder | None:
    """Return one of the folders, None where it is not there yet: it is not made here."""
    is_there = (settings.spool / direction).exists()
    return SpoolFolder(settings.spool, direction) if is_there else None


@dataclass(frozen=True, slots=True)
class _Look:
    """A look at one moment of the database, and at the folders beside it."""

    session: Session
    keys: SpoolKeys
    down: SpoolFolder | None
    up: SpoolFolder | None
    now: float

    def status(self, *, is_held: bool) -> SpoolStatus:
        result = list_in_force(self.session).result()
        console, indexer, damaged = self._public_keys()
        last = last_told(self.session)
        heard = 0 if last is None else last.sequence
        unread = self._unread(heard)
        to_do = [*damaged, *self._to_do(last), *self._of_files(unread)]
        if console is None and not damaged:
            to_do.append("the console has no keys of the spools; run: intelligence spool init")
        elif indexer is None and not damaged:
            to_do.append("no indexer is trusted; bring its key, and run: intelligence spool trust")
        if not is_held and not is_restored(self.session):  # else to resume comes first
            to_do.append("nothing leaves and nothing is read meanwhile; run: intelligence serve")
        return SpoolStatus(
            deployment=None if console is None else console.deployment,
            console=None if console is None else console.fingerprint,
            indexer=None if indexer is None else indexer.fingerprint,
            is_held=is_held,
            statements=result.statements,
            digest=result.digest,
            waiting=self.session.scalar(select(func.count()).where(_IS_WAITING)) or 0,
            retractions=count_retractions(self.session, _IS_WAITING),
            last_written=self._last_written(),
            last_told=self._last_told(),
            up_sequence=heard,
            up_at=self._came_at(heard),
            unread=unread,
            passed_over=[
                PassedOver(row.sequence, row.kind, row.at) for row in passed_over(self.session)
            ],
            to_do=list(dict.fromkeys(to_do)),
        )

    def _public_keys(self) -> tuple[SpoolKey | None, SpoolKey | None, list[str]]:
        """Return both sides' keys, and what to do where one cannot be read."""
        try:
            return *self.keys.find_public(), []
        except (OperatorError, SpoolRefused) as error:
            return None, None, [str(error)]

    def _last_written(self) -> LastWritten | None:
        row = last_written(self.session)
        return None if row is None else LastWritten(row.sequence, row.state, row.written_at)

    def _last_told(self) -> LastTold | None:
        # What was withdrawn still has when it was told of, and not what was told.
        is_told = ExportRow.told_at.is_not(None) & (ExportRow.state != ExportState.WITHDRAWN)
        chosen = select(ExportRow).where(is_told)
        in_order = chosen.order_by(ExportRow.told_at.desc(), ExportRow.sequence.desc())
        row = self.session.scalars(in_order.limit(1)).one_or_none()
        if row is None or row.told_at is None:
            return None
        is_refused = row.state == ExportState.REFUSED
        outcome = row.refusal if is_refused and row.refusal else row.state
        return LastTold(row.sequence, outcome, row.told_at)

    def _came_at(self, sequence: int) -> int | None:
        found = None if self.up is None else self.up.versions().get(self.up.path(sequence).name)
        return None if found is None else found[0] // _NS

    def _unread(self, sequence: int) -> int:
        return 0 if self.up is None else sum(one > sequence for one in self.up.sequences())

    def _to_do(self, last: ToldRow | None) -> Iterator[str]:
        try:
            require_resumed(self.session)
            yield from self._next_up(last)
            self._require_laid()
        except (OperatorError, SpoolRefused) as error:
            yield str(error)

    def _of_files(self, unread: int) -> Iterator[str]:
        """Yield what to do with what left, or came, and is not settled."""
        refused, late = find_refused(self.session), find_late(self.session, self.now)
        if refused is not None:
            yield (
                f"the indexer refuses file {refused.sequence} ({refused.refusal or 'again'}): home "
                "says why and what to do, and so does indexer spool apply on its host"
            )
        if late is not None and unread:
            yield (
                f"{said_of(late)}; what the indexer says of it may be among the up files that lie "
                f"here unread ({unread:,}): see to what else is to do here, look again, and if as "
                "many are left, see whether indexer spool apply --watch runs there"
            )
        elif late is not None:
            yield (
                f"of file {late.sequence} the indexer has said nothing for a minute, with "
                f"{late.retractions}: see whether indexer spool apply --watch runs there, and "
                "whether what is carried between the hosts arrives"
            )
        for row in passed_over(self.session):
            known = told_anew(row.kind)
            yield f"older here may be {known.what}; {known.advice}"

    def _require_laid(self) -> None:
        """Raise `OperatorError` where another file has the place of the one that is under way."""
        laid = find_to_be_laid(self.session)
        if self.down is None or laid is None:
            return
        if self.down.find(laid.sequence) not in (None, laid.document):
            raise in_the_way(self.down, laid.sequence)

    def _next_up(self, last: ToldRow | None) -> Iterator[str]:
        """Yield what to do with the up file that is read next, nothing where all is well."""
        peers = self.keys.find_peers()
        if peers is None or self.up is None:
            return
        try:
            find_next(self.up, peers, last)
        except UpFileLost as error:
            yield said_of_lost(error, find_unanswered(self.session))
