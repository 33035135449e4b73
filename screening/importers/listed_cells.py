"""What a cell lists: the one selector of its kind, or why none; one of another kind is told."""

from collections.abc import Mapping
from typing import Final

from screening.importers.entry import ImportCode
from screening.vocabulary.cells import read_cell
from screening.vocabulary.other_kinds import read_as_other
from screening.vocabulary.selector import Canonical, SelectorKind

_MISPLACED: Final[Mapping[SelectorKind, ImportCode]] = {
    SelectorKind.PHONE: "phone_misplaced",
    SelectorKind.CARD: "card_misplaced",
    SelectorKind.EMAIL: "email_misplaced",
}


def read_listed(kind: SelectorKind, value: str, region: str | None) -> Canonical | ImportCode:
    """Return the selector that a cell lists, or why it lists none.

    One of another kind may be asked about; listed it is not, for its row may be shifted.
    """
    read = read_cell(kind, value, region)
    # Digits of a card that is mistyped may be those of a phone.
    if isinstance(read, Canonical) or read == "bad_checksum":
        return read
    other = read_as_other(kind, value, region)
    return _MISPLACED[other.kind] if isinstance(other, Canonical) else other or read
