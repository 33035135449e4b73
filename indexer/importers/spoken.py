"""Whom a free text speaks of where that is not who it lists: by its words, labels and headings."""

import re
from collections.abc import Callable, Iterable
from typing import Final

from indexer.importers.bystander_words import may_name_copies, names_bystander, speaks_of_bystander
from indexer.importers.clearing_words import clears
from indexer.importers.csv_records import Record
from indexer.importers.plight_words import may_tell_plight
from indexer.importers.victim_words import heads_victim, names_victim
from indexer.importers.whom import Whom
from screening.vocabulary.column_names import plain_name

_COLONS: Final = (":", "\uff1a")
_LABEL: Final = re.compile(r"\s*([^:\uff1a]{1,40})[:\uff1a]")
"""What a line begins with that says what follows, as in the head of a message: `To: ...`."""
_Heard = tuple[tuple[Callable[[str], bool], Whom], ...]
_IN_TEXT: Final[_Heard] = (
    (names_victim, Whom.VICTIM),
    (may_tell_plight, Whom.PERHAPS_VICTIM),
    (speaks_of_bystander, Whom.WITNESS),
    (clears, Whom.CLEARED),
)
_IN_HEADING: Final[_Heard] = (
    (heads_victim, Whom.VICTIM),
    (names_bystander, Whom.WITNESS),
    (may_name_copies, Whom.WITNESS),
)


class Spoken:
    """Remembers whom the lines before spoke of: a label may stand above what it is of.

    Not so in a table (`of_lines` false), where a row says nothing of the next.
    """

    def __init__(self, *, of_lines: bool) -> None:
        self._of_lines = of_lines
        self._headed: Whom | None = None
        self._before: Whom | None = None
        self._before_line = -1

    def whom_told(self, record: Record, *, is_empty: bool) -> Whom | None:
        """Return of whom a record, or what stands above it, speaks but of offenders.

        A line with a colon at its end is a heading of all up to the next one; another counts for
        the next line, where it `is_empty` of selectors itself.
        """
        told = gravest(map(_whom_told, record.cells))
        if not self._of_lines:
            return told
        if "".join(record.cells).rstrip().endswith(_COLONS):
            self._headed = told
            return told
        before = self._before if self._before_line == record.line - 1 else None
        if told is not None and is_empty:
            self._before, self._before_line = told, record.line
        return gravest((told, self._headed, before))


def whom_headed(heading: str) -> Whom | None:
    """Return whose it is, but an offender's, that stands under a heading or behind a label."""
    return _first_heard(_IN_HEADING, plain_name(heading))


def gravest(told: Iterable[Whom | None]) -> Whom | None:
    """Return of several who may be meant the one for whom most is at stake."""
    heard = frozenset(told)
    return next((whom for whom in Whom if whom in heard), None)


def _whom_told(text: str) -> Whom | None:
    label = _LABEL.match(text)
    return gravest((_first_heard(_IN_TEXT, text), label and whom_headed(label[1])))


def _first_heard(hearing: _Heard, text: str) -> Whom | None:
    return next((whom for hears, whom in hearing if hears(text)), None)
