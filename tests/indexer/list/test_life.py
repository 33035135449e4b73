"""How entries live: until when they are listed, what replaces them, and what changes nothing."""

import dataclasses
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from indexer.changes import add
from indexer.deployment import Deployment, list_path, open_deployment
from indexer.list.drafts import DraftCounts
from indexer.list.file import ListFile
from indexer.list.policy import Policy
from indexer.list.resolved import resolve_changes
from indexer.list.revisions import Revisions
from indexer.settings import IndexerSettings
from screening.generations.records import NO_END, NOT_LISTED, minute_after
from screening.importers.entry import Role
from screening.store.settings import StoreSettings
from screening.vocabulary.normalise import normalise
from screening.vocabulary.selector import Canonical
from tests.harness.slow import slow_but_first
from tests.indexer.listed import (
    NOW,
    Clock,
    entry,
    listed,
    open_list,
    phone,
    put_in_force,
    staged,
    taken,
)
from tests.indexer.running import Running
from tests.indexer.silent import Silent

DAY = 86_400
TODAY = NOW - NOW % DAY
LIFETIMES = {"phone": 10 * DAY, "email": None}
HEADER = "kind,value,role,source,confidence,first_seen,last_seen,expires_at,list\n"
PHONE = ("phone", "+12025550142")
EMAIL = ("email", "listed@list.example")
CARD = ("card", "4242424242424242")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def list_file(tmp_path: Path, clock: Clock) -> Iterator[ListFile]:
    opened = open_list(tmp_path, clock)
    yield opened
    opened.close()


def seen(running: Running, days_ago: int) -> str:
    return f"{datetime.now(UTC) - timedelta(days=days_ago):%Y-%m-%d}"


def days_on(day: str, days: int) -> int:
    """Return the first minute after `days` from the beginning of a day."""
    return minute_after(int(datetime.fromisoformat(f"{day}T00:00Z").timestamp()) + days * DAY)


def write(running: Running, *rows: str, name: str = "list.csv") -> str:
    path = running.folder / name
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
    return str(path)


def publish(list_file: ListFile, *entries: object, additions: bool = False) -> DraftCounts:
    draft = staged(list_file, entries, lifetimes=LIFETIMES)  # type: ignore[arg-type]  # entries they are
    if additions:
        put_in_force(list_file, Revisions(list_file).take_additions(draft, "add"))
    else:
        put_in_force(list_file, taken(draft))
    return draft.counts


def kept(list_file: ListFile, columns: str) -> list[tuple[object, ...]]:
    """Return columns of the entries that the list holds now."""
    sql = f"SELECT {columns} FROM entries WHERE until > ? AND since <= ? ORDER BY since"  # noqa: S608 - our names
    landed = list_file.landed_revision()
    return list(list_file.connection.execute(sql, (landed, landed)))


def test_each_kind_is_listed_for_its_time_since_it_was_last_seen(running: Running) -> None:
    partner, day = running.add_partner("acme"), seen(running, 100)
    rows = [f"{kind},{value},buyer,,,,{day},," for kind, value in (PHONE, CARD, EMAIL)]
    path = write(running, *rows)
    running.run("publish", path)
    expected = [days_on(day, days) for days in (180, 3 * 365, 2 * 365)]
    assert running.listed_until(partner, PHONE, CARD, EMAIL) == expected


def test_the_lifetime_of_a_kind_is_a_setting(running: Running) -> None:
    partner, day = running.add_partner("acme"), seen(running, 100)
    path = write(
        running, f"phone,{PHONE[1]},buyer,,,,{day},,", f"email,{EMAIL[1]},buyer,,,,{day},,"
    )
    done = running.run("publish", path, INDEXER_PHONE_LIFETIME_DAYS="99")
    assert "1 has expired and is withheld" in done.output
    assert running.listed_until(partner, PHONE, EMAIL) == [NOT_LISTED, days_on(day, 730)]
    done = running.run("publish", path, expect=2, INDEXER_PHONE_LIFETIME_DAYS="0")
    assert done.output.startswith("these settings are not valid: INDEXER_PHONE_LIFETIME_DAYS")


def test_what_a_row_says_of_its_end_holds_whatever_the_lifetime(running: Running) -> None:
    partner = running.add_partner("acme")
    path = write(running, f"phone,{PHONE[1]},buyer,,,,2020-01-01,2990-12-31,")
    running.run("publish", path)
    assert running.listed_until(partner, PHONE) == [NO_END]


