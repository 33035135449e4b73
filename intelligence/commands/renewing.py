"""All keys of the channel are replaced, by whoever runs it, while nobody else works with it."""

import time

from intelligence.deployment import METADATA
from intelligence.opening import alone
from intelligence.settings import IntelligenceSettings
from intelligence.store.key_file import KeyFile
from intelligence.store.rotation import Rotated, rotate_keys
from intelligence.store.schema import require_current_schema
from screening.account import actor


def rotate(settings: IntelligenceSettings, *, giving_up: bool = False) -> Rotated:
    """Replace all keys; keep none for what does not open where `giving_up` that.

    Raises `OperatorError` while the service runs.
    """
    with alone(settings) as (database, journal):
        require_current_schema(database)
        journal.record(actor(), "keys rotated", giving_up=giving_up)
        key_file = KeyFile(settings.home)
        done = rotate_keys(database, key_file, METADATA, time.time, giving_up=giving_up)
        if done.unread:
            facts = {"values": dict(done.unread), "keys_kept": done.kept}
            journal.record(actor(), "values not sealed anew", **facts)
        return done
