"""`gen-screen notices`: which matches were false, as was found out since."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import rich_click as click

from screening.client.blocking import ScreeningClient
from screening.client.commands.exits import DONE, exit_code
from screening.client.commands.options import kit_option, timeout_option
from screening.client.commands.waiting import waiting_told
from screening.client.session import OTHER_TIMEOUT_MS_DEFAULT
from screening.streams import readers_may_leave, tell
from screening.vocabulary.errors import QuotaExceeded, ScreeningError, Unknown
from screening.vocabulary.notices import NUMBER_MAX, Notices

_PATIENCE_S: Final = 60
"""For one answer: hosts ask for a second or two, gateways for a minute."""


@click.command("notices")
@kit_option
@timeout_option(OTHER_TIMEOUT_MS_DEFAULT)
@click.option(
    "--after",
    default=0,
    show_default=True,
    type=click.IntRange(0, NUMBER_MAX),
    help="The number that was printed last: only what is newer is fetched.",
)
def notices_command(*, kit: str, timeout_ms: int, after: int) -> int:
    """Print which of your matches were false, and were taken off the list since.

    A line for each: its number, the receipt with its row, `retracted`, and since when. Whatever was
    done on account of such a match, undo it. Ask once an hour, say.

    Where the API asks to wait, up to a minute, the command does. Where it stops before the end, it
    has printed what came, and says by which --after to go on.

    Exit code: 0 that is all there is, 69 not known, 75 quota; others as of check.

    \b
    Example:
      gen-screen notices --kit acme.kit.json
      gen-screen notices --kit acme.kit.json --after 1042
    """
    count, last, is_told = 0, after, True
    try:
        with ScreeningClient.from_kit(kit, other_timeout_ms=timeout_ms) as client:
            fetch = partial(_fetch, client, timeout_ms)
            for told in _answers(fetch, after):
                _print(told)
                count, last = count + len(told.notices), told.next
            if after and not count:
                is_told = _has_told(fetch, after)
    except ScreeningError as error:
        if count:
            tell(f"gen-screen: these are not all; go on with --after {last}: {error}")
        elif isinstance(error, Unknown):
            tell(f"gen-screen: it is not known which matches were false; ask again: {error}")
        else:
            raise
        return exit_code(error)
    _tell_end(count, last, after=after, is_told=is_told)
    return DONE


def _tell_end(count: int, last: int, *, after: int, is_told: bool) -> None:
    """Say that these are all, and by what the next are asked for."""
    if not is_told:
        tell(
            f"gen-screen: no notice of yours has the number {after}, or none that is kept: if that "
            "is not the number that was printed last, ask with --after 0"
        )
    then = f"{count} since {after}; what is newer is asked for by --after {last}"
    none = "nobody has told that a match of yours was false; ask again with --after 0"
    tell(f"gen-screen: {then if count or after else none}")


def _answers(fetch: Callable[[int], Notices], after: int) -> Iterator[Notices]:
    """Fetch one answer behind the other, until there is no more."""
    has_more = True
    while has_more:
        told = fetch(after)
        yield told
        after, has_more = told.next, told.has_more


def _fetch(client: ScreeningClient, timeout_ms: int, after: int) -> Notices:
    """Fetch one answer; wait as the API asks to, within patience."""
    patience_s: float = _PATIENCE_S
    while True:
        try:
            with waiting_told(timeout_ms):
                return client.notices(after)
        except QuotaExceeded as error:
            patience_s -= error.retry_after_s
            if patience_s < 0:
                raise
            tell(f"gen-screen: waiting {error.retry_after_s} s, for the API asks to")
            time.sleep(error.retry_after_s)


def _has_told(fetch: Callable[[int], Notices], number: int) -> bool:
    """Tell whether a notice has this number: one too high would hide all up to it for good."""
    try:
        return any(one.number == number for one in fetch(number - 1).notices)
    except ScreeningError:
        return True  # what was asked for is answered all the same


def _print(told: Notices) -> None:
    with readers_may_leave():
        for one in told.notices:
            click.echo(f"{one.number}  {one.receipt}  {one.notice}  {one.at}")
