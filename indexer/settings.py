"""Settings of the indexer: read once from the environment, refused before anything is done."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class IndexerSettings(BaseSettings):
    """Where the indexer keeps its secrets and its list, and what it refuses by itself."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_ignore_empty=True, allow_inf_nan=False
    )

    home: Path = Field(
        default=Path(".screening/indexer"),
        validation_alias="INDEXER_HOME",
        description="Keyring, list and ledger; never on an API host.",
    )
    secrets: Path = Field(
        default=Path(".screening/secrets"),
        validation_alias="SCREENING_SECRETS",
        description="The API's share of the keys, written by `indexer init`; move it to the host.",
    )
    max_shrink_fraction: float = Field(
        default=0.2,
        ge=0,
        le=1,
        validation_alias="INDEXER_MAX_SHRINK_FRACTION",
        description="A list that shrinks by more than this is refused without --allow-shrink.",
    )
    max_overlay_fraction: float = Field(
        default=0.02,
        ge=0,
        le=0.2,
        validation_alias="INDEXER_MAX_OVERLAY_FRACTION",
        description="When more than this part of an index has changed, it is built anew.",
    )
    max_overlay_age_s: float = Field(
        default=86_400,
        ge=0,
        validation_alias="INDEXER_MAX_OVERLAY_AGE_S",
        description="`indexer compact` builds an index anew that is older and has changed since.",
    )
    selectors_per_second: int = Field(
        default=20_000,
        ge=1,
        validation_alias="INDEXER_SELECTORS_PER_SECOND",
        description="The rate that a new partner is given, in selectors.",
    )
    daily_selectors: int = Field(
        default=5_000_000,
        ge=1,
        validation_alias="INDEXER_DAILY_SELECTORS",
        description="The daily cap that a new partner is given, in selectors.",
    )
    attest_wait_s: float = Field(
        default=5.0,
        ge=0,
        validation_alias="INDEXER_ATTEST_WAIT_S",
        description="How long a command waits for the API hosts to say that a release is loaded.",
    )
