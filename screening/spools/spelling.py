"""JSON with one spelling: what is signed has no second form that reads the same."""

from datetime import datetime, timedelta
from typing import Annotated, Final, TypeVar

import msgspec

from screening.vocabulary.errors import SpoolRefused
from screening.vocabulary.unreadable import UNREADABLE

Document = TypeVar("Document", bound=msgspec.Struct)

MOST_SEQUENCES: Final = 9_999_999_999
"""The highest that ten digits write: a file a second for 300 years."""

Deployment = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{16}\Z")]
KeyId = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{16}\Z")]
PartnerName = Annotated[
    str, msgspec.Meta(pattern=r"\A[a-z0-9](?:[a-z0-9-]{0,22}[a-z0-9])?\Z", max_length=24)
]
"""As kits have it."""
TokenKeyId = Annotated[str, msgspec.Meta(pattern=r"\A[a-z0-9][a-z0-9-]{0,31}\Z")]
BatchId = Annotated[str, msgspec.Meta(pattern=r"\A[a-z2-7]{26}\Z")]
Sha256 = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Sequence = Annotated[int, msgspec.Meta(ge=1, le=MOST_SEQUENCES)]
Count = Annotated[int, msgspec.Meta(ge=0, le=(1 << 53) - 1)]
Key32 = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
Signature64 = Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]
# As the cells of a list: no control characters but tab and line ends.
Text = Annotated[
    str, msgspec.Meta(max_length=2_000, pattern=r"\A[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*\Z")
]

_NO_OFFSET: Final = timedelta(0)


def require_utc_seconds(*moments: datetime | None) -> None:
    """Raise `ValueError` where one is not RFC 3339 in UTC, whole seconds."""
    for moment in moments:
        if moment is not None and (moment.utcoffset() != _NO_OFFSET or moment.microsecond):
            raise ValueError("a moment is not of whole seconds in UTC")


def spell(document: msgspec.Struct) -> bytes:
    """Return the one spelling: members in the order of the struct, no white space, UTF-8.

    What this side makes the other has to be able to read, and a struct that is made is not checked:
    raises `SpoolRefused` for one that it would refuse.
    """
    content = msgspec.json.encode(document)
    read_exactly(content, type(document), what="what was to be written")
    return content


class _Format(msgspec.Struct):
    format: str


_formats: Final = msgspec.json.Decoder(_Format)


def require_format(content: bytes, *known: str, what: str) -> str:
    """Return which format the content of a down file names; raises `SpoolRefused` for another."""
    try:
        named = _formats.decode(content).format
    except UNREADABLE:
        raise _malformed(what) from None
    if named not in known:
        raise SpoolRefused(
            "malformed",
            f"{what} is of a format that this version does not know; bring the indexer to the "
            "console's version, and it takes the file as it is",
        )
    return named


def read_exactly(content: bytes, kind: type[Document], *, what: str) -> Document:
    """Return the document that `content` spells; raises `SpoolRefused` at any other spelling."""
    try:
        document = msgspec.json.decode(content, type=kind)
    except (*UNREADABLE, OverflowError):
        raise _malformed(what) from None
    if msgspec.json.encode(document) != content:
        raise _malformed(what)
    return document


def _malformed(what: str) -> SpoolRefused:
    return SpoolRefused("malformed", f"{what} is not what its format says; write it anew")
