"""Whom a free text speaks of where that is not who it lists: by its words, labels and headings."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from screening.importers.bystander_words import (
    may_name_copies,
    names_bystander,
    names_other_beside,
    speaks_of_bystander,
)
from screening.importers.folding import folded, folded_words
from screening.importers.form_fields import LABEL, denies, read_fields
from screening.importers.headings import NO_LEVEL, is_short, marked_level
from screening.importers.victim_words import heads_victim, names_victim
from screening.importers.whom import Whom, whom_told
from screening.vocabulary.column_names import plain_name

_A_KIND: Final = re.compile(r"\W*(?:phone|card|e-?mail)\b", re.IGNORECASE)
_OTHERS: Final = folded_words(
    begin=(
        "suspect",
        "trafficker",
        "offender",
        "perpetrator",
        "accused",
        "defendant",
        "pimp",
        "recruiter",
        "täter",
        "tatverdächt",
        "investigad",
        "sprawc",
        "taeter",
        "verdächt",
        "verdaecht",
        "beschuldigt",
        "zuhälter",
        "sospechos",
        "imputad",
        "acusad",
        "tratante",
        "suspeito",
        "traficant",
        "trafiquant",
        "indagat",
        "trafficant",
        "verdacht",
        "dader",
        "podejrzan",
        "подозрева",
        "обвиня",
        "sender",
        "absender",
        "remitente",
        "remetente",
        "expediteur",
        "mittente",
        "afzender",
        "caller",
    ),
)
"""Of whom a heading is that ends what the one before said."""
_FROM: Final = re.compile(r"\W*(?:from|von|de|da|van|od)\W*")
"""So is one that is this word alone; in a line it is part of a name, or tells where one is from."""
_BULLET: Final = re.compile(r"\s*[-+*\u2010-\u2015\u2022\u2023\u25e6\u00b7]\s")
_NUMBERED: Final = re.compile(r"^\W*(?:[ivx]{1,4}|[a-h])[.)] ")
_COUNT: Final = re.compile(r"\d{1,2}")
_TAGS: Final = re.compile(r"<[^<>]{1,40}>")
_WORDS: Final = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
_BESIDE_OTHERS: Final = frozenset(
    (
        *("list", "lists", "detail", "details", "number", "numbers", "phone", "phones", "email"),
        *("emails", "contact", "contacts", "name", "names", "info", "data", "section", "group"),
        *("of", "the", "all", "alleged", "presumed", "main", "other", "no", "nr", "and", "or"),
        *("liste", "der", "die", "des", "daten", "nummer", "nummern", "telefon", "telefone"),
        *("telefonnummer", "telefonnummern", "kontakte", "angaben", "namen", "und", "mutmassliche"),
        *("lista", "de", "del", "los", "las", "les", "di", "dei", "do", "dos", "das", "numero"),
        *("numeros", "telefono", "telefonos", "telefoni", "telephone", "telephones", "contactos"),
        *("datos", "donnees", "dati", "lijst", "van", "nummers", "numery", "telefony", "dane"),
        *("список", "номера", "телефоны", "данные"),
    )
)
"""What may stand beside them in a heading. With any other word it is perhaps a sentence, which says
something of a victim: `Suspect fled`, `Knows the trafficker`."""
_BESIDE_OTHERS_ALONE: Final = _BESIDE_OTHERS | {
    *("person", "persons", "people", "information", "mobile", "mobiles", "known", "associates"),
    *("personen", "cell", "cells", "tel", "file", "files", "profile", "profiles"),
}
"""So may these, but in a form: `Suspect known: no` is said of its victim."""
_ROLES: Final = frozenset(("facilitators", "buyers"))
_Heard = tuple[tuple[Callable[[str], bool], Whom], ...]
_IN_HEADING: Final[_Heard] = (
    (heads_victim, Whom.VICTIM),
    (names_bystander, Whom.WITNESS),
    (may_name_copies, Whom.WITNESS),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text and its number, counted from 1; blank ones are passed over.

    `kinds` are those of the selectors that it names; it `is_empty` where nothing looks like one.
    `beside` is its text with a comma for each of them.
    """

    number: int
    text: str
    kinds: frozenset[str]
    is_empty: bool
    beside: str

    def __repr__(self) -> str:
        return f"Line({self.number})"


