"""A SIGTERM while a file is read or written: nothing is left half done, and what is so is told."""

import csv
import hashlib
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from screening.client.bulk.output import partial_path
from screening.client.bulk.resume import AnsweredBatch, ResumeFile, ResumeHeader
from screening.vocabulary.kit import Kit
from tests.client.bulk_run import Run
from tests.client.peer import Peer
from tests.harness.processes import eventually, held_by

MANY = 20_000
"""So many rows take some tenths of a second to read, and to write."""


@pytest.fixture
def long_run(run: Run) -> Run:
    rows = "".join(f"{n},+1202555{n % 10_000:04}\n" for n in range(MANY))
    run.source.write_text("id,phone\n" + rows)
    return run


def terminated_while(run: Run, is_so: Callable[[int], bool]) -> str:
    """Send SIGTERM to a run while something is so of its process; return what it says."""
    process = run.start()

    def is_stopped_then() -> bool:
        assert process.poll() is None, "it has ended before"
        if not is_so(process.pid):
            return False
        process.send_signal(signal.SIGSTOP)  # else it could be past that when the other comes
        eventually(lambda: is_stopped(process.pid), what="a process that stands still")
        if is_so(process.pid):
            return True
        process.send_signal(signal.SIGCONT)
        return False

    eventually(is_stopped_then, what="the moment of the signal")
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGCONT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (128 + signal.SIGTERM, "")
    assert "Traceback" not in err
    return err


def is_stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def names(run: Run) -> set[str]:
    return {path.name for path in run.source.parent.glob("*")}


def test_while_the_file_is_read_it_is_told_that_it_begins_again(long_run: Run, peer: Peer) -> None:
    before = names(long_run)
    source = str(long_run.source)
    assert "this begins again: " in terminated_while(long_run, lambda pid: source in held_by(pid))
    assert names(long_run) == before
    assert sum(peer.requests.values()) == 0


def test_while_the_file_is_written_it_is_told_that_it_goes_on(
    long_run: Run, peer: Peer, kit: Kit
) -> None:
    sha256 = hashlib.sha256(long_run.source.read_bytes()).hexdigest()
    key_id, columns = kit.token_key.key_id, [(1, "phone")]
    header = ResumeHeader("gen-screen-bulk/2", sha256, MANY, columns, None, key_id)
    with ResumeFile(long_run.resume, header) as resume:
        resume.append(AnsweredBatch(0, "n" * MANY, "a" * 26))
    before, partial = names(long_run), partial_path(long_run.out)
    assert "this goes on: " in terminated_while(long_run, lambda _: partial.exists())
    assert names(long_run) == before
    assert not partial.exists()

    process = long_run.start()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    with long_run.out.open(newline="") as file:
        assert sum(row["result"] == "no_match" for row in csv.DictReader(file)) == MANY
    assert sum(peer.requests.values()) == 0
