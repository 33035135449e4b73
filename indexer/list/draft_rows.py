"""Rows of a list -> rows of the list file, sealed; pure, so that several processes may share it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from indexer.list.selector_tags import SelectorTags
from indexer.sealing import Sealer
from screening.exclusions.matcher import Exclusions
from screening.importers.csv_rows import ListRow, entry_of
from screening.importers.entry import Entry, ImportCode, Rejection, Role, reported_kind
from screening.vocabulary.selector import Canonical, SelectorKind
from screening.vocabulary.unix_time import DAY_S

ENTRY_PLACE: Final = b"entry\0"


class DraftRow(NamedTuple):
    """As in the table of entries (`schema.sql`), apart from the revisions; and where it stands."""

    id: bytes
    said: bytes
    subject: bytes
    tag: bytes
    kind: str
    role: str
    list: str
    confidence: int | None
    jurisdictions: str
    first_seen: int | None
    last_seen: int | None
    review_by: int | None
    expires_at: int | None
    sealed: bytes
    former: bytes | None
    file: str
    line: int


class Statement(msgspec.Struct, array_like=True):
    """What an entry keeps sealed; its `repr` shows nothing of it."""

    canonical: str
    source: str
    reason: str

    def __repr__(self) -> str:
        return "Statement(...)"


@dataclass(frozen=True, slots=True)
class Taking:
    """What decides whether an entry is taken, beside what its row says."""

    tags: SelectorTags = field(repr=False)
    now: int
    retracted: frozenset[bytes] = frozenset()
    """Blind tags of selectors that are not listed again."""
    overridden: frozenset[bytes] = frozenset()
    """Blind tags of selectors that no safety list keeps out."""
    exclusions: Exclusions = field(default_factory=lambda: Exclusions(()))


def draft_rows(rows: Iterable[ListRow | Rejection], taking: Taking) -> list[DraftRow | Rejection]:
    """Return for each row what the list file keeps of it, or why nothing; in order."""
    return [take(one, taking) for one in map(entry_of, rows)]


def take(entry: Entry | Rejection, taking: Taking) -> DraftRow | Rejection:
    """Return what the list file keeps of an entry, or why nothing."""
    if isinstance(entry, Rejection):
        return entry
    row = draft_row(entry, taking.tags)
    code = find_refusal(entry, row.tag, taking)
    if code is None:
        return row
    return Rejection(entry.file, entry.line, reported_kind(entry.canonical.kind.value), code)


def find_refusal(entry: Entry, tag: bytes, taking: Taking) -> ImportCode | None:
    """Return why an entry that can be read is not taken all the same, None where it is."""
    if entry.role is Role.VICTIM:
        return None  # That somebody is a victim is never refused: it lists nobody.
    if tag in taking.retracted:
        return "retracted"
    if tag not in taking.overridden and taking.exclusions.find(entry.canonical) is not None:
        return "excluded"
    # A day has begun somewhere on earth half a day before it does in UTC.
    seen = [day for day in (entry.first_seen, entry.last_seen) if day is not None]
    if any(day.timestamp() > taking.now + DAY_S for day in seen):
        return "seen_in_future"
    return None


def draft_row(entry: Entry, tags: SelectorTags) -> DraftRow:
    """Return what the list file keeps of an entry."""
    canonical, sealer = entry.canonical, tags.sealer
    kind, role = canonical.kind.value, entry.role.value
    tag = tags.of(canonical)
    times = (
        _seconds(entry.first_seen),
        _seconds(entry.last_seen),
        _seconds(entry.review_by),
        _seconds(entry.expires_at),
    )
    jurisdictions = f" {' '.join(entry.jurisdictions)} " if entry.jurisdictions else ""
    statement = _encoder.encode(Statement(canonical.text, entry.source, entry.reason))
    what = (kind, role, entry.list, entry.confidence, jurisdictions)
    identity = sealer.tag(b"entry\0" + _encoder.encode((*what, times)) + statement)
    return DraftRow(
        identity,
        identity if times[1] is None else _said(sealer, (*what, times[:1] + times[2:]), statement),
        subject_of(canonical, entry.list, entry.source, tags),
        tag,
        kind,
        role,
        entry.list,
        entry.confidence,
        jurisdictions,
        *times,
        sealer.seal(statement, ENTRY_PLACE + tag),
        tags.find_former(canonical),
        entry.file,
        entry.line,
    )


def subject_of(canonical: Canonical, list_: str, source: str, tags: SelectorTags) -> bytes:
    """Return the blind tag of who says something of a selector, in whatever spelling."""
    what = (canonical.kind.value, tags.form(canonical).text, list_, source)
    return tags.sealer.tag(b"subject\0" + _encoder.encode(what))


def _said(sealer: Sealer, what: tuple[object, ...], statement: bytes) -> bytes:
    """Return the blind tag of what is said again, as of another day."""
    return sealer.tag(b"said\0" + _encoder.encode(what) + statement)


def open_statement(tag: bytes, kind: str, sealed: bytes, sealer: Sealer) -> Canonical:
    """Return the selector that a sealed statement is about, in the first normaliser version.

    Sealed is what the normaliser has made; making it again would take most of the time.
    """
    return Canonical(SelectorKind(kind), open_sealed(tag, sealed, sealer).canonical)


def open_sealed(tag: bytes, sealed: bytes, sealer: Sealer) -> Statement:
    """Return a statement in full."""
    return _decoder.decode(sealer.open(sealed, ENTRY_PLACE + tag))


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Statement)
