"""`screening witness`: make one, tell it which logs it countersigns, run it."""

from pathlib import Path

import rich_click as click

from screening.ledger.log.key_option import KeyType
from screening.ledger.log.notes import VerifierKey

_HOME = click.option(
    "--home",
    type=click.Path(path_type=Path),
    envvar="SCREENING_WITNESS_HOME",
    default=Path(".screening/witness"),
    help="The witness's own folder; $SCREENING_WITNESS_HOME or .screening/witness unless set.",
)


@click.group()
def witness() -> None:
    """Countersign the logs of other hosts, so that none of them can be made anew unnoticed."""


@witness.command()
@click.argument("name")
@_HOME
def init(name: str, home: Path) -> None:
    """Make a witness of this name, and print its key, which hosts and auditors are given.

    Example: screening witness init witness.example/one
    """
    from screening.witness.home import create_witness

    click.echo(create_witness(home, name).text)


@witness.command()
@_HOME
def key(home: Path) -> None:
    """Print the key by which others verify what this witness countersigns.

    Example: screening witness key
    """
    from screening.witness.home import read_key

    click.echo(read_key(home).verifier.text)


@witness.command()
@click.argument("key", type=KeyType("screening audit key"))
@_HOME
def trust(key: VerifierKey, home: Path) -> None:
    """Countersign for the log of this key, as `screening audit key` prints it on its host.

    A witness that serves heeds it at once.

    Example: screening witness trust host.vkey
    """
    from screening.witness.home import trust as trust_log

    trust_log(home, key)
    click.echo(f"trusted: {key.name}")


@witness.command()
@_HOME
@click.option("--host", default="127.0.0.1", help="Address to listen on; 127.0.0.1 unless set.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8090, help="Port; 8090 unless set, 0 for any."
)
def serve(home: Path, host: str, port: int) -> None:
    """Countersign until told to stop.

    Example: screening witness serve --port 8090
    """
    from screening.witness.serve import serve as serve_witness

    serve_witness(home, host, port)
