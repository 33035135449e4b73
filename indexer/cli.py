"""`indexer`: keep the list, publish it, give partners their kits."""

import signal
import sqlite3
import sys
from io import TextIOWrapper
from typing import NoReturn

import rich_click as click
from pydantic import ValidationError

from indexer.commands import exits
from indexer.commands.backup import backup_command, restore_command
from indexer.commands.canary import canary
from indexer.commands.changes import (
    add_command,
    compact_command,
    lift_command,
    retract_command,
)
from indexer.commands.due import due_command
from indexer.commands.exclusions import exclusions
from indexer.commands.extract import extract_command
from indexer.commands.imports import import_command
from indexer.commands.notice import notice_command
from indexer.commands.parameters import guard_parameters
from indexer.commands.partners import partner
from indexer.commands.production import guard_production
from indexer.commands.publish import publish_command
from indexer.commands.rollback import rollback_command
from indexer.commands.rotate import rotate, say_where_to_move
from indexer.commands.show import show_command
from indexer.commands.spool import spool
from indexer.commands.status import status_command
from indexer.list.database import list_file_sentence
from indexer.settings import IndexerSettings
from screening import __version__
from screening.commands import (
    file_sentence,
    settings_sentence,
    unknown_settings,
)
from screening.core_dumps import forbid_core_dumps
from screening.streams import EXIT_UNREAD, Commands, exit_code_stands, flush_output, tell
from screening.usage import usage_sentence
from screening.vocabulary.errors import ScreeningError


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """Turn a curated list into signed, keyed indexes, and give partners their kits."""
    known = {str(field.validation_alias) for field in IndexerSettings.model_fields.values()}
    for sentence in unknown_settings("indexer", "INDEXER_", known):
        tell(sentence)


cli.add_command(publish_command)
cli.add_command(due_command)
cli.add_command(show_command)
cli.add_command(extract_command)
cli.add_command(import_command)
cli.add_command(add_command)
cli.add_command(retract_command)
cli.add_command(lift_command)
cli.add_command(rollback_command)
cli.add_command(compact_command)
cli.add_command(exclusions)
cli.add_command(canary)
cli.add_command(partner)
cli.add_command(notice_command)
cli.add_command(rotate)
cli.add_command(spool)
cli.add_command(status_command)
cli.add_command(backup_command)
cli.add_command(restore_command)


@cli.command()
def init() -> None:
    """Make the keyring, the API's share of it in a separate folder, and a disclosure key.

    Matches on record are sealed to that key; its private half, in a third folder, opens them. Safe
    to run again: what is there is never overwritten.

    Example: indexer init
    """
    from indexer.deployment import init_home

    settings = IndexerSettings()
    private_half = init_home(settings)
    click.echo(f"keyring in {settings.home}; the API's share in {settings.secrets}")
    if private_half is not None:
        say_where_to_move(private_half)


guard_parameters(cli)
guard_production(cli)


def _interrupt(*_: object) -> NoReturn:
    """End as by Ctrl-C: a backup leaves no copy behind then, and a restore no secrets."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # which must not break off the clearing away
    raise KeyboardInterrupt


def _say(sentence: str, error: BaseException) -> None:
    """Print a sentence, and what was noted of how far the command had come."""
    # Click hands on another error in place of the interrupt, which is told as no cause of it.
    noted = (one for one in (error, error.__context__) for one in getattr(one, "__notes__", ()))
    tell("; ".join([sentence, *noted]))


@exit_code_stands()
def main() -> None:
    """Run; every error is one sentence on stderr and its exit code."""
    forbid_core_dumps()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a file may have any name
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        cli(standalone_mode=False)
        flush_output()
    except click.ClickException as error:
        tell(usage_sentence(error, "indexer"))
        sys.exit(exits.USAGE)
    except (click.Abort, KeyboardInterrupt) as error:
        _say("interrupted; the same command goes on", error)
        sys.exit(exits.INTERRUPTED)
    except ValidationError as error:
        tell(settings_sentence(error))
        sys.exit(exits.USAGE)
    except ScreeningError as error:
        _say(str(error), error)
        sys.exit(exits.exit_code(error))
    except BrokenPipeError:
        sys.exit(EXIT_UNREAD)
    except OSError as error:
        _say(file_sentence(error), error)
        sys.exit(exits.IO)
    except sqlite3.Error as error:
        _say(list_file_sentence(error), error)
        sys.exit(exits.IO)
