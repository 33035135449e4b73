"""Has a witness countersign each new checkpoint of the log; nobody waits for it.

A thread of the process that keeps the log: it reads what was signed, and writes one file of its own
beside it. A witness that is slow or gone costs only what is not witnessed meanwhile.
"""

import threading
import time
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPException
from pathlib import Path
from typing import Final, Protocol

import structlog
from prometheus_client import CollectorRegistry, Gauge

from screening.alarms import Alarm, Alarms
from screening.api.http_peer import Answer
from screening.api.repeated import Repeated
from screening.ledger.log.checkpoint import LOG, read_checkpoint
from screening.ledger.log.hashes import Hashes
from screening.ledger.log.keys import LOG_KEY, read_log_key
from screening.ledger.log.notes import Checkpoint, Note, NoteRefused, VerifierKey
from screening.ledger.log.submissions import Submission, parse_size
from screening.ledger.log.tree import consistency_proof
from screening.ledger.log.witnessed import (
    Witnessed,
    countersigned,
    find_witnessed,
    keep_witnessed,
    open_witnessed,
)
from screening.private_files import sync_directory
from screening.vocabulary.errors import LedgerDamaged, OperatorError

LOOK_S: Final = 0.75
"""As often as the log is signed at the most."""
ASK_AGAIN_S: Final = 60.0
"""A log without new records has its countersignature made anew as often, with a new time."""
_FIRST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 60.0
_AT_THE_END_S: Final = 3.0
"""The supervisor gives the process 5 s to end (`companions.py`)."""


class Peer(Protocol):
    """Where a submission is sent."""

    def submit(self, body: bytes) -> Answer:
        """Send it; raises `OSError` or `HTTPException` where there is no answer."""
        ...


class _Refused(Exception):
    """The witness says that this log does not go on from what it countersigned."""


class _Failed(Exception):
    """There is no countersignature, for now."""


