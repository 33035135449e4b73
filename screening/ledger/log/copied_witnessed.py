"""Which countersigned checkpoint a copy is to have: none that is less than its own."""

from pathlib import Path

import msgspec

from screening.ledger.log.notes import Checkpoint, VerifierKey
from screening.ledger.log.tree import Subtrees, root
from screening.ledger.log.witnessed import WITNESSED, Witnessed, find_witnessed
from screening.vocabulary.errors import LedgerDamaged, OperatorError


class Believed(msgspec.Struct, frozen=True):
    """By which keys a countersigned checkpoint is believed: without the witness's, only read."""

    key: VerifierKey
    witness: VerifierKey | None


class Found(msgspec.Struct, frozen=True):
    """What lies in a log, or a sentence that tells why it is not believed."""

    witnessed: Witnessed | None
    wrong: str | None = None


def look_at_witnessed(log: Path, by: Believed) -> Found:
    """Read what was countersigned."""
    try:
        return Found(find_witnessed(log, by.key, by.witness))
    except (LedgerDamaged, OperatorError) as error:
        return Found(None, str(error))


def witnessed_for_copy(
    ours: Found, theirs: Found, by: Believed, *, signed: Checkpoint, hashes: Subtrees
) -> Found:
    """Return what is to be brought to a copy, if anything, and why not.

    Without the witness's key nobody can tell whether a countersignature was damaged: of two of one
    checkpoint the copy's own stays then.
    """
    if ours.witnessed is None:
        return Found(None, f"{ours.wrong}; the copy keeps its own" if ours.wrong else None)
    own = ours.witnessed.checkpoint
    if not _is_of(own, signed, hashes):
        return Found(None, f"log, {WITNESSED}: not of this log's leaves; the copy keeps its own")
    copied = theirs.witnessed.checkpoint if theirs.witnessed else None
    if copied is None or not _is_of(copied, signed, hashes):
        return ours
    if copied.size > own.size:
        return Found(
            None,
            f"log, {WITNESSED}: over {own.size} records, and over {copied.size} in the copy, which "
            "keeps its own",
        )
    return Found(None) if copied == own and by.witness is None else ours


def _is_of(witnessed: Checkpoint, signed: Checkpoint, hashes: Subtrees) -> bool:
    return witnessed.size <= signed.size and root(witnessed.size, hashes) == witnessed.root
