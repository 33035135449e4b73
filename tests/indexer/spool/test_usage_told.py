"""What hosts leave in Redis of a partner is told to the console, as far as it can be believed."""

import time
from datetime import UTC, date, datetime

import pytest

from indexer.restrictions import restrictions_of
from screening.spools.partners_told import PartnersTold, ToldPartner
from screening.spools.usage_told import ToldDay, UsageTold
from screening.store import keys
from screening.vocabulary.suspected import Suspected
from screening.vocabulary.unix_time import DAY_S
from tests.harness.processes import eventually
from tests.harness.slow import slow_but_first
from tests.harness.spool_console import Desk
from tests.indexer.running import Running

NOT_KNOWN = (None, None, None)
SINCE = 1_764_500_000
AT = datetime.fromtimestamp(SINCE, UTC)


def today() -> int:
    return int(time.time() // DAY_S)


def on(day: int) -> date:
    return datetime.fromtimestamp(day * DAY_S, UTC).date()


def write(running: Running, content: bytes | str, day: int, *, of: str = "answered") -> None:
    """Leave in Redis what a host would, or something else."""
    name = {"answered": keys.answered, "spent": keys.spent}[of]
    since = running.records()["acme"].matches_counted_from
    running.redis.set(name("acme", since, day), content)


def mark(running: Running, content: str, what: Suspected | None = None) -> None:
    since = running.records()["acme"].matches_counted_from
    names = [keys.hold("acme", since)] if what is None else [keys.suspected("acme", since, what)]
    running.redis.set(names[0], content)


def usage_told(running: Running, desk: Desk) -> list[ToldDay]:
    """Have the console told; return the days of `acme` that it was told of now."""
    before = len(desk.told_beside())
    running.run("spool", "partners")
    told = [one for one in desk.told_beside()[before:] if isinstance(one, UsageTold)]
    return [day for one in told for partner in one.partners for day in partner.days]


def partner_told(running: Running, desk: Desk) -> ToldPartner:
    running.run("spool", "partners")
    (partner,) = [one for one in desk.told_beside() if isinstance(one, PartnersTold)][-1].partners
    return partner


def test_counts_of_the_last_days_are_told_once_they_change(running: Running, desk: Desk) -> None:
    running.add_partner("acme")
    assert usage_told(running, desk) == []
    day = today()
    write(running, "7:100:2", day - 1)
    write(running, "3:20:1", day)
    write(running, "18:3", day, of="spent")
    assert usage_told(running, desk) == [
        ToldDay(on(day - 1), 7, 100, 2, None, None),
        ToldDay(on(day), 3, 20, 1, 18, 3),
    ]
    assert usage_told(running, desk) == []
    assert running.run("spool", "partners").output == "the console knows all of it\n"
    write(running, "4:21:1", day)
    assert usage_told(running, desk)[-1].selectors == 21


@slow_but_first(
    2,
    "content",
    [
        b"1:-5:0",
        b"1:2",
        b"1:2:3",
        b"one:2:0",
        b"1:9999999999999:0",
        b"1:2:0" * 40,
        b"\xff:1:0",
        b":",
    ],
)
def test_what_is_no_count_is_not_known_and_never_nothing(
    running: Running, desk: Desk, content: bytes
) -> None:
    running.add_partner("acme")
    write(running, content, today())
    write(running, b"5:2", today(), of="spent")
    assert usage_told(running, desk) == [ToldDay(on(today()), *NOT_KNOWN, 5, 2)]


def test_what_lies_there_as_another_type_is_not_known(running: Running, desk: Desk) -> None:
    running.add_partner("acme")
    since = running.records()["acme"].matches_counted_from
    running.redis.lpush(keys.answered("acme", since, today()), "1:2:0")
    assert usage_told(running, desk) == [ToldDay(on(today()), *NOT_KNOWN, None, None)]


@pytest.mark.slow
def test_what_was_counted_before_a_lift_is_told_no_more(running: Running, desk: Desk) -> None:
    running.add_partner("acme")
    write(running, "3:20:1", today())
    mark(running, str(SINCE), "canary_matched")
    before = partner_told(running, desk)
    assert before.suspected != []
    running.run("partner", "lift", "acme")
    told = partner_told(running, desk)
    assert told.suspected == []
    assert before.counted_from is not None
    assert told.counted_from is not None
    assert told.counted_from > before.counted_from
    assert usage_told(running, desk) == []


def test_what_hosts_do_of_themselves_and_why_is_told_with_since_when(
    running: Running, desk: Desk
) -> None:
    running.add_partner("acme")
    told = partner_told(running, desk)
    assert (told.is_held, told.is_throttled, told.suspected) == (False, False, [])
    assert (told.on_suspicion, told.selectors_per_second) == ("alert", 20_000)
    mark(running, str(SINCE))
    since = running.records()["acme"].matches_counted_from
    running.redis.set(keys.throttle("acme", since), "1")  # as hosts of before have written it
    mark(running, "soon", "partner_volume")
    mark(running, str(SINCE), "canary_matched")
    told = partner_told(running, desk)
    assert (told.is_held, told.held_since) == (True, AT)
    assert (told.is_throttled, told.throttled_since) == (True, None)
    said = [(one.what, one.since) for one in told.suspected or ()]
    assert said == [("canary_matched", AT), ("partner_volume", None)]
    status = running.run("status").output
    assert "partner   acme is held: it has used up its matches, or is under suspicion" in status
    assert "  held since 2025-11-30 10:53:20 UTC\n" in status
    assert "  throttled since a time that is not known\n" in status
    assert "  since 2025-11-30 10:53:20 UTC: a canary of it matched\n" in status


@pytest.mark.slow
def test_an_empty_mark_is_told_as_what_it_does_and_can_be_lifted(
    running: Running, desk: Desk
) -> None:
    running.add_partner("acme")
    mark(running, "")
    mark(running, "", "canary_matched")
    since = running.records()["acme"].matches_counted_from
    running.redis.set(keys.throttle("acme", since), "")
    told = partner_told(running, desk)
    assert (told.is_held, told.held_since) == (True, None)
    assert (told.is_throttled, told.throttled_since) == (True, None)
    assert [(one.what, one.since) for one in told.suspected or ()] == [("canary_matched", None)]
    status = running.run("status").output
    assert "  held since a time that is not known\n" in status
    assert "  throttled since a time that is not known\n" in status
    assert "  since a time that is not known: a canary of it matched\n" in status
    running.run("partner", "lift", "acme")
    told = partner_told(running, desk)
    assert (told.is_held, told.is_throttled, told.suspected) == (False, False, [])


def test_a_mark_that_is_over_is_none(running: Running) -> None:
    running.add_partner("acme")
    running.redis.config_set("hz", 1)  # which leaves what is over there for a while
    record = running.records()["acme"]

    def now_ms() -> int:
        seconds, us = running.redis.time()
        return int(seconds * 1_000 + us // 1_000)

    ends = now_ms() + 1
    running.redis.set(keys.hold("acme", record.matches_counted_from), "1", pxat=ends)
    eventually(lambda: now_ms() > ends, what="its end")
    assert restrictions_of(running.redis, [record]).held == {}


def test_who_is_suspected_and_answered_as_ever_is_named_by_status(running: Running) -> None:
    running.add_partner("acme")
    assert "suspicion" not in running.run("status").output
    mark(running, str(SINCE), "partner_hit_rate")
    status = running.run("status").output
    assert "partner   acme is answered as ever, and under suspicion of a search. See" in status
    # A partner whose first day this is has no other days to be held against.
    usual = "than is usual for it, or, while it is new, for anybody"
    assert f": much more of what it asks matches {usual}\n" in status
