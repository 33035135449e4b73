"""A witness that is killed at any step has remembered all that it countersigned."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from screening.ledger.log.checkpoint import open_checkpoint
from screening.witness.home import create_witness, find_log, read_key, trust
from screening.witness.witness import Witness
from tests.harness.witnesses import KEY, Tree
from tests.witness.dying import SIZES

MOST = 200


@pytest.fixture
def honest(tmp_path: Path) -> Tree:
    tree = Tree(tmp_path / "honest")
    tree.grow(40)
    return tree


@pytest.fixture
def lives(tmp_path: Path, honest: Tree) -> list[Path]:
    """The home of each witness that was killed, the last one's of the one that was not."""
    first = tmp_path / "lives" / "001"
    create_witness(first, "witness.example/one")
    trust(first, KEY.verifier)
    for number in range(2, MOST):
        shutil.copytree(first, first.with_name(f"{number:03}"))
    for old, size in SIZES:
        (first.parent / f"body-{size}").write_bytes(honest.submission(old, size))
    subprocess.run(
        [sys.executable, "-m", "tests.witness.dying", str(first.parent)],
        check=True,
        timeout=120,
        cwd=Path(__file__).parents[2],
    )
    told = sorted(first.parent.glob("*.signed"))
    assert len(told) > 3 * 4  # each time it writes a file, syncs, renames and syncs again
    return [path.with_suffix("") for path in told]


def test_killed_at_any_step_it_goes_on_from_what_it_countersigned_and_from_nothing_else(
    lives: list[Path], honest: Tree, tmp_path: Path
) -> None:
    fork = Tree(tmp_path / "fork", "f")
    fork.grow(40)
    seen = set()
    for home in lives:
        told = [int(line) for line in Path(f"{home}.signed").read_text().split()]
        seen.add(len(told))
        log = find_log(home, KEY.verifier.name)
        assert log is not None
        newest = log.newest()
        assert newest.size >= max(told, default=0)
        assert newest.size in (0, *(size for _, size in SIZES))
        again = Witness(home, read_key(home), time.time)
        if newest.size:
            assert again.add_checkpoint(fork.submission(newest.size, 40)).outcome == "unproven"
        assert again.add_checkpoint(honest.submission(newest.size, 40)).outcome == "signed"
        kept = (log.folder / "newest").read_bytes()
        assert open_checkpoint(kept, KEY.verifier)[1].size == 40
    assert seen == {0, 1, 2, 3}


def test_what_cannot_be_kept_is_not_countersigned(
    tmp_path: Path, honest: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "witness"
    create_witness(home, "witness.example/one")
    trust(home, KEY.verifier)
    witness = Witness(home, read_key(home), time.time)
    steps: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda _: steps.append("fsync"))
    assert witness.add_checkpoint(honest.submission(0, 5)).outcome == "signed"
    assert steps == ["fsync", "fsync"]  # of the file, and of its name

    def fail(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="Input/output error"):
        witness.add_checkpoint(honest.submission(5, 9))
    monkeypatch.undo()
    assert witness.add_checkpoint(honest.submission(5, 9)).outcome == "signed"
