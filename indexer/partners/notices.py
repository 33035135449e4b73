"""Tell a partner that an entry was false which it was told to match."""

from collections.abc import Sequence
from typing import Final

from indexer.deployment import Deployment
from indexer.list.notices import add_notices, count_dropped
from indexer.list.partners import require_added_record
from indexer.partners.issue import put_partners_in_force
from screening.registry.notices import MAX_NOTICES
from screening.vocabulary.errors import NotPossible
from screening.vocabulary.proof import is_row
from screening.vocabulary.unix_time import DAY_S

_KEPT_DAYS: Final = 30
"""For so long a partner may be away and misses nothing, unless whoever orders says otherwise."""


def give_notice(
    deployment: Deployment, partner: str, rows: Sequence[str], *, drops_recent: bool = False
) -> int:
    """Let hosts tell a partner of these rows (`RECEIPT.row`) that what they matched is retracted.

    It is in force when this returns; what the partner was told of before is not told again.
    Returns how many are new. Raises `NotPossible` where there is no such partner, or one is no
    row, and where recent notices would be pushed out though nobody `drops_recent`; nothing is told
    then.
    """
    require_added_record(deployment.list_file, partner)
    if not all(map(is_row, rows)):
        raise NotPossible(
            "a row is a receipt of 26 characters of a-z and 2-7, a point, and its number from 0; "
            "check what you gave"
        )
    if len(rows) > MAX_NOTICES:
        raise NotPossible(f"a partner hears of {MAX_NOTICES} rows at the most; order them apart")
    since = deployment.now() - _KEPT_DAYS * DAY_S
    dropped = count_dropped(deployment.list_file, partner, rows, since=since)
    if dropped and not drops_recent:
        raise NotPossible(
            f"{dropped} notices of the last {_KEPT_DAYS} days would not be kept, and {partner} may "
            "not have fetched them; order fewer rows, or give --drop-recent once it has"
        )
    deployment.record("notice", partner=partner, rows=list(rows))
    new = add_notices(deployment.list_file, partner, rows)
    # Also where nothing is new: a command before this one may have died before its release.
    release = put_partners_in_force(deployment, "notice")
    deployment.record("notice given", partner=partner, new=new, release=release)
    return new
