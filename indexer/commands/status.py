"""`indexer status`: what is in force, for a person to read or a machine."""

import time
from contextlib import closing
from typing import TYPE_CHECKING, Final

import rich_click as click

from indexer.commands.key_wording import old_keys_in_words, terms_in_words, use_in_words
from indexer.commands.session import warn_of_left_over
from indexer.commands.suspicion_wording import suspicion_in_words
from indexer.commands.wording import age, counted, day, moment
from screening.vocabulary.printable import printable

if TYPE_CHECKING:
    import redis

    from indexer.in_force import ApiHost, Release
    from indexer.list.canaries import CanaryCounts
    from indexer.rotation import OlderKits
    from indexer.settings import IndexerSettings
    from indexer.status_document import ListedStatus, PartnerStatus, Size, Status
    from screening.store.settings import StoreSettings

_NEWS_S: Final = 5
"""A host speaks twice a second by default: what it said longer ago may no longer hold."""
_DO_AGAIN: Final = (
    "Do again what was done since, retractions first, canaries and disclosure keys included, in "
    "the order of docs/operations.md, "
    '"When the home is lost"'
)
_NAME_CHARACTERS: Final = 253  # RFC 1035 section 2.3.4, as text


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def status_command(*, as_json: bool) -> None:
    """Show the lists in force, the partners and their indexes, and what each API host has loaded.

    Example: indexer status
    """
    from indexer.settings import IndexerSettings
    from screening.store.settings import StoreSettings

    settings = IndexerSettings()
    warn_of_left_over(settings)
    _show_status(settings, StoreSettings.from_environment(), as_json=as_json)


def _show_status(
    settings: "IndexerSettings", store_settings: "StoreSettings", *, as_json: bool
) -> None:
    """Print it; changes nothing, but starts an embedded store."""
    from indexer.deployment import STORE_TIMEOUT_MS, list_path, open_list
    from indexer.keyring import Keyring
    from indexer.progress import Terminal
    from indexer.status import gather_status
    from indexer.status_document import Status
    from screening.store.connection import open_store
    from screening.vocabulary.errors import StoreUnavailable, Untrusted

    keyring = Keyring(settings.home)
    if not list_path(settings).exists():
        click.echo(
            f"there is no list in {settings.home} yet; publish one, then add a partner",
            err=as_json,
        )
        if as_json:
            click.echo(Status().as_json())
        return
    with closing(open_list(settings, keyring, read_only=True)) as list_file:

        def gather(store: "redis.Redis | None") -> "Status":
            with Terminal().stage("counting what is listed", None):
                categories = settings.excluded_categories
                return gather_status(list_file, keyring, categories, store, now=_now())

        try:
            with open_store(store_settings, timeout_ms=STORE_TIMEOUT_MS) as store:
                status = gather(store.client)
        except (StoreUnavailable, Untrusted):
            click.echo(
                "the store does not say what is in force: this is what the list file has noted",
                err=as_json,
            )
            _show(gather(None), as_json=as_json)
            raise
        _show(status, as_json=as_json)


def _show(status: "Status", *, as_json: bool) -> None:
    if as_json:
        click.echo(status.as_json())
        return
    if status.current is None:
        click.echo("nothing is in force yet; publish a list, then add a partner")
    else:
        _show_release(status, status.current)
        for partner in status.partners:
            _show_partner(partner)
    _show_canaries(status.canaries)
    _show_older_kits(status.older)
    for sentence in status.pending.sentences():
        click.echo(f"pending   {sentence}")
    if status.highest is not None:
        _show_trouble(status, status.highest)
        if status.current is not None:
            _show_hosts(status, status.current)


def _show_release(status: "Status", current: "Release") -> None:
    from screening.generations.manifest import CLOCK_TOLERANCE_S

    if status.listed is None:
        click.echo("list      none is published yet")
    else:
        _show_lists(status.listed)
    click.echo(
        f"release   {current.release}, by {current.command} of {current.actor}, "
        f"{age(current.issued_at)}"
    )
    if current.issued_at > _now() + CLOCK_TOLERANCE_S:
        click.echo(
            "clock     this release was signed by a clock that was ahead, and API hosts answer no "
            "miss from it: set the clock right, then run indexer compact"
        )


def _show_lists(listed: "ListedStatus") -> None:
    click.echo(f"list      {listed.revision}: {_described(listed.size)}")
    click.echo(f"published {moment(listed.published_at)}, {age(listed.published_at)}")
    if listed.size.expired:
        expired = counted(
            listed.size.expired,
            "selector since then: it does not match any more",
            "selectors since then: they do not match any more",
        )
        click.echo(f"expired   {expired}")
    for one in listed.lists:
        review = "" if one.next_review is None else f"; next review by {day(one.next_review)}"
        click.echo(
            f"  {one.name}: {_described(one.size)} "
            f"from {counted(one.entries, 'entry', 'entries')}{_next_expiry(one.size)}{review}"
        )
    _show_exceptions(listed)


