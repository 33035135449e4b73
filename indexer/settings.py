"""Settings of the indexer: read once from the environment, refused before anything is done."""

import os
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from screening.exclusions.defaults import DEFAULT_CATEGORIES
from screening.exclusions.rules import Category
from screening.registry.record import DEFAULT_MATCHES_PER_30_DAYS
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.limits import MOST_SELECTORS
from screening.vocabulary.selector import SelectorKind
from screening.vocabulary.unix_time import DAY_S

_MAX_DAYS: Final = 36_500


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
    disclosure: Path = Field(
        default=Path(".screening/disclosure"),
        validation_alias="DISCLOSURE_HOME",
        description="The private halves of disclosure keys, written by `indexer init`; move them "
        "to the host of the authorised channel.",
    )
    spool: Path = Field(
        default=Path(".screening/spool"),
        validation_alias="INDEXER_SPOOL",
        description="The folders `down`, which the console writes, and `up`, which it reads.",
    )
    production: bool = Field(
        default=False,
        validation_alias="INDEXER_PRODUCTION",
        description="Whether the list and the partners change by the console's exports alone.",
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
        default=DAY_S,
        ge=0,
        validation_alias="INDEXER_MAX_OVERLAY_AGE_S",
        description="`indexer compact` builds an index anew that is older and has changed since.",
    )
    phone_lifetime_days: int = Field(
        default=180,
        ge=1,
        le=_MAX_DAYS,
        validation_alias="INDEXER_PHONE_LIFETIME_DAYS",
        description="A phone without expires_at is listed for so long since it was last seen: "
        "numbers are given to new people.",
    )
    card_lifetime_days: int = Field(
        default=3 * 365,
        ge=1,
        le=_MAX_DAYS,
        validation_alias="INDEXER_CARD_LIFETIME_DAYS",
        description="The same for a card; give its own expiry as expires_at where it is known.",
    )
    email_lifetime_days: int = Field(
        default=2 * 365,
        ge=1,
        le=_MAX_DAYS,
        validation_alias="INDEXER_EMAIL_LIFETIME_DAYS",
        description="The same for an e-mail address.",
    )
    excluded_categories: Annotated[frozenset[Category], NoDecode] = Field(
        default=DEFAULT_CATEGORIES,
        validation_alias="INDEXER_EXCLUDED_CATEGORIES",
        description="Which of the safety lists that come with the indexer hold, separated by "
        "commas; add `test` where no test number is ever listed.",
    )
    selectors_per_second: int = Field(
        default=20_000,
        ge=1,
        le=MOST_SELECTORS,
        validation_alias="INDEXER_SELECTORS_PER_SECOND",
        description="The rate that a new partner is given, in selectors.",
    )
    daily_selectors: int = Field(
        default=5_000_000,
        ge=1,
        le=MOST_SELECTORS,
        validation_alias="INDEXER_DAILY_SELECTORS",
        description="How many different selectors a day (UTC) a new partner may ask.",
    )
    matches_per_30_days: int = Field(
        default=DEFAULT_MATCHES_PER_30_DAYS,
        ge=1,
        le=MOST_SELECTORS,
        validation_alias="INDEXER_MATCHES_PER_30_DAYS",
        description="How many different matches in 30 days a new partner may find; then it is held "
        "until `indexer partner lift`.",
    )
    metrics_file: Path | None = Field(
        default=None,
        validation_alias="INDEXER_METRICS_FILE",
        description="A file for node_exporter's textfile collector, such as "
        "/var/lib/node_exporter/indexer.prom; every command that changes something writes it anew.",
    )
    attest_wait_s: float = Field(
        default=5.0,
        ge=0,
        validation_alias="INDEXER_ATTEST_WAIT_S",
        description="How long a command waits for the API hosts to say that a release is loaded.",
    )

    @field_validator("excluded_categories", mode="before")
    @classmethod
    def _part_at_commas(cls, value: object) -> object:
        return [part.strip() for part in value.split(",")] if isinstance(value, str) else value

    def refuse_own_folders(self, path: Path) -> None:
        """Raise `OperatorError` where a file would lie in the home, or in a folder that is moved.

        A home is lost as a whole, and a key in it could be overwritten; the API's share is given to
        every API host, and the private halves of disclosure keys go to the authorised channel.
        """
        real = Path(os.path.realpath(path))
        for folder in (self.home, self.secrets, self.disclosure):
            if real.is_relative_to(os.path.realpath(folder)):
                raise OperatorError(
                    f"a file in {folder} would be lost with it, or given to other hosts; choose "
                    "another folder"
                )

    def lifetimes(self) -> dict[str, int | None]:
        """Return for how many seconds each kind is listed since it was last seen."""
        days = {
            SelectorKind.PHONE: self.phone_lifetime_days,
            SelectorKind.CARD: self.card_lifetime_days,
            SelectorKind.EMAIL: self.email_lifetime_days,
        }
        return {kind.value: number * DAY_S for kind, number in days.items()}