class Spoken:
    """Remembers whom the lines before spoke of: a heading may stand far above what it is of.

    By a birth somebody has to be of age `today`.
    """

    def __init__(self, today: date) -> None:
        self._today = today
        self._headed: Whom | None = None
        self._level = NO_LEVEL
        self._is_alone = False
        self._paragraph: Whom | None = None
        self._label: Whom | None = None
        self._line = 0

    def whom_told(self, line: Line, below: Whom | None) -> Whom | None:
        """Return of whom a line, what stands above it, or `below` it in its paragraph speaks.

        Of offenders it does not tell. A line that names no selector counts for those below it
        in its paragraph; as a heading, if it is short, ends in a colon or begins with `#`, for all
        up to one of others, which has to begin with `#` too where it does. A label counts for the
        lines that are set in below it.
        """
        told = whom_told_in_line(line, today=self._today)
        if line.number != self._line + 1:
            self._paragraph = None
        self._line = line.number
        if not (line.text[:1].isspace() and self._label):
            self._label = _whom_labelled(line.text)
        self._take_heading(line.text, told, is_empty=line.is_empty)
        if not line.kinds:
            self._paragraph = gravest((told, self._paragraph))
        return gravest((told, below, self._label, self._headed, self._paragraph))

    def whom_heading(
        self, cells: Sequence[str], *, may_hold_selector: Callable[[str], bool]
    ) -> Whom | None:
        """Return of whom a row of a table is by the rows above it that are one cell alone.

        Such a row counts up to one that names others, unless its cell `may_hold_selector`.
        """
        filled = [cell for cell in cells if cell.strip()]
        if len(filled) == 1 and not may_hold_selector(filled[0]):
            alone = Line(0, filled[0], frozenset(), is_empty=True, beside=filled[0])
            told = whom_told_in_line(alone, today=self._today)
            told = gravest((told, None if denies(filled[0]) else whom_headed(filled[0])))
            self._take_heading(filled[0], told, is_empty=True)
        return self._headed

    def _take_heading(self, line: str, told: Whom | None, *, is_empty: bool) -> None:
        if told is None and not is_empty:
            return
        marked = marked_level(line)
        level = marked or (NO_LEVEL if is_empty and is_short(line) else None)
        if level is None:
            return
        # `Recruiter: Bob`, below a heading, is said of who has been named there.
        is_alone = marked is not None or LABEL.match(line) is None
        is_below = self._level < NO_LEVEL <= level and self._headed is not None
        ends = not is_below and (is_alone or not self._is_alone) and heads_others(line)
        if told is not None and is_below:
            self._headed = gravest((told, self._headed))
        elif told is not None or ends or level <= min(self._level, NO_LEVEL - 1):
            self._headed, self._level, self._is_alone = told, level, is_alone
            # `Suspect: unknown` in a form about a victim begins no paragraph of its own.
            if told is not None or is_alone or line.rstrip().endswith((":", "\uff1a")):
                self._paragraph = None


def heads_others(line: str) -> bool:
    """Tell whether a short line is a heading of offenders, and no sentence about one.

    `Suspects`, `2. Suspect details`, `Numbers of the suspects:`; not `- Suspect`, nor with a word
    that stands in no heading: `Suspect fled`, `Beaten by trafficker`.
    """
    text = folded(line)
    if _FROM.fullmatch(text):
        return True
    if _BULLET.match(text) or text.rstrip().endswith((".", "!", "?", "\u3002")):
        return False
    label = LABEL.match(text)
    named = _NUMBERED.sub("", label[1] if label else text)
    words = _WORDS.findall(_TAGS.sub(" ", named))
    value = text[label.end() :].strip() if label else ""
    if _COUNT.fullmatch(value):  # of suspects, as a form about a victim has it
        return False
    others = [word for word in words if _OTHERS.match(word) or (word in _ROLES and not value)]
    allowed = _BESIDE_OTHERS if value else _BESIDE_OTHERS_ALONE
    beside = (word for word in words if word not in others)
    return bool(others) and all(one in allowed or one.isdecimal() for one in beside)


def whom_headed(heading: str, before: str = "") -> Whom | None:
    """Return whose it is, but an offender's, that stands under a heading or behind a label.

    `before` is the heading to the left of it.
    """
    name = plain_name(heading)
    is_other = names_other_beside(name, plain_name(before))
    return _first_heard(_IN_HEADING, name) or (Whom.WITNESS if is_other else None)


def gravest(told: Iterable[Whom | None]) -> Whom | None:
    """Return of several who may be meant the one for whom most is at stake."""
    heard = frozenset(told)
    return next((whom for whom in Whom if whom in heard), None)


def whom_told_in(text: str, *, today: date) -> Whom | None:
    """Return of whom a text speaks by its words or the label before it, but of offenders.

    By a birth that it tells of somebody has to be of age `today`.
    """
    bystander = Whom.WITNESS if speaks_of_bystander(text) else None
    return gravest((*whom_told([text], today=today), bystander, _whom_labelled(text)))


def whom_told_in_line(line: Line, *, today: date) -> Whom | None:
    """Return of whom a line speaks, what stands behind its labels read as cells below headings."""
    said, told = _heard_in(line, today)
    bystander = Whom.WITNESS if speaks_of_bystander(said) else None
    return gravest((*told, bystander, _whom_labelled(line.text)))


def whom_told_in_form(line: Line, *, today: date) -> Whom | None:
    """Return of whom a line of a form makes what stands above it: `Age: 15`, `Victim: Anna`.

    Who works on a case, or is around it, has a line of their own in one: `Reported by: J. Stone`.
    """
    _, told = _heard_in(line, today)
    is_victim = _whom_labelled(line.text) is Whom.VICTIM
    return gravest((*told, Whom.VICTIM if is_victim else None))


def _heard_in(line: Line, today: date) -> tuple[str, set[Whom]]:
    """Return what a line says, and of whom.

    Where it names a selector its words are heard as they are too: an age may stand before that.
    """
    fields = read_fields(line.beside, today=today)
    said = fields.line if line.beside == line.text else line.text
    told = whom_told([said], today=today)
    # Of the others a value by itself says no more than as a part of its line.
    if Whom.VICTIM not in told and any(map(names_victim, fields.values)):
        told.add(Whom.VICTIM)
    return said, told


def _whom_labelled(text: str) -> Whom | None:
    label = LABEL.match(text)
    if label is None or denies(text):
        return None
    # Under a heading stand kinds where behind a label a child does: `Kind: Anna`, `Kind: phone`.
    is_child = names_victim(label[1]) and not _A_KIND.match(text[label.end() :])
    return Whom.VICTIM if is_child else whom_headed(label[1])


def _first_heard(hearing: _Heard, text: str) -> Whom | None:
    return next((whom for hears, whom in hearing if hears(text)), None)