def _show_exceptions(listed: "ListedStatus") -> None:
    for count, is_one, are_many in (
        (
            listed.retracted,
            "selector is retracted, until it is lifted",
            "selectors are retracted, until they are lifted",
        ),
        (
            listed.excluded,
            "selector is kept off by a safety list",
            "selectors are kept off by a safety list",
        ),
        (
            listed.overridden,
            "override lets a selector be listed that a safety list names, or has named",
            "overrides let selectors be listed that a safety list names, or has named",
        ),
        (
            listed.victims,
            "selector is a victim's, and withheld",
            "selectors are a victim's, and withheld",
        ),
        (
            listed.unclear,
            "entry is disputed, or of unknown role: it publishes nobody",
            "entries are disputed, or of unknown role: they publish nobody",
        ),
        (listed.lapsed, "entry has expired", "entries have expired"),
    ):
        if count:
            click.echo(f"  {counted(count, is_one, are_many)}")


def _show_partner(partner: "PartnerStatus") -> None:
    if partner.state == "adding":
        click.echo(f"partner   {partner.name} is half added: run its partner add again")
    if (said := old_keys_in_words(partner)) is not None:
        click.echo(f"partner   {said}")
    for sentence in suspicion_in_words(partner):
        click.echo(sentence)
    for key in partner.api_keys:
        click.echo(
            f"API key   {partner.name} {key.id} ({terms_in_words(key, _now())}): "
            f"{use_in_words(key.last_used)}"
        )
    scopes = ",".join(partner.scopes) or "no key"
    state = "" if partner.state in ("active", "adding") else f", {partner.state}"
    for index in partner.indexes:
        click.echo(
            f"partner   {partner.name} ({partner.mode}, {scopes}{state}) {index.key_id} "
            f"{index.generation or 'no index yet'}"
        )
        if index.size is not None:
            click.echo(
                f"  {_described(index.size)}: {index.policy_in_words}{_next_expiry(index.size)}"
            )
            if not index.size.selectors:
                click.echo("  nobody is listed for it: all its checks are answered no match")
        if index.built_at is not None and index.size is not None:
            click.echo(
                f"  built through {index.built_seq}, {age(index.built_at)}; "
                f"overlay of {counted(index.overlay, 'change', 'changes')} through {index.seq}"
            )


def _show_canaries(canaries: "CanaryCounts | None") -> None:
    if canaries is not None and canaries.kept:
        click.echo(
            f"canaries  {canaries.kept}, of which partners have {canaries.given}: {canaries.each} "
            "each, as far as they reach"
        )


def _show_older_kits(older: "OlderKits | None") -> None:
    if older is None:
        click.echo(
            "older     unknown: a token key is damaged or gone, and who needs a new kit cannot be "
            "told; restore it from a backup"
        )
        return
    for names, what in ((older.of_salt, "salt"), (older.of_normaliser, "normaliser version")):
        if names:
            click.echo(
                f"older     kits have another {what} than new ones: {', '.join(names)}; give each "
                "a new one by indexer partner rotate"
            )


def _show_trouble(status: "Status", highest: int) -> None:
    begun, current = status.begun, status.current
    if begun is not None:
        state = "in force, and not noted yet" if current == begun else "pending, and not in force"
        click.echo(
            f"pending   release {begun.release}, by {begun.command} of {begun.actor}, was "
            f"interrupted: it is {state}; the next command settles it"
        )
    known = current.release if current is not None else 0
    # A store that was emptied remembers nothing: then hosts alone tell of a later release.
    latest = max(highest, *(host.release for host in status.hosts), known)
    if latest > known:
        click.echo(
            f"differs   release {latest} was in force, and this list file knows of {known} at most:"
            f" it is older, as after a restore. {_DO_AGAIN}"
        )
    elif status.is_restored:
        click.echo(
            f"restored  this home is of a backup, and nothing was put in force since. {_DO_AGAIN}"
        )
    elif current is not None and current.plan and highest < known:
        click.echo(
            f"differs   Redis holds release {highest}, this list file {known}; run indexer compact"
        )


def _show_hosts(status: "Status", current: "Release") -> None:
    for host in status.hosts:
        state = _loaded(host, current)
        if status.pepper not in (None, host.pepper):
            state += "; its pepper.key is not that in force: bring it pepper.key of the API's share"
        # A host that ended without notice is remembered for a while: what it was is not what it is.
        if time.time() - host.at > _NEWS_S:
            state += f" when last heard of, {age(host.at)}; it may have ended"
        click.echo(f"API host  {printable(host.name[:_NAME_CHARACTERS])}: {state}")
    if not status.hosts:
        click.echo("API host  none is running")


def _loaded(host: "ApiHost", current: "Release") -> str:
    if host.is_up_to_date:
        return "up to date"
    if host.release < current.release:
        return f"still at release {host.release}"
    if host.release > current.release:
        return f"at release {host.release}, which this list file does not know"
    return f"at a release {host.release} that is not in force; run indexer compact"


def _described(size: "Size") -> str:
    kinds = ", ".join(f"{count} {kind}" for kind, count in size.kinds.items())
    return f"{counted(size.selectors, 'selector', 'selectors')} ({kinds or 'none'})"


def _next_expiry(size: "Size") -> str:
    return "" if size.next_expiry is None else f"; next expires {day(size.next_expiry)}"


def _now() -> int:
    return int(time.time())
