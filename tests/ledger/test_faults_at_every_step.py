"""A writer is killed, or its disk fails, at every system call of opening, appending and sealing."""

import subprocess
import sys
from pathlib import Path

import pytest

from screening.ledger.recovery import recover_ledger
from screening.ledger.verify import verify_ledger
from tests.harness.slow import slow_but_first
from tests.ledger import life
from tests.ledger.conftest import OpenLedger
from tests.ledger.looking import files, numbers


@pytest.fixture
def lives(tmp_path: Path, request: pytest.FixtureRequest) -> list[Path]:
    root = Path(__file__).parents[2]
    subprocess.run(
        [sys.executable, "-m", "tests.ledger.life", str(tmp_path), request.param],
        check=True,
        timeout=120,
        cwd=root,
    )
    folders = sorted(path for path in tmp_path.iterdir() if path.is_dir())
    assert len(folders) > 40  # a life has that many steps, and ends by reaching its last
    return folders


def acknowledged(folder: Path) -> list[int]:
    return [int(line) for line in Path(f"{folder}.acknowledged").read_text().split()]


@slow_but_first(1, "lives", ["kill", "half"], indirect=True)
def test_killed_at_any_step_nothing_acknowledged_is_missing_and_the_next_opener_seals(
    lives: list[Path], open_ledger: OpenLedger
) -> None:
    for folder in lives:
        told = acknowledged(folder)
        with open_ledger(folder) as ledger:
            ledger.append([b'{"n":1000}'])
        *found, last = numbers(folder)
        # One record more may be there: it was written, but its writer died before it was told.
        assert found in (told, [*told, len(told)])
        assert last == 1000
        assert not files(folder, ".open")
        assert not files(folder, ".damaged")
        assert verify_ledger(folder).records == len(found) + 1


@pytest.mark.parametrize("lives", ["kill", "half"], indirect=True)
@pytest.mark.slow
def test_another_writer_may_seal_before_the_killed_one_is_recovered(
    lives: list[Path], open_ledger: OpenLedger
) -> None:
    for folder in lives:
        # A writer that was there all the time: it recovers nothing, it only seals its own segment.
        aside = folder.with_name(f"{folder.name}-aside")
        folder.rename(aside)
        folder.mkdir(mode=0o700)
        survivor = open_ledger(folder)
        survivor.open()
        for path in aside.iterdir():
            path.replace(folder / path.name)
        survivor.append([b'{"n":1000}'])
        survivor.close()
        assert len(recover_ledger(folder).sealed) <= 1
        assert sorted(numbers(folder))[:-1] in (
            acknowledged(folder),
            [*acknowledged(folder), len(acknowledged(folder))],
        )
        assert verify_ledger(folder).open_segments == 0


@slow_but_first(
    1, ("lives", "way"), [(way, way) for way in ("fail", "fail5", "short")], indirect=["lives"]
)
def test_after_a_failure_at_any_step_the_same_writer_goes_on_and_loses_nothing(
    lives: list[Path], way: str, open_ledger: OpenLedger
) -> None:
    for folder in lives:
        assert acknowledged(folder) == list(range(life.RECORDS))
        verify_ledger(folder)  # as the writer left it, `continues` of its headers included
        with open_ledger(folder) as ledger:
            ledger.open()
        # Five failures in a row may leave a record that could not even be cut off again.
        found = numbers(folder) if way != "fail5" else sorted(set(numbers(folder)))
        assert found == list(range(life.RECORDS))
        assert not files(folder, ".open")
        assert not files(folder, ".damaged")
        verify_ledger(folder)
