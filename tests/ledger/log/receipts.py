"""Records that name receipts, and where an index of them leads."""

import base64
import json
from pathlib import Path

from screening.ledger.log.checkpoint import open_checkpoint
from screening.ledger.log.missing_segments import MissingSegments
from screening.ledger.log.notes import VerifierKey
from screening.ledger.log.receipt_index import ReceiptIndex
from screening.ledger.log.receipts import find_proof
from screening.ledger.log.tree import is_included, leaf_hash
from screening.vocabulary.proof import Proof
from tests.ledger.log.merging import KEY


def receipt(number: int) -> str:
    """The receipt of a record that has a number."""
    digits = f"{number:026d}"
    return digits.translate(str.maketrans("0123456789", "abcdefghij"))


def checked(number: int, partner: str = "acme") -> bytes:
    """The record of an answer."""
    members = {"type": "check", "receipt": receipt(number), "partner": partner, "n": number}
    return json.dumps(members, separators=(",", ":")).encode()


def catch_up(index: ReceiptIndex, size: int) -> None:
    """Take up all, a few leaves at a time."""
    for _ in range(10_000):
        if index.catch_up(size):
            return
    raise AssertionError("the index does not come to an end")


def find(
    directory: Path, number: int, key: VerifierKey = KEY.verifier, partner: str = "acme"
) -> Proof:
    """Return the proof of a numbered record."""
    return find_proof(MissingSegments(directory), key, receipt(number), partner=partner)


def is_true(proof: Proof, number: int) -> bool:
    """Tell whether a proof shows that the record of this number is in the log."""
    _, checkpoint = open_checkpoint(proof.checkpoint.encode(), KEY.verifier)
    hashes = [base64.b64decode(one) for one in proof.inclusion_proof]
    return proof.record.partition(" ")[2].encode() == checked(number) and is_included(
        leaf_hash(proof.record.encode()),
        proof.index,
        checkpoint.size,
        proof=hashes,
        root=checkpoint.root,
    )
