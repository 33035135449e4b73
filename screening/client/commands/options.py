"""Options that several commands take, with one spelling."""

import rich_click as click

kit_option = click.option(
    "--kit",
    metavar="KIT",
    required=True,
    type=click.Path(dir_okay=False),
    help="The kit file you were given, mode 0600. SCREENING_API_KEY goes before its API key.",
)

region_option = click.option(
    "--region",
    metavar="CC",
    help="Country of phones written without a country code, such as US or GB.",
)
"""A region as docs/protocol.md takes it: an unknown one rejects the phones that need it."""
