"""`audit fsck --mend` derives runs from the first that is not true on, and they follow."""

from pathlib import Path

import msgspec
import pytest

from screening.ledger.ledger import Ledger
from screening.ledger.log.checkpoint import LOG
from screening.ledger.log.inspection import inspect
from screening.ledger.log.mending import mend
from screening.ledger.log.runs import RUNS, Run
from tests.ledger.log.keeping import NOW, audited, export, retain, write
from tests.ledger.log.merging import edit, merged_log, signed
from tests.ledger.looking import files, record


def wrong(journal: Path) -> list[str]:
    return [finding.file for finding in inspect(journal) if not finding.is_whole]


def told(content: bytes) -> list[tuple[str, int]]:
    """Segment and number of the record that each leaf is."""
    runs = [msgspec.json.decode(line, type=Run) for line in content.splitlines()]
    return [(run.segment, run.record + place) for run in runs for place in range(run.count)]


def recounted(journal: Path, line: int, count: int) -> bytes:
    """Put another count in a line of the runs, from 0; returns them as they were."""
    path = journal / LOG / RUNS
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    lines[line] = lines[line].replace(b":5}\n", b":%d}\n" % count)
    path.write_bytes(b"".join(lines))
    return whole


@pytest.mark.parametrize("count", [1, 4, 7])
@pytest.mark.parametrize("line", [0, 1, 2])
def test_runs_with_a_damaged_count_are_derived_from_that_one_on(
    journal: Path, line: int, count: int
) -> None:
    whole = recounted(journal, line, count)
    assert f"{LOG}/{RUNS}" in wrong(journal)
    assert len([*mend(journal)]) == 1
    assert told((journal / LOG / RUNS).read_bytes()) == told(whole)
    assert (wrong(journal), audited(journal), [*mend(journal)]) == ([], 15, [])


def test_a_run_of_another_segment_is_derived_anew(journal: Path) -> None:
    whole = (journal / LOG / RUNS).read_bytes()
    name = files(journal, ".sealed")[1].stem.encode()
    (journal / LOG / RUNS).write_bytes(whole.replace(name, name[:-1] + b"x"))
    assert len([*mend(journal)]) == 1
    assert ((journal / LOG / RUNS).read_bytes(), audited(journal)) == (whole, 15)


def test_the_run_of_an_altered_record_stays_as_it_is(journal: Path) -> None:
    whole = (journal / LOG / RUNS).read_bytes()
    edit(files(journal, ".sealed")[1], lambda content: content.__setitem__(300, 0))
    assert not any(RUNS in said for said in mend(journal))
    assert (journal / LOG / RUNS).read_bytes() == whole


def test_a_run_that_passes_the_signed_end_is_named_and_mended(journal: Path) -> None:
    with Ledger(journal, host="test", now=lambda: NOW) as ledger:
        ledger.append([record(number) for number in range(90, 95)])
        with merged_log(journal) as log:
            signed(log)
        whole = recounted(journal, 3, 7)
        found = {one.file: one.sentence for one in inspect(journal) if not one.is_whole}
        passes = "log, runs: a run passes leaf 20, where what was signed ends"
        assert found[f"{LOG}/{RUNS}"] == passes
        assert any("1 runs are derived" in said for said in mend(journal))
        assert (journal / LOG / RUNS).read_bytes() == whole
        assert (wrong(journal), audited(journal)) == ([], 20)


def test_runs_behind_those_of_dropped_segments_are_derived_or_left_as_they_were(
    journal: Path, copy: Path
) -> None:
    export(journal, copy)
    retain(journal, copy)
    write(journal, 60, NOW)
    whole = recounted(journal, 2, 7)
    assert len([*mend(journal)]) == 1
    assert ((journal / LOG / RUNS).read_bytes(), audited(journal)) == (whole, 20)
    recounted(journal, 1, 7)  # of which no record tells
    damaged = (journal / LOG / RUNS).read_bytes()
    assert any(said.startswith("not mended: log, runs: ") for said in mend(journal))
    assert (journal / LOG / RUNS).read_bytes() == damaged
