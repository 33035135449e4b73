"""What is in force, for a person to read."""

import time
from datetime import UTC, datetime

import rich_click as click

from indexer.deployment import STORE_TIMEOUT_MS, open_list
from indexer.keyring import Keyring
from indexer.releases import attested_releases, find_current, partner_records
from indexer.settings import IndexerSettings
from screening.store.connection import open_store
from screening.store.settings import StoreSettings


def show_status(settings: IndexerSettings, store_settings: StoreSettings) -> None:
    """Print list, partners and API hosts; changes nothing."""
    keyring = Keyring(settings.home)
    list_file = open_list(settings, keyring)
    try:
        current = find_current(list_file)
        if current is None:
            click.echo("nothing is in force yet; publish a list, then add a partner")
            return
        published = list_file.resolve(current.revision)
        kinds = ", ".join(f"{count} {kind}" for kind, count in list_file.kinds().items())
        click.echo(f"list      {current.revision}: {published} selectors ({kinds or 'none'})")
        click.echo(f"published {_moment(current.published_at)}")
        click.echo(
            f"release   {current.release}, by {current.command} of {current.actor}, "
            f"{_age(current.issued_at)} ago"
        )
        for record in partner_records(list_file):
            for key_id in record.key_ids:
                generation = current.plan.get(key_id, "no index yet")
                scopes = ",".join(record.api_keys[0].scopes) if record.api_keys else "no key"
                click.echo(
                    f"partner   {record.partner} ({record.mode}, {scopes}) {key_id} {generation}"
                )
    finally:
        list_file.close()
    with open_store(store_settings, timeout_ms=STORE_TIMEOUT_MS) as store:
        hosts = attested_releases(store.client)
    for host, release in hosts.items():
        state = "up to date" if release >= current.release else f"still at release {release}"
        click.echo(f"API host  {host}: {state}")
    if not hosts:
        click.echo("API host  none is running")


def _moment(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC, {_age(seconds)} ago"


def _age(since: int) -> str:
    seconds = max(0, int(time.time()) - since)
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {name}"
    return f"{seconds} s"
