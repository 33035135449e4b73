"""The format of a ledger, and what `append` and `close` promise."""

import hashlib
import subprocess
import time
from pathlib import Path

import pytest

from screening.ledger.ledger import Ledger
from screening.ledger.lines import parse_header
from screening.ledger.seals import LOCK_WAIT_S
from screening.ledger.segment import OpenSegment
from screening.ledger.verify import verify_ledger
from screening.vocabulary.errors import LedgerUnavailable, OperatorError
from tests.ledger.conftest import HandClock, OpenLedger, spoil_next_fdatasync
from tests.ledger.looking import files, lines, numbers, record


def test_records_are_found_in_the_order_they_were_appended(
    open_ledger: OpenLedger, directory: Path
) -> None:
    with open_ledger() as ledger:
        ledger.append([record(0)])
        ledger.append([record(1), record(2)])
        assert numbers(directory) == [0, 1, 2]
    assert numbers(directory) == [0, 1, 2]


def test_every_line_carries_the_hash_of_the_chain_before_it_and_itself(
    open_ledger: OpenLedger, directory: Path
) -> None:
    with open_ledger() as ledger:
        ledger.append([record(number) for number in range(5)])
    chain = b""
    content = files(directory, ".sealed")[0].read_bytes()
    assert content.endswith(b"\n")
    for line in content.splitlines():
        stated, payload = line.split(b" ", 1)
        chain = hashlib.sha256(chain + payload).hexdigest().encode()
        assert stated == chain


def test_sha256sum_and_a_shell_can_check_a_segment(
    open_ledger: OpenLedger, directory: Path
) -> None:
    with open_ledger() as ledger:
        ledger.append([record(1), record(2)])
    script = """
        previous=
        while read -r chain json; do
            [ "$(printf %s%s "$previous" "$json" | sha256sum)" = "$chain  -" ] || exit 1
            previous=$chain
        done < "$1"
    """
    segment = files(directory, ".sealed")[0]
    assert subprocess.run(["bash", "-c", script, "-", str(segment)], check=False).returncode == 0
    segment.write_bytes(segment.read_bytes().replace(b'"n":1', b'"n":3'))
    assert subprocess.run(["bash", "-c", script, "-", str(segment)], check=False).returncode == 1


def test_a_segment_begins_with_its_header_and_ends_with_its_seal(
    open_ledger: OpenLedger, directory: Path
) -> None:
    with open_ledger() as ledger:
        ledger.append([record(1), record(2)])
        path = files(directory, ".open")[0]
        header, *_ = lines(path)
        assert header["format"] == "screening-ledger/1"
        assert header["segment"] == path.stem
        assert header["host"] == "test"
        assert header["previous_seal"] is None
        assert header["continues"] is None
    *_, last = lines(path.with_suffix(".sealed"))
    assert last["seal"]["number"] == 1
    assert last["seal"]["segment"] == path.stem
    assert last["seal"]["records"] == 2
    assert last["seal"]["previous"] is None
    assert last["seal"]["recovered"] is False


def test_seals_of_all_writers_form_one_numbered_chain(
    open_ledger: OpenLedger, directory: Path
) -> None:
    first, second = open_ledger(), open_ledger()
    first.append([record(1)])
    second.append([record(2)])
    second.close()
    first.close()
    with open_ledger() as third:
        third.append([record(3)])
    index = (directory / "seals").read_bytes().splitlines()
    seals = [payload["seal"] for payload in lines(directory / "seals")]
    assert [seal["number"] for seal in seals] == [1, 2, 3]
    assert [seal["previous"] for seal in seals] == [None, *(line[:64].decode() for line in index)][
        :3
    ]
    header = lines(files(directory, ".sealed")[-1])[0]
    assert header["previous_seal"]["number"] == 2
    assert header["previous_seal"]["chain"] == index[1][:64].decode()


def test_a_segment_that_is_large_enough_is_sealed_and_another_one_opened(
    open_ledger: OpenLedger, directory: Path
) -> None:
    with open_ledger(max_segment_bytes=1_000) as ledger:
        for number in range(60):
            ledger.append([record(number)])
    sealed = files(directory, ".sealed")
    assert len(sealed) > 3
    assert max(path.stat().st_size for path in sealed) < 2_000
    assert numbers(directory) == list(range(60))
    report = verify_ledger(directory)
    assert (report.records, report.open_segments) == (60, 0)
    assert report.segments == len(sealed)
    assert report.last_seal is not None
    assert report.last_seal.number == len(sealed)


def test_a_segment_without_records_is_never_sealed_however_large_its_header(
    open_ledger: OpenLedger, directory: Path
) -> None:
    with open_ledger(max_segment_bytes=1) as ledger:
        for _ in range(3):
            ledger.append([])
        assert len(files(directory, ".open")) == 1
        assert not files(directory, ".sealed")


