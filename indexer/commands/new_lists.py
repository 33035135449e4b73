"""What a curator is told of lists that a change begins: their names may be slips."""

from typing import TYPE_CHECKING

from indexer.commands.session import say
from screening.streams import tell

if TYPE_CHECKING:
    from indexer.list.new_lists import NewLists


def say_new_lists(new: "NewLists", *, dry_run: bool = False) -> None:
    """Name the lists that had no entry before, and those of them that reach no partner."""
    if new.names:
        say(f"  {'would be ' if dry_run else ''}new lists: {', '.join(new.names)}")
    if new.unreached:
        tell(
            f"  no partner's policy reaches {', '.join(new.unreached)}; if a name is misspelt, "
            "correct it, or see: indexer partner policy --help"
        )
