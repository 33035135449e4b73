"""What `indexer status` says: one document, for a person (`commands/status.py`) and as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from indexer.in_force import ApiHost, Release
from indexer.list.canaries import CanaryCounts
from indexer.list.policy import Policy
from indexer.pending import NOTHING_PENDING, Pending
from indexer.rotation import NO_OLDER_KITS, OlderKits
from screening.vocabulary.suspected import Suspected


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


class ApiKeyStatus(msgspec.Struct, frozen=True):
    """One API key and its terms, as they are noted; `last_used` is the beginning of a minute.

    None where that is not known: not within 400 days, or not since Redis was emptied.
    """

    id: str
    scopes: list[str]
    purpose: str
    expires_at: int | None
    networks: list[str]
    selectors_per_second: int | None
    burst_selectors: int | None
    certificate_sha256: bytes | None
    last_used: int | None


class PartnerStatus(msgspec.Struct, frozen=True):
    """A partner and its token keys, as in force; of a test partner, they read the test list.

    `old_keys_until` is when keys that were renewed are retired (Unix seconds), None without any;
    `old_key_is_last`: they stay, since the new API key was revoked or has expired.
    `is_rotation_broken_off`: `partner rotate` died, and its new keys are among those here; until it
    is run again, no end of the old ones is set.
    `is_held`: it has used up its matches or is under suspicion, and is answered no more until it is
    lifted; `is_throttled`: it is under suspicion, and answered at a part of its rate; of what,
    `suspected` says. Since when is in Unix seconds, None where it is not known.
    """

    name: str
    state: str
    mode: str
    scopes: list[str]
    old_keys_until: int | None
    old_key_is_last: bool
    is_rotation_broken_off: bool
    is_held: bool
    is_throttled: bool
    held_since: int | None
    throttled_since: int | None
    suspected: Mapping[Suspected, int | None]
    api_keys: list[ApiKeyStatus]
    indexes: list[IndexStatus]


class ListedStatus(msgspec.Struct, frozen=True):
    """The whole list: the revision in force, and what is kept off it."""

    revision: int
    published_at: int
    size: Size
    retracted: int
    excluded: int
    overridden: int
    victims: int
    """Selectors that are withheld because an entry says that they are a victim's."""
    unclear: int
    """Entries that are disputed, or of unknown role: they publish nobody."""
    lapsed: int
    """Entries that have expired, whether they were ever listed or not."""
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
    pepper: str | None = None
    """The `pepper_id` that `pepper.key` must have on every host; None while one is replaced."""
    pending: Pending = NOTHING_PENDING
    is_restored: bool = False
    """Whether the home was restored, and nothing was put in force since."""
    canaries: CanaryCounts | None = None
    """None without a list file; they are in no other count here but that of a generation."""
    older: OlderKits | None = NO_OLDER_KITS
    """Who needs a new kit; None where that is not known."""

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
            "pepper": self.pepper,
            "pending": self.pending,
            "restored": self.is_restored,
            "older_kits": self.older,
            "canaries": self.canaries,
        }
