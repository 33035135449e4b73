"""Part of the slow hashes of the list, for a process of its own; imported in each of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from indexer.sealing import Sealer
from screening.vocabulary.selector import Stretched


@dataclass(frozen=True, slots=True)
class SealedShare:
    """Slow hashes as the list file holds them: they are opened by the process that needs them."""

    sealer: Sealer = field(repr=False)
    place: bytes
    rows: list[tuple[bytes, bytes, int | None]] = field(repr=False)
    """Blind tag, sealed value, and when it expires."""

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[tuple[Stretched, int | None]]:
        """Yield the values; `OperatorError` where one was altered or moved."""
        unseal, place = self.sealer.open, self.place
        return (
            (Stretched(unseal(sealed, place + tag)), expires_at)
            for tag, sealed, expires_at in self.rows
        )
