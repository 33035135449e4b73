"""What people and programs give to a command: bounded, whatever bytes it holds.

Bytes that are not UTF-8 become lone surrogates, as Python has them in arguments: no selector can
hold those, so that they are rejected instead of being replaced by something that can.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final

import rich_click as click
from click.types import StringParamType

from screening.streams import tell

MAX_VALUE_BYTES: Final = 16 * 1024
"""Far above any selector (320 characters) and its line of JSON; what is longer is cut off."""

STDIN: Final = "-"

_CARD: Final = "card"
_CARD_DIGITS: Final = 12
"""The fewest of a card's number; of a range of cards fewer are given."""


class _Text(StringParamType):
    """A string as click has it, refused where it holds lone surrogates: what such bytes become."""

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        text = str(super().convert(value, param, ctx))
        try:
            text.encode()
        except UnicodeEncodeError:
            self.fail("is not UTF-8; set the terminal to UTF-8, and type it again", param, ctx)
        return text


TEXT: Final = _Text()
"""Of what is kept or sent: neither can be done with bytes that are no UTF-8."""


class _Moment(click.DateTime):
    """A day or a time of UTC, of which no error is an echo."""

    name = "moment"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        try:
            moment: datetime = super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail("write a day as 2026-11-26, a time as 2026-11-26T14:30:00Z", param, ctx)
        return moment.replace(tzinfo=UTC)


MOMENT: Final = _Moment(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"])
"""A day is its first second."""


def tell_of_cards(given: Iterable[tuple[str, str]], instead: str) -> None:
    """Say on stderr where a number of a card is among arguments: kinds, and values as given.

    `instead` is what is written to have it read from stdin.
    """
    if any(kind.strip().lower() == _CARD and _is_long(value) for kind, value in given):
        tell(
            "a card number is among the arguments, which others on this machine can see (ps), "
            f"and the shell keeps (history); write {instead} and give it on stdin"
        )


def tell_of_named_cards(selectors: Sequence[str]) -> None:
    """Say so of selectors that are written `KIND:VALUE`."""
    parted = (selector.partition(":") for selector in selectors)
    tell_of_cards(((kind, value) for kind, _, value in parted), f"{_CARD}:{STDIN}")


def _is_long(value: str) -> bool:
    return sum(character.isdigit() for character in value) >= _CARD_DIGITS


def part_selectors(selectors: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield kind and value of selectors written `KIND:VALUE`; `KIND:-` reads the value from stdin.

    Raises `click.UsageError` where one is not written so.
    """
    for position, selector in enumerate(selectors, start=1):
        kind, colon, value = selector.partition(":")
        if not colon:
            raise click.UsageError(
                f"selector {position} must be written KIND:VALUE, as in phone:+12025550100"
            )
        yield kind, read_value(sys.stdin.buffer) if value == STDIN else value


def read_value(stdin: BinaryIO) -> str:
    """Read one value: the next line, without its end."""
    line, _ = _line(stdin)
    return line.decode("utf-8", "surrogateescape").rstrip("\r\n")


def read_lines(stdin: BinaryIO) -> Iterator[bytes]:
    """Yield lines as they come; one that is too long is empty, and still one line."""
    while True:
        line, whole = _line(stdin)
        if not line:
            return
        yield line if whole else b""


def _line(stdin: BinaryIO) -> tuple[bytes, bool]:
    """Read to the end of a line, and return at most `MAX_VALUE_BYTES` of it."""
    line = stdin.readline(MAX_VALUE_BYTES + 1)
    whole = len(line) <= MAX_VALUE_BYTES
    rest = line
    while rest and not rest.endswith(b"\n") and len(rest) > MAX_VALUE_BYTES:
        rest = stdin.readline(MAX_VALUE_BYTES + 1)
    return line, whole
