"""Selectors on a command line, KIND:VALUE each; KIND:- reads the value from stdin."""

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import rich_click as click

from screening.stdin_values import STDIN, read_value

if TYPE_CHECKING:
    from screening.vocabulary.selector import Canonical

selectors_argument = click.argument("selectors", metavar="KIND:VALUE...", nargs=-1, required=True)


def parted_selectors(selectors: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield kind and value of each; raises `UsageError` where one is not written so."""
    for position, selector in enumerate(selectors, start=1):
        kind, colon, value = selector.partition(":")
        if not colon:
            raise click.UsageError(
                f"selector {position} must be written KIND:VALUE, as in phone:+12025550100"
            )
        yield kind, read_value(sys.stdin.buffer) if value == STDIN else value


def parsed_selectors(selectors: Sequence[str], region: str | None) -> "list[Canonical]":
    """Return their canonical forms; raises `UsageError` where one has none."""
    from screening.vocabulary.errors import NotCanonical
    from screening.vocabulary.normalise import normalise

    found = []
    for position, (kind, value) in enumerate(parted_selectors(selectors), start=1):
        try:
            found.append(normalise(kind, value, region=region))
        except NotCanonical as error:
            raise click.UsageError(f"selector {position}: {error}") from None
    return found
