"""Settings of the authorised channel: read once from the environment, refused before it serves."""

import re
from pathlib import Path
from typing import Final

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from screening.vocabulary.unix_time import DAY_S

_MAX_S: Final = DAY_S
_ORIGIN: Final = re.compile(
    r"https://(?P<host>[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?P<port>(:[0-9]{1,5})?)/?"
)
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


class IntelligenceSettings(BaseSettings):
    """Where the channel keeps what it knows, and how long people stay signed in."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_ignore_empty=True, allow_inf_nan=False
    )

    home: Path = Field(
        default=Path(".screening/intelligence"),
        validation_alias="INTELLIGENCE_HOME",
        description="Key-encryption keys, ledger and, unless another is named, the database.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        validation_alias="INTELLIGENCE_DATABASE_URL",
        description="A PostgreSQL database, postgresql+psycopg://...; unless set, an SQLite file "
        "in the home.",
    )
    spool: Path = Field(
        default=Path(".screening/spool"),
        validation_alias="INTELLIGENCE_SPOOL",
        description="The folders `down`, which the console writes, and `up`, which it reads.",
    )
    disclosure_keys: Path | None = Field(
        default=None,
        validation_alias="INTELLIGENCE_DISCLOSURE_KEYS",
        description="Private halves of disclosure keys, a folder of *.key files; unless set, "
        "matches stay sealed.",
    )
    host: str = Field(
        default="127.0.0.1",
        validation_alias="INTELLIGENCE_HOST",
        description="Address to listen on.",
    )
    port: int = Field(
        default=8070,
        ge=0,
        le=65_535,
        validation_alias="INTELLIGENCE_PORT",
        description="Port to listen on, 0 for any.",
    )
    public_url: str | None = Field(
        default=None,
        validation_alias="INTELLIGENCE_PUBLIC_URL",
        description="What stands in a browser's address bar, https://console.example; needed where "
        "the console is reached from other hosts.",
    )
    trusted_proxies: str = Field(
        default="",
        validation_alias="INTELLIGENCE_TRUSTED_PROXIES",
        description="Addresses, separated by commas, whose X-Forwarded-For is believed.",
    )
    idle_s: int = Field(
        default=900,
        ge=60,
        le=_MAX_S,
        validation_alias="INTELLIGENCE_IDLE_S",
        description="Whoever does nothing for so long has to sign in again.",
    )
    session_s: int = Field(
        default=36_000,
        ge=60,
        le=_MAX_S,
        validation_alias="INTELLIGENCE_SESSION_S",
        description="Whoever signed in so long ago has to sign in again, whatever they do.",
    )

    guard_share_percent: int = Field(
        default=5,
        ge=0,
        le=100,
        validation_alias="INTELLIGENCE_GUARD_SHARE_PERCENT",
        description="A change that adds, or takes off, a larger share of the list is more than "
        "usual: its approver has to type how much it is.",
    )
    guard_fewest: int = Field(
        default=20,
        ge=0,
        validation_alias="INTELLIGENCE_GUARD_FEWEST",
        description="So many are never too large a share.",
    )
    guard_per_day: int = Field(
        default=100,
        ge=1,
        validation_alias="INTELLIGENCE_GUARD_PER_DAY",
        description="Whoever adds, or takes off, more within 24 hours does more than usual; what "
        "they take off then needs an approver.",
    )

    upload_rows_per_day: int = Field(
        default=50_000,
        ge=1,
        validation_alias="INTELLIGENCE_UPLOAD_ROWS_PER_DAY",
        description="One person may have no more rows of files held against the list within 24 "
        "hours.",
    )

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and not url.get_secret_value().startswith("postgresql+psycopg://"):
            raise ValueError("it must begin with postgresql+psycopg://")
        return url

    @field_validator("public_url")
    @classmethod
    def _is_origin(cls, url: str | None) -> str | None:
        if url is None:
            return None
        found = _ORIGIN.fullmatch(url.lower())
        if found is None:
            raise ValueError("it must be https:// and a host, in ASCII and without a path")
        # As browsers say it: without the port that https has anyhow.
        return f"https://{found['host']}" + (found["port"] if found["port"] != ":443" else "")

    def is_loopback(self) -> bool:
        """Tell whether only this host can reach the console."""
        return self.host in _LOOPBACK

    @property
    def ledger(self) -> Path:
        """Where what happens is on record."""
        return self.home / "ledger"

    def sqlalchemy_url(self) -> str:
        """Return the database's address, which may hold a password."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.sqlite_file}"

    @property
    def sqlite_file(self) -> Path:
        """Where the database is, unless another is named."""
        return self.home.resolve() / "intelligence.sqlite"
