"""What an asker holds in the end: verdicts that cannot be mistaken for a truth value."""

from dataclasses import dataclass, field
from typing import Generic, NoReturn, TypeVar

from screening.vocabulary.wire import ListState, RowResult, Verdict

ResultT = TypeVar("ResultT", bound=str)


@dataclass(frozen=True, slots=True)
class ScreeningAnswer(Generic[ResultT]):
    """An answer to every selector asked; what is not known was raised as `Unknown` instead.

    `result` is `match` where any of `results` (in the order asked) is. Keep `receipt`, the handle
    for the authorised channel, and `opening` (32 bytes, base64), which proves together with the
    question what was asked and answered. A match is a lead for human review, never a refusal.
    """

    result: Verdict
    results: tuple[ResultT, ...]
    receipt: str
    opening: str = field(repr=False)
    list: ListState

    def __bool__(self) -> NoReturn:
        # `if client.check(...)` would be true for "no_match" as well.
        raise TypeError('an answer is not a truth value; compare .result with "match"')


class CheckAnswer(ScreeningAnswer[Verdict]):
    """The answer about one booking."""

    __slots__ = ()


class BulkAnswer(ScreeningAnswer[RowResult]):
    """The answer about many rows; a row that the API could not read is `invalid`."""

    __slots__ = ()
