"""What a partner says of a match that it was told, once a person has looked at it."""

from typing import Final, Literal, get_args

import msgspec

from screening.vocabulary.proof import NamesReceipt, read_naming

Outcome = Literal["confirmed", "false", "unsure"]
"""The person it is about is who was listed; is not, or the entry is wrong; nobody can tell."""
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)


class FeedbackRequest(NamesReceipt, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/feedback`: what became of a match.

    `receipt` is `RECEIPT.i`, for the row i of the question, from 0; or RECEIPT, where one row
    matched. No words of anybody's own: they would be about a person.
    """

    outcome: Outcome


class Feedback(msgspec.Struct, frozen=True):
    """`200`: what is on record now; `receipt` with the row that it is of."""

    receipt: str
    outcome: Outcome


_decoder = msgspec.json.Decoder(FeedbackRequest)


def read_feedback(body: bytes) -> FeedbackRequest:
    """Read a request's body; raises `InvalidRequest`, which never repeats it."""
    return read_naming(_decoder, body)
