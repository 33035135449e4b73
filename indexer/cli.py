"""`indexer`: keep the list, publish it, give partners their kits."""

import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import rich_click as click
from pydantic import ValidationError

from indexer.settings import IndexerSettings
from screening import __version__
from screening.commands import file_sentence, settings_sentence, usage_sentence
from screening.store.settings import StoreSettings
from screening.vocabulary.errors import (
    LedgerUnavailable,
    PublishRefused,
    ScreeningError,
    StoreUnavailable,
    Untrusted,
)

if TYPE_CHECKING:
    from indexer.deployment import Deployment
    from indexer.importers.entry import ImportCode
    from screening.registry.record import Scope

EXIT_REJECTS: Final = 3
EXIT_REFUSED: Final = 4
EXIT_STORE: Final = 69  # EX_UNAVAILABLE of sysexits.h
EXIT_IO: Final = 74  # EX_IOERR


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """Turn a curated list into signed, keyed indexes, and give partners their kits."""


@cli.command()
def init() -> None:
    """Make the keyring, and the API's share of it in a separate folder.

    Safe to run again: what is there is never overwritten.

    Example: indexer init
    """
    from indexer.deployment import init_home

    settings = IndexerSettings()
    init_home(settings)
    click.echo(f"keyring in {settings.home}; the API's share in {settings.secrets}")


@cli.group()
def partner() -> None:
    """Give partners access."""


@partner.command("add")
@click.argument("name")
@click.option("--kit", required=True, type=click.Path(path_type=Path), help="File to write.")
@click.option("--api-url", required=True, help="Where the partner asks, such as https://...")
@click.option("--scopes", default="check", show_default=True, help="check, or check,bulk.")
@click.option(
    "--stretch",
    type=click.Choice(["strong", "light", "none"]),
    help="Slow hash: strong for check only and light with bulk, unless set.",
)
@click.option("--test", is_flag=True, help="Test keys: they read the permanent test list only.")
@click.option("--allow-unstretched", is_flag=True, help="Permit --stretch none for a live key.")
def partner_add(
    *,
    name: str,
    kit: Path,
    api_url: str,
    scopes: str,
    stretch: str | None,
    test: bool,
    allow_unstretched: bool,
) -> None:
    """Index the current list for a new partner, and write its kit.

    The kit is all that a partner needs, and is shown once: hand it over in a safe way.

    Example: indexer partner add acme --kit acme.kit.json --api-url https://screening.example
    """
    from indexer.partners import NewPartner, add_partner, default_profile

    wanted = _scopes(scopes)
    new = NewPartner(
        name=name,
        kit=kit,
        api_url=api_url,
        scopes=wanted,
        profile=stretch or default_profile(wanted),
        mode="test" if test else "live",
        allow_unstretched=allow_unstretched,
    )
    with _deployment() as deployment:
        release = add_partner(deployment, new)
        click.echo(f"partner {name} added; its kit is {kit}")
        _say_where_in_force(deployment, release)


@cli.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--region", help="Country of phones written without a country code, such as US.")
@click.option("--report", type=click.Path(path_type=Path), help="CSV of every row not taken.")
@click.option("--allow-shrink", is_flag=True, help="Permit an empty or much smaller list.")
@click.option("--allow-unprotected", is_flag=True, help="Permit rows of victims not taken.")
def publish(
    *,
    files: tuple[Path, ...],
    region: str | None,
    report: Path | None,
    allow_shrink: bool,
    allow_unprotected: bool,
) -> None:
    """Make FILES, together, the list that all partners' checks are answered from.

    CSV with a header: kind,value,role and optionally region,source,reason,confidence,expires_at,
    list. Exit 0 when every row was taken, 3 when some were not, 4 when the list is refused, 69 when
    the store fails; on 4 and 69 the list in force stays.

    Example: indexer publish list.csv --region US --report rejected.csv
    """
    from indexer.list_sources import ListSources
    from indexer.publish import publish as publish_list

    sources = ListSources(files, region=region, report=report)
    with _deployment() as deployment:
        counts = sources.stage_into(deployment.list_file, deployment.progress)
        published = publish_list(
            deployment,
            counts,
            sources=sources.sources,
            rejected=sources.rejected,
            unprotected=sources.unprotected,
            allow_shrink=allow_shrink,
            allow_unprotected=allow_unprotected,
        )
        click.echo(
            f"list {published.revision} published: {published.selectors} selectors "
            f"from {counts.taken} entries"
        )
        for number, what in (
            (counts.duplicates, "rows stood there before"),
            (counts.withheld_victim, "of role victim: their selectors are withheld"),
            (counts.withheld_expired, "have expired and are withheld"),
        ):
            if number:
                click.echo(f"  {number} {what}")
        _say_where_in_force(deployment, published.release)
    if sources.rejected:
        _say_what_was_rejected(sources.rejected, report)
        sys.exit(EXIT_REJECTS)


