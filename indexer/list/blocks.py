"""What keeps selectors off the list, whatever is said of them: from a revision on, until another.

A retraction has the moment at which it was decided last. Of what the console has signed that is
when it was written, by the console's clock; of what hands do it is when they do it, by the clock of
this host. Nothing that was written before undoes it. The latest counts, also of a file that was
refused: somebody has signed it.
"""

from collections.abc import Iterable
from typing import NamedTuple

from indexer.list.file import ListFile
from indexer.list.reasons import BLOCK_PLACE, Reason
from indexer.list.resolved import OPEN
from screening.vocabulary.selector import Canonical


class Block(NamedTuple):
    """Which selector is kept off: `why` is `retracted` or `excluded`, `reason` is a text."""

    canonical: Canonical
    why: str
    reason: str


def begin_block(
    list_file: ListFile, block: Block, revision: int, *, decided_at: int | None = None
) -> None:
    """Keep a selector off the list from `revision` on, unless it is so already."""
    tag = list_file.tags.of(block.canonical)
    sealed = Reason(block.canonical, block.reason).sealed(list_file.sealer, BLOCK_PLACE + tag)
    list_file.connection.execute(
        "INSERT INTO blocks SELECT :tag, :why, :kind, :sealed, :at, :revision, :open, :decided_at "
        "WHERE NOT EXISTS "
        "(SELECT 1 FROM blocks WHERE tag = :tag AND why = :why AND until = :open)",
        {
            "tag": tag,
            "why": block.why,
            "kind": block.canonical.kind.value,
            "sealed": sealed,
            "at": list_file.now(),
            "revision": revision,
            "open": OPEN,
            "decided_at": decided_at,
        },
    )


def end_blocks(list_file: ListFile, tags: Iterable[bytes], why: str, revision: int) -> None:
    """End blocks from `revision` on."""
    list_file.connection.executemany(
        "UPDATE blocks SET until = ? WHERE tag = ? AND why = ? AND until = ?",
        [(revision, tag, why, OPEN) for tag in tags],
    )


def note_retracted_again(list_file: ListFile, tags: Iterable[bytes], at: int) -> None:
    """Note that these selectors, where they are retracted, were so at a moment as well.

    Also where what is not in force yet lifts them: it may be refused, and they stay retracted.
    """
    landed = list_file.landed_revision()
    list_file.connection.executemany(
        "UPDATE blocks SET decided_at = :at WHERE tag = :tag AND why = 'retracted' "
        "AND until > :landed AND coalesce(decided_at, at) < :at",
        [{"tag": tag, "at": at, "landed": landed} for tag in tags],
    )


def retracted_after(list_file: ListFile, tags: Iterable[bytes], moment: int) -> list[int]:
    """Return when those were retracted last that were so after a moment; all in Unix seconds."""
    sql = list_file.connection
    found = (
        sql.execute(
            "SELECT max(coalesce(decided_at, at)) FROM blocks WHERE tag = ? AND why = 'retracted' "
            "AND until = ?",
            (tag, OPEN),
        ).fetchone()
        for tag in tags
    )
    return [int(at) for (at,) in found if at is not None and at > moment]
