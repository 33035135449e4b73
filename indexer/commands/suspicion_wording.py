"""How commands word what hosts do of themselves about a partner, and why."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from indexer.commands.wording import moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.status_document import PartnerStatus
    from screening.vocabulary.suspected import Suspected

_REASONS: "Final[Mapping[Suspected, str]]" = {
    "canary_matched": "a canary of it matched",
    # Whoever is new has no other days, and is held against a rate of ours (`baseline.py`).
    "partner_hit_rate": "much more of what it asks matches than is usual for it, or, while it is "
    "new, for anybody",
    "partner_volume": "it asks much more than on its other days",
}


def suspicion_in_words(partner: "PartnerStatus") -> Iterator[str]:
    """Yield what is done about a partner and what it is suspected of; nothing, as a rule."""
    if partner.is_held:
        done = "held: it has used up its matches, or is under suspicion of a search"
    elif partner.is_throttled:
        done = "throttled: it is under suspicion of a search"
    elif partner.suspected:
        done = "answered as ever, and under suspicion of a search"
    else:
        return
    yield (
        f"partner   {partner.name} is {done}. See what it asked (screening audit who), then "
        f"indexer partner lift {partner.name}"
    )
    if partner.is_held:
        yield f"  held since {_moment(partner.held_since)}"
    if partner.is_throttled:
        yield f"  throttled since {_moment(partner.throttled_since)}"
    for what, since in partner.suspected.items():
        yield f"  since {_moment(since)}: {_REASONS[what]}"


def _moment(since: int | None) -> str:
    return "a time that is not known" if since is None else moment(since)
