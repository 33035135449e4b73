"""Settings of an API host: read once, refused before the port is bound. Secrets are file paths."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

from pydantic import AwareDatetime, Field, ValidationInfo, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from screening.api.watch_settings import WatchSettings
from screening.disclosure.keys import SealingKeys
from screening.ledger.log.notes import NoteRefused, parse_verifier_key
from screening.ledger.log.witnessed import is_witness
from screening.private_files import read_private
from screening.registry.networks import parse_networks
from screening.vocabulary.endpoint import parse_endpoint
from screening.vocabulary.errors import KitRefused, OperatorError
from screening.vocabulary.tokens import pepper_id
from screening.vocabulary.unix_time import DAY_S

_SECRET_BYTES: Final = 32
# RFC 9116, section 2.5.3: a URI, web addresses with https; in ASCII, and nothing that ends a line.
_CONTACT: Final = re.compile(r"(?:mailto:|https://|tel:)[!-~]+")


class ApiSettings(WatchSettings):
    """One frozen object a process; each field is set by the environment variable it names."""

    model_config = SettingsConfigDict(extra="forbid", allow_inf_nan=False)

    secrets: Path = Field(
        default=Path(".screening/secrets"),
        validation_alias="SCREENING_SECRETS",
        description="pepper.key, api-keys.key, verifying.key and disclosure.pub, as `indexer init` "
        "made them.",
    )
    host: str = Field(
        default="127.0.0.1",
        validation_alias="SCREENING_HOST",
        description="Address to listen on; put TLS in front of anything but loopback.",
    )
    port: int = Field(
        default=8080,
        ge=0,
        le=65535,
        validation_alias="SCREENING_PORT",
        description="Port of the API.",
    )
    workers: int = Field(
        default=2,
        ge=1,
        le=64,
        validation_alias="SCREENING_WORKERS",
        description="Worker processes; one for each core.",
    )
    metrics_host: str = Field(
        default="127.0.0.1",
        validation_alias="SCREENING_METRICS_HOST",
        description="Address of the metrics port; never a public one.",
    )
    metrics_port: int = Field(
        default=9090,
        ge=0,
        le=65535,
        validation_alias="SCREENING_METRICS_PORT",
        description="Private port of /metrics.",
    )
    max_sync_age_s: float = Field(
        default=300,
        gt=0,
        validation_alias="SCREENING_MAX_SYNC_AGE_S",
        description="Past this time without a confirmed head, a miss is `503 stale`.",
    )
    max_list_age_s: float = Field(
        default=7 * DAY_S,
        gt=0,
        validation_alias="SCREENING_MAX_LIST_AGE_S",
        description="Past this time since the indexer last signed, a miss is `503 stale`.",
    )
    poll_ms: int = Field(
        default=500,
        ge=50,
        le=5_000,
        validation_alias="SCREENING_POLL_MS",
        description="How often sync asks Redis for new heads.",
    )
    reload_ms: int = Field(
        default=200,
        ge=20,
        le=5_000,
        validation_alias="SCREENING_RELOAD_MS",
        description="How often a worker looks for what sync has laid down.",
    )
    store_timeout_ms: int = Field(
        default=50,
        ge=5,
        le=5_000,
        validation_alias="SCREENING_STORE_TIMEOUT_MS",
        description="Patience of a worker with Redis, where digests are confirmed there.",
    )
    local_digests_mb: int = Field(
        default=2_048,
        ge=0,
        validation_alias="SCREENING_LOCAL_DIGESTS_MB",
        description="A token key's digests are mapped up to this size, else confirmed in Redis.",
    )
    max_in_flight: int = Field(
        default=512,
        ge=1,
        validation_alias="SCREENING_MAX_IN_FLIGHT",
        description="Requests that one worker works on at a time, and half as many of one partner; "
        "more are `503 overloaded`, but for the first of a partner.",
    )
    unknown_keys_per_second: int = Field(
        default=500,
        ge=1,
        validation_alias="SCREENING_UNKNOWN_KEYS_PER_SECOND",
        description="Requests with an API key that is not accepted which one worker refuses in a "
        "second; more wait for that.",
    )
    journal_queue: int = Field(
        default=4_096,
        ge=1,
        validation_alias="SCREENING_JOURNAL_QUEUE",
        description="Records that may wait for the disk; more are `503 overloaded`.",
    )
    expected_selectors_a_day: int = Field(
        default=50_000_000,
        ge=0,
        validation_alias="SCREENING_EXPECTED_SELECTORS_A_DAY",
        description="Different selectors that all partners together ask in a day (UTC) at most; "
        "more raise the alarm `deployment_budget`.",
    )
    expected_matches_in_30_days: int = Field(
        default=10_000,
        ge=0,
        validation_alias="SCREENING_EXPECTED_MATCHES_IN_30_DAYS",
        description="Different matches of all partners together within 30 days at most; more raise "
        "the same alarm.",
    )
    witness_key: str | None = Field(
        default=None,
        validation_alias="SCREENING_WITNESS_KEY",
        description="Whose countersignature of the log is believed: `screening witness key`.",
    )
    # Behind the key, which it cannot be without.
    witness_url: str | None = Field(
        default=None,
        validation_alias="SCREENING_WITNESS_URL",
        description="Address of the witness that countersigns the log; https, or of loopback.",
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        validation_alias="SCREENING_TRUSTED_PROXIES",
        description="Addresses or networks of the proxies in front, spaces between them, whose "
        "`X-Forwarded-For` says where a request comes from; nobody's does unless set.",
    )
    security_expires: AwareDatetime | None = Field(
        default=None,
        validation_alias="SCREENING_SECURITY_EXPIRES",
        description="Until when the contact holds, such as 2027-06-30T00:00:00Z, which should be "
        "less than a year ahead (RFC 9116); past it, `/.well-known/security.txt` is a 404 again.",
    )
    # Behind the date, which it cannot be without.
    security_contact: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        validation_alias="SCREENING_SECURITY_CONTACT",
        description="Whom to tell of a hole: mailto:, https: or tel: addresses with spaces between "
        "them, the preferred one first; without one, the file is a 404.",
    )

    @field_validator("witness_key")
    @classmethod
    def _refuse_other_keys(cls, key: str | None) -> str | None:
        try:
            is_one = key is None or is_witness(parse_verifier_key(key))
        except NoteRefused:
            is_one = False
        if not is_one:
            raise ValueError("give the whole line that `screening witness key` prints")
        return key

    @field_validator("witness_url")
    @classmethod
    def _refuse_unusable_witnesses(cls, url: str | None, others: ValidationInfo) -> str | None:
        if url is None:
            return None
        if others.data.get("witness_key", url) is None:
            raise ValueError("set SCREENING_WITNESS_KEY, too")
        try:
            return parse_endpoint(url).base
        except KitRefused:
            raise ValueError(
                "give an address such as https://witness.example, or http:// of loopback, without "
                "log-in, ? or #"
            ) from None

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _part_proxies(cls, given: object) -> object:
        return tuple(given.split()) if isinstance(given, str) else given

    @field_validator("trusted_proxies")
    @classmethod
    def _refuse_other_networks(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        try:
            parse_networks(proxies)
        except ValueError:
            raise ValueError(
                "write addresses or networks such as 192.0.2.7 10.0.0.0/8, with spaces between them"
            ) from None
        return proxies

    @field_validator("security_expires")
    @classmethod
    def _in_utc(cls, expires: datetime | None) -> datetime | None:
        try:
            return expires and expires.astimezone(UTC)
        except OverflowError:
            raise ValueError("the year must be one to come soon") from None

    @field_validator("security_contact", mode="before")
    @classmethod
    def _part_contacts(cls, given: object) -> object:
        return tuple(given.split()) if isinstance(given, str) else given

    @field_validator("security_contact")
    @classmethod
    def _refuse_unusable_contacts(
        cls, contacts: tuple[str, ...], others: ValidationInfo
    ) -> tuple[str, ...]:
        if not all(_CONTACT.fullmatch(contact) for contact in contacts):
            raise ValueError("write mailto:, https: or tel: addresses, with spaces between them")
        if contacts and others.data.get("security_expires", contacts) is None:
            raise ValueError("set the time until which it holds, too")
        return contacts


class ApiSecrets:
    """The API's share of the keys; its `repr` shows none."""

    def __init__(self, folder: Path) -> None:
        """Read the folder; raises `OperatorError` where a key is absent, damaged or exposed."""
        self._folder = folder
        self._peppers = {pepper_id(pepper): pepper for pepper in [_secret(folder / "pepper.key")]}
        self.api_keys_key = _secret(folder / "api-keys.key")
        self.verifying_key = _secret(folder / "verifying.key")
        self.sealing_keys = SealingKeys(folder)

    def __repr__(self) -> str:
        return "ApiSecrets(...)"

    def find_pepper(self, name: str) -> bytes | None:
        """Return the pepper of this `pepper_id`, None where the host was not given it.

        While the pepper is rotated there are two, and the second may come at any time: the folder
        is looked into again for one that is not known.
        """
        if name not in self._peppers:
            self.pepper_ids()
        return self._peppers.get(name)

    def pepper_ids(self) -> list[str]:
        """Return the `pepper_id` of each pepper that lies in the folder now."""
        ids = []
        for path in sorted(self._folder.glob("pepper*.key")):
            try:
                pepper = _secret(path)
            except OperatorError:  # half copied, perhaps
                continue
            ids.append(pepper_id(pepper))
            self._peppers[ids[-1]] = pepper
        return ids

    def pepper_in_place(self) -> str:
        """Return the `pepper_id` of what `pepper.key` holds now, empty where it cannot be read."""
        try:
            return pepper_id(_secret(self._folder / "pepper.key"))
        except OperatorError:
            return ""


def is_expired(expires: datetime | None, now: float) -> bool:
    """Tell whether `SCREENING_SECURITY_EXPIRES` has passed; `now` in Unix seconds."""
    return expires is not None and expires.timestamp() <= now


def _secret(path: Path) -> bytes:
    if not path.exists():
        raise OperatorError(
            f"{path} is missing; run `indexer init` and bring its secrets folder to this host"
        )
    content = read_private(path)
    if len(content) != _SECRET_BYTES:
        raise OperatorError(f"{path} is damaged; bring it again from the indexer")
    return content
