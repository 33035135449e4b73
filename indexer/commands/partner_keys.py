"""`indexer partner key`: a partner's API keys, on which terms they are given, and their end."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import rich_click as click

from indexer.commands.key_wording import (
    PENDING,
    last_key_is_old,
    old_keys_beside_new,
    rotation_broken_off,
    terms_in_words,
    use_in_words,
)
from indexer.commands.session import recovered_deployment, say, say_where_in_force
from indexer.commands.wording import scopes_of
from screening.given_values import MOMENT
from screening.vocabulary.limits import MOST_SELECTORS
from screening.vocabulary.unix_time import DAY_S

if TYPE_CHECKING:
    from indexer.deployment import Deployment
    from indexer.partners.revoke import Revoked

OVERLAP_DAYS: Final = 30
"""For how long an old kit stays valid beside a new one, unless it is said."""

_COUNT: Final = click.IntRange(1, MOST_SELECTORS)
_UNTIL: Final = "UTC, and not itself any more; a day, or 2026-11-26T14:30:00Z."
_NETWORKS: Final = "Where it may be used from, such as 192.0.2.0/24,2001:db8::/48."


@click.group("key")
def partner_key() -> None:
    """List a partner's API keys, give a second one, and end or limit one."""


@partner_key.command("list")
@click.argument("name")
def key_list(*, name: str) -> None:
    """Show a partner's API keys: what each may do and is for, and when it was last used.

    Example: indexer partner key list acme
    """
    from indexer.key_uses import last_uses
    from indexer.list.partners import require_record
    from indexer.partners.listed_keys import listed_keys

    with recovered_deployment() as deployment:
        record = require_record(deployment.list_file, name)
        listed = listed_keys(deployment, record)
        uses = last_uses(deployment.store, [key.id for key, *_ in listed])
        for key, pending, is_given in listed:
            told = [terms_in_words(key, deployment.now()), use_in_words(uses[key.id])]
            if pending is not None:
                told.append(PENDING[pending])
            if not is_given:
                told.append("of a rotation that was broken off: run its partner rotate again")
            say(f"{key.id}  {'; '.join(told)}")
        if not record.api_keys:
            say(f"{name} has no API key; indexer partner key add gives it one")


@partner_key.command("add")
@click.argument("name")
@click.option("--kit", required=True, type=click.Path(path_type=Path), help="File to write.")
@click.option("--api-url", required=True, help="Where the partner asks, such as https://...")
@click.option("--scopes", help="check, or check,bulk; those of the other key unless set.")
@click.option("--expires", type=MOMENT, help=f"Until when; {_UNTIL}")
@click.option("--purpose", help="What it is for, in a line; kept and shown.")
@click.option("--networks", help=f"{_NETWORKS} Anywhere unless set.")
@click.option("--per-second", type=_COUNT, help="Its own rate of selectors, beside the partner's.")
@click.option("--burst", type=_COUNT, help="Selectors at once beyond that; a second's unless set.")
def key_add(  # noqa: PLR0913 - one parameter for each option
    *,
    name: str,
    kit: Path,
    api_url: str,
    scopes: str | None,
    expires: datetime | None,
    purpose: str | None,
    networks: str | None,
    per_second: int | None,
    burst: int | None,
) -> None:
    """Give a partner a second API key, in a kit with the token key that it has.

    The kit is written once: hand it over in a safe way. Two keys may be live at a time.

    \b
    Example:
      indexer partner key add acme --kit acme-2.kit.json --api-url https://screening.example \\
        --purpose "nightly bulk" --expires 2027-06-30 --networks 192.0.2.0/24
    """
    from indexer.partners.api_keys import KeyTerms, NewKey, add_key

    terms = KeyTerms(
        scopes=None if scopes is None else scopes_of(scopes),
        expires_at=None if expires is None else int(expires.timestamp()),
        purpose=_purpose_of(purpose),
        networks=_networks_of(networks),
        selectors_per_second=per_second,
        burst_selectors=burst,
    )
    with recovered_deployment() as deployment:
        new = NewKey(name, kit, api_url, terms, OVERLAP_DAYS * DAY_S)
        key, old_until = add_key(deployment, new)
        say(f"{name} has the API key {key.id} in {kit}: {terms_in_words(key, deployment.now())}")
        if old_until is not None:
            say(old_keys_beside_new(name, old_until))
        say_where_in_force(deployment)


@partner_key.command("revoke")
@click.argument("name")
@click.argument("key_id")
def key_revoke(*, name: str, key_id: str) -> None:
    """Accept an API key no more, within seconds on every host; for good.

    Example: indexer partner key revoke acme abcdefghijkl
    """
    from indexer.partners.revoke import revoke_key

    with recovered_deployment() as deployment:
        revoked = revoke_key(deployment, name, key_id)
        say(_told(name, key_id, is_known=revoked.is_known) + f"; {_left(revoked)}")
        if revoked.is_broken_off:
            say(rotation_broken_off(name))
        elif revoked.is_old_last:
            say(last_key_is_old(name))
        say_where_in_force(deployment)


