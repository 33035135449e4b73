"""The runs of a log are read as they were written, and otherwise refused with their line."""

from pathlib import Path

import pytest

from screening.ledger.log.runs import Run, read_runs
from screening.vocabulary.errors import LedgerDamaged

FIRST, SECOND = Run(0, "a", 1, 3), Run(3, "a", 4, 1)


def written(folder: Path, content: bytes) -> Path:
    path = folder / "runs"
    path.write_bytes(content)
    path.chmod(0o600)
    return folder


def test_runs_are_read_as_they_were_written_and_a_torn_one_says_nothing(tmp_path: Path) -> None:
    assert list(read_runs(tmp_path)) == []
    folder = written(tmp_path, FIRST.line + SECOND.line + SECOND.line[:-1])
    assert list(read_runs(folder)) == [FIRST, SECOND]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (b"{}\n", "not a run"),
        (SECOND.line.replace(b":", b": "), "not spelled as it was written"),
        (SECOND.line.replace(b'"a"', b'"\\u0061"'), "not spelled as it was written"),
        (FIRST.line, "does not follow from those before"),
        (Run(3, "a", 4, 0).line, "does not follow from those before"),
        (Run(3, "a" * (1 << 10), 1, 1).line, "longer than any line"),
    ],
)
def test_a_line_that_is_no_run_or_does_not_follow_is_named(
    tmp_path: Path, line: bytes, what: str
) -> None:
    folder = written(tmp_path, FIRST.line + line)
    with pytest.raises(LedgerDamaged, match=f"^log, runs, line 2: {what}$"):
        list(read_runs(folder))
