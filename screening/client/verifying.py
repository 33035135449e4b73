"""Verifies offline that a question and its answer are the ones on record; pure.

Step by step: whose log it is, that the record is in it, that the record is this receipt's, and that
it binds exactly what was asked and told. What differs is named by the first step that fails.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Final

import msgspec

from screening.client.kept_receipts import KeptReceipt
from screening.ledger.log.checkpoint import open_checkpoint
from screening.ledger.log.notes import (
    Checkpoint,
    NoteRefused,
    VerifierKey,
    parse_verifier_key,
)
from screening.ledger.log.tree import is_included, leaf_hash
from screening.vocabulary.errors import NotProven, OperatorError
from screening.vocabulary.proof import Proof
from screening.vocabulary.unreadable import UNREADABLE

_CHAIN_CHARACTERS: Final = 64
_PLAIN_CHARACTERS: Final = 64
_COMMITMENT_BYTES: Final = 32


class _Record(msgspec.Struct):
    """What a proof needs of a record; whatever else it has is the journal's own business."""

    type: str
    at: str
    receipt: str
    partner: str
    key_id: str
    generation: str
    seq: int
    asked: int
    outcomes: dict[str, int]
    commitment: bytes


_decoder = msgspec.json.Decoder(_Record)


class Proven(msgspec.Struct, frozen=True):
    """What is certain: when who was told this, of which list, and in which log it is on record.

    `asked` is how many selectors the question had: more than were told of, where the rest was not
    known. `at` is RFC 3339, UTC; `log` the name of the log, `index` (from 0) the place in it, and
    `size` how many records its checkpoint is over.
    """

    at: str
    partner: str
    generation: str
    seq: int
    asked: int
    log: str
    index: int
    size: int


def parse_log_key(text: str) -> VerifierKey:
    """Read the key of a log; raises `NotProven`."""
    try:
        return parse_verifier_key(text)
    except NoteRefused as error:
        raise NotProven(f"the key of the log cannot be read: {error}") from None


def verify(kept: KeptReceipt, key: VerifierKey | None = None) -> Proven:
    """Check the proof of a receipt, or raise `NotProven`, which says what differs.

    `key` is whose signature is believed, the one that the proof itself names unless given. Raises
    `OperatorError` where no proof was fetched yet.
    """
    proof = kept.proof
    if proof is None:
        raise OperatorError(
            "the receipt has no proof yet; fetch it with `gen-screen receipt fetch`"
        )
    stated = parse_log_key(proof.log_key)
    checkpoint = _signed(proof, key or stated)
    if key is not None and key != stated:
        raise NotProven(
            "the proof names another key of the log than the one that is believed here; ask the "
            "operator which is right"
        )
    record = _included(proof, checkpoint)
    _require_same(kept, record)
    return Proven(
        at=record.at,
        partner=record.partner,
        generation=record.generation,
        seq=record.seq,
        asked=record.asked,
        log=checkpoint.origin,
        index=proof.index,
        size=checkpoint.size,
    )


def _signed(proof: Proof, key: VerifierKey) -> Checkpoint:
    try:
        return open_checkpoint(proof.checkpoint.encode(), key)[1]
    except NoteRefused as error:
        raise NotProven(f"the checkpoint is not what the log's key has signed: {error}") from None


def _included(proof: Proof, checkpoint: Checkpoint) -> _Record:
    """Return the record, once it is shown to be in the log."""
    try:
        hashes = [base64.b64decode(one, validate=True) for one in proof.inclusion_proof]
    except (binascii.Error, ValueError):
        hashes = []
    leaf = leaf_hash(proof.record.encode())
    are_canonical = [base64.b64encode(one).decode() for one in hashes] == proof.inclusion_proof
    if not are_canonical or not is_included(
        leaf, proof.index, checkpoint.size, proof=hashes, root=checkpoint.root
    ):
        raise NotProven(
            "the record is not in the log at its place: record, index or inclusion proof were "
            "changed"
        )
    try:
        record = _decoder.decode(proof.record[_CHAIN_CHARACTERS + 1 :])
    except UNREADABLE:
        raise NotProven("the record in the proof is none of an answer") from None
    shown = (record.at, record.partner, record.generation)
    if record.type != "check" or not all(map(_is_plain, shown)):
        raise NotProven("the record in the proof is none of an answer")
    return record


def _is_plain(text: str) -> bool:
    # Shown to people: an escape sequence would act on their terminal.
    return text.isprintable() and len(text) <= _PLAIN_CHARACTERS


def _require_same(kept: KeptReceipt, record: _Record) -> None:
    """Raise `NotProven` unless a record is of this receipt, question and answer."""
    if record.receipt != kept.receipt:
        raise NotProven("the proof is of another receipt")
    if record.key_id != kept.key_id:
        raise NotProven("the record names another token key than the receipt that was kept")
    told = {result: count for result, count in record.outcomes.items() if count}
    if told != kept.results:
        raise NotProven(
            f"the results differ: on record are {_counted(told)}, and kept are "
            f"{_counted(kept.results)}"
        )
    if len(record.commitment) != _COMMITMENT_BYTES or record.commitment != kept.commitment():
        raise NotProven(
            "the record does not open: the opening, a token, a kind, or which selector had which "
            "result differs from what was asked and told"
        )


def _counted(results: Mapping[str, int]) -> str:
    known = (("match", "match"), ("no_match", "no match"), ("invalid", "invalid"))
    return ", ".join(f"{results.get(name, 0)} {word}" for name, word in known)
