"""What a partner keeps of an answer, to prove later what it asked and what it was told: one file.

No value lies in it, but tokens: whoever has the file alone cannot tell whose they are, or guess it,
without the token key's secret; whoever has the kit derives a token anew (`gen-screen token`) and
compares. And tokens are what the record binds, so the file can be verified when the kit is gone.
"""

import base64
import binascii
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final, Literal, Self

import msgspec

from screening.client.answers import BulkAnswer, CheckAnswer
from screening.client.derivation import SelectorToken
from screening.client.unwritten import unwritten
from screening.private_files import (
    create_private,
    open_regular,
    replace_private,
    require_writable,
)
from screening.vocabulary.errors import InvalidRequest, NotProven, OperatorError, Unknown
from screening.vocabulary.given_once import is_given_twice
from screening.vocabulary.proof import Proof
from screening.vocabulary.selector import SelectorKind
from screening.vocabulary.tokens import KEY_ID_PATTERN, TOKEN_BYTES, Commitment
from screening.vocabulary.unreadable import UNREADABLE
from screening.vocabulary.wire import BULK_MAX_SELECTORS, ROW_RESULTS, RowResult

_MAX_BYTES: Final = 8 << 20
"""Ten thousand rows take 1.2 MB, and the largest record as much again."""
_OPENING_BYTES: Final = 32
_KINDS: Final = frozenset(kind.value for kind in SelectorKind)


