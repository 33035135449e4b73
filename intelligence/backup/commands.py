"""`intelligence backup | restore | keys backup`: the console in a folder, its keys in a file."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import rich_click as click

from intelligence.days import moment_text
from intelligence.settings import IntelligenceSettings
from screening.passphrases import PASSPHRASE_FILE, read_new_passphrase, read_passphrase

if TYPE_CHECKING:
    from intelligence.backup.restoring import Restored

_SINCE: Final = (
    "Everybody signs in again; invitations, requests and exports are gone. Changes and orders that",
    "had not left came back: write anew what still holds. Retractions and suspensions leave.",
    "What was done since is not in it: disable again whom you had disabled, retract again what you",
    "had retracted, and have recovery codes made anew that were used.",
    "Until the spools are resumed nothing leaves: indexer spool status --json > status.json, then,",
    "before the console serves, intelligence spool resume status.json",
)
_EXIT_DAMAGED: Final = 1
_FOUND: Final = {
    (True, True): "is whole and opens with these keys; nothing was restored",
    (True, False): "is as it was written, and pg_restore reads all of it; whether these keys open "
    "its database only a restore into an empty one shows; nothing was restored",
    (False, True): "opens with these keys, but its ledger is damaged; nothing was restored",
    (False, False): "is as it was written, but its ledger is damaged; nothing was restored",
}
"""By whether the ledger is whole, and whether the database was opened."""


@click.command("backup")
@click.argument("folder", type=click.Path(path_type=Path))
def backup_command(folder: Path) -> None:
    """Write database and ledger into FOLDER, while the service goes on.

    FOLDER appears whole or not at all, for its owner alone. The keys are not in it: what is secret
    there opens with them alone.

    Example: intelligence backup /backups/console-2026-11-29
    """
    from intelligence.backup.backing_up import back_up

    done = back_up(IntelligenceSettings(), folder)
    click.echo(f"backup of {len(done.files)} files in {folder}, of {moment_text(done.made_at)}")
    click.echo("it opens with the keys of now, which are not in it: intelligence keys backup")


@click.command("restore")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--keys",
    "keys_file",
    required=True,
    type=click.Path(path_type=Path),
    help="File that `intelligence keys backup` has written.",
)
@PASSPHRASE_FILE
@click.option("--check", is_flag=True, help="Verify only, and restore nothing.")
def restore_command(folder: Path, keys_file: Path, passphrase_file: str, *, check: bool) -> None:
    """Make the console's home out of the backup FOLDER and its keys.

    The home must be absent or empty, and so must a PostgreSQL database. The home appears whole,
    once all is verified, or not at all. The spools stand still until they are resumed. A check ends
    with 1 where the ledger is damaged; it opens no dump of PostgreSQL, and says so.

    Example: intelligence restore /backups/console-2026-11-29 --keys console.keys --passphrase-file
    backup.pass
    """
    from intelligence.backup.keys import open_keys
    from intelligence.backup.restoring import Restoring

    settings = IntelligenceSettings()
    restoring = Restoring(settings, open_keys(keys_file, read_passphrase(passphrase_file)))
    done = restoring.check(folder) if check else restoring.restore(folder)
    if check:
        click.echo(f"{folder} {_FOUND[done.ledger_damage is None, done.is_opened]}")
    else:
        click.echo(f"restored {folder} into {settings.home}")
    made = done.description
    click.echo(f"  made     {moment_text(made.made_at)}, on {made.host} by {made.actor}")
    click.echo(f"  ledger   {done.ledger_damage or f'{done.records} records follow one another'}")
    if not check:
        _say_what_to_do(done)
    elif done.ledger_damage is not None:
        sys.exit(_EXIT_DAMAGED)


def _say_what_to_do(done: "Restored") -> None:
    click.echo(f"  spools   {done.exports} files had left by then")
    for line in _SINCE:
        click.echo(line)


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@PASSPHRASE_FILE
def keys_backup(file: Path, passphrase_file: str) -> None:
    """Write all keys of the home into FILE, sealed under a passphrase.

    Keep it apart from the backups: with one of those, and the passphrase, it opens all there is.

    \b
    Example:
      (umask 077; openssl rand -base64 32 > backup.pass)
      intelligence keys backup console.keys --passphrase-file backup.pass
    """
    from intelligence.backup.keys import back_up_keys

    names = back_up_keys(IntelligenceSettings(), file, read_new_passphrase(passphrase_file))
    click.echo(f"{', '.join(names)} in {file}; no passphrase, no restore")
