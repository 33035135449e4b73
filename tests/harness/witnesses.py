"""A real witness on loopback, and logs to show to it, honest ones and forks."""

import contextlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from screening.ledger.log.hashes import Hashes
from screening.ledger.log.notes import SIGNS, Checkpoint, Note, SignerKey, VerifierKey
from screening.ledger.log.submissions import PATH, Submission
from screening.ledger.log.tree import consistency_proof, leaf_hash, root
from screening.witness.home import create_witness, trust
from tests.harness.deployment import BIN
from tests.harness.processes import Process, eventually

KEY = SignerKey.generate("log.example/journal", SIGNS)


class Tree:
    """A log in memory, of leaves that are told by their numbers; `fork` leads to another one."""

    def __init__(self, folder: Path, fork: str = "") -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        self._fork, self._size = fork.encode(), 0
        self.hashes = Hashes.open(folder, for_writing=True)

    def grow(self, size: int, *, forks_at: int = 0) -> None:
        """Add leaves; those from `forks_at` on are this fork's own."""
        for number in range(self._size, size):
            name = self._fork if number >= forks_at else b""
            added = self.hashes.completed_by(number, [leaf_hash(b"%b%d" % (name, number))])
            self.hashes.append(number, added)
        self._size = max(size, self._size)

    def note(self, size: int, key: SignerKey = KEY) -> bytes:
        """The signed checkpoint over the first `size` leaves."""
        text = Checkpoint(key.verifier.name, size, root(size, self.hashes)).text
        return Note(text, (key.sign(text),)).encoded()

    def submission(self, old: int, size: int) -> bytes:
        """What this log sends to a witness."""
        proof = consistency_proof(old, size, self.hashes)
        return Submission(old, tuple(proof), self.note(size)).encoded()


@dataclass
class RunningWitness:
    """A witness that serves."""

    process: Process
    home: Path
    key: VerifierKey
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def post(self, body: bytes, *, path: str = PATH) -> tuple[int, str | None, bytes]:
        """Send a submission; return status, media type and body."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        with contextlib.closing(connection):
            connection.request("POST", path, body)
            answer = connection.getresponse()
            return answer.status, answer.headers["content-type"], answer.read()


def start_witness(home: Path, key: VerifierKey, *, port: int = 0) -> RunningWitness:
    """Have the witness of a home serve; the caller stops it."""
    log = home.parent / f"{home.name}.log"
    before = len(log.read_text()) if log.exists() else 0
    process = Process(
        [
            str(BIN / "screening"),
            *("witness", "serve", "--home", str(home), "--port", str(port)),
        ],
        log,
        environment={**os.environ, "PYTHONWARNINGS": "error"},
        cwd=Path(__file__).parents[2],
    )

    def find_port() -> int | None:
        assert process.popen.poll() is None, process.logged()
        found = re.search(
            r"witness on http://127.0.0.1:(\d+), of (?:1 log|(?!1 )\d+ logs)\n",
            process.logged()[before:],
        )
        return int(found[1]) if found else None

    try:
        return RunningWitness(process, home, key, eventually(find_port, what="its port"))
    except BaseException:
        process.kill()
        raise


@contextlib.contextmanager
def witness_of(home: Path, *logs: VerifierKey) -> Iterator[RunningWitness]:
    """A new witness that trusts these logs, until the block ends."""
    key = create_witness(home, "witness.example/one")
    for log in logs:
        trust(home, log)
    running = start_witness(home, key)
    try:
        yield running
    finally:
        running.process.kill()
