"""How a command that changes what is in force begins, and what it says at its end."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

import rich_click as click

from indexer.settings import IndexerSettings
from screening.store.settings import StoreSettings
from screening.streams import forget_unwritten, tell
from screening.vocabulary.errors import LedgerUnavailable, StoreUnavailable

if TYPE_CHECKING:
    from indexer.deployment import Deployment
    from indexer.in_force import Release

_MAY_BE_IN_FORCE: Final = (
    "what this command has changed is in force, or may be: indexer status says so"
)


@contextmanager
def recovered_deployment() -> "Iterator[Deployment]":
    """Open the deployment of the environment, and settle what an interrupted command has left."""
    from indexer.deployment import open_deployment, telling_that_nothing_is_changed
    from indexer.in_force import last_release
    from indexer.metrics import write_metrics
    from indexer.pending import telling_what_is_pending
    from indexer.progress import Terminal
    from indexer.releases import Releases

    settings, store_settings = IndexerSettings(), StoreSettings.from_environment()
    warn_of_left_over(settings)
    with open_deployment(settings, store_settings, Terminal()) as deployment:
        try:
            with telling_that_nothing_is_changed():
                Releases(deployment).recover()
            before = last_release(deployment.list_file)
            try:
                with telling_what_is_pending(deployment):
                    yield deployment
            except (OSError, sqlite3.Error, LedgerUnavailable, KeyboardInterrupt) as error:
                error.add_note(_whether_in_force(deployment, before))
                raise
        except Exception:
            _count_failure(deployment)
            raise
        finally:
            if settings.metrics_file is not None:
                try:
                    write_metrics(deployment, settings.metrics_file)
                except OSError:  # what was done stays done
                    tell(f"{settings.metrics_file} cannot be written; check INDEXER_METRICS_FILE")


def _count_failure(deployment: "Deployment") -> None:
    """Count it, whatever failed, unless the list file takes no count."""
    from indexer.metrics import count_failure

    with suppress(sqlite3.Error):
        count_failure(deployment)


def _whether_in_force(deployment: "Deployment", before: int) -> str:
    """Tell of a command that was broken off whether its release may be; `before` was the last."""
    from indexer.in_force import last_release

    try:
        has_begun = last_release(deployment.list_file) != before
    except sqlite3.Error:
        has_begun = True
    if has_begun:
        return _MAY_BE_IN_FORCE
    return "what was in force stays"


def warn_of_left_over(settings: IndexerSettings) -> None:
    """Say on stderr where a restore was killed: what it has left may be every secret there is."""
    from screening.staging import find_left_over

    left = find_left_over(settings.home)
    if left is not None:
        tell(f"{left} was left by a restore that was killed, and may hold every secret: remove it")


def say(sentence: str) -> None:
    """Print what was done. Where nobody takes it, that is no failure of what was done."""
    try:
        click.echo(sentence)
    except OSError:
        forget_unwritten()


def say_where_in_force(deployment: "Deployment") -> None:
    """Have it said, behind the command, how many API hosts have loaded what it put in force.

    Waiting for them changes nothing, and keeps no other command away.
    """
    from indexer.in_force import find_current

    release = find_current(deployment.list_file)
    deployment.afterwards.callback(_wait_and_say, deployment, release)


def _wait_and_say(deployment: "Deployment", release: "Release | None") -> None:
    from indexer.waiting import wait_for_hosts

    wait_s = deployment.settings.attest_wait_s
    try:
        found = wait_for_hosts(deployment.store, deployment.list_file, release, wait_s)
    except StoreUnavailable:  # no failure of the command: what it has done stays done
        tell("in force, but the store does not answer any more; see: indexer status")
        return
    except (sqlite3.Error, KeyboardInterrupt) as error:
        error.add_note(_MAY_BE_IN_FORCE)
        raise
    if found.later is not None:
        tell(
            f"release {found.later.release} ({found.later.command}) came after this, and may have "
            "undone it; see: indexer status"
        )
    elif not found.attesting:
        say("no API host is running; one that starts takes it up by itself")
    elif found.hosts < found.attesting:
        tell(f"in force on {found.hosts} of {found.attesting} API hosts; see: indexer status")
    else:
        say(f"in force on {found.hosts} API host{'s' if found.hosts > 1 else ''}")
