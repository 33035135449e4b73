"""Taking over a list that the indexer had before this console, by whoever runs both."""

import time
from typing import Final

from intelligence.opening import alone
from intelligence.settings import IntelligenceSettings
from intelligence.spool.adopting import Adopted, Adopting, find_parts
from intelligence.spool_keys import SpoolKeys
from intelligence.staff.accounts import find_account
from intelligence.staff.roles import Role
from intelligence.store.data_keys import open_vault
from intelligence.store.key_file import KeyFile
from intelligence.store.schema import require_current_schema
from intelligence.store.sealing import Seals
from screening.account import actor
from screening.spools.folder import SpoolFolder
from screening.vocabulary.errors import OperatorError

_ANSWERS: Final = frozenset((Role.CURATOR, Role.APPROVER))


def adopt_list(settings: IntelligenceSettings, name: str) -> Adopted:
    """Take over what the indexer has told of its list; `name` is who answers for it here.

    Raises `OperatorError` while the service runs, and where it cannot be taken over.
    """
    peers = SpoolKeys(settings.home).find_peers()
    if peers is None:
        raise OperatorError("no indexer is trusted here yet; see: intelligence spool trust")
    with alone(settings) as (database, journal):
        require_current_schema(database)
        seals = Seals(open_vault(database, KeyFile(settings.home).read()))
        with database.writing() as session:
            account = find_account(session, name)
            if account is None or not (account.is_usable(time.time()) and account.roles & _ANSWERS):
                raise OperatorError("name a curator or an approver who can log in, with --by")
            parts = find_parts(SpoolFolder(settings.spool, "up"), peers)
            adopted = Adopting(session, seals, account.id, int(time.time())).take(parts)
            facts = {"statements": adopted.statements, "taken_off": adopted.taken_off}
            journal.record(actor(), "list taken over", by=name, **facts)
        return adopted
