"""Rows of a list -> rows of the list file, sealed; pure, so that several processes may share it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from indexer.importers.csv_rows import ListRow, entry_of
from indexer.importers.entry import Entry, Rejection, Role, reported_kind
from indexer.sealing import Sealer
from screening.vocabulary.normalise import normalise
from screening.vocabulary.selector import Canonical

ENTRY_PLACE = b"entry\0"

DraftRow = tuple[bytes, bytes, str, str, str, int | None, bytes]
"""id, tag, kind, role, list, expires_at, sealed: as in the table of entries (`schema.sql`)."""


class _Statement(msgspec.Struct, array_like=True):
    """What an entry keeps sealed."""

    canonical: str
    source: str
    reason: str
    confidence: int | None


@dataclass(frozen=True, slots=True)
class Taking:
    """What decides whether an entry is taken, beside what its row says."""

    sealer: Sealer = field(repr=False)
    retracted: frozenset[bytes]
    """Blind tags of selectors that are not listed again."""


def draft_rows(rows: Iterable[ListRow | Rejection], taking: Taking) -> list[DraftRow | Rejection]:
    """Return for each row what the list file keeps of it, or why nothing; in order."""
    return [_take(one, taking) for one in map(entry_of, rows)]


def _take(entry: Entry | Rejection, taking: Taking) -> DraftRow | Rejection:
    if isinstance(entry, Rejection):
        return entry
    row = draft_row(entry, taking.sealer)
    # That somebody is a victim is never refused: it lists nobody.
    if row[1] in taking.retracted and entry.role is not Role.VICTIM:
        kind = reported_kind(entry.canonical.kind.value)
        return Rejection(entry.file, entry.line, kind, "retracted")
    return row


def draft_row(entry: Entry, sealer: Sealer) -> DraftRow:
    """Return what the list file keeps of an entry."""
    canonical = entry.canonical
    tag = sealer.selector_tag(canonical)
    expires_at = None if entry.expires_at is None else int(entry.expires_at.timestamp())
    statement = _encoder.encode(
        _Statement(canonical.text, entry.source, entry.reason, entry.confidence)
    )
    what = f"entry\0{canonical.kind.value}\0{entry.role}\0{entry.list}\0{expires_at}\0"
    identity = sealer.tag(what.encode() + statement)
    sealed = sealer.seal(statement, ENTRY_PLACE + tag)
    return identity, tag, canonical.kind.value, entry.role.value, entry.list, expires_at, sealed


def open_statement(tag: bytes, kind: str, sealed: bytes, sealer: Sealer) -> Canonical:
    """Return the selector that a sealed statement is about."""
    statement = _decoder.decode(sealer.open(sealed, ENTRY_PLACE + tag))
    return normalise(kind, statement.canonical)


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Statement)
