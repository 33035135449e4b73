"""What `gen-screen bulk` writes is durable before anything is built on it, and whole or not there.

A power cut or a full disk undoes what these steps do not make sure of.
"""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from screening.client.bulk.columns import detect_columns
from screening.client.bulk.output import write_screened
from screening.client.bulk.resume import AnsweredBatch, ResumeFile, ResumeHeader
from screening.client.bulk.table import Table, survey
from screening.vocabulary.errors import OperatorError

ROWS = 4
FIRST, SECOND = AnsweredBatch(0, "nn", "a" * 26), AnsweredBatch(2, "mn", "b" * 26)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose name the steps tell."""
    (tmp_path / "run").mkdir()
    return tmp_path / "run"


@pytest.fixture
def table(folder: Path) -> Table:
    source = folder / "in.csv"
    source.write_text("phone\n" + "".join(f"+1202555010{n}\n" for n in range(ROWS)))
    return survey(source)


def record_of(table: Table) -> ResumeFile:
    header = ResumeHeader(
        "gen-screen-bulk/2", table.sha256, ROWS, [(0, "phone")], None, "acme-2026a"
    )
    return ResumeFile(table.path.with_name("out.csv.resume"), header)


@contextmanager
def room_for(path: Path, *, more_bytes: int) -> Iterator[None]:
    """Let no file of this process become longer than `path` is, and some bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + more_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_an_answered_batch_is_durable_before_it_counts(
    table: Table, durable_steps: list[str]
) -> None:
    with record_of(table) as record:
        assert durable_steps == ["ftruncate .resume", "write .resume", "fsync .resume", "fsync run"]
        durable_steps.clear()
        record.append(FIRST)
        assert durable_steps == ["write .resume", "fsync .resume"]


@pytest.mark.parametrize("more_bytes", [0, 1, 20])
def test_a_batch_that_the_disk_had_no_room_for_leaves_no_half_of_a_line(
    table: Table, more_bytes: int
) -> None:
    with record_of(table) as record:
        path = table.path.with_name("out.csv.resume")
        record.append(FIRST)
        before = path.read_bytes()
        with (
            room_for(path, more_bytes=more_bytes),
            pytest.raises(OperatorError, match="be written: File too large; make room there"),
        ):
            record.append(SECOND)
        assert path.read_bytes() == before
        assert record.batches == [FIRST]
        # Another batch that is in flight lands once there is room.
        record.append(SECOND)
    with record_of(table) as record:
        assert record.batches == [FIRST, SECOND]


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_screened_file_is_durable_before_it_has_its_name_and_its_name_before_the_run_ends(
    table: Table, folder: Path, durable_steps: list[str], overwrite: bool
) -> None:
    with record_of(table) as record:
        record.append(FIRST)
        record.append(SECOND)
        durable_steps.clear()
        write_screened(
            table,
            detect_columns(table),
            record,
            folder / "out.csv",
            overwrite=overwrite,
            written=lambda _: None,
        )
        named = "replace" if overwrite else "link"
        assert durable_steps == ["fsync .partial", f"{named} .partial", "fsync run"]
        durable_steps.clear()
        record.become(folder / "out.csv.receipts")
        assert durable_steps == ["replace .resume", "fsync run"]
