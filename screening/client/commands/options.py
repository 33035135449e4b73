"""Options that several commands take, with one spelling."""

import rich_click as click

from screening.vocabulary.normalise import is_region

kit_option = click.option(
    "--kit",
    metavar="KIT",
    required=True,
    type=click.Path(dir_okay=False),
    help="The kit file you were given, mode 0600. SCREENING_API_KEY goes before its API key.",
)

_REGION_HELP = "Country of phones written without a country code, such as US or GB."

region_option = click.option("--region", metavar="CC", help=_REGION_HELP)
"""A region as protocol.md takes it: an unknown one is a rejection of the phones that need it."""


def _known_region(
    _context: click.Context, _option: click.Parameter, text: str | None
) -> str | None:
    if text is None:
        return None
    if not is_region(text):
        raise click.BadParameter(
            "no such country; give its ISO 3166-1 alpha-2 code, such as GB for Great Britain"
        )
    return text.upper()


known_region_option = click.option(
    "--region", metavar="CC", callback=_known_region, help=_REGION_HELP
)
"""A region for commands that ask: a wrong one would leave phone after phone unscreened."""
