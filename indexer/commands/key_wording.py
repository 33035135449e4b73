"""How commands word an API key: its terms, and when it was last used."""

from typing import TYPE_CHECKING, Final

from indexer.commands.wording import day, moment, rate_in_words

if TYPE_CHECKING:
    from indexer.partners.rotate import Rotated
    from indexer.status_document import ApiKeyStatus, PartnerStatus
    from screening.registry.record import ApiKeyRecord

_BY_THE_NEXT: Final = "the next command that succeeds, such as indexer compact"
PENDING: Final = {
    "end": f"ended, and still accepted until {_BY_THE_NEXT}",
    "start": f"not accepted before {_BY_THE_NEXT}",
    "terms": f"under other terms until {_BY_THE_NEXT}",
}
"""What of a key is not in force yet."""


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
        told.append(rate_in_words(key.selectors_per_second, key.burst_selectors))
    return "; ".join(told)


def last_key_is_old(name: str) -> str:
    """Return why the old keys of a partner stay, whose new API key is accepted no more."""
    return (
        f"the old keys of {name} stay valid, because the new API key is accepted no more and the "
        f"old one is its last: give it other keys by indexer partner rotate {name} --kit "
        "NEW.kit.json --api-url URL, or end the old one, too, by indexer partner key revoke "
        f"{name} KEY_ID"
    )


def end_of_old_keys(rotated: "Rotated", now: int) -> str:
    """Return until when what is left of old keys is valid beside those that were given."""
    which, them = "its old keys are", "them"
    if not rotated.has_old_api_key:
        which, them = "of its old keys the token key alone is", "it"
    if rotated.retire_at > now:
        return (
            f"{which} valid until {moment(rotated.retire_at)}; indexer compact retires "
            f"{them} after that, once every API host answers for the new ones"
        )
    return (
        f"{which} accepted until indexer compact retires {them}: run it as soon as the "
        "partner uses the new kit"
    )


def old_keys_beside_new(name: str, until: int) -> str:
    """Return until when old keys stay valid of whom a key was given in the place of the last."""
    return (
        f"the old keys of {name}, whose API key was its last, now stay valid until "
        f"{moment(until)}: indexer partner rotate {name} with fewer --overlap-days ends that sooner"
    )


def rotation_broken_off(name: str) -> str:
    """Return what becomes of the new keys of a partner that were not given."""
    return (
        f"a rotation of {name} was broken off, and until its end no key is retired or added: run "
        "its partner rotate again"
    )


def old_keys_in_words(partner: "PartnerStatus") -> str | None:
    """Return what becomes of the old keys of a partner, None where it has none."""
    if partner.is_rotation_broken_off:
        return rotation_broken_off(partner.name)
    if partner.old_keys_until is None:
        return None
    if partner.old_key_is_last:
        return last_key_is_old(partner.name)
    return (
        f"{partner.name} has new keys; the old ones are retired by indexer compact after "
        f"{day(partner.old_keys_until)}"
    )


def use_in_words(at: int | None) -> str:
    """Return when a key was last used: `at` is the minute of that (Unix seconds)."""
    if at is None:
        return "no use known (none in 400 days, or Redis was emptied since)"
    return f"last used {moment(at)[:-7]} UTC"
