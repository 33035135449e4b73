"""Settings of what is watched for, and of who is told."""

from pathlib import Path
from typing import Final

from pydantic import Field, ValidationInfo, field_validator

from screening.api.watching.baseline import Terms
from screening.store.settings import HomeSettings
from screening.vocabulary.endpoint import parse_endpoint
from screening.vocabulary.errors import KitRefused

_USUAL: Final = Terms()


class WatchSettings(HomeSettings):
    """The part of `ApiSettings` that is about searches of the list, and about webhooks."""

    webhook_secret_file: Path | None = Field(
        default=None,
        validation_alias="SCREENING_WEBHOOK_SECRET_FILE",
        description="File with the whsec_ secret that webhooks are signed with, mode 0600.",
    )
    # Behind the file, which it cannot be without.
    webhook_url: str | None = Field(
        default=None,
        validation_alias="SCREENING_WEBHOOK_URL",
        description="Where alerts are sent; https, or of loopback.",
    )
    partner_webhooks: Path | None = Field(
        default=None,
        validation_alias="SCREENING_PARTNER_WEBHOOKS",
        description="Folder with a file for each partner that notices are sent to, mode 0700.",
    )
    deviation_hit_rate_times: float = Field(
        default=_USUAL.hit_rate_times,
        gt=1,
        validation_alias="SCREENING_DEVIATION_HIT_RATE_TIMES",
        description="A partner's hit rate of a day deviates past so many times its usual one.",
    )
    deviation_least_matches: int = Field(
        default=_USUAL.least_matches,
        ge=1,
        validation_alias="SCREENING_DEVIATION_LEAST_MATCHES",
        description="No hit rate is looked at before so many matches of a day.",
    )
    deviation_volume_times: float = Field(
        default=_USUAL.volume_times,
        gt=1,
        validation_alias="SCREENING_DEVIATION_VOLUME_TIMES",
        description="A partner's selectors of a day deviate past so many times the usual number.",
    )
    deviation_least_selectors: int = Field(
        default=_USUAL.least_selectors,
        ge=1,
        validation_alias="SCREENING_DEVIATION_LEAST_SELECTORS",
        description="No volume is looked at before so many selectors of a day.",
    )

    @field_validator("webhook_url")
    @classmethod
    def _refuse_unusable_webhooks(cls, url: str | None, others: ValidationInfo) -> str | None:
        if url is None:
            return None
        if others.data.get("webhook_secret_file", url) is None:
            raise ValueError("set SCREENING_WEBHOOK_SECRET_FILE, too")
        try:
            parse_endpoint(url)  # which would take a slash from its end
        except KitRefused:
            raise ValueError(
                "give an address such as https://alerts.example/in, or http:// of loopback, "
                "without log-in, ? or #"
            ) from None
        return url

    def deviations(self) -> Terms:
        """Return what is called a deviation here."""
        return Terms(
            self.deviation_hit_rate_times,
            self.deviation_least_matches,
            self.deviation_volume_times,
            self.deviation_least_selectors,
        )