@partner_key.command("expire")
@click.argument("name")
@click.argument("key_id")
@click.option("--at", type=MOMENT, help=f"Until when; {_UNTIL}")
@click.option("--never", is_flag=True, help="It ends when it is revoked only.")
def key_expire(*, name: str, key_id: str, at: datetime | None, never: bool) -> None:
    """Say until when an API key is accepted.

    Example: indexer partner key expire acme abcdefghijkl --at 2027-06-30
    """
    from indexer.partners.api_keys import refuse_past

    if (at is None) != never:
        raise click.UsageError("give either --at or --never")
    expires_at = None if at is None else int(at.timestamp())
    with recovered_deployment() as deployment:
        if expires_at is not None:
            refuse_past(deployment, expires_at)
        _change(deployment, (name, key_id), "expire", expires_at=expires_at)


@partner_key.command("limit")
@click.argument("name")
@click.argument("key_id")
@click.option("--per-second", type=_COUNT, help="Selectors a second in the long run.")
@click.option("--burst", type=_COUNT, help="Selectors at once beyond that; a second's unless set.")
@click.option("--unlimited", is_flag=True, help="No rate but the partner's.")
def key_limit(
    *, name: str, key_id: str, per_second: int | None, burst: int | None, unlimited: bool
) -> None:
    """Give an API key a rate of its own; the partner's holds for all its keys together.

    Example: indexer partner key limit acme abcdefghijkl --per-second 200
    """
    if (per_second is None) != unlimited:
        raise click.UsageError("give either --per-second or --unlimited")
    if unlimited and burst is not None:
        raise click.UsageError("a burst is one of a rate; leave it away beside --unlimited")
    with recovered_deployment() as deployment:
        limits = {"selectors_per_second": per_second, "burst_selectors": burst}
        _change(deployment, (name, key_id), "limit", **limits)


@partner_key.command("allow")
@click.argument("name")
@click.argument("key_id")
@click.option("--networks", help=_NETWORKS)
@click.option("--anywhere", is_flag=True, help="From any address.")
def key_allow(*, name: str, key_id: str, networks: str | None, anywhere: bool) -> None:
    """Say where an API key may be used from; elsewhere it is answered as if it were unknown.

    Behind a proxy, set SCREENING_TRUSTED_PROXIES on every API host first.

    Example: indexer partner key allow acme abcdefghijkl --networks 192.0.2.0/24
    """
    from indexer.partners.api_keys import refuse_networks

    if (networks is None) != anywhere:
        raise click.UsageError("give either --networks or --anywhere")
    wanted = _networks_of(networks)
    refuse_networks(wanted)
    with recovered_deployment() as deployment:
        _change(deployment, (name, key_id), "allow", networks=wanted)


@partner_key.command("bind")
@click.argument("name")
@click.argument("key_id")
@click.option(
    "--certificate",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The client's certificate in PEM, without its private key.",
)
@click.option("--without", is_flag=True, help="It needs no certificate.")
def key_bind(*, name: str, key_id: str, certificate: Path | None, without: bool) -> None:
    """Accept an API key only with a certificate of the client's in TLS, renewed by this command.

    The proxy that ends TLS has to ask for it and pass it on (RFC 9440, Client-Cert); set
    SCREENING_TRUSTED_PROXIES on every API host first.

    Example: indexer partner key bind acme abcdefghijkl --certificate acme.crt.pem
    """
    from indexer.partners.certificates import certificate_sha256

    if (certificate is None) != without:
        raise click.UsageError("give either --certificate or --without")
    sha256 = None if certificate is None else certificate_sha256(certificate)
    with recovered_deployment() as deployment:
        _change(deployment, (name, key_id), "bind", certificate_sha256=sha256)


def _change(deployment: "Deployment", key: tuple[str, str], command: str, **terms: object) -> None:
    """Change terms of a key, named by its partner and its id, and say what holds now."""
    from indexer.partners.api_keys import change_key

    name, key_id = key
    changed = change_key(
        deployment,
        name,
        key_id,
        command=f"partner key {command}",
        change=lambda one: msgspec.structs.replace(one, **terms),
    )
    say(f"{key_id} of {name}: {terms_in_words(changed, deployment.now())}")
    say_where_in_force(deployment)


def _networks_of(text: str | None) -> list[str]:
    """Read networks, none where none are given: a variable that a script has not set is no leave.

    Raises `click.UsageError` where the text names none.
    """
    if text is None:
        return []
    networks = [one for one in (part.strip() for part in text.split(",")) if one]
    if not networks:
        raise click.UsageError(
            "--networks names none, and a key without networks works from anywhere: write them as "
            "192.0.2.0/24,2001:db8::/48, or leave the option away"
        )
    return networks


def _purpose_of(text: str | None) -> str:
    if text is not None and not text.strip():
        raise click.UsageError(
            "--purpose says nothing: write what the key is for, or leave it away"
        )
    return (text or "").strip()


def _told(name: str, key_id: str, *, is_known: bool) -> str:
    if is_known:
        return f"{key_id} of {name} is accepted no more"
    # Not "no such key": hosts may have had it, from a store that was emptied since.
    return f"no {key_id} is noted of {name}: only what its key list shows is accepted from now on"


def _left(revoked: "Revoked") -> str:
    if revoked.left:
        return f"it has {revoked.left} live key{'s' if revoked.left > 1 else ''} left"
    if revoked.is_broken_off:
        return "it has no live key any more"
    return "it has no live key any more: indexer partner key add gives it one"
