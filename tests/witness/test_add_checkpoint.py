"""A witness answers as c2sp.org/tlog-witness says, and countersigns one future of a log only."""

import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from screening.ledger.log.notes import (
    SIGNS,
    Note,
    SignerKey,
    VerifierKey,
    parse_note,
    parse_verifier_key,
)
from screening.ledger.log.submissions import MAX_SUBMISSION_BYTES, Submission
from tests.harness.processes import eventually
from tests.harness.witnesses import KEY, RunningWitness, Tree, start_witness, witness_of

MOST = 40


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[RunningWitness]:
    with witness_of(tmp_path / "witness", KEY.verifier) as running:
        yield running


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    honest = Tree(tmp_path / "honest")
    honest.grow(MOST)
    return honest


@pytest.fixture
def fork(tmp_path: Path) -> Tree:
    """Another log under the same key, which parts from the honest one at leaf 7."""
    forked = Tree(tmp_path / "forked", "f")
    forked.grow(MOST, forks_at=7)
    return forked


def signed_at(answer: tuple[int, str | None, bytes], note: bytes, witness: VerifierKey) -> int:
    """When the witness signed; whatever else is answered than its signature fails."""
    status, _, lines = answer
    assert status == 200
    assert lines.startswith("— witness.example/one ".encode())
    assert lines.endswith(b"\n")
    whole = parse_note(parse_note(note).text.encode() + b"\n" + lines)
    at = whole.require_signed(witness)
    assert at is not None
    return at


def test_a_checkpoint_that_goes_on_is_countersigned_with_the_time(
    witness: RunningWitness, tree: Tree
) -> None:
    before = int(time.time())
    for old, size in ((0, 1), (1, 1), (1, 7), (7, 8), (8, MOST)):
        answer = witness.post(tree.submission(old, size))
        assert before <= signed_at(answer, tree.note(size), witness.key) <= time.time()


def test_an_old_size_that_is_not_the_newest_is_told_the_newest(
    witness: RunningWitness, tree: Tree
) -> None:
    assert witness.post(tree.submission(3, 9)) == (409, "text/x.tlog.size", b"0\n")
    witness.post(tree.submission(0, 9))
    for old, size in ((0, 5), (0, 9), (0, 20), (5, 9), (12, 20)):
        assert witness.post(tree.submission(old, size)) == (409, "text/x.tlog.size", b"9\n")


def test_a_fork_is_refused_whatever_it_proves(
    witness: RunningWitness, tree: Tree, fork: Tree
) -> None:
    witness.post(tree.submission(0, 9))
    assert witness.post(fork.submission(9, 9))[::2] == (409, b"9\n")
    assert witness.post(fork.submission(9, 20))[0] == 422
    proof_of_another = fork.submission(9, 20).partition(b"\n\n")[0]
    mixed = proof_of_another + b"\n\n" + tree.note(20)
    assert witness.post(mixed)[0] == 422
    assert witness.post(Submission(9, (), tree.note(20)).encoded())[0] == 422
    assert witness.process.logged().count("does not go on from what was countersigned") == 4
    assert witness.post(tree.submission(9, 20))[0] == 200


def test_only_logs_that_are_trusted_are_countersigned_and_by_their_own_signature(
    witness: RunningWitness, tree: Tree
) -> None:
    unknown = SignerKey.generate("other.example/journal", SIGNS)
    assert witness.post(Submission(0, (), tree.note(3, unknown)).encoded())[0] == 404
    namesake = SignerKey.generate(KEY.verifier.name, SIGNS)
    assert witness.post(Submission(0, (), tree.note(3, namesake)).encoded())[0] == 403
    note = parse_note(tree.note(3))
    altered = note.text.replace("\n3\n", "\n4\n")
    assert witness.post(Submission(0, (), Note(altered, note.signatures).encoded()).encoded())[
        0
    ] == (403)
    others = Note(note.text, (*note.signatures, unknown.sign(note.text)))
    assert witness.post(Submission(0, (), others.encoded()).encoded())[0] == 200


def test_what_is_no_submission_is_refused_and_repeated_nowhere(
    witness: RunningWitness, tree: Tree
) -> None:
    for body in (b"", b"secretly", b"old 4\n\n" + tree.note(3), tree.note(3)):
        status, _, said = witness.post(body)
        assert status == 400
        assert b"secretly" not in said
    assert witness.post(tree.submission(0, 3), path="/elsewhere")[0] == 404
    assert witness.post(b"x" * (MAX_SUBMISSION_BYTES + 1))[0] == 413
    with socket.create_connection(("127.0.0.1", witness.port)) as raw:
        raw.sendall(b"GET /add-checkpoint HTTP/1.1\r\nhost: w\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 405 ")
    assert "secretly" not in witness.process.logged()
    assert witness.post(tree.submission(0, 3))[0] == 200


@pytest.mark.slow
def test_a_peer_that_sends_no_body_holds_up_nobody_and_is_ended(
    witness: RunningWitness, tree: Tree
) -> None:
    with closing(socket.create_connection(("127.0.0.1", witness.port), timeout=60)) as slow:
        slow.sendall(b"POST /add-checkpoint HTTP/1.1\r\nhost: w\r\ncontent-length: 9\r\n\r\nold")
        assert witness.post(tree.submission(0, 3))[0] == 200
        assert slow.recv(100).startswith(b"HTTP/1.1 408 ")


def test_a_witness_that_is_killed_remembers_what_it_countersigned(
    witness: RunningWitness, tree: Tree, fork: Tree
) -> None:
    assert witness.post(tree.submission(0, 20))[0] == 200
    witness.process.kill()
    again = start_witness(witness.home, witness.key)
    try:
        assert again.post(fork.submission(0, 20)) == (409, "text/x.tlog.size", b"20\n")
        assert again.post(fork.submission(20, 30))[0] == 422
        assert again.post(tree.submission(20, 30))[0] == 200
    finally:
        again.process.kill()


def test_a_witness_whose_memory_is_gone_or_damaged_countersigns_nothing(
    witness: RunningWitness, tree: Tree, fork: Tree
) -> None:
    witness.post(tree.submission(0, 20))
    (newest,) = witness.home.glob("logs/*/newest")
    content = newest.read_bytes()
    newest.unlink()
    assert witness.post(fork.submission(0, 20))[0] == 503
    newest.write_bytes(content.replace(b"\n20\n", b"\n19\n"))
    newest.chmod(0o600)
    assert witness.post(fork.submission(0, 20))[0] == 503
    assert "is damaged" in eventually(witness.process.logged)
    newest.write_bytes(b"")  # as a power cut may leave it
    assert witness.post(fork.submission(0, 20))[0] == 503
    newest.write_bytes(content)
    assert witness.post(tree.submission(20, 30))[0] == 200


def test_the_key_is_printed_as_others_read_it(witness: RunningWitness) -> None:
    assert parse_verifier_key(witness.key.text) == witness.key
    assert witness.key.algorithm == 4
    assert (witness.home / "witness.key").stat().st_mode & 0o777 == 0o600
