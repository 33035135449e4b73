"""What a question is answered from: the list of a token key, and all that is loaded at a moment."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from screening.api.cache import AnswersFrom
from screening.api.kit_mismatch import kit_mismatch
from screening.generations.manifest import Head, TestOutcome
from screening.generations.mapped import FileVersions, file_versions
from screening.generations.overlay import Overlay
from screening.generations.reader import Generation
from screening.registry.reader import Caller, Registry
from screening.registry.record import PartnerRecord
from screening.vocabulary.errors import Unavailable, UnknownKeyId
from screening.vocabulary.selector import IndexDigest
from screening.vocabulary.tokens import Digester
from screening.vocabulary.wire import ListState


@dataclass(slots=True, eq=False)
class LoadedList:
    """One token key's list, and when it was last confirmed; times are seconds.

    `confirmed_at` is when it was last known to be in force: at first, when its head was signed.
    `is_doubted` once its files have changed: what is mapped is whole, and is to be loaded anew.
    """

    document: bytes
    head: Head
    generation: Generation
    paths: Sequence[str]  # of the files that are mapped
    files: FileVersions  # as they were when it was loaded, or looked at
    overlay: Overlay
    digester: Digester
    confirmed_at: float = 0.0
    confirmed_monotonic: float = float("-inf")
    is_doubted: bool = False
    state: ListState = field(init=False)
    outcomes: Mapping[IndexDigest, TestOutcome] = field(init=False)
    canaries: frozenset[IndexDigest] = field(init=False)

    def __post_init__(self) -> None:
        stated = self.generation.manifest.outcomes.items()
        self.outcomes = {IndexDigest(bytes.fromhex(digest)): one for digest, one in stated}
        marked = self.generation.manifest.canaries
        self.canaries = frozenset(IndexDigest(bytes.fromhex(digest)) for digest in marked)
        self.confirm(self.confirmed_at, self.confirmed_monotonic)

    def require_agreement(self, key_check: bytes) -> None:
        """Raise `KitMismatch` where the caller derives other tokens than this list's."""
        if not hmac.compare_digest(key_check, self.generation.manifest.key_check):
            raise kit_mismatch()

    def is_changed(self) -> bool:
        """Tell whether other files lie where it was loaded from; not where none does."""
        files = file_versions(self.paths)
        return files != self.files and any(files)

    def doubt(self) -> bool:
        """Return whether what is mapped is whole still; then it is to be loaded anew all the same.

        Reads and hashes all of it.
        """
        self.files, self.is_doubted = file_versions(self.paths), True
        return self.generation.is_whole()

    def confirm(self, at: float, monotonic: float) -> None:
        """Take note that the head was found in Redis `at` (Unix seconds)."""
        self.confirmed_at, self.confirmed_monotonic = at, monotonic
        self.state = ListState(
            generation=self.head.generation,
            seq=self.head.seq,
            published_at=_rfc3339(self.head.published_at),
            as_of=_rfc3339(at),
        )


@dataclass(frozen=True, slots=True)
class Loaded:
    """Everything of one moment; `is_whole` where every document in force could be loaded."""

    lists: Mapping[str, LoadedList]
    registry: Registry
    partners: Mapping[str, PartnerRecord]
    answers_from: AnswersFrom
    is_whole: bool

    def list_for(self, caller: Caller, key_id: str) -> LoadedList:
        """Return the list that `caller` asks with `key_id`.

        Raises `UnknownKeyId` where it is not the caller's, `Unavailable` where nothing is loaded.
        """
        if key_id not in caller.partner.key_ids:
            raise UnknownKeyId("the token key is not yours or is retired; ask for a new kit")
        loaded = self.lists.get(key_id)
        if loaded is None:
            raise Unavailable("no list is loaded for this token key", reason="index")
        if loaded.generation.manifest.mode != caller.partner.mode:
            raise UnknownKeyId("the token key is not for this kind of API key; ask for a new kit")
        return loaded


def _rfc3339(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
