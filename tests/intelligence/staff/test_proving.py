"""What is dangerous takes password and second factor anew, given within five minutes."""

import pytest

from intelligence.errors import FormRefused, NotPermitted, NotProved, TooManyTries
from intelligence.staff.accounts import PROOF_S
from intelligence.staff.grants import GRANTS, PROVED_ANEW
from intelligence.staff.privileges import Privileges
from intelligence.staff.proving import Proving
from intelligence.staff.roles import FIELDS, RecordType, Role, Verb
from intelligence.staff.second_factor import STEP_S
from tests.intelligence.staff.services import ADDRESS, PASSWORD, Person, Services


@pytest.fixture
def proving(services: Services) -> Proving:
    return Proving(services.own_account.own_password, services.log_in)


def change(services: Services, ada: Person, other: Person) -> None:
    """Have somebody be a curator, or where they are one an analyst."""
    account = services.stored(other.name)
    role = Role.ANALYST if account.roles == {Role.CURATOR} else Role.CURATOR
    services.directory.change_roles(ada.who, account.id, frozenset({role}))


def test_a_log_in_is_a_proof_for_five_minutes_and_no_longer(
    services: Services, ada: Person, proving: Proving
) -> None:
    bob = services.colleague(ada, "bob", Role.CURATOR, Role.ANALYST)
    services.prove(ada)
    services.clock.move(PROOF_S - 1)
    change(services, ada, bob)
    services.clock.move(1)
    with pytest.raises(NotProved):
        change(services, ada, bob)
    proving.prove(ada.who, PASSWORD, services.code(ada), address=ADDRESS)
    change(services, ada, bob)
    assert services.records().count('"proved anew"') == 1


def test_neither_a_password_nor_a_code_is_enough(
    services: Services, ada: Person, proving: Proving
) -> None:
    bob = services.colleague(ada, "bob", Role.CURATOR)
    services.clock.move(PROOF_S)
    for password, code in (("wrong", services.code(ada)), (PASSWORD, "000000"), (PASSWORD, "")):
        with pytest.raises(FormRefused):
            proving.prove(ada.who, password, code, address=ADDRESS)
        with pytest.raises(NotProved):
            change(services, ada, bob)


def test_a_code_that_was_heard_proves_nothing(
    services: Services, ada: Person, proving: Proving
) -> None:
    services.clock.move(PROOF_S)
    code = services.code(ada)
    proving.prove(ada.who, PASSWORD, code, address=ADDRESS)
    with pytest.raises(FormRefused):
        proving.prove(ada.who, PASSWORD, code, address=ADDRESS)


def test_tries_are_counted_as_at_the_log_in(
    services: Services, ada: Person, proving: Proving
) -> None:
    with pytest.raises(TooManyTries):
        for _ in range(6):
            with pytest.raises(FormRefused):
                proving.prove(ada.who, PASSWORD, "000000", address=ADDRESS)
    with pytest.raises(TooManyTries):
        services.with_code(ada, services.with_password(ada))


def test_a_proof_is_of_one_session(services: Services, ada: Person, proving: Proving) -> None:
    bob = services.colleague(ada, "bob", Role.CURATOR)
    services.clock.move(PROOF_S)
    other = services.with_code(ada, services.with_password(ada))
    services.clock.move(STEP_S)
    with pytest.raises(NotProved):
        change(services, ada, bob)
    services.directory.disable(other, services.stored("bob").id)


def test_a_key_is_made_by_nobody_who_has_not_proved_it(services: Services, ada: Person) -> None:
    bob = services.colleague(ada, "bob", Role.CURATOR)
    services.clock.move(PROOF_S)
    with pytest.raises(NotProved):
        services.signing_keys.make(bob.who, PASSWORD)


def test_every_dangerous_verb_is_granted_to_somebody_and_refused_without_a_proof() -> None:
    for record_type, verb in PROVED_ANEW:
        granted = [one for one in GRANTS if (one.record_type, one.verb) == (record_type, verb)]
        assert granted, (record_type, verb)
        for one in granted:
            assert one.fields <= FIELDS[record_type]
            with pytest.raises(NotProved):
                Privileges(frozenset((one.role,))).require(verb, record_type, one.fields)
            Privileges(frozenset((one.role,)), is_proved=True).require(
                verb, record_type, one.fields
            )
    for record_type, verb in PROVED_ANEW - {(RecordType.JOURNAL, Verb.REVEAL)}:  # an auditor's own
        with pytest.raises(NotPermitted):
            Privileges(frozenset((Role.AUDITOR,))).require(verb, record_type, FIELDS[record_type])
