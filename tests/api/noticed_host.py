"""Notices that a host is given as the indexer gives them: a signed head, and what it names."""

from collections.abc import Sequence
from typing import Final

from screening.registry.notices import Notice, SignedNotices, sign_notices
from screening.store import keys
from screening.store.signed import Signer
from tests.api.sync_host import SIGNER, Host

RECEIPT: Final = "a2b3c4d5e6f7a2b3c4d5e6f7gh"


def signed_notices(
    sequence: int, *numbers: int, partner: str = "acme", signer: Signer = SIGNER
) -> SignedNotices:
    notices = [
        Notice(one, f"{RECEIPT}.{one % 9_999}", "retracted", 1_795_000_000) for one in numbers
    ]
    return sign_notices(partner, notices, signer, sequence=sequence, issued_at=1_795_000_000)


def put(host: Host, signed: SignedNotices, under: str = "acme") -> None:
    pipeline = host.store.pipeline()
    pipeline.hset(keys.NOTICES, under, signed.head)
    pipeline.unlink(keys.notices_of(under))
    if signed.content:
        pipeline.set(keys.notices_of(under), signed.content)
    pipeline.execute()


def put_notices(host: Host, sequence: int, *numbers: int, partner: str = "acme") -> None:
    put(host, signed_notices(sequence, *numbers, partner=partner), partner)


def release(host: Host, generation: str, sequence: int, *acme_hears: int) -> None:
    """Put a list in force, and what one of its partners hears."""
    host.release(generation, sequence)
    put_notices(host, sequence, *acme_hears)


def numbers(notices: Sequence[Notice]) -> list[int]:
    return [one.number for one in notices]
