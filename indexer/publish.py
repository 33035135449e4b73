"""A list becomes what all partners' checks are answered from; and back, when it was a mistake."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from indexer.build import Order, build_generation, share_size, stretch_all, stretch_missing
from indexer.deployment import Deployment
from indexer.in_force import partner_records
from indexer.index_share import Keys, Share, index_records
from indexer.list_file import DraftCounts
from indexer.list_sources import ListSources, Place
from indexer.releases import NO_REVISION, Index, Releases
from indexer.stretching import Stretching
from indexer.test_list import TEST_SELECTORS
from screening.generations.overlay import encode_overlay
from screening.vocabulary.api_key import Mode
from screening.vocabulary.errors import OperatorError, PublishRefused
from screening.vocabulary.kit import TokenKey

_PLACES_NAMED: Final = 5
_SMALL_OVERLAY: Final = 1_000
"""So many changes never make a new generation, however small the list."""


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication has put in force."""

    release: int
    revision: int
    selectors: int
    counts: DraftCounts


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a publication may do that is a mistake as a rule."""

    shrink: bool = False
    empty: bool = False
    unprotected: bool = False


@dataclass(frozen=True, slots=True)
class RolledBack:
    """What a rollback has put in force."""

    revision: int
    withheld: int
    """Selectors of that list that are not in force again: a later one names them as victims'."""


def publish(
    deployment: Deployment, sources: ListSources, counts: DraftCounts, allowed: Allowed
) -> Published:
    """Put the staged list, read from `sources`, in force for every partner.

    Raises `PublishRefused` where it is empty, has shrunk too much, or would leave a victim
    unprotected whose row was rejected; then nothing has changed.
    """
    releases = Releases(deployment)
    selectors = deployment.list_file.draft_count()
    _refuse_mistakes(deployment, releases, sources.unprotected, selectors, allowed)
    deployment.record(
        "publish",
        **sources.described(),
        selectors=selectors,
        allowed=asdict(allowed),
        **asdict(counts),
    )
    revision = deployment.list_file.take_draft("publish")
    release = releases.put_in_force(
        "publish", revision=revision, indexes=index_for_all(deployment, releases, revision)
    )
    deployment.record("published", release=release, revision=revision)
    return Published(release, revision, selectors, counts)


def rollback(deployment: Deployment) -> RolledBack:
    """Put the list before the last addition in force again, for every partner."""
    releases = Releases(deployment)
    current = releases.current()
    list_file = deployment.list_file
    earlier = list_file.find_before(current.revision) if current and current.revision else None
    if earlier is None:
        raise OperatorError("there is no earlier list to go back to; publish a corrected one")
    deployment.record("rollback", revision=earlier)
    revision = list_file.restore(earlier)
    release = releases.put_in_force(
        "rollback", revision=revision, indexes=index_for_all(deployment, releases, revision)
    )
    deployment.record("rolled back", release=release, revision=revision)
    withheld = list_file.count_withheld(revision, earlier)
    return RolledBack(list_file.content(revision), withheld)


def index_for_all(
    deployment: Deployment, releases: Releases, revision: int, *, anew: Collection[str] = ()
) -> dict[str, Index]:
    """Return what answers from `revision` for every live token key, building what that needs.

    The token keys in `anew` get a new generation in any case.
    """
    indexes = {}
    for record in partner_records(deployment.list_file):
        if record.mode == "live" and revision == NO_REVISION:
            continue  # nothing was ever published: the API says "not known", never "no"
        for key_id in record.key_ids:
            if record.mode == "test":
                indexes[key_id] = _index_of_test_list(deployment, releases, key_id)
            elif key_id in anew:
                indexes[key_id] = _build_of_list(deployment, releases, key_id, revision)
            else:
                indexes[key_id] = _index_of_list(deployment, releases, key_id, revision)
    return indexes


