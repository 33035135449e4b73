"""Whoever may not send a form is refused before anything that it says is looked at.

Else a form that cannot be read would be answered as one of somebody who may send it, and no refusal
would be on record.
"""

from inspect import signature
from typing import Any, Final
from uuid import UUID

import pytest

from intelligence.console.app import route_handlers
from intelligence.console.visits import Visit
from intelligence.errors import NotPermitted
from intelligence.staff.privileges import Privileges
from intelligence.staff.roles import RecordType, Role
from intelligence.staff.sessions import SignedIn
from intelligence.staff.tables import Stage
from tests.intelligence.console.matrix_requests import NEEDS

ID: Final = UUID("00000000-0000-4000-8000-000000000000")
PATTERNS: Final = [path for (method, path), need in NEEDS.items() if method == "POST" and need]


class Unread(Visit):
    """A visit whose form is not to be looked at."""

    @property
    def form(self) -> Any:
        raise AssertionError("the form was looked at")


class Unasked:
    """Stands for all that is behind a page, and is not to be asked; what is decided has a type."""

    def __init__(self, record_type: RecordType) -> None:
        self.record_type = record_type

    def __getattr__(self, name: str) -> "Unasked":
        return self

    def __call__(self, *_: object, **__: object) -> None:
        raise AssertionError("somebody was asked")


def visit_of(privileges: Privileges) -> Unread:
    who = SignedIn(ID, "dora", "Dora", Stage.FULL, privileges, b"")
    return Unread(ticket="t", is_new=False, signed_in=who, address="", sent=None)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_form_of_somebody_who_may_not_send_it_is_not_looked_at(pattern: str) -> None:
    [handler] = [
        one for one in route_handlers() if pattern in one.paths and "POST" in one.http_methods
    ]
    need = NEEDS["POST", pattern]
    assert need is not None
    given = dict.fromkeys(signature(handler.fn).parameters, Unasked(need.record_type))
    for roles in (frozenset[Role](), *(frozenset((role,)) for role in Role)):
        privileges = Privileges(roles)
        if not privileges.may(need.verb, need.record_type, need.field):
            with pytest.raises(NotPermitted):
                handler.fn(**{**given, "visit": visit_of(privileges)})
