"""`OUT.resume`: which rows were answered, and how; durable batch by batch, mode 0600.

It holds no value and no token: a line that binds it to one input and one way of asking, then a line
for each answered batch with a check, the hash of it and of all lines before it: a sign that a disk
has changed would make a match no match. When all is done it becomes `OUT.receipts`: its openings
prove, together with the file, what was asked and answered.
"""

import hashlib
import os
import re
from pathlib import Path
from typing import Final, Literal, Self

import msgspec

from screening.client.bulk.outcomes import ALL_CODES, asked_cells
from screening.client.unwritten import unwritten
from screening.file_lock import try_flock
from screening.private_files import sync_directory
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.unreadable import UNREADABLE
from screening.vocabulary.wire import ListState


class ResumeHeader(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What must be the same when a command is run again; `columns` are (index, kind).

    `region_column` is an index. `rules` are those by which the cells of each column are read, None
    where all are the ordinary ones; with others the same cell could be another answer.
    """

    format: Literal["gen-screen-bulk/2"]
    input_sha256: str
    rows: int
    columns: list[tuple[int, str]]
    region: str | None
    key_id: str
    region_column: int | None = None
    rules: list[str] | None = None


class AnsweredBatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rows from `first_row` (0 is the one below the header); `cells` has one code for each cell.

    The codes are those of `outcomes.py`; the n-th asked cell is row n of `receipt`.
    """

    first_row: int
    cells: str
    receipt: str | None = None
    opening: str | None = None
    list: ListState | None = None


_BEGIN = b'{"format":"gen-screen-bulk/'
_header_decoder = msgspec.json.Decoder(ResumeHeader)
_FORMAT: Final = b"2"
_CHECK: Final = re.compile(rb',"check":"([0-9a-f]{64})"}\Z')
"""The last member of a line: the hex SHA-256 of the check before it, if any, and of the line
without this member."""
_batch_decoder = msgspec.json.Decoder(AnsweredBatch)


def is_record(path: Path) -> bool:
    """Tell whether a file is the record of a run, under this name or another."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_BEGIN)) == _BEGIN


class ResumeFile:
    """The record of one run, locked while it is open; `batches` are what it holds, in row order."""

    def __init__(self, path: Path, header: ResumeHeader, *, anew: bool = False) -> None:
        """Begin or go on; raises `OperatorError` when `path` belongs to another question.

        With `anew` a record that is there is emptied, whatever it was begun with.
        """
        self._path = path
        self._width = len(header.columns)
        self._table_rows = header.rows
        self.batches: list[AnsweredBatch] = []
        self._check = b""
        self._descriptor = _open_locked(path)
        try:
            if anew and is_record(path):
                os.ftruncate(self._descriptor, 0)
            self._load(header)
            os.fchmod(self._descriptor, 0o600)
        except BaseException:
            os.close(self._descriptor)
            raise

    @property
    def rows(self) -> int:
        """How many rows are answered."""
        return sum(self.rows_of(batch) for batch in self.batches)

    def rows_of(self, batch: AnsweredBatch) -> int:
        """How many rows one batch covers."""
        return len(batch.cells) // self._width

    def append(self, batch: AnsweredBatch) -> None:
        """Record one answered batch; it is durable when this returns."""
        content = msgspec.json.encode(batch)
        check = _check_of(self._check, content)
        self._write(b'%s,"check":"%s"}' % (content[:-1], check))
        self._check = check
        self.batches.append(batch)

    def in_order(self) -> list[AnsweredBatch]:
        """Return the batches by their rows: they land in any order."""
        return sorted(self.batches, key=lambda batch: batch.first_row)

    def become(self, path: Path) -> None:
        """Take the name `path`, replacing what is there; raises `OperatorError`."""
        try:
            self._path.replace(path)
            sync_directory(path.parent)
        except OSError as error:
            raise OperatorError(
                f"{self._path} cannot become {path}: {error.strerror}; rename it yourself"
            ) from None
        self._path = path

    def close(self) -> None:
        """Let go of the file and its lock."""
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _load(self, header: ResumeHeader) -> None:
        content = _content(self._descriptor)
        whole = content[: content.rfind(b"\n") + 1]
        if whole:
            self._load_lines(whole.splitlines(), header)
        elif not msgspec.json.encode(header).startswith(content):
            raise self._damaged()  # perhaps no record at all: it is left as it is
        if not self.batches:
            whole = b""  # a question that got no answer is nobody's: this one begins
        # What a kill cut off was never counted as done: its batch is asked again.
        os.ftruncate(self._descriptor, len(whole))
        if not whole:
            self._write(msgspec.json.encode(header))
            self._check = b""
            sync_directory(self._path.parent)

    def _load_lines(self, lines: list[bytes], header: ResumeHeader) -> None:
        if lines[0].startswith(_BEGIN) and not lines[0].startswith(_BEGIN + _FORMAT + b'"'):
            raise OperatorError(
                f"{self._path} was begun by another version of gen-screen; go on with that one, or "
                "keep a copy and give --anew"
            )
        try:
            begun = _header_decoder.decode(lines[0])
            self.batches = [self._read(line) for line in lines[1:]]
        except UNREADABLE:
            raise self._damaged() from None
        if self.batches:
            self._refuse_another(begun, header)
        self._refuse_damaged()

    def _read(self, line: bytes) -> AnsweredBatch:
        kept = _CHECK.search(line)
        content = line if kept is None else line[: kept.start()] + b"}"
        self._check = _check_of(self._check, content)
        if kept is None or kept[1] != self._check:
            raise self._damaged()
        return _batch_decoder.decode(content)

    def _refuse_another(self, begun: ResumeHeader, header: ResumeHeader) -> None:
        if begun.input_sha256 != header.input_sha256:
            raise OperatorError(
                f"the input changed since {self._path} was begun; restore the input, or give "
                "--anew to ask about every row anew"
            )
        if begun != header:
            raise OperatorError(
                f"{self._path} was begun with other columns, region or kit; run the same command "
                "as before, or give --anew to ask about every row anew"
            )

    def _refuse_damaged(self) -> None:
        next_row = 0
        for batch in self.in_order():
            asked = asked_cells(batch.cells)
            if (
                batch.first_row < next_row
                or not batch.cells
                or len(batch.cells) % self._width
                or not ALL_CODES.issuperset(batch.cells)
                or (asked > 0 and batch.receipt is None)
            ):
                raise self._damaged()
            next_row = batch.first_row + self.rows_of(batch)
        if next_row > self._table_rows:
            raise self._damaged()

    def _damaged(self) -> OperatorError:
        return OperatorError(f"{self._path} is damaged; remove it to ask about every row anew")

    def _write(self, line: bytes) -> None:
        size = os.fstat(self._descriptor).st_size
        try:
            _write_all(self._descriptor, line + b"\n")
            os.fsync(self._descriptor)
        except OSError as error:
            # Other batches may land yet: none may begin behind half a line.
            os.ftruncate(self._descriptor, size)
            raise unwritten(self._path, error) from None


def _check_of(before: bytes, content: bytes) -> bytes:
    return hashlib.sha256(before + content).hexdigest().encode()


def _open_locked(path: Path) -> int:
    """Open the file that has this name, and hold its lock; raises `OperatorError`."""
    while True:
        descriptor = _open_own(path)
        if not try_flock(descriptor):
            os.close(descriptor)
            raise OperatorError(
                f"another gen-screen bulk is writing {path}; wait for it, or choose another -o"
            )
        if _has_name(descriptor, path):
            return descriptor
        # A run that ended in between has made this its receipts: they are not to be written to.
        os.close(descriptor)


def _open_own(path: Path) -> int:
    try:
        descriptor = os.open(
            path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
        )
    except OSError as error:
        raise OperatorError(
            f"{path} cannot be written: {error.strerror}; choose another place for -o"
        ) from None
    # Whoever can write the record decides what the answers are.
    if os.fstat(descriptor).st_uid != os.geteuid():
        os.close(descriptor)
        raise OperatorError(f"{path} belongs to another user; choose another place for -o")
    return descriptor


def _has_name(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def _content(descriptor: int) -> bytes:
    with os.fdopen(os.dup(descriptor), "rb") as file:
        file.seek(0)
        return file.read()


def _write_all(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]