@pytest.mark.parametrize("column", ["first_seen", "last_seen"])
def test_nothing_is_taken_that_was_seen_on_a_day_to_come(running: Running, column: str) -> None:
    report, partner = running.folder / "report.csv", running.add_partner("acme")
    cells = {"first_seen": "", "last_seen": "", column: seen(running, -3)}
    dates = f"{cells['first_seen']},{cells['last_seen'] or cells['first_seen']}"
    path = write(running, f"email,{EMAIL[1]},buyer,,,,,,", f"phone,{PHONE[1]},buyer,,,{dates},,")
    running.run("publish", path, "--report", str(report), expect=3)
    assert report.read_text().splitlines()[1:] == ["list.csv,3,phone,seen_in_future"]
    assert running.listed(partner, EMAIL, PHONE) == [True, False]
    arguments = ["--role", "buyer", "--last-seen", seen(running, -3)]
    assert "mistyped year" in running.run("add", f"phone:{PHONE[1]}", *arguments, expect=2).output


@pytest.mark.parametrize("role", ["disputed", "unknown"])
def test_what_is_disputed_or_unknown_lists_nobody_and_hides_nobody(
    running: Running, role: str
) -> None:
    partner = running.add_partner("acme")
    path = write(
        running,
        f"phone,{PHONE[1]},{role},a,,,,,",
        f"email,{EMAIL[1]},{role},a,,,,,",
        f"email,{EMAIL[1]},buyer,b,,,,,",
    )
    done = running.run("publish", path)
    assert "1 selector from 3 entries" in done.output
    assert "2 disputed, or of unknown role: they publish nobody" in done.output
    assert running.listed(partner, PHONE, EMAIL) == [False, True]
    running.run("add", f"phone:{PHONE[1]}", "--role", role)
    assert running.listed(partner, PHONE) == [False]


def test_a_victim_stays_protected_however_long_ago_it_was_seen(
    list_file: ListFile, clock: Clock
) -> None:
    publish(list_file, entry(phone(1), Role.VICTIM, source="a", last_seen=NOW - 900 * DAY))
    assert kept(list_file, "expires_at") == [(None,)]
    clock.now += 900 * DAY
    publish(list_file, entry(phone(1), Role.BUYER, source="b"), additions=True)
    assert listed(list_file, list_file.landed_revision()).count == 0


def test_the_same_file_again_changes_nothing_and_makes_nothing_younger(
    list_file: ListFile, clock: Clock
) -> None:
    rows = [entry(phone(1)), entry(phone(2), last_seen=NOW - DAY), entry(phone(3), Role.VICTIM)]
    counts = publish(list_file, *rows)
    assert (counts.new, counts.changed) == (3, 0)
    first, before = list_file.landed_revision(), kept(list_file, "id, since, last_seen, expires_at")
    for additions in (False, True):
        clock.now += 4 * DAY
        counts = publish(list_file, *rows, additions=additions)
        assert (counts.new, counts.changed, counts.withheld_expired) == (0, 0, 0)
        assert kept(list_file, "id, since, last_seen, expires_at") == before
        now = list_file.landed_revision()
        assert resolve_changes(list_file, now, base=first).count == 0
    clock.now += 4 * DAY  # now both phones were last seen too long ago, the file notwithstanding
    draft = staged(list_file, rows, lifetimes=LIFETIMES)
    assert (draft.size(), draft.counts.withheld_expired) == (0, 2)


LATER = {
    "role": entry(phone(1), Role.BUYER, source="a"),
    "confidence": entry(phone(1), source="a", confidence=90),
    "last_seen": entry(phone(1), source="a", last_seen=TODAY + DAY),
    "expires_at": entry(phone(1), source="a", expires_at=NOW + 5),
    "jurisdictions": entry(phone(1), source="a", jurisdictions=("DE",)),
}


@slow_but_first(2, "what", LATER)
def test_what_a_source_says_later_replaces_what_it_said_of_that_selector_in_that_list(
    list_file: ListFile, clock: Clock, what: str
) -> None:
    others = [
        entry(phone(1), source="b"),
        entry(phone(1), source="a", list_="border"),
        entry(phone(2), source="a"),
    ]
    publish(list_file, entry(phone(1), source="a", first_seen=NOW - 50 * DAY), *others)
    clock.now += 2 * DAY
    counts = publish(list_file, LATER[what], additions=True)
    assert (counts.new, counts.changed) == (0, 1)
    assert len(kept(list_file, "id")) == 4
    newest = kept(list_file, "since, role, first_seen")[-1]
    # When it was seen first is known already.
    assert newest == (list_file.landed_revision(), LATER[what].role, NOW - 50 * DAY)


