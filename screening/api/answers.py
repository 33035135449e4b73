"""An answer as bytes, of a length that depends on the number of selectors only.

An observer of TLS record sizes must not learn a result: results have names of different length, so
what is missing to the longest is made up for, in JSON with white space behind the document, in
MessagePack with a member `padding`.
"""

import msgspec

from screening.api.check import Answered
from screening.vocabulary.wire import Answer

_encode_json = msgspec.json.Encoder().encode
_encode_msgpack = msgspec.msgpack.Encoder().encode


class _PaddedAnswer(Answer, frozen=True):
    padding: msgspec.Raw


def answer_json(answered: Answered) -> bytes:
    """Return the answer as JSON."""
    answer = _answer(answered)
    return _encode_json(answer) + b" " * _missing(answer)


def answer_msgpack(answered: Answered) -> bytes:
    """Return the answer as MessagePack; `opening` is base64 text there too."""
    answer = _answer(answered)
    missing = _missing(answer)
    # bin 32 (type 0xc6) whatever the length, so that the header's own length does not vary.
    padding = msgspec.Raw(b"\xc6" + missing.to_bytes(4, "big") + bytes(missing))
    return _encode_msgpack(
        _PaddedAnswer(
            answer.result,
            answer.results,
            answer.receipt,
            answer.opening,
            answer.list,
            padding,
        )
    )


def _answer(answered: Answered) -> Answer:
    return Answer(
        "match" if "match" in answered.results else "no_match",
        answered.results,
        answered.receipt.id,
        answered.receipt.opening_text,
        answered.list,
    )


def _missing(answer: Answer) -> int:
    matched, invalid = answer.results.count("match"), answer.results.count("invalid")
    return 3 * (matched + (answer.result == "match")) + invalid
