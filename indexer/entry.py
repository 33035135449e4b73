"""The command `indexer`, as it is installed.

What it needs is imported here, where it can be told that it is missing.
"""

from screening.installation import packages_of


def indexer() -> None:
    """Run `indexer`."""
    with packages_of("indexer", "indexer"):
        from indexer.cli import main

        main()
