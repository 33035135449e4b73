"""The signed documents of one kind that sync holds: the newest of each name, and none forgotten."""

from collections.abc import Callable, Mapping
from typing import Generic, NamedTuple, Protocol, TypeVar

from screening.alarms import Alarm, Alarms
from screening.api.forgeries import FORGED_AT_A_LOOK, Forgeries
from screening.store.signed import Verifier
from screening.vocabulary.errors import Untrusted


class Numbered(Protocol):
    """A document that a later release replaces."""

    @property
    def sequence(self) -> int:
        """The number of its release: it never goes back."""
        ...


Document = TypeVar("Document", bound=Numbered)


class Kind(NamedTuple, Generic[Document]):
    """Where documents of a kind stand in Redis, and how one is read (raises `Untrusted`).

    The alarms are of one that is not ours, and of one that is older than what is held.
    """

    where: str
    untrusted: Alarm
    rolled_back: Alarm
    open: Callable[[bytes, str, Verifier], Document]


class HeldDocuments(Generic[Document]):
    """Tells what is signed and newer than what it has, and holds what it is told to."""

    def __init__(
        self, kind: Kind[Document], verifier: Verifier, alarms: Alarms, forgeries: Forgeries
    ) -> None:
        self._kind = kind
        self._verifier = verifier
        self._alarms = alarms
        self._forgeries = forgeries
        self._held: dict[str, tuple[bytes, Document]] = {}

    def __bool__(self) -> bool:
        return bool(self._held)

    def newer(self, stored: Mapping[str, bytes]) -> dict[str, tuple[bytes, Document]]:
        """Return what is new, first of names that are held; raise an alarm of what is not ours."""
        judged = len(self._forgeries)
        found = {}
        for name in sorted(stored, key=lambda one: one not in self._held):
            opened = self._find_newer(name, stored[name])
            if opened is not None:
                found[name] = (stored[name], opened)
            if len(self._forgeries) - judged == FORGED_AT_A_LOOK:  # the others come next
                break
        return found

    def adopt(self, newer: Mapping[str, tuple[bytes, Document]]) -> None:
        """Hold what `newer` has returned."""
        self._held.update(newer)

    def held(self) -> dict[str, Document]:
        """Return what is held, by name."""
        return {name: opened for name, (_, opened) in self._held.items()}

    def documents(self) -> dict[str, bytes]:
        """Return it as it was signed."""
        return {name: document for name, (document, _) in self._held.items()}

    def _find_newer(self, name: str, document: bytes) -> Document | None:
        held = self._held.get(name)
        if held is not None and held[0] == document:
            return None
        opened = self._open(name, document)
        if opened is None:
            is_ours = held is not None
            self._forgeries.raised(self._kind.untrusted, name, is_ours=is_ours)
        elif held is not None and opened.sequence <= held[1].sequence:
            self._alarms.raised(self._kind.rolled_back, name)
        else:
            return opened
        return None

    def _open(self, name: str, document: bytes) -> Document | None:
        if self._forgeries.has_judged(self._kind.where, name, document):
            return None
        try:
            return self._kind.open(document, name, self._verifier)
        except Untrusted:
            self._forgeries.add(self._kind.where, name, document)
            return None
