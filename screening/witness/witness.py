"""What a witness does with a checkpoint: refuses it, or remembers it durably and countersigns.

https://c2sp.org/tlog-witness, "add-checkpoint". Checkpoints with extension lines are not read: the
logs of this project have none.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal

import msgspec

from screening.ledger.log.checkpoint import open_checkpoint
from screening.ledger.log.notes import (
    Checkpoint,
    NoteRefused,
    SignerKey,
    parse_checkpoint,
    parse_note,
)
from screening.ledger.log.submissions import SIZE_TYPE, Submission, parse_submission
from screening.ledger.log.tree import is_consistent
from screening.witness.home import TrustedLog, find_log

Outcome = Literal["signed", "unreadable", "unknown", "unsigned", "elsewhere", "forked", "unproven"]
"""`elsewhere`: the old size is not where the witness is. `forked`: as large, with another root."""

STATUS: Final[dict[Outcome, int]] = {
    "signed": 200,
    "unreadable": 400,
    "unsigned": 403,
    "unknown": 404,
    "elsewhere": 409,
    "forked": 409,
    "unproven": 422,
}
_TEXT: Final = "text/plain; charset=utf-8"


class Reply(msgspec.Struct, frozen=True):
    """An answer: its body, and for the log of the witness what was asked for."""

    outcome: Outcome
    body: bytes
    media_type: str = _TEXT
    checkpoint: Checkpoint | None = None
    newest_size: int | None = None


class Witness:
    """Countersigns for the logs that its home trusts; for one caller at a time.

    All that it knows of a log it reads from the disk each time: after a write that failed, what is
    there may be either.
    """

    def __init__(self, home: Path, key: SignerKey, clock: Callable[[], float]) -> None:
        self._home = home
        self._key = key
        self._clock = clock

    def add_checkpoint(self, body: bytes) -> Reply:
        """Answer one submission.

        Raises `OperatorError` where what is kept is damaged, and `OSError` where it cannot be.
        """
        try:
            submission = parse_submission(body)
            origin = parse_checkpoint(parse_note(submission.checkpoint).text).origin
        except NoteRefused as error:
            return _refused("unreadable", str(error))
        log = find_log(self._home, origin)
        if log is None:
            return _refused("unknown", "this log is not one that is countersigned here")
        try:
            _, checkpoint = open_checkpoint(submission.checkpoint, log.key)
        except NoteRefused as error:
            return _refused("unsigned", str(error))
        if submission.old_size > checkpoint.size:
            return _refused("unreadable", "the old size is larger than the checkpoint's")
        return self._go_on(log, submission, checkpoint)

    def _go_on(self, log: TrustedLog, submission: Submission, checkpoint: Checkpoint) -> Reply:
        newest = log.newest()
        size = b"%d\n" % newest.size
        if submission.old_size != newest.size:
            return Reply("elsewhere", size, SIZE_TYPE, checkpoint, newest.size)
        if newest.size == checkpoint.size and newest.root != checkpoint.root:
            return Reply("forked", size, SIZE_TYPE, checkpoint, newest.size)
        if not is_consistent(
            newest.size,
            checkpoint.size,
            old_root=newest.root,
            root=checkpoint.root,
            proof=submission.proof,
        ):
            sentence = b"the proof shows no consistency\n"
            return Reply("unproven", sentence, _TEXT, checkpoint, newest.size)
        # Also where it is the newest already: what lies there may not be durable yet.
        log.keep(submission.checkpoint)
        signature = self._key.sign(checkpoint.text, time_s=int(self._clock()))
        return Reply("signed", signature.line.encode(), _TEXT, checkpoint, newest.size)


def _refused(outcome: Outcome, sentence: str) -> Reply:
    return Reply(outcome, f"{sentence}\n".encode())
