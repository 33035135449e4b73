"""How commands word an API key: its terms, and when it was last used."""

from typing import TYPE_CHECKING

from indexer.commands.wording import moment

if TYPE_CHECKING:
    from indexer.status_document import ApiKeyStatus
    from screening.registry.record import ApiKeyRecord


def terms_in_words(key: "ApiKeyRecord | ApiKeyStatus", now: int) -> str:
    """Return the terms of a key, as a person reads them."""
    told = [",".join(key.scopes)]
    if key.purpose:
        told.append(f"for {key.purpose}")
    if key.expires_at is not None:
        told.append(f"{'until' if now < key.expires_at else 'expired'} {moment(key.expires_at)}")
    if key.networks:
        told.append(f"from {', '.join(key.networks)} alone")
    if key.certificate_sha256 is not None:
        told.append(f"with the certificate {key.certificate_sha256[:8].hex()} alone")
    if key.selectors_per_second is not None:
        burst = key.burst_selectors or key.selectors_per_second
        told.append(f"{key.selectors_per_second:,} selectors a second, {burst:,} at once")
    return "; ".join(told)


def use_in_words(at: int | None) -> str:
    """Return when a key was last used: `at` is the minute of that (Unix seconds)."""
    if at is None:
        return "no use known (none in 400 days, or Redis was emptied since)"
    return f"last used {moment(at)[:-7]} UTC"
