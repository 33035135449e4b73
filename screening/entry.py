"""The commands `screening` and `gen-screen`, as they are installed.

What they need is imported here, where it can be told that it is missing.
"""

import sys

from screening.installation import packages_of
from screening.kept_out import keep_out


def screening() -> None:
    """Run `screening`."""
    keep_out()
    with packages_of("api", "screening"):
        from screening.cli import main

        main()


def gen_screen() -> None:
    """Run `gen-screen`."""
    keep_out()
    with packages_of("client", "gen-screen"):
        from screening.client.cli import main

        sys.exit(main())
