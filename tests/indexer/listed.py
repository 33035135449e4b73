"""Entries of fictional selectors, as they come out of a curator's file."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from indexer.index.build import stretch_missing
from indexer.list.draft_rows import DraftRow, draft_row, open_statement
from indexer.list.drafts import Draft, Lifetimes, stage
from indexer.list.file import ListFile
from indexer.list.policy import EVERYTHING, Policy
from indexer.list.resolved import Resolved, resolve
from indexer.list.revisions import Revisions
from indexer.list.selector_tags import SelectorTags
from indexer.list.slow_hashes import SlowHashes
from indexer.sealing import Sealer
from indexer.stretching import Stretching
from screening.importers.entry import Entry, Role
from screening.vocabulary.normalise import normalise
from screening.vocabulary.selector import Canonical
from screening.vocabulary.tokens import STRETCH_PROFILES, Argon2id
from tests.indexer.silent import Silent

NOW = 1_795_000_000
SEALING_KEY = bytes(range(32))
SALT = bytes(16)
NO_LIFETIMES: Lifetimes = {}
RULES = b"rules"
NONE = Stretching(1, SALT, STRETCH_PROFILES["none"])
LIGHT = Stretching(1, SALT, STRETCH_PROFILES["light"])
_NEVER_USED = Stretching(1, SALT, Argon2id(version=19, iterations=1, memory_kib=8, lanes=1))


class Clock:
    """Stands still until it is told otherwise; Unix seconds."""

    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


def phone(number: int) -> Canonical:
    return normalise("phone", f"+1 202 555 01{number:02}")


def entry(
    canonical: Canonical,
    role: Role = Role.TRAFFICKER,
    *,
    expires_at: int | None = None,
    reason: str = "",
    source: str = "",
    confidence: int | None = None,
    first_seen: int | None = None,
    last_seen: int | None = None,
    jurisdictions: tuple[str, ...] = (),
    list_: str = "default",
    line: int = 2,
) -> Entry:
    return Entry(
        canonical=canonical,
        role=role,
        source=source,
        reason=reason,
        confidence=confidence,
        first_seen=_moment(first_seen),
        last_seen=_moment(last_seen),
        review_by=None,
        expires_at=_moment(expires_at),
        jurisdictions=jurisdictions,
        list=list_,
        file="list.csv",
        line=line,
    )


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def open_list(folder: Path, clock: Clock | None = None, *, key: bytes = SEALING_KEY) -> ListFile:
    return ListFile(folder / "list.sqlite", Sealer(key), clock or Clock())


def put_in_force(list_file: ListFile, revision: int) -> None:
    """Note a release of `revision`, as a publisher does once Redis has changed."""
    sql = list_file.connection
    sql.execute("UPDATE releases SET state = 'superseded' WHERE state = 'in_force'")
    sql.execute(
        "INSERT INTO releases VALUES (?, ?, 0, 0, 'publish', 'test', 'in_force')",
        (list_file.next_number("sequence"), revision),
    )


def drafted(entries: Iterable[Entry], *, key: bytes = SEALING_KEY) -> Iterator[DraftRow]:
    """Yield what a list file with this key keeps of `entries`."""
    return (draft_row(one, SelectorTags(Sealer(key), 1)) for one in entries)


def staged(
    list_file: ListFile, entries: Iterable[Entry], *, lifetimes: Lifetimes = NO_LIFETIMES
) -> Draft:
    return stage(list_file, drafted(entries), lifetimes)


def taken(draft: Draft) -> int:
    return Revisions(draft.list_file).take_draft(draft, "publish", rules=RULES)


def publish(list_file: ListFile, entries: Iterable[Entry]) -> int:
    revision = taken(staged(list_file, entries))
    put_in_force(list_file, revision)
    return revision


def listed(
    list_file: ListFile, revision: int, policy: Policy = EVERYTHING, *, as_of: int | None = None
) -> Resolved:
    """Resolve a revision as of the moment when it was made, unless another is given."""
    moment = Revisions(list_file).of(revision).as_of if as_of is None else as_of
    return resolve(list_file, revision, policy, as_of=moment)


def selectors_of(list_file: ListFile, revision: int, policy: Policy = EVERYTHING) -> set[Canonical]:
    """Return what a revision publishes; its slow hashes must not be kept yet."""
    resolved = listed(list_file, revision, policy)
    rows = SlowHashes(list_file, _NEVER_USED).missing(resolved)
    assert resolved.count == len(rows)
    sealer = list_file.sealer
    return {open_statement(row.tag, row.kind, row.sealed, sealer) for row in rows}


def kept_hashes(
    list_file: ListFile, resolved: Resolved, stretching: Stretching, *, share: int = 2
) -> list[bytes]:
    """Return the kept slow hashes of what is resolved, sorted."""
    shares = SlowHashes(list_file, stretching).shares(resolved, size=share)
    return sorted(bytes(value) for one in shares for value, _ in one)


def hashed(list_file: ListFile, resolved: Resolved, stretching: Stretching) -> int:
    """Keep the slow hashes that are missing, and return how many were."""
    missing = len(SlowHashes(list_file, stretching).missing(resolved))
    stretch_missing(list_file, resolved, stretching, Silent())
    return missing
