"""`intelligence`: set the authorised channel up, serve it, rotate its keys, back it up."""

import re
import sys
from pathlib import Path
from typing import Final

import rich_click as click
from pydantic import ValidationError

from intelligence.backup.commands import backup_command, keys_backup, restore_command
from intelligence.settings import IntelligenceSettings
from intelligence.spool_commands import status_command
from intelligence.staff_commands import staff_group
from screening import __version__
from screening.commands import file_sentence, settings_sentence, unknown_settings
from screening.core_dumps import forbid_core_dumps
from screening.installation import EXIT_INTERRUPTED
from screening.streams import EXIT_UNREAD, Commands, exit_code_stands, flush_output, tell
from screening.usage import usage_sentence
from screening.vocabulary.errors import LedgerUnavailable, ScreeningError

EXIT_REFUSED: Final = 2
_EXIT_KEPT: Final = 1
"""All is sealed anew that opens, and an old key is kept for what does not."""
EXIT_IO: Final = 74  # EX_IOERR of sysexits.h


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """Serve the authorised channel: the console of those who keep the list, and disclosure."""
    fields = IntelligenceSettings.model_fields.values()
    known = {str(field.validation_alias) for field in fields}
    for sentence in unknown_settings("intelligence", "INTELLIGENCE_", known):
        tell(sentence)


@cli.command()
def init() -> None:
    """Make keys and database, or bring the database to this version; safe to run again.

    While there is no account it prints a token: whoever types it in the console's first page
    becomes its administrator.

    Example: intelligence init
    """
    from intelligence.commands.setting_up import initialise

    settings = IntelligenceSettings()
    token = initialise(settings)
    click.echo(f"keys and ledger in {settings.home}; keep a copy: intelligence keys backup")
    if token is not None:
        click.echo(f"token for the first administrator, valid for three days: {token}")
        click.echo("one that was printed before is void from now on")
        click.echo("next: open /set-up in a browser, while intelligence serve runs")


@cli.command()
@click.option("--host", help="Address to listen on; 127.0.0.1 unless set.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; 8070 unless set, 0 for any.")
def serve(host: str | None, port: int | None) -> None:
    """Serve the console until told to stop.

    Example: intelligence serve --port 8070
    """
    from intelligence.console.serve import serve as serve_console

    given = {"INTELLIGENCE_HOST": host, "INTELLIGENCE_PORT": port}
    chosen = {name: value for name, value in given.items() if value is not None}
    serve_console(IntelligenceSettings(**chosen))  # type: ignore[arg-type]  # pydantic checks it


@cli.group()
def keys() -> None:
    """Keep the keys that values in the database are sealed with."""


@keys.command()
@click.option(
    "--give-up-unread",
    "giving_up",
    is_flag=True,
    help="Keep no old key for values that do not open: nothing opens them for good then.",
)
def rotate(*, giving_up: bool) -> None:
    """Replace all keys, and seal all values anew; broken off, the same command goes on.

    The service has to be stopped meanwhile. A value that does not open stays as it is, and the old
    data key is kept for it, wrapped anew: the command says of which table they are, and ends
    with 1. Put such rows back, and run it again.

    Example: intelligence keys rotate
    """
    from intelligence.commands.renewing import rotate as rotate_all

    done = rotate_all(IntelligenceSettings(), giving_up=giving_up)
    click.echo(f"data key {done.data_key}; values sealed anew: {done.values}")
    click.echo("all sessions have ended: whoever was logged in logs in again")
    click.echo("next: intelligence keys backup, and a backup; older ones need the older keys")
    for table, values in done.unread.items():
        tell(f"{values} of {table} do not open, and stay as they are")
    if done.kept:
        tell(
            f"the old data key ({', '.join(done.kept)}) is not gone: it is kept for these alone; "
            "put them back from a backup and run this again, or see --give-up-unread"
        )
        sys.exit(_EXIT_KEPT)
    if done.unread:
        tell("no key that is here opens these; a backup from before may, with its own keys")


cli.add_command(backup_command)
cli.add_command(restore_command)
keys.add_command(keys_backup)


@cli.group("database")
def database_group() -> None:
    """Keep the users of a PostgreSQL database to what they need."""


@database_group.command("roles")
@click.option("--apply", "is_applied", is_flag=True, help="Make them, as the tables' owner.")
def database_roles(*, is_applied: bool) -> None:
    """Print the SQL that makes database roles for the console and for each role of staff.

    The console's changes rows and alters no table; those of staff read the columns that the
    console shows them. Safe to run again, and needed after an upgrade.

    Example: intelligence database roles --apply
    """
    from intelligence.database_roles import apply_roles, role_statements

    if not is_applied:
        click.echo(
            "".join(f"{one};\n" for one in role_statements(IntelligenceSettings())), nl=False
        )
        return
    names = apply_roles(IntelligenceSettings())
    click.echo(f"roles made anew: {', '.join(names)}")
    click.echo(f"next, for the console's user: CREATE USER ... LOGIN IN ROLE {names[0]}")


