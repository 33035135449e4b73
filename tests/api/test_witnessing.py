"""The log has its checkpoints countersigned, and goes on whatever the witness does."""

import shutil
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from screening.api.http_peer import Answer
from screening.api.run_log import Keeper
from screening.api.witness_peer import WitnessPeer
from screening.api.witnessing import Peer, Progress, Witnessing, WitnessThread
from screening.ledger.ledger import Ledger
from screening.ledger.log.audit import verify_log
from screening.ledger.log.checkpoint import LOG
from screening.ledger.log.keys import LOG_KEY, read_log_key
from screening.ledger.log.notes import COSIGNS, SignerKey, VerifierKey
from screening.ledger.log.witnessed import WITNESSED
from screening.private_files import ensure_private_directory
from screening.vocabulary.errors import LedgerDamaged
from tests.harness.processes import eventually
from tests.harness.witnesses import RunningWitness, start_witness, witness_of
from tests.ledger.looking import record


class Told(list[tuple[str, str]]):
    def raised(self, what: str, name: str, *, since: int = 0) -> None:
        self.append((what, name))


class Host:
    """A home with its keeper and what has it witnessed, beat by beat; its clock is ours."""

    def __init__(self, home: Path) -> None:
        ensure_private_directory(home / "journal")
        self.home, self.told, self.now = home, Told(), 0.0
        self.registry = CollectorRegistry()
        self._progress = Progress(self.registry)
        Keeper(home, self.told).finish()  # makes the key

    @property
    def key(self) -> VerifierKey:
        return read_log_key(self.home / LOG_KEY).verifier

    @property
    def log(self) -> Path:
        return self.home / "journal" / LOG

    def answer(self, *numbers: int) -> None:
        """Record so many answers, and sign them."""
        with Ledger(self.home / "journal", host="test") as ledger:
            ledger.append([record(number) for number in numbers])
        Keeper(self.home, self.told).finish()

    def witnessing(self, url: str, witness: VerifierKey, *, peer: Peer | None = None) -> Witnessing:
        return Witnessing(
            self.home,
            witness,
            peer or WitnessPeer(url, timeout_s=1.0),
            alarms=self.told,
            progress=self._progress,
            monotonic=lambda: self.now,
        )

    def behind(self) -> float | None:
        return self.registry.get_sample_value("screening_log_unwitnessed_records")

    def witnessed(self, witness: RunningWitness) -> int:
        """Up to which record an audit believes it."""
        signed = verify_log(self.home / "journal", self.key, witness=witness.key)
        assert signed.witnessed is not None
        return signed.witnessed.checkpoint.size


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path / "home")


@pytest.fixture
def witness(tmp_path: Path, host: Host) -> Iterator[RunningWitness]:
    with witness_of(tmp_path / "witness", host.key) as running:
        yield running


def test_each_checkpoint_is_countersigned_and_laid_beside_the_log(
    host: Host, witness: RunningWitness
) -> None:
    witnessing = host.witnessing(witness.url, witness.key)
    for first in (0, 10, 20):
        host.answer(*range(first, first + 7))
        assert witnessing.beat()
    assert (host.witnessed(witness), host.behind(), host.told) == (21, 0, [])
    (host.log / WITNESSED).unlink()  # another process of the keeper asks where the witness is
    host.answer(30)
    assert host.witnessing(witness.url, witness.key).beat()
    assert host.witnessed(witness) == 22


def test_a_witness_that_is_gone_is_asked_ever_more_rarely_and_catches_up(
    host: Host, witness: RunningWitness
) -> None:
    witnessing = host.witnessing(witness.url, witness.key)
    assert witnessing.beat()
    witness.process.kill()
    for number in range(5):
        host.answer(number)
        assert not witnessing.beat()
    assert host.told == [("witness_failed", "journal")]  # of five beats one has asked
    assert host.behind() == 5
    for host.now in (0.9, 1.1, 2.9, 3.2):
        witnessing.beat()
    assert len(host.told) == 3
    again = start_witness(witness.home, witness.key, port=witness.port)
    try:
        host.now = 100.0
        assert witnessing.beat()
        assert (host.witnessed(witness), host.behind()) == (5, 0)
    finally:
        again.process.kill()


