"""`indexer spool status`, and what lies in the up spool that the indexer has not written."""

from typing import TYPE_CHECKING

import rich_click as click

from indexer.commands.wording import counted
from indexer.settings import IndexerSettings
from screening.streams import tell
from screening.vocabulary.errors import OperatorError

if TYPE_CHECKING:
    from indexer.spool.status import SpoolStatus


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def status_command(*, as_json: bool) -> None:
    """Show the deployment, which file is the next, what waits, and what was told last.

    Example: indexer spool status
    """
    from indexer.spool.status import spool_status

    status = spool_status(IndexerSettings())
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(status).decode())
    else:
        _show(status)


def _show(status: "SpoolStatus") -> None:
    click.echo(f"deployment {status.deployment}")
    click.echo(f"console    {status.console or 'none is trusted; run: indexer spool init'}")
    click.echo(f"approvers  {', '.join(status.approvers) or 'none'}")
    click.echo(f"list       {counted(status.statements, 'statement', 'statements')}")
    click.echo(f"           {status.digest}")
    waiting = counted(status.waiting, "file waits", "files wait")
    click.echo(f"next       file {status.next_sequence}; {waiting}")
    if status.last_told is not None:
        click.echo(f"last told  file {status.last_told.of}: {status.last_told.outcome}")
    for stray in status.strays:
        click.echo(f"stray      {stray}")


def say_strays() -> None:
    """Say of each file of the up spool that is not of here what to do with it."""
    for stray in _find_strays():
        tell(stray)


def refuse_strays() -> None:
    """Raise `OperatorError`, which names the first such file, where there is any."""
    for stray in _find_strays():
        raise OperatorError(stray)


def _find_strays() -> list[str]:
    from indexer.spool.status import find_strays

    return find_strays(IndexerSettings())
