"""The partner records that a worker goes by: verified again, and never older than what it has."""

from collections.abc import Mapping

from screening.alarms import Alarms
from screening.registry.record import PartnerRecord, open_record
from screening.store.signed import Verifier
from screening.vocabulary.errors import Untrusted


class PartnerReader:
    """Opens records, whose API keys were made under the server key of that id."""

    def __init__(self, verifier: Verifier, server_key_id: str, alarms: Alarms) -> None:
        self._verifier = verifier
        self._server_key_id = server_key_id
        self._alarms = alarms

    def read(
        self, documents: Mapping[str, bytes], held: Mapping[str, PartnerRecord]
    ) -> tuple[dict[str, PartnerRecord], bool]:
        """Return what is `held` with what is new in `documents`, and whether all were readable.

        Nobody is dropped for being absent: a partner goes when its record says so.
        """
        partners = dict(held)
        is_whole = True
        for name, document in documents.items():
            record = self._read(name, document, held.get(name))
            if record is not None:
                partners[name] = record
            is_whole = is_whole and record is not None
        return partners, is_whole

    def _read(self, name: str, document: bytes, held: PartnerRecord | None) -> PartnerRecord | None:
        try:
            record = open_record(document, name, self._verifier)
        except Untrusted:
            self._alarms.raised("partner_untrusted", name)
            return held
        if held is not None and record.sequence < held.sequence:
            self._alarms.raised("partner_rolled_back", name)
            return held
        if record.server_key_id != self._server_key_id:
            # It would be told that its API key is wrong, and look for a new one in vain.
            self._alarms.raised("server_key_differs", name)
            return held
        return record


def newest(
    one: Mapping[str, PartnerRecord], other: Mapping[str, PartnerRecord]
) -> dict[str, PartnerRecord]:
    """Return the newer record of each partner; of two of one release, that of `other`."""
    newer = {
        name: record
        for name, record in one.items()
        if name not in other or record.sequence > other[name].sequence
    }
    return {**other, **newer}
