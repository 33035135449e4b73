"""`indexer backup | restore`: the home in one sealed file, and out of it again."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import rich_click as click

from indexer.commands.session import say, warn_of_left_over
from indexer.commands.wording import age, counted, moment
from indexer.settings import IndexerSettings
from screening.passphrases import PASSPHRASE_FILE, read_new_passphrase, read_passphrase
from screening.store.settings import StoreSettings
from screening.streams import tell

if TYPE_CHECKING:
    from indexer.backup.partners_since import Since
    from indexer.backup.restore import Held, Restored

_NAMED_AT_MOST: Final = 20
_TO_DO_AGAIN: Final = (
    "indexer retract, of all that was retracted since, in one command",
    "indexer partner remove and suspend, of who was removed or suspended since; partner key "
    "revoke, allow, expire, bind and limit, partner limits and partner lift, of what was ended, "
    "limited and lifted since, where it is not named above as it stays",
    "indexer canary remove, of canaries removed since: they match again",
    "indexer rotate disclosure, where that was done since: the API's share as restored seals "
    "matches to the older half again",
    "indexer rotate, of a salt or normaliser renewed since: the kits that follow rest on them",
    "indexer partner rotate, and partner policy, of who had keys renewed, an overlap shortened or "
    "a policy changed since",
    "indexer exclusions, of what was kept off by them or let through since",
    "indexer publish, rollback, add and lift, of what was listed and lifted since",
    "indexer rotate, of a pepper renewed since",
    "indexer partner add and resume, of who was added since, and needs the new kit, or resumed; "
    "partner key add, of keys given since",
    "indexer canary add, of other numbers and names than those added since: the same ones may go "
    "to other partners than had them, and tell of the wrong one",
)
"""What shuts out comes first: each puts the whole list in force, and with it opens what was shut
since and is not done again yet."""

_RESUMED: Final = "and suspended as in the backup: indexer partner resume answers them again"
_RETURNED: Final = (
    "the backup has them as removed, and the next release shuts them out: add them again, in a new "
    "kit"
)
_RENEWED: Final = (
    "nothing restored has their new token keys: give each a new kit, by indexer partner rotate, "
    "with --scopes where it has no API key; where a kit had leaked and an API key is left, remove "
    "the partner and add it anew"
)
_KEYLESS: Final = (
    "nobody is answered in their name: indexer partner rotate NAME --kit FILE --api-url URL "
    "--scopes check gives new keys, in a new kit"
)
_OVERLAPPING: Final = (
    "the old keys are valid for as long as the backup has it: where that was shortened since, "
    "shorten it again, by indexer partner rotate with fewer --overlap-days"
)
_GIVEN: Final = "which nothing restored has: give another, by indexer partner key add or rotate"
_UNTOLD: Final = (
    "the store has no record of them, or not the last, so that they may be answered as before: "
    "begin with step 2"
)

_file = click.argument("file", type=click.Path(path_type=Path))


@click.command("backup")
@_file
@PASSPHRASE_FILE
@click.option("--overwrite", is_flag=True, help="Permit replacing an older backup.")
def backup_command(*, file: Path, passphrase_file: str, overwrite: bool) -> None:
    """Write keyring, list and ledger into FILE, sealed under a passphrase.

    FILE appears whole or not at all, with mode 0600. It holds every secret of the deployment, and
    only the passphrase opens it: keep both off this host, and apart from each other.

    \b
    Example:
      (umask 077; openssl rand -base64 32 > backup.pass)
      indexer backup /backups/indexer-2026-11-26.sealed --passphrase-file backup.pass
    """
    from indexer.backup.backup import back_up
    from indexer.deployment import open_deployment
    from indexer.progress import Terminal

    passphrase = read_new_passphrase(passphrase_file)
    settings, store_settings = IndexerSettings(), StoreSettings.from_environment()
    warn_of_left_over(settings)
    with open_deployment(settings, store_settings, Terminal()) as deployment:
        done = back_up(deployment, file, passphrase, overwrite=overwrite)
    release = done.description.release
    what = f"release {release}" if release else "nothing in force yet"
    say(f"backup of {what} in {file}, {-(-done.size_bytes // 1024)} KiB; no passphrase, no restore")


@click.command("restore")
@_file
@PASSPHRASE_FILE
@click.option("--check", is_flag=True, help="Verify FILE only, and restore nothing.")
def restore_command(*, file: Path, passphrase_file: str, check: bool) -> None:
    """Make the indexer's home out of the backup FILE.

    The home must be absent or empty. It appears whole, once all of FILE is verified, or not at all;
    so does the API's share in the secrets folder, unless the same one is there. Nothing is put in
    force. The next release has a higher number than any before, whatever the store remembers, for
    which this host's clock must be right.

    \b
    Example:
      indexer restore /backups/indexer-2026-11-26.sealed --passphrase-file backup.pass --check
      indexer restore /backups/indexer-2026-11-26.sealed --passphrase-file backup.pass
    """
    from indexer.backup.restore import Restoring
    from indexer.progress import Terminal

    settings, store_settings = IndexerSettings(), StoreSettings.from_environment()
    restoring = Restoring(settings, store_settings, Terminal())
    passphrase = read_passphrase(passphrase_file)
    if check:
        held = restoring.check(file, passphrase)
        say(f"{file} is whole and opens with this passphrase; nothing was restored")
        _say_held(held)
        return
    restored = restoring.restore(file, passphrase)
    say(f"restored {file} into {settings.home}; the API's share is in {settings.secrets}")
    _say_held(restored.held)
    _say_store(restored)
    _say_what_to_do(restored)


def _say_held(held: "Held") -> None:
    made = held.description
    say(f"  made       {moment(made.made_at)}, {age(made.made_at)}, on {made.host} by {made.actor}")
    if held.release is None:
        say("  holds      no release: nothing was in force yet")
    else:
        say(
            f"  holds      release {held.release.release}, list {held.release.revision}: "
            f"{counted(held.selectors, 'selector', 'selectors')}"
        )
    say(f"  partners   {', '.join(sorted(held.partners)) or 'none'}")
    if held.ledger_damage is not None:
        tell(f"  the ledger was damaged when this was backed up: {held.ledger_damage}")


def _say_store(restored: "Restored") -> None:
    store = restored.in_store
    if store is None:
        tell("  the store  does not say what is in force; see: indexer status")
        _say_that_all_is_forgotten()
    elif store.release:
        say(
            f"  the store  has release {store.release} in force, list {store.revision}, signed "
            f"{moment(store.issued_at)}, {age(store.issued_at)}"
        )
        known = restored.held.partners | restored.held.removed
        if unknown := sorted(store.records.keys() - known):
            say(
                f"  unknown    to the backup: {', '.join(unknown)}; the next release shuts them out"
            )
        _say_since(restored.since)
    else:
        say("  the store  holds no release")
        _say_that_all_is_forgotten()
    if store and (left := sorted(store.attested_only - restored.held.key_ids)):
        say(
            f"  left over  API hosts say that they answer for {_named(left)}, of a partner unknown "
            "here; add it again, or stop each host, remove the cache in its SCREENING_HOME and "
            "start it"
        )
    say(f"  next       release {restored.sequence + 1}, by the clock of this host, or a later one")


def _say_since(since: "Since") -> None:
    for what, named, then in (
        ("removed    since", ", ".join(since.removed), "and stay so"),
        ("suspended  since", ", ".join(since.suspended), "and stay so"),
        ("ended      since", _of_each(since.ended, "API key "), "and stays so"),
        ("retired    since", _of_each(since.retired, "token key "), "and stays so"),
        ("changed    since", _of_each(since.changed), "and stays so"),
        ("resumed    since", ", ".join(since.resumed), _RESUMED),
        ("returned   since", ", ".join(since.returned), _RETURNED),
        ("renewed    since", ", ".join(since.renewed), _RENEWED),
        ("keyless    now", ", ".join(since.keyless), _KEYLESS),
        ("overlap    now", ", ".join(since.overlapping), _OVERLAPPING),
        ("given      since", _of_each(since.given, "API key "), _GIVEN),
        ("widened    since", _of_each(since.widened), "which is as in the backup: give it again"),
        ("untold     since", ", ".join(since.untold), _UNTOLD),
    ):
        if named:
            say(f"  {what}: {named}; {then}")


def _of_each(named: Mapping[str, Sequence[str]], what: str = "") -> str:
    """Return what is named of each partner: `acme (end of abcdefghijkl), beta (limits)`."""
    return ", ".join(f"{name} ({what}{', '.join(of)})" for name, of in named.items())


def _say_that_all_is_forgotten() -> None:
    tell(
        "  partners   who were removed or suspended since, or had keys renewed or a policy "
        "narrowed, are answered as before from the first command on; API keys that were revoked, "
        "or limited in time, place, rate or to a certificate, open as before, and limits and lifts "
        "of partners are forgotten: where a kit had leaked, begin with step 2, else shut them out "
        "right after the retractions"
    )


def _say_what_to_do(restored: "Restored") -> None:
    made = moment(restored.held.description.made_at)
    say("nothing of it is in force yet; the next command that changes anything puts it in force.")
    say(f"What was done after {made} is not in it. Do again, in this order:")
    for number, step in enumerate(_TO_DO_AGAIN, start=1):
        say(f"  {number}. {step}")
    say("A copy of the lost home's ledger, if there is one, tells what was done when.")


def _named(key_ids: Sequence[str]) -> str:
    named = ", ".join(key_ids[:_NAMED_AT_MOST])
    return named if len(key_ids) <= _NAMED_AT_MOST else f"{named} and {len(key_ids)} in all"
