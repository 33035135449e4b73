"""In one go what the service does step by step: a question read, a question committed to."""

from collections.abc import Iterable

from screening.vocabulary.question import Question, Reading
from screening.vocabulary.tokens import Commitment


def whole(reading: Reading) -> Question:
    """Take every step of a reading, and return the question."""
    while True:
        try:
            next(reading)
        except StopIteration as end:
            assert isinstance(end.value, Question)
            return end.value


def commitment(opening: bytes, question: Iterable[tuple[str, bytes, str]]) -> bytes:
    """Return what binds all rows of a question, which are (kind, token, result)."""
    rows = list(question)
    binding = Commitment(len(rows))
    binding.add(rows)
    return binding.opened_by(opening)
