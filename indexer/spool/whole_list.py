"""A list that was made by hand, told whole to a console that comes to it and then goes on with it.

The console has to hold what the indexer holds, or its first file would be refused as drifted.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, NamedTuple

import msgspec

from indexer.deployment import Deployment
from indexer.list.draft_rows import open_sealed
from indexer.list.exports import Exports
from indexer.list.file import ListFile
from indexer.list.reasons import BLOCK_PLACE, open_reason
from indexer.list.statement_sets import statements_of
from indexer.spool.keys import SpoolKeys
from indexer.spool.up import UpSpool
from indexer.workers import batches
from screening.importers.entry import Role
from screening.spools.export import Result
from screening.spools.spelling import Text
from screening.spools.up_file import UpHead
from screening.spools.whole_list import MOST_OF_A_PART, ListedStatement, ListPart, TakenOff
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.selector import Canonical, SelectorKind

_ENTRIES: Final = "FROM entries WHERE since <= :revision AND until > :revision"
_RETRACTED: Final = (
    "FROM blocks WHERE why = 'retracted' AND since <= :revision AND until > :revision"
)
_COLUMNS: Final = (
    "tag, sealed, kind, list, role, confidence, jurisdictions, first_seen, last_seen, review_by, "
    "expires_at"
)
_ODD_END: Final = f"AND (expires_at IS NULL) != (role = '{Role.VICTIM.value}')"


class _Part(NamedTuple):
    statements: list[ListedStatement]
    taken_off: list[TakenOff]


class WholeList:
    """Tells of the whole list of a deployment."""

    def __init__(self, deployment: Deployment) -> None:
        """Raises `OperatorError` where `spool init` has not been run."""
        self._d = deployment
        keys = SpoolKeys(deployment.settings.home, deployment.keyring)
        keys.console()
        self._up = UpSpool(deployment, keys)

    def tell(self) -> Result:
        """Tell all of the list in force, in one transaction; return what names it.

        Raises `OperatorError` once a file of the console is in force here, where there is no list,
        or where it says what no console can.
        """
        self._up.lay()
        list_file, revision = self._d.list_file, self._d.list_file.landed_revision()
        self._refuse(revision)
        result = statements_of(list_file, revision).result()
        sizes = (_count(list_file, what, revision) for what in (_ENTRIES, _RETRACTED))
        parts = sum(-(-size // MOST_OF_A_PART) for size in sizes)
        self._d.record("spool list", statements=result.statements, parts=parts)
        with list_file.transaction():
            for number, part in enumerate(_parts(list_file, revision), start=1):
                said = (number, parts, *part, result)
                self._up.keep(partial(_told, said))
        self._up.lay()
        return result

    def _refuse(self, revision: int) -> None:
        if Exports(self._d.list_file).next_sequence() != 1:
            raise OperatorError(
                "the console has files in force here, and goes on from its own list; this is for a "
                "list from before the first of them"
            )
        if not revision:
            raise OperatorError("there is no list yet, so nothing to tell; the console begins one")
        odd = _count(self._d.list_file, f"{_ENTRIES} {_ODD_END}", revision)
        if odd:
            raise OperatorError(
                f"nobody could sign the like of {odd} of its statements in the console: that "
                "somebody is a victim has no end there, and all else has one; publish it so, first"
            )
        self._refuse_unsayable(revision)

    def _refuse_unsayable(self, revision: int) -> None:
        """Raise `OperatorError` where a text is none that files tell; names the first such row."""
        found = _unsayable(self._d.list_file, revision)
        first = next(found, None)
        if first is not None:
            more = sum(1 for _ in found)
            raise OperatorError(
                f"{first} has more than 2000 characters, or one that cannot be shown, and the "
                f"console takes no such text (so it is with {more} more of them); correct it, and "
                "publish it so, or lift and retract it anew, first"
            )


def _unsayable(list_file: ListFile, revision: int) -> Iterator[str]:
    for one in _statements(list_file, revision):
        for what in ("source", "reason"):
            if not _can_be_said(getattr(one, what)):
                seen = datetime.fromtimestamp(one.last_seen, UTC).date()
                yield f"the {what} of {_masked(one)} in list {one.list}, last seen {seen},"
    for off in _taken_off(list_file, revision):
        if not _can_be_said(off.reason):
            yield f"the reason why {_masked(off)} was taken off"


def _masked(one: ListedStatement | TakenOff) -> str:
    return f"{one.kind} {Canonical(SelectorKind(one.kind), one.canonical).masked()}"


def _can_be_said(text: str) -> bool:
    try:
        msgspec.convert(text, Text)
    except msgspec.ValidationError:
        return False
    return True


def _told(said: tuple[Any, ...], head: UpHead) -> ListPart:
    return ListPart("screening-list/2", *head, *said)


def _count(list_file: ListFile, what: str, revision: int) -> int:
    sql = list_file.connection
    (count,) = sql.execute(f"SELECT count(*) {what}", {"revision": revision}).fetchone()
    return int(count)


def _parts(list_file: ListFile, revision: int) -> Iterator[_Part]:
    for statements in batches(_statements(list_file, revision), MOST_OF_A_PART):
        yield _Part(statements, [])
    for taken_off in batches(_taken_off(list_file, revision), MOST_OF_A_PART):
        yield _Part([], taken_off)


def _statements(list_file: ListFile, revision: int) -> Iterator[ListedStatement]:
    rows = list_file.connection.execute(
        f"SELECT {_COLUMNS} {_ENTRIES} ORDER BY id",
        {"revision": revision},
    )
    for tag, sealed, kind, list_, role, confidence, countries, *times in rows:
        said = open_sealed(tag, sealed, list_file.sealer)
        first_seen, last_seen, review_by, expires_at = times
        yield ListedStatement(
            kind=kind,
            canonical=said.canonical,
            list=list_,
            source=said.source,
            role=role,
            reason=said.reason,
            confidence=confidence,
            jurisdictions=countries.split(),
            first_seen=first_seen,
            last_seen=last_seen,
            review_by=review_by,
            expires_at=expires_at,
        )


def _taken_off(list_file: ListFile, revision: int) -> Iterator[TakenOff]:
    rows = list_file.connection.execute(
        f"SELECT tag, kind, sealed {_RETRACTED} ORDER BY tag",
        {"revision": revision},
    )
    for tag, kind, sealed in rows:
        reason = open_reason(list_file.sealer, sealed, kind, BLOCK_PLACE + tag)
        yield TakenOff(kind, reason.canonical.text, reason.text)
