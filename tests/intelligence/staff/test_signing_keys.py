"""A key opens for its holder's password alone, and outlives a change of it."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import update

from intelligence.errors import FormRefused, NotPermitted, TooManyTries
from intelligence.staff.roles import Role
from intelligence.staff.signing_keys import SigningKey
from intelligence.store.bound import bind
from tests.intelligence.staff.services import ADDRESS, PASSWORD, Person, Services

NEW_PASSWORD = "quite another password"
THIRD_PASSWORD = "a third one altogether"
CHANGED = "changed outside of the console"
TOLD = '"signing key changed outside"'


@pytest.fixture
def bob(services: Services, ada: Person) -> Person:
    """A curator with a key."""
    made = services.colleague(ada, "bob", Role.CURATOR)
    services.signing_keys.make(made.who, PASSWORD)
    return made


def public_of(private: Ed25519PrivateKey) -> bytes:
    return private.public_key().public_bytes_raw()


def test_a_password_opens_the_key_whose_public_half_is_shown(
    services: Services, bob: Person
) -> None:
    shown = services.signing_keys.shown(bob.who)
    assert shown is not None
    assert public_of(services.signing_keys.unlocked(bob.who, PASSWORD)) == shown["public"]
    assert "private" not in shown


def test_a_wrong_password_opens_nothing_and_is_counted(services: Services, bob: Person) -> None:
    for _ in range(5):
        with pytest.raises(FormRefused, match="password is wrong"):
            services.signing_keys.unlocked(bob.who, NEW_PASSWORD)
    with pytest.raises(TooManyTries):
        services.signing_keys.unlocked(bob.who, PASSWORD)
    assert services.records().count("own password wrong") == 5


def test_a_stranger_who_tries_a_name_keeps_its_holder_from_nothing_within_a_session(
    services: Services, bob: Person
) -> None:
    for _ in range(5):
        with pytest.raises(FormRefused):
            services.log_in.with_password("bob", "a guess of somebody's", address=ADDRESS)
    with pytest.raises(TooManyTries):
        services.with_password(bob)
    services.signing_keys.unlocked(bob.who, PASSWORD)
    services.own_account.new_recovery_codes(bob.who, PASSWORD)


def test_a_change_of_the_password_takes_the_key_along(services: Services, bob: Person) -> None:
    before = public_of(services.signing_keys.unlocked(bob.who, PASSWORD))
    services.own_account.change_password(bob.who, PASSWORD, (NEW_PASSWORD, NEW_PASSWORD))
    with pytest.raises(FormRefused):
        services.signing_keys.unlocked(bob.who, PASSWORD)
    assert public_of(services.signing_keys.unlocked(bob.who, NEW_PASSWORD)) == before


def test_a_password_that_an_administrator_had_chosen_anew_opens_no_key(
    services: Services, ada: Person, bob: Person
) -> None:
    """Whoever hands out tokens could otherwise sign for everybody."""
    token = services.token(services.directory.invite(ada.who, bob.who.account_id))
    passwords = (NEW_PASSWORD, NEW_PASSWORD)
    half = services.enrolment.accept("bob", token, passwords, address=ADDRESS)
    who = services.with_code(bob, services.who(half))
    shown = services.signing_keys.shown(who)
    assert shown is not None
    assert shown["is_lost"]
    with pytest.raises(FormRefused, match="make another key"):
        services.signing_keys.unlocked(who, NEW_PASSWORD)
    ticket = services.own_account.change_password(
        who, NEW_PASSWORD, (THIRD_PASSWORD, THIRD_PASSWORD)
    )
    with pytest.raises(FormRefused, match="make another key"):
        services.signing_keys.unlocked(services.who(ticket), THIRD_PASSWORD)


def test_another_key_takes_the_place_of_the_one_there_is(services: Services, bob: Person) -> None:
    before = services.signing_keys.unlocked(bob.who, PASSWORD)
    services.signing_keys.make(bob.who, PASSWORD)
    assert public_of(services.signing_keys.unlocked(bob.who, PASSWORD)) != public_of(before)


def test_a_key_that_was_given_to_another_account_does_not_open(
    services: Services, ada: Person, bob: Person
) -> None:
    eve = services.colleague(ada, "eve", Role.APPROVER)
    services.signing_keys.make(eve.who, PASSWORD)
    with services.database.writing() as session:
        of_bob = session.get(SigningKey, bob.who.account_id)
        of_eve = session.get(SigningKey, eve.who.account_id)
        assert of_bob is not None
        assert of_eve is not None
        of_eve.private, of_eve.salt = of_bob.private, of_bob.salt
    with pytest.raises(FormRefused, match=CHANGED):
        services.signing_keys.unlocked(eve.who, PASSWORD)


def written_over(services: Services, person: Person, **values: object) -> None:
    """Write in somebody's row what the database takes, without a key of the home."""
    its = update(SigningKey).where(SigningKey.account_id == person.who.account_id)
    with services.database.writing() as session:
        session.execute(its.values(**values))


@pytest.mark.parametrize(
    "values",
    [
        {"public": b"p" * 32},
        {"key_id": "0" * 16},
        {"salt": b"s" * 16},
        {"cost": "2,8,1"},
        {"created_at": 1},
        {"bound": None},
    ],
    ids=lambda values: next(iter(values)),
)
def test_a_key_of_which_anything_was_written_over_is_read_out_to_nobody_and_signs_nothing(
    services: Services, bob: Person, values: dict[str, object]
) -> None:
    """The holder would have the indexer know another's key as theirs."""
    written_over(services, bob, **values)
    for _ in range(2):
        shown = services.signing_keys.shown(bob.who)
        assert shown == {"is_lost": False, "is_changed": True}
        with pytest.raises(FormRefused, match=CHANGED):
            services.signing_keys.unlocked(bob.who, PASSWORD)
    assert services.records().count(TOLD) == 1
    services.signing_keys.make(bob.who, PASSWORD)
    shown = services.signing_keys.shown(bob.who)
    assert shown is not None
    assert public_of(services.signing_keys.unlocked(bob.who, PASSWORD)) == shown["public"]


def test_a_changed_key_is_made_whole_by_no_change_of_the_password(
    services: Services, bob: Person
) -> None:
    written_over(services, bob, public=b"p" * 32, cost="none of ours")
    ticket = services.own_account.change_password(bob.who, PASSWORD, (NEW_PASSWORD,) * 2)
    with pytest.raises(FormRefused, match=CHANGED):
        services.signing_keys.unlocked(services.who(ticket), NEW_PASSWORD)


def test_a_half_that_is_not_the_holder_s_signs_nothing_though_an_upgrade_has_bound_it(
    services: Services, bob: Person
) -> None:
    with services.database.writing() as session:
        row = session.get(SigningKey, bob.who.account_id)
        assert row is not None
        row.public = b"p" * 32
        bind(services.vault, row)
    with pytest.raises(FormRefused, match=CHANGED):
        services.signing_keys.unlocked(bob.who, PASSWORD)
    assert services.records().count(TOLD) == 1


def test_whoever_signs_nothing_has_no_key(services: Services, ada: Person) -> None:
    with pytest.raises(NotPermitted):
        services.signing_keys.make(ada.who, PASSWORD)
    with pytest.raises(NotPermitted):
        services.signing_keys.shown(ada.who)
