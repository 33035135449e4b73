"""A list becomes what all partners' checks are answered from; and back, when it was a mistake."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from indexer.build import Order, build_generation, share_size, stretch_all, stretch_missing
from indexer.deployment import Deployment
from indexer.in_force import partner_records
from indexer.index_share import Share
from indexer.list_file import DraftCounts
from indexer.list_sources import ListSources, Place
from indexer.releases import NO_REVISION, BuiltGeneration, Releases
from indexer.stretching import Stretching
from indexer.test_list import TEST_SELECTORS
from screening.vocabulary.api_key import Mode
from screening.vocabulary.errors import OperatorError, PublishRefused

_PLACES_NAMED: Final = 5


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
        sources=[asdict(source) for source in sources.sources],
        selectors=selectors,
        rejected={str(code): number for code, number in sources.rejected.items()},
        unprotected=len(sources.unprotected),
        allowed=asdict(allowed),
        **asdict(counts),
    )
    revision = deployment.list_file.take_draft()
    generations = build_for_all(deployment, releases, revision)
    release = releases.put_in_force(
        "publish", revision=revision, generations=generations, published_at=deployment.now()
    )
    deployment.record("published", release=release, revision=revision)
    return Published(release, revision, selectors, counts)


def rollback(deployment: Deployment) -> RolledBack:
    """Put the list that was in force before the current one in force again, for every partner."""
    releases = Releases(deployment)
    current = releases.current()
    revision = releases.find_previous_revision(current) if current is not None else None
    if revision is None:
        raise OperatorError("there is no earlier list to go back to; publish a corrected one")
    deployment.record("rollback", revision=revision)
    generations = build_for_all(deployment, releases, revision)
    release = releases.put_in_force(
        "rollback",
        revision=revision,
        generations=generations,
        published_at=releases.first_published_at(revision),  # the list is no younger for it
    )
    deployment.record("rolled back", release=release, revision=revision)
    withheld = deployment.list_file.count_victims_since(revision)
    return RolledBack(revision, withheld)


def build_for_all(
    deployment: Deployment, releases: Releases, revision: int
) -> dict[str, BuiltGeneration]:
    """Return a generation of `revision` for every live token key, building those that lack one."""
    have = releases.generations(revision)
    # Fewer than were indexed then where a later list names victims: those indexes are out of date.
    published = deployment.list_file.resolve(revision) if have and revision != NO_REVISION else 0
    generations = {}
    for record in partner_records(deployment.list_file):
        if record.mode == "live" and revision == NO_REVISION:
            continue  # nothing was ever published: the API says "not known", never "no"
        for key_id in record.key_ids:
            built = have.get(key_id)
            if built is None or (record.mode == "live" and built.count != published):
                built = build_one(
                    deployment, releases, key_id=key_id, mode=record.mode, revision=revision
                )
            generations[key_id] = built
    return generations


def build_one(
    deployment: Deployment, releases: Releases, *, key_id: str, mode: Mode, revision: int
) -> BuiltGeneration:
    """Build and upload the index of one token key: the real list's, or the test list's."""
    token_key = deployment.keyring.token_key(key_id)
    shares, count = _stretched_shares(deployment, mode, Stretching.of(token_key), revision)
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
    return releases.store(artefacts, revision)


def _stretched_shares(
    deployment: Deployment, mode: Mode, stretching: Stretching, revision: int
) -> tuple[Iterable[Share], int]:
    if mode == "test":
        return [stretch_all(TEST_SELECTORS, stretching)], len(TEST_SELECTORS)
    count = deployment.list_file.resolve(revision)
    stretch_missing(deployment.list_file, stretching, deployment.progress)
    return deployment.list_file.stretched(stretching, share=share_size(count)), count


def _refuse_mistakes(
    deployment: Deployment,
    releases: Releases,
    unprotected: Sequence[Place],
    selectors: int,
    allowed: Allowed,
) -> None:
    if unprotected and not allowed.unprotected:
        raise PublishRefused(
            "rows that speak of a victim could not be taken and would protect nobody: "
            f"{_places(unprotected)}; correct them, or pass --allow-unprotected"
        )
    if not selectors and not allowed.empty:
        raise PublishRefused(
            "the list would be empty; check the files and the report, or pass --allow-empty"
        )
    if selectors and not allowed.shrink:
        _refuse_shrinking(deployment, releases, selectors)


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
