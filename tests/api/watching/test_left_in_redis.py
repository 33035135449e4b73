"""What a worker leaves in Redis for people: how much a partner asks, what it is suspected of."""

import asyncio
import time
from pathlib import Path

import redis as blocking

from screening.api.loaded import LoadedList
from screening.api.watching.everywhere import DeploymentUsage
from screening.api.watching.suspicions import SUSPICIONS_KEPT_S, Noticed, Suspicions
from screening.registry.reader import Caller
from screening.store import keys
from screening.vocabulary.suspected import Suspected
from screening.vocabulary.unix_time import DAY_S
from tests.api.quotas.spending import Clock, client_of, partner
from tests.api.watching.watched import CANARY, KEY
from tests.api.watching_nothing import watch_of
from tests.harness.valkey import Valkey

ACME = partner(since=7)


def today() -> int:
    return int(time.time() // DAY_S)


class Hosts:
    """Hosts of one deployment, whose beats are made by hand."""

    def __init__(self, folder: Path, one: LoadedList, valkey: Valkey, socket: Path) -> None:
        self._one = one
        self._client = client_of(socket)
        self._watches = []
        for name in "ab":
            (home := folder / name).mkdir(mode=0o700)
            deployment = DeploymentUsage(self._client, name)
            self._watches.append(watch_of(home, deployment=deployment))
        self.store = blocking.Redis(unix_socket_path=str(valkey.socket))

    def since(self, what: Suspected) -> bytes | None:
        found = self.store.get(keys.suspected("acme", 7, what))
        assert found is None or isinstance(found, bytes)
        return found

    async def answer(self, *, selectors: int, canary: bool = False) -> None:
        """Have every host answer, and beat as two seconds later."""
        for watch in self._watches:
            matches = {0: CANARY} if canary else {}
            caller = Caller(ACME, KEY, ())
            watch.answered(caller, self._one, "a" * 26, selectors=selectors, matches=matches)
            await self.beat(watch)

    async def beat(self, *watches: object) -> None:
        for watch in watches or self._watches:
            watch._count_at = watch._tell_again_at = float("-inf")  # type: ignore[attr-defined]  # as seconds later
            await watch.beat()  # type: ignore[attr-defined]  # it is a watch

    async def end(self) -> None:
        await self._client.aclose()
        self.store.close()


def test_the_sums_of_all_hosts_are_left_and_when_a_canary_matched_first(
    tmp_path: Path, marked: LoadedList, valkey: Valkey
) -> None:
    async def asked() -> None:
        hosts = Hosts(tmp_path, marked, valkey, valkey.socket)
        await hosts.answer(selectors=16)
        assert hosts.store.get(keys.answered("acme", 7, today())) == b"2:32:0"
        assert hosts.since("canary_matched") is None
        before = int(time.time())
        await hosts.answer(selectors=4, canary=True)
        assert hosts.store.get(keys.answered("acme", 7, today())) == b"4:40:2"
        first = hosts.since("canary_matched")
        assert first is not None
        assert before <= int(first) <= time.time()
        name = keys.suspected("acme", 7, "canary_matched")
        assert SUSPICIONS_KEPT_S - 60 < hosts.store.ttl(name) <= SUSPICIONS_KEPT_S
        hosts.store.set(keys.suspected("acme", 7, "canary_matched"), "5")
        await hosts.answer(selectors=1, canary=True)
        assert hosts.since("canary_matched") == b"5"  # the first time stays
        hosts.store.flushall()
        await hosts.answer(selectors=1)  # what Redis forgets is told to it again
        assert hosts.since("canary_matched") is not None
        assert hosts.since("partner_volume") is None
        await hosts.end()

    asyncio.run(asked())


def test_a_suspicion_is_told_once_redis_is_back_though_nobody_asks_any_more(
    tmp_path: Path, marked: LoadedList, valkey: Valkey
) -> None:
    socket = tmp_path / "link.sock"

    async def asked() -> None:
        hosts = Hosts(tmp_path, marked, valkey, socket)
        await hosts.answer(selectors=1, canary=True)
        await hosts.beat()
        socket.symlink_to(valkey.socket)
        await hosts.beat()
        assert hosts.since("canary_matched") is not None
        await hosts.end()

    asyncio.run(asked())


def test_what_was_noticed_long_ago_or_before_a_lift_is_no_suspicion() -> None:
    clock = Clock()
    suspicions = Suspicions(clock)
    suspicions.note(ACME, "partner_volume")
    first = int(clock.now)
    assert suspicions.of(ACME) == {"partner_volume": Noticed(first, first)}
    assert suspicions.of(partner(since=8)) == {}
    clock.now += SUSPICIONS_KEPT_S
    assert suspicions.of(ACME) == {}
    suspicions.note(ACME, "partner_volume")  # which is another one
    assert suspicions.of(ACME) == {
        "partner_volume": Noticed(first + SUSPICIONS_KEPT_S, first + SUSPICIONS_KEPT_S)
    }
