"""A list becomes what all partners' checks are answered from; and back, when it was a mistake."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from indexer.build import Order, build_generation, share_size, stretch_all, stretch_missing
from indexer.deployment import Deployment
from indexer.importers.entry import ImportCode
from indexer.in_force import partner_records
from indexer.index_share import Share
from indexer.list_file import DraftCounts
from indexer.list_sources import Source
from indexer.releases import NO_REVISION, BuiltGeneration, Releases
from indexer.stretching import Stretching
from indexer.test_list import TEST_SELECTORS
from screening.vocabulary.api_key import Mode
from screening.vocabulary.errors import OperatorError, PublishRefused


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication has put in force."""

    release: int
    revision: int
    selectors: int
    counts: DraftCounts


@dataclass(frozen=True, slots=True)
class RolledBack:
    """What a rollback has put in force."""

    revision: int
    withheld: int
    """Selectors of that list that are not in force again: a later one names them as victims'."""


def publish(
    deployment: Deployment,
    counts: DraftCounts,
    *,
    sources: Sequence[Source],
    rejected: Mapping[ImportCode, int],
    unprotected: int,
    allow_shrink: bool,
    allow_empty: bool,
    allow_unprotected: bool,
) -> Published:
    """Put the staged list in force for every partner.

    Raises `PublishRefused` where it is empty, has shrunk too much, or would leave `unprotected` a
    victim whose row was rejected; then nothing has changed.
    """
    releases = Releases(deployment)
    selectors = deployment.list_file.draft_count()
    if unprotected and not allow_unprotected:
        raise PublishRefused(
            f"{unprotected} rows of role victim could not be taken and would protect nobody; "
            "correct the rows that --report names, or pass --allow-unprotected"
        )
    if selectors:
        _refuse_shrinking(deployment, releases, selectors, allow_shrink)
    elif not allow_empty:
        raise PublishRefused(
            "the list would be empty; check the files and the report, or pass --allow-empty"
        )
    deployment.record(
        "publish",
        sources=[asdict(source) for source in sources],
        selectors=selectors,
        rejected={str(code): number for code, number in rejected.items()},
        unprotected=unprotected,
        allow_shrink=allow_shrink,
        allow_empty=allow_empty,
        allow_unprotected=allow_unprotected,
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


def _refuse_shrinking(
    deployment: Deployment, releases: Releases, selectors: int, allow_shrink: bool
) -> None:
    if allow_shrink:
        return
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
