"""How `POST /v1/receipts/proof` is described; the proof is that of tests/vectors/receipt.json."""

from typing import Final

import msgspec

from screening.api.openapi_examples import Examples, problem_example
from screening.vocabulary.errors import InvalidRequest, NotSignedYet, ReceiptNotFound
from screening.vocabulary.proof import Proof

RECEIPTS: Final[Examples] = {"of a booking": {"receipt": "mfrggzdfmztwq2lknnwg23tpoa"}}

_PROOF: Final = Proof(
    format="screening-proof/1",
    record=(
        '12a61045bc83dcc1ae5ca49035b8c412528c9b5e7af54b37c57a8d8fa9dd0fd4 {"type":"check","at'
        '":"2026-11-22T09:41:07.250000Z","receipt":"mfrggzdfmztwq2lknnwg23tpoa","partner":"ac'
        'me","api_key":"k7mq2wz4n5p6","key_id":"acme-2026a","generation":"00000042-9f86d081",'
        '"seq":1041,"asked":2,"kinds":{"phone":1,"email":1},"outcomes":{"match":1,"no_match":'
        '1},"matches":{"1":"0f0e0d0c0b0a09080706050403020100"},"commitment":"WHNHHnqbECplcAne'
        'hR9rA2O2DLsnY87/BIFbptN2Ls8="}'
    ),
    index=2,
    inclusion_proof=[
        "F1f1S9TaW+WkyXsRlmuZYgI6WQfwyam0OfRf6wr+S9Y=",
        "Fpewow1TiuHwXheiHbjGlD0flcuLNoBuzy71GryePEU=",
        "0BjEhC38F4AhW6YtlhAa/ZPckXU+jt8B9sopsupReNw=",
    ],
    checkpoint=(
        "api-1.operator.example/journal\n5\n4TCeGQwzTUIn6o+jVsJbi36JWzIffBexCVHPsTdnAng=\n\n"
        "\u2014 api-1.operator.example/journal "
        "l1f4SiEcadgHl1JSGNY2mGLeG3pNxb+3J9Sb8LkJpTQA7zzsX6xI+rjC"
        "g9cQiB9ZxJS3zf6nXbsyH2r/1Me9TSJIEwY=\n"
    ),
    log_key=(
        "api-1.operator.example/journal+9757f84a+AckfLE3ZlpHQv+unPy1VTVxuMr2EqqNJDvShoispOmIg"
    ),
)
PROOFS: Final[Examples] = {"the third record of five": msgspec.to_builtins(_PROOF)}

OPERATION: Final = {
    "operationId": "proof",
    "tags": ["questions"],
    "summary": "Fetch the proof that the record of an answer is in the host's signed log",
    "description": (
        "Of the caller's own answers only, by any of its keys; `RECEIPT.i` is proven by the "
        "record of RECEIPT. It can be verified offline, also years later: docs/protocol.md, "
        '"Receipts", says how. A host proves what it answered itself. Counts as one selector.'
    ),
}


REFUSALS: Final[dict[str, tuple[str, Examples]]] = {
    "400": (
        "The body is not what the contract says",
        {
            "no receipt": problem_example(
                InvalidRequest(
                    "receipt is not spelled as the contract says; see /docs", pointer="#/receipt"
                )
            )
        },
    ),
    "404": (
        "No record of the caller's has this receipt on the host that answers; the same for one "
        "that nobody has",
        {"unknown, or another's": problem_example(ReceiptNotFound())},
    ),
    "503": (
        "The record is not in a signed checkpoint yet (`audit`), or too much is asked "
        "(`overloaded`): ask again after Retry-After",
        {"not signed yet": problem_example(NotSignedYet("not signed yet"))},
    ),
}
"""What the refusals mean here, where that is not what they mean elsewhere."""
