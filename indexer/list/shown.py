"""What the list says of one selector: who said what, what keeps it off, and for whom it is listed.

So that an objection can be answered. Nothing is changed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from indexer.list.draft_rows import Statement, open_sealed
from indexer.list.entitlements import find_policy
from indexer.list.exclusions import Override, find_override
from indexer.list.file import ListFile
from indexer.list.partners import partner_records
from indexer.list.policy import EVERYTHING, Policy
from indexer.list.reasons import BLOCK_PLACE, open_reason
from indexer.list.resolved import find_listed_until
from screening.exclusions.matcher import Exclusions
from screening.exclusions.rules import Rule
from screening.generations.records import begin_of_minute
from screening.vocabulary.selector import Canonical


@dataclass(frozen=True, slots=True, repr=False)
class ShownEntry:
    """One statement of the list; times are Unix seconds."""

    said: Statement
    role: str
    list: str
    confidence: int | None
    jurisdictions: str
    first_seen: int
    last_seen: int
    review_by: int | None
    expires_at: int | None
    is_expired: bool


@dataclass(frozen=True, slots=True, repr=False)
class ShownBlock:
    """What keeps a selector off: `retracted` for a reason, or `excluded` by a rule's category."""

    why: str
    reason: str
    at: int


@dataclass(frozen=True, slots=True, repr=False)
class Shown:
    """All that a revision says of a selector; `partners` are those for whom it is listed now."""

    is_listed: bool
    partners: list[str]
    entries: list[ShownEntry]
    blocks: list[ShownBlock]
    override: Override | None
    rule: Rule | None
    """The safety list's, for which it is never listed unless there is an override."""


def show(list_file: ListFile, revision: int, canonical: Canonical, exclusions: Exclusions) -> Shown:
    """Return what `revision`, the one in force, says of a selector, and the `exclusions` do."""
    tag = list_file.tags.of(canonical)
    listed = _Listed(list_file, revision, tag)
    partners = [
        record.partner if record.state == "active" else f"{record.partner} ({record.state})"
        for record in partner_records(list_file)
        if record.mode == "live"
        and any(listed.under(find_policy(list_file, key_id)) for key_id in record.key_ids)
    ]
    return Shown(
        listed.under(EVERYTHING),
        partners,
        list(_entries(list_file, revision, tag)),
        list(_blocks(list_file, revision, tag)),
        find_override(list_file, tag),
        exclusions.find(canonical),
    )


class _Listed:
    def __init__(self, list_file: ListFile, revision: int, tag: bytes) -> None:
        self._file = list_file
        self._revision = revision
        self._tag = tag

    def under(self, policy: Policy) -> bool:
        """Tell whether the selector matches now for a partner with this policy."""
        until = find_listed_until(self._file, self._revision, policy, self._tag)
        return until is not None and until >= begin_of_minute(self._file.now())


def _entries(list_file: ListFile, revision: int, tag: bytes) -> Iterator[ShownEntry]:
    rows = list_file.connection.execute(
        "SELECT sealed, role, list, confidence, jurisdictions, first_seen, last_seen, review_by, "
        "expires_at, coalesce(expires_at < :begun, 0) FROM entries "
        "WHERE tag = :tag AND since <= :revision AND until > :revision ORDER BY list, role, id",
        {"begun": begin_of_minute(list_file.now()), "tag": tag, "revision": revision},
    )
    for sealed, *kept in rows:
        yield ShownEntry(open_sealed(tag, sealed, list_file.sealer), *kept)


def _blocks(list_file: ListFile, revision: int, tag: bytes) -> Iterator[ShownBlock]:
    rows = list_file.connection.execute(
        "SELECT why, kind, sealed, at FROM blocks WHERE tag = ? AND since <= ? AND until > ? "
        "ORDER BY why DESC",
        (tag, revision, revision),
    )
    for why, kind, sealed, at in rows:
        reason = open_reason(list_file.sealer, sealed, kind, BLOCK_PLACE + tag)
        yield ShownBlock(why, reason.text, at)
