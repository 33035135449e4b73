"""What was changed by hand beside the console is undone, so that its files are applied again.

A file is refused as drifted where the list is not what the console holds it for. The list is made
that again, by what two people have signed; what keeps a selector off is never undone.
"""

from dataclasses import dataclass
from typing import Final

from indexer.changes import Changed, put_in_force
from indexer.deployment import Deployment
from indexer.list.exports import last_exported
from indexer.list.revisions import Revisions
from indexer.list.statement_sets import statements_of
from indexer.list.undoing import is_lifted, retracted_since, undo
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.selector import Canonical

_COMMAND: Final = "spool undo"


@dataclass(frozen=True, slots=True)
class Undone(Changed):
    """What is in force again; `before` and `statements` are how many statements the list has had.

    `kept_off` is retracted here, while what the console says of it stands.
    """

    before: int
    statements: int
    kept_off: list[Canonical]


def undo_by_hand(deployment: Deployment) -> Undone | None:
    """Put the statements of the console's last file in force again; None where they are.

    Raises `OperatorError` where no file of it is in force, or what it made is not kept any more.
    """
    list_file = deployment.list_file
    earlier, landed = last_exported(list_file), list_file.landed_revision()
    if earlier is None:
        raise OperatorError(
            "no file of the console is in force here, so nothing is to be undone; for a list from "
            "before it, see: indexer spool list"
        )
    wanted, there = statements_of(list_file, earlier), statements_of(list_file, landed)
    if there == wanted and not is_lifted(list_file, earlier):
        return None
    deployment.record(_COMMAND, revision=earlier)
    revision = undo(list_file, earlier) if _is_kept(deployment, earlier) else None
    if revision is None or statements_of(list_file, revision) != wanted:
        Revisions(list_file).discard_drafts()
        raise OperatorError(
            "what the console's last file has made is not kept any more; restore a backup of the "
            "indexer from before the list was changed by hand, and then run: indexer spool apply"
        )
    release, revision = put_in_force(deployment, _COMMAND, revision)
    kept_off = retracted_since(list_file, earlier)
    return Undone(release, revision, there.statements, wanted.statements, kept_off)


def _is_kept(deployment: Deployment, revision: int) -> bool:
    found = deployment.list_file.connection.execute(
        "SELECT 1 FROM revisions WHERE revision = ?", (revision,)
    )
    return found.fetchone() is not None
