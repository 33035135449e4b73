"""Whether a journal lacks a segment: then no receipt is known to have no record.

Whose the records of a missing segment are, nobody can tell. So what a partner is told of them, it
is told of all receipts that are not its own: the answer gives away no record of another partner.
"""

import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from screening.ledger.lines import parse_seal_line
from screening.ledger.log.checkpoint import LOG
from screening.ledger.log.drops import DROPS, read_drops
from screening.ledger.seals import SEALS
from screening.ledger.segment import DAMAGED, OPEN, SEALED
from screening.ledger.verify import segments_among
from screening.private_files import open_private
from screening.vocabulary.errors import LedgerDamaged

_SETTLED_S: Final = 1.0
"""File systems tell times by ticks of some milliseconds: what changed just now may change again."""

_State = tuple[int, ...]


class MissingSegments:
    """Looks through the seals when the journal's folder has changed, and not at each question."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._state: _State | None = None
        self._missing: set[str] = set()
        self._listed: tuple[int, tuple[Path, ...]] | None = None

    def listed(self) -> tuple[Path, ...]:
        """Return what lies in the folder, which is not read anew while it has not changed."""
        changed_ns = self.directory.stat().st_mtime_ns
        if self._listed is None or self._listed[0] != changed_ns:
            listed = tuple(self.directory.iterdir())
            self._listed = (changed_ns, listed) if _is_settled(changed_ns) else None
            return listed
        return self._listed[1]

    def is_any(self, taken_up: Iterable[str]) -> bool:
        """Tell whether a segment is missing that was sealed, or is one of `taken_up`.

        And that nobody has dropped. Raises `LedgerDamaged` and `OperatorError` where the drops
        cannot be read, and `OSError`.
        """
        state = self._look()
        if state != self._state:
            self._missing = self._find_missing(self._sealed())
            self._state = state if _is_settled(max(state)) else None
        return bool(self._missing or self._find_missing(taken_up))

    def _look(self) -> _State:
        paths = (self.directory, self.directory / SEALS, self.directory / LOG / DROPS)
        return tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in paths)

    def _sealed(self) -> list[str]:
        sealed: list[str] = []
        with suppress(FileNotFoundError), open_private(self.directory / SEALS) as file:
            for line in file:
                with suppress(LedgerDamaged):  # which audit verify names
                    sealed.append(parse_seal_line(line.removesuffix(b"\n")).seal.segment)
        return sealed

    def _find_missing(self, segments: Iterable[str]) -> set[str]:
        absent = {*segments} - {*segments_among(self.listed())}
        if not absent:
            return absent
        # Only now: a drop is on record before its segment goes.
        absent -= read_drops(self.directory / LOG).keys()
        return {segment for segment in absent if not self._lies(segment)}

    def _lies(self, segment: str) -> bool:
        # One that is renamed while a folder is read may be seen under neither name.
        return any(
            (self.directory / f"{segment}{suffix}").exists() for suffix in (OPEN, SEALED, DAMAGED)
        )


def _is_settled(changed_ns: int) -> bool:
    return time.time_ns() - changed_ns > _SETTLED_S * 1e9
