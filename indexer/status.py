"""What is in force, and what there is: gathered without changing anything."""

from collections.abc import Collection

import redis

from indexer.in_force import (
    NOTHING_SAID,
    InRedis,
    Release,
    ask_redis,
    find_answered,
    find_index,
    find_unsettled,
    is_restored,
    last_release,
)
from indexer.keyring import Keyring
from indexer.list.canaries import count_canaries
from indexer.list.exclusions import count_excluded, exclusions_in_force
from indexer.list.file import ListFile
from indexer.list.partners import partner_records
from indexer.list.policy import EVERYTHING, Policy
from indexer.list.resolved import resolve
from indexer.list.revisions import Revisions
from indexer.partners.overlaps import find_end, is_broken_off, is_old_key_last, rotations
from indexer.pending import find_pending, policy_in_force
from indexer.rotation import find_older_kits
from indexer.status_document import (
    ApiKeyStatus,
    IndexStatus,
    ListedStatus,
    ListStatus,
    PartnerStatus,
    Size,
    Status,
)
from screening.exclusions.rules import Category
from screening.generations.records import begin_of_minute
from screening.registry.record import ApiKeyRecord
from screening.vocabulary.tokens import pepper_id


def gather_status(
    list_file: ListFile,
    keyring: Keyring,
    categories: Collection[Category],
    store: redis.Redis | None,
    *,
    now: int,
) -> Status:
    """Return the status of a deployment; `store` is None where Redis does not say.

    `categories` are those of the default safety lists that hold. All is read of one state of the
    list file, beside commands that change it. Raises as `ask_redis` does.
    """

    def asked() -> InRedis | None:
        verifier = keyring.signer.verifier()
        return None if store is None else ask_redis(store, list_file, verifier)

    with list_file.snapshot():
        in_redis = asked()
        if in_redis is None or not _has_later(in_redis, list_file):
            return _gathered(list_file, keyring, categories, in_redis, now=now)
    # A command has put a release in force since the first look; or the file is older, as after a
    # restore, and then the second tells the same.
    with list_file.snapshot():
        return _gathered(list_file, keyring, categories, asked(), now=now)


def _has_later(in_redis: InRedis, list_file: ListFile) -> bool:
    """Tell whether Redis or a host speaks of a release that the list file has not begun."""
    latest = max(in_redis.highest, *(host.release for host in in_redis.hosts), 0)
    return latest > last_release(list_file)


def _gathered(
    list_file: ListFile,
    keyring: Keyring,
    categories: Collection[Category],
    in_redis: InRedis | None,
    *,
    now: int,
) -> Status:
    highest = in_redis.highest if in_redis is not None else None
    current, begun = find_answered(list_file, highest), find_unsettled(list_file)
    records = in_redis.records if in_redis is not None else {}
    listed = sizes = None
    if current is not None and current.revision:
        sizes = _Sizes(list_file, current.revision, now)
        listed = _listed(list_file, sizes, current.revision, now)
    partners = _partners(list_file, current, in_redis, sizes=sizes, now=now)
    exclusions = exclusions_in_force(list_file, categories)
    pending = find_pending(list_file, highest, records, exclusions)
    return Status(
        current=current,
        begun=begun,
        highest=highest,
        listed=listed,
        partners=partners,
        hosts=in_redis.hosts if in_redis is not None else [],
        pepper=_pepper_in_place(keyring) if in_redis is not None else None,
        pending=pending,
        is_restored=is_restored(list_file, current),
        canaries=count_canaries(list_file),
        older=find_older_kits(keyring, list_file),
    )


def _pepper_in_place(keyring: Keyring) -> str | None:
    """Return what every host's `pepper.key` must be, None in an overlap, when old ones stay."""
    return None if keyring.has_old_pepper else pepper_id(keyring.pepper)


class _Sizes:
    """Sizes of one revision under policies, each resolved once, however many partners have it."""

    def __init__(self, list_file: ListFile, revision: int, now: int) -> None:
        self._file = list_file
        self._revision = revision
        self._as_of = Revisions(list_file).judged_as_of(revision, now)
        self._now = now
        self._known: dict[Policy, Size] = {}

    def under(self, policy: Policy) -> Size:
        if policy not in self._known:
            resolved = resolve(self._file, self._revision, policy, as_of=self._as_of)
            self._known[policy] = Size(
                resolved.count,
                resolved.kinds(),
                resolved.count_expired(self._now),
                resolved.next_expiry(self._now),
            )
        return self._known[policy]


