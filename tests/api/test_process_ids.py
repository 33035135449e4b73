"""Whether a process lives is told of other users' processes, too, and the same everywhere."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest

from screening.api.cache import AnswersFrom
from screening.api.process_ids import is_alive
from tests.api.sync_host import Host

ONE_USER: Final = 12_345
ANOTHER: Final = 12_346


@contextmanager
def process_of_another_user() -> Iterator[int]:
    """Yield the pid of a process that this one may not signal meanwhile."""
    if os.geteuid() != 0:
        yield 1
        return
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, user=ONE_USER) as other:
        os.seteuid(ANOTHER)
        try:
            with pytest.raises(PermissionError):
                os.kill(other.pid, 0)
            yield other.pid
        finally:
            os.seteuid(0)


def test_a_process_of_another_user_lives() -> None:
    with process_of_another_user() as pid:
        assert is_alive(pid)


def test_a_process_that_has_ended_and_a_number_of_none_do_not_live() -> None:
    with subprocess.Popen(["true"]) as ended:
        pass
    assert not is_alive(ended.pid)
    assert not is_alive(1 << 64)
    assert is_alive(os.getpid())


def test_what_a_worker_of_another_user_answers_from_is_attested_and_not_forgotten(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    said = AnswersFrom(7, {})
    host.cache.write_loaded(said)
    monkeypatch.setattr(os, "kill", refuse)  # as another user would find
    assert host.cache.read_loaded() == [said]
    assert host.cache.read_loaded() == [said]