def test_a_witness_that_never_answers_costs_a_second_and_no_signature(host: Host) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        key = SignerKey.generate("witness.example/one", COSIGNS).verifier
        host.answer(1)
        assert not host.witnessing(url, key).beat()
    assert host.told == [("witness_failed", "journal")]
    assert verify_log(host.home / "journal", host.key).checkpoint.size == 1


def test_a_countersignature_by_another_key_is_not_taken(
    host: Host, witness: RunningWitness
) -> None:
    other = SignerKey.generate("witness.example/one", COSIGNS).verifier
    host.answer(1)
    assert not host.witnessing(witness.url, other).beat()
    assert host.told == [("witness_failed", "journal")]
    assert not (host.log / WITNESSED).exists()
    with pytest.raises(LedgerDamaged, match="log, witnessed: missing"):
        verify_log(host.home / "journal", host.key, witness=witness.key)


@pytest.mark.parametrize("is_removed", [True, False], ids=["without what was witnessed", "with it"])
def test_a_log_that_was_rolled_back_or_forked_is_an_alarm_and_named_by_an_audit(
    host: Host, witness: RunningWitness, is_removed: bool
) -> None:
    host.answer(1, 2, 3)
    assert host.witnessing(witness.url, witness.key).beat()
    earlier = shutil.copytree(host.home, host.home.with_name("earlier"))
    host.answer(4, 5)
    assert host.witnessing(witness.url, witness.key).beat()
    witnessed = (host.log / WITNESSED).read_bytes()
    shutil.rmtree(host.home)
    earlier.rename(host.home)  # root has put back what was there, and a key that signs
    if is_removed:
        (host.log / WITNESSED).unlink()
    assert not host.witnessing(witness.url, witness.key).beat()
    assert host.told == [("log_forked", "journal")]
    (host.log / WITNESSED).write_bytes(witnessed)
    (host.log / WITNESSED).chmod(0o600)
    with pytest.raises(LedgerDamaged, match="the witnessed checkpoint has 5: the log was rolled"):
        host.witnessed(witness)
    host.answer(*range(90, 99))  # the log goes on, to another future than the one witnessed
    host.told.clear()
    assert not host.witnessing(witness.url, witness.key).beat()
    assert host.told == [("log_forked", "journal")]
    with pytest.raises(LedgerDamaged, match="not begin with the 5 leaves of the witnessed"):
        host.witnessed(witness)


def test_a_log_without_new_records_is_confirmed_at_the_start_and_every_minute(
    host: Host, witness: RunningWitness
) -> None:
    witnessing = host.witnessing(witness.url, witness.key)
    assert witnessing.beat()
    witness.process.kill()
    host.now = 59.0
    assert witnessing.beat()
    host.now = 61.0
    assert not witnessing.beat()
    assert not host.witnessing(witness.url, witness.key).beat()


def test_what_nobody_has_foreseen_ends_no_witnessing_and_is_told(host: Host) -> None:
    class Odd:
        """A peer that fails in a way of its own, the first time."""

        asked = 0

        def submit(self, body: bytes) -> Answer:
            assert body
            self.asked += 1
            raise UnicodeError if self.asked == 1 else OSError

    odd, witness = Odd(), SignerKey.generate("witness.example", COSIGNS).verifier
    host.answer(1)
    thread = WitnessThread(host.witnessing("http://127.0.0.1:9", witness, peer=odd))
    thread.start()
    eventually(lambda: ("witness_failed", "journal") in host.told, what="the alarm")
    host.now = 10.0  # the pause behind it is over
    eventually(lambda: odd.asked == 2, what="another try")
    thread.finish()
