"""Whatever is changed in a ledger at rest is found, and its place is named."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.ledger.ledger import Ledger
from screening.ledger.verify import verify_ledger
from screening.private_files import ensure_private_directory
from screening.vocabulary.errors import LedgerDamaged
from tests.harness.deployment import BIN
from tests.harness.slow import slow_but_first
from tests.ledger.conftest import OpenLedger
from tests.ledger.looking import files, numbers, read_records, record

SEGMENTS = 4


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of four sealed segments with five records each."""
    directory = ensure_private_directory(tmp_path_factory.mktemp("whole") / "ledger")
    for first in range(0, 5 * SEGMENTS, 5):
        with Ledger(directory, host="test") as ledger:
            ledger.append([record(number) for number in range(first, first + 5)])
    assert verify_ledger(directory).records == 20
    return directory


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "copy"))


def found_at(directory: Path) -> tuple[str, int]:
    """The place that `verify_ledger` names."""
    with pytest.raises(LedgerDamaged) as raised:
        verify_ledger(directory)
    named = re.match(r"(?:segment (\S+)|(seals)), line (\d+): ", str(raised.value))
    assert named is not None, raised.value
    return named[1] or named[2], int(named[3])


def audit(folder: Path) -> "subprocess.CompletedProcess[str]":
    command = [str(BIN / "screening"), "audit", "verify", "--journal", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def edit(path: Path, change: Callable[[list[bytes]], object]) -> None:
    content = path.read_bytes().splitlines(keepends=True)
    change(content)
    path.write_bytes(b"".join(content))


@settings(max_examples=200)
@given(data=st.data())
def test_any_flipped_bit_of_any_segment_is_found_in_its_line(
    whole: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    directory = Path(shutil.copytree(whole, tmp_path_factory.mktemp("flip") / "ledger"))
    path = data.draw(st.sampled_from(files(directory, ".sealed")))
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    line = path.with_suffix(".sealed").read_bytes()[:place].count(b"\n") + 1
    assert found_at(directory) == (path.stem, line)


@settings(max_examples=100)
@given(data=st.data())
def test_any_flipped_bit_of_the_index_is_found(
    whole: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    directory = Path(shutil.copytree(whole, tmp_path_factory.mktemp("flip") / "ledger"))
    content = bytearray((directory / "seals").read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    (directory / "seals").write_bytes(content)
    with pytest.raises(LedgerDamaged):
        verify_ledger(directory)


@pytest.mark.parametrize("edited", [b"\r\n", b" \n"])
def test_white_space_put_into_the_index_is_found(copy: Path, edited: bytes) -> None:
    seals = copy / "seals"
    seals.write_bytes(seals.read_bytes().replace(b"\n", edited, 1))
    assert found_at(copy) == ("seals", 1)


@pytest.mark.parametrize("line", [1, 2, 4, 7])
def test_a_dropped_line_is_found(copy: Path, line: int) -> None:
    path = files(copy, ".sealed")[1]
    edit(path, lambda content: content.pop(line - 1))
    assert found_at(copy) == (path.stem, line)


@pytest.mark.parametrize(("one", "other"), [(2, 3), (1, 2), (3, 6), (6, 7)])
def test_reordered_lines_are_found(copy: Path, one: int, other: int) -> None:
    path = files(copy, ".sealed")[2]

    def swap(content: list[bytes]) -> None:
        content[one - 1], content[other - 1] = content[other - 1], content[one - 1]

    edit(path, swap)
    assert found_at(copy) == (path.stem, one)


def test_a_doubled_line_is_found(copy: Path) -> None:
    path = files(copy, ".sealed")[0]
    edit(path, lambda content: content.insert(3, content[2]))
    assert found_at(copy) == (path.stem, 4)


def test_a_line_after_the_seal_is_found(copy: Path) -> None:
    path = files(copy, ".sealed")[0]
    edit(path, lambda content: content.append(b"x\n"))
    assert found_at(copy) == (path.stem, 8)


def test_half_a_line_after_the_seal_is_found(copy: Path) -> None:
    path = files(copy, ".sealed")[0]
    with path.open("ab") as file:
        file.write(b"half")
    assert found_at(copy) == (path.stem, 8)


@pytest.mark.parametrize("kept_bytes", [0, 10, 500, -1, -100])
def test_a_truncated_segment_is_found(copy: Path, kept_bytes: int) -> None:
    path = files(copy, ".sealed")[3]
    content = path.read_bytes()[:kept_bytes]
    path.write_bytes(content)
    assert found_at(copy) == (path.stem, content.count(b"\n") + 1)


@pytest.mark.parametrize("number", range(SEGMENTS))
def test_a_missing_sealed_segment_is_found(copy: Path, number: int) -> None:
    path = files(copy, ".sealed")[number]
    path.unlink()
    segment, _ = found_at(copy)
    assert segment == path.stem or number + 1 < SEGMENTS


@pytest.mark.parametrize("number", range(SEGMENTS))
def test_a_removed_seal_is_found_in_the_segment_and_in_the_index(copy: Path, number: int) -> None:
    path = files(copy, ".sealed")[number]
    whole_segment = path.read_bytes()
    edit(path, lambda content: content.pop())
    assert found_at(copy) == (path.stem, 7)
    path.write_bytes(whole_segment)
    edit(copy / "seals", lambda content: content.pop(number))
    place, line = found_at(copy)
    assert (place, line) == (("seals", number + 1) if number < 3 else (path.stem, 7))


def test_a_removed_index_is_found(copy: Path) -> None:
    (copy / "seals").unlink()
    assert found_at(copy) == (files(copy, ".sealed")[0].stem, 7)


def test_the_last_segment_removed_with_its_seal_is_found_by_the_header_of_a_later_one(
    copy: Path, open_ledger: OpenLedger
) -> None:
    later = open_ledger(copy)
    later.append([record(20)])
    last = files(copy, ".sealed")[-1]
    last.unlink()
    edit(copy / "seals", lambda content: content.pop())
    assert found_at(copy) == (files(copy, ".open")[0].stem, 1)
    later.close()


def test_a_segment_of_another_name_is_found(copy: Path) -> None:
    first, second, *_ = files(copy, ".sealed")
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)
    assert found_at(copy) == (first.stem, 1)


def test_no_finding_repeats_what_a_record_says(copy: Path) -> None:
    path = files(copy, ".sealed")[0]
    path.write_bytes(path.read_bytes().replace(b'{"n":1}', b'{"n":"4242424242424242"}'))
    with pytest.raises(LedgerDamaged) as raised:
        verify_ledger(copy)
    assert "42424242" not in str(raised.value)
    assert raised.value.__context__ is None or "42424242" not in repr(raised.value.__context__)


def test_records_are_read_up_to_the_first_bad_line(copy: Path) -> None:
    path = files(copy, ".sealed")[1]
    edit(path, lambda content: content.pop(3))
    seen: list[tuple[str, int, bytes]] = []
    with pytest.raises(LedgerDamaged, match=f"segment {path.stem}, line 4:"):
        seen.extend(read_records(copy))
    assert seen[-2:] == [(path.stem, 2, record(5)), (path.stem, 3, record(6))]


def test_a_ledger_is_verified_beside_its_writer(open_ledger: OpenLedger, directory: Path) -> None:
    ledger = open_ledger(max_segment_bytes=400)
    for number in range(20):
        ledger.append([record(number)])
        report = verify_ledger(directory)
        assert (report.records, report.open_segments) == (number + 1, 1)
        assert numbers(directory) == list(range(number + 1))
    ledger.close()


def test_a_torn_end_of_an_open_segment_is_no_damage(
    open_ledger: OpenLedger, directory: Path
) -> None:
    ledger = open_ledger()
    ledger.append([record(1)])
    path = files(directory, ".open")[0]
    with path.open("ab") as file:
        file.write(b"0123")
    assert verify_ledger(directory).records == 1
    ledger.close()


@slow_but_first(1, "content", [None, [], ["notes.txt", "segment.log"]])
def test_a_folder_that_is_no_ledger_is_never_called_whole(
    tmp_path: Path, content: list[str] | None
) -> None:
    folder = tmp_path / "folder"
    if content is not None:
        folder.mkdir()
        for name in content:
            (folder / name).touch()
    done = audit(folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{folder} is no journal or ledger: it has no segment; check the path\n"


@slow_but_first(1, "is_closed", [False, True])
def test_a_ledger_that_was_opened_and_holds_nothing_yet_is_said_to_be_empty(
    open_ledger: OpenLedger, directory: Path, is_closed: bool
) -> None:
    ledger = open_ledger()
    ledger.open()
    if is_closed:
        ledger.close()
    assert audit(directory).stdout.startswith("empty: ")
    ledger.close()


@pytest.mark.parametrize("content", [b"", b"garbage\n"])
def test_a_segment_under_two_names_is_found(copy: Path, content: bytes) -> None:
    sealed = files(copy, ".sealed")[1]
    shutil.copy(sealed, sealed.with_suffix(".open"))
    sealed.write_bytes(content)
    assert found_at(copy)[0] == sealed.stem
