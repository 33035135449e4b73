"""Where the spools are: read without changing anything."""

import hashlib
from contextlib import closing

import msgspec

from indexer.deployment import list_path, open_list
from indexer.keyring import Keyring
from indexer.list.approvers import Approver, Approvers
from indexer.list.exports import Exports
from indexer.list.file import ListFile
from indexer.list.statement_sets import statements_of
from indexer.list.up_files import UpFile
from indexer.settings import IndexerSettings
from indexer.spool.keys import SpoolKeys
from indexer.spool.up_line import UpLine
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
    file is named with its hash. By these a console that was restored goes on. `strays` says what to
    do with each file of the up spool that is not the indexer's.
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
    strays: list[str]


def spool_status(settings: IndexerSettings) -> SpoolStatus:
    """Return where the spools are; raises `OperatorError` where there is no deployment."""
    keyring = Keyring(settings.home)
    keys = SpoolKeys(settings.home, keyring)
    console = keys.find_console()
    next_sequence, last, result, names = 1, None, StatementSet(), list[str]()
    last_up: UpFile | None = None
    strays = list[str]()
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
            line = _find_up_line(settings, list_file, keys.deployment)
            if line is not None:
                last_up, strays = line.last_written(), line.strays()
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
        0 if last_up is None else last_up.sequence,
        FIRST_PREVIOUS if last_up is None else hashlib.sha256(last_up.document).hexdigest(),
        strays,
    )


def count_waiting(settings: IndexerSettings, next_sequence: int) -> int:
    """Count the files of the down spool from the next one on."""
    if not settings.spool.exists():
        return 0
    return sum(one >= next_sequence for one in SpoolFolder(settings.spool, "down").sequences())


def find_strays(settings: IndexerSettings) -> list[str]:
    """Return what to do with each file of the up spool that is not of here, of none without one."""
    if not list_path(settings).exists():
        return []
    keyring = Keyring(settings.home)
    with closing(open_list(settings, keyring, read_only=True)) as list_file:
        deployment = SpoolKeys(settings.home, keyring).deployment
        line = _find_up_line(settings, list_file, deployment)
        return [] if line is None else line.strays()


def _find_up_line(settings: IndexerSettings, list_file: ListFile, deployment: str) -> UpLine | None:
    """Return the line of up files, None where there are no spools."""
    if not settings.spool.exists():
        return None
    return UpLine(list_file, SpoolFolder(settings.spool, "up"), deployment)


def registered_approvers(settings: IndexerSettings) -> list[Approver]:
    """Return who approves, by name."""
    keyring = Keyring(settings.home)
    if not list_path(settings).exists():
        return []
    with closing(open_list(settings, keyring, read_only=True)) as list_file:
        return Approvers(list_file).registered()
