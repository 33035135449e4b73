"""How much a partner asks, and what it is suspected of, as pages say it."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from intelligence.console.rendering import Rendering
from intelligence.console.visits import Tickets, Visit
from intelligence.errors import NotPermitted
from intelligence.partners.tables import UsageRow
from intelligence.partners.usage import ShownUsage
from intelligence.staff.privileges import Privileges
from intelligence.staff.roles import FIELDS, RecordType, Role, Verb
from screening.spools.partners_told import ToldSuspicion
from screening.spools.usage_told import ToldDay
from tests.harness.accessibility import flaws_of
from tests.harness.slow import slow_but_first
from tests.intelligence.homes import Homes
from tests.intelligence.partners.office import PartnerOffice, enrol_office, told
from tests.intelligence.staff.services import Services

READ_USAGE = (Verb.READ, RecordType.PARTNER, "usage")
AT = datetime(2026, 11, 29, 13, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, homes: Homes) -> Iterator[PartnerOffice]:
    """An office of this module's own, at the time at which its indexer writes."""
    folder = tmp_path_factory.mktemp("usage")
    services = Services(folder, homes.database("sqlite", folder))
    services.clock.at = AT.timestamp()
    enrol_office(services)
    yield PartnerOffice(services, folder)
    services.close()


@pytest.fixture
def office(opened: PartnerOffice) -> PartnerOffice:
    """The same, with one partner of which nothing was counted."""
    opened.tell()  # and of who is none any more, what was counted is gone
    opened.tell(told("acme"))
    return opened


def today(office: PartnerOffice) -> date:
    return datetime.fromtimestamp(office.desk.clock(), UTC).date()


def days_ago(office: PartnerOffice, days: int) -> date:
    return today(office) - timedelta(days=days)


def usage_of(office: PartnerOffice) -> ShownUsage:
    usage = office.partners.one(office.pam.who, "acme")[0]["usage"]
    assert isinstance(usage, ShownUsage)
    return usage


def page_of(office: PartnerOffice, template: str = "partner.html") -> str:
    """Return a page as a partner manager gets it."""
    who = office.pam.who
    visit = Visit("ticket", False, who, "127.0.0.1", None)
    given: dict[str, Any] = {"trouble": None}
    if template == "partner.html":
        partner, orders = office.partners.one(who, "acme")
        given |= {"partner": partner, "name": "acme", "orders": orders, "overlap_days": 30}
    else:
        given |= dict.fromkeys(
            ("counts", "tasks", "follows", "shared_cases", "imports", "missing", "acts_alone")
        )
        given |= {"is_old_key_kept": False}
        given |= {"partners": office.partners.troubles(who)}
        given |= {"passed_over": office.desk.overview.passed_over(who)}
    page = str(Rendering(Tickets(is_https=False)).page(visit, template, **given).content)
    assert flaws_of(page) == []
    assert "style=" not in page  # which the policy of the console's pages would not apply
    return page


def test_days_are_kept_as_they_are_told_and_told_anew_and_forgotten(office: PartnerOffice) -> None:
    assert usage_of(office).told_at is None
    yesterday = ToldDay(days_ago(office, 1), 9, 100, 2, 90, 5)
    office.tell_usage([yesterday, ToldDay(today(office), 1, 4, 0, 4, 5)])
    office.tell_usage([ToldDay(today(office), 3, 16, 2, 12, 6)])
    office.tell_usage([ToldDay(today(office), 1, 1, 0, 1, 0)], name="beta")
    usage = usage_of(office)
    assert [one.selectors for one in usage.days] == [None] * 28 + [100, 16]
    assert (usage.selectors, usage.matches, usage.matched) == (116, 4, 6)
    assert (usage.today.different, usage.most) == (12, usage.days[-2])
    office.tell_usage([ToldDay(days_ago(office, 29), 1, 7, 0, 7, 0)])
    office.tell_usage([ToldDay(days_ago(office, 30), 1, 5, 0, 5, 0)])
    assert [one.selectors for one in usage_of(office).known] == [7, 100, 16]
    office.tell(told("beta"))  # and acme is no partner any more
    office.tell(told("acme"), told("beta"))
    assert usage_of(office).told_at is None


def test_days_that_nobody_is_shown_any_more_are_deleted(office: PartnerOffice) -> None:
    """`find_usage` leaves them out by itself: that they are gone, the table says."""
    for ago in (30, 29, 0):
        office.tell_usage([ToldDay(days_ago(office, ago), 1, 4, 0, 4, 5)])
    with office.services.database.reading() as session:
        kept = session.scalars(select(UsageRow.day).order_by(UsageRow.day)).all()
    days = [datetime.fromtimestamp(day, UTC).date() for day in kept]
    assert days == [days_ago(office, 29), today(office)]


def test_what_is_not_known_is_no_nothing_on_the_page(office: PartnerOffice) -> None:
    assert "Nothing is known of the last 30 days" in page_of(office)
    office.tell_usage([ToldDay(today(office), None, None, None, 0, None)])
    page = page_of(office)
    assert "<dt>Selectors asked today</dt><dd>not known</dd>" in page
    assert "<dt>Selectors asked in 30 days</dt><dd>not known</dd>" in page
    assert 'value="0" aria-label="Different selectors today: 0 of 100000"' in page
    assert "</dt><dd>0 of 100,000 <meter" in page
    assert "</dt><dd>20,000</dd>" in page
    assert "since is in none of these counts</dd>" in page
    assert (page.count('class="unknown"'), page.count("<rect")) == (30, 30)
    office.tell_usage([ToldDay(today(office), 0, 0, 0, 0, None)])
    page = page_of(office)
    assert "<dt>Selectors asked today</dt><dd>0, in 0 questions</dd>" in page
    assert (page.count('class="unknown"'), page.count("<rect")) == (29, 30)


