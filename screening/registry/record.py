"""The partner record: what the API must know of a partner, and nothing that derives a token."""

from typing import Annotated, Final, Literal

import msgspec

from screening.registry.networks import parse_networks
from screening.store.signed import PARTNER_LABEL, Signer, Verifier
from screening.vocabulary.api_key import Mode
from screening.vocabulary.errors import Untrusted
from screening.vocabulary.kit import PARTNER_PATTERN
from screening.vocabulary.prepared_mac import PreparedMac
from screening.vocabulary.tokens import KEY_ID_PATTERN
from screening.vocabulary.unreadable import UNREADABLE

Scope = Literal["check", "bulk"]
SCOPES: Final[tuple[Scope, ...]] = ("check", "bulk")

Suspicion = Literal["alert", "throttle", "hold"]
SUSPICIONS: Final[tuple[Suspicion, ...]] = ("alert", "throttle", "hold")
"""From what restricts least to what restricts most."""

DEFAULT_MATCHES_PER_30_DAYS: Final = 1_000
"""A hundredth of a list of 10^5; more than a platform meets that screens its own customers."""

MAX_API_KEYS: Final = 2
"""Of a partner: a second one lets it change over, or parts two of its systems."""
MAX_PURPOSE_CHARACTERS: Final = 200
MAX_NETWORKS: Final = 64

_VERIFIER_LABEL: Final = b"screening/v1/api-key\0"
_SERVER_KEY_LABEL: Final = b"screening/v1/server-key-id\0"


class ApiKeyRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One API key: its public id and what verifies it; `expires_at` is Unix seconds or absent.

    `purpose` says what it is for, in the operator's words. `networks` are where it may be used from
    (CIDR), anywhere where there are none. `selectors_per_second`, with a burst of
    `burst_selectors` (a second's worth where absent), is a rate beside the partner's, which holds
    all the same. `certificate_sha256` is of the client's certificate (DER) that a request has to
    come with. What is not given is not written: hosts of earlier versions read such a key, too.
    """

    id: str
    verifier: Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
    scopes: list[Scope]
    expires_at: int | None = None
    purpose: Annotated[str, msgspec.Meta(max_length=MAX_PURPOSE_CHARACTERS)] = ""
    networks: Annotated[list[str], msgspec.Meta(max_length=MAX_NETWORKS)] = []
    selectors_per_second: Annotated[int, msgspec.Meta(ge=1)] | None = None
    burst_selectors: Annotated[int, msgspec.Meta(ge=1)] | None = None
    certificate_sha256: Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)] | None = None

    def is_live(self, now: float) -> bool:
        """Tell whether it has not expired; `now` is Unix seconds."""
        return self.expires_at is None or now < self.expires_at


class PartnerRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One partner. `sequence` never goes back: a reader refuses a lower one.

    `key_ids` are its live token keys; `mode` is shared by all its keys, so that a test key can
    never read a real list. `server_key_id` names the key of the verifiers: a host with another one
    would refuse every API key. Limits count selectors: `selectors_per_second` with a burst of
    `burst_selectors` (a second's worth where absent), `daily_selectors` different ones a day (UTC),
    and `matches_per_30_days` different ones that matched, since `matches_counted_from` (Unix
    seconds), which a person sets to lift what was held. `on_suspicion` is what hosts do, besides
    telling, where a canary matches or the partner's counts deviate from its own.
    """

    format: Literal["screening-partner/1"]
    partner: Annotated[str, msgspec.Meta(pattern=PARTNER_PATTERN)]
    sequence: int
    issued_at: int
    state: Literal["active", "suspended"]
    mode: Mode
    server_key_id: str
    key_ids: list[Annotated[str, msgspec.Meta(pattern=KEY_ID_PATTERN, max_length=32)]]
    api_keys: Annotated[list[ApiKeyRecord], msgspec.Meta(max_length=MAX_API_KEYS)]
    selectors_per_second: int
    daily_selectors: int
    burst_selectors: int | None = None
    matches_per_30_days: int = DEFAULT_MATCHES_PER_30_DAYS
    matches_counted_from: int = 0
    on_suspicion: Suspicion = "alert"

    @property
    def company(self) -> str:
        """Who asks: a test partner that is named `acme-test` is the same as `acme`."""
        return self.partner.removesuffix("-test") if self.mode == "test" else self.partner


_decoder = msgspec.json.Decoder(PartnerRecord)


class ApiKeyVerifiers:
    """Turns API keys into what stands for them in a record; `server_key` is 32 bytes."""

    def __init__(self, server_key: bytes) -> None:
        self._mac = PreparedMac(server_key, _VERIFIER_LABEL)
        self.server_key_id = PreparedMac(server_key, _SERVER_KEY_LABEL).of(b"")[:8].hex()
        """16 hex characters that name the server key and tell nothing about it."""

    def of(self, text: bytes) -> bytes:
        """Return the 32 bytes that stand for an API key, or for any other text."""
        return self._mac.of(text)


def sign_record(record: PartnerRecord, signer: Signer) -> bytes:
    """Write a record as a signed document."""
    return signer.sign(PARTNER_LABEL, msgspec.json.encode(record))


def open_record(document: bytes, partner: str, verifier: Verifier) -> PartnerRecord:
    """Read the signed record of `partner`; raises `Untrusted`."""
    body = verifier.open(PARTNER_LABEL, document)
    try:
        record = _decoder.decode(body)
        for key in record.api_keys:
            parse_networks(key.networks)
    except (*UNREADABLE, ValueError):
        raise Untrusted("a partner record has a format that this version does not know") from None
    if record.partner != partner:
        raise Untrusted("a partner record belongs to another partner than the one it stands under")
    return record
