"""Options that several commands take, with one spelling."""

from collections.abc import Callable
from typing import Any, TypeVar

import rich_click as click

from screening.vocabulary.actor import require_actor
from screening.vocabulary.booking_region import require_booking_region
from screening.vocabulary.errors import InvalidRequest

OptionedT = TypeVar("OptionedT", bound=Callable[..., Any])

kit_option = click.option(
    "--kit",
    metavar="KIT",
    required=True,
    help="The kit file you were given, mode 0600. SCREENING_API_KEY goes before its API key.",
)


def timeout_option(default_ms: int) -> Callable[[OptionedT], OptionedT]:
    """Return the option `--timeout-ms` of a command that asks."""
    return click.option(
        "--timeout-ms",
        default=default_ms,
        show_default=True,
        type=click.IntRange(50, 60_000),
        help="How long to wait for an answer in all, one retry included.",
    )


region_option = click.option(
    "--region",
    metavar="CC",
    help="Country of phones written without a country code, such as US or GB.",
)
"""A region as docs/protocol.md takes it: an unknown one rejects the phones that need it."""


def _known_actor(
    _context: click.Context, _option: click.Parameter, given: str | None
) -> str | None:
    try:
        return None if given is None else require_actor(given)
    except InvalidRequest as refused:
        raise click.BadParameter(str(refused)) from None


actor_option = click.option(
    "--actor",
    metavar="ID",
    callback=_known_actor,
    help="Who asks, by an opaque id such as desk-7f3a, never a name; it goes on record.",
)


def _known_booking_region(
    _context: click.Context, _option: click.Parameter, given: str | None
) -> str | None:
    try:
        return None if given is None else require_booking_region(given.upper())
    except InvalidRequest as refused:
        raise click.BadParameter(str(refused)) from None


booking_region_option = click.option(
    "--booking-region",
    metavar="CC",
    callback=_known_booking_region,
    help="Country in which the booking is made, such as DE; it is sent, and kept of matches alone.",
)
