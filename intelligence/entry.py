"""The command `intelligence`, as it is installed.

What it needs is imported here, where it can be told that it is missing.
"""

from screening.installation import packages_of


def intelligence() -> None:
    """Run `intelligence`."""
    with packages_of("intelligence", "intelligence"):
        from intelligence.cli import main

        main()
