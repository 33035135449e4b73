"""The partner records that sync holds: the newest that the indexer has signed."""

from collections.abc import Mapping

from screening.alarms import Alarms
from screening.api.forgeries import Forgeries
from screening.api.held_documents import HeldDocuments, Kind
from screening.registry.record import PartnerRecord, open_record
from screening.store import keys
from screening.store.signed import Verifier


class HeldPartners:
    """Takes up what is signed and newer than what it has, and forgets nobody."""

    def __init__(self, verifier: Verifier, alarms: Alarms, forgeries: Forgeries) -> None:
        self._records: HeldDocuments[PartnerRecord] = HeldDocuments(
            Kind(keys.PARTNERS, "partner_untrusted", "partner_rolled_back", open_record),
            verifier,
            alarms,
            forgeries,
        )

    def __bool__(self) -> bool:
        return bool(self._records)

    def take(self, stored: Mapping[str, bytes]) -> bool:
        """Adopt what is new; return whether anything was."""
        newer = self._records.newer(stored)
        self._records.adopt(newer)
        return bool(newer)

    def documents(self) -> dict[str, bytes]:
        """Return the signed documents, by partner."""
        return self._records.documents()

    def releases(self) -> dict[str, int]:
        """Return the sequence of each partner's record."""
        return {name: record.sequence for name, record in self._records.held().items()}

    def sequences(self) -> dict[str, int]:
        """Return the sequence of the record that names each live token key."""
        return {
            key_id: record.sequence
            for record in self._records.held().values()
            for key_id in record.key_ids
        }