cli.add_command(staff_group)


@cli.group(commands=[status_command])
def spool() -> None:
    """Bring console and indexer together, which meet in two folders of sealed files."""


@spool.command("init")
@click.option("--deployment", required=True, help="Its name, which `indexer spool status` shows.")
def spool_init(deployment: str) -> None:
    """Make the console's keys of the spools; safe to run again.

    Prints the key's fingerprint: compare it with the one that the indexer shows.

    Example: intelligence spool init --deployment 0123456789abcdef
    """
    from intelligence.commands.spools import make_spool_keys

    if not re.fullmatch("[0-9a-f]{16}", deployment):
        raise click.BadParameter(
            "a deployment's name is 16 of 0-9 and a-f", param_hint="'--deployment'"
        )
    key, path = make_spool_keys(IntelligenceSettings(), deployment)
    click.echo(f"give the indexer {path}, the key {key.fingerprint}")
    click.echo("there: indexer spool init --console FILE; then here: intelligence spool trust FILE")


@spool.command("trust")
@click.argument("indexer", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Trust it in place of another indexer's key.")
def spool_trust(indexer: Path, *, replace: bool) -> None:
    """Trust the indexer whose key file was brought by hand, written by `indexer spool init`.

    Example: intelligence spool trust indexer.spool.pub
    """
    from intelligence.commands.spools import trust_indexer

    key = trust_indexer(IntelligenceSettings(), indexer, replacing=replace)
    click.echo(f"indexer {key.fingerprint} is trusted for deployment {key.deployment}")


@spool.command("resume")
@click.argument("status", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def spool_resume(status: Path) -> None:
    """Go on after a restore of this console or of the indexer, or where an up file is lost.

    Both have to hold the same list. STATUS is a file with what `indexer spool status --json`
    prints. What the indexer has not done leaves again, as far as its signatures hold. What it has
    told since is read from the up files that are there; of what may be older here therefore, it
    says how it is told anew.

    Example: intelligence spool resume status.json
    """
    from intelligence.commands.spools import resume_spools
    from intelligence.curation.passed_over import told_anew

    following, (missing, older) = resume_spools(IntelligenceSettings(), status)
    if missing:
        click.echo(f"of {missing} up files that are gone, no map and no match is known here")
    for one in map(told_anew, older):
        click.echo(f"older here may be {one.what}; {one.advice}")
    click.echo(f"the next file is {following}; next: intelligence serve")


@spool.command("adopt")
@click.option("--by", "name", required=True, help="The curator or approver who answers for it.")
def spool_adopt(name: str) -> None:
    """Take over a list that the indexer had before this console.

    Run `indexer spool list` on its host first, and bring its up files. The list stays in force as
    it is, and nothing leaves for it: it is version 0 here, from which the first file is reckoned.
    Until that is in force, the same may be done again, as after a change by hand.

    Example: intelligence spool adopt --by cora@gen.example
    """
    from intelligence.commands.adopting import adopt_list

    adopted = adopt_list(IntelligenceSettings(), name)
    click.echo(
        f"{adopted.statements} statements are taken over, and {adopted.taken_off} selectors that "
        "were taken off; next: intelligence serve"
    )


@cli.group()
def evidence() -> None:
    """Decide of what API hosts tell of matches, where it cannot all be true."""


@evidence.command("settle")
@click.argument("receipt")
@click.option("--log", required=True, help="The log that is right, as the ledger names it.")
def evidence_settle(receipt: str, log: str) -> None:
    """Believe one of the logs that tell differently of RECEIPT; on record.

    The ledger names them with `receipt told twice`. Find out first which host is right: ask the
    company for its proof of the receipt. The service has to be stopped meanwhile.

    Example: intelligence evidence settle a2b3c4d5e6f7g2h3i4j5k6l7m2 --log api-1/journal
    """
    from intelligence.commands.settling import settle_receipt

    others = settle_receipt(IntelligenceSettings(), receipt, log)
    click.echo(f"{log} is believed of this receipt, and no more {', '.join(others)}")


@exit_code_stands()
def main() -> None:
    """Run; every error is one sentence on stderr."""
    forbid_core_dumps()
    try:
        cli(standalone_mode=False)
        flush_output()
    except click.ClickException as error:
        tell(usage_sentence(error, "intelligence"))
        sys.exit(EXIT_REFUSED)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(EXIT_INTERRUPTED)
    except ValidationError as error:
        tell(settings_sentence(error))
        sys.exit(EXIT_REFUSED)
    except LedgerUnavailable as error:
        tell(str(error))
        sys.exit(EXIT_IO)
    except ScreeningError as error:
        tell(str(error))
        sys.exit(EXIT_REFUSED)
    except BrokenPipeError:
        sys.exit(EXIT_UNREAD)
    except OSError as error:
        tell(file_sentence(error))
        sys.exit(EXIT_IO)
