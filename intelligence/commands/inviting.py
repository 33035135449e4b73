"""Somebody who cannot come in by the pages is let in by whoever runs the channel."""

import time
from datetime import UTC, datetime

from intelligence.days import end_of, parse_day
from intelligence.opening import alone
from intelligence.settings import IntelligenceSettings
from intelligence.staff.from_host import HostInvitation, Invited, invite_from_host
from intelligence.store.data_keys import open_vault
from intelligence.store.key_file import KeyFile
from intelligence.store.schema import require_current_schema
from screening.account import actor


def invite(
    settings: IntelligenceSettings,
    name: str,
    *,
    forget_factor: bool,
    as_it_is: bool,
    last_day: str | None,
) -> Invited:
    """Return a token for somebody who cannot come in; raises `OperatorError`.

    And `FormRefused` for a last day that is none.
    """
    day = parse_day(last_day, "the last day", datetime.now(UTC).date())
    with alone(settings) as (database, journal):
        require_current_schema(database)
        open_vault(database, KeyFile(settings.home).read())
        how = HostInvitation(
            name,
            actor(),
            forget_factor,
            as_it_is,
            last_day=None if day is None else end_of(day),
        )
        return invite_from_host(database, journal, time.time(), how)
