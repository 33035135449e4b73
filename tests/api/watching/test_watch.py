"""What one worker does about a canary when its disk takes nothing: it lets nobody off."""

import asyncio
import shutil
import threading
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from screening.api.loaded import LoadedList
from screening.api.watching.baseline import NOTHING, Counts
from screening.api.watching.everywhere import DeploymentUsage, Everywhere
from screening.api.watching.suspicions import Noticed
from screening.api.watching.usage import HostUsage
from screening.registry.reader import Caller
from screening.registry.record import PartnerRecord, Suspicion
from screening.vocabulary.errors import QuotaExceeded, StoreUnavailable
from screening.vocabulary.selector import IndexDigest
from screening.vocabulary.suspected import Suspected
from tests.api.quotas.spending import (
    Noted,
    client_of,
    partner,
)
from tests.api.watching.watched import CANARY, KEY, Watched
from tests.api.watching_nothing import watch_of
from tests.harness.valkey import Valkey


class Slow:
    """A deployment that is asked, and does not answer."""

    def __init__(self) -> None:
        self.is_asked = asyncio.Event()

    async def tell(
        self,
        partner: PartnerRecord,
        day: int,
        counts: Counts,
        *,
        throttled_since: int | None,
        suspected: Mapping[Suspected, Noticed],
    ) -> Everywhere:
        self.is_asked.set()
        await asyncio.Event().wait()
        raise StoreUnavailable("away")


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


def test_what_is_counted_while_the_disk_refuses_is_put_back_beside_what_is_answered_meanwhile(
    tmp_path: Path, marked: LoadedList
) -> None:
    watched = Watched(tmp_path / "home", marked, "alert")
    watch, caller = watched.watch, Caller(watched.partner, KEY, ())
    (watched.home / "usage").rename(watched.home / "aside")
    loops = LoopOnly(watch._counted)
    watch._counted = loops

    def answer() -> None:
        watch.answered(caller, marked, "a" * 26, selectors=16, matches={})

    async def answers_beside_a_beat() -> None:
        beat = asyncio.create_task(watch.beat())
        while not beat.done():
            answer()
            loops.answered += 1
            await asyncio.sleep(0)
        await beat

    for _ in range(3):
        answer()
        loops.answered += 1
        watch._count_at = float("-inf")
        asyncio.run(answers_beside_a_beat())
    (watched.home / "aside").rename(watched.home / "usage")
    watch._count_at = float("-inf")
    watched.beat()
    usage = HostUsage(watched.home)
    here = usage.add(watched.partner, NOTHING, NOTHING).here[usage.today()]
    assert here == Counts(loops.answered, 16 * loops.answered, 0)


def test_a_mark_that_nobody_can_look_at_is_told_and_stops_the_look_at_no_other_partner(
    tmp_path: Path, marked: LoadedList
) -> None:
    watched = Watched(tmp_path / "home", marked, "alert")
    both = [partner(since=7, name=name) for name in ("acme", "bolt")]
    (watched.home / "usage" / "acme.throttled-7").symlink_to("a" * 300)  # longer than a name may be
    for one in both:
        caller = Caller(one, KEY, ())
        watched.watch.answered(caller, marked, "a" * 26, selectors=16, matches={})
    watched.beat()
    assert ("usage_unwritable", "acme") in watched.noted.alarms
    usage = HostUsage(watched.home)
    for one in both:
        assert usage.add(one, NOTHING, NOTHING).here[usage.today()] == Counts(1, 16, 0)


class LoopOnly(dict[tuple[str, int], tuple[PartnerRecord, Counts]]):
    """What is counted, which no thread but that of the loop may change."""

    answered = 0

    def __init__(self, counted: Mapping[tuple[str, int], tuple[PartnerRecord, Counts]]) -> None:
        super().__init__(counted)
        self._thread = threading.get_ident()

    def __setitem__(self, of: tuple[str, int], counted: tuple[PartnerRecord, Counts]) -> None:
        assert threading.get_ident() == self._thread
        super().__setitem__(of, counted)
