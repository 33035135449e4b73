"""A copy goes into a new folder, an empty one, or its own: any other is left as it was."""

from pathlib import Path

import pytest

from screening.ledger.ledger import Ledger
from screening.ledger.log.checkpoint import LOG
from screening.ledger.verify import verify_ledger
from screening.private_files import ensure_private_directory
from screening.vocabulary.errors import OperatorError
from tests.ledger.log.keeping import audited, contents, export
from tests.ledger.looking import record


def test_a_ledger_that_is_no_copy_is_left_as_it_was(journal: Path, tmp_path: Path) -> None:
    other = tmp_path / "audit"
    with Ledger(other, host="test") as ledger:
        ledger.append([record(1)])
        before = contents(other)
        with pytest.raises(
            OperatorError, match="holds something that is no copy of a journal; give a new folder"
        ):
            export(journal, other)
        assert contents(other) == before
    with pytest.raises(
        OperatorError, match="holds something that is no copy of a journal; give a new folder"
    ):
        export(journal, other)
    assert (verify_ledger(other).records, (other / LOG).exists()) == (1, False)


@pytest.mark.parametrize(
    "names",
    [
        ["accounts.csv"],
        [".hidden"],
        ["log/app.log"],
        ["log/", "accounts.csv"],
        ["log", "lock"],
        ["seals/of-wax.txt"],
    ],
    ids=str,
)
def test_a_folder_that_holds_anything_else_is_left_as_it_was(
    journal: Path, tmp_path: Path, names: list[str]
) -> None:
    other = ensure_private_directory(tmp_path / "other")
    for name in names:
        path = other / name
        ensure_private_directory(path if name.endswith("/") else path.parent)
        if not name.endswith("/"):
            path.write_text("not a journal's")
    before = {path: path.is_dir() or path.read_bytes() for path in other.rglob("*")}
    with pytest.raises(OperatorError, match="holds something that is no copy of a journal"):
        export(journal, other)
    assert {path: path.is_dir() or path.read_bytes() for path in other.rglob("*")} == before


def test_an_empty_folder_takes_a_copy(journal: Path, copy: Path) -> None:
    export(journal, ensure_private_directory(copy))
    assert audited(copy) == 15
