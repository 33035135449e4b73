"""`indexer partner limits` and `lift`: how much a partner may ask, and what it has used up."""

from typing import TYPE_CHECKING, Final

import rich_click as click

from indexer.commands.session import recovered_deployment, say, say_where_in_force
from indexer.commands.wording import counted, rate_in_words
from screening.vocabulary.limits import MOST_SELECTORS

if TYPE_CHECKING:
    from screening.registry.record import Suspicion

_COUNT: Final = click.IntRange(1, MOST_SELECTORS)


@click.command("limits")
@click.argument("name")
@click.option("--per-second", type=_COUNT, help="Selectors a second in the long run.")
@click.option("--burst", type=_COUNT, help="Selectors at once beyond that; a second's unless set.")
@click.option("--daily", type=_COUNT, help="Different selectors a day (UTC).")
@click.option("--matches", type=_COUNT, help="Different matches in 30 days; then it is held.")
@click.option(
    "--on-suspicion",
    type=click.Choice(["alert", "throttle", "hold"]),
    help="What hosts do, besides an alert, where a canary matches or its counts deviate.",
)
def partner_limits(
    *,
    name: str,
    per_second: int | None,
    burst: int | None,
    daily: int | None,
    matches: int | None,
    on_suspicion: "Suspicion | None",
) -> None:
    """Say how much a partner may ask; in force within seconds. Without an option, show it.

    \b
    Example:
      indexer partner limits acme --per-second 5000 --daily 1000000 --matches 500
      indexer partner limits acme --on-suspicion throttle
      indexer partner limits acme
    """
    from indexer.list.partners import require_record
    from indexer.partners.change import GivenLimits, set_limits

    given = GivenLimits(per_second, burst, daily, matches, on_suspicion)
    with recovered_deployment() as deployment:
        if given.changes():
            set_limits(deployment, name, given)
        record = require_record(deployment.list_file, name)
        rate = rate_in_words(record.selectors_per_second, record.burst_selectors)
        a_day = counted(record.daily_selectors, "different one", "different ones")
        found = counted(record.matches_per_30_days, "different match", "different matches")
        say(
            f"{name} may ask {rate}, and {a_day} a day; it is held after {found} in 30 days; on "
            f"suspicion of a search: {record.on_suspicion}"
        )
        if given.changes():
            say_where_in_force(deployment)


@click.command("lift")
@click.argument("name")
def partner_lift(*, name: str) -> None:
    """Let a partner ask again that is held or throttled, and count what it matches anew.

    Look first at what it asked, and why so much of it matched: screening audit who.

    Example: indexer partner lift acme
    """
    from indexer.partners.change import lift

    with recovered_deployment() as deployment:
        lift(deployment, name)
        say(f"{name} is held and throttled no more; its matches are counted anew from now on")
        say_where_in_force(deployment)
