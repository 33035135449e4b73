"""Why what was answered cannot be written: a disk without room is no bad input."""

import errno
from pathlib import Path

import pytest

from screening.client.commands.exits import BAD_INPUT, NOT_KNOWN, exit_code
from screening.client.unwritten import unwritten


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        (errno.ENOSPC, NOT_KNOWN, "make room there"),
        (errno.EDQUOT, NOT_KNOWN, "make room there"),
        (errno.EIO, NOT_KNOWN, "make room there"),
        (errno.EACCES, BAD_INPUT, "mend that"),
        (errno.EROFS, BAD_INPUT, "mend that"),
    ],
)
def test_only_a_disk_that_takes_no_more_is_worth_another_run(
    number: int, code: int, said: str
) -> None:
    error = unwritten(Path("out.csv"), OSError(number, "no"))
    assert exit_code(error) == code
    assert str(error).startswith("out.csv cannot be written: no; ")
    assert said in str(error)
