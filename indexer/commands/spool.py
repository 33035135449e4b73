"""`indexer spool`: what the console has had approved is applied here, and told back to it."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import rich_click as click

from indexer.commands.session import recovered_deployment, say, say_where_in_force
from indexer.commands.spool_approvers import approver
from indexer.commands.spool_status import refuse_strays, say_strays, status_command
from indexer.commands.spool_undo import undo_command
from indexer.commands.wording import counted
from indexer.settings import IndexerSettings
from screening.ledger.log.key_option import KeyType
from screening.streams import tell
from screening.vocabulary.errors import SpoolRefused

if TYPE_CHECKING:
    from indexer.spool.applying import AppliedExport
    from screening.ledger.log.notes import VerifierKey


@click.group("spool")
def spool() -> None:
    """Apply what the console has had approved by two people, and tell it what became of that."""


spool.add_command(approver)
spool.add_command(status_command)
spool.add_command(undo_command)


@spool.command("init")
@click.option(
    "--console",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The console's key file, brought by hand.",
)
@click.option("--replace", is_flag=True, help="Trust it in place of another console's key.")
def init_command(*, console: Path, replace: bool) -> None:
    """Make the indexer's keys of the spools, and trust a console's.

    Prints the fingerprints of both: compare them with those that the console shows. It is safe to
    run again.

    Example: indexer spool init --console console.spool.pub
    """
    from indexer.spool.setting_up import set_up

    done = set_up(IndexerSettings(), console, replacing=replace)
    click.echo(f"console {done.console} is trusted for deployment {done.deployment}")
    click.echo(f"give the console {done.written}, the key {done.indexer}")


@spool.command("apply")
@click.option("--watch", is_flag=True, help="Go on, and apply each file when it comes.")
def apply_command(*, watch: bool) -> None:
    """Put the next files of the down spool in force, in their order.

    Each is one release, whole or not at all. A file that is refused stays the next (exit 4), and
    the console is told why. After an interruption the same command goes on. With --watch the map,
    the partners and the safety lists are told as well, as `spool map`, `spool partners` and
    `spool exclusions` do; how much partners ask, once an hour.

    \b
    Example:
      indexer spool apply
      indexer spool apply --watch
    """
    if watch:
        from indexer.spool.watching import WatchedSteps, watch_spool

        beside = (_tell_partners_and_usage, _tell_exclusions, _tell_map, refuse_strays)
        steps = WatchedSteps(_apply_all, beside, _tell_usage)
        watch_spool(IndexerSettings(), steps, tell)
    else:
        try:
            _apply_all()
        except SpoolRefused:
            say_strays()
            raise
        say_strays()


@spool.command("skip")
@click.argument("sequence", type=click.IntRange(min=1))
@click.option("--reason", required=True, help="Why; on record, and told to the console.")
def skip_command(*, sequence: int, reason: str) -> None:
    """Pass over the next file for good, whether it is there or not.

    Nothing of it will be in force, and none of its batches is taken in another file: people have
    to approve anew what of it still holds. Of a file that is not there, or cannot be opened, the
    batches are not known, and not passed over.

    Example: indexer spool skip 17 --reason "expired while this host was down"
    """
    from indexer.spool.applying import Applying

    with recovered_deployment() as deployment:
        applying = Applying(deployment)
        batches = applying.skip(sequence, reason)
        of = "none that is known here" if batches is None else counted(batches, "batch", "batches")
        say(f"file {sequence} is skipped, and with it {of}; the next is {sequence + 1}")
        applying.require_told()


@spool.command("map")
def map_command() -> None:
    """Tell the console what the index digests of each token key stand for.

    Told is what is new since the last time. `spool apply --watch` does it by itself. After an
    interruption the same command goes on.

    Example: indexer spool map
    """
    if not _tell_map():
        say("the console knows all of it")


_AGAIN: Final = click.option(
    "--again",
    is_flag=True,
    help="Tell it also where nothing has changed: the console lacks it.",
)


@spool.command("partners")
@_AGAIN
def partners_command(*, again: bool) -> None:
    """Tell the console who the partners are, how each of them stands, and how much they ask.

    It is told where it has changed; that a key was used, by the day. `spool apply --watch` does it
    by itself.

    Example: indexer spool partners
    """
    is_news = [_tell_partners(again=again), _tell_usage(again=again)]
    if not any(is_news):
        say("the console knows all of it")


@spool.command("exclusions")
@_AGAIN
def exclusions_command(*, again: bool) -> None:
    """Tell the console which rules the safety lists have, and how much each keeps off.

    And whom hands have taken off beside it. It is told where it has changed. `spool apply --watch`
    does it by itself.

    Example: indexer spool exclusions
    """
    if not _tell_exclusions(again=again):
        say("the console knows all of it")


@spool.command("list")
def list_command() -> None:
    """Tell a console that comes to a list that is there already what all of that is.

    Then run `intelligence spool adopt` where the console is. Told is what is in force, sealed to
    the console: selectors, sources and reasons. It is refused once a file of the console is in
    force here.

    Example: indexer spool list
    """
    from indexer.spool.whole_list import WholeList

    with recovered_deployment() as deployment:
        told = WholeList(deployment).tell()
        say(f"told of {counted(told.statements, 'statement', 'statements')}: {told.digest}")


@spool.command("matches")
@click.argument("journal", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--key",
    type=KeyType("screening audit key"),
    required=True,
    help="Whose signature is believed: what `screening audit key` prints on the API host, or a "
    "file that holds it.",
)
def matches_command(*, journal: Path, key: "VerifierKey") -> None:
    """Tell the console of the matches in a copy of an API host's journal, and of feedback on them.

    JOURNAL is a folder that `screening audit export` has written. Each record is told once, sealed
    as it is; records without a match stay. Before them it is told what `spool exclusions` tells, if
    that is news. After an interruption the same command goes on. Where a record is not as it was
    signed, it ends with 2 and names it; what lies before it is told.

    Example: indexer spool matches /mnt/api-1/journal --key api-1.vkey
    """
    from indexer.spool.matches import Matches

    with recovered_deployment() as deployment:
        told = Matches(deployment, key).tell(journal)
        say(f"{counted(told, 'record', 'records')} with matches told to the console")


def _apply_all() -> None:
    from indexer.spool.applying import Applying

    with recovered_deployment() as deployment:
        applying, last = Applying(deployment), None
        while (applied := applying.apply_next()) is not None:
            _say_applied(applied)
            last = applied
        if last is None:
            say("no file waits")
        else:
            say_where_in_force(deployment)
        applying.require_told()


def _tell_partners_and_usage() -> None:
    """Tell the console what is new of partners, and then of what they ask."""
    if _tell_partners():  # such as that one is suspected: then people look at what it asks
        _tell_usage()


def _tell_partners(*, again: bool = False) -> bool:
    """Tell the console how the partners stand; return whether that is news."""
    from indexer.spool.partners import Partners

    with recovered_deployment() as deployment:
        there = Partners(deployment).tell(again=again)
        if there is not None:
            say(f"told of {counted(there, 'partner', 'partners')}")
        return there is not None


def _tell_usage(*, again: bool = False) -> bool:
    """Tell the console how much partners ask; return whether that is news."""
    from indexer.spool.usage import Usage

    with recovered_deployment() as deployment:
        there = Usage(deployment).tell(again=again)
        if there is not None:
            say(f"told how much {counted(there, 'partner asks', 'partners ask')}")
        return there is not None


def _tell_exclusions(*, again: bool = False) -> bool:
    """Tell the console how the safety lists stand; return whether that is news."""
    from indexer.spool.exclusions import SafetyLists

    with recovered_deployment() as deployment:
        there = SafetyLists(deployment).tell(again=again)
        if there is not None:
            taken_off = counted(there.taken_off, "selector", "selectors")
            say(f"told of {counted(there.rules, 'rule', 'rules')} of the safety lists")
            left_out = counted(there.left_out, "earlier one", "earlier ones")
            more = f"; left out: {left_out}" if there.left_out else ""
            say(f"told of {taken_off} taken off by hand{more}")
        return there is not None


def _tell_map() -> bool:
    """Tell the console what is new of the map; return whether anything is."""
    from indexer.spool.mapping import Mapping

    with recovered_deployment() as deployment:
        is_news = False
        for told in Mapping(deployment).tell():
            of = "has ended" if told.ended else counted(told.entries, "entry", "entries")
            say(f"map of {told.key_id}: {of}")
            is_news = True
        return is_news


def _say_applied(applied: "AppliedExport") -> None:
    # The console shows the release, and other commands the number of the list.
    file = f"file {applied.sequence}, release {applied.release}"
    if applied.ordered is not None:
        say(f"{file}: {applied.ordered}")
        return
    batches = counted(applied.batches, "batch", "batches")
    changes = counted(applied.changes, "change", "changes")
    say(
        f"{file} (list {applied.revision}): {batches}, {changes}; the list has "
        f"{counted(applied.statements, 'statement', 'statements')}"
    )