def _index_of_list(deployment: Deployment, releases: Releases, key_id: str, revision: int) -> Index:
    """Return an overlay on a generation that is there, or else a new generation."""
    for built in releases.generations(key_id):
        if not releases.is_there(built):
            continue
        count = deployment.list_file.resolve_changes(revision, base=built.revision)
        if count <= max(_SMALL_OVERLAY, built.count * deployment.settings.max_overlay_fraction):
            return releases.store_overlay(built, _overlay(deployment, key_id))
    return _build_of_list(deployment, releases, key_id, revision)


def _build_of_list(deployment: Deployment, releases: Releases, key_id: str, revision: int) -> Index:
    """Build and upload a generation of `revision` for one token key."""
    token_key = deployment.keyring.token_key(key_id)
    list_file, stretching = deployment.list_file, Stretching.of(token_key)
    count = list_file.resolve(revision)
    stretch_missing(list_file, stretching, deployment.progress)
    shares = list_file.stretched(stretching, share=share_size(count))
    return _build(deployment, releases, token_key, "live", revision, shares, count)


def _index_of_test_list(deployment: Deployment, releases: Releases, key_id: str) -> Index:
    for built in releases.generations(key_id):
        if releases.is_there(built):
            return Index(built)
    token_key = deployment.keyring.token_key(key_id)
    shares = [stretch_all(TEST_SELECTORS, Stretching.of(token_key))]
    count = len(TEST_SELECTORS)
    return _build(deployment, releases, token_key, "test", NO_REVISION, shares, count)


def _build(
    deployment: Deployment,
    releases: Releases,
    token_key: TokenKey,
    mode: Mode,
    revision: int,
    shares: Iterable[Share],
    count: int,
) -> Index:
    order = Order(
        token_key=token_key,
        mode=mode,
        seq=revision,
        build=deployment.list_file.next_number("build"),
        built_at=deployment.now(),
    )
    artefacts = build_generation(
        shares, count, order, pepper=deployment.keyring.pepper, progress=deployment.progress
    )
    return Index(releases.store(artefacts, revision))


def _overlay(deployment: Deployment, key_id: str) -> bytes:
    """Return the overlay that holds the resolved changes."""
    token_key = deployment.keyring.token_key(key_id)
    stretching = Stretching.of(token_key)
    stretch_missing(deployment.list_file, stretching, deployment.progress)
    keys = Keys(key_id, token_key.secret, deployment.keyring.pepper)
    return encode_overlay(
        record
        for share in deployment.list_file.stretched(stretching, share=_SMALL_OVERLAY)
        for record in index_records(share, keys)
    )


def _refuse_mistakes(
    deployment: Deployment,
    releases: Releases,
    unprotected: Sequence[Place],
    selectors: int,
    allowed: Allowed,
) -> None:
    if not allowed.unprotected:
        refuse_unprotected(unprotected)
    if not selectors and not allowed.empty:
        raise PublishRefused(
            "the list would be empty; check the files and the report, or pass --allow-empty"
        )
    if selectors and not allowed.shrink:
        _refuse_shrinking(deployment, releases, selectors)


def refuse_unprotected(unprotected: Sequence[Place]) -> None:
    """Raise `PublishRefused` where rows of victims could not be taken."""
    if unprotected:
        raise PublishRefused(
            "rows that speak of a victim could not be taken and would protect nobody: "
            f"{_places(unprotected)}; correct them, or pass --allow-unprotected"
        )


def _places(rows: Sequence[Place]) -> str:
    named = ", ".join(f"{one.file} line {one.line}" for one in rows[:_PLACES_NAMED])
    return named if len(rows) <= _PLACES_NAMED else f"{named} and {len(rows) - _PLACES_NAMED} more"


def _refuse_shrinking(deployment: Deployment, releases: Releases, selectors: int) -> None:
    current = releases.current()
    if current is None or current.revision == 0:
        return
    # What has expired since then was meant to go.
    before = deployment.list_file.resolve(current.revision, as_of=deployment.now())
    limit = deployment.settings.max_shrink_fraction
    if selectors < before * (1 - limit):
        raise PublishRefused(
            f"the list would shrink from {before} to {selectors} selectors, by more than "
            f"{limit:.0%}; check the files, or pass --allow-shrink"
        )
