"""Waits for API hosts to answer from what a command has put in force. Changes nothing."""

import time
from typing import Final, NamedTuple

import redis

from indexer.in_force import Release, api_hosts, last_release, releases_from
from indexer.list.file import ListFile

_LOOK_EVERY_S: Final = 0.1


class Loaded(NamedTuple):
    """How many of the API hosts that attest have loaded a release, or a later one.

    `later` is the last of these, None where there is none: it may have undone the first.
    """

    hosts: int
    attesting: int
    later: Release | None


def wait_for_hosts(
    store: redis.Redis, list_file: ListFile, release: Release | None, wait_s: float
) -> Loaded:
    """Wait for every API host that attests to load `release`, or a later one.

    A later one goes on from this one, and may come while this waits: no lock is held for it. Gives
    up after `wait_s`: a host that is down takes the release when it comes back.
    """
    deadline, releases = time.monotonic() + wait_s, [] if release is None else [release]
    while True:
        if releases and last_release(list_file) > releases[-1].release:
            releases = releases_from(list_file, releases[0].release)
        hosts = api_hosts(store, *releases)
        ready = sum(host.is_up_to_date for host in hosts)
        if ready == len(hosts) or time.monotonic() > deadline:
            return Loaded(ready, len(hosts), releases[-1] if len(releases) > 1 else None)
        time.sleep(_LOOK_EVERY_S)
