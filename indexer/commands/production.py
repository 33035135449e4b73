"""`INDEXER_PRODUCTION`: what two people have to approve, no command does by hand."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Final

import rich_click as click

from indexer.settings import IndexerSettings
from screening.vocabulary.errors import OperatorError

_OF_THE_LIST: Final = frozenset(
    {"publish", "add", "import", "retract", "lift", "rollback", "notice"}
)
_GROUPS: Final = frozenset({"canary", "exclusions", "partner"})
_ALLOWED: Final = frozenset(
    {
        ("canary", "list"),
        ("canary", "remove"),
        ("exclusions", "list"),
        ("partner", "suspend"),
        ("partner", "key", "revoke"),
        ("partner", "key", "list"),
    }
)
"""What is only looked at, what cuts a partner off, and what ends a canary: none of that waits."""

_APPROVED: Final = "have it approved in the console, whose export indexer spool apply puts in force"
_ASIDE: Final = (
    "it has no page in the console: whoever answers for the list has that set aside for it"
)
_WITHOUT_A_PAGE: Final = frozenset(
    {("canary", "add"), ("exclusions", "override"), ("exclusions", "unoverride")}
)
"""What somebody has to know of one selector: its case, or that it is nobody's but the operator's.

A canary is answered like an entry: whoever may add one alone could have anybody be a match.
"""


def guard_production(group: click.Group) -> None:
    """Let the commands of `group` that the console stands for be refused in production."""
    for path, command in _commands(group, ()):
        is_guarded = path[0] in _OF_THE_LIST or path[0] in _GROUPS
        if is_guarded and path not in _ALLOWED and command.callback is not None:
            to_do = _ASIDE if path in _WITHOUT_A_PAGE else _APPROVED
            command.callback = _refused_in_production(command.callback, " ".join(path), to_do)


def _refused_in_production(
    callback: Callable[..., None], name: str, to_do: str
) -> Callable[..., None]:
    @wraps(callback)
    def guarded(*arguments: object, **options: object) -> None:
        if IndexerSettings().production:
            raise OperatorError(
                f"indexer {name} is not for hands here (INDEXER_PRODUCTION); {to_do}"
            )
        callback(*arguments, **options)

    return guarded


def _commands(
    group: click.Group, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name))
        else:
            yield (*path, name), command
