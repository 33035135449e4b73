"""Single changes of the list, in force within seconds: as overlays on the indexes there are."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from indexer.deployment import Deployment
from indexer.in_force import Release, highest_sequence, is_restored
from indexer.index.generations import Generations
from indexer.list.blocks import note_retracted_again
from indexer.list.draft_rows import DraftRow, Taking, draft_row, find_refusal
from indexer.list.drafts import Draft, DraftCounts, stage
from indexer.list.exports import last_exported
from indexer.list.new_lists import NewLists, find_new_lists
from indexer.list.resolved import count_ended, count_listed
from indexer.list.revisions import Revisions
from indexer.list.sources import ListSources
from indexer.partners.issue import put_partners_in_force
from indexer.partners.overlaps import Ended, end_rotations
from indexer.partners.remove import retire_orphans
from indexer.publish import put_list_in_force, refuse_unprotected
from indexer.releases import Releases
from indexer.rotation import end_normaliser_rotation, end_pepper_rotation
from screening.importers.entry import IMPORT_SENTENCES, Entry, ImportCode, Role
from screening.vocabulary.errors import OperatorError, PublishRefused
from screening.vocabulary.selector import Canonical
from screening.vocabulary.unix_time import DAY_S


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change has put in force."""

    release: int
    revision: int


@dataclass(frozen=True, slots=True)
class Added(Changed):
    """What an addition has put in force.

    Of its selectors, `protected` are a victim's, and `ended` were listed before it and are no more.
    """

    counts: DraftCounts
    protected: int
    ended: int
    new_lists: NewLists


def add(deployment: Deployment, entries: Sequence[Entry]) -> Added:
    """Add entries to the list, seen today where they do not say when.

    Raises `OperatorError` where one of them is not taken.
    """
    list_file, taking = deployment.list_file, deployment.taking()
    entries = [_seen(entry, deployment.now()) for entry in entries]
    rows = [draft_row(entry, taking.tags) for entry in entries]
    refused = find_refused(entries, rows, taking)
    if refused is not None:
        line, code = refused
        raise OperatorError(f"selector {line}: {IMPORT_SENTENCES[code]}; nothing is changed")
    draft = stage(list_file, rows, deployment.settings.lifetimes())
    deployment.record("add", **asdict(draft.counts))
    return _add_staged(deployment, draft, "add")


def find_refused(
    entries: Sequence[Entry], rows: Sequence[DraftRow], taking: Taking
) -> tuple[int, ImportCode] | None:
    """Return the line of the first entry that is not taken, and why; None where all are."""
    for entry, row in zip(entries, rows, strict=True):
        code = find_refusal(entry, row.tag, taking)
        if code is not None:
            return entry.line, code
    return None


def refuse_changes(sources: ListSources, draft: Draft, *, allow_unprotected: bool) -> None:
    """Raise `PublishRefused` where none could be taken, or a victim would be left unprotected."""
    if not allow_unprotected:
        refuse_unprotected(sources.unprotected)
    if not draft.counts.taken and not draft.counts.outdated:
        raise PublishRefused("no row could be taken: nothing is changed")


def publish_changes(
    deployment: Deployment, sources: ListSources, draft: Draft, *, allow_unprotected: bool
) -> Added:
    """Add the staged rows, read from `sources`, to the list: `publish --changes`, or `import`.

    Raises `PublishRefused` as `refuse_changes` does.
    """
    refuse_changes(sources, draft, allow_unprotected=allow_unprotected)
    command = "import" if sources.are_foreign else "publish changes"
    deployment.record(
        command,
        **sources.described(),
        allowed={"unprotected": allow_unprotected},
        **asdict(draft.counts),
    )
    return _add_staged(deployment, draft, command)


@dataclass(frozen=True, slots=True)
class Retracted(Changed):
    """What a retraction has put in force.

    Of its selectors, `listed` tells how many were so before. `already` has those that were
    retracted before, by position from 0, and since when (Unix seconds): nothing of them changes.
    `is_again` tells that nothing else was to be done, and that the store had another list in force.
    """

    listed: int
    already: Mapping[int, int]
    is_again: bool = False


def retract(deployment: Deployment, selectors: Sequence[Canonical], reason: str) -> Retracted:
    """Take selectors off the list, for all partners, until `lift`.

    Beside a console no statement ends by it: they stay what its next file is reckoned from.
    Raises `OperatorError` where there is no list: all else would be answered "no" from then on.
    """
    current = Releases(deployment).current()
    if current is None or not current.revision:
        raise OperatorError("no list is published yet; publish one, then retract what is wrong")
    revisions, tags = Revisions(deployment.list_file), deployment.list_file.tags
    since = revisions.blocked_at("retracted")
    moments = {position: since.get(tags.of(one)) for position, one in enumerate(selectors)}
    already = {position: at for position, at in moments.items() if at is not None}
    others = [one for position, one in enumerate(selectors) if position not in already]
    if already and last_exported(deployment.list_file) is not None:
        _note_again(deployment, [selectors[position] for position in already])
    if not others and _is_in_force(deployment, current):
        return Retracted(current.release, current.revision, 0, already)
    if not others:
        deployment.record("retract", selectors=0)
        release = put_in_force(deployment, "retract", current.revision)
        return Retracted(*release, 0, already, is_again=True)
    deployment.record("retract", selectors=len(others))
    listed = count_listed(
        deployment.list_file,
        current.revision,
        set(map(tags.of, others)),
        as_of=deployment.now(),
    )
    ending = last_exported(deployment.list_file) is None
    revision = revisions.retract(dict.fromkeys(others, reason), ending=ending)
    return Retracted(*put_in_force(deployment, "retract", revision), listed, already)


