"""The index of each token key, made from a revision of the list at the cost of what has changed."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from indexer.deployment import Deployment
from indexer.index.build import Order, build_generation, share_size, stretch_all, stretch_missing
from indexer.index.generations import BuiltGeneration, Generations, Index
from indexer.index.list_for_test_keys import LISTED_FOR_TEST_KEYS
from indexer.index.share import Keys, Share, digests, index_records
from indexer.keyring import KeptTokenKey
from indexer.list.canaries import NO_CANARIES, Canaries, SpokenOf, canaries_of, give_canaries
from indexer.list.entitlements import find_policy
from indexer.list.partners import partner_records
from indexer.list.policy import EVERYTHING, Policy
from indexer.list.resolved import Resolved, resolve, resolve_changes
from indexer.list.revisions import NO_REVISION, Revisions
from indexer.stretching import Stretching
from screening.generations.manifest import TestOutcome
from screening.generations.overlay import encode_overlay
from screening.vocabulary.api_key import Mode
from screening.vocabulary.selector import IndexDigest
from screening.vocabulary.tokens import pepper_id

_SMALL_OVERLAY: Final = 1_000
"""So many changes never make a new generation, however small the list."""


def index_for_all(
    deployment: Deployment, revision: int, *, anew: Collection[str] = ()
) -> dict[str, Index]:
    """Return what answers from `revision` for every live token key, building what that needs.

    The token keys in `anew` get a new generation in any case.
    """
    indexes, list_file = {}, deployment.list_file
    spoken_of = SpokenOf(list_file, revision, deployment.exclusions())
    for record in partner_records(list_file):
        if record.mode == "live" and revision == NO_REVISION:
            continue  # nothing was ever published: the API says "not known", never "no"
        is_test = record.mode == "test"
        if not is_test:
            give_canaries(list_file, record)
        find, build = (
            (_find_of_test_list, _build_of_test_list)
            if is_test
            else (_find_of_list, _build_of_list)
        )
        for key_id in record.key_ids:
            canaries = NO_CANARIES if is_test else canaries_of(list_file, key_id, spoken_of)
            index = None if key_id in anew else find(deployment, key_id, revision, canaries)
            indexes[key_id] = index or build(deployment, key_id, revision, canaries)
    return indexes


def _find_of_list(
    deployment: Deployment, key_id: str, revision: int, canaries: Canaries
) -> Index | None:
    """Return an overlay on a generation that is there, None where too much has changed."""
    policy = find_policy(deployment.list_file, key_id)
    revisions = Revisions(deployment.list_file)
    as_of = revisions.judged_as_of(revision, deployment.now())
    normaliser = deployment.keyring.token_key(key_id).normaliser
    for built in _usable(deployment, key_id):
        # What had expired by a clock that was ahead is not in its generation, and no change either.
        was_as_of = revisions.judged_as_of(built.revision, built.built_at)
        if (built.policy, built.canaries) != (policy, canaries.name) or was_as_of > as_of:
            continue
        changes = resolve_changes(
            deployment.list_file, revision, policy, base=built.revision, normaliser=normaliser
        )
        most = max(_SMALL_OVERLAY, built.count * deployment.settings.max_overlay_fraction)
        if changes.count <= most:
            return Generations(deployment).store_overlay(
                built, _overlay(deployment, key_id, changes)
            )
    return None


def _find_of_test_list(
    deployment: Deployment, key_id: str, revision: int, canaries: Canaries
) -> Index | None:
    del revision, canaries  # that list never changes, and hides none
    for built in _usable(deployment, key_id):
        if built.count == len(LISTED_FOR_TEST_KEYS):  # else it is of a version that had fewer
            return Index(built)
    return None


def _usable(deployment: Deployment, key_id: str) -> Iterator[BuiltGeneration]:
    """Yield the generations of a token key that lie in the store, built as one would be built now.

    That is with the pepper of now, and from the list as it is read now.
    """
    made_with = (pepper_id(deployment.keyring.pepper), deployment.list_file.tags.normaliser)
    for built in Generations(deployment).of(key_id):
        if (built.pepper_id, built.normaliser) == made_with and Generations(deployment).is_there(
            built
        ):
            yield built


def _build_of_list(deployment: Deployment, key_id: str, revision: int, canaries: Canaries) -> Index:
    """Build and upload a generation of `revision` for one token key."""
    token_key = deployment.keyring.token_key(key_id)
    list_file, policy = deployment.list_file, find_policy(deployment.list_file, key_id)
    as_of = Revisions(list_file).judged_as_of(revision, deployment.now())
    resolved = resolve(list_file, revision, policy, as_of=as_of, normaliser=token_key.normaliser)
    slow_hashes = stretch_missing(
        list_file, resolved, Stretching.of(token_key), deployment.progress
    )
    hidden = stretch_all(canaries.selectors, Stretching.of(token_key))
    found = digests(hidden, Keys(key_id, token_key.secret, deployment.keyring.pepper))
    shares = slow_hashes.shares(resolved, size=share_size(resolved.count))
    wanted = _Wanted(token_key, "live", revision, policy, canaries=canaries, marked=_spelled(found))
    count = resolved.count + len(canaries.selectors)
    return _build(deployment, wanted, chain(shares, [hidden]), count)


def _spelled(found: Iterable[IndexDigest]) -> list[str]:
    """Return digests as a manifest has them, in an order that tells nothing."""
    return sorted(digest.hex() for digest in found)


def _build_of_test_list(
    deployment: Deployment, key_id: str, revision: int, canaries: Canaries
) -> Index:
    del revision, canaries
    token_key = deployment.keyring.token_key(key_id)
    share = stretch_all(LISTED_FOR_TEST_KEYS, Stretching.of(token_key))
    keys = Keys(key_id, token_key.secret, deployment.keyring.pepper)
    told = zip(digests(share, keys), LISTED_FOR_TEST_KEYS.values(), strict=True)
    outcomes = {digest.hex(): outcome for digest, outcome in told if outcome != "match"}
    wanted = _Wanted(token_key, "test", NO_REVISION, EVERYTHING, outcomes)
    return _build(deployment, wanted, [share], len(LISTED_FOR_TEST_KEYS))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What an index is built of: a revision, for a token key, as far as its policy goes."""

    token_key: KeptTokenKey
    mode: Mode
    revision: int
    policy: Policy
    outcomes: Mapping[str, TestOutcome] = field(default_factory=dict)
    canaries: Canaries = NO_CANARIES
    marked: Sequence[str] = ()


def _build(
    deployment: Deployment,
    wanted: _Wanted,
    shares: Iterable[Share],
    count: int,
) -> Index:
    order = Order(
        token_key=wanted.token_key,
        mode=wanted.mode,
        seq=wanted.revision,
        build=deployment.list_file.next_number("build"),
        built_at=deployment.now(),
        outcomes=wanted.outcomes,
        canaries=wanted.marked,
    )
    artefacts = build_generation(
        shares, count, order, pepper=deployment.keyring.pepper, progress=deployment.progress
    )
    built = Generations(deployment).store(
        artefacts, wanted.revision, wanted.policy, canaries=wanted.canaries.name
    )
    return Index(built)


def _overlay(deployment: Deployment, key_id: str, changes: Resolved) -> bytes:
    """Return the overlay that holds these changes."""
    token_key = deployment.keyring.token_key(key_id)
    slow_hashes = stretch_missing(
        deployment.list_file, changes, Stretching.of(token_key), deployment.progress
    )
    keys = Keys(key_id, token_key.secret, deployment.keyring.pepper)
    return encode_overlay(
        record
        for share in slow_hashes.shares(changes, size=_SMALL_OVERLAY)
        for record in index_records(share, keys)
    )