def test_an_earlier_first_day_is_believed(list_file: ListFile) -> None:
    publish(list_file, entry(phone(1), source="a"))
    publish(list_file, entry(phone(1), source="a", first_seen=NOW - 90 * DAY), additions=True)
    assert kept(list_file, "first_seen") == [(NOW - 90 * DAY,)]
    publish(list_file, entry(phone(1), source="a", confidence=5), additions=True)
    assert kept(list_file, "first_seen, confidence") == [(NOW - 90 * DAY, 5)]


def test_a_source_takes_back_by_itself_that_somebody_lists_never_that_somebody_is_a_victim(
    running: Running,
) -> None:
    partner = running.add_partner("acme")
    running.run("publish", write(running, f"email,{EMAIL[1]},buyer,a,,,,,"))
    changes = [f"phone,{PHONE[1]},victim,a,,,,,", f"phone,{PHONE[1]},buyer,a,80,,,,"]
    for row in changes:
        running.run("publish", "--changes", write(running, row, name="changes.csv"))
        assert running.listed(partner, PHONE, EMAIL) == [False, True]
    running.run("add", f"phone:{PHONE[1]}", "--role", "buyer", "--source", "a")
    roles = running.rows("SELECT role FROM entries WHERE kind = 'phone' AND until > 99 ORDER BY 1")
    assert roles == [("buyer",), ("victim",)]
    assert running.listed(partner, PHONE) == [False]
    running.run("add", f"email:{EMAIL[1]}", "--role", "disputed", "--source", "a")
    assert running.listed(partner, EMAIL) == [False]


def test_an_entry_that_says_otherwise_leaves_the_policy_that_it_was_in(list_file: ListFile) -> None:
    sure = Policy(min_confidence=50)
    publish(list_file, entry(phone(1), source="a", confidence=90))
    base = list_file.landed_revision()
    publish(list_file, entry(phone(1), source="a", confidence=10), additions=True)
    now = list_file.landed_revision()
    assert (listed(list_file, now, sure).count, listed(list_file, now).count) == (0, 1)
    assert resolve_changes(list_file, now, sure, base=base).count == 1


@contextmanager
def opened(running: Running, clock: Clock) -> Iterator[Deployment]:
    """Open the deployment of `running` at the time of `clock`."""
    settings = IndexerSettings.model_validate(
        {"INDEXER_HOME": running.home, "SCREENING_SECRETS": running.secrets}
    )
    store = StoreSettings.model_validate({"redis_url": running.settings["SCREENING_REDIS_URL"]})
    with open_deployment(settings, store, Silent()) as deployment:
        list_file = ListFile(list_path(settings), deployment.list_file.sealer, clock)
        yield dataclasses.replace(deployment, clock=clock, list_file=list_file)
        list_file.close()


def is_listed(deployment: Deployment, canonical: Canonical) -> bool:
    revision = deployment.list_file.landed_revision()
    tag = deployment.list_file.tags.of(canonical)
    rows = listed(deployment.list_file, revision, as_of=deployment.now()).connection.execute(
        "SELECT 1 FROM resolved WHERE form = ?", (tag,)
    )
    return rows.fetchone() is not None


def test_to_add_again_what_has_expired_lists_it_again(running: Running, clock: Clock) -> None:
    number = normalise(*PHONE)
    with opened(running, clock) as deployment:
        add(deployment, [entry(number, Role.BUYER)])
        clock.now += 200 * DAY
        assert not is_listed(deployment, number)
        assert add(deployment, [entry(number, Role.BUYER)]).counts.changed == 1
        assert is_listed(deployment, number)
        assert kept(deployment.list_file, "first_seen, last_seen") == [(TODAY, TODAY + 200 * DAY)]


def test_what_is_added_by_hand_was_seen_today_unless_it_says_otherwise(running: Running) -> None:
    partner, today = running.add_partner("acme"), time.time() // DAY
    running.run("add", f"phone:{PHONE[1]}", "--role", "buyer")
    days = [days_on(seen(running, ago), 180) for ago in (0, 1)]
    assert running.listed_until(partner, PHONE)[0] in days[: 1 + (time.time() // DAY > today)]
    running.run("add", f"phone:{PHONE[1]}", "--role", "buyer", "--last-seen", "2026-01-02")
    assert running.listed_until(partner, PHONE) == [days_on("2026-01-02", 180)]
