"""Of a receipt that two logs tell of differently, whoever runs the channel says which is right."""

from intelligence.disclosure.settling import settle
from intelligence.opening import alone
from intelligence.settings import IntelligenceSettings
from intelligence.store.data_keys import open_vault
from intelligence.store.key_file import KeyFile
from intelligence.store.schema import require_current_schema
from intelligence.store.sealing import Seals
from screening.account import actor


def settle_receipt(settings: IntelligenceSettings, receipt: str, log: str) -> list[str]:
    """Believe what one log tells of a receipt; return the others, which are believed no more.

    Raises `OperatorError` where the receipt is not contested, or that log tells nothing of it.
    """
    with alone(settings) as (database, journal):
        require_current_schema(database)
        seals = Seals(open_vault(database, KeyFile(settings.home).read()))
        with database.writing() as session:
            return settle(session, (seals, journal), by=actor(), receipt=receipt, log=log)
