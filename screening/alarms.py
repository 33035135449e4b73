"""Where any part reports what a person should look at (`docs/operations.md` lists the words)."""

from typing import Final, Protocol

FOREIGN: Final = "(foreign)"
"""In place of a name that none of us gave: a field in Redis may be called anything."""


class Alarms(Protocol):
    """Takes events; may be told of them by any thread."""

    def raised(self, what: str, name: str, *, since: int = 0) -> None:
        """Report one event: `what` is one of a few words, `name` a key_id, partner or segment.

        `since` (Unix seconds) is when that began anew, as what a partner matches does with a lift.
        """
        ...
