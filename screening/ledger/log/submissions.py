"""What a log sends to its witness, and what that answers, as C2SP tlog-witness spells it; pure.

https://c2sp.org/tlog-witness: an old size, a proof of consistency from it, and a checkpoint.
"""

import base64
import binascii
from typing import Final

import msgspec

from screening.ledger.log.notes import MAX_NOTE_BYTES, NoteRefused
from screening.ledger.log.tree import HASH_BYTES

PATH: Final = "/add-checkpoint"
SIZE_TYPE: Final = "text/x.tlog.size"
MAX_PROOF_LINES: Final = 63
MAX_SUBMISSION_BYTES: Final = MAX_NOTE_BYTES + (MAX_PROOF_LINES + 1) * 64
"""A line of the proof has 45 bytes, that of the old size 24 at most."""

_MAX_SIZE_DIGITS: Final = 19


class Submission(msgspec.Struct, frozen=True):
    """A new checkpoint (the whole note), and why it goes on from that of `old_size` leaves."""

    old_size: int
    proof: tuple[bytes, ...]
    checkpoint: bytes

    def encoded(self) -> bytes:
        """Return the body of the request."""
        proof = b"".join(base64.b64encode(one) + b"\n" for one in self.proof)
        return b"old %d\n%b\n%b" % (self.old_size, proof, self.checkpoint)


def parse_submission(body: bytes) -> Submission:
    """Read the body of a request; raises `NoteRefused`."""
    before, blank, checkpoint = body.partition(b"\n\n")
    first, *lines = before.split(b"\n")
    if not blank or not first.startswith(b"old ") or len(lines) > MAX_PROOF_LINES:
        raise NoteRefused("not an old size, a proof, an empty line and a checkpoint")
    return Submission(
        parse_size(first.removeprefix(b"old ")), tuple(map(_parse_hash, lines)), checkpoint
    )


def parse_size(digits: bytes) -> int:
    """Read a size, which is written in one way only; raises `NoteRefused`."""
    if not digits.isdigit() or len(digits) > _MAX_SIZE_DIGITS or digits != b"%d" % int(digits):
        raise NoteRefused("not a size")
    return int(digits)


def _parse_hash(line: bytes) -> bytes:
    try:
        content = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError):
        raise NoteRefused("a line of the proof is not base64") from None
    if len(content) != HASH_BYTES or base64.b64encode(content) != line:
        raise NoteRefused("a line of the proof is no hash")
    return content
