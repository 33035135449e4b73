"""Merkle trees of RFC 9162, section 2.1, over SHA-256: roots, proofs and their verification.

Pure. What is computed is computed from the hashes of complete subtrees, of which a proof needs
some forty whatever the size of the log. Hashes have 32 bytes; a proof is a list of them, lowest
first. Proofs of consistency, and what verifies proofs, are for a witness and for whoever is handed
a proof: nothing here calls them.
"""

import hashlib
from collections.abc import Sequence
from typing import Final, Protocol

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256().digest()
"""The root of a tree without leaves (section 2.1.1)."""


class Subtrees(Protocol):
    """Where the hashes of complete subtrees are read."""

    def subtree(self, level: int, index: int) -> bytes:
        """Return the hash of the leaves from `index << level` on, `1 << level` of them."""
        ...


def leaf_hash(leaf: bytes) -> bytes:
    """Hash one leaf (section 2.1.1)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into the one above them (section 2.1.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(size: int, subtrees: Subtrees) -> bytes:
    """Return the root of the first `size` leaves."""
    return _hash_of(0, size, subtrees) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, subtrees: Subtrees) -> list[bytes]:
    """Return PATH(index, D_size) of section 2.1.3.1; `ValueError` where there is no such leaf."""
    if not 0 <= index < size:
        raise ValueError("a tree has no leaf outside its size")
    first, proof = 0, []
    while size > 1:
        left = _left_of(size)
        if index < first + left:
            proof.append(_hash_of(first + left, size - left, subtrees))
            size = left
        else:
            proof.append(_hash_of(first, left, subtrees))
            first, size = first + left, size - left
    return proof[::-1]


def consistency_proof(old_size: int, size: int, subtrees: Subtrees) -> list[bytes]:
    """Return PROOF(old_size, D_size) of section 2.1.4.1; empty where either is no growth.

    Raises `ValueError` where the old tree is the larger one.
    """
    if not 0 <= old_size <= size:
        raise ValueError("a log does not shrink")
    if old_size in (0, size):
        return []
    first, is_whole, proof = 0, True, []
    while first + size != old_size:
        left = _left_of(size)
        if old_size <= first + left:
            proof.append(_hash_of(first + left, size - left, subtrees))
            size = left
        else:
            proof.append(_hash_of(first, left, subtrees))
            first, size, is_whole = first + left, size - left, False
    if not is_whole:
        proof.append(_hash_of(first, size, subtrees))
    return proof[::-1]


def is_included(leaf: bytes, index: int, size: int, *, proof: Sequence[bytes], root: bytes) -> bool:
    """Tell whether `proof` shows that the leaf of this hash is at `index` (section 2.1.3.2).

    `size` and `root` are to come from one checkpoint: a proof alone does not bind them together.
    """
    if not 0 <= index < size or not _are_hashes(leaf, root, *proof):
        return False
    at, last, found = index, size - 1, leaf
    for one in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(one, found)
            at, last = _up_to_right_child(at, last)
        else:
            found = node_hash(found, one)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(
    old_size: int, size: int, *, old_root: bytes, root: bytes, proof: Sequence[bytes]
) -> bool:
    """Tell whether `proof` shows that the new tree begins as the old one (section 2.1.4.2)."""
    if not 0 <= old_size <= size or not _are_hashes(old_root, root, *proof):
        return False
    if old_size == size:
        return not proof and old_root == root
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    # The old tree's root is a subtree of the new one, and then it is not repeated in the proof.
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if len(path) < 2:  # a tree that has grown has another subtree at least
        return False
    at, last = old_size - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    found_old = found = path[0]
    for one in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            found_old, found = node_hash(one, found_old), node_hash(one, found)
            at, last = _up_to_right_child(at, last)
        else:
            found = node_hash(found, one)
        at, last = at >> 1, last >> 1
    return last == 0 and (found_old, found) == (old_root, root)


def _up_to_right_child(at: int, last: int) -> tuple[int, int]:
    """Go up to where this subtree is a right child: below, it is the last one and has no sibling.

    At zero it is on the left edge, which is nobody's right child.
    """
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last


def _hash_of(first: int, count: int, subtrees: Subtrees) -> bytes:
    """Return the hash of `count` leaves from `first` on: a subtree in which the RFC splits."""
    left = _left_of(count)
    if count == 1 or 2 * left == count:
        level = count.bit_length() - 1
        return subtrees.subtree(level, first >> level)
    return node_hash(
        _hash_of(first, left, subtrees), _hash_of(first + left, count - left, subtrees)
    )


def _left_of(count: int) -> int:
    """Return the largest power of two that is smaller than `count`."""
    return 1 << (count - 1).bit_length() - 1 if count > 1 else 0


def _are_hashes(*hashes: bytes) -> bool:
    return all(len(one) == HASH_BYTES for one in hashes)
