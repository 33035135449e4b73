"""Whatever is on record, the page that shows it can be made, and says what it should."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from intelligence.challenges.shown import Challenged, ShownChallenge
from intelligence.challenges.tables import Conclusion
from intelligence.console.rendering import Rendering, day_text, last_day_text, said_text, time_text
from intelligence.console.visits import Tickets, Visit
from intelligence.curation.by_hand import AllTakenOff
from intelligence.curation.list_sizes import ListSize
from intelligence.curation.overview import OnTheWay
from intelligence.curation.recognising import recognise
from intelligence.curation.shown_changes import Checked
from intelligence.curation.standing import Stand
from intelligence.curation.versions import Files
from intelligence.disclosure.feedback import SaidBy, ShownFeedback
from intelligence.disclosure.forgetting import TakenOffBy
from intelligence.disclosure.looking import Found as FoundMatch
from intelligence.errors import FormRefused, RefusedRow
from intelligence.paging import PageOf, paging
from intelligence.partners.notices import Due
from intelligence.partners.standing import ShownOrder
from intelligence.staff.audit import Found, Wanted
from intelligence.staff.privileges import Privileges, Shown
from intelligence.staff.requests import Waiting
from intelligence.staff.roles import Role
from intelligence.staff.sessions import SignedIn
from intelligence.staff.tables import Stage
from intelligence.store.sealing import ILLEGIBLE

ID = UUID(int=7)


def page_of(template: str, role: Role = Role.CURATOR, **given: Any) -> str:
    """Return a page as a curator is shown it, or somebody of another role."""
    who = SignedIn(ID, "cora", "Cora", Stage.FULL, Privileges(frozenset((role,))), b"")
    visit = Visit("ticket", False, who, "192.0.2.1", None)
    return str(Rendering(Tickets(is_https=False)).page(visit, template, **given).content)


def test_notices_say_who_cannot_be_told_and_what_came_back() -> None:
    due = [
        Due(Shown(partner="acme", matches=2), is_known=True, came_back=False),
        Due(Shown(partner="gone", matches=1), is_known=False, came_back=False),
        Due(Shown(partner="zeta", matches=1), is_known=True, came_back=True),
    ]
    page = page_of("notices.html", due={TakenOffBy(ID, None): due})
    assert "<li>acme: 2 matches</li>" in page
    assert "<li>gone: 1 match; there is no partner of that name, so it cannot be told</li>" in page
    assert "<li>zeta: 1 match; it was signed before and came back" in page


def test_a_key_that_opens_no_more_is_not_shown_as_one_to_be_registered() -> None:
    whole = {"id": "aa bb", "public": b"", "is_lost": False, "is_changed": False}
    for how in ("is_lost", "is_changed"):
        page = page_of("signing_key.html", key={**whole, how: True}, public="canary")
        assert "make another one" in page
        assert "canary" not in page
    assert "canary" in page_of("signing_key.html", key=whole, public="canary")


def test_nobody_is_said_to_be_off_by_hand_only_where_none_is_left_out() -> None:
    for left_out in (0, 7):
        found = AllTakenOff([], 0, 1, 1, left_out=left_out, is_unread=False)
        page = page_of("by_hand.html", found=found, since=None)
        assert ("Nobody, as the indexer has told last" in page) is (left_out == 0)


def test_a_problem_says_how_many_more_it_is_of_than_it_names() -> None:
    rows = [RefusedRow("phone +12*******42", None)]
    for many, is_said in ((None, False), (1, False), (21, True)):
        problem = FormRefused("a sentence", rows=rows, many=many)
        page = page_of("notices.html", due={}, problem=problem)
        assert ("Named are 1 of these 21:" in page) is is_said
        assert "<li><code>phone +12*******42</code></li>" in page


def test_the_inbox_says_how_much_of_a_partner_is_left_out() -> None:
    record = Shown(partner="acme", outcome="false", at=1_795_000_000, receipt=f"{'a' * 26}.1")
    waiting = [ShownFeedback(ID, record, None, None)]
    many = [SaidBy("acme", 57, 50), SaidBy("zeta", 1, 0)]
    page = page_of(
        "feedback.html", waiting=waiting, said=many, most=50, partner=None, page=2, pages=3
    )
    assert '<a href="/feedback?partner=acme">acme</a>' in page
    assert '<td data-label="Waits">57</td>' in page
    assert '<a href="/feedback?page=3">Next page</a>' in page


def test_what_was_disclosed_says_which_listing_has_ended_and_when() -> None:
    ended = datetime(2026, 11, 2, tzinfo=UTC)
    entries = [Shown(role="trafficker", expires_at=one) for one in (ended, ended, None)]
    found = FoundMatch(
        ID,
        Shown(),
        [ID] * 3,
        entries,
        [True, False, False],
        [],
        0,
        is_shared=False,
        is_told_twice=False,
    )
    page = page_of("disclosed.html", found=[found], case_number="K 7/26")
    assert page.count("Its listing ended at the end of 2026-11-01 UTC.") == 1
    assert page.index("Its listing ended") < page.index("<h3>Entry 2</h3>")


def test_a_match_is_followed_above_its_sightings_however_many_there_are() -> None:
    sightings = [Shown(at=1_795_000_000, kind="phone")] * 200
    flags = {"is_shared": False, "is_told_twice": False}
    found = FoundMatch(ID, Shown(receipt="a.0"), [], [], [], sightings, 200, **flags)
    page = page_of("disclosed.html", Role.ANALYST, found=[found], case_number="K 7/26")
    assert page.count("Follow: tell me") == 1
    assert page.index("Follow: tell me") < page.index("<caption>200 sightings")


@pytest.mark.parametrize(
    ("what", "said", "do"),
    [
        ("is_unread", "part of what is said of it", "tell whoever runs the service"),
        ("is_untold", "what the indexer told of what it keeps off", "spool exclusions --again"),
    ],
)
def test_a_selector_says_what_of_it_cannot_be_read_and_takes_it_off_first(
    what: str, said: str, do: str
) -> None:
    unknown: dict[str, Any] = {what: True}
    stand = replace(Stand(False, False, is_retracted=False), **unknown)
    entry = Shown(canonical=ILLEGIBLE)
    checked = Checked(recognise("+12025550142"), None, [entry], stand, [])
    form: dict[str, Any] = {"roles": ["victim"], "default_list": "main"}
    form |= {"last_day": "", "today": "", "asked_at": 1_795_000_000}
    page = page_of("checked.html", checked=checked, **form)
    assert f"Not known: {said} cannot be read" in page
    assert "nothing of it is disclosed" in page
    assert do in page
    assert page.count("Take it off now") == 1
    assert page.index("Take it off now") < page.index("Add what a source says of it")


@pytest.mark.parametrize("at", [253_402_300_800, -(10**14), 10**18, 10**30])
def test_a_time_that_no_calendar_has_is_shown_in_words(at: int) -> None:
    assert {time_text(at), day_text(at)} == {"beyond all calendars"}


@pytest.mark.parametrize("at", ["x", b"\xff"])
def test_what_is_no_time_is_shown_in_words(at: Any) -> None:
    """SQLite takes any value in any column."""
    assert {time_text(at), day_text(at), last_day_text(at)} == {"beyond all calendars"}


def test_what_ends_with_a_day_says_the_day_that_was_typed() -> None:
    end = datetime(2027, 5, 30, tzinfo=UTC)
    assert last_day_text(int(end.timestamp())) == "2027-05-29"
    assert said_text(end) == "the end of 2027-05-29 UTC"
    assert said_text(end.replace(hour=12)) == "2027-05-30 12:00 UTC"


def test_a_record_is_told_in_words_of_people() -> None:
    facts = {"is_ours": True, "outcome": "applied", "counts": {"add": 2}, "names": [False, "a"]}
    record = Shown(at="2026-11-30T07:00:00Z", name="Ida", event="exported", facts=facts)
    found = Found([record], is_more=False, people={}, events=["exported"], damage=None)
    page = page_of("audit.html", found=found, wanted=Wanted(), verdict=None, is_read=True)
    assert "is ours: yes; outcome: applied; counts: add: 2; names: no a</td>" in page
    assert '<option value="exported">file left for the indexer</option>' in page
    assert ">file left for the indexer</th>" in page


def test_the_size_of_a_list_says_that_entries_of_victims_are_in_it() -> None:
    sizes = [ListSize("main", "phone", 4, 1_795_000_000, 0)]
    page = page_of("versions.html", counts={"lists": sizes}, files=Files([], 1, 1))
    assert "<caption>4 entries, with those that list nobody, such as a victim's</caption>" in page


def test_other_times_are_shown_as_people_read_them() -> None:
    assert (time_text(1_795_000_000), day_text(None)) == ("2026-11-18 11:06 UTC", "never")


def test_an_order_of_an_odd_name_fails_no_page() -> None:
    record = Shown(operation="odd", partner="acme", author="Pam (pam)", state="submitted")
    times: dict[str, Any] = dict.fromkeys(
        ("decided_at", "review_due_at", "reviewed_at", "came_back_at")
    )
    more: dict[str, Any] = dict.fromkeys(("noted_at", "file", "kit_came_at", "kit_taken_at"))
    flags: dict[str, Any] = dict.fromkeys(
        ("is_own", "is_as_signed", "is_overdue", "was_refused"), False
    )
    order = ShownOrder(id=ID, record=record, created_at=1_795_000_000, **flags, **times, **more)
    empty: dict[str, Any] = {"passed_over": [], "told_at": None, "way": OnTheWay(None, None, None)}
    waiting = PageOf([order], 1, paging(1, 1, 200))
    page = page_of("partners.html", waiting=waiting, partners=[], **empty)
    assert "Unreadable order for acme" in page
    told = Shown({**record, "operation": "notify", "state": "exported"})
    waiting = PageOf([replace(order, record=told)], 1, paging(1, 1, 200))
    page = page_of("partners.html", waiting=waiting, partners=[], **empty)
    assert ">Tell acme of a retraction</a>" in page
    assert ">left for the indexer</td>" in page


def test_a_challenge_says_when_a_signed_retraction_leaves() -> None:
    selector = Shown(canonical="+12*******42", listing=None, conclusion=None, reason="")
    one = Challenged(ID, selector, None, ID, 1_795_000_000, False, 1_795_003_600, (), None)
    said = {"reference": "L 7/26", "ground": "theirs", "recorded_by": "Pam (pam)"}
    record = Shown(**said, state="open", recorded_at=1, due_at=1)
    challenge = ShownChallenge(ID, record, False, False, False, (one,))
    page = page_of("challenge.html", challenge=challenge, conclusions={}, purposes={})
    assert "is signed, and leaves at 2026-11-18 12:06 UTC" in page
    assert "for another to sign" not in page


def test_whoever_may_only_take_a_challenged_selector_off_is_told_why() -> None:
    selector = Shown(canonical="+12*******42", listing=None, conclusion=None, reason="")
    open_to, why_not = (Conclusion.RETRACT,), "the record cannot be read"
    selected = Challenged(ID, selector, None, None, None, False, None, open_to, why_not)
    said = {"reference": "L 7/26", "ground": "theirs", "recorded_by": "Pam (pam)"}
    record = Shown(**said, state="to be reviewed", recorded_at=1, due_at=1)
    challenge = ShownChallenge(ID, record, False, False, False, (selected,))
    conclusions = {one: one.value for one in Conclusion}
    given = {"challenge": challenge, "conclusions": conclusions, "purposes": {}}
    page = page_of("challenge.html", Role.APPROVER, **given)
    assert "You may take it off the list; the record cannot be read." in page
    assert "You have written or signed" not in page


@pytest.mark.parametrize("is_of_unread", [False, True])
@pytest.mark.parametrize("is_for_nobody", [False, True])
def test_what_nobody_is_here_to_confirm_says_what_then(
    *, is_for_nobody: bool, is_of_unread: bool
) -> None:
    named = {"name": "bob", "display_name": "Bob", "requested_by": "Ada (ada)"}
    unsaid = {"organisation": None, "legal_basis": None, "expires_at": None}
    record = Shown(**named, **unsaid, wish="enabling", roles=[])
    whys = {"is_for_nobody": is_for_nobody, "is_of_unread": is_for_nobody and is_of_unread}
    waiting = Waiting(ID, record, False, True, None, None, None, None, **whys)
    page = page_of("staff_requests.html", Role.ADMINISTRATOR, waiting=[waiting])
    assert ("Some of the record cannot be read" in page) is (is_for_nobody and is_of_unread)
    assert ("intelligence staff invite" in page) is is_for_nobody
