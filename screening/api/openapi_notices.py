"""How `GET /v1/notices` is described."""

from typing import Any, Final

import msgspec

from screening.api.notices import PER_SECOND_AT_LEAST
from screening.api.openapi_bodies import body_of, headers_of_all, problems_with
from screening.api.openapi_examples import Examples, problem_example
from screening.api.quotas.exceeded import too_often
from screening.vocabulary.errors import InvalidRequest
from screening.vocabulary.notices import NUMBER_MAX, Notices, Retracted

_ROW: Final = "mfrggzdfmztwq2lknnwg23tpoa.1"
NOTICES: Final[Examples] = {
    "an entry was false": msgspec.to_builtins(
        Notices(
            [Retracted(1042, _ROW, "retracted", "2026-11-22T09:41:07Z")], next=1042, has_more=False
        )
    ),
    "nothing new": msgspec.to_builtins(Notices([], next=1042, has_more=False)),
}
_AFTER: Final = {
    "name": "after",
    "in": "query",
    "required": False,
    "description": "`next` of the last answer; 0, for all that are kept, where it is left out",
    "schema": {"type": "integer", "minimum": 0, "maximum": NUMBER_MAX},
}


def notices_operation() -> dict[str, Any]:
    """Return the operation."""
    refused = problems_with(400, 401, 405, 429, 503, of_a_question=False)
    error = InvalidRequest("the query must be after= and the last answer's next; see /docs")
    example = {"no number": problem_example(error)}
    refused["400"]["description"] = "The query is not what the contract says"
    refused["400"]["content"]["application/problem+json"] = body_of("Problem", example)
    often = {"too often": problem_example(too_often(1))}
    refused["429"]["content"]["application/problem+json"] = body_of("Problem", often)
    refused["503"]["description"] = "It is not known what there is: ask again after Retry-After"
    return {
        "operationId": "notices",
        "tags": ["questions"],
        "summary": "Fetch what to hear of matches: entries that were false, and are off the list",
        "description": (
            "Of the caller's own matches only, by any of its keys. `retracted` says that what the "
            "row `receipt` matched was false: whatever was done about it, undo it. Keep `next`, "
            "and ask with it, once an hour say; while `has_more` is true, at once. As many a "
            f"second as selectors may be asked about, and {PER_SECOND_AT_LEAST} at the least, by a "
            "partner that is held or throttled, too. All answers have one length."
        ),
        "parameters": [_AFTER],
        "responses": {
            "200": {
                "description": "The notices behind that number, the oldest first",
                "headers": headers_of_all(),
                "content": {"application/json": body_of("Notices", NOTICES)},
            },
            **refused,
        },
    }
