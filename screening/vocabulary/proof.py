"""What shows, without the log, that a record is in it: made by a host, verified by anybody."""

import re
from typing import Annotated, Final, Literal, TypeVar

import msgspec

from screening.vocabulary.errors import InvalidRequest
from screening.vocabulary.fault import fault_of
from screening.vocabulary.given_once import is_given_twice
from screening.vocabulary.unreadable import UNREADABLE
from screening.vocabulary.wire import Request

RECEIPT_PATTERN: Final = r"^[a-z2-7]{26}(\.[0-9]{1,4})?$"
"""A receipt, or a row of a bulk answer's: `RECEIPT.i`."""
ROW_PATTERN: Final = r"^[a-z2-7]{26}\.(0|[1-9][0-9]{0,3})\Z"
"""A row, as hosts write it."""
_RECEIPT_CHARACTERS: Final = 26
_RECEIPT: Final = re.compile(r"[a-z2-7]{26}(\.[0-9]{1,4})?")
_ROW: Final = re.compile(ROW_PATTERN)
_MEMBERS: Final = frozenset({"receipt", "outcome"})


class Proof(msgspec.Struct, frozen=True):
    """All that shows, without the log, that a record is in it; hashes in base64, lowest first.

    The leaf is `record`, the whole line. RFC 9162, section 2.1.3.2, says how to verify; size and
    root are those of the `checkpoint`, a C2SP signed note. `log_key` is whose signature that is (a
    `vkey`): it proves nothing by standing here, and is to be compared with the one that was kept.
    """

    format: Literal["screening-proof/1"]
    record: str
    index: int
    inclusion_proof: list[str]
    checkpoint: str
    log_key: str


class NamesReceipt(Request, frozen=True, forbid_unknown_fields=True):
    """A request about an answer that was given, or a row of it."""

    receipt: Annotated[
        str,
        msgspec.Meta(
            pattern=RECEIPT_PATTERN, max_length=31, examples=["mfrggzdfmztwq2lknnwg23tpoa"]
        ),
    ]

    def __post_init__(self) -> None:
        if self.receipt.endswith("\n"):  # the `$` of a pattern lets a line feed through
            raise ValueError("Expected `str` matching regex - at `$.receipt`")

    @property
    def whole(self) -> str:
        """The 26 characters of the receipt, without a row."""
        return self.receipt[:_RECEIPT_CHARACTERS]

    @property
    def row(self) -> int | None:
        """The row that is named, from 0; None where none is."""
        _, _, digits = self.receipt.partition(".")
        return int(digits) if digits else None


class ReceiptRequest(NamesReceipt, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/receipts/proof`: of which answer; a row of a bulk answer is proven by the whole."""


NamingT = TypeVar("NamingT", bound=NamesReceipt)

_request_decoder = msgspec.json.Decoder(ReceiptRequest)


def find_whole_receipt(text: str) -> str | None:
    """Return the 26 characters of a receipt, or of the whole that a row is of; None for others."""
    return text[:_RECEIPT_CHARACTERS] if is_receipt(text) else None


def spelled_receipt(text: str) -> str:
    """Return what a person has typed as hosts write receipts: small letters, and no spaces around.

    There is no other it could mean, for no receipt has capitals.
    """
    return text.strip().lower()


def is_receipt(text: str) -> bool:
    """Tell whether a text has the form of a receipt, or of a row's."""
    return _RECEIPT.fullmatch(text) is not None


def is_row(text: str) -> bool:
    """Tell whether a text names a row, as hosts write it."""
    return _ROW.fullmatch(text) is not None


def read_receipt(body: bytes) -> str:
    """Read a request's body; raises `InvalidRequest`, which never repeats it."""
    return read_naming(_request_decoder, body).whole


def read_naming(decoder: "msgspec.json.Decoder[NamingT]", body: bytes) -> NamingT:
    """Read the body of a request about an answer; raises `InvalidRequest`, without an echo."""
    try:
        request = decoder.decode(body)
    except UNREADABLE as error:
        raise fault_of(error, "JSON", _MEMBERS) from None
    if is_given_twice(body, request):
        raise InvalidRequest("a member is given twice; see /docs")
    return request
