"""Files that strangers have made are read in a process of their own, without a key or an address.

It has so much memory and time and no more, writes no file, and what it says is all that comes back.
A workbook that unpacks to more than it seems, or a text that is slow to search, ends that process.
"""

import logging
import os
import re
import resource
import subprocess
import sys
import threading
from typing import Final

import msgspec

from intelligence.errors import Busy, FormRefused
from intelligence.imports.read_upload import CALLED, ReadUpload, Unread, Upload, read_upload
from screening.core_dumps import forbid_core_dumps
from screening.importers.foreign_rows import Notice
from screening.vocabulary.errors import OperatorError

MEMORY_BYTES: Final = 1 << 30
READING_S: Final = 60
"""Of a processor; the whole may take twice as long, where others are busy too."""
_log = logging.getLogger(__name__)
_AT_A_TIME: Final = 2
_WAIT_S: Final = 10.0
_TOO_MUCH: Final = (
    "this file takes more memory or time than reading one may; save it as CSV, or as several files"
)
_NOT_READ: Final = (
    "this file cannot be read, and whoever runs the service finds that in its log; save it as CSV"
)
_TOO_LONG: Final = "the texts in this file are too long to be kept; shorten sources and reasons"
_MOST_TOLD_BYTES: Final = 16 << 20
"""What is read is sealed, kept, and looked through again with each page."""
_OUT_OF_MEMORY: Final = 75
_FIELDS: Final = (
    ("--role victim", "the role victim"),
    ("--role", "role for all"),
    ("--sheet", "the field Sheet"),
    ("--region", "a country for phones"),
    ("indexer import", "an upload of its own"),
    ("name it phone or card", "choose phone or card for it under Columns"),
)
"""What importers call options of a command, by what this console's form calls them."""
_CALLED_WITH_SUFFIX: Final = re.compile(rf"{CALLED}\.\w+")
Answer = ReadUpload | Unread


class Reader:
    """Reads files, few at a time, each within `cpu_s` seconds and `memory_bytes`."""

    def __init__(self, *, cpu_s: int = READING_S, memory_bytes: int = MEMORY_BYTES) -> None:
        self._limits = (str(cpu_s), str(memory_bytes))
        self._time_s = 2 * cpu_s
        self._free = threading.Semaphore(_AT_A_TIME)

    def read(self, upload: Upload) -> ReadUpload:
        """Return what a file says; raises `FormRefused` where it cannot be read, and `Busy`."""
        if not self._free.acquire(timeout=_WAIT_S):
            raise Busy
        try:
            return self._read(upload)
        finally:
            self._free.release()

    def _read(self, upload: Upload) -> ReadUpload:
        command = [sys.executable, "-m", __name__, *self._limits]
        try:
            done = subprocess.run(
                command,
                input=msgspec.msgpack.encode(upload),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # a trace may show what stands in the file
                env={
                    "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
                    "PYTHONSAFEPATH": "1",
                    "PYTHONDONTWRITEBYTECODE": "1",
                },
                timeout=self._time_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise FormRefused(_TOO_MUCH) from None
        if done.returncode:
            raise FormRefused(self._why_ended(done.returncode))
        answer: Answer = msgspec.msgpack.decode(done.stdout, type=Answer)
        if isinstance(answer, Unread):
            raise FormRefused(answer.sentence)
        return answer

    def _why_ended(self, code: int) -> str:
        if code < 0 or code == _OUT_OF_MEMORY:  # ended by the system, or before it would have been
            return _TOO_MUCH
        _log.error("an upload was not read: the process that reads it ended with %d", code)
        return _NOT_READ


def in_words_of_the_form(sentence: str) -> str:
    """Return a sentence of an importer as whoever fills in a form understands it."""
    for option, field in _FIELDS:
        sentence = sentence.replace(option, field)
    return _CALLED_WITH_SUFFIX.sub(CALLED, sentence)


def spelled(answer: Answer) -> bytes:
    """Return the bytes of an answer: no more than can be kept."""
    told = msgspec.msgpack.encode(answer)
    # One long text of the file may stand in each of its rows.
    return told if len(told) <= _MOST_TOLD_BYTES else msgspec.msgpack.encode(Unread(_TOO_LONG))


def confine(cpu_s: int, memory_bytes: int) -> None:
    """Have this process take so much and no more, and leave nothing on a disk, for good."""
    forbid_core_dumps()
    for what, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, 0),
    ):
        resource.setrlimit(what, (most, most))


def main(cpu_s: str, memory_bytes: str) -> None:
    """Read the upload on stdin, and say what it holds on stdout."""
    confine(int(cpu_s), int(memory_bytes))
    answer: Answer
    try:
        read = read_upload(msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Upload))
        notices = [Notice(in_words_of_the_form(one.text), one.count) for one in read.notices]
        answer = msgspec.structs.replace(read, notices=notices)
    except OperatorError as error:
        answer = Unread(in_words_of_the_form(str(error)))
    except MemoryError:
        sys.exit(_OUT_OF_MEMORY)
    sys.stdout.buffer.write(spelled(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
