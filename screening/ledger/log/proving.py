"""The proof that one record is a leaf of the log, verified before anybody is given it."""

import base64

from screening.ledger.log.hashes import Hashes
from screening.ledger.log.notes import Checkpoint, Note, VerifierKey
from screening.ledger.log.tree import inclusion_proof, is_included, leaf_hash
from screening.vocabulary.errors import LedgerDamaged
from screening.vocabulary.proof import Proof


def prove_leaf(
    index: int, line: bytes, hashes: Hashes, *, signed: tuple[Note, Checkpoint], key: VerifierKey
) -> Proof:
    """Return the proof that `line` is leaf `index` under what was signed by `key`.

    Raises `LedgerDamaged` where it does not lead to that root.
    """
    note, checkpoint = signed
    proof = inclusion_proof(index, checkpoint.size, hashes)
    if not is_included(leaf_hash(line), index, checkpoint.size, proof=proof, root=checkpoint.root):
        raise LedgerDamaged(f"log, hashes: leaf {index} does not lead to the root that was signed")
    return Proof(
        format="screening-proof/1",
        record=line.decode(),
        index=index,
        inclusion_proof=[base64.b64encode(one).decode() for one in proof],
        checkpoint=note.encoded().decode(),
        log_key=key.text,
    )