class KeptSelector(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """One row of a question, and what was told of it; an invalid one has neither kind nor token."""

    kind: str
    token: str
    result: RowResult

    def __repr__(self) -> str:
        return f"KeptSelector({self.kind}, ..., {self.result})"


class KeptReceipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An answer as it is kept: `selectors` are those that were told of, in the order asked.

    Where an answer was not known, and only matches were told, those alone. `opening` and tokens
    have 32 bytes, in base64; `proof` is there once it was fetched.
    """

    format: Literal["screening-receipt/1"]
    receipt: Annotated[str, msgspec.Meta(pattern="^[a-z2-7]{26}$", max_length=26)]
    opening: str
    key_id: Annotated[str, msgspec.Meta(pattern=KEY_ID_PATTERN, max_length=32)]
    selectors: Annotated[
        list[KeptSelector], msgspec.Meta(min_length=1, max_length=BULK_MAX_SELECTORS)
    ]
    proof: Proof | None = None

    def __repr__(self) -> str:
        return f"KeptReceipt({self.receipt}, {len(self.selectors)} selectors)"

    @property
    def results(self) -> dict[str, int]:
        """How many selectors had which result, without those that none had."""
        found = [one.result for one in self.selectors]
        return {result: count for result in ROW_RESULTS if (count := found.count(result))}

    def commitment(self) -> bytes:
        """Return what the record must hold, if this is what was asked and told."""
        binding = Commitment(len(self.selectors))
        binding.add(
            (one.kind, None if one.result == "invalid" else _bytes_of(one.token), one.result)
            for one in self.selectors
        )
        return binding.opened_by(_bytes_of(self.opening))

    def with_proof(self, proof: Proof) -> Self:
        """Return the same with a proof."""
        return msgspec.structs.replace(self, proof=proof)

    def encoded(self) -> bytes:
        """Return the content of a file, as JSON for a person to look at."""
        document = {
            name: value
            for name, value in msgspec.to_builtins(self).items()
            if name != "proof" or value is not None
        }
        return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


_decoder = msgspec.json.Decoder(KeptReceipt)
_proof_decoder = msgspec.json.Decoder(Proof)


def keep(
    key_id: str,
    tokens: Sequence[SelectorToken],
    answer: CheckAnswer | BulkAnswer | Unknown,
) -> KeptReceipt:
    """Return what to keep of an answer to `tokens`, or of an `Unknown` that tells matches.

    Raises `InvalidRequest` for an `Unknown` without a receipt, or an answer to other tokens.
    """
    if isinstance(answer, Unknown):
        told = [(tokens[index], "match") for index in answer.matches]
    else:
        if len(answer.results) != len(tokens):
            raise InvalidRequest("the answer is to other tokens; give those that were asked about")
        told = list(zip(tokens, answer.results, strict=True))
    if not told or answer.receipt is None or answer.opening is None:
        raise InvalidRequest("nothing was told, so there is nothing to prove; ask again")
    return KeptReceipt(
        format="screening-receipt/1",
        receipt=answer.receipt,
        opening=answer.opening,
        key_id=key_id,
        selectors=[_kept(token, result) for token, result in told],
    )


def _kept(token: SelectorToken, result: str) -> KeptSelector:
    if result == "invalid":
        return KeptSelector("", "", "invalid")
    return KeptSelector(
        token.kind.value, token.base64(), "match" if result == "match" else "no_match"
    )


def read_proof(path: Path) -> Proof:
    """Read a proof that lies in a file by itself; raises as `read_kept`."""
    try:
        return _proof_decoder.decode(_content_of(path))
    except UNREADABLE:
        pass
    raise NotProven(f"{path} is damaged, or no proof that `screening audit prove` has printed")


def _content_of(path: Path) -> bytes:
    try:
        with open_regular(path) as file:
            content = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}; check the path") from None
    return content if len(content) <= _MAX_BYTES else b""


def read_kept(path: Path) -> KeptReceipt:
    """Read a file; raises `NotProven` for a damaged one, `OperatorError` where there is none."""
    kept = parse_kept(_content_of(path))
    if kept is None:
        raise NotProven(
            f"{path} is damaged, or no receipt that gen-screen saved; take another copy of it"
        )
    return kept


def parse_kept(content: bytes) -> KeptReceipt | None:
    """Read what a file holds; None where it is not, member by member, what would be written."""
    try:
        kept = _decoder.decode(content)
        stated = msgspec.json.decode(content)
    except UNREADABLE:
        return None
    # Members of the proof that are not known here would be bound by nothing.
    known = msgspec.json.decode(kept.encoded())
    if stated != known or is_given_twice(content, stated):
        return None
    rows = [one for one in kept.selectors if one.result != "invalid"]
    invalid = [one for one in kept.selectors if one.result == "invalid"]
    spelled = [_is_of_bytes(one.token, TOKEN_BYTES) and one.kind in _KINDS for one in rows]
    empty = [not one.kind and not one.token for one in invalid]
    is_whole = _is_of_bytes(kept.opening, _OPENING_BYTES) and all(spelled) and all(empty)
    return kept if is_whole else None


def require_new(path: Path) -> None:
    """Raise `OperatorError` where a new file of this name cannot be made."""
    if path.exists() or path.is_symlink():
        raise _taken(path)
    try:
        require_writable(path.parent)
    except OSError as error:
        raise _unwritable(path, error) from None


def save_new(path: Path, kept: KeptReceipt) -> None:
    """Write a new file (0600), durably; `OperatorError` where the name is taken, or cannot be."""
    try:
        create_private(path, kept.encoded())
    except FileExistsError:
        raise _taken(path) from None
    except OSError as error:
        raise _unwritable(path, error) from None


def save_again(path: Path, kept: KeptReceipt) -> None:
    """Write a file anew, whole or not at all, and durably; raises `OperatorError`."""
    try:
        replace_private(path, kept.encoded())
    except OSError as error:
        raise _unwritable(path, error) from None


def _taken(path: Path) -> OperatorError:
    return OperatorError(f"{path} is there already; choose another name")


def _unwritable(path: Path, error: OSError) -> OperatorError:
    return unwritten(path, error, mend="choose another place")


def _bytes_of(text: str) -> bytes:
    return base64.b64decode(text)


def _is_of_bytes(text: str, count: int) -> bool:
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(content) == count and base64.b64encode(content).decode() == text
