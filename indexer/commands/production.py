"""What the console stands for is not done by hand beside it, nor in production at all.

`INDEXER_PRODUCTION` refuses it. Without that, once a file of a console is in force, what changes
statements is done only where it is asked for so: the console's next file would be refused as
drifted. A retraction is not kept waiting.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import wraps
from typing import Final

import rich_click as click

from indexer.settings import IndexerSettings
from screening.streams import tell
from screening.vocabulary.errors import OperatorError

_BESIDE: Final = frozenset({"publish", "add", "import", "lift", "rollback"})
"""What would leave another list than the console holds it for."""
_OF_THE_LIST: Final = _BESIDE | {"retract", "notice"}
_ONLY_LOOKS: Final = ("dry_run", "shows")
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
_AT_ONCE: Final = (
    "take it off in the console, which one person does at once; where the console is down, whoever "
    "answers for the list has that set aside for this one command"
)
_WITHOUT_A_PAGE: Final = frozenset(
    {("canary", "add"), ("exclusions", "override"), ("exclusions", "unoverride")}
)
"""What somebody has to know of one selector: its case, or that it is nobody's but the operator's.

A canary is answered like an entry: whoever may add one alone could have anybody be a match.
"""
_INSTEAD: Final = {"retract": _AT_ONCE}
_TOLD_BY: Final = "indexer spool exclusions, spool apply --watch, or spool matches before any match"
_TELLS: Final = {
    "retract": (
        "what was said of it stands in the console, which shows it as taken off by hand once it is "
        f"told ({_TOLD_BY}): have it taken off there, too"
    ),
    "lift": (
        "the console goes on showing it as taken off by hand, where hands had done that, until it "
        f"is told ({_TOLD_BY}); while the telling leaves earlier ones out it may go on, and forget "
        "what matches"
    ),
}
"""What the console hears of, and how."""
_BY_HAND: Final = click.Option(
    ["--by-hand"],
    is_flag=True,
    help="Permit it beside a console, whose next file is refused until: indexer spool undo.",
)


def guard_production(group: click.Group) -> None:
    """Let the commands of `group` that the console stands for be refused in production.

    Those that change statements are refused beside a console, too, but with --by-hand.
    """
    for path, command in _commands(group, ()):
        if command.callback is None:
            continue
        name = " ".join(path)
        if name in _TELLS:
            command.callback = _telling_of_the_console(command.callback, _TELLS[name])
        if path[0] in _BESIDE:
            command.params.append(_BY_HAND)
            command.callback = _refused_beside_a_console(command.callback, name)
        is_guarded = path[0] in _OF_THE_LIST or path[0] in _GROUPS
        if is_guarded and path not in _ALLOWED:
            to_do = _ASIDE if path in _WITHOUT_A_PAGE else _INSTEAD.get(name, _APPROVED)
            command.callback = _refused_in_production(command.callback, name, to_do)


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


def _refused_beside_a_console(callback: Callable[..., None], name: str) -> Callable[..., None]:
    @wraps(callback)
    def guarded(*arguments: object, by_hand: bool, **options: object) -> None:
        looks = any(options.get(one) for one in _ONLY_LOOKS)
        if not by_hand and not looks and _goes_by_a_console():
            raise OperatorError(
                f"the list goes by a console, whose next file would be refused after indexer "
                f"{name}; {_APPROVED}, or pass --by-hand"
            )
        callback(*arguments, **options)

    return guarded


def _telling_of_the_console(callback: Callable[..., None], sentence: str) -> Callable[..., None]:
    @wraps(callback)
    def telling(*arguments: object, **options: object) -> None:
        callback(*arguments, **options)
        if _goes_by_a_console():
            tell(sentence)

    return telling


def _goes_by_a_console() -> bool:
    """Tell whether a file of a console is in force here."""
    from indexer.deployment import list_path, open_list
    from indexer.keyring import Keyring
    from indexer.list.exports import last_exported
    from indexer.spool.keys import is_console_trusted

    settings = IndexerSettings()
    if not is_console_trusted(settings.home) or not list_path(settings).exists():
        return False
    with closing(open_list(settings, Keyring(settings.home), read_only=True)) as list_file:
        return last_exported(list_file) is not None


def _commands(
    group: click.Group, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name))
        else:
            yield (*path, name), command
