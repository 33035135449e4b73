"""Tells where a row names a role though no column of roles was found."""

from typing import Final

from screening.importers.entry import ROLES, Role
from screening.importers.victim_words import is_called_after_victims, role_text
from screening.vocabulary.errors import OperatorError

_ANYWHERE: Final = frozenset((Role.UNKNOWN, Role.BUSINESS))
"""Words that stand in columns of names, towns and kinds of phones too."""


def refuse_called_after_victims(name: str, role: Role | None) -> None:
    """Raise `OperatorError` where a `role` is told of all in a file, or list, of such a name."""
    if role not in (None, Role.VICTIM) and is_called_after_victims(name):
        raise OperatorError(
            f"{name} is called after victims, or those under age: give --role victim, or rename it "
            "if it is of others"
        )


def is_role(cell: str) -> bool:
    """Tell whether a cell is a role's word and nothing else."""
    return role_text(cell.strip()) in ROLES


def is_certain_role(cell: str) -> bool:
    """Tell whether a cell is a role's word, and one that hardly means anything else."""
    return is_role(cell) and role_text(cell.strip()) not in _ANYWHERE