class Progress:
    """How far the witness is behind, as metrics."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._behind = Gauge(
            "screening_log_unwitnessed_records",
            "Records under a signed checkpoint that the witness has not countersigned",
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._at = Gauge(
            "screening_log_witnessed_timestamp_seconds",
            "When the witness countersigned last, by its own clock; 0 before the first time",
            registry=registry,
            multiprocess_mode="livemax",
        )

    def show(self, signed: Checkpoint, witnessed: Witnessed | None) -> None:
        """Set both."""
        self._behind.set(signed.size - (witnessed.checkpoint.size if witnessed else 0))
        self._at.set(witnessed.time_s if witnessed else 0)


class Witnessing:
    """Brings what was signed last below `home` to the witness whenever it is due."""

    def __init__(
        self,
        home: Path,
        witness: VerifierKey,
        peer: Peer,
        *,
        alarms: Alarms,
        progress: Progress,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._home, self._journal_log = home, home / "journal" / LOG
        self._witness, self._peer = witness, peer
        self._alarms, self._progress = alarms, progress
        self._monotonic = monotonic
        self._not_before, self._pause_s = float("-inf"), _FIRST_PAUSE_S
        self._ask_again_at = float("-inf")
        self._repeated = Repeated()
        self._witnessed: Witnessed | None = None
        self._log = structlog.get_logger("screening.log")

    def beat(self) -> bool:
        """Bring it there, unless that failed a moment ago; tell whether it is countersigned."""
        try:
            key = read_log_key(self._home / LOG_KEY).verifier
            note, signed = read_checkpoint(self._journal_log, key)
            # Durable before another remembers it: it may have been renamed only just now.
            sync_directory(self._journal_log)
        except (OperatorError, LedgerDamaged, OSError):
            return False  # the keeper of the log tells of it, or has not begun it yet
        self._recall(key)
        if self._is_due(signed) and self._monotonic() >= self._not_before:
            self._try(note, signed, key)
        self._progress.show(signed, self._witnessed)
        return not self._is_due(signed)

    def failed(self, error: Exception) -> None:
        """Tell of what nobody has foreseen, and try again later."""
        self._put_off("witness_failed", type(error).__name__)

    def _is_due(self, signed: Checkpoint) -> bool:
        """Tell whether the witness is to be asked: of what is new, and from time to time.

        Else a home that was put back whole would be in agreement with itself.
        """
        is_here = self._witnessed is not None and self._witnessed.checkpoint == signed
        return not is_here or self._monotonic() >= self._ask_again_at

    def _recall(self, key: VerifierKey) -> None:
        """Take up what lies beside the log; where that is nothing good, the witness tells."""
        try:
            self._witnessed = find_witnessed(self._journal_log, key, self._witness)
        except (LedgerDamaged, OperatorError, OSError):
            self._witnessed = None

    def _try(self, note: Note, signed: Checkpoint, key: VerifierKey) -> None:
        try:
            answered = self._submit(note, signed)
            whole = countersigned(note, answered, self._witness)
            keep_witnessed(self._journal_log, whole)
            self._witnessed = open_witnessed(whole.encoded(), key, self._witness)
        except _Refused as error:
            self._put_off("log_forked", f"the witness refuses the log: {error}")
        except _Failed as error:
            self._put_off("witness_failed", str(error))
        except NoteRefused as error:
            self._put_off("witness_failed", f"its answer is not by the key that was set: {error}")
        except (LedgerDamaged, OperatorError) as error:  # of the hashes; the keeper looks at them
            self._put_off("witness_failed", str(error))
        except (OSError, HTTPException) as error:
            what = getattr(error, "strerror", None) or type(error).__name__
            self._put_off("witness_failed", f"no answer, or no place for it: {what}")
        else:
            self._not_before, self._pause_s = float("-inf"), _FIRST_PAUSE_S
            self._ask_again_at = self._monotonic() + ASK_AGAIN_S

    def _put_off(self, alarm: Alarm, reason: str) -> None:
        self._not_before = self._monotonic() + self._pause_s
        self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)
        times = self._repeated.raised(reason)
        if times:
            self._log.error("the log is not witnessed further", reason=reason, times=times)
        self._alarms.raised(alarm, "journal")

    def _submit(self, note: Note, signed: Checkpoint) -> bytes:
        """Return the signature lines; ask once more where the witness is elsewhere than thought."""
        old = self._witnessed.checkpoint.size if self._witnessed else 0
        for _ in range(2):
            old = min(old, signed.size)  # an old size beyond is no question, but how far it is
            answer = self._peer.submit(self._submission(note, signed, old).encoded())
            match answer.status:
                case 200:
                    return answer.body
                case 409:
                    old = _where_it_is(answer, signed, old)
                case 422:
                    raise _Refused("it does not begin with what was countersigned")
                case status:
                    raise _Failed(f"the witness answers {status}")
        raise _Failed("the witness is elsewhere again; another process submits this log, perhaps")

    def _submission(self, note: Note, signed: Checkpoint, old: int) -> Submission:
        with closing(Hashes.open(self._journal_log)) as hashes:
            proof = consistency_proof(old, signed.size, hashes)
        return Submission(old, tuple(proof), note.encoded())


def _where_it_is(answer: Answer, signed: Checkpoint, asked: int) -> int:
    try:
        size = parse_size(answer.body.removesuffix(b"\n"))
    except NoteRefused:
        raise _Failed("the witness answers 409 without a size") from None
    if size > signed.size:
        raise _Refused(f"it was rolled back: {size} leaves are countersigned")
    if size == asked:
        raise _Refused(f"it has another root at the {size} leaves that are countersigned")
    return size


class WitnessThread:
    """Looks again and again, until the log is finished; then once more, within seconds."""

    def __init__(self, witnessing: Witnessing) -> None:
        self._witnessing = witnessing
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="witness", daemon=True)

    def start(self) -> None:
        """Begin; raises `RuntimeError` where the system has too many threads."""
        self._thread.start()

    def finish(self) -> None:
        """Have what was signed last witnessed, if that can be done in a moment."""
        self._ending.set()
        self._thread.join(_AT_THE_END_S)

    def _run(self) -> None:
        while not self._ending.wait(LOOK_S):
            self._beat()
        self._beat()

    def _beat(self) -> None:
        try:
            self._witnessing.beat()
        except Exception as error:
            # Not only what is foreseen: without this thread nothing is witnessed, and nobody told.
            self._witnessing.failed(error)
