"""Whoever writes in the database, without the keys of its home, lets nobody in by it."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import delete, event, select, text, update

from intelligence.errors import FormRefused, NotSignedIn
from intelligence.staff.accounts import CHANGED, find_as_of_now, require_account
from intelligence.staff.enrolment import forget_second_factor
from intelligence.staff.roles import Role
from intelligence.staff.second_factor import STEP_S, code_at, recovery_hash
from intelligence.staff.tables import (
    Account,
    Invitation,
    RecoveryCode,
    Request,
    RoleOfAccount,
    SignIn,
)
from intelligence.staff.tokens import token_hash
from intelligence.staff.wishes import give_roles
from tests.intelligence.staff.services import ADDRESS, PASSWORD, Person, Services

CHANGES = {
    "name": "ada2",
    "display_name": "Somebody else",
    "organisation": "Police B",
    "legal_basis": "another",
    "expires_at": 4_000_000_000,
    "totp_secret": None,
    "created_at": 1,
}


def _write(services: Services, of: str, **values: object) -> None:
    with services.database.writing() as session:
        session.execute(update(Account).where(Account.name == of).values(**values))


def _id_of(services: Services, name: str) -> UUID:
    return services.stored(name).id


def _told(services: Services) -> int:
    return services.records().count('"account changed outside"')


@pytest.mark.parametrize("column", CHANGES)
def test_an_account_of_which_anything_was_written_over_is_signed_out_and_not_let_in(
    services: Services, ada: Person, column: str
) -> None:
    bob = services.colleague(ada, "bob", Role.ANALYST)
    _write(services, "bob", **{column: CHANGES[column]})
    name = "ada2" if column == "name" else "bob"
    with pytest.raises(NotSignedIn):
        services.own_account.shown(bob.who)
    assert services.sessions.find(bob.ticket) is None
    for _ in range(2):
        with pytest.raises(FormRefused, match="name or password is wrong"):
            services.log_in.with_password(name, PASSWORD, address=ADDRESS)
    assert _told(services) == 1
    shown = services.directory.one(ada.who, _id_of(services, name))
    assert shown["state"] == CHANGED


def _factor_of(services: Services, name: str) -> bytes:
    stored = services.stored(name).totp_secret
    assert stored is not None
    return stored


def _damaged(services: Services) -> bytes:
    sealed = _factor_of(services, "bob")
    return sealed[:-1] + bytes([sealed[-1] ^ 1])


@pytest.mark.parametrize("made", [_damaged, lambda services: _factor_of(services, "ada")])
def test_an_account_whose_second_factor_does_not_open_is_one_that_was_changed(
    services: Services, ada: Person, made: Callable[[Services], bytes]
) -> None:
    bob = services.colleague(ada, "bob", Role.ANALYST)
    half = services.with_password(bob)
    _write(services, "bob", totp_secret=made(services))
    with pytest.raises(NotSignedIn):
        services.log_in.with_code(half, services.code(bob), address=ADDRESS)
    _is_out(services, ada, bob)


def test_a_second_factor_of_before_is_none(services: Services, ada: Person) -> None:
    """It opens in its row, whose password and roles are those of today."""
    bob = services.colleague(ada, "bob", Role.ANALYST)
    once = _factor_of(services, "bob")
    with services.database.writing() as session:
        forget_second_factor(session, require_account(session, bob.who.account_id))
    ticket = services.log_in.with_password("bob", PASSWORD, address=ADDRESS)
    secret = services.enrolment.pending_secret(services.who(ticket))
    code = code_at(secret, int(services.clock()) // STEP_S).decode()
    full, _ = services.enrolment.enrol(services.who(ticket), code, address=ADDRESS)
    assert services.who(full).stage == "full"
    _write(services, "bob", totp_secret=once)
    assert services.sessions.find(full) is None
    _is_out(services, ada, bob)


def _is_out(services: Services, ada: Person, bob: Person) -> None:
    assert services.sessions.find(bob.ticket) is None
    with pytest.raises(FormRefused, match="name or password is wrong"):
        services.log_in.with_password("bob", PASSWORD, address=ADDRESS)
    assert _told(services) == 1
    assert services.directory.one(ada.who, bob.who.account_id)["state"] == CHANGED


def test_another_s_password_lets_nobody_in(services: Services, ada: Person) -> None:
    services.colleague(ada, "bob", Role.APPROVER)
    with services.database.writing() as session:
        session.execute(
            text(
                "UPDATE staff_account SET totp_secret = NULL, password_hash = (SELECT "
                "password_hash FROM staff_account WHERE name = 'ada') WHERE name = 'bob'"
            )
        )
    with pytest.raises(FormRefused, match="name or password is wrong"):
        services.log_in.with_password("bob", PASSWORD, address=ADDRESS)


def test_a_role_put_there_or_taken_away_counts_for_nothing(services: Services, ada: Person) -> None:
    bob = services.colleague(ada, "bob", Role.ANALYST)
    account_id = bob.who.account_id
    for role in (Role.APPROVER.value, "no role of ours"):
        with services.database.writing() as session:
            session.add(RoleOfAccount(account_id=account_id, role=role))
        with pytest.raises(NotSignedIn):
            services.own_account.shown(bob.who)
        assert services.directory.one(ada.who, account_id)["state"] == CHANGED
        with services.database.writing() as session:
            session.execute(delete(RoleOfAccount).where(RoleOfAccount.role == role))
        assert services.own_account.shown(bob.who)["roles"] == [Role.ANALYST]


def test_one_who_is_half_way_in_goes_no_further(services: Services, ada: Person) -> None:
    half = services.with_password(ada)
    _write(services, "ada", display_name="Somebody else")
    with pytest.raises(NotSignedIn):
        services.log_in.with_code(half, services.code(ada), address=ADDRESS)


def test_a_password_put_there_for_a_moment_proves_nothing(services: Services, ada: Person) -> None:
    _write(services, "ada", password_hash=services.log_in.passwords.hash("another one entirely"))
    with pytest.raises(FormRefused, match="password is wrong"):
        services.own_account.new_recovery_codes(ada.who, "another one entirely")


@pytest.mark.parametrize("is_moved", [True, False])
def test_a_token_put_there_is_none(services: Services, ada: Person, *, is_moved: bool) -> None:
    services.colleague(ada, "bob", Role.ANALYST)
    services.colleague(ada, "carl", Role.APPROVER)
    services.prove(ada)
    if is_moved:
        asked = services.directory.invite(ada.who, _id_of(services, "bob"))
        token = services.token(asked)
        with services.database.writing() as session:
            session.execute(update(Invitation).values(account_id=ada.who.account_id))
    else:
        token = "a" * 52
        with services.database.writing() as session:
            session.add(
                Invitation(
                    token_hash=token_hash(token),
                    account_id=ada.who.account_id,
                    expires_at=int(services.clock()) + 100,
                )
            )
    with pytest.raises(FormRefused, match="this token is not valid"):
        services.enrolment.accept("ada", token, ("another one entirely",) * 2, address=ADDRESS)


def test_a_code_put_there_or_moved_is_none(services: Services, ada: Person) -> None:
    bob = services.colleague(ada, "bob", Role.APPROVER)
    with services.database.writing() as session:
        session.add(RecoveryCode(code_hash=recovery_hash("own"), account_id=ada.who.account_id))
        is_of_bob = RecoveryCode.code_hash == recovery_hash(bob.codes[0])
        session.execute(update(RecoveryCode).where(is_of_bob).values(account_id=ada.who.account_id))
    half = services.with_password(ada)
    for code in ("own", bob.codes[0]):
        with pytest.raises(FormRefused, match="this code is wrong"):
            services.log_in.with_code(half, code, address=ADDRESS)
    services.log_in.with_code(half, ada.codes[0], address=ADDRESS)


def test_what_was_asked_for_is_confirmed_only_as_it_was(services: Services, ada: Person) -> None:
    bob = services.colleague(ada, "bob", Role.APPROVER)
    carl = services.colleague(ada, "carl", Role.ANALYST)
    services.prove(ada)
    services.directory.change_roles(ada.who, carl.who.account_id, frozenset((Role.CURATOR,)))
    for values in ({"roles": "curator,approver"}, {"requested_by": carl.who.account_id}):
        with services.database.writing() as session:
            (was,) = session.execute(select(Request.roles, Request.requested_by)).all()
            session.execute(update(Request).values(**values))
        services.prove(bob)
        (waiting,) = services.requests.waiting(bob.who)
        assert not waiting.may_confirm
        with pytest.raises(FormRefused, match="changed outside of the console"):
            services.requests.confirm(bob.who, waiting.id)
        with services.database.writing() as session:
            session.execute(update(Request).values(roles=was.roles, requested_by=was.requested_by))
    assert services.requests.confirm(bob.who, waiting.id) is None
    assert services.stored("carl").roles == {Role.CURATOR}


def test_whoever_hides_the_others_does_not_make_an_administrator_be_alone(
    services: Services, ada: Person
) -> None:
    services.colleague(ada, "bob", Role.APPROVER)
    carl = services.colleague(ada, "carl", Role.ANALYST)
    _write(services, "bob", password_hash=None)
    with services.database.writing() as session:
        is_approver = RoleOfAccount.role == Role.APPROVER.value
        session.execute(delete(RoleOfAccount).where(is_approver))
    services.prove(ada)
    asked = services.directory.change_roles(
        ada.who, carl.who.account_id, frozenset((Role.CURATOR,))
    )
    assert asked.waits


def test_a_changed_account_is_disabled_by_one_and_stays_so(services: Services, ada: Person) -> None:
    bob = services.colleague(ada, "bob", Role.ANALYST)
    _write(services, "bob", display_name="Somebody else")
    services.prove(ada)
    services.directory.disable(ada.who, bob.who.account_id)
    assert services.stored("bob").state == "disabled"
    with services.database.reading() as session:
        assert not session.scalars(
            select(SignIn).where(SignIn.account_id == bob.who.account_id)
        ).all()


@pytest.mark.parametrize("kind", ["postgresql"])
def test_roles_that_change_while_an_account_is_read_keep_nobody_out(
    services: Services, ada: Person
) -> None:
    """It is read by two statements, and is bound to the roles of one moment."""
    bob = services.colleague(ada, "bob", Role.ANALYST)
    given = [frozenset({Role.ANALYST}), frozenset({Role.ANALYST, Role.CURATOR})]

    @event.listens_for(services.database.engine, "after_cursor_execute")
    def give(_connection: object, _cursor: object, said: str, *_: object) -> None:
        if given and "FROM staff_account" in said and "FOR UPDATE" not in said:
            roles = given.pop()
            with services.database.writing() as session:
                give_roles(session, require_account(session, bob.who.account_id), roles)

    assert services.log_in.with_password("bob", PASSWORD, address=ADDRESS)
    with services.database.writing() as session:
        account = find_as_of_now(session, bob.who.account_id)
        assert account is not None
        assert account.is_usable(services.clock())
    assert given == []
    assert _told(services) == 0
