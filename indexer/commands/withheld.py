"""What a curator is told of entries that were read, and publish nobody all the same."""

from typing import TYPE_CHECKING

from indexer.commands.session import say
from indexer.commands.wording import counted

if TYPE_CHECKING:
    from indexer.list.drafts import DraftCounts


def say_withheld(counts: "DraftCounts", *, protected: int) -> None:
    """Say of each reason how many there are, where there are any.

    `protected` selectors are a victim's, whatever else is said of them.
    """
    for number, one, many in (
        (
            counts.outdated,
            "was corrected since, and stays as it is",
            "were corrected since, and stay as they are",
        ),
        (counts.duplicates, "row says what another one says", "rows say what another one says"),
        (
            counts.withheld_victim,
            "of role victim: its selector is withheld",
            "of role victim: their selectors are withheld",
        ),
        (
            counts.withheld_unclear,
            "disputed, or of unknown role: it publishes nobody",
            "disputed, or of unknown role: they publish nobody",
        ),
        (counts.withheld_expired, "has expired and is withheld", "have expired and are withheld"),
        (
            protected,
            "selector is a victim's, and is not listed for what else is said of it",
            "selectors are a victim's, and are not listed for what else is said of them",
        ),
    ):
        if number:
            say(f"  {counted(number, one, many)}")


def say_ended(selectors: int) -> None:
    """Say how many selectors a change has taken off the list, where it has."""
    if selectors:
        ended = counted(
            selectors,
            "selector was listed before, and is not any more",
            "selectors were listed before, and are not any more",
        )
        say(f"  {ended}")
