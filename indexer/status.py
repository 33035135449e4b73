"""What is in force, for a person to read."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import rich_click as click

from indexer.deployment import STORE_TIMEOUT_MS, list_path, open_list
from indexer.in_force import (
    ApiHost,
    Release,
    api_hosts,
    find_current,
    find_unsettled,
    highest_sequence,
    partner_records,
)
from indexer.keyring import Keyring
from indexer.list_file import ListFile
from indexer.settings import IndexerSettings
from screening.store.connection import open_store
from screening.store.settings import StoreSettings
from screening.vocabulary.errors import StoreUnavailable, Untrusted

_NEWS_S: Final = 5
"""A host speaks twice a second by default: what it said longer ago may no longer hold."""
_NAME_CHARACTERS: Final = 253  # RFC 1035 section 2.3.4, as text


def show_status(settings: IndexerSettings, store_settings: StoreSettings) -> None:
    """Print list, partners and API hosts; changes nothing, but starts an embedded store."""
    keyring = Keyring(settings.home)
    if not list_path(settings).exists():
        click.echo(f"there is no list in {settings.home} yet; publish one, then add a partner")
        return
    list_file = open_list(settings, keyring, read_only=True)
    try:
        with open_store(store_settings, timeout_ms=STORE_TIMEOUT_MS) as store:
            highest = highest_sequence(store.client, keyring.signer.verifier())
            current = _release_in_force(list_file, highest)
            hosts = api_hosts(store.client, current)
        _show_release(list_file, current, highest)
    except (StoreUnavailable, Untrusted):
        click.echo("the store does not say what is in force: this is what the list file has noted")
        _show(list_file, find_current(list_file))
        raise
    finally:
        list_file.close()
    if current is not None:
        _show_hosts(hosts, current)


def _release_in_force(list_file: ListFile, highest: int) -> Release | None:
    """Return what Redis has in force: `highest` is the release that its heads were signed for."""
    begun = find_unsettled(list_file)
    return begun if begun is not None and highest >= begun.release else find_current(list_file)


def _show_release(list_file: ListFile, current: Release | None, highest: int) -> None:
    begun = find_unsettled(list_file)
    _show(list_file, current)
    if begun is not None:
        state = "in force, and not noted yet" if current == begun else "pending, and not in force"
        click.echo(
            f"pending   release {begun.release}, by {begun.command} of {begun.actor}, was "
            f"interrupted: it is {state}; the next command settles it"
        )
    known = current.release if current is not None else 0
    if highest > known or (current is not None and current.plan and highest < known):
        click.echo(
            f"differs   Redis holds release {highest}, this list file {known}; publish again",
        )


def _show(list_file: ListFile, current: Release | None) -> None:
    if current is None:
        click.echo("nothing is in force yet; publish a list, then add a partner")
        return
    if current.revision:
        _show_list(list_file, current)
    else:
        click.echo("list      none is published yet")
    click.echo(
        f"release   {current.release}, by {current.command} of {current.actor}, "
        f"{_age(current.issued_at)} ago"
    )
    for record in partner_records(list_file):
        if list_file.partner_state(record.partner) == "adding":
            click.echo(f"partner   {record.partner} is half added: run its partner add again")
        for key_id in record.key_ids:
            generation = current.plan.get(key_id, "no index yet")
            scopes = ",".join(record.api_keys[0].scopes) if record.api_keys else "no key"
            click.echo(
                f"partner   {record.partner} ({record.mode}, {scopes}) {key_id} {generation}"
            )


def _show_list(list_file: ListFile, current: Release) -> None:
    published = list_file.resolve(current.revision)
    kinds = ", ".join(f"{count} {kind}" for kind, count in list_file.kinds().items())
    click.echo(f"list      {current.revision}: {published} selectors ({kinds or 'none'})")
    click.echo(f"published {_moment(current.published_at)}")
    if expired := list_file.count_expired(current.revision):
        click.echo(f"expired   {expired} selectors since then: they do not match any more")


def _show_hosts(hosts: Sequence[ApiHost], current: Release) -> None:
    for host in hosts:
        state = _loaded(host, current)
        # A host that ended without notice is remembered for a while: what it was is not what it is.
        if time.time() - host.at > _NEWS_S:
            state += f" when last heard of, {_age(host.at)} ago; it may have ended"
        click.echo(f"API host  {_printable(host.name)}: {state}")
    if not hosts:
        click.echo("API host  none is running")


def _loaded(host: ApiHost, current: Release) -> str:
    if host.is_up_to_date:
        return "up to date"
    if host.release < current.release:
        return f"still at release {host.release}"
    return f"at a release {host.release} that is not in force; publish again"


def _printable(name: str) -> str:
    # The API's user wrote it, and a terminal obeys what does not print.
    return "".join(c if c.isprintable() else "?" for c in name[:_NAME_CHARACTERS])


def _moment(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC, {_age(seconds)} ago"


def _age(since: int) -> str:
    seconds = max(0, int(time.time()) - since)
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {name}"
    return f"{seconds} s"
