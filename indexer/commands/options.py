"""Options that several commands take, with one spelling."""

import rich_click as click


def _known_region(
    _context: click.Context, _option: click.Parameter, text: str | None
) -> str | None:
    from screening.vocabulary.normalise import is_region

    if text is None:
        return None
    if not is_region(text):
        raise click.BadParameter(
            "no such country; give its ISO 3166-1 alpha-2 code, such as GB for Great Britain"
        )
    return text.upper()


region_option = click.option(
    "--region",
    callback=_known_region,
    help="Country of phones written without a country code, such as US.",
)
"""An unknown one would leave out phone after phone; in a row it is a rejection of that row."""
