"""Single changes of the list, in force within seconds: as overlays on the indexes there are."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from indexer.deployment import Deployment
from indexer.draft_rows import draft_row
from indexer.importers.entry import Entry, Role
from indexer.list_file import DraftCounts
from indexer.list_sources import ListSources
from indexer.publish import index_for_all, refuse_unprotected
from indexer.releases import Releases
from screening.vocabulary.errors import OperatorError, PublishRefused
from screening.vocabulary.selector import Canonical


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change has put in force."""

    release: int
    revision: int


@dataclass(frozen=True, slots=True)
class Added(Changed):
    """What an addition has put in force."""

    counts: DraftCounts


def add(deployment: Deployment, entries: Sequence[Entry]) -> Added:
    """Add entries to the list; raises `OperatorError` where a selector is retracted."""
    list_file = deployment.list_file
    retracted = list_file.retracted_tags()
    if any(
        list_file.sealer.selector_tag(entry.canonical) in retracted
        for entry in entries
        if entry.role is not Role.VICTIM
    ):
        raise OperatorError(
            "a selector of these was retracted, and nothing is changed; see: indexer lift --help"
        )
    counts = list_file.stage(draft_row(entry, list_file.sealer) for entry in entries)
    deployment.record("add", **asdict(counts))
    revision = list_file.take_additions("add")
    return Added(_put_in_force(deployment, "add", revision), revision, counts)


def publish_changes(
    deployment: Deployment, sources: ListSources, counts: DraftCounts, *, allow_unprotected: bool
) -> Added:
    """Add the staged rows, read from `sources`, to the list.

    Raises `PublishRefused` where none could be taken, or a victim would be left unprotected.
    """
    if not allow_unprotected:
        refuse_unprotected(sources.unprotected)
    if not counts.taken:
        raise PublishRefused("no row could be taken: nothing is changed; see the report")
    deployment.record("publish changes", **sources.described(), **asdict(counts))
    revision = deployment.list_file.take_additions("publish changes")
    return Added(_put_in_force(deployment, "publish changes", revision), revision, counts)


def retract(deployment: Deployment, selectors: Sequence[Canonical], reason: str) -> Changed:
    """Take selectors off the list, for all partners, until `lift`."""
    deployment.record("retract", selectors=len(selectors))
    revision = deployment.list_file.retract(selectors, reason)
    return Changed(_put_in_force(deployment, "retract", revision), revision)


def lift(deployment: Deployment, selectors: Sequence[Canonical]) -> Changed:
    """Let retracted selectors be listed again, when an import names them.

    Raises `OperatorError` where one is not retracted.
    """
    list_file = deployment.list_file
    retracted = list_file.retracted_tags()
    if any(list_file.sealer.selector_tag(one) not in retracted for one in selectors):
        raise OperatorError("a selector of these is not retracted, and nothing is changed")
    deployment.record("lift", selectors=len(selectors))
    revision = list_file.lift(selectors)
    return Changed(_put_in_force(deployment, "lift", revision), revision)


def compact(deployment: Deployment, *, everything: bool) -> int:
    """Build generations anew whose overlays are old, or all that have one; return how many."""
    releases = Releases(deployment)
    current = releases.current()
    if current is None or not current.revision:
        return 0
    due = releases.find_old_overlays(
        current, 0 if everything else deployment.settings.max_overlay_age_s
    )
    deployment.record("compact", indexes=len(due))
    indexes = index_for_all(deployment, releases, current.revision, anew=due)
    release = releases.put_in_force("compact", revision=current.revision, indexes=indexes)
    deployment.record("compacted", release=release)
    return len(due)


def _put_in_force(deployment: Deployment, command: str, revision: int) -> int:
    releases = Releases(deployment)
    indexes = index_for_all(deployment, releases, revision)
    release = releases.put_in_force(command, revision=revision, indexes=indexes)
    deployment.record(f"{command} done", release=release, revision=revision)
    return release
