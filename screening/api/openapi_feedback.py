"""How `POST /v1/feedback` is described."""

from typing import Final

import msgspec

from screening.api.openapi_examples import Examples, problem_example
from screening.vocabulary.errors import (
    InvalidRequest,
    MatchNotFound,
    NotSignedYet,
    RowNotNamed,
    Unavailable,
)
from screening.vocabulary.feedback import Feedback

FEEDBACK: Final[Examples] = {
    "of a booking in which one selector matched": {
        "receipt": "mfrggzdfmztwq2lknnwg23tpoa",
        "outcome": "confirmed",
    },
    "of a row": {"receipt": "mfrggzdfmztwq2lknnwg23tpoa.1", "outcome": "false"},
}
TAKEN: Final[Examples] = {
    "it is on record": msgspec.to_builtins(Feedback("mfrggzdfmztwq2lknnwg23tpoa.1", "false"))
}

OPERATION: Final = {
    "operationId": "feedback",
    "tags": ["questions"],
    "summary": "Say what became of a match, once a person has looked at it",
    "description": (
        "Of the caller's own matches only, by any of its keys: `confirmed`, `false` (it is "
        "somebody else, or the entry is wrong) or `unsure`. `RECEIPT.i` is row i of the question, "
        "from 0; RECEIPT alone will do where one row matched. Said again, nothing changes; of "
        "several outcomes the latest counts, and all are on record. A host takes it of what it "
        "answered itself. Counts as one selector."
    ),
}


REFUSALS: Final[dict[str, tuple[str, Examples]]] = {
    "400": (
        "The body is not what the contract says",
        {
            "another outcome": problem_example(
                InvalidRequest(
                    "outcome is not one of the values of the contract; see /docs",
                    pointer="#/outcome",
                )
            )
        },
    ),
    "404": (
        "No match of the caller's has this receipt and row on the host that answers; the same for "
        "a receipt that nobody has, and for a row that did not match",
        {"no match of the caller's": problem_example(MatchNotFound())},
    ),
    "409": (
        "Several rows of the answer matched, and none is named (`row_not_named`)",
        {"say which row": problem_example(RowNotNamed())},
    ),
    "503": (
        "Nothing is on record (`audit`), or too much is asked (`overloaded`): say it again after "
        "Retry-After",
        {
            "it cannot be recorded": problem_example(Unavailable("not written", reason="audit")),
            "the answer's record cannot be looked up yet": problem_example(
                NotSignedYet("not signed yet")
            ),
        },
    ),
}
"""What the refusals mean here, where that is not what they mean elsewhere."""
