"""What one worker does about a canary when its disk takes nothing: it lets nobody off."""

import asyncio
import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Final

import msgspec
import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from screening.api.alarm_counter import AlarmCounter
from screening.api.alerts.outbox import Outbox
from screening.api.alerts.raising import Alerts
from screening.api.lists import LoadedList
from screening.api.watching.baseline import NOTHING, Counts
from screening.api.watching.canary_matches import TOLD_AN_HOUR
from screening.api.watching.everywhere import DeploymentUsage, Everywhere
from screening.api.watching.usage import HostUsage
from screening.api.watching.watch import Watch
from screening.registry.reader import Caller
from screening.registry.record import ApiKeyRecord, PartnerRecord, Suspicion
from screening.vocabulary.errors import QuotaExceeded, StoreUnavailable
from screening.vocabulary.selector import IndexDigest
from screening.vocabulary.unix_time import HOUR_S
from tests.api.quotas.spending import (
    Clock,
    Noted,
    allowance_without_redis,
    client_of,
    partner,
)
from tests.api.watching_nothing import watch_of
from tests.api.worker_lists import WorkerLists, load
from tests.harness.valkey import Valkey

CANARY: Final = IndexDigest(bytes(16))
KEY: Final = ApiKeyRecord(id="k3jm5x2a7q4b", verifier=bytes(32), scopes=["check"])


class Slow:
    """A deployment that is asked, and does not answer."""

    def __init__(self) -> None:
        self.is_asked = asyncio.Event()

    async def tell(
        self, partner: PartnerRecord, day: int, counts: Counts, *, is_throttled: bool
    ) -> Everywhere:
        self.is_asked.set()
        await asyncio.Event().wait()
        raise StoreUnavailable("away")


class Raised(AlarmCounter):
    """The alarms of a process, which remembers them."""

    def __init__(self, alerts: Alerts) -> None:
        super().__init__(CollectorRegistry(), alerts)
        self.alarms: set[tuple[str, str]] = set()
        self.counted: Counter[str] = Counter()

    def raised(self, what: str, name: str, *, since: int = 0) -> None:
        super().raised(what, name, since=since)
        self.alarms.add((what, name))
        self.counted[what] += 1


class Watched:
    """A worker's watch over a home of its own, and a list in which `CANARY` is marked."""

    def __init__(self, home: Path, one: LoadedList, on_suspicion: Suspicion) -> None:
        home.mkdir(mode=0o700)
        self.home = home
        self.clock = Clock()
        self.outbox = Outbox(home)
        alerts = Alerts(self.outbox, "one", self.clock)
        self.noted = Raised(alerts)
        self.allowance = allowance_without_redis(home)
        self.watch: Watch = watch_of(
            home,
            alarms=self.noted,
            alerts=alerts,
            holding=self.allowance,
            clock=self.clock,
        )
        self.partner: PartnerRecord = msgspec.structs.replace(
            partner(since=7), on_suspicion=on_suspicion
        )
        self._list = one

    def answer(self, receipt: str) -> None:
        caller = Caller(self.partner, KEY, ())
        self.watch.answered(caller, self._list, receipt, selectors=1, matches={0: CANARY})

    def beat(self) -> None:
        """Let pass what a worker does five times a second."""

        async def both() -> None:
            await self.allowance.tell()
            await self.watch.beat()

        asyncio.run(both())

    def told(self) -> Counter[str]:
        """Count the alerts that wait, by type."""
        waiting = (json.loads(self.outbox.read(one)) for one in self.outbox.waiting())
        return Counter(one["type"] for one in waiting)

    def marks(self) -> list[str]:
        return [path.name for path in self.home.glob("*/acme.[th][he]*-7")]


@pytest.fixture
def marked(cached: WorkerLists) -> LoadedList:
    asyncio.run(load(cached))
    one = cached.lists.loaded.lists[cached.key_id]
    one.canaries = frozenset({CANARY})
    return one


