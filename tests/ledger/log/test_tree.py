"""Roots and proofs are those of RFC 9162; an altered proof, leaf, size or root shows nothing."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.ledger.log.tree import (
    consistency_proof,
    inclusion_proof,
    is_consistent,
    is_included,
    leaf_hash,
    root,
)
from tests.ledger.log.reference import (
    CONSISTENCY_PROOFS,
    INCLUSION_PROOFS,
    LEAVES,
    ROOTS,
    WholeTree,
)

MOST = 70
leaves_of_a_log = st.lists(st.binary(max_size=8), min_size=1, max_size=MOST, unique=True)


def flipped(content: bytes, bit: int) -> bytes:
    return (int.from_bytes(content, "big") ^ 1 << bit).to_bytes(len(content), "big")


def with_one_flipped(proof: Sequence[bytes], bit: int) -> list[bytes]:
    place, within = divmod(bit % (256 * len(proof)), 256)
    return [flipped(one, within) if at == place else one for at, one in enumerate(proof)]


@pytest.mark.parametrize("size", range(9))
def test_the_root_is_the_known_one(size: int) -> None:
    assert root(size, WholeTree(LEAVES)) == ROOTS[size]


@pytest.mark.parametrize(("index", "size"), INCLUSION_PROOFS)
def test_an_inclusion_proof_is_the_known_one(index: int, size: int) -> None:
    proof = inclusion_proof(index, size, WholeTree(LEAVES))
    assert [one.hex() for one in proof] == INCLUSION_PROOFS[index, size]
    assert is_included(leaf_hash(LEAVES[index]), index, size, proof=proof, root=ROOTS[size])


@pytest.mark.parametrize(("old", "size"), CONSISTENCY_PROOFS)
def test_a_consistency_proof_is_the_known_one(old: int, size: int) -> None:
    proof = consistency_proof(old, size, WholeTree(LEAVES))
    assert [one.hex() for one in proof] == CONSISTENCY_PROOFS[old, size]
    assert is_consistent(old, size, old_root=ROOTS[old], root=ROOTS[size], proof=proof)


@given(leaves=leaves_of_a_log)
def test_every_inclusion_proof_of_every_size_verifies(leaves: list[bytes]) -> None:
    tree, size = WholeTree(leaves), len(leaves)
    for index, leaf in enumerate(leaves):
        proof = inclusion_proof(index, size, tree)
        assert len(proof) <= size.bit_length()
        assert is_included(leaf_hash(leaf), index, size, proof=proof, root=root(size, tree))


@given(leaves=leaves_of_a_log)
def test_every_consistency_proof_of_every_size_verifies(leaves: list[bytes]) -> None:
    tree, size = WholeTree(leaves), len(leaves)
    for old in range(size + 1):
        proof = consistency_proof(old, size, tree)
        roots = {"old_root": root(old, tree), "root": root(size, tree)}
        assert is_consistent(old, size, **roots, proof=proof)


@given(leaves=leaves_of_a_log, data=st.data())
def test_an_altered_inclusion_proof_shows_nothing(leaves: list[bytes], data: st.DataObject) -> None:
    tree, size = WholeTree(leaves), len(leaves)
    index, bit = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, 1 << 16))
    proof, head = inclusion_proof(index, size, tree), root(size, tree)
    leaf = leaf_hash(leaves[index])
    if proof:
        assert not is_included(leaf, index, size, proof=with_one_flipped(proof, bit), root=head)
        assert not is_included(leaf, index, size, proof=proof[:-1], root=head)
    assert not is_included(leaf, index, size, proof=[*proof, head], root=head)
    assert not is_included(leaf, index, size, proof=[b"", *proof], root=head)
    assert not is_included(flipped(leaf, bit % 256), index, size, proof=proof, root=head)
    assert not is_included(leaf, index, size, proof=proof, root=flipped(head, bit % 256))
    for other in {*range(-1, size + 2)} - {index}:
        assert not is_included(leaf, other, size, proof=proof, root=head)
    for other in range(size):  # with the root that belongs to it, as in every checkpoint
        assert not is_included(leaf, index, other, proof=proof, root=root(other, tree))


@given(leaves=leaves_of_a_log, data=st.data())
def test_an_altered_consistency_proof_shows_nothing(
    leaves: list[bytes], data: st.DataObject
) -> None:
    tree, size = WholeTree(leaves), len(leaves)
    old, bit = data.draw(st.integers(1, size)), data.draw(st.integers(0, 1 << 16))
    proof = consistency_proof(old, size, tree)
    old_root, head = root(old, tree), root(size, tree)

    def shows(**altered: bytes | Sequence[bytes]) -> bool:
        given = {"old_root": old_root, "root": head, "proof": proof, **altered}
        return is_consistent(old, size, **given)  # type: ignore[arg-type]  # each is of its own type

    assert shows()
    if proof:
        assert not shows(proof=with_one_flipped(proof, bit))
        assert not shows(proof=proof[:-1])
    assert not shows(proof=[*proof, head])
    assert not shows(proof=[head, *proof])
    assert not shows(old_root=flipped(old_root, bit % 256))
    assert not shows(root=flipped(head, bit % 256))
    for other in {*range(1, size + 1)} - {old}:
        roots = {"old_root": root(other, tree), "root": head}
        if consistency_proof(other, size, tree) != proof:
            assert not is_consistent(other, size, **roots, proof=proof)


@given(leaves=leaves_of_a_log, data=st.data())
def test_a_log_whose_past_was_changed_is_consistent_with_no_earlier_root(
    leaves: list[bytes], data: st.DataObject
) -> None:
    size = len(leaves)
    old = data.draw(st.integers(1, size))
    changed = data.draw(st.integers(0, old - 1))
    forged = [*leaves]
    forged[changed] = b"another" + forged[changed]
    was, now = WholeTree(leaves), WholeTree(forged)
    proof = consistency_proof(old, size, now)
    assert not is_consistent(old, size, old_root=root(old, was), root=root(size, now), proof=proof)


def test_a_log_does_not_shrink_and_has_no_leaf_outside() -> None:
    tree = WholeTree(LEAVES)
    with pytest.raises(ValueError, match="shrink"):
        consistency_proof(3, 2, tree)
    for index in (-1, 8):
        with pytest.raises(ValueError, match="outside"):
            inclusion_proof(index, 8, tree)
    assert not is_consistent(3, 2, old_root=ROOTS[3], root=ROOTS[2], proof=[])
    assert is_consistent(0, 2, old_root=ROOTS[0], root=ROOTS[2], proof=[])
    assert not is_consistent(0, 2, old_root=ROOTS[1], root=ROOTS[2], proof=[])
