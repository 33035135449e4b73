"""The option `--region` of commands that read many phones: a wrong one would leave them all out."""

import rich_click as click


def _known_region(
    _context: click.Context, _option: click.Parameter, text: str | None
) -> str | None:
    # Imported here: the rules of all countries take longer to load than --help to be shown.
    from screening.vocabulary.normalise import is_region

    if text is None:
        return None
    if not is_region(text):
        raise click.BadParameter(
            "no such country; give its ISO 3166-1 alpha-2 code, such as GB for Great Britain"
        )
    return text.upper()


known_region_option = click.option(
    "--region",
    metavar="CC",
    callback=_known_region,
    help="Country of phones written without a country code, such as US or GB.",
)
