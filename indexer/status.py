"""What is in force, and what there is: gathered without changing anything."""

from dataclasses import dataclass, field
from typing import Any

import msgspec

from indexer.in_force import (
    ApiHost,
    Release,
    find_current,
    find_unsettled,
)
from indexer.list.entitlements import find_policy
from indexer.list.exclusions import count_excluded
from indexer.list.file import ListFile
from indexer.list.policy import EVERYTHING, Policy
from indexer.list.resolved import Resolved, resolve
from indexer.list.revisions import Revisions
from indexer.partners.records import partner_records


class Size(msgspec.Struct, frozen=True):
    """Selectors that a revision lists, by kind, and how many of them have expired since.

    `next_expiry` is when the next of the others does (Unix seconds).
    """

    selectors: int
    kinds: dict[str, int]
    expired: int
    next_expiry: int | None


class ListStatus(msgspec.Struct, frozen=True):
    """One list by its name: the entries that curators keep, and what of them is listed."""

    name: str
    entries: int
    size: Size
    next_review: int | None


class IndexStatus(msgspec.Struct, frozen=True):
    """The index of one token key: its generation, and the changes since as its overlay.

    `seq` is the revision it holds, `built_seq` the last in its generation; times are Unix seconds.
    """

    key_id: str
    policy: Policy
    policy_in_words: str
    size: Size | None
    generation: str | None
    built_at: int | None
    built_seq: int | None
    seq: int
    overlay: int


class PartnerStatus(msgspec.Struct, frozen=True):
    """A partner and its token keys; of a test partner, they read the test list."""

    name: str
    state: str
    mode: str
    scopes: list[str]
    indexes: list[IndexStatus]


class ListedStatus(msgspec.Struct, frozen=True):
    """The whole list: the revision in force, and what is kept off it."""

    revision: int
    published_at: int
    size: Size
    retracted: int
    excluded: int
    overridden: int
    lists: list[ListStatus]


@dataclass(frozen=True, slots=True)
class Status:
    """All of it; `highest` is the release that Redis holds, None where Redis does not say.

    The home of one that says nothing has no list file yet.
    """

    current: Release | None = None
    begun: Release | None = None
    highest: int | None = None
    listed: ListedStatus | None = None
    partners: list[PartnerStatus] = field(default_factory=list)
    hosts: list[ApiHost] = field(default_factory=list)

    def as_json(self) -> bytes:
        """Return it for machines."""
        return msgspec.json.format(msgspec.json.encode(self._built()), indent=2)

    def _built(self) -> dict[str, Any]:
        return {
            "format": "screening-status/1",
            "release": self.current,
            "interrupted": self.begun,
            "store_release": self.highest,
            "list": self.listed,
            "partners": self.partners,
            "hosts": self.hosts,
        }


def gather_status(
    list_file: ListFile, *, highest: int | None, hosts: list[ApiHost], now: int
) -> Status:
    """Return the status of a deployment; `highest` and `hosts` are what Redis says."""
    current, begun = find_current(list_file), find_unsettled(list_file)
    if begun is not None and highest is not None and highest >= begun.release:
        current = begun
    listed = None
    if current is not None and current.revision:
        listed = _listed(list_file, current.revision, now)
    return Status(current, begun, highest, listed, _partners(list_file, current, now), hosts)


def _listed(list_file: ListFile, revision: int, now: int) -> ListedStatus:
    made = Revisions(list_file).of(revision)
    size = _size(resolve(list_file, revision, as_of=made.as_of), now)
    sql, at = list_file.connection, {"revision": revision}
    (retracted,) = sql.execute(
        "SELECT count(*) FROM blocks WHERE why = 'retracted' "
        "AND since <= :revision AND until > :revision",
        at,
    ).fetchone()
    (overridden,) = sql.execute("SELECT count(*) FROM overrides").fetchone()
    kept = sql.execute(
        "SELECT list, count(*), min(iif(review_by >= :now, review_by, NULL)) FROM entries "
        "WHERE since <= :revision AND until > :revision GROUP BY list ORDER BY list",
        {**at, "now": now},
    ).fetchall()
    lists = [
        ListStatus(
            name,
            entries,
            _size(resolve(list_file, revision, Policy(lists=(name,)), as_of=made.as_of), now),
            review,
        )
        for name, entries, review in kept
    ]
    return ListedStatus(
        revision,
        made.published_at,
        size,
        retracted,
        count_excluded(list_file, revision),
        overridden,
        lists,
    )


def _size(resolved: Resolved, now: int) -> Size:
    expired = resolved.count_expired(now)
    return Size(resolved.count, resolved.kinds(), expired, resolved.next_expiry(now))


def _partners(list_file: ListFile, current: Release | None, now: int) -> list[PartnerStatus]:
    sizes: dict[Policy, Size] = {}
    found = []
    for record in partner_records(list_file):
        live = record.mode == "live" and current is not None and current.revision > 0
        indexes = []
        for key_id in record.key_ids:
            policy = find_policy(list_file, key_id) if record.mode == "live" else EVERYTHING
            if live and current is not None and policy not in sizes:
                as_of = Revisions(list_file).of(current.revision).as_of
                sizes[policy] = _size(
                    resolve(list_file, current.revision, policy, as_of=as_of), now
                )
            size = sizes[policy] if live else None
            indexes.append(_index(list_file, current, key_id, policy, size))
        half = list_file.partner_state(record.partner) == "adding"
        scopes = [scope for key in record.api_keys[:1] for scope in key.scopes]
        state = "adding" if half else record.state
        found.append(PartnerStatus(record.partner, state, record.mode, list(scopes), indexes))
    return found


def _index(
    list_file: ListFile, current: Release | None, key_id: str, policy: Policy, size: Size | None
) -> IndexStatus:
    row = None
    if current is not None:
        row = list_file.connection.execute(
            "SELECT generation, built_at, revision, overlay_count FROM indexes "
            "JOIN generations USING (generation, key_id) WHERE release = ? AND key_id = ?",
            (current.release, key_id),
        ).fetchone()
    generation, built_at, built_seq, overlay = row or (None, None, None, 0)
    return IndexStatus(
        key_id=key_id,
        policy=policy,
        policy_in_words=policy.described(),
        size=size,
        generation=generation,
        built_at=built_at,
        built_seq=built_seq,
        seq=current.revision if current is not None else 0,
        overlay=overlay,
    )
