"""What each status means that is no 200, in the OpenAPI description."""

from typing import Final

PROBLEMS: Final = {
    400: "The body is not what the contract says",
    401: "The API key is missing, malformed, unknown, expired or revoked",
    403: "The API key lacks the scope",
    404: "There is nothing at this path: the operator names no contact, or none that still holds",
    405: "The method is not allowed",
    408: "The request did not arrive in time",
    406: "No acceptable form of the answer",
    409: "The token key is not the caller's (`unknown_key_id`), or `key_check` differs "
    "(`kit_mismatch`)",
    413: "The body is too large",
    415: "The media type is not read here",
    429: "Too much was asked; see Retry-After",
    503: "The answer is not known: never read this as no_match. Matches that are certain are "
    "listed in `matches`; absence from it means nothing",
}
