"""Brings single segments to a copy of a journal, and never what is less than the copy has of them.

A journal is copied lest it be damaged one day. So what is in the copy gives way only to a file in
which every record has the hash of its leaf, and which begins with every true record of the other.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from itertools import chain
from pathlib import Path
from typing import Final

from screening.ledger.lines import Seal, SealLine, find_payload
from screening.ledger.log.drops import Drop
from screening.ledger.log.leaves import Leaves, require_sealed
from screening.ledger.log.true_seals import is_of_drop
from screening.ledger.reader import SegmentReader
from screening.ledger.segment import DAMAGED, OPEN, SEALED
from screening.ledger.verify import open_segment
from screening.private_files import open_private, private_file, sync_directory
from screening.vocabulary.errors import LedgerDamaged, OperatorError

_PIECE_BYTES: Final = 1 << 20


class Copies:
    """Copies segments from `directory` to `target`; `index` has the seals that are announced."""

    def __init__(
        self, directory: Path, target: Path, *, leaves: Leaves, index: Mapping[str, SealLine]
    ) -> None:
        self._directory, self._target = directory, target
        self._leaves, self._index = leaves, index

    def bring(self, segment: str) -> bool:
        """Copy one segment, unless it is there; False where it was, or has nothing to be copied.

        Raises `LedgerDamaged` where what lies here must not take the place of what the copy has,
        and `OperatorError` and `OSError`.
        """
        reader = open_segment(self._directory, segment)  # renamed at any moment, and never back
        if reader is None:
            return False
        with closing(reader):
            held = self._held(segment)
            if reader.path.suffix == DAMAGED:
                return self._bring_damaged(reader, held)
            if SEALED in held and self._is_there(reader, held):
                self._leave_alone(segment, SEALED)
                return False
            return self._bring(reader, held)

    def require_seals(self, copied: Mapping[str, SealLine], drops: Mapping[str, Drop]) -> None:
        """Raise `LedgerDamaged` where a seal of the copy is another here, or none: it stays.

        `copied` has the seals that are announced in the copy, whose file is to give way, and
        `drops` what was dropped here. A seal that recovery has set there goes, once all were
        judged, where the segment was not sealed here, or otherwise and is dropped; no record does.
        """
        mended, wrong = list[Path](), list[str]()
        sealed = {path.stem for path in self._target.glob(f"*{SEALED}") if path.exists()}
        for segment in sorted(sealed | copied.keys()):
            line, path = copied.get(segment), self._target / f"{segment}{SEALED}"
            ours, drop = self._index.get(segment), drops.get(segment)
            # Of a line that was damaged in the copy, its own segment tells what it was.
            if ours is not None and (line == ours or (segment in sealed and ends_with(path, ours))):
                continue
            if segment in sealed and self._is_mended(path, drop):
                mended.append(path)
            else:
                wrong += self._other_than_here(segment, line, drop)
        if wrong:
            raise LedgerDamaged(*wrong)
        for path in mended:
            self._open_again(path)

    def _is_mended(self, path: Path, drop: Drop | None) -> bool:
        """Tell whether a segment of the copy, of true records, was sealed there and not here."""
        seal = self._true_seal(path)
        if seal is None:
            return False
        if self._is_gone(path.stem):
            return drop is not None and not is_of_drop(seal, drop)
        return path.stem not in self._index and self._was_never_sealed(path.stem)

    def _other_than_here(self, segment: str, line: SealLine | None, drop: Drop | None) -> list[str]:
        """Name a segment whose seal in the copy is not the one here, unless that is to go."""
        sealed = self._held(segment).get(SEALED)
        if segment in self._index and line is not None:
            return self._not_going_on(segment, line, drop)
        if segment in self._index:
            is_true = sealed is not None and self._true_seal(sealed) is not None
            stays = is_true and self._is_gone(segment)
        elif sealed:
            is_its_end = line is not None and ends_with(sealed, line)
            stays = is_its_end or not self._was_never_sealed(segment)
        else:
            stays = not self._is_no_seal(segment, line)
        return [_other_seal(segment)] if stays else []

    def _is_no_seal(self, segment: str, line: SealLine | None) -> bool:
        """Tell whether a line of the copy alone, which is set nowhere there, is to go.

        It is of no segment that ever was, by a damaged name, or one that recovery has set there,
        whose segment was opened again before a crash: a writer's own says it recovered nothing.
        """
        if not self._leaves.count(segment) and not self._held(segment):
            return self._is_gone(segment)
        return line is not None and line.seal.recovered and self._was_never_sealed(segment)

    def _was_never_sealed(self, segment: str) -> bool:
        """Tell whether a segment without a seal lies here, and not as a sealed one."""
        here = _lying(self._directory, segment)
        return bool(here) and SEALED not in here

    def _is_gone(self, segment: str) -> bool:
        return not _lying(self._directory, segment)

    def _not_going_on(self, segment: str, line: SealLine, drop: Drop | None) -> list[str]:
        """Name a segment sealed otherwise here, unless its records go on from all in the copy.

        Of one that lies nowhere its drop tells, where that is not of the copy's `line`.
        """
        held, ours = self._held(segment), self._index[segment]
        reader = open_segment(self._directory, segment)
        if reader is None:
            is_refuted = drop is not None and SEALED not in held and not is_of_drop(line.seal, drop)
            return [] if is_refuted else [_other_seal(segment)]
        with closing(reader):
            records = None if reader.path.suffix == SEALED else ours.seal.records
            try:
                for _ in self._better(reader, records, held.values()):
                    pass
            except LedgerDamaged as error:
                return [f"{error}; the copy keeps what it has of it"]
        is_ours = reader.seal is not None or find_payload(reader.end.chain, ours.line) is not None
        return [] if is_ours else [_other_seal(segment)]

    def _true_seal(self, path: Path) -> Seal | None:
        """Return the seal of a segment of the copy; None unless all of its records are leaves."""
        with closing(SegmentReader(path)) as copied:
            count = self._leaves.true_end(copied).records
        is_whole = copied.seal is not None and copied.seal.records == count
        return copied.seal if is_whole and count <= self._leaves.count(path.stem) else None

    def _open_again(self, path: Path) -> None:
        """Leave a sealed segment of the copy as an open one, whose records are all true."""
        self._rewrite(path, OPEN, b"")

    def set_seals(self) -> list[str]:
        """Set the announced seal in the copy of each segment that has gone here.

        Where it follows from the last record there: so the copy has all that was sealed. Returns a
        sentence for each file that cannot be used.
        """
        wrong: list[str] = []
        held = {path.stem for one in (OPEN, SEALED) for path in self._target.glob(f"*{one}")}
        for segment in sorted(held & self._index.keys()):
            try:
                if self._is_gone(segment):
                    self._set_seal(segment, self._index[segment])
            except (LedgerDamaged, OperatorError) as error:
                wrong.append(str(error))
        return wrong

    def _set_seal(self, segment: str, line: SealLine) -> None:
        """Have all records of a segment under its seal, and beside it no file of a crash."""
        held = self._held(segment)
        is_sealed = SEALED in held and ends_with(held[SEALED], line)
        if is_sealed and len(held) == 1:
            return
        for path in (held[one] for one in (SEALED, OPEN) if one in held):
            with closing(SegmentReader(path)) as copied:
                end = self._leaves.true_end(copied)
            if find_payload(end.chain, line.line) is None:
                continue
            if is_sealed and path.suffix == SEALED:
                self._leave_alone(segment, SEALED)
            else:
                self._rewrite(path, SEALED, line.line + b"\n")
            return

    def _rewrite(self, path: Path, suffix: str, seal: bytes) -> None:
        """Have the true records of a segment of the copy under another suffix, with that end."""
        with closing(SegmentReader(path)) as copied:
            records = self._leaves.true_end(copied).records
        with closing(SegmentReader(path)) as copied:
            lines = self._leaves.true_lines(copied, records=records)
            self._write(path.with_suffix(suffix), chain(lines, [seal]))
        self._leave_alone(path.stem, suffix)

    def _held(self, segment: str) -> dict[str, Path]:
        """Return by its suffix each file that the copy has of a segment: two, after a crash."""
        return _lying(self._target, segment)

    def _bring_damaged(self, reader: SegmentReader, held: Mapping[str, Path]) -> bool:
        if held.keys() - {DAMAGED}:
            raise reader.damaged("set aside as damaged; the copy keeps what it has of it", line=1)
        if not held:
            self._write(self._target / reader.path.name, _as_it_lies(reader))
        return not held

    def _is_there(self, reader: SegmentReader, held: Mapping[str, Path]) -> bool:
        """Tell whether the copy has a sealed segment, and no link to the one that lies here.

        Its end tells; where a crash has left another file of it, which is to go, every line does.
        """
        announced = self._index.get(reader.segment)
        if announced is None or not ends_with(held[SEALED], announced):
            return False
        if os.path.samestat(held[SEALED].stat(), os.fstat(reader.fileno())):
            return False
        if len(held) == 1:
            return True
        with closing(SegmentReader(held[SEALED])) as copied:
            return self._leaves.true_end(copied).records == announced.seal.records

    def _bring(self, reader: SegmentReader, held: Mapping[str, Path]) -> bool:
        announced = self._index.get(reader.segment)
        suffix, records = SEALED, None
        if reader.path.suffix != SEALED or announced is None:
            count = self._leaves.count(reader.segment)
            suffix, records = OPEN, announced.seal.records if announced else count
        if records == 0:
            return False
        path = self._target / f"{reader.segment}{suffix}"
        try:
            self._write(path, self._better(reader, records, held.values()))
        except LedgerDamaged as error:
            stays = "keeps what it has" if held else "is brought nothing"
            raise LedgerDamaged(f"{error}; the copy {stays} of it") from None
        self._leave_alone(reader.segment, suffix)
        return True

    def _better(
        self, reader: SegmentReader, records: int | None, held: Iterable[Path]
    ) -> Iterator[bytes]:
        """Yield the lines of a segment, which are true and go on from every file in `held`."""
        ends: dict[int, set[bytes]] = {}
        for path in held:
            with closing(SegmentReader(path)) as copied:
                end = self._leaves.true_end(copied)
            ends.setdefault(end.records, set()).add(end.chain)
        ends.pop(0, None)
        for line in self._leaves.true_lines(reader, records=records):
            yield line
            chains = ends.pop(reader.end.records, None)
            if chains is not None and chains != {reader.end.chain}:
                raise reader.damaged("another record than the copy has")
        if ends:
            raise reader.damaged("fewer records than the copy has", line=reader.end.records + 2)
        if records is None:
            require_sealed(reader, self._index.get(reader.segment))

    def _write(self, path: Path, content: Iterable[bytes]) -> None:
        with private_file(path, overwrite=True) as copy:
            for piece in content:
                copy.write(piece)

    def _leave_alone(self, segment: str, suffix: str) -> None:
        """Remove every other file of a segment from the copy, durably."""
        others = self._held(segment).keys() - {suffix}
        for other in others:
            (self._target / f"{segment}{other}").unlink()
        if others:
            sync_directory(self._target)


def _lying(directory: Path, segment: str) -> dict[str, Path]:
    # In this order: an open one may be renamed at any moment, and never back.
    paths = {suffix: directory / f"{segment}{suffix}" for suffix in (OPEN, SEALED, DAMAGED)}
    return {suffix: path for suffix, path in paths.items() if path.exists()}


def _other_seal(segment: str) -> str:
    return f"seals: not the seal of segment {segment} that the copy has"


def _as_it_lies(reader: SegmentReader) -> Iterator[bytes]:
    """Yield a file that was set aside, unread: an audit of the copy names what is wrong with it."""
    with os.fdopen(os.dup(reader.fileno()), "rb") as source:
        try:
            while piece := source.read(_PIECE_BYTES):
                yield piece
        except OSError as error:
            raise reader.unread(error) from None


def ends_with(path: Path, announced: SealLine) -> bool:
    """Tell whether a copy has the last line that it should have."""
    line = announced.line + b"\n"
    with open_private(path) as file, suppress(OSError):  # of what is not read, it is copied anew
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - len(line)))
        return file.read() == line
    return False
