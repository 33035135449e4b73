"""Where the spools are: read without changing anything."""

from contextlib import closing

import msgspec

from indexer.deployment import list_path, open_list
from indexer.keyring import Keyring
from indexer.list.approvers import Approver, Approvers
from indexer.list.exports import Exports
from indexer.list.statement_sets import statements_of
from indexer.settings import IndexerSettings
from indexer.spool.keys import SpoolKeys
from screening.spools.folder import SpoolFolder
from screening.spools.statements import StatementSet


class LastTold(msgspec.Struct, frozen=True):
    """The last acknowledgement: of which down file, and what became of it."""

    of: int
    outcome: str


class SpoolStatus(msgspec.Struct, frozen=True):
    """What `indexer spool status` shows; `console` is the id of the key that is trusted."""

    deployment: str
    console: str | None
    approvers: list[str]
    next_sequence: int
    waiting: int
    statements: int
    digest: str
    last_told: LastTold | None


def spool_status(settings: IndexerSettings) -> SpoolStatus:
    """Return where the spools are; raises `OperatorError` where there is no deployment."""
    keyring = Keyring(settings.home)
    keys = SpoolKeys(settings.home, keyring)
    console = keys.find_console()
    next_sequence, last, result, names = 1, None, StatementSet(), list[str]()
    if list_path(settings).exists():
        with (
            closing(open_list(settings, keyring, read_only=True)) as list_file,
            list_file.snapshot(),
        ):
            exports = Exports(list_file)
            next_sequence, last = exports.next_sequence(), exports.last_told()
            result = statements_of(list_file, list_file.landed_revision())
            names = [one.name for one in Approvers(list_file).registered()]
    return SpoolStatus(
        keys.deployment,
        None if console is None else console.id,
        names,
        next_sequence,
        count_waiting(settings, next_sequence),
        result.statements,
        result.result().digest,
        None if last is None else LastTold(last.of, last.outcome),
    )


def count_waiting(settings: IndexerSettings, next_sequence: int) -> int:
    """Count the files of the down spool from the next one on."""
    if not settings.spool.exists():
        return 0
    return sum(one >= next_sequence for one in SpoolFolder(settings.spool, "down").sequences())


def registered_approvers(settings: IndexerSettings) -> list[Approver]:
    """Return who approves, by name."""
    keyring = Keyring(settings.home)
    if not list_path(settings).exists():
        return []
    with closing(open_list(settings, keyring, read_only=True)) as list_file:
        return Approvers(list_file).registered()
