"""Entries of fictional selectors, as they come out of a curator's file."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from indexer.draft_rows import DraftRow, draft_row
from indexer.importers.entry import Entry, Role
from indexer.list_file import ListFile
from indexer.sealing import Sealer
from indexer.stretching import Stretching
from screening.vocabulary.normalise import normalise
from screening.vocabulary.selector import Canonical
from screening.vocabulary.tokens import STRETCH_PROFILES, Argon2id

NOW = 1_795_000_000
SEALING_KEY = bytes(range(32))
SALT = bytes(16)
NONE = Stretching(SALT, STRETCH_PROFILES["none"])
LIGHT = Stretching(SALT, STRETCH_PROFILES["light"])
_NEVER_USED = Stretching(SALT, Argon2id(version=19, iterations=1, memory_kib=8, lanes=1))


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
    line: int = 2,
) -> Entry:
    return Entry(
        canonical=canonical,
        role=role,
        source=source,
        reason=reason,
        confidence=None,
        expires_at=None if expires_at is None else datetime.fromtimestamp(expires_at, UTC),
        list="",
        file="list.csv",
        line=line,
    )


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
    return (draft_row(one, Sealer(key)) for one in entries)


def publish(list_file: ListFile, entries: Iterable[Entry]) -> int:
    list_file.stage(drafted(entries))
    revision = list_file.take_draft("publish")
    put_in_force(list_file, revision)
    return revision


def selectors_of(list_file: ListFile, revision: int) -> set[Canonical]:
    """Return what a revision publishes; its slow hashes must not be kept yet."""
    count = list_file.resolve(revision)
    rows = list_file.unstretched(_NEVER_USED)
    assert count == len(rows)
    return {list_file.open_statement(*row) for row in rows}


def kept_hashes(list_file: ListFile, stretching: Stretching, *, share: int = 2) -> list[bytes]:
    """Return the kept slow hashes of what is resolved, sorted."""
    shares = list_file.stretched(stretching, share=share)
    return sorted(bytes(value) for one in shares for value, _ in one)