@pytest.mark.parametrize(
    ("by", "folder", "mark"),
    [("hold", "allowance", "acme.held-7"), ("throttle", "usage", "acme.throttled-7")],
)
def test_a_restriction_that_the_disk_does_not_take_is_written_once_it_does_and_no_alert_is_lost(
    tmp_path: Path, marked: LoadedList, by: Suspicion, folder: str, mark: str
) -> None:
    watched = Watched(tmp_path / "home", marked, by)
    shutil.rmtree(watched.home / folder)
    watched.answer("a" * 26)
    watched.answer("b" * 26)
    watched.beat()
    assert ("usage_unwritable", "acme") in watched.noted.alarms
    assert watched.told()["canary.matched"] == 2
    assert watched.marks() == []
    (watched.home / folder).mkdir(mode=0o700)
    watched.watch._count_at = float("-inf")  # as two seconds later
    watched.beat()
    assert watched.marks() == [mark]


def test_what_is_restricted_is_told_as_long_as_it_goes_on_asking(
    tmp_path: Path, marked: LoadedList
) -> None:
    watched = Watched(tmp_path / "home", marked, "throttle")
    watched.answer("a" * 26)
    watched.beat()
    assert ("partner_throttled", "acme") in watched.noted.alarms
    watched.noted.alarms.clear()
    marked.canaries = frozenset()
    watched.answer("b" * 26)
    watched.watch._count_at = float("-inf")  # as two seconds later
    watched.beat()
    assert ("partner_throttled", "acme") in watched.noted.alarms


def test_what_only_is_to_be_told_restricts_nobody(tmp_path: Path, marked: LoadedList) -> None:
    watched = Watched(tmp_path / "home", marked, "alert")
    watched.answer("a" * 26)
    watched.beat()
    caller = Caller(watched.partner, KEY, ())
    assert watched.watch.limited(caller) is caller
    assert (watched.marks(), len(watched.outbox.waiting())) == ([], 1)


def test_a_search_over_two_hosts_that_neither_sees_alone_is_seen(
    tmp_path: Path, marked: LoadedList, valkey: Valkey
) -> None:
    marked.canaries = frozenset()
    noted = Noted()
    caller = Caller(partner(since=7), KEY, ())

    async def search() -> None:
        clients = [client_of(valkey.socket) for _ in "ab"]
        watches = []
        for name, client in zip("ab", clients, strict=True):
            (home := tmp_path / name).mkdir(mode=0o700)
            deployment = DeploymentUsage(client, name)
            watches.append(watch_of(home, deployment=deployment, alarms=noted))
        for matches in (12, 0):  # of which twenty are what is looked at
            for watch in watches:
                found = {row: IndexDigest(bytes(16)) for row in range(matches)}
                watch.answered(caller, marked, "a" * 26, selectors=16, matches=found)
                watch._count_at = float("-inf")  # as two seconds later
                await watch.beat()
        for client in clients:
            await client.aclose()

    asyncio.run(search())
    assert ("partner_hit_rate", "acme") in noted.alarms


def test_what_one_hold_meets_silences_and_frees_no_other_partner(
    tmp_path: Path, marked: LoadedList
) -> None:
    watched = Watched(tmp_path / "home", marked, "hold")
    both = [
        msgspec.structs.replace(partner(since=7, name=name), on_suspicion="hold")
        for name in ("acme", "bolt")
    ]
    for number, one in enumerate(2 * both):
        caller = Caller(one, KEY, ())
        watched.watch.answered(caller, marked, f"{number}" * 26, selectors=1, matches={0: CANARY})
    shutil.rmtree(watched.home / "allowance")
    watched.beat()
    assert watched.told() == {"canary.matched": 4, "partner.held": 2}
    (watched.home / "allowance").mkdir(mode=0o700)
    for one in both:  # before anything is written
        with pytest.raises(QuotaExceeded):
            asyncio.run(watched.allowance.spend(one, 1))
    watched.beat()
    held = {path.name for path in (watched.home / "allowance").glob("*.held-7")}
    assert held == {"acme.held-7", "bolt.held-7"}


