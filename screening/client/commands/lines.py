"""`--jsonl`: one line out for each line in, in order, as soon as it is known."""

import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from queue import Queue
from typing import BinaryIO, Final

import msgspec

from screening.vocabulary.errors import NotCanonical
from screening.vocabulary.normalise import normalise
from screening.vocabulary.selector import Canonical
from screening.vocabulary.unreadable import UNREADABLE

_AHEAD: Final = 256
"""Lines that may be read before the first of them is answered: enough for every core."""


class _Line(msgspec.Struct, frozen=True):
    kind: str
    raw: str
    region: str | None = None

    def __repr__(self) -> str:
        return f"_Line({self.kind})"


_decoder = msgspec.json.Decoder(_Line)


@contextmanager
def interrupted_at_once() -> Iterator[None]:
    """Let Ctrl-C end the process by its signal, as it does to any filter between two pipes.

    Python's own handler only leaves a note, which nobody reads while a read that began just behind
    it waits for the next line.
    """
    handler = signal.getsignal(signal.SIGINT)
    if handler is not signal.default_int_handler:
        yield  # Ignored by whoever started us, for instance.
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


def line_answer(
    line: bytes, *, region: str | None, name: str, answer: Callable[[Canonical], str]
) -> bytes:
    """Return the line that answers `line`: `{name: ...}` or `{"error": CODE}`.

    `region` holds where a line names none.
    """
    try:
        asked = _decoder.decode(line)
    except UNREADABLE:
        return msgspec.json.encode({"error": "invalid_line"})
    try:
        canonical = normalise(asked.kind, asked.raw, region=asked.region or region)
    except NotCanonical as error:
        return msgspec.json.encode({"error": error.code})
    return msgspec.json.encode({name: answer(canonical)})


def answer_lines(
    lines: Iterable[bytes], answer: Callable[[bytes], bytes], stdout: BinaryIO
) -> None:
    """Answer line by line; each goes out before the next is read."""
    for line in lines:
        stdout.write(answer(line) + b"\n")
        stdout.flush()


def answer_lines_in_threads(
    lines: Iterable[bytes],
    answer: Callable[[bytes], bytes],
    stdout: BinaryIO,
    pool: ThreadPoolExecutor,
) -> None:
    """Answer lines on all cores, in order: for answers that cost more than a thread's hand-over.

    A line goes out as soon as all before it have, whether or not another comes in.
    """
    answers: Queue[Future[bytes] | None] = Queue(_AHEAD)
    closed = threading.Event()
    with ThreadPoolExecutor(1) as writing:
        written = writing.submit(_write_in_order, answers, stdout, closed)
        try:
            for line in lines:
                if closed.is_set():
                    break
                answers.put(pool.submit(answer, line))
        finally:
            answers.put(None)
        written.result()


def _write_in_order(
    answers: "Queue[Future[bytes] | None]", stdout: BinaryIO, closed: threading.Event
) -> None:
    try:
        while (answer := answers.get()) is not None:
            stdout.write(answer.result() + b"\n")
            stdout.flush()
    except BaseException:
        closed.set()
        # The reader may wait for a free place: it gets one, and then sees that nobody listens.
        while answers.get() is not None:
            pass
        raise
