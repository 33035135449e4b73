"""Manifest and head: what a generation is, and which one is in force.

A manifest describes one immutable generation; a head is the small signed document that puts one in
force. The signature over the head covers, by hashes, every byte that an answer is read from.
"""

from typing import Annotated, Final, Literal

import msgspec

from screening.generations.hashes import Sha256Hex, sha256_hex
from screening.generations.overlay import OverlayFile
from screening.store.signed import HEAD_LABEL, Signer, Verifier
from screening.vocabulary.api_key import Mode
from screening.vocabulary.errors import Untrusted
from screening.vocabulary.tokens import KEY_ID_PATTERN, Stretch
from screening.vocabulary.unreadable import UNREADABLE

GenerationId = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{8}-[0-9a-f]{8}$")]
"""`<build number>-<random>`: sorts by age, has one length, names a folder safely."""
KeyId = Annotated[str, msgspec.Meta(pattern=KEY_ID_PATTERN, max_length=32)]

TestOutcome = Literal["quota_exceeded", "index", "stale", "audit", "overloaded", "store", "slow"]
"""What a test key is told on demand: a 429, a 503 for its reason, or `no_match` after a while."""
DigestHex = Annotated[
    str,
    # The length too: `$` alone would let a line feed through.
    msgspec.Meta(pattern=r"^[0-9a-f]{32}$", min_length=32, max_length=32),
]

FILTER_PIECE_BYTES: Final = 1 << 20
MANIFEST_MAX_BYTES: Final = 16 * 1024
MOST_CANARIES: Final = 256
"""Of one index: 35 bytes each, so that a manifest stays far below its bound."""
CLOCK_TOLERANCE_S: Final = 300
"""By so much the clocks of two hosts may differ: what is signed later than that is of no known age,
and would pass for fresh until its time has come, and its longest age after that."""


class Files(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the three files of a generation hold, and must hash to."""

    count: Annotated[int, msgspec.Meta(ge=0)]
    bucket_bits: Annotated[int, msgspec.Meta(ge=0, le=24)]
    filter_bytes: Annotated[int, msgspec.Meta(ge=0)]
    filter_sha256: Sha256Hex
    table_sha256: Sha256Hex
    records_sha256: Sha256Hex


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One generation: whose it is, how its tokens are derived, and what its files are.

    `seq` is the number of the last list change that it contains; times are Unix seconds.
    `phone_metadata` is told to clients: with others they would spell a few phones differently.
    `outcomes` says of which digests, all of them listed, a test key is told something else than a
    match; a live key's generation has none, and is written without that member. `canaries` are the
    digests, all of them listed, that nobody has cause to ask of a live key.
    """

    format: Literal["screening-generation/2"]
    key_id: KeyId
    generation: GenerationId
    mode: Mode
    protocol: Literal["screening/v1"]
    normaliser: int
    phone_metadata: str
    stretch: Stretch
    key_check: bytes
    pepper_id: str
    seq: int
    built_at: int
    files: Files
    outcomes: dict[DigestHex, TestOutcome] = {}
    canaries: Annotated[list[DigestHex], msgspec.Meta(max_length=MOST_CANARIES)] = []


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which generation of a token key is in force, and what has changed in the list since.

    `sequence` grows with every signature of a deployment and never goes back: a reader refuses a
    lower one. All heads of one release carry the same `release`; `seq` is the number of the last
    list change that generation and overlay together contain; times are Unix seconds.
    """

    format: Literal["screening-head/2"]
    key_id: KeyId
    sequence: int
    release: int
    generation: GenerationId
    manifest_sha256: Sha256Hex
    overlay: OverlayFile
    seq: int
    published_at: int
    issued_at: int

    @property
    def version(self) -> str:
        """Name what a check is answered from, in a word."""
        return index_version(self.generation, self.overlay)


def index_version(generation: str, overlay: OverlayFile) -> str:
    """Name a generation and the overlay on it, in a word."""
    return f"{generation}+{overlay.sha256[:8]}" if overlay.count else generation


_manifest_decoder = msgspec.json.Decoder(Manifest)
_head_decoder = msgspec.json.Decoder(Head)


def encode_manifest(manifest: Manifest) -> bytes:
    """Write a manifest; its SHA-256 goes into the head."""
    return msgspec.json.encode(manifest)


def open_manifest(document: bytes, head: Head) -> Manifest:
    """Read the manifest that `head` names; raises `Untrusted` where it is another document."""
    if sha256_hex(document) != head.manifest_sha256:
        raise Untrusted("a manifest is not the one that its signed head names")
    try:
        manifest = _manifest_decoder.decode(document)
    except UNREADABLE:
        raise Untrusted("a manifest has a format that this version does not know") from None
    if (manifest.key_id, manifest.generation) != (head.key_id, head.generation):
        raise Untrusted("a manifest belongs to another token key or generation than its head")
    if manifest.outcomes and manifest.mode != "test":
        raise Untrusted("a manifest of a live key has outcomes, which only test keys are told")
    return manifest


def sign_head(head: Head, signer: Signer) -> bytes:
    """Write a head as a signed document."""
    return signer.sign(HEAD_LABEL, msgspec.json.encode(head))


def open_head(document: bytes, key_id: str, verifier: Verifier) -> Head:
    """Read the signed head of `key_id`; raises `Untrusted`."""
    body = verifier.open(HEAD_LABEL, document)
    try:
        head = _head_decoder.decode(body)
    except UNREADABLE:
        raise Untrusted("a head has a format that this version does not know") from None
    if head.key_id != key_id:
        raise Untrusted("a head belongs to another token key than the one it stands under")
    return head
