"""The errors of the authorised channel, named for what the one who catches them can do.

None carries a status code: those are in `console/problems.py`. No message contains anything that a
visitor has typed.
"""

from collections.abc import Sequence
from typing import NamedTuple

from screening.vocabulary.errors import InputRefused, OperatorError, ScreeningError


class RefusedRow(NamedTuple):
    """What a form is refused for: a selector, masked, and the path of its page, if it has one."""

    masked: str
    path: str | None


class FormRefused(InputRefused):
    """A form cannot be taken as it is filled in; the sentence is shown above it, and at `field`.

    That is the name of the field that it is of; None where it is of none, or of several. The page
    names the `rows` that it is of below the sentence, and says so where those are `many` in all,
    and not all are named. What comes back keeps the sentence alone, which has to do without them.
    """

    def __init__(
        self,
        sentence: str,
        field: str | None = None,
        *,
        rows: Sequence[RefusedRow] = (),
        many: int | None = None,
    ) -> None:
        super().__init__(sentence)
        self.field = field
        self.rows = rows
        self.many = len(rows) if many is None else many


class RequestRefused(InputRefused):
    """A request is none that a page of this console makes."""


class NotInTime(ScreeningError):
    """A form did not arrive in time: whoever holds a session open so acts after its end."""

    def __init__(self) -> None:
        super().__init__("what was sent did not arrive in time; go back, and send it again")


class NotSignedIn(ScreeningError):
    """Nobody is signed in, or not as far as the page needs; `path` is where to go on."""

    def __init__(self, path: str) -> None:
        super().__init__("sign in first")
        self.path = path


class NotProved(ScreeningError):
    """Whoever does this gives password and second factor anew first."""

    def __init__(self) -> None:
        super().__init__("give your password and a code again first; then send this once more")


class NotPermitted(ScreeningError):
    """The roles of the one who asks do not reach what was asked for."""

    def __init__(self) -> None:
        super().__init__("your roles do not permit this; ask an administrator")


class NotThere(ScreeningError):
    """There is no such page or record, or none that may be known of."""

    def __init__(self) -> None:
        super().__init__("there is nothing here; go back to the start page")


class TooManyTries(ScreeningError):
    """Too many failed attempts; `retry_after_s` is when the next one is heard."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"too many attempts; wait {retry_after_s} seconds, then try once more")
        self.retry_after_s = retry_after_s


class Busy(ScreeningError):
    """More is asked at a time than the service can do; try again in a moment."""

    def __init__(self) -> None:
        super().__init__("the service is busy; try again in a moment")


class Undecipherable(OperatorError):
    """A sealed value does not open: another key, another place, or changed."""


class UpFileLost(OperatorError):
    """What the indexer has told in a file is not here, or not as it was written; it may be brought.

    What comes behind it waits, and what is written for the indexer does not.
    """
