"""`screening`: serve the API, verify its journal."""

import gc
import sys
import time
from typing import Final

import rich_click as click
from pydantic import ValidationError

from screening import __version__
from screening.audit.commands import audit
from screening.commands import (
    file_sentence,
    settings_sentence,
    unknown_settings,
)
from screening.core_dumps import forbid_core_dumps
from screening.installation import EXIT_INTERRUPTED
from screening.streams import EXIT_UNREAD, Commands, exit_code_stands, flush_output, tell
from screening.usage import usage_sentence
from screening.vocabulary.errors import LedgerDamaged, LedgerUnavailable, ScreeningError
from screening.witness.commands import witness

EXIT_IO: Final = 74  # EX_IOERR of sysexits.h


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """Answer at checkout whether a phone, card or e-mail is on the list."""


@cli.command()
@click.option("--host", help="Address to listen on; 127.0.0.1 unless set.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; 8080 unless set, 0 for any.")
@click.option("--workers", type=click.IntRange(1, 64), help="Worker processes; 2 unless set.")
@click.option(
    "--metrics-port", type=click.IntRange(0, 65535), help="Private port; 9090 unless set."
)
def serve(
    host: str | None, port: int | None, workers: int | None, metrics_port: int | None
) -> None:
    """Serve the API until told to stop.

    Example: screening serve --port 8080 --workers 2
    """
    from screening.api.held_signals import ignore_until_there_are_workers

    ignore_until_there_are_workers()  # before all that takes a while to import
    gc.disable()  # until all is imported, which leaves no garbage: a twentieth of the start
    from screening.api.serve import serve as serve_api
    from screening.api.settings import ApiSettings, is_expired
    from screening.store.settings import StoreSettings

    given = {
        "SCREENING_HOST": host,
        "SCREENING_PORT": port,
        "SCREENING_WORKERS": workers,
        "SCREENING_METRICS_PORT": metrics_port,
    }
    chosen = {name: value for name, value in given.items() if value is not None}
    settings = ApiSettings(**chosen)  # type: ignore[arg-type]  # pydantic checks what each is
    names = {*ApiSettings.model_fields, *StoreSettings.model_fields}
    known = {f"SCREENING_{name.upper()}" for name in names}
    for sentence in unknown_settings("screening serve", "SCREENING_", known):
        click.echo(sentence, err=True)
    if is_expired(settings.security_expires, time.time()):
        click.echo(
            "SCREENING_SECURITY_EXPIRES has passed, so that /.well-known/security.txt is not "
            "served; confirm the contact and set a later time",
            err=True,
        )
    serve_api(settings, StoreSettings.from_environment())


cli.add_command(audit)
cli.add_command(witness)


@exit_code_stands()
def main() -> None:
    """Run; every error is one sentence on stderr."""
    forbid_core_dumps()
    try:
        cli(standalone_mode=False)
        flush_output()
    except click.ClickException as error:
        tell(usage_sentence(error, "screening"))
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(EXIT_INTERRUPTED)
    except LedgerDamaged as error:
        tell(f"the journal is damaged: {error}")
        sys.exit(1)
    except ValidationError as error:
        tell(settings_sentence(error))
        sys.exit(2)
    except LedgerUnavailable as error:
        tell(str(error))
        sys.exit(EXIT_IO)
    except ScreeningError as error:
        tell(str(error))
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(EXIT_UNREAD)
    except OSError as error:
        tell(file_sentence(error))
        sys.exit(EXIT_IO)
