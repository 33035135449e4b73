"""Where the operator has notices sent: a file for each partner, in a folder that only we can enter.

The first line is the address, and each other one a `whsec_` secret, as in the file of alerts.
"""

import re
from pathlib import Path
from typing import Final, NamedTuple

from screening.api.alerts.signature import WebhookSecrets, parse_secrets
from screening.private_files import ensure_private_directory, read_private
from screening.vocabulary.endpoint import parse_endpoint
from screening.vocabulary.errors import KitRefused, OperatorError
from screening.vocabulary.kit import PARTNER_PATTERN

_PARTNER: Final = re.compile(PARTNER_PATTERN)


class PartnerWebhook(NamedTuple):
    """A partner's receiver."""

    url: str
    secrets: WebhookSecrets


def partners_with_webhooks(folder: Path) -> list[str]:
    """Return whom notices are sent to, by the names of the files; raises `OperatorError`."""
    if not folder.is_dir():
        raise OperatorError(f"{folder} is no folder; make it, or unset SCREENING_PARTNER_WEBHOOKS")
    names = sorted(path.name for path in ensure_private_directory(folder).iterdir())
    return [name for name in names if _PARTNER.fullmatch(name)]


def read_webhook(folder: Path, partner: str) -> PartnerWebhook:
    """Read the file of a partner; raises `OperatorError`, which shows neither line."""
    path = folder / partner
    address, *secrets = read_private(path).split() or [b""]
    url = address.decode("ascii", "replace")
    try:
        parse_endpoint(url)  # which would take a slash from its end
    except KitRefused:
        raise OperatorError(
            f"{path} must begin with an address such as https://hooks.example/in, or http:// of "
            "loopback, without log-in, ? or #"
        ) from None
    return PartnerWebhook(url, parse_secrets(secrets, path))


def require_webhooks(folder: Path) -> None:
    """Raise `OperatorError` where a file of the folder cannot be used."""
    for partner in partners_with_webhooks(folder):
        read_webhook(folder, partner)
