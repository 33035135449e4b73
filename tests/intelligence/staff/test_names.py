"""Names tell colleagues apart, and can be read."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from types import ModuleType

import pytest
from sqlalchemy import update

from intelligence.console.forms import Form
from intelligence.errors import FormRefused, NotPermitted
from intelligence.journal import Journal
from intelligence.staff import accounts, confirming
from intelligence.staff.accounts import NewAccount, is_taken
from intelligence.staff.roles import Role
from intelligence.staff.tables import Account
from tests.harness.together import at_once
from tests.intelligence.staff.services import Person, Services

CURATOR = frozenset((Role.CURATOR,))


def _new(name: str = "cora", display_name: str = "Cora") -> NewAccount:
    return NewAccount(name=name, display_name=display_name, roles=CURATOR)


@pytest.mark.parametrize(
    "name",
    [
        *("cora\0@gen.example", "cora\x1b@gen.example", "\u202ecora@gen.example"),
        *("co\u200bra@gen.example", "cor\u0430@gen.example", "cora@g\u0435n.example", "c\u00f6ra"),
    ],
)
def test_a_log_in_name_that_looks_like_another_is_refused(name: str) -> None:
    with pytest.raises(FormRefused, match="log-in name"):
        _new(name)


@pytest.mark.parametrize(
    "display_name",
    [
        "",
        " ",
        "\u3164",
        "Cora\u3164",
        "\u2800",
        "Co\u0300\u0301\u0302ra",
        "Cora\u202e",
        "...",
        "\0",
    ],
)
def test_a_name_that_cannot_be_read_is_refused(display_name: str) -> None:
    with pytest.raises(FormRefused, match="person's name"):
        _new(display_name=display_name)


@pytest.mark.parametrize("display_name", ["Zoë O'Neill", "עדה", "Nguyê\u0303n", "田中", "J. R. 2"])
def test_names_of_all_scripts_are_taken(display_name: str) -> None:
    _new(display_name=display_name)


@pytest.mark.parametrize("second", ["Cora", "cora", " CORA ", "\uff23ora"])
def test_two_people_are_not_called_alike(services: Services, ada: Person, second: str) -> None:
    services.directory.add(ada.who, _new())
    told = r"somebody of this name.* token .* is made anew"
    with pytest.raises(FormRefused, match=told) as refused:
        services.directory.add(ada.who, _new("dora", second))
    assert refused.value.field == "display_name"
    with pytest.raises(FormRefused, match="stays taken also once that is disabled"):
        services.directory.add(ada.who, _new(display_name="Somebody else"))


def test_what_no_database_takes_is_refused_and_a_password_is_taken_as_typed() -> None:
    form = Form([("name", "a\0b"), ("password", "a\0b")])
    with pytest.raises(FormRefused):
        form.text("name")
    assert form.text("password") == "a\0b"


@pytest.fixture
def bob(services: Services, ada: Person) -> Person:
    """A curator."""
    return services.colleague(ada, "bob", Role.CURATOR)


def test_a_name_is_changed_by_two_people_and_on_record_old_and_new(
    services: Services, ada: Person, bob: Person
) -> None:
    abel = services.colleague(ada, "abel", Role.APPROVER)
    services.prove(ada)
    assert services.directory.rename(ada.who, bob.who.account_id, " Robert ").waits
    assert services.stored("bob").display_name == "bob"
    (waiting,) = services.requests.waiting(abel.who)
    shown = (waiting.record["wish"], waiting.record["display_name"], waiting.record["new_name"])
    assert shown == ("name", "bob", "Robert")
    for one in (ada, bob):
        with pytest.raises((FormRefused, NotPermitted)):
            services.requests.confirm(one.who, waiting.id)
    assert services.requests.confirm(abel.who, waiting.id) is None
    shown_anew = services.directory.one(ada.who, bob.who.account_id)
    assert (shown_anew["display_name"], shown_anew["is_changed"]) == ("Robert", False)
    assert services.who(bob.ticket).display_name == "Robert", "nobody is logged out for it"
    (line,) = [one for one in services.records().splitlines() if '"name changed"' in one]
    assert f'"actor":"{abel.who.actor}"' in line
    facts = f'"account":"{bob.who.actor}","was":"bob","display_name":"Robert"'
    assert f'{facts},"asked_by":"{ada.who.actor}"' in line


def test_whoever_is_alone_changes_a_name_at_once_and_on_record(
    services: Services, ada: Person, bob: Person
) -> None:
    assert not services.directory.rename(ada.who, bob.who.account_id, "Bob").waits
    assert services.stored("bob").display_name == "Bob"
    assert '"was":"bob","display_name":"Bob","alone":true' in services.records()


@pytest.mark.parametrize(
    ("display_name", "why"),
    [
        *(("", "is missing"), ("Bo\u202eb", "cannot be read")),
        *(("ADA", "somebody of this name"), ("bob", "this is their name")),
    ],
)
def test_a_name_that_tells_nobody_apart_is_given_to_nobody(
    services: Services, ada: Person, bob: Person, display_name: str, why: str
) -> None:
    with pytest.raises(FormRefused, match=why) as refused:
        services.directory.rename(ada.who, bob.who.account_id, display_name)
    assert refused.value.field == "display_name"
    assert services.stored("bob").display_name == "bob"


def test_of_two_who_are_to_be_called_alike_one_is(
    services: Services, ada: Person, bob: Person
) -> None:
    abel = services.colleague(ada, "abel", Role.APPROVER)
    carl = services.colleague(ada, "carl", Role.CURATOR)
    services.prove(ada)
    for one in (bob, carl):
        services.directory.rename(ada.who, one.who.account_id, "Robert")
    first, second = services.requests.waiting(abel.who)
    services.requests.confirm(abel.who, first.id)
    (left,) = services.requests.waiting(abel.who)
    assert (left.id, left.may_confirm) == (second.id, False)
    with pytest.raises(FormRefused, match="called so by now"):
        services.requests.confirm(abel.who, second.id)
    assert services.records().count('"name changed"') == 1


@pytest.mark.parametrize("is_restarted", [False, True])
def test_a_name_that_somebody_had_is_given_to_nobody_else_and_they_may_take_it_back(
    services: Services, ada: Person, bob: Person, *, is_restarted: bool
) -> None:
    carl = services.colleague(ada, "carl", Role.CURATOR)
    services.prove(ada)
    services.directory.rename(ada.who, bob.who.account_id, "Robert")
    directory = services.directory
    if is_restarted:
        directory = replace(directory, journal=Journal(services.ledger, services.clock))
    told = "somebody was called so before, as the record says"
    with pytest.raises(FormRefused, match=told) as refused:
        directory.add(ada.who, _new("dora", " BOB "))
    assert refused.value.field == "display_name"
    with pytest.raises(FormRefused, match=told):
        directory.rename(ada.who, carl.who.account_id, "Bob")
    assert services.stored("carl").display_name == "carl"
    directory.rename(ada.who, bob.who.account_id, "bob")
    assert services.stored("bob").display_name == "bob"


def test_a_name_gives_no_role_and_an_account_that_was_changed_no_other_name(
    services: Services, ada: Person, bob: Person
) -> None:
    abel = services.colleague(ada, "abel", Role.APPROVER)
    services.prove(ada)
    services.directory.rename(ada.who, bob.who.account_id, "approver")
    (waiting,) = services.requests.waiting(abel.who)
    assert waiting.record["roles"] == [Role.CURATOR]
    with services.database.writing() as session:
        session.execute(update(Account).where(Account.name == "bob").values(organisation="B"))
    with pytest.raises(FormRefused, match="--as-it-is"):
        services.requests.confirm(abel.who, waiting.id)
    with pytest.raises(FormRefused, match="--as-it-is"):
        services.directory.rename(ada.who, bob.who.account_id, "Robert")
    assert services.stored("bob").display_name == "bob"


def test_an_administrator_changes_a_name_and_nobody_their_own(
    services: Services, ada: Person, bob: Person
) -> None:
    for by, of in ((ada, ada), (bob, bob), (bob, ada)):
        with pytest.raises(NotPermitted):
            services.directory.rename(by.who, of.who.account_id, "Somebody")


def _meeting(monkeypatch: pytest.MonkeyPatch, module: ModuleType) -> None:
    """Have two who look at once whether a name is taken go on together, where they can."""
    both = threading.Barrier(2)

    def look(*given: object) -> bool:
        found = is_taken(*given)  # type: ignore[arg-type]
        with suppress(threading.BrokenBarrierError):
            both.wait(timeout=1)
        return found

    monkeypatch.setattr(module, "is_taken", look)


def test_of_two_who_are_added_at_once_by_one_name_one_is(
    services: Services, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    eve = services.colleague(ada, "eve", Role.ADMINISTRATOR)
    services.prove(ada)
    _meeting(monkeypatch, accounts)

    def adding(by: Person, name: str) -> Callable[[], object]:
        return lambda: services.directory.add(by.who, _new(name))

    added, refused = at_once([adding(ada, "cora"), adding(eve, "dora")], FormRefused)
    assert (len(added), len(refused)) == (1, 1)
    assert "somebody of this name" in str(refused[0])


def test_of_two_names_alike_that_are_confirmed_at_once_one_is(
    services: Services, ada: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By four, for whoever asks or confirms is locked."""
    eve, gil, kim = (services.colleague(ada, n, Role.ADMINISTRATOR) for n in ("eve", "gil", "kim"))
    carl = services.colleague(ada, "carl", Role.CURATOR)
    for one in (ada, eve, gil, kim):
        services.prove(one)
    for by, of in ((ada, bob), (gil, carl)):
        services.directory.rename(by.who, of.who.account_id, "Robert")
    ids = {one.record["name"]: one.id for one in services.requests.waiting(eve.who)}
    _meeting(monkeypatch, confirming)

    def confirming_by(by: Person, name: str) -> Callable[[], object]:
        return lambda: services.requests.confirm(by.who, ids[name])

    tries = [confirming_by(eve, "bob"), confirming_by(kim, "carl")]
    done, refused = at_once(tries, FormRefused)
    assert (len(done), len(refused)) == (1, 1)
    assert "called so by now" in str(refused[0])
    assert services.records().count('"name changed"') == 1
