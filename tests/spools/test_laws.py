"""What holds of all lists, all files and all input, and not of some examples alone."""

from collections import Counter
from typing import Final

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.spools.acknowledgement import Refused, Skipped, parse_acknowledgement
from screening.spools.export import parse_export
from screening.spools.keys import parse_key
from screening.spools.order import parse_signed
from screening.spools.sealed_file import Place, open_file
from screening.spools.spelling import spell
from screening.spools.statements import StatementSet
from screening.vocabulary.errors import SpoolRefused
from tests.harness.spool_console import ANN, BEN, Console, add
from tests.spools.test_vectors import (
    ACKNOWLEDGEMENT,
    BATCH,
    DEPLOYMENT,
    EXPORT,
    VECTORS,
    key_of,
    secrets_of,
)

LINES: Final = st.lists(st.binary(max_size=8), max_size=6)
READERS: Final = (
    parse_signed,
    parse_export,
    parse_acknowledgement,
    lambda content: parse_key(content, "console"),
    lambda content: open_file(
        content, Place(DEPLOYMENT, "down", 1), by=key_of("console"), to=secrets_of("indexer")
    ),
)
DOCUMENTS: Final = (
    *(BATCH, EXPORT, ACKNOWLEDGEMENT, VECTORS["keys"]["console"]["file"].encode()),
    *(one["content"].encode() for one in VECTORS["orders"]),
)


@given(
    st.lists(st.binary(max_size=8), max_size=6).flatmap(
        lambda x: st.tuples(st.just(x), st.permutations(x))
    )
)
def test_the_order_of_statements_does_not_matter(pair: tuple[list[bytes], list[bytes]]) -> None:
    first, second = pair
    assert StatementSet().changed(begun=first) == StatementSet().changed(begun=second)


@given(before=LINES, more=LINES)
def test_what_is_added_and_ended_is_as_it_was(before: list[bytes], more: list[bytes]) -> None:
    known = StatementSet().changed(begun=before)
    assert known.changed(begun=more).changed(ended=more) == known
    assert known.changed(begun=more, ended=more) == known
    assert known.changed(ended=before) == StatementSet()


@given(one=LINES, other=LINES)
def test_lists_of_different_statements_have_different_digests(
    one: list[bytes], other: list[bytes]
) -> None:
    results = [StatementSet().changed(begun=lines).result() for lines in (one, other)]
    assert (results[0] == results[1]) == (Counter(one) == Counter(other))


def test_a_file_with_any_bit_flipped_is_refused() -> None:
    console = Console(DEPLOYMENT, secrets_of("console"))
    export = console.export(console.approved(console.batch(add("phone", "+12025550142")), ANN, BEN))
    document = console.sealed(export, key_of("indexer"))
    place = Place(DEPLOYMENT, "down", 1)
    by, to = key_of("console"), secrets_of("indexer")
    assert open_file(document, place, by=by, to=to) == export
    # Beyond the line and the key of the agreement, all bytes are of one ciphertext.
    for bit in [*range(8 * 96), *range(8 * 96, 8 * len(document), 61)]:
        edited = bytearray(document)
        edited[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SpoolRefused):
            open_file(bytes(edited), place, by=by, to=to)


@given(content=st.one_of(st.binary(max_size=400), st.text(max_size=100).map(str.encode)))
def test_no_input_is_anything_but_refused(content: bytes) -> None:
    for read in READERS:
        with pytest.raises(SpoolRefused):
            read(content)


@settings(max_examples=400)
@given(
    document=st.sampled_from(DOCUMENTS),
    place=st.integers(0, 4_000),
    cut=st.integers(0, 3),
    put=st.sampled_from(
        [b"", b"\x00", b" ", b'"', b"\\ud800", b"9", b"e9", b"-", b"\xff", b"[" * 4_000]
    ),
)
def test_an_edited_document_is_refused_or_has_one_spelling(
    document: bytes, place: int, cut: int, put: bytes
) -> None:
    at = place % len(document)
    edited = document[:at] + put + document[at + cut :]
    for read in READERS[:-1]:
        try:
            found = read(edited)
        except SpoolRefused:
            continue
        if isinstance(found, msgspec.Struct):
            assert msgspec.json.encode(found) == edited


@pytest.mark.parametrize(
    "made",
    [
        Skipped(1, None, ""),
        Skipped(1, None, "x" * 2_001),
        Refused(0, None, "expired", None, "a sentence"),
        Refused(1, None, "expired", "a batch", "a sentence"),
    ],
)
def test_what_no_side_would_read_is_not_written(made: Skipped | Refused) -> None:
    with pytest.raises(SpoolRefused, match="what was to be written is not what its format says"):
        spell(made)
