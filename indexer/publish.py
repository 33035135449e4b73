"""A list becomes what all partners' checks are answered from; and back, when it was a mistake."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass

from indexer.deployment import Deployment
from indexer.in_force import is_restored
from indexer.index.indexes import index_for_all
from indexer.list.drafts import Draft, DraftCounts, LeftOut
from indexer.list.earlier import kept_lists
from indexer.list.exclusions import rules_tag, settle
from indexer.list.new_lists import NewLists, find_new_lists
from indexer.list.resolved import count_withheld, resolve
from indexer.list.revisions import Revisions
from indexer.list.sources import ListSources, Place, named_places
from indexer.releases import Releases
from screening.vocabulary.errors import OperatorError, PublishRefused


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication has put in force."""

    release: int
    revision: int
    selectors: int
    counts: DraftCounts
    protected: int
    """Selectors that are a victim's, whatever else is said of them."""
    new_lists: NewLists
    left_out: LeftOut


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


def stage_sources(deployment: Deployment, sources: ListSources, *, adding: bool = False) -> Draft:
    """Stage every row of `sources` that can be taken now; raises as `ListSources.stage_into`."""
    return sources.stage_into(
        deployment.list_file,
        deployment.taking(),
        deployment.settings.lifetimes(),
        deployment.progress,
        adding=adding,
    )


def publish(
    deployment: Deployment, sources: ListSources, draft: Draft, allowed: Allowed
) -> Published:
    """Put the staged list, read from `sources`, in force for every partner.

    Raises `PublishRefused` where it is empty, has shrunk too much, or would leave a victim
    unprotected whose row was rejected; then nothing has changed.
    """
    releases = Releases(deployment)
    selectors = draft.size()
    if not allowed.unprotected:
        refuse_unprotected(sources.unprotected)
        _refuse_exposed(sources.exposed)
    _refuse_mistakes(deployment, releases, selectors, allowed)
    deployment.record(
        "publish",
        **sources.described(),
        selectors=selectors,
        allowed=asdict(allowed),
        **asdict(draft.counts),
    )
    new_lists = find_new_lists(deployment.list_file, draft)
    left_out = draft.count_left_out(releases.last_whole_list())
    rules = rules_tag(deployment.list_file, deployment.exclusions())
    revision = Revisions(deployment.list_file).take_draft(draft, "publish", rules=rules)
    release, revision = put_list_in_force(deployment, "publish", revision)
    deployment.record("published", release=release, revision=revision)
    protected = draft.count_protected()
    return Published(release, revision, selectors, draft.counts, protected, new_lists, left_out)


def rollback(deployment: Deployment, to: int | None = None) -> RolledBack:
    """Put the list before the last addition in force again, for every partner.

    Or an earlier one, by its number. Raises `OperatorError` where it is not kept.
    """
    revisions, earlier = Revisions(deployment.list_file), _find_earlier(deployment, to)
    if earlier is None:
        raise OperatorError(
            "there is no earlier list to go back to; publish a corrected one"
            if to is None
            else "there is no such list to go back to; see: indexer rollback --list"
        )
    deployment.record("rollback", revision=earlier)
    restored = revisions.restore(earlier)
    withheld = count_withheld(deployment.list_file, restored, earlier=earlier)
    release, revision = put_list_in_force(deployment, "rollback", restored)
    deployment.record("rolled back", release=release, revision=revision)
    return RolledBack(revisions.of(revision).content, withheld)


def _find_earlier(deployment: Deployment, to: int | None) -> int | None:
    """Return the revision to go back to, None where it is not kept, or in force."""
    current = Releases(deployment).current()
    if current is None or not current.revision:
        return None
    if to is None:
        return Revisions(deployment.list_file).find_before(current.revision)
    _, *before = kept_lists(deployment.list_file, current.revision)
    return next((one.revision for one in before if one.number == to), None)


def put_list_in_force(
    deployment: Deployment, command: str, revision: int, *, anew: Collection[str] = ()
) -> tuple[int, int]:
    """Put a revision in force, held against the safety lists; return the release, and revision.

    The revision is another one where the rules have changed since its entries were looked at, and
    where it is that of a backup: partners were told of later ones. Every release of a list comes by
    here.
    """
    releases, list_file = Releases(deployment), deployment.list_file
    revision = settle(list_file, revision, deployment.exclusions(), deployment.progress)
    is_of_backup = revision == list_file.landed_revision()
    if is_of_backup and is_restored(list_file, releases.current()):
        revision = Revisions(list_file).renumber(revision)
    indexes = index_for_all(deployment, revision, anew=anew)
    return releases.put_in_force(command, revision=revision, indexes=indexes), revision


def _refuse_mistakes(
    deployment: Deployment,
    releases: Releases,
    selectors: int,
    allowed: Allowed,
) -> None:
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
            f"{named_places(unprotected)}; correct them, or pass --allow-unprotected; "
            "nothing is changed"
        )


def _refuse_exposed(exposed: Sequence[Place]) -> None:
    """Raise `PublishRefused` where who is protected now would be listed, as by an older file."""
    if exposed:
        raise PublishRefused(
            "rows of this list name who is a victim, by an entry that it has not: "
            f"{named_places(exposed)}; add rows of role victim for their selectors, or pass "
            "--allow-unprotected where that was wrong: then they are listed; nothing is changed"
        )


def _refuse_shrinking(deployment: Deployment, releases: Releases, selectors: int) -> None:
    current = releases.current()
    if current is None or current.revision == 0:
        return
    # What has expired since then was meant to go.
    before = resolve(deployment.list_file, current.revision, as_of=deployment.now()).count
    limit = deployment.settings.max_shrink_fraction
    if selectors < before * (1 - limit):
        raise PublishRefused(
            f"the list would shrink from {before} selectors to {selectors}, by more than "
            f"{limit:.0%}; check the files, or pass --allow-shrink"
        )
