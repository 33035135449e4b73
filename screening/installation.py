"""What a host has installed: the packages of its role, so that another role's command lacks some.

Imports the standard library only: anything else may be what is missing.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Literal

Role = Literal["api", "client", "indexer", "intelligence"]
"""What a host is for; its packages are locked in `requirements/ROLE.txt`."""

EXIT_NOT_INSTALLED: Final = 2
"""As after other input that is no use: nothing was done."""

EXIT_INTERRUPTED: Final = 130
"""As shells say of SIGINT."""
_OURS: Final = frozenset(("screening", "indexer", "intelligence"))


@contextmanager
def packages_of(role: Role, command: str) -> Iterator[None]:
    """Run what `command` consists of; where a package is missing, say what to install, and exit.

    A module of ours that is missing is a defect, and raised.
    """
    try:
        yield
    except KeyboardInterrupt:  # while it is imported, before anything minds it
        sys.exit(EXIT_INTERRUPTED)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if not package or package in _OURS:
            raise
        sentence = (
            f"{command}: {package} is not installed, which this command needs; install "
            f"requirements/{role}.txt (README.md, Installation)"
        )
    else:
        return
    print(sentence, file=sys.stderr)  # noqa: T201 - click may be what is missing
    sys.exit(EXIT_NOT_INSTALLED)