def _listed(list_file: ListFile, sizes: _Sizes, revision: int, now: int) -> ListedStatus:
    sql, at = list_file.connection, {"revision": revision}
    (retracted,) = sql.execute(
        "SELECT count(DISTINCT tag) FROM blocks WHERE why = 'retracted' "
        "AND since <= :revision AND until > :revision",
        at,
    ).fetchone()
    (overridden,) = sql.execute("SELECT count(*) FROM overrides").fetchone()
    kept = sql.execute(
        "SELECT list, count(*), min(review_by) FROM entries "
        "WHERE since <= :revision AND until > :revision GROUP BY list ORDER BY list",
        at,
    ).fetchall()
    lists = [
        ListStatus(
            name,
            entries,
            sizes.under(EVERYTHING if len(kept) == 1 else Policy(lists=(name,))),
            review,
        )
        for name, entries, review in kept
    ]
    return ListedStatus(
        revision,
        Revisions(list_file).of(revision).published_at,
        sizes.under(EVERYTHING),
        retracted,
        count_excluded(list_file, revision),
        overridden,
        *_withheld(list_file, revision, now),
        lists,
    )


def _withheld(list_file: ListFile, revision: int, now: int) -> tuple[int, int, int]:
    """Return how many selectors are a victim's, and how many entries are unclear, and expired."""
    victims, unclear, lapsed = list_file.connection.execute(
        "SELECT count(DISTINCT iif(role = 'victim', tag, NULL)), "
        "coalesce(sum(role IN ('disputed', 'unknown')), 0), "
        "coalesce(sum(role NOT IN ('victim', 'disputed', 'unknown') AND expires_at < :begun), 0) "
        "FROM entries WHERE since <= :revision AND until > :revision",
        {"revision": revision, "begun": begin_of_minute(now)},
    ).fetchone()
    return victims, unclear, lapsed


def _partners(
    list_file: ListFile,
    current: Release | None,
    in_redis: InRedis | None,
    *,
    sizes: _Sizes | None,
    now: int,
) -> list[PartnerStatus]:
    said = in_redis or NOTHING_SAID
    marks = said.restrictions
    rotating = {one.partner: one for one in rotations(list_file)}
    found = []
    for record in partner_records(list_file):
        is_live = record.mode == "live"
        indexes = []
        for key_id in record.key_ids:
            policy = policy_in_force(list_file, current, key_id) if is_live else EVERYTHING
            size = sizes.under(policy) if is_live and sizes is not None else None
            indexes.append(_index(list_file, current, key_id, policy=policy, size=size))
        half = list_file.partner_state(record.partner) == "adding"
        rotation = rotating.get(record.partner)
        found.append(
            PartnerStatus(
                name=record.partner,
                state="adding" if half else said.records.get(record.partner, record).state,
                mode=record.mode,
                scopes=[scope for key in record.api_keys[:1] for scope in key.scopes],
                old_keys_until=find_end(rotation),
                old_key_is_last=rotation is not None and is_old_key_last(record, rotation, now),
                is_rotation_broken_off=is_broken_off(rotation),
                is_held=record.partner in marks.held,
                is_throttled=record.partner in marks.throttled,
                held_since=marks.held.get(record.partner),
                throttled_since=marks.throttled.get(record.partner),
                suspected=marks.suspected.get(record.partner, {}),
                api_keys=[_api_key(key, said.uses.get(key.id)) for key in record.api_keys],
                indexes=indexes,
            )
        )
    return found


def _api_key(key: ApiKeyRecord, last_used: int | None) -> ApiKeyStatus:
    return ApiKeyStatus(
        id=key.id,
        scopes=list(key.scopes),
        purpose=key.purpose,
        expires_at=key.expires_at,
        networks=list(key.networks),
        selectors_per_second=key.selectors_per_second,
        burst_selectors=key.burst_selectors,
        certificate_sha256=key.certificate_sha256,
        last_used=last_used,
    )


def _index(
    list_file: ListFile, current: Release | None, key_id: str, *, policy: Policy, size: Size | None
) -> IndexStatus:
    index = find_index(list_file, current, key_id)
    return IndexStatus(
        key_id=key_id,
        policy=policy,
        policy_in_words=policy.described(),
        size=size,
        generation=None if index is None else index.generation,
        built_at=None if index is None else index.built_at,
        built_seq=None if index is None else index.built_seq,
        seq=current.revision if current is not None else 0,
        overlay=0 if index is None else index.overlay,
    )
