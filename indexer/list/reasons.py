"""Why a selector is kept off the list, or is not: sealed, together with the form that was meant.

A tag cannot be respelled: that of a later normaliser version is made from the form, for selectors
too that no entry names (`respelling.py`).
"""

from dataclasses import dataclass
from typing import Final

import msgspec

from indexer.sealing import Sealer
from screening.vocabulary.selector import Canonical, SelectorKind

BLOCK_PLACE: Final = b"block\0"
OVERRIDE_PLACE: Final = b"override\0"


@dataclass(frozen=True, slots=True, repr=False)
class Reason:
    """What is sealed; `canonical` is the first normaliser version's form."""

    canonical: Canonical
    text: str

    def sealed(self, sealer: Sealer, place: bytes) -> bytes:
        """Return it sealed; `place` ends with the tag of its row."""
        return sealer.seal(_encoder.encode((self.canonical.text, self.text)), place)


def open_reason(sealer: Sealer, sealed: bytes, kind: str, place: bytes) -> Reason:
    """Return what was sealed for `place`; `OperatorError` where it was altered or moved."""
    form, text = _decoder.decode(sealer.open(sealed, place))
    return Reason(Canonical(SelectorKind(kind), form), text)


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(tuple[str, str])
