"""Canaries in the list file: selectors that the operator controls, each of one partner alone.

Nobody has cause to ask about one: who does was guessing, or has what was in that partner's index.
A canary is never given to another partner, not even when the first is gone or when it was removed
meanwhile, so that where one turns up elsewhere it tells whose index it came from.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from indexer.list.entitlements import find_policy
from indexer.list.exclusions import overridden_tags
from indexer.list.file import ListFile
from indexer.list.partners import partner_records
from indexer.list.reasons import Reason, open_reason
from screening.exclusions.matcher import Exclusions
from screening.registry.record import PartnerRecord
from screening.vocabulary.selector import Canonical, SelectorKind

CANARIES_EACH: Final = 64
"""What each partner is given unless the operator says another number."""
_PLACE: Final = b"canary\0"


@dataclass(frozen=True, slots=True)
class Canaries:
    """Those of one index; `name` is a blind tag of them all, the same for the same ones."""

    name: bytes
    selectors: Sequence[Canonical] = field(repr=False)


NO_CANARIES: Final = Canaries(b"", ())


class SpokenOf:
    """What list and safety lists say of selectors, which are no canaries then: taken in or hidden.

    An entry is answered as an entry says, a victim is protected, and a helpline is never a match,
    whoever has said that the number is ours.
    """

    def __init__(self, list_file: ListFile, revision: int, exclusions: Exclusions) -> None:
        """Look into `revision`, and into safety lists: their blocks are of what is listed alone."""
        self._file = list_file
        self._revision = revision
        self._exclusions = exclusions
        self._overridden = overridden_tags(list_file)

    def find(self, canonical: Canonical) -> str | None:
        """Return what is said of a selector, None where it may be a canary."""
        tag = self._file.tags.of(canonical)
        if self._is_in_revision(tag):
            return "is in the list, retracted, or kept off it by a safety list"
        if tag in self._overridden or self._exclusions.find(canonical) is not None:
            return "is named by a safety list: it is somebody's"
        return None

    def _is_in_revision(self, tag: bytes) -> bool:
        row = self._file.connection.execute(
            "SELECT EXISTS "
            "(SELECT 1 FROM entries WHERE tag = :tag AND since <= :at AND until > :at) "
            "OR EXISTS (SELECT 1 FROM blocks WHERE tag = :tag AND since <= :at AND until > :at)",
            {"tag": tag, "at": self._revision},
        ).fetchone()
        return bool(row[0])


@dataclass(frozen=True, slots=True)
class KeptCanary:
    """One canary, as curators are shown it; `partner` is None while nobody has it."""

    canonical: Canonical = field(repr=False)
    note: str
    partner: str | None
    actor: str
    at: int


def keep_canaries(
    list_file: ListFile, selectors: Iterable[Canonical], *, each: int, note: str, actor: str
) -> int:
    """Store canaries, and in one change with them how many of them `each` partner is given.

    No partner has them yet, or the one that had them before. Return how many were not there.
    """
    kept = 0
    with list_file.transaction():
        list_file.keep_number("canaries_each", each)
        for canonical in selectors:
            tag = _tag(list_file, canonical)
            row = list_file.connection.execute(
                "INSERT INTO canaries VALUES (?, ?, ?, ?, ?, NULL) ON CONFLICT DO UPDATE "
                "SET sealed = excluded.sealed, at = excluded.at, actor = excluded.actor "
                "WHERE canaries.sealed = x''",
                (
                    tag,
                    canonical.kind.value,
                    Reason(canonical, note).sealed(list_file.sealer, _PLACE + tag),
                    list_file.now(),
                    actor,
                ),
            )
            kept += row.rowcount
    return kept


def drop_canaries(list_file: ListFile, selectors: Iterable[Canonical]) -> int:
    """Forget canaries, but for whose they were; return how many there were of these."""
    with list_file.transaction():
        return sum(_drop(list_file, _tag(list_file, one)) for one in selectors)


def _drop(list_file: ListFile, tag: bytes) -> int:
    of_nobody = "DELETE FROM canaries WHERE tag = ? AND partner IS NULL"
    of_somebody = "UPDATE canaries SET sealed = x'' WHERE tag = ? AND sealed != x''"
    execute = list_file.connection.execute
    return execute(of_nobody, (tag,)).rowcount + execute(of_somebody, (tag,)).rowcount


def canaries_at(list_file: ListFile, domains: Collection[str]) -> list[Canonical]:
    """Return the addresses at these mail domains, spelled as canonical forms have them."""
    return [
        one.canonical
        for one in kept_canaries(list_file)
        if one.canonical.kind is SelectorKind.EMAIL
        and one.canonical.text.rpartition("@")[2] in domains
    ]


def kept_canaries(list_file: ListFile) -> list[KeptCanary]:
    """Return all of them, by partner, those that nobody has first."""
    rows = list_file.connection.execute(
        "SELECT tag, kind, sealed, partner, actor, at FROM canaries "
        "WHERE sealed != x'' ORDER BY partner, kind, tag"
    )
    return [
        KeptCanary((opened := _opened(list_file, tag, kind, sealed)).canonical, opened.text, *rest)
        for tag, kind, sealed, *rest in rows
    ]


class CanaryCounts(msgspec.Struct, frozen=True):
    """How many there are in all, how many of them a partner has, and how many each is to have.

    Those of a partner that was removed are no other's, and in nobody's index.
    """

    kept: int
    given: int
    each: int


def count_canaries(list_file: ListFile) -> CanaryCounts:
    """Count them."""
    kept, given = list_file.connection.execute(
        "SELECT count(*), count(name) FROM canaries LEFT JOIN partners "
        "ON name = partner AND state != 'removed' WHERE sealed != x''"
    ).fetchone()
    return CanaryCounts(kept, given, list_file.find_number("canaries_each") or 0)


def give_canaries(list_file: ListFile, record: PartnerRecord) -> None:
    """Give a partner what it lacks, as far as there are any that nobody has.

    By their blind tags, which are in no order that anybody could tell. Of kinds that its policy
    leaves out it is given none: an answer would tell what they are.
    """
    list_file.connection.executemany(
        "UPDATE canaries SET partner = ? WHERE tag = ?",
        [(record.partner, tag) for tag in find_due(list_file, record)],
    )


def find_due(list_file: ListFile, record: PartnerRecord) -> list[bytes]:
    """Return the blind tags of the canaries that the next release gives a partner."""
    each = list_file.find_number("canaries_each") or 0
    kinds = {kind for key_id in record.key_ids for kind in find_policy(list_file, key_id).kinds}
    is_wanted = f"kind IN ({', '.join(repr(kind.value) for kind in sorted(kinds))})"
    has = f"SELECT count(*) FROM canaries WHERE partner = ? AND sealed != x'' AND {is_wanted}"  # noqa: S608 - of an enum
    (had,) = list_file.connection.execute(has, (record.partner,)).fetchone()
    free = f"SELECT tag FROM canaries WHERE partner IS NULL AND {is_wanted} ORDER BY tag LIMIT ?"  # noqa: S608 - of an enum
    rows = list_file.connection.execute(free, (max(0, each - had),))
    return [tag for (tag,) in rows]


def canaries_of(list_file: ListFile, key_id: str, spoken_of: SpokenOf) -> Canaries:
    """Return what the index of a live token key hides, but for what is spoken of."""
    partner = next(
        (one.partner for one in partner_records(list_file) if key_id in one.key_ids), None
    )
    kinds = find_policy(list_file, key_id).kinds
    each = list_file.find_number("canaries_each") or 0
    rows = list_file.connection.execute(
        "SELECT tag, kind, sealed FROM canaries WHERE partner = ? AND sealed != x'' ORDER BY tag",
        (partner,),
    )
    hidden: dict[bytes, Canonical] = {}
    for tag, kind, sealed in rows:
        canonical = _opened(list_file, tag, kind, sealed).canonical
        if canonical.kind in kinds and spoken_of.find(canonical) is None:
            hidden[list_file.tags.of(canonical)] = canonical  # one for all spellings of a selector
        if len(hidden) == each:
            break
    if not hidden:
        return NO_CANARIES
    name = list_file.sealer.tag(b"canaries\0" + b"".join(sorted(hidden)))
    return Canaries(name, tuple(hidden.values()))


def count_hideable(list_file: ListFile, spoken_of: SpokenOf) -> int:
    """Count the canaries, whoever has them, that an index may hide: nothing is said of them."""
    return sum(spoken_of.find(one.canonical) is None for one in kept_canaries(list_file))


def _opened(list_file: ListFile, tag: bytes, kind: str, sealed: bytes) -> Reason:
    return open_reason(list_file.sealer, sealed, kind, _PLACE + tag)


def _tag(list_file: ListFile, canonical: Canonical) -> bytes:
    return list_file.sealer.tag(f"canary\0{canonical.kind.value}\0{canonical.text}".encode())
