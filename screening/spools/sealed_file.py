"""One file of a spool: a line of ASCII, and what is sealed to the other side and signed."""

import re
from dataclasses import dataclass
from typing import Final, Literal

import msgspec

from screening.spools.keys import SpoolKey, SpoolSecrets
from screening.spools.spelling import Signature64, read_exactly, spell
from screening.vocabulary.errors import SpoolRefused

Direction = Literal["down", "up"]

FILE_MAX_BYTES: Final = 256 << 20
"""Two batches of the largest kind, in base64 three times."""
_HEADER: Final = re.compile(rb"screening-spool/1 (down|up) ([1-9][0-9]{0,9})\n")
_HEADER_MAX_BYTES: Final = 40
_SEAL_LABEL: Final = b"screening/v1/spool\0"
_SIGNATURE_LABELS: Final = {
    "down": b"screening/v1/export\0",
    "up": b"screening/v1/acknowledgement\0",
}


class _Signed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    content: bytes
    signature: Signature64


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file belongs: its deployment, its spool, and its number in that."""

    deployment: str
    direction: Direction
    sequence: int

    @property
    def header(self) -> bytes:
        """The first line."""
        return f"screening-spool/1 {self.direction} {self.sequence}\n".encode()

    @property
    def info(self) -> bytes:
        """What both sides bind into the agreement (RFC 9180, `info`)."""
        return _SEAL_LABEL + f"{self.deployment} {self.direction} {self.sequence}".encode()


def seal_file(content: bytes, place: Place, *, to: SpoolKey, by: SpoolSecrets) -> bytes:
    """Return the whole file."""
    signature = by.sign(_SIGNATURE_LABELS[place.direction] + content)
    return place.header + to.seal(spell(_Signed(content, signature)), place.info)


def open_file(document: bytes, place: Place, *, by: SpoolKey, to: SpoolSecrets) -> bytes:
    """Return the content of a file that belongs in `place`; raises `SpoolRefused`."""
    _refuse_other_place(document, place)
    opened = to.open(document[len(place.header) :], place.info)
    if opened is None:
        raise SpoolRefused(
            "not_opened",
            f"file {place.sequence} was changed, or is sealed to another indexer or deployment; "
            "bring it again from where it was written",
        )
    signed = read_exactly(opened, _Signed, what=f"file {place.sequence}")
    if not by.has_signed(_SIGNATURE_LABELS[place.direction] + signed.content, signed.signature):
        raise SpoolRefused(
            "bad_signature",
            f"file {place.sequence} is not signed by the side that is trusted here; find out who "
            "has written it",
        )
    return signed.content


def _refuse_other_place(document: bytes, place: Place) -> None:
    header = _HEADER.match(document[:_HEADER_MAX_BYTES])
    if header is None or header[1].decode() != place.direction:
        raise SpoolRefused("malformed", f"file {place.sequence} is no file of this spool")
    sequence = int(header[2])
    if sequence < place.sequence:
        raise SpoolRefused(
            "replayed",
            f"in the place of file {place.sequence} lies file {sequence}, which was here before; "
            "bring the right one",
        )
    if sequence > place.sequence:
        raise SpoolRefused(
            "gap",
            f"in the place of file {place.sequence} lies file {sequence}; bring what is between",
        )
