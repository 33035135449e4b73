"""Lines of a form: what stands behind a label is read as a cell below its heading is.

`Age: <18`, `Role: V` and `Rol: menor` speak of a child or a victim only so, and `Name: Rosa Minor`
of nobody.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Final

from screening.importers.asking_labels import asks_whether, is_choice, means_child_by_no
from screening.importers.cells_beside import reader_of
from screening.importers.name_words import AGE_BEHIND, is_name_too
from screening.importers.place_words import is_of_places, is_street
from screening.importers.victim_words import AROUND_A_NO, means_no
from screening.vocabulary.column_names import plain_name

LABEL: Final = re.compile(r"\s*([^:\uff1a]{1,40})[:\uff1a]")
"""What a line begins with that says what follows, as in the head of a message: `To: ...`."""
_ONE_OF_MANY: Final = re.compile(
    r"(?:^|(?<=[,;|/(\[\t.:\uff1a])|(?<=\s[-\u2013\u2014])|(?<=\s\s))[\s*>#\u2022-]{0,9}"
    r"(?P<label>[^\W\d_][^:\uff1a,;|/\d\n\t]{0,39}\d{0,2})[:\uff1a](?!//)"
)
"""Such a label wherever it stands in its line: `Name: Ioana, Age: <18`."""
_MOST_WORDS: Final = 5
"""Of a label; with more it is a sentence that has a colon in it."""
_BEHIND_VALUE: Final = " \t\r\n,;|/*."
_CLOSING: Final = {")": "(", "]": "["}
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_NO_WORDS: Final = ("", "n")
"""A dash is no word, and one letter perhaps a name: below `Victim: -` may stand who it is."""
_BETWEEN_PARTS: Final = re.compile(r"[,;|/()\[\]\t]")
_DIGIT: Final = re.compile(r"\d")
"""With a number in it, it may be a date, or how many children somebody has."""
_MOST_WORDS_OF_A_HEADING: Final = 3
_OF_SENTENCES: Final = frozenset(("kept", "held", "found", "here"))
_BESIDE_SOMEBODY: Final = frozenset((
    "at", "in", "with", "on", "near", "from", "by", "inside", "upstairs", "mit", "avec", "con",
    "com", "met", "im", "bei", "chez", "dans", "en", "em",
))  # fmt: skip
"""Where somebody is, or with whom: `Girl Ana at Luna`, `Man with a Girl`."""
_ARTICLE: Final = re.compile(r"(?<!\w)an?(?!\w)(?!(?<=\d a)(?:$|,))")
"""Written small: no place is called `a Girl`, but one may have the number `12 a` at its end."""
_SHORT_WORD: Final = 2
"""Characters of `de`, `of` and `&`, which stand within names of places."""


@dataclass(frozen=True, slots=True)
class Fields:
    """What a line says: all of it, with its values as they are read, and each value by itself."""

    line: str
    values: tuple[str, ...]

    def __repr__(self) -> str:
        return "Fields(...)"


def denies(text: str) -> bool:
    """Tell whether a line denies what its label asks: `Victim: no`."""
    label = LABEL.match(text)
    if label is None or len(label[1].split()) > _MOST_WORDS:
        return False
    value = text[label.end() :]
    is_no = means_no(value) and value.strip(AROUND_A_NO).lower() not in _NO_WORDS
    return is_no and asks_whether(label[1])


def read_fields(text: str, *, today: date) -> Fields:
    """Return what a line says that is read as cells below headings: none of what it denies.

    By a birth somebody has to be of age `today`.
    """
    if denies(text):
        return Fields("", ())
    line: list[str] = []
    values: list[str] = []
    first = LABEL.match(text)
    if first is not None and means_child_by_no(first[1]):  # with `(yes/no)` in it, perhaps
        values.append(
            reader_of(first[1], has_roles=False, today=today)(
                _without_marks_behind(text[first.end() :])
            )
        )
    end = 0
    for start, heading, value in _fields_in(text):
        read = reader_of(heading, has_roles=False, today=today)
        told = read(value)
        if told != value and not _may_be_somebody(heading, value):
            line += (text[end:start], told)
            end = start + len(value)
        values += (told, *map(read, _parts(value, begins_with_name=told != value)))
    return Fields("".join((*line, text[end:])), tuple(values))


def _parts(value: str, *, begins_with_name: bool) -> list[str]:
    """Return what stands alone between marks: in `Rosa (Minor)` the word, in `Minor, Rosa` none."""
    parts = _BETWEEN_PARTS.split(value)
    if len(parts) == 1 or means_no(value) or is_choice(value):  # `n/a`, `Yes/No`
        return []
    return [part for part in parts[begins_with_name:] if not _DIGIT.search(part)]


def _fields_in(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield where the value of each label begins, its heading, and the value."""
    labels = list(_ONE_OF_MANY.finditer(text))
    for label, after in zip_longest(labels, labels[1:]):
        behind = text[label.end() : after.start() if after else len(text)]
        if after and not behind.strip():  # `Rol: menor Phone:`
            behind = text[label.end() : after.end()].rstrip().rpartition(" ")[0]
        value = _without_marks_behind(behind.strip())
        if value and len(label["label"].split()) <= _MOST_WORDS:
            start = label.end() + len(behind) - len(behind.lstrip())
            yield start, plain_name(label["label"]), value


def _without_marks_behind(value: str) -> str:
    """Return a value without what parts it from the next; a bracket closes what it has opened."""
    value = value.rstrip(_BEHIND_VALUE)
    while value[-1:] in _CLOSING and _CLOSING[value[-1]] not in value:
        value = value[:-1].rstrip(_BEHIND_VALUE)
    return value


def _may_be_somebody(heading: str, value: str) -> bool:
    """Tell whether a value is perhaps more than the name of a person or a place.

    So it is with an age behind it (`Rosa Minor, 15`), where it goes on as a sentence does behind
    the label of a place (`Girl kept upstairs`), and behind a label of many words.
    """
    return (
        AGE_BEHIND.search(value) is not None
        or len(heading.split()) > _MOST_WORDS_OF_A_HEADING
        or (is_of_places(heading) and _goes_on(value))
    )


def _goes_on(value: str) -> bool:
    """Tell whether it goes on behind such a word as no place is called: not `Minor Hill in Leeds`.

    It does where it says where somebody is, or with whom: `Girl Ana at Luna`, `Man with a Girl`.
    Only a street may be in a town, and something near it.
    """
    words = _LETTERS.findall(value)
    named = [at for at, word in enumerate(words) if is_name_too(word)]
    if not named:
        return False
    before, behind = words[: named[0]], words[named[0] + 1 :]
    is_small = any(len(word) > _SHORT_WORD and word.islower() for word in behind)
    if len(named) == 1 and behind and is_street(behind[0]):
        before = before[:-1] if before[-1:] == ["near"] else before
        behind = behind[2:] if " ".join(behind[1:2]).lower() in ("in", "at") else behind
        behind = [word for word in behind if word != "on"]  # `Stratford on Avon`
    lower = frozenset(map(str.lower, (*before, *behind)))
    return (
        is_small
        or not lower.isdisjoint(_OF_SENTENCES | _BESIDE_SOMEBODY)
        or _ARTICLE.search(value) is not None
    )
