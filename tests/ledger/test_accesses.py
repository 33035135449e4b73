"""Who asked: what can be read is told, and that anything is gone is never passed over."""

import io
import os
import shutil
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
import pytest

from screening.ledger import reader
from screening.ledger.accesses import Access, FeedbackGiven, Wanted, find_accesses
from screening.ledger.ledger import Ledger
from screening.ledger.seals import SEALS
from screening.ledger.segment import OPEN, SEALED
from screening.private_files import open_private
from screening.vocabulary.errors import LedgerDamaged, LedgerUnavailable
from tests.ledger.conftest import HandClock, OpenLedger, spoil_next_fdatasync
from tests.ledger.looking import ASKED

SUFFIXES: Final = (OPEN, SEALED)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A journal of two segments, in each of which a partner of its own has asked."""
    for partner in ("acme", "beta"):
        with Ledger(tmp_path, host="test") as ledger:
            asked = msgspec.structs.replace(ASKED, partner=partner)
            ledger.append([msgspec.json.encode(asked)])
    return tmp_path


@pytest.mark.parametrize(
    "how",
    [
        *("cut off", "emptied", "incomplete", "set aside", "removed", "open to others"),
        *("unsealed", "seals removed"),
    ],
)
def test_that_answers_are_gone_is_said_when_all_others_have_been_told(
    journal: Path, how: str
) -> None:
    path = min(journal.glob("*.sealed"))
    content = path.read_bytes()
    match how:
        case "cut off":
            path.write_bytes(content.splitlines(keepends=True)[0])
        case "emptied":
            path.write_bytes(b"")
        case "incomplete":
            path.write_bytes(content[:-3])
        case "set aside":
            path.rename(path.with_suffix(".damaged"))
        case "removed":
            path.unlink()
        case "unsealed":
            path.write_bytes(content.splitlines(keepends=True)[0])
            path.rename(path.with_suffix(".open"))
        case "seals removed":
            (journal / SEALS).unlink()
        case _:
            path.chmod(0o644)
    told: list[Access | FeedbackGiven] = []
    with pytest.raises(LedgerDamaged, match=path.stem):
        told.extend(find_accesses(journal, Wanted()))
    assert [access.partner for access in told][-1:] == ["beta"]


def test_a_continued_segment_that_cannot_be_read_hides_no_other_that_is_gone(
    directory: Path, open_ledger: OpenLedger, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    payload = msgspec.json.encode(ASKED)
    with open_ledger() as ledger:
        ledger.append([payload])
        spoil_next_fdatasync(monkeypatch, OSError(5, "Input/output error"))
        with pytest.raises(LedgerUnavailable):
            ledger.append([payload])
        clock.move(1)
        ledger.append([payload])
    with open_ledger() as ledger:
        ledger.append([payload])
    continued, _, last = sorted(path for path in directory.iterdir() if path.suffix in SUFFIXES)
    continued.chmod(0o644)
    last.unlink()
    with pytest.raises(LedgerDamaged) as raised:
        list(find_accesses(directory, Wanted()))
    said = str(raised.value)
    assert said.count(f"{continued} can be read by others") == 1
    assert f"segment {last.stem}, line 1: missing" in said


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (Wanted(since=ASKED.at), 2),
        (Wanted(until=ASKED.at), 0),
        (Wanted(since=ASKED.at.replace(minute=1)), 0),
        (Wanted(until=ASKED.at.replace(minute=1)), 2),
        (Wanted(partner="beta"), 1),
    ],
)
def test_a_range_begins_with_its_first_moment_and_ends_before_its_last(
    journal: Path, wanted: Wanted, count: int
) -> None:
    assert len(list(find_accesses(journal, wanted))) == count


@pytest.mark.parametrize(
    "payload", [b"{}", msgspec.json.encode(ASKED).replace(b'Z"', b'"', 1)], ids=["empty", "no zone"]
)
def test_a_record_that_is_no_answer_is_named(journal: Path, payload: bytes) -> None:
    with Ledger(journal, host="test") as ledger:
        ledger.append([payload])
    with pytest.raises(LedgerDamaged, match="line 2: no record of an answer"):
        list(find_accesses(journal, Wanted(since=ASKED.at)))


def test_a_segment_that_lies_there_twice_is_named_and_told_once(journal: Path) -> None:
    path = min(journal.glob("*.sealed"))
    shutil.copy(path, path.with_suffix(".damaged"))
    told: list[Access | FeedbackGiven] = []
    with pytest.raises(LedgerDamaged, match=f"{path.stem}, line 1: it lies here under two names"):
        told.extend(find_accesses(journal, Wanted()))
    assert [access.partner for access in told] == ["acme", "beta"]


def test_what_the_disk_does_not_give_hides_no_other_segment(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = min(journal.glob("*.sealed"))
    long_name = journal / f"{'x' * 248}.sealed"  # with another ending it is too long for a name
    long_name.touch(0o600)
    opened = open_private

    class Failing(io.BufferedReader):
        def readline(self, size: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error")

    def fail(path: Path) -> BinaryIO:
        file = opened(path)
        if path != first:
            return file
        with file:
            return Failing(io.FileIO(os.dup(file.fileno())))

    monkeypatch.setattr(reader, "open_private", fail)
    told: list[Access | FeedbackGiven] = []
    with pytest.raises(LedgerDamaged) as raised:
        told.extend(find_accesses(journal, Wanted()))
    assert f"{first.stem}, line 1: cannot be read: Input/output error" in str(raised.value)
    assert f"{long_name.stem}.open cannot be used: File name too long" in str(raised.value)
    assert [access.partner for access in told] == ["beta"]


@pytest.mark.parametrize(
    ("how", "left"),
    [("altered", "abde"), ("removed", "abe"), ("put in", "abcde"), ("first altered", "abcde")],
)
def test_behind_the_first_bad_record_is_told_what_follows_from_a_line_before(
    directory: Path, open_ledger: OpenLedger, how: str, left: str
) -> None:
    with open_ledger() as ledger:
        for partner in "abcde":
            asked = msgspec.structs.replace(ASKED, partner=partner)
            ledger.append([msgspec.json.encode(asked)])
    path = min(directory.glob("*.sealed"))
    header, *lines = path.read_bytes().splitlines(keepends=True)
    match how:
        case "altered":
            lines[2] = lines[2].replace(b'"c"', b'"x"')
        case "removed":
            del lines[2]
        case "put in":
            lines.insert(2, b"0" * 64 + b' {"partner":"x"}\n')
        case _:
            header = header.replace(b"test", b"tset")
    path.write_bytes(b"".join([header, *lines]))
    told: list[Access | FeedbackGiven] = []
    with pytest.raises(
        LedgerDamaged, match=f"{path.stem}, line {1 if 'first' in how else 4}: does"
    ):
        told.extend(find_accesses(directory, Wanted()))
    assert "".join(access.partner for access in told) == left
