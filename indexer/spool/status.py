"""Where the spools are: read without changing anything."""

import hashlib
from contextlib import closing

import msgspec

from indexer.deployment import list_path, open_list
from indexer.keyring import Keyring
from indexer.list.approvers import Approver, Approvers
from indexer.list.exports import Exports
from indexer.list.statement_sets import statements_of
from indexer.settings import IndexerSettings
from indexer.spool.keys import SpoolKeys
from screening.spools.export import FIRST_PREVIOUS
from screening.spools.folder import SpoolFolder
from screening.spools.statements import StatementSet


class LastTold(msgspec.Struct, frozen=True):
    """The last acknowledgement: of which down file, and what became of it."""

    of: int
    outcome: str


class SpoolStatus(msgspec.Struct, frozen=True):
    """What `indexer spool status` shows; `console` is the fingerprint of the key that is trusted.

    `previous` is the hash that the next down file has to name, None where any will do; the last up
    file is named with its hash. By these a console that was restored goes on.
    """

    deployment: str
    console: str | None
    approvers: list[str]
    next_sequence: int
    previous: str | None
    waiting: int
    statements: int
    digest: str
    last_told: LastTold | None
    up_sequence: int
    up_sha256: str


def spool_status(settings: IndexerSettings) -> SpoolStatus:
    """Return where the spools are; raises `OperatorError` where there is no deployment."""
    keyring = Keyring(settings.home)
    keys = SpoolKeys(settings.home, keyring)
    console = keys.find_console()
    next_sequence, last, result, names = 1, None, StatementSet(), list[str]()
    previous: str | None = FIRST_PREVIOUS
    if list_path(settings).exists():
        with (
            closing(open_list(settings, keyring, read_only=True)) as list_file,
            list_file.snapshot(),
        ):
            exports = Exports(list_file)
            next_sequence, last = exports.next_sequence(), exports.last_told()
            previous = exports.previous()
            result = statements_of(list_file, list_file.landed_revision())
            names = [one.name for one in Approvers(list_file).registered()]
    return SpoolStatus(
        keys.deployment,
        None if console is None else console.fingerprint,
        names,
        next_sequence,
        previous,
        count_waiting(settings, next_sequence),
        result.statements,
        result.result().digest,
        None if last is None else LastTold(last.of, last.outcome),
        *_last_up(settings),
    )


def count_waiting(settings: IndexerSettings, next_sequence: int) -> int:
    """Count the files of the down spool from the next one on."""
    if not settings.spool.exists():
        return 0
    return sum(one >= next_sequence for one in SpoolFolder(settings.spool, "down").sequences())


def _last_up(settings: IndexerSettings) -> tuple[int, str]:
    """Return the number of the last up file, and its hash."""
    if not settings.spool.exists():
        return 0, FIRST_PREVIOUS
    up = SpoolFolder(settings.spool, "up")
    last = max(up.sequences(), default=0)
    document = up.find(last) if last else None
    return (0, FIRST_PREVIOUS) if document is None else (last, hashlib.sha256(document).hexdigest())


def registered_approvers(settings: IndexerSettings) -> list[Approver]:
    """Return who approves, by name."""
    keyring = Keyring(settings.home)
    if not list_path(settings).exists():
        return []
    with closing(open_list(settings, keyring, read_only=True)) as list_file:
        return Approvers(list_file).registered()
