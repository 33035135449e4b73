"""What is not granted is refused, and of a record nothing else is shown."""

from hypothesis import given
from hypothesis import strategies as st

from intelligence.errors import NotPermitted, NotProved
from intelligence.staff.grants import GRANTS, PROVED_ANEW
from intelligence.staff.privileges import Privileges
from intelligence.staff.roles import FIELDS, RecordType, Role, Verb

ROLES = st.frozensets(st.sampled_from(Role))
TYPES = st.sampled_from(RecordType)
VERBS = st.sampled_from(Verb)


def test_every_grant_is_of_fields_that_there_are() -> None:
    assert [grant for grant in GRANTS if not grant.fields <= FIELDS[grant.record_type]] == []
    assert [grant for grant in GRANTS if not grant.fields] == []


@given(roles=ROLES, record_type=TYPES, verb=VERBS)
def test_several_roles_reach_what_each_of_them_does_and_nothing_else(
    roles: frozenset[Role], record_type: RecordType, verb: Verb
) -> None:
    alone = [Privileges(frozenset((role,))).fields(verb, record_type) for role in roles]
    assert Privileges(roles).fields(verb, record_type) == frozenset().union(*alone)


@given(roles=ROLES, record_type=TYPES)
def test_of_a_record_is_shown_what_may_be_read_and_else_nothing(
    roles: frozenset[Role], record_type: RecordType
) -> None:
    privileges = Privileges(roles)
    record = dict.fromkeys([*FIELDS[record_type], "another"], "value")
    try:
        shown = privileges.shown(record_type, record)
    except NotPermitted:
        shown = None
    readable = privileges.fields(Verb.READ, record_type)
    assert (shown.keys() if shown is not None else set()) == readable


@given(roles=ROLES, record_type=TYPES, verb=VERBS, data=st.data())
def test_what_is_required_is_granted_field_by_field(
    roles: frozenset[Role], record_type: RecordType, verb: Verb, data: st.DataObject
) -> None:
    fields = data.draw(st.frozensets(st.sampled_from(sorted(FIELDS[record_type])), min_size=1))
    privileges = Privileges(roles, is_proved=data.draw(st.booleans()))
    is_permitted = is_proved = True
    try:
        privileges.require(verb, record_type, fields)
    except NotPermitted:
        is_permitted = False
    except NotProved:
        is_proved = False
    assert is_permitted == all(privileges.may(verb, record_type, one) for one in fields)
    if is_permitted:
        assert is_proved == (privileges.is_proved or (record_type, verb) not in PROVED_ANEW)


def test_whoever_has_no_role_may_nothing() -> None:
    nobody = Privileges(frozenset())
    assert not any(nobody.may(verb, one) for verb in Verb for one in RecordType)
