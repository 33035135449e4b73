"""A batch: one change set, and the exact bytes that two people sign."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal, Protocol

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from screening.spools.changes import Add, Change, Lift, Retract
from screening.spools.key_names import NamedKey
from screening.spools.spelling import (
    BatchId,
    Deployment,
    KeyId,
    Signature64,
    read_exactly,
    require_utc_seconds,
)
from screening.vocabulary.errors import SpoolRefused

MOST_CHANGES: Final = 100_000
BATCH_MAX_BYTES: Final = 64 << 20
LONGEST_LIFE: Final = timedelta(days=31)
"""Of what was signed: an approval is of now."""

_SIGNATURE_LABEL: Final = b"screening/v1/batch\0"
_ID_LABEL: Final = b"screening/v1/approver-id\0"
_ORDER: Final[tuple[type, ...]] = (Lift, Retract, Add)


class Signed(Protocol):
    """What people sign: changes of the list, or an order."""

    @property
    def batch(self) -> str:
        """Its name, which is used once."""

    @property
    def signatures_needed(self) -> int:
        """How many different people sign it, at the least."""


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of one approver, by the id of the key."""

    by: KeyId
    signature: Signature64


class Batch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Changes that are approved together; what is lifted stands first, then what is retracted."""

    format: Literal["screening-batch/1"]
    deployment: Deployment
    batch: BatchId
    written_at: datetime
    not_before: datetime
    expires_at: datetime
    changes: Annotated[list[Change], msgspec.Meta(min_length=1, max_length=MOST_CHANGES)]

    def __post_init__(self) -> None:
        require_life(self.written_at, self.not_before, self.expires_at)
        places = [_ORDER.index(type(change)) for change in self.changes]
        if places != sorted(places):
            raise ValueError("lift, retract, add: in this order")
        named = [_subject(change) for change in self.changes]
        if len(set(named)) != len(named):
            raise ValueError("it says two things of one subject")

    def __repr__(self) -> str:
        return f"Batch({self.batch}, {len(self.changes)} changes)"

    @property
    def signatures_needed(self) -> int:
        """How many people sign: two where it adds or lifts anything, and otherwise one."""
        return 2 if any(not isinstance(change, Retract) for change in self.changes) else 1


def require_life(written_at: datetime, not_before: datetime, expires_at: datetime) -> None:
    """Raise `ValueError` where what people sign has no time in which it may be applied."""
    require_utc_seconds(written_at, not_before, expires_at)
    if not written_at <= not_before < expires_at:
        raise ValueError("written, then due, then expired")
    if expires_at - written_at > LONGEST_LIFE:
        raise ValueError("it expires too late")


def _subject(change: Change) -> tuple[str, ...]:
    selector = (type(change).__name__, change.kind, change.canonical)
    return (*selector, change.list, change.source) if isinstance(change, Add) else selector


def parse_batch(content: bytes) -> Batch:
    """Return the batch that `content` spells; raises `SpoolRefused`."""
    if len(content) > BATCH_MAX_BYTES:
        raise SpoolRefused("malformed", "a batch is larger than 64 MiB; write it as several")
    return read_exactly(content, Batch, what="a batch")


@dataclass(frozen=True, slots=True)
class ApproverKey(NamedKey):
    """A person's public key, 32 bytes (Ed25519), and the 16 hex characters that name it."""

    public: bytes

    def _digest(self) -> bytes:
        return hashlib.sha256(_ID_LABEL + self.public).digest()

    def has_signed(self, batch: bytes, signature: bytes) -> bool:
        """Tell whether a signature is this key's, of exactly these bytes."""
        try:
            key = Ed25519PublicKey.from_public_bytes(self.public)
            key.verify(signature, _SIGNATURE_LABEL + batch)
        except (InvalidSignature, ValueError):
            return False
        return True


def sign_batch(batch: bytes, private: Ed25519PrivateKey) -> Signature:
    """Return a person's signature of the exact bytes of a batch."""
    key = ApproverKey(private.public_key().public_bytes_raw())
    return Signature(key.id, private.sign(_SIGNATURE_LABEL + batch))


def refuse_half_signed(batch: Signed, signatures: Sequence[Signature]) -> None:
    """Raise `SpoolRefused` where too few have signed, or one has twice."""
    signers = [one.by for one in signatures]
    if len(set(signers)) != len(signers):
        raise SpoolRefused(
            "signed_twice", f"batch {batch.batch} is signed twice by one; have another person sign"
        )
    needed = batch.signatures_needed
    if len(signers) < needed:
        raise SpoolRefused(
            "half_signed",
            f"batch {batch.batch} needs the signatures of {needed} people, and has {len(signers)}",
        )


@contextmanager
def refusing(batch: Signed) -> Iterator[None]:
    """Have what is refused within name the batch that it is refused for."""
    try:
        yield
    except SpoolRefused as error:
        error.batch = batch.batch
        raise
