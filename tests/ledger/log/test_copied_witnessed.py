"""A copy's countersigned checkpoint gives way to no damaged and to no older one."""

from pathlib import Path

import pytest

from screening.ledger.log.audit import verify_log
from screening.ledger.log.checkpoint import LOG
from screening.ledger.log.copied_witnessed import Believed
from screening.ledger.log.export import export_ledger
from screening.ledger.log.witnessed import WITNESSED
from screening.vocabulary.errors import LedgerDamaged
from tests.ledger.log.keeping import NOW, WITNESS, audited, countersign, export, write
from tests.ledger.log.merging import KEY, edit


def damage_signature(path: Path) -> None:
    """Change one digit of the last line's base64 for another one."""
    edit(path, lambda lines: lines.__setitem__(-20, ord("B" if lines[-20] == ord("A") else "A")))


def witnessed_size(directory: Path) -> int:
    found = verify_log(directory, KEY.verifier, witness=WITNESS.verifier).witnessed
    assert found is not None
    return found.checkpoint.size


@pytest.mark.parametrize("lies_here", ["older", "garbage", "nothing", "a flipped bit", "too much"])
def test_a_damaged_or_older_one_here_takes_the_place_of_no_whole_one(
    journal: Path, copy: Path, lies_here: str
) -> None:
    older = countersign(journal, 1)
    write(journal, 30, NOW)
    newer = countersign(journal, 2)
    export(journal, copy)
    write(journal, 50, NOW)
    flipped = bytes([newer[0] ^ 1]) + newer[1:]
    contents = {"older": older, "garbage": b"x" * 50, "nothing": b"", "a flipped bit": flipped}
    (journal / LOG / WITNESSED).write_bytes(contents.get(lies_here, b"y" * (1 << 21)))
    for _ in range(2):
        with pytest.raises(LedgerDamaged, match=r"witnessed.* keeps its own"):
            export(journal, copy)
        assert (copy / LOG / WITNESSED).read_bytes() == newer
    assert (witnessed_size(copy), audited(copy)) == (20, 25)
    countersign(journal, 3)
    export(journal, copy)
    assert witnessed_size(copy) == 25


def test_one_of_another_log_of_the_same_key_comes_to_no_copy(
    journal: Path, copy: Path, tmp_path: Path
) -> None:
    content = countersign(journal, 1)
    export(journal, copy)
    other = tmp_path / "other"
    write(other, 70)
    (journal / LOG / WITNESSED).write_bytes(countersign(other, 2))
    with pytest.raises(LedgerDamaged, match="not of this log's leaves; the copy keeps its own"):
        export(journal, copy)
    assert (copy / LOG / WITNESSED).read_bytes() == content


def test_a_countersignature_that_was_damaged_here_is_brought_by_no_export_that_has_the_key(
    journal: Path, copy: Path
) -> None:
    countersign(journal, 1)
    export(journal, copy)
    write(journal, 30, NOW)
    content = countersign(journal, 2)
    # One that has grown no further is not replaced: without the key nobody tells which is damaged.
    damage_signature(journal / LOG / WITNESSED)
    by = Believed(KEY.verifier, WITNESS.verifier)
    with pytest.raises(LedgerDamaged, match=r"signature was changed; the copy keeps its own"):
        export_ledger(journal, copy, by, lambda *_: None)
    assert witnessed_size(copy) == 15
    (journal / LOG / WITNESSED).write_bytes(content)
    export(journal, copy)
    damage_signature(journal / LOG / WITNESSED)
    export(journal, copy)
    assert (witnessed_size(copy), (copy / LOG / WITNESSED).read_bytes()) == (20, content)
    damage_signature(copy / LOG / WITNESSED)
    (journal / LOG / WITNESSED).write_bytes(content)
    export_ledger(journal, copy, by, lambda *_: None)
    assert witnessed_size(copy) == 20


def test_one_of_another_log_in_a_copy_gives_way_to_the_one_here(
    journal: Path, copy: Path, tmp_path: Path
) -> None:
    content = countersign(journal, 1)
    export(journal, copy)
    other = tmp_path / "other"
    for first in range(0, 20, 5):
        write(other, 70 + first)
    (copy / LOG / WITNESSED).write_bytes(countersign(other, 2))
    export(journal, copy)
    assert (copy / LOG / WITNESSED).read_bytes() == content
