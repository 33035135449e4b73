"""A segment that is bad is told and left where it is bad; the others are merged."""

import os
from pathlib import Path

import pytest

from screening.ledger.log.sources import Source
from screening.vocabulary.errors import LedgerDamaged
from tests.ledger.conftest import OpenLedger
from tests.ledger.log.merging import edit, merged_log, settle
from tests.ledger.looking import files, record


class Told(list[tuple[str, str]]):
    """Remembers alarms."""

    def raised(self, what: str, name: str, *, since: int = 0) -> None:
        self.append((what, name))


def test_a_damaged_segment_stops_no_other_and_is_told(
    directory: Path, open_ledger: OpenLedger
) -> None:
    told = Told()
    for first in (0, 3):
        with open_ledger() as ledger:
            ledger.append([record(number) for number in range(first, first + 3)])
    bad, _ = files(directory, ".sealed")
    edit(bad, lambda content: content.__setitem__(content.index(b'{"n":1}') + 5, ord("7")))
    with merged_log(directory, alarms=told) as log:
        assert settle(log) == 4  # the record before the bad one, and the other segment
        assert settle(log) == 0
    assert told == [("journal_damaged", bad.stem)]


def test_a_segment_that_is_open_to_others_is_one_line_of_the_log_however_often_it_is_looked_at(
    directory: Path, open_ledger: OpenLedger, caplog: pytest.LogCaptureFixture
) -> None:
    told = Told()
    with open_ledger() as ledger:
        ledger.append([record(0)])
    (path,) = files(directory, ".sealed")
    path.chmod(0o644)
    with merged_log(directory, alarms=told) as log:
        assert [log.merge() for _ in range(3)] == [0, 0, 0]
    (line,) = caplog.messages
    assert "not merged further" in line
    assert "chmod 600" in line
    assert told == [("journal_damaged", path.stem)] * 3  # a counter, by which an alert goes on


@pytest.mark.parametrize("is_taken", [True, False])
def test_a_segment_that_was_away_for_some_looks_is_merged_on_when_it_is_back(
    directory: Path, open_ledger: OpenLedger, tmp_path: Path, *, is_taken: bool
) -> None:
    told = Told()
    ledger = open_ledger()
    with merged_log(directory, alarms=told) as log:
        ledger.append([record(0), record(1)])
        taken = settle(log) if is_taken else log.merge()
        (path,) = files(directory, ".open")
        away = path.rename(tmp_path / "away")
        assert [log.merge() for _ in range(3)] == [0, 0, 0]
        away.rename(path)
        ledger.append([record(2)])
        assert settle(log) == 3 - taken
    assert set(told) == ({("journal_damaged", path.stem)} if is_taken else set())


@pytest.mark.parametrize("kind", ["mode", "folder", "pipe"])
def test_a_segment_that_is_no_file_of_ours_keeps_no_other_from_being_merged(
    directory: Path, open_ledger: OpenLedger, kind: str
) -> None:
    path = directory / "aaa.open"
    with open_ledger() as ledger:
        ledger.append([record(number) for number in range(3)])
    match kind:
        case "mode":
            path = files(directory, ".sealed")[0]
            path.chmod(0o644)
        case "folder":
            path.mkdir(mode=0o700)
        case "pipe":
            os.mkfifo(path, 0o600)
    other = open_ledger()
    other.append([record(3)])
    with merged_log(directory) as log:
        assert settle(log) == (1 if kind == "mode" else 4)
        if kind == "mode":
            path.chmod(0o600)
            assert settle(log) == 3
        assert log.size == 4


def test_a_sealed_segment_with_fewer_records_than_were_taken_of_it_lacks_the_next(
    directory: Path, open_ledger: OpenLedger
) -> None:
    with open_ledger() as ledger:
        ledger.append([record(number) for number in range(3)])
    (path,) = files(directory, ".sealed")
    assert list(Source(directory, path.stem, 3).lines()) == []
    with pytest.raises(LedgerDamaged, match=rf"^segment {path.stem}, line 6: missing$"):
        list(Source(directory, path.stem, 4).lines())


def test_what_recovery_has_set_aside_is_merged_up_to_its_bad_record(
    directory: Path, open_ledger: OpenLedger
) -> None:
    ledger = open_ledger()
    ledger.append([record(number) for number in range(3)])
    (path,) = files(directory, ".open")
    ledger._segment.release()  # type: ignore[union-attr]  # as the end of its process does
    edit(path, lambda content: content.__setitem__(content.index(b'{"n":1}') + 5, ord("7")))
    with open_ledger() as other:
        other.append([record(3)])
    assert files(directory, ".damaged")
    with merged_log(directory) as log:
        assert settle(log) == 2
