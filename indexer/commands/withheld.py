"""What a curator is told of entries that were read, and publish nobody all the same."""

from typing import TYPE_CHECKING

from indexer.commands.session import say

if TYPE_CHECKING:
    from indexer.list.drafts import DraftCounts


def say_withheld(counts: "DraftCounts", *, protected: int) -> None:
    """Say of each reason how many there are, where there are any.

    `protected` selectors are a victim's, whatever else is said of them.
    """
    for number, what in (
        (counts.outdated, "were corrected since, and stay as they are"),
        (counts.duplicates, "rows say what another one says"),
        (counts.withheld_victim, "of role victim: their selectors are withheld"),
        (counts.withheld_unclear, "disputed, or of unknown role: they publish nobody"),
        (counts.withheld_expired, "have expired and are withheld"),
        (protected, "selectors are a victim's, and are not listed for what else is said of them"),
    ):
        if number:
            say(f"  {number} {what}")


def say_ended(selectors: int) -> None:
    """Say how many selectors a change has taken off the list, where it has."""
    if selectors:
        say(f"  {selectors} selectors were listed before, and are not any more")
