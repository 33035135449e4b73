"""What the list file says that no release has put in force: a command has died, or the store has.

Who suspends a partner while the store takes no writes has noted it, and every API host answers that
partner as before, until the next command succeeds.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Final

import msgspec

from indexer.deployment import Deployment
from indexer.in_force import Release, ask_redis, find_answered, find_index, find_unsettled
from indexer.list.canaries import SpokenOf, canaries_of, find_due
from indexer.list.entitlements import find_policy
from indexer.list.exclusions import rules_tag
from indexer.list.file import ListFile
from indexer.list.notices import notices_by_partner
from indexer.list.partners import partner_records, removed_records
from indexer.list.policy import Policy, parse_policy
from indexer.list.revisions import Revisions
from screening.exclusions.matcher import Exclusions
from screening.registry.record import PartnerRecord
from screening.vocabulary.errors import StoreUnavailable, Untrusted


class Pending(msgspec.Struct, frozen=True):
    """What is not in force yet; all of it empty as a rule.

    `partners` are sentences. The next release puts them in force, and what was changed of the
    `safety_lists` and the `canaries`; a change of the list itself, by the command `dropped`, is
    forgotten then. Whether that by the command `unknown` is in force, only the store can tell.
    """

    partners: list[str]
    safety_lists: bool
    dropped: str | None
    unknown: str | None = None
    canaries: bool = False

    def sentences(self) -> list[str]:
        """Return what a person should be told, and do."""
        kept = [
            *self.partners,
            *(["the safety lists are changed"] if self.safety_lists else []),
            *(["the canaries are changed"] if self.canaries else []),
        ]
        told = []
        if kept:
            told.append(
                f"not in force yet: {', '.join(kept)}; the next command that succeeds puts it in "
                "force, such as indexer compact"
            )
        if self.dropped is not None:
            told.append(
                f"not in force: the change of the list by {self.dropped}; the next command forgets "
                "it, so do it again"
            )
        if self.unknown is not None:
            told.append(
                f"it is not known whether {self.unknown} is in force: do not do it again before "
                "indexer status tells, once the store is back"
            )
        return told


NOTHING_PENDING: Final = Pending([], safety_lists=False, dropped=None)


def find_pending(
    list_file: ListFile,
    highest: int | None,
    records: Mapping[str, PartnerRecord],
    exclusions: Exclusions,
) -> Pending:
    """Compare the list file with the release in force.

    `highest` is the highest release in Redis, None where it does not say. `records` are those in
    Redis, by partner; of one who is not there nothing is known. `exclusions` are those in force
    from the next release on.
    """
    current, begun = find_answered(list_file, highest), find_unsettled(list_file)
    if highest is None and begun is not None:  # what it holds may be in force, all of it
        return Pending([], safety_lists=False, dropped=None, unknown=begun.command)
    partners = [
        *_partners(list_file, records),
        *_policies(list_file, current),
        *_notices(list_file, current),
    ]
    revision = current.revision if current is not None else 0
    rules = rules_tag(list_file, exclusions)
    safety_lists = are_safety_lists_pending(list_file, current, rules)
    canaries = _are_canaries_pending(list_file, current, exclusions)
    return Pending(partners, safety_lists, _dropped(list_file, revision), canaries=canaries)


def are_safety_lists_pending(list_file: ListFile, current: Release | None, rules: bytes) -> bool:
    """Tell whether the release in force was held against other safety lists than `rules` names."""
    if current is None or not current.revision:
        return False
    return Revisions(list_file).of(current.revision).rules != rules


def _are_canaries_pending(
    list_file: ListFile, current: Release | None, exclusions: Exclusions
) -> bool:
    """Tell whether the next release hides others than are hidden now, where the policy stays."""
    if current is None:
        return False
    spoken_of = SpokenOf(list_file, current.revision, exclusions)
    live = [record for record in partner_records(list_file) if record.mode == "live"]
    for record in live:
        for key_id in record.key_ids:
            index = find_index(list_file, current, key_id)
            if index is None or parse_policy(index.policy) != find_policy(list_file, key_id):
                continue
            meant = canaries_of(list_file, key_id, spoken_of)
            if index.canaries != meant.name or find_due(list_file, record):
                return True
    return False


def policy_in_force(list_file: ListFile, current: Release | None, key_id: str) -> Policy:
    """Return what the checks of a token key are answered from: what is to be, before an index."""
    index = find_index(list_file, current, key_id)
    return find_policy(list_file, key_id) if index is None else parse_policy(index.policy)


@contextmanager
def telling_what_is_pending(deployment: Deployment) -> Iterator[None]:
    """Let a `StoreUnavailable` say what was noted, and is not in force."""
    try:
        yield
    except StoreUnavailable as error:
        list_file, highest, records = deployment.list_file, None, {}
        with suppress(StoreUnavailable, Untrusted):  # then indexer status tells, once it is back
            told = ask_redis(deployment.store, list_file, deployment.keyring.signer.verifier())
            highest, records = told.highest, dict(told.records)
        pending = find_pending(list_file, highest, records, deployment.exclusions())
        raise StoreUnavailable("; ".join([str(error), *pending.sentences()])) from None


def _partners(list_file: ListFile, records: Mapping[str, PartnerRecord]) -> Iterator[str]:
    for noted in partner_records(list_file):
        stored = records.get(noted.partner)
        if stored is not None:
            yield from (f"{noted.partner} {what}" for what in _differing(noted, stored))
    for noted in removed_records(list_file):
        stored = records.get(noted.partner)
        if stored is not None and (stored.key_ids or stored.state != "suspended"):
            yield f"{noted.partner} is removed"


def _differing(noted: PartnerRecord, stored: PartnerRecord) -> Iterator[str]:
    if noted.state != stored.state:
        yield "is suspended" if noted.state == "suspended" else "is answered again"
    if (noted.key_ids, noted.api_keys) != (stored.key_ids, stored.api_keys):
        is_same = _keys(noted) == _keys(stored)
        yield "has its API keys under other terms" if is_same else "has other keys"
    if _limits(noted) != _limits(stored):
        yield "has other limits"
    if noted.on_suspicion != stored.on_suspicion:
        yield "has another --on-suspicion"
    if noted.matches_counted_from > stored.matches_counted_from:
        yield "is held no more for what it has matched"
    if noted.matches_counted_from < stored.matches_counted_from:  # a restore has forgotten the lift
        yield "has its matches counted from before its last lift, and may be held again"


def _keys(record: PartnerRecord) -> tuple[list[str], list[bytes]]:
    return record.key_ids, [key.verifier for key in record.api_keys]


def _limits(record: PartnerRecord) -> tuple[int | None, ...]:
    return (
        record.selectors_per_second,
        record.burst_selectors,
        record.daily_selectors,
        record.matches_per_30_days,
    )


def _policies(list_file: ListFile, current: Release | None) -> Iterator[str]:
    for record in partner_records(list_file):
        for key_id in record.key_ids if record.mode == "live" else []:
            policy = find_policy(list_file, key_id)
            if policy != policy_in_force(list_file, current, key_id):
                yield f"{record.partner} is answered from {policy.described()}"
                break  # all its token keys have one policy


def _notices(list_file: ListFile, current: Release | None) -> Iterator[str]:
    # Numbers are counted with the releases: what came before one is in it.
    released = current.release if current is not None else 0
    for partner, notices in notices_by_partner(list_file).items():
        if any(one.number > released for one in notices):
            yield f"{partner} is to hear of false matches"


def _dropped(list_file: ListFile, revision: int) -> str | None:
    row = list_file.connection.execute(
        # What the safety lists say is kept beside the revisions, and comes in force all the same.
        "SELECT command FROM revisions WHERE revision > ? AND command != 'exclusions' "
        "ORDER BY revision LIMIT 1",
        (revision,),
    ).fetchone()
    return None if row is None else str(row[0])
