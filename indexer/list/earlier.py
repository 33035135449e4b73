"""The lists that one may go back to: what is kept of each, for whoever has to choose."""

from collections.abc import Sequence
from typing import NamedTuple

from indexer.list.file import ListFile
from indexer.list.revisions import Revisions


class KeptList(NamedTuple):
    """A list as it was last in force, by the number of the revision that added to it.

    `published_at` is when it was first in force (Unix seconds), by whose `command`. Where that
    release is not remembered any more, nobody is named, and the time is one of the list's changes
    since. `revision` is the one to go back to, and holds `entries`.
    """

    number: int
    revision: int
    entries: int
    published_at: int
    command: str | None
    actor: str | None


def kept_lists(list_file: ListFile, revision: int) -> list[KeptList]:
    """Return the list of `revision`, the one in force, and those before it, the next one first.

    Those are what one rollback after the other goes back to.
    """
    revisions = Revisions(list_file)
    line, before = [revision], revisions.find_before(revision)
    while before is not None:
        line.append(before)
        before = revisions.find_before(before)
    kept = []
    for one, entries in zip(line, _count_entries(list_file, line), strict=True):
        of = revisions.of(one)
        made = _find_made(list_file, of.content) or (of.published_at, None, None)
        kept.append(KeptList(of.content, one, entries, *made))
    return kept


def _count_entries(list_file: ListFile, revisions: Sequence[int]) -> list[int]:
    """Count the entries of each of these revisions; reads two indexes once, and no entry."""
    begun, ended = (
        list_file.connection.execute(
            f"SELECT {column}, count(*) FROM entries GROUP BY {column}"  # noqa: S608 - of two constants
        ).fetchall()
        for column in ("since", "until")
    )
    return [
        sum(count for since, count in begun if since <= revision)
        - sum(count for until, count in ended if until <= revision)
        for revision in revisions
    ]


def _find_made(list_file: ListFile, content: int) -> tuple[int, str, str] | None:
    """Return when a list was first put in force (Unix seconds), by which command, and whose."""
    row: tuple[int, str, str] | None = list_file.connection.execute(
        "SELECT published_at, command, actor FROM releases WHERE (revision = :content OR revision "
        "IN (SELECT revision FROM revisions WHERE content = :content)) AND command IN "
        "('publish', 'publish changes', 'import', 'add') ORDER BY release LIMIT 1",
        {"content": content},
    ).fetchone()
    return row