def test_a_bar_is_as_high_as_its_day_and_the_same_stands_there_in_numbers(
    office: PartnerOffice,
) -> None:
    days = [ToldDay(days_ago(office, ago), ago, 580 - 10 * ago, 1, 500, 20) for ago in (2, 1, 0)]
    office.tell_usage(days)
    page = page_of(office)
    bars = re.findall(r'<rect x="(\d+)" y="(\d+)" width="8" height="(\d+)"/>', page)
    assert bars == [("271", "4", "56"), ("281", "3", "57"), ("291", "2", "58")]
    assert f"at the most 580, on {today(office)}. Of 27 days nothing is known." in page
    rows = re.findall(r'<th scope="row">(2026-\S+)</th>.*?"Selectors">(\d+)<', page)
    assert rows == [(str(days_ago(office, ago)), str(580 - 10 * ago)) for ago in range(3)]
    assert "nobody vouches for" in page


WRONG: tuple[tuple[dict[str, object], str, str], ...] = (
    ({"is_held": True, "held_since": AT}, "held:", "Hosts answer it no more"),
    ({"is_throttled": True, "throttled_since": AT}, "a part", "Hosts answer it at a twentieth"),
    ({"suspected": [ToldSuspicion("canary_matched", AT)]}, "as before", "A canary of it matched"),
    ({"suspected": [ToldSuspicion("partner_hit_rate", AT)]}, "as before", "Its hit rate is unus"),
    ({"suspected": [ToldSuspicion("partner_volume", AT)]}, "as before", "Its volume is unusual"),
)


@slow_but_first(2, ("said", "short", "words"), WRONG, ids=[one[2] for one in WRONG])
def test_what_looks_wrong_is_said_with_since_when_and_what_to_do(
    office: PartnerOffice, said: dict[str, object], short: str, words: str
) -> None:
    assert "Partners in trouble" not in page_of(office, "home.html")
    assert "What looks wrong" not in page_of(office)
    office.tell(told(**said), told("beta"))  # type: ignore[arg-type]  # none of it is the name
    home, page = page_of(office, "home.html"), page_of(office)
    since = ", since 2026-11-29 13:00 UTC"
    assert f'<a href="/partners/acme">acme</a>: {words[0].lower()}{words[1:]}' in home
    assert since in home
    assert "/partners/beta" not in home
    assert short in re.findall(r'role="alert">It is (.*?)</p>', page)[0]
    assert re.search(rf"<li><strong>{words}[^<]*</strong>{since}\. [A-Z]", page)
    assert "indexer partner lift acme" in page


def test_since_when_may_be_unknown_and_several_things_wrong(office: PartnerOffice) -> None:
    suspected = [ToldSuspicion("canary_matched", None), ToldSuspicion("partner_volume", AT)]
    office.tell(told("acme"), told("beta", is_held=True, suspected=suspected))
    assert office.partners.all(office.pam.who)[0]["name"] == "beta"
    home = page_of(office, "home.html")
    assert home.count("since a time that is not known") == 2
    assert home.count("since 2026-11-29 13:00 UTC") == 1


def test_usage_and_suspicions_are_for_those_who_look_after_partners(
    office: PartnerOffice,
) -> None:
    office.tell(told(suspected=[ToldSuspicion("canary_matched", AT)]))
    office.tell_usage([ToldDay(today(office), 1, 4, 0, 4, 5)])
    colleague, ada = office.services.colleague, office.desk.ada
    readers = (office.pam, office.desk.abel, colleague(ada, "audrey", Role.AUDITOR))
    for person in readers:
        partner, _ = office.partners.one(person.who, "acme")
        assert partner.keys() == FIELDS[RecordType.PARTNER]
        assert office.partners.troubles(person.who) is not None
    for person in (office.desk.cora, ada, colleague(ada, "anne", Role.ANALYST)):
        with pytest.raises(NotPermitted):
            office.partners.one(person.who, "acme")
        assert office.partners.troubles(person.who) is None
    granted = {role for role in Role if Privileges(frozenset((role,))).may(*READ_USAGE)}
    assert granted == {Role.PARTNER_MANAGER, Role.APPROVER, Role.AUDITOR}


def test_partners_as_they_were_told_before_are_known_and_no_more_is_said_than_that(
    office: PartnerOffice,
) -> None:
    said = {"partner": "acme", "state": "suspended", "mode": "live", "is_held": False}
    more = {"is_throttled": False, "token_keys": ["acme-2026a"], "api_keys": []}
    limits = {"daily_selectors": 100_000, "matches_per_30_days": 1_000}
    partners = {"partners": [{**said, **more, **limits}]}
    office.desk.indexer.say("screening-partners/1", partners)
    office.desk.exchange.take_turn()
    partner, _ = office.partners.one(office.pam.who, "acme")
    assert (partner["state"], partner["suspected"]) == ("suspended", None)
    page = page_of(office)
    assert "Whether it is under suspicion is not known" in page
    assert "<dt>Selectors a second, at the most</dt><dd>not known</dd>" in page
    assert "Partners in trouble" not in page_of(office, "home.html")
