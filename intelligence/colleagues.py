"""Who has ever come to the console, by what is on record of the staff."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final
from uuid import UUID

_EMPTY: Final = "initialised"
"""What the host does; where that is `invited`, it has found no account in the database."""
_SET_UP: Final = "set up"
_COMES: Final = (_SET_UP, "invitation accepted")
"""What the holder of an account has done who has a password."""
_RENAMED: Final = "name changed"
_FIRST: Final = ["administrator"]
"""The roles of whoever sets a console up, of which the record says nothing."""
OF_STAFF: Final = (
    *(_EMPTY, *_COMES),
    *("staff added", "roles changed", "staff invited from the host"),
    _RENAMED,
)
"""The events that are told of."""


@dataclass(slots=True)
class Colleague:
    """An account: the roles that it may have had, whether its holder has come, names of before."""

    roles: frozenset[str] = frozenset()
    has_come: bool = False
    was_called: frozenset[str] = frozenset()


@dataclass(slots=True)
class Colleagues:
    """All who were added since the console was set up last, by the ids of their accounts."""

    all: dict[UUID, Colleague] = field(default_factory=dict)
    _is_empty: bool = False
    _token: object = None
    """What names the token that the host has printed last, None of one of before that was kept."""

    def tell(self, line: Mapping[str, object]) -> None:
        """Take up a record that is one of `OF_STAFF`.

        Those of a database that was lost or left are forgotten where the host has found nobody and
        somebody is set up by just the token that it has printed then. By one of both alone, or by a
        token of before, whoever deletes rows for a moment would make an administrator be alone.

        Roles are taken away by whoever is `alone`, for nobody who may confirm has come by then. By
        anybody else they are of a row that may have been put back as it was once. Where two people
        take one away, the one of them who is not asking is still there to confirm.
        """
        if line["event"] == _EMPTY:
            self._is_empty, self._token = line.get("invited") is True, line.get("token")
            return
        if line["event"] == _SET_UP and self._is_empty and line.get("token") == self._token:
            self.all, self._is_empty = {}, False
        comes = line["event"] in _COMES
        account_id = account_of(str(line["actor"] if comes else line.get("account")))
        if account_id is None:
            return
        colleague = self.all.setdefault(account_id, Colleague())
        colleague.has_come |= comes
        if line["event"] == _RENAMED:
            colleague.was_called |= {str(line.get("was"))}
        roles = _FIRST if line["event"] == _SET_UP else line.get("roles")
        if isinstance(roles, list):  # an invitation to an account that holds names none
            given = frozenset(map(str, roles))
            colleague.roles = given if line.get("alone") is True else colleague.roles | given


@lru_cache(maxsize=1_000)  # few people do all of it, and each is kept once
def account_of(actor: str) -> UUID | None:
    """Return the id of the account that is named, None where that is none."""
    try:
        return UUID(actor)
    except ValueError:
        return None