def test_neither_rotation_nor_a_look_at_the_segments_of_others_costs_a_descriptor(
    open_ledger: OpenLedger,
) -> None:
    with open_ledger() as other, open_ledger(max_segment_bytes=1) as ledger:
        other.append([record(0)])
        ledger.append([record(1)])
        before = len(list(Path("/proc/self/fd").iterdir()))
        for number in range(20):  # each is sealed, after which those of others are looked at
            ledger.append([record(number)])
        assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_segment_is_never_made_in_place_of_another(
    open_ledger: OpenLedger, directory: Path
) -> None:
    with open_ledger() as ledger:
        ledger.append([record(1)])
        (path,) = files(directory, ".open")
        header = parse_header(path.read_bytes().splitlines()[0].split(b" ", 1)[1])
        with pytest.raises(LedgerUnavailable, match="File exists"):
            OpenSegment.create(directory, header)
        assert numbers(directory) == [1]
        ledger.append([record(2)])
    assert numbers(directory) == [1, 2]


def test_rotation_waits_for_no_one(open_ledger: OpenLedger, directory: Path) -> None:
    ledger = open_ledger(max_segment_bytes=500)
    ledger.append([record(number) for number in range(10)])
    with ledger._seals.lock():  # another process is sealing, and has been stopped meanwhile
        before_s = time.monotonic()
        ledger.append([record(10)])
        assert time.monotonic() - before_s < LOCK_WAIT_S
    assert len(files(directory, ".open")) == 1
    assert not files(directory, ".sealed")
    ledger.append([record(11)])
    assert len(files(directory, ".sealed")) == 1
    ledger.close()
    assert numbers(directory) == list(range(12))


def test_files_are_0600_in_a_directory_of_0700(open_ledger: OpenLedger, directory: Path) -> None:
    with open_ledger() as ledger:
        ledger.append([record(1)])
        assert {path.stat().st_mode & 0o777 for path in directory.iterdir()} == {0o600}
    assert directory.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in directory.iterdir()} == {0o600}


def test_a_directory_that_others_can_enter_is_refused(directory: Path) -> None:
    directory.chmod(0o750)
    with pytest.raises(OperatorError, match="chmod 700"):
        Ledger(directory, host="test")


@pytest.mark.parametrize("name", ["*.sealed", "seals"])
def test_a_file_that_others_can_read_is_refused(
    open_ledger: OpenLedger, directory: Path, name: str
) -> None:
    with open_ledger() as ledger:
        ledger.append([record(1)])
    next(directory.glob(name)).chmod(0o640)
    with pytest.raises(OperatorError, match="chmod 600"):
        verify_ledger(directory)


@pytest.mark.parametrize(
    "payload",
    [b"", b"[]", b"{}\n", b'{"a":\n1}', b'{"seal":{"number":1}}', b'{"a":"' + b"x" * (1 << 20)],
)
def test_a_payload_that_is_not_one_line_of_an_object_is_refused_before_anything_is_written(
    open_ledger: OpenLedger, directory: Path, payload: bytes
) -> None:
    with open_ledger() as ledger:
        ledger.append([record(1)])
        with pytest.raises(ValueError, match="a payload"):
            ledger.append([record(2), payload])
        ledger.append([record(3)])
    assert numbers(directory) == [1, 3]


def test_a_ledger_that_was_never_appended_to_leaves_no_segment(
    open_ledger: OpenLedger, directory: Path
) -> None:
    open_ledger().close()
    assert list(directory.iterdir()) == []


def test_the_writer_holds_its_segment_against_everyone(
    open_ledger: OpenLedger, directory: Path
) -> None:
    ledger = open_ledger()
    ledger.append([record(1)])
    with open_ledger() as other:
        other.append([record(2)])
        assert other.recovery is not None
        assert other.recovery.sealed == ()
    ledger.append([record(3)])
    ledger.close()
    assert sorted(numbers(directory)) == [1, 2, 3]


def test_a_stopped_holder_of_the_host_lock_makes_opening_fail_and_not_hang(
    open_ledger: OpenLedger, clock: object
) -> None:
    ledger, other = open_ledger(), open_ledger()
    with other._seals.lock(), pytest.raises(LedgerUnavailable, match="lock"):
        ledger.append([record(1)])


def test_only_the_segment_after_a_failure_continues_another(
    open_ledger: OpenLedger, directory: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_ledger(max_segment_bytes=400) as ledger:
        ledger.append([record(0)])
        spoil_next_fdatasync(monkeypatch, OSError(5, "Input/output error"))
        with pytest.raises(LedgerUnavailable):
            ledger.append([record(1)])
        clock.move(1)
        for number in range(1, 10):
            ledger.append([record(number)])
    assert numbers(directory) == list(range(10))
    headers = [
        lines(path)[0] for path in (*files(directory, ".open"), *files(directory, ".sealed"))
    ]
    continued = [header["continues"] for header in headers]
    assert continued[0] is None
    assert continued[1]["segment"] == headers[0]["segment"]
    assert len(continued) > 2
    assert set(continued[2:]) == {None}


def test_an_interrupted_append_leaves_nothing_that_a_seal_could_be_set_upon(
    open_ledger: OpenLedger, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = open_ledger()
    ledger.append([record(0)])
    spoil_next_fdatasync(monkeypatch, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        ledger.append([record(1)])
    ledger.close()
    assert len(files(directory, ".open")) == 1
    assert not (directory / "seals").read_bytes()
    with open_ledger() as after:
        after.append([record(2)])
    assert numbers(directory) == [0, 2]
    verify_ledger(directory)