def _say_what_was_rejected(rejected: "Mapping[ImportCode, int]", report: Path | None) -> None:
    from indexer.importers.entry import IMPORT_SENTENCES

    where = f"see {report}" if report else "name a file with --report to see which"
    click.echo(f"{sum(rejected.values())} rows were not taken; {where}", err=True)
    for code, number in sorted(rejected.items()):
        click.echo(f"  {number} {code}: {IMPORT_SENTENCES[code]}", err=True)
    if "unknown_role" in rejected:
        click.echo(
            "a row whose role is misspelt protects nobody: if victim was meant, "
            "correct it and publish again at once",
            err=True,
        )


@cli.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="List to write."
)
@click.option("--report", required=True, type=click.Path(path_type=Path), help="CSV of every find.")
@click.option(
    "--role",
    type=click.Choice(["trafficker", "facilitator", "buyer", "business", "victim"]),
    help="What those behind the selectors are said to be; a text does not tell. Empty unless set.",
)
@click.option("--region", help="Country of phones written without a country code, such as US.")
def extract(file: Path, output: Path, report: Path, role: str | None, region: str | None) -> None:
    """Find phones and e-mail addresses in FILE, free text or a CSV with a column of it.

    The report names by line and column what was taken, and what looks like a selector but was not,
    with the reason; look through it before publishing. Exit 0 when all was taken, 3 otherwise.

    Example: indexer extract remarks.csv -o list.csv --report report.csv --role trafficker
    """
    from indexer.extract import extract_list

    extracted = extract_list(file, output=output, report=report, role=role, region=region)
    click.echo(f"{extracted.taken} selectors taken into {output}")
    if role is None and extracted.taken:
        click.echo("  fill in the role column: publish takes no row whose role is empty")
    if extracted.refused:
        click.echo(f"  {extracted.refused} places were not taken; see {report}")
        sys.exit(EXIT_REJECTS)


@cli.command()
def rollback() -> None:
    """Put the list before the current one in force again.

    Example: indexer rollback
    """
    from indexer.publish import rollback as roll_back

    with _deployment() as deployment:
        published = roll_back(deployment)
        click.echo(f"list {published.revision} is in force again")
        _say_where_in_force(deployment, published.release)


@cli.command()
def status() -> None:
    """Show the list in force, the partners, and what each API host has loaded.

    Example: indexer status
    """
    from indexer.status import show_status

    show_status(IndexerSettings(), StoreSettings.from_environment())


@contextmanager
def _deployment() -> "Iterator[Deployment]":
    from indexer.deployment import open_deployment
    from indexer.progress import Terminal
    from indexer.releases import Releases

    settings, store_settings = IndexerSettings(), StoreSettings.from_environment()
    with open_deployment(settings, store_settings, Terminal()) as deployment:
        Releases(deployment).recover()
        yield deployment


def _say_where_in_force(deployment: "Deployment", release: int) -> None:
    from indexer.releases import Releases

    loaded, attesting = Releases(deployment).wait_for_hosts(release)
    if not attesting:
        click.echo("no API host is running; one that starts takes it up by itself")
    elif loaded < attesting:
        click.echo(f"in force on {loaded} of {attesting} API hosts; see: indexer status", err=True)
    else:
        click.echo(f"in force on {loaded} API host{'s' if loaded > 1 else ''}")


def _scopes(text: str) -> "list[Scope]":
    from screening.registry.record import SCOPES

    wanted = [scope.strip() for scope in text.split(",")]
    if not set(wanted) <= set(SCOPES):
        raise click.BadParameter("the scopes are check and bulk, separated by a comma")
    return [scope for scope in SCOPES if scope in wanted]


def main() -> None:
    """Run; every error is one sentence on stderr and its exit code."""
    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        click.echo(usage_sentence(error, "indexer"), err=True)
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted; what was in force stays, and the same command goes on", err=True)
        sys.exit(130)
    except ValidationError as error:
        click.echo(settings_sentence(error), err=True)
        sys.exit(2)
    except ScreeningError as error:
        click.echo(str(error), err=True)
        sys.exit(_exit_code(error))
    except OSError as error:
        click.echo(file_sentence(error), err=True)
        sys.exit(EXIT_IO)
    except sqlite3.Error as error:
        click.echo(f"the list file cannot be used: {error}; check the disk", err=True)
        sys.exit(EXIT_IO)


def _exit_code(error: ScreeningError) -> int:
    match error:
        case PublishRefused():
            return EXIT_REFUSED
        case StoreUnavailable() | Untrusted():
            return EXIT_STORE
        case LedgerUnavailable():
            return EXIT_IO
        case _:
            return 2
