"""Keys and database of the channel are made, or brought up to date, by whoever runs it."""

import time

from intelligence.deployment import METADATA
from intelligence.opening import alone
from intelligence.settings import IntelligenceSettings
from intelligence.staff.enrolment import issue_first_invitation
from intelligence.staff.tokens import name_of_token
from intelligence.store.data_keys import create_first_key, open_vault
from intelligence.store.key_file import KeyFile
from intelligence.store.schema import upgrade_schema
from screening.account import actor


def initialise(settings: IntelligenceSettings) -> str | None:
    """Make keys and database, or bring them up to date; return a token while nobody is here.

    Safe to run again; raises `OperatorError` while the service runs.
    """
    with alone(settings) as (database, journal):
        key_file = KeyFile(settings.home)
        key_file.create()
        keys = key_file.read()
        upgrade_schema(database, METADATA, lambda: open_vault(database, keys))
        create_first_key(database, keys[0], time.time)
        open_vault(database, keys)  # says what is wrong, if something is
        token = issue_first_invitation(database, time.time())
        named = {} if token is None else {"token": name_of_token(token)}
        journal.record(actor(), "initialised", invited=token is not None, **named)
        return token
