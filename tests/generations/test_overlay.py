"""Overlays: the one that its head names, or none."""

import pytest

from screening.generations.overlay import (
    NO_CHANGES,
    OverlayFile,
    describe_overlay,
    encode_overlay,
    open_overlay,
)
from screening.generations.records import NO_END, NOT_LISTED, Minute, pack_record
from screening.vocabulary.errors import Untrusted
from tests.generations.conftest import invented_digests

CHANGES = dict(zip(invented_digests(3), [NO_END, NOT_LISTED, Minute(4_711)], strict=True))


def test_an_overlay_says_what_was_written_whatever_the_order() -> None:
    records = [pack_record(*one) for one in CHANGES.items()]
    document = encode_overlay(reversed(records))
    assert document == encode_overlay(records)
    described = describe_overlay(document)
    assert (described.count, described.size_bytes) == (3, 57)
    assert open_overlay(document, described) == CHANGES


def test_no_changes_are_an_empty_overlay() -> None:
    assert describe_overlay(encode_overlay([])) == NO_CHANGES
    assert open_overlay(b"", NO_CHANGES) == {}


@pytest.mark.parametrize("altered", [b"", b"cut", b"longer", b"flipped"])
def test_any_other_document_is_refused(altered: bytes) -> None:
    document = encode_overlay(pack_record(*one) for one in CHANGES.items())
    other = {
        b"": b"",
        b"cut": document[:-19],
        b"longer": document + bytes(19),
        b"flipped": bytes([document[0] ^ 1]) + document[1:],
    }[altered]
    with pytest.raises(Untrusted):
        open_overlay(other, describe_overlay(document))


def test_a_count_that_is_not_that_of_the_records_is_refused() -> None:
    document = encode_overlay(pack_record(*one) for one in CHANGES.items())
    with pytest.raises(Untrusted):
        open_overlay(document, OverlayFile(4, describe_overlay(document).sha256))
