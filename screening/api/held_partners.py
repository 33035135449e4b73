"""The partner records that sync holds: the newest that the indexer has signed."""

from collections.abc import Mapping

from screening.alarms import Alarms
from screening.api.forgeries import FORGED_AT_A_LOOK, Forgeries
from screening.registry.record import PartnerRecord, open_record
from screening.store import keys
from screening.store.signed import Verifier
from screening.vocabulary.errors import Untrusted


class HeldPartners:
    """Takes up what is signed and newer than what it has, and forgets nobody."""

    def __init__(self, verifier: Verifier, alarms: Alarms, forgeries: Forgeries) -> None:
        self._verifier = verifier
        self._alarms = alarms
        self._forgeries = forgeries
        self._held: dict[str, tuple[bytes, PartnerRecord]] = {}

    def __bool__(self) -> bool:
        return bool(self._held)

    def take(self, stored: Mapping[str, bytes]) -> bool:
        """Adopt what is new, first of partners that are known; return whether anything was."""
        judged = len(self._forgeries)
        adopted = False
        for name in sorted(stored, key=lambda one: one not in self._held):
            adopted = self._take(name, stored[name]) or adopted
            if len(self._forgeries) - judged == FORGED_AT_A_LOOK:  # the others come next
                break
        return adopted

    def documents(self) -> dict[str, bytes]:
        """Return the signed documents, by partner."""
        return {name: document for name, (document, _) in self._held.items()}

    def sequences(self) -> dict[str, int]:
        """Return the sequence of the record that names each live token key."""
        return {
            key_id: record.sequence
            for _, record in self._held.values()
            for key_id in record.key_ids
        }

    def _take(self, name: str, document: bytes) -> bool:
        held = self._held.get(name)
        if held is not None and held[0] == document:
            return False
        record = self._open(name, document)
        if record is None:
            self._forgeries.raised("partner_untrusted", name, is_ours=held is not None)
            return False
        if held is not None and record.sequence <= held[1].sequence:
            self._alarms.raised("partner_rolled_back", name)
            return False
        self._held[name] = (document, record)
        return True

    def _open(self, name: str, document: bytes) -> PartnerRecord | None:
        if self._forgeries.has_judged(keys.PARTNERS, name, document):
            return None
        try:
            return open_record(document, name, self._verifier)
        except Untrusted:
            self._forgeries.add(keys.PARTNERS, name, document)
            return None
