"""What a worker watches for, and what it does about it: always later, beside what it answers.

It may restrict, as the partner's signed record says: alert, throttle, or hold. It lifts nothing.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from operator import itemgetter
from typing import Final, Protocol

from screening.alarms import Alarm, Alarms
from screening.api.alerts.raising import Alerts
from screening.api.loaded import LoadedList
from screening.api.watching.baseline import NOTHING, Counts, Terms, deviations
from screening.api.watching.canary_matches import CanaryMatches
from screening.api.watching.everywhere import Everywhere
from screening.api.watching.suspicions import Noticed, Suspicions
from screening.api.watching.throttling import Throttling
from screening.api.watching.usage import HostUsage
from screening.registry.reader import Caller
from screening.registry.record import PartnerRecord
from screening.store.connection import StoreRefused
from screening.vocabulary.errors import StoreUnavailable, Unavailable
from screening.vocabulary.selector import IndexDigest
from screening.vocabulary.suspected import Suspected

_COUNT_EVERY_S: Final = 2.0
_TELL_AGAIN_AFTER_S: Final = 5.0


class Deployment(Protocol):
    """Whoever knows what all hosts have answered (`DeploymentUsage`)."""

    async def tell(
        self,
        partner: PartnerRecord,
        day: int,
        counts: Counts,
        *,
        throttled_since: int | None,
        suspected: Mapping[Suspected, Noticed],
    ) -> Everywhere:
        """Tell what this host has answered on a day; raises `StoreUnavailable`, `StoreRefused`.

        `throttled_since` is in Unix seconds, None where the partner is not throttled; `suspected`
        is of the partner, and when each was noticed.
        """
        ...


class Holding(Protocol):
    """Whoever can hold a partner (`Allowance`)."""

    def hold(self, partner: PartnerRecord) -> None:
        """Answer a partner no more, on any host, until a person lifts that.

        Raises `Unavailable` where that cannot be written down: it is in force, and tried again.
        """
        ...


class Watch:
    """Counts what one worker answers, and notices canaries; `beat` looks at both."""

    def __init__(
        self,
        usage: HostUsage,
        deployment: Deployment,
        holding: Holding,
        *,
        alarms: Alarms,
        alerts: Alerts,
        terms: Terms,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._usage = usage
        self._deployment = deployment
        self._holding = holding
        self._alarms = alarms
        self._alerts = alerts
        self._terms = terms
        self._clock = clock
        self._monotonic = monotonic
        self._throttling = Throttling()
        self._suspicions = Suspicions(clock)
        self._canaries = CanaryMatches(alarms, alerts, clock)
        self._counted: dict[tuple[str, int], tuple[PartnerRecord, Counts]] = {}
        self._everywhere: dict[str, tuple[int, int, Counts]] = {}
        self._count_at = self._tell_again_at = float("-inf")

    def limited(self, caller: Caller) -> Caller:
        """Return the caller with the limits that it has now."""
        return self._throttling.limited(caller)

    def answered(
        self,
        caller: Caller,
        one: LoadedList,
        receipt: str,
        *,
        selectors: int,
        matches: Mapping[int, IndexDigest],
    ) -> None:
        """Count an answer, and note whether a canary matched; of test keys nothing is noted."""
        partner = caller.partner
        if partner.mode == "test":
            return
        # What was counted before a person has lifted must not restrict who was let go.
        of = partner.partner, partner.matches_counted_from
        counts = self._counted.get(of, (partner, NOTHING))[1]
        this = Counts(1, selectors, len(matches))
        self._counted[of] = (partner, counts.plus(this))
        if not one.canaries.isdisjoint(matches.values()):
            self._canaries.note(caller, one, receipt)

    async def beat(self) -> None:
        """Tell of canaries, and every two seconds hold what was counted against the baselines."""
        await self._tell_of_canaries()
        if self._counted and self._monotonic() >= self._count_at:
            self._count_at = self._monotonic() + _COUNT_EVERY_S
            for of in sorted(self._counted):  # what was counted before a lift first
                can_count = await self._look_at(*self._counted.pop(of))
                await self._tell_of_canaries()  # which wait for no look at all partners
                if not can_count:  # nor for a sibling, once for each of them
                    break

    def end(self) -> None:
        """Write down what is known and not written yet: the worker ends."""
        self._react_to_canaries()
        self.write_alerts()
        can_count = True
        for _, (partner, counts) in sorted(self._counted.items(), key=itemgetter(0)):
            if not can_count:
                self._alarms.raised("usage_unwritable", partner.partner)
                continue
            try:
                self._add(partner, counts)
            except OSError as error:
                can_count = not isinstance(error, BlockingIOError)
                self._alarms.raised("usage_unwritable", partner.partner)
        self.write_alerts()

    def write_alerts(self) -> None:
        """Make durable what was raised."""
        if not self._alerts.write_down():
            self._alarms.raised("alerts_dropped", "outbox")

    async def _tell_of_canaries(self) -> None:
        self._react_to_canaries()
        if self._alerts.has_news:
            await asyncio.to_thread(self.write_alerts)

    def _react_to_canaries(self) -> None:
        """Tell of all that matched first: what one partner's hold meets must not silence others."""
        for partner in self._canaries.tell():
            self._suspicions.note(partner, "canary_matched")
            self._react(partner)

    def _add(self, partner: PartnerRecord, counts: Counts) -> Mapping[str, Mapping[int, Counts]]:
        today, since = self._usage.today(), partner.matches_counted_from
        day, counted_from, known = self._everywhere.get(partner.partner, (0, 0, NOTHING))
        everywhere = known if (day, counted_from) == (today, since) else NOTHING
        history = self._usage.add(partner, counts, everywhere)
        return {"here": history.here, "everywhere": history.everywhere}

    def _count_again(self, partner: PartnerRecord, counts: Counts) -> None:
        """Ask again together with what comes next: a disk that is full stops no answer here."""
        of = partner.partner, partner.matches_counted_from
        newest, later = self._counted.get(of, (partner, NOTHING))
        self._counted[of] = (newest, later.plus(counts))
        self._alarms.raised("usage_unwritable", partner.partner)

    async def _look_at(self, partner: PartnerRecord, counts: Counts) -> bool:
        """Count, and look at what that is; False where whoever counts now keeps all from it."""

        def look_after(added: "asyncio.Task[Mapping[str, Mapping[int, Counts]]]") -> None:
            if not added.cancelled() and added.exception() is not None:
                self._count_again(partner, counts)

        # Shielded: what is not counted yet must not be lost where the worker ends in between.
        adding = asyncio.ensure_future(asyncio.to_thread(self._add, partner, counts))
        adding.add_done_callback(look_after)
        history: Mapping[str, Mapping[int, Counts]] = {}
        can_count = True
        try:
            history = await asyncio.shield(adding)
        except OSError as error:
            can_count = not isinstance(error, BlockingIOError)
        today = self._usage.today()
        found = {one for days in history.values() for one in deviations(days, today, self._terms)}
        for what in sorted(found):
            self._suspicions.note(partner, what)
            self._raise(what, partner)
        if found:
            self._react(partner)
        if self._is_throttled(partner):
            self._throttle(partner)
        if history:
            await self._tell(partner, today, history["here"].get(today, NOTHING))
        return can_count

    def _is_throttled(self, partner: PartnerRecord) -> bool:
        """What a file, a worker or Redis has lost, the others bring back."""
        try:
            is_known = self._throttling.is_throttled(partner)
            return is_known or self._usage.throttled_since(partner) is not None
        except OSError:
            self._alarms.raised("usage_unwritable", partner.partner)
            return False

    def _throttled_since(self, partner: PartnerRecord) -> int | None:
        if not self._throttling.is_throttled(partner):
            return None
        with suppress(OSError):  # whoever cannot read it has said so
            since = self._usage.throttled_since(partner)
            if since is not None:
                return since
        return int(self._clock())

    async def _tell(self, partner: PartnerRecord, today: int, counts: Counts) -> None:
        everywhere = await self._told(partner, today, counts)
        since = partner.matches_counted_from
        if everywhere is None:
            if self._suspicions.of(partner):  # whoever is held may ask no more, and is not counted
                self._counted.setdefault((partner.partner, since), (partner, NOTHING))
            return
        self._everywhere[partner.partner] = (today, since, everywhere.counts)
        if everywhere.is_throttled and not self._throttling.is_throttled(partner):
            self._throttle(partner)

    async def _told(self, partner: PartnerRecord, today: int, counts: Counts) -> Everywhere | None:
        """Tell Redis; return what it knows, None where it cannot be asked now."""
        if self._monotonic() < self._tell_again_at:
            return None
        telling = self._deployment.tell(
            partner,
            today,
            counts,
            throttled_since=self._throttled_since(partner),
            suspected=self._suspicions.of(partner),
        )
        try:
            # Shielded: the end of the worker must not break off what waits for a reply of Redis.
            return await asyncio.shield(asyncio.ensure_future(telling))
        except StoreRefused:  # what is wrong with one partner's keys keeps no other from being told
            return None
        except StoreUnavailable:
            # Sync says that it is away; this host goes on counting by itself. Not asked again for
            # each partner in turn: the beat has more to do.
            self._tell_again_at = self._monotonic() + _TELL_AGAIN_AFTER_S
            return None

    def _react(self, partner: PartnerRecord) -> None:
        match partner.on_suspicion:
            case "throttle":
                self._throttle(partner)
            case "hold":
                self._raise("partner_held", partner)
                self._hold(partner)
            case "alert":
                pass

    def _raise(self, what: Alarm, partner: PartnerRecord) -> None:
        self._alarms.raised(what, partner.partner, since=partner.matches_counted_from)

    def _hold(self, partner: PartnerRecord) -> None:
        try:
            self._holding.hold(partner)
        except Unavailable:  # a full disk lets nobody off: the allowance tries it again
            self._alarms.raised("usage_unwritable", partner.partner)

    def _throttle(self, partner: PartnerRecord) -> None:
        self._throttling.throttle(partner)
        self._raise("partner_throttled", partner)
        try:
            if self._usage.throttled_since(partner) is None:
                self._usage.throttle(partner)
        except OSError:
            self._alarms.raised("usage_unwritable", partner.partner)