def _note_again(deployment: Deployment, selectors: Sequence[Canonical]) -> None:
    """Have nothing that a console has written by now allow selectors again that are retracted."""
    deployment.record("retract again", selectors=len(selectors))
    tags = map(deployment.list_file.tags.of, selectors)
    note_retracted_again(deployment.list_file, tags, deployment.now())


@dataclass(frozen=True, slots=True)
class Lifted(Changed):
    """What a lift has put in force; `listed` of its selectors are so by it, and need no addition.

    So it is of what was retracted by hand beside a console.
    """

    listed: int


def lift(deployment: Deployment, selectors: Sequence[Canonical]) -> Lifted:
    """Let retracted selectors be listed again, when an import names them.

    Raises `OperatorError` where one is not retracted.
    """
    if not are_retracted(deployment, selectors):
        raise OperatorError("a selector of these is not retracted, and nothing is changed")
    deployment.record("lift", selectors=len(selectors))
    list_file = deployment.list_file
    release, revision = put_in_force(deployment, "lift", Revisions(list_file).lift(selectors))
    tags = set(map(list_file.tags.of, selectors))
    listed = count_listed(list_file, revision, tags, as_of=deployment.now())
    return Lifted(release, revision, listed)


def are_retracted(deployment: Deployment, selectors: Sequence[Canonical]) -> bool:
    """Tell whether each of them is kept off the list by a person."""
    tags = deployment.list_file.tags
    retracted = Revisions(deployment.list_file).blocked_tags("retracted")
    return all(tags.of(one) in retracted for one in selectors)


@dataclass(frozen=True, slots=True)
class Compacted:
    """What daily maintenance has done: indexes built anew, and partners whose old keys went.

    Built are those that had changed for long, and all that are no longer in the store.
    """

    built: int
    rotations: Ended
    pepper_retired: bool = False
    normaliser_retired: bool = False


def compact(deployment: Deployment, *, everything: bool) -> Compacted:
    """Build generations anew whose overlays are old, or all of them; end rotations.

    Building all mends what was damaged in the store, which nothing here would notice.
    """
    releases = Releases(deployment)
    current = releases.current()
    if current is None:
        return Compacted(0, Ended([], [], []))
    # Before the release that is made here, which no host has loaded yet.
    ended, pepper_retired = end_rotations(deployment), end_pepper_rotation(deployment)
    normaliser_retired = end_normaliser_rotation(deployment)
    max_age_s = deployment.settings.max_overlay_age_s
    due = (
        set(current.plan)
        if everything
        else Generations(deployment).find_old_overlays(current, max_age_s)
    )
    deployment.record("compact", indexes=len(due))
    retire_orphans(deployment)
    before = deployment.list_file.number("build")
    release = put_partners_in_force(deployment, "compact", anew=due)
    built = deployment.list_file.number("build") - before
    deployment.record("compacted", release=release, built=built)
    return Compacted(built, ended, pepper_retired, normaliser_retired)


def _add_staged(deployment: Deployment, draft: Draft, command: str) -> Added:
    list_file = deployment.list_file
    before, new_lists = list_file.landed_revision(), find_new_lists(list_file, draft)
    added = Revisions(list_file).take_additions(draft, command)
    release, revision = put_in_force(deployment, command, added)
    ended = count_ended(list_file, before, revision, now=deployment.now())
    return Added(release, revision, draft.counts, draft.count_protected(), ended, new_lists)


def _seen(entry: Entry, now: int) -> Entry:
    """Return an entry that says when it was last seen.

    Who adds a selector by hand has it before them: were the day left open, to add again what was
    added once would be no news, and leave an expired entry expired. Of a victim nothing expires.
    """
    if entry.last_seen is not None or entry.role is Role.VICTIM:
        return entry
    today = datetime.fromtimestamp(now - now % DAY_S, UTC)
    return replace(entry, last_seen=max(today, entry.first_seen or today))


def _is_in_force(deployment: Deployment, current: Release) -> bool:
    """Tell whether the list is what hosts answer from, as far as the store and this home know.

    After a restore they may answer from a later release, which knows nothing of what the backup
    says; from a store that was emptied they will answer nothing.
    """
    if is_restored(deployment.list_file, current):
        return False
    highest = highest_sequence(deployment.store, deployment.keyring.signer.verifier())
    return highest == current.release or not current.plan


def put_in_force(deployment: Deployment, command: str, revision: int) -> tuple[int, int]:
    """Put a changed list in force, on record; return the release, and the revision it has."""
    release, revision = put_list_in_force(deployment, command, revision)
    deployment.record(f"{command} done", release=release, revision=revision)
    return release, revision