def test_what_is_not_counted_yet_when_the_worker_ends_is_counted_then(
    tmp_path: Path, marked: LoadedList
) -> None:
    (tmp_path / "home").mkdir(mode=0o700)
    watch = watch_of(tmp_path / "home", deployment=(slow := Slow()))
    both = [partner(since=7, name=name) for name in ("acme", "bolt")]

    async def broken_off() -> None:
        for one in both:
            watch.answered(Caller(one, KEY, ()), marked, "a" * 26, selectors=16, matches={})
        beat = asyncio.create_task(watch.beat())
        await slow.is_asked.wait()
        beat.cancel()
        await asyncio.wait([beat])

    asyncio.run(broken_off())
    watch.end()
    usage = HostUsage(tmp_path / "home")
    for one in both:
        assert usage.add(one, NOTHING, NOTHING).here[usage.today()] == Counts(1, 16, 0)


def test_who_repeats_a_canary_is_told_of_and_restricted_and_keeps_no_alert_of_others_waiting(
    tmp_path: Path, marked: LoadedList
) -> None:
    watched = Watched(tmp_path / "home", marked, "throttle")
    late = msgspec.structs.replace(watched.partner, partner="bolt")
    for _ in range(2):
        for number in range(3_000):
            watched.answer(f"{number:026}")
        caller = Caller(late, KEY, ())
        watched.watch.answered(caller, marked, "b" * 26, selectors=1, matches={0: CANARY})
        watched.beat()
    assert watched.told() == {
        "canary.matched": TOLD_AN_HOUR + 1,
        "canary.matched_often": 1,
        "partner.throttled": 2,
        "partner.hit_rate": 1,
    }
    assert watched.noted.counted["canary_matched"] == 6_002
    assert ("alerts_dropped", "outbox") not in watched.noted.alarms
    assert watched.watch.limited(Caller(late, KEY, ())).partner != late


def test_with_the_next_hour_canaries_are_told_one_by_one_again(
    tmp_path: Path, marked: LoadedList
) -> None:
    watched = Watched(tmp_path / "home", marked, "alert")
    for hour in range(2):
        for number in range(2 * TOLD_AN_HOUR):
            watched.answer(f"{hour}{number:025}")
        watched.beat()
        watched.clock.now += HOUR_S
    assert watched.told()["canary.matched"] == 2 * TOLD_AN_HOUR


@pytest.mark.parametrize(
    ("by", "kind"), [("throttle", "partner.throttled"), ("hold", "partner.held")]
)
def test_what_comes_again_after_a_person_has_lifted_it_is_told_again(
    tmp_path: Path, marked: LoadedList, by: Suspicion, kind: str
) -> None:
    watched = Watched(tmp_path / "home", marked, by)
    for moment in (7, 8, 8):
        watched.partner = msgspec.structs.replace(watched.partner, matches_counted_from=moment)
        watched.answer("a" * 26)
        watched.beat()
    assert watched.told()[kind] == 2


@pytest.mark.parametrize("by", ["alert", "throttle", "hold"])
def test_an_answer_with_a_canary_only_notes_it_and_the_beat_tells_and_restricts(
    tmp_path: Path, marked: LoadedList, by: Suspicion
) -> None:
    watched = Watched(tmp_path / "home", marked, by)
    caller = Caller(watched.partner, KEY, ())
    with capture_logs() as logs:
        watched.answer("a" * 26)
    assert (logs, watched.noted.alarms, watched.marks()) == ([], set(), [])
    assert (watched.outbox.waiting(), watched.watch.limited(caller)) == ([], caller)
    assert not watched.watch._alerts.has_news
    watched.beat()
    assert ("canary_matched", "acme") in watched.noted.alarms
    assert watched.told()["canary.matched"] == 1
    assert len(watched.marks()) == (by != "alert")
