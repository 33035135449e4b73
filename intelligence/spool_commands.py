"""`intelligence spool status`: what waits, what was heard, and what to do, for whoever is there."""

from typing import TYPE_CHECKING

import rich_click as click

from intelligence.settings import IntelligenceSettings

if TYPE_CHECKING:
    from intelligence.commands.spool_status import SpoolStatus


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def status_command(*, as_json: bool) -> None:
    """Show what waits to leave, which file was written and which was heard last, and what to do.

    It changes nothing, and may be run while the console serves.

    Example: intelligence spool status
    """
    import time

    from intelligence.commands.spool_status import spool_status

    now = time.time()
    status = spool_status(IntelligenceSettings(), now)
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(status).decode())
    else:
        _show(status, int(now))


def _show(status: "SpoolStatus", now: int) -> None:
    click.echo(f"deployment {status.deployment or 'none yet'}")
    held = "at work" if status.is_held else "not at work"
    click.echo(f"console    {status.console or 'no keys yet'}; {held}")
    click.echo(f"indexer    {status.indexer or 'none is trusted'}")
    click.echo(f"list       {_counted(status.statements, 'statement')}")
    click.echo(f"           {status.digest}")
    waiting = f"{_counted(status.waiting, 'change')} to leave"
    click.echo(f"waiting    {waiting}, {_counted(status.retractions, 'retraction')} among them")
    written, told = status.last_written, status.last_told
    if written is not None:
        click.echo(f"last file  {written.sequence}: {written.state}, {_age(written.at, now)}")
    if told is not None:
        click.echo(f"last told  file {told.of}: {told.outcome}, {_age(told.at, now)}")
    heard = "no up file"
    if status.up_sequence:
        came = "" if status.up_at is None else f", {_age(status.up_at, now)}"
        heard = f"up file {status.up_sequence}{came}"
    click.echo(f"last heard {heard}; {status.unread:,} behind it")
    for one in status.passed_over:
        click.echo(f"not read   up file {one.sequence}, passed over {_age(one.at, now)}")
    for sentence in status.to_do:
        click.echo(f"to do      {sentence}")


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _age(at: int, now: int) -> str:
    from screening.vocabulary.unix_time import duration

    return f"{duration(max(now - at, 0))} ago"
