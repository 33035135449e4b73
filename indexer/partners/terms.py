"""What new keys were given with: the same command run again changes none of it, and says so."""

from typing import TYPE_CHECKING

from indexer.deployment import Deployment
from indexer.partners.overlaps import Rotation
from screening.private_files import read_private
from screening.registry.record import PartnerRecord
from screening.vocabulary.errors import KitRefused, NotPossible, OperatorError
from screening.vocabulary.kit import Kit, parse_kit
from screening.vocabulary.tokens import STRETCH_PROFILES

if TYPE_CHECKING:
    from indexer.partners.rotate import NewKeys


def refuse_other_terms(
    deployment: Deployment, rotation: Rotation, record: PartnerRecord, wanted: "NewKeys"
) -> None:
    """Raise `NotPossible` where new keys that were given have other terms than are wanted now.

    The API's address stands in their kit alone: once that was handed over, nobody here knows it.
    """
    given = next((one.scopes for one in record.api_keys if one.id == rotation.api_key), None)
    stretch = deployment.keyring.token_key(rotation.key_id).stretch
    kit = _find_kit(rotation, wanted)
    is_other = {
        "--scopes": None not in (given, wanted.scopes)
        and set(given or ()) != set(wanted.scopes or ()),
        "--stretch": wanted.profile is not None and stretch != STRETCH_PROFILES[wanted.profile],
        "--api-url": kit is not None and kit.api_url != wanted.api_url,
    }
    others = [option for option, differs in is_other.items() if differs]
    if others:
        raise NotPossible(
            f"{wanted.name} was given new keys already, with another {' and '.join(others)}, and "
            "nothing is changed; give it as it was then, or end the old keys (--overlap-days 0, "
            "and indexer compact) and rotate again"
        )


def _find_kit(rotation: Rotation, wanted: "NewKeys") -> Kit | None:
    """Return the kit of the new keys, where it lies still at the place that is named."""
    try:
        kit = parse_kit(read_private(wanted.kit)) if wanted.kit.exists() else None
    except (KitRefused, OperatorError):
        return None
    return kit if kit is not None and kit.parsed_api_key().id == rotation.api_key else None
