"""What a cell says that is not kept, read together with the heading above it.

`V` is a victim among roles and an initial among names; `Minor` is a victim in a remark and a
surname in a column of names; `14` says nothing but where ages stand, and `yes` nothing at all.
In the place of a selector, words say of whom it is, or the row.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from typing import Final

from screening.importers.adult_answers import YES, read_adult, with_noes
from screening.importers.age_cells import UNDER_AGE, read_age
from screening.importers.age_words import AGE_WORDS, NUMBER_BELOW_18
from screening.importers.asking_labels import asks_for_or_counts_adults, asks_whether_of_age
from screening.importers.births import (
    is_of_births,
    is_under_age,
    plain_digits,
)
from screening.importers.bystander_words import speaks_of_witness
from screening.importers.charge_words import (
    is_of_charges,
    is_of_sentences,
    read_charge,
    read_sentence,
)
from screening.importers.clearing_words import clears
from screening.importers.entry import Role
from screening.importers.folding import folded, folded_words
from screening.importers.name_words import (
    AGE_BEHIND,
    NAMES_TOO,
    NO_NAMES,
    tells_behind_name,
)
from screening.importers.place_words import is_of_places, read_place
from screening.importers.victim_words import abbreviates_victim, means_no
from screening.vocabulary.column_names import plain_name

# fmt: off
_OF_NAMES: Final = folded_words(
    within=(
        "name", "apellid", "cognom", "nazwisk", "příjmení", "priezvisk", "фамили", "прізвищ",
        "отчеств", "επωνυμ", "soyad", "姓名", "名字", "名前", "氏名", "이름", "성명", "نام", "नाम",
    ),
    begin=(
        "alias", "owner", "holder", "subscriber", "registrant", "inhaber", "halter", "titular",
        "titulaire", "propietari", "intestatari", "suspect", "nombre", "prénom", "soprannome",
    ),
    whole=(
        "aka", "nom", "noms", "nome", "nomes", "naam", "namn", "navn", "nimi", "imię", "jméno",
        "meno", "név", "isim", "имя", "имена", "фио", "піб", "όνομα", "اسم", "الاسم", "שם",
    ),
)
_OF_ROLES: Final = folded_words(
    within=(
        "role", "status", "statut", "categor", "kategor", "classif", "klassif", "involve",
        "relation", "capacity", "designation", "beteilig", "einstuf", "eigenschaft", "funktion",
        "function", "fonction", "función", "função", "funzion", "functie", "funkcj", "condicion",
        "condición", "calidad", "qualité", "qualidade", "qualifica",
        "статус", "категор", "роль",
    ),
    begin=(
        "rolle", "type", "typ", "tipo", "kind", "class", "party", "parties", "person", "subject",
        "group", "gruppe", "label", "tag", "flag", "code", "legend", "mark", "estado", "stato",
        "side",
    ),
    whole=("rol", "rôle", "ruolo", "rola", "rooli", "art", "v", "vs"),
)
_OF_SURNAMES: Final = folded_words(
    within=("surname", "last name", "family name", "nachname", "familienname", "apellid", "cognom"),
    whole=("nom de famille", "lastname", "lname", "l name", "achternaam", "sobrenome"),
)
_OF_SURNAMES_ELSEWHERE: Final = folded_words(
    within=("nazwisk", "příjmení", "priezvisk", "фамили", "прізвищ", "επωνυμ", "soyad"),
)
_ALL_OF_SURNAMES: Final = frozenset(map(folded, ("name", "nom", "naam", "namn", "navn", "姓")))
"""Headings of surnames too, where given names stand in a column of their own."""
_OF_GIVEN_NAMES: Final = folded_words(
    within=(
        "first name", "firstname", "given name", "forename", "christian name", "vorname",
        "prénom", "voornaam", "förnamn", "fornavn", "etunimi", "keresztn", "nombre de pila",
    ),
    whole=("fname", "f name"),
)
_ALL_OF_GIVEN_NAMES: Final = frozenset(
    map(folded, ("first", "given", "nombre", "nombres", "nome", "nomi", "meno", "ad", "imię",
                 "imiona", "имя", "ім я", "jméno", "křestní jméno", "όνομα", "名"))
)
"""Words that stand for something else beside others: `First contact`, `Nombre del bar`."""
_OF_AGES: Final = folded_words(whole=(*AGE_WORDS, "years old", "y/o", "y o", "how old"))
_OF_NICKNAMES: Final = folded_words(
    within=("nickname", "nick name", "username", "user name", "spitzname", "benutzername",
            "screen name", "display name", "pseudonym", "soprannome", "прозвищ", "кличк"),
    begin=("alias",),
    whole=("nick", "nicks", "aka", "a k a", "handle", "handles", "apodo", "apodos", "pseudo",
           "surnom", "apelido", "login", "przezwisko", "bijnaam"),
)
_OF_ROOMS: Final = frozenset(
    ("room", "rooms", "seat", "seats", "zimmer", "zimmernummer", "floor", "gate", "sitz", "apt",
     "habitacion", "chambre", "apartment", "unit", "flat", "suite", "row", "cabin")
)
_BESIDE_ROOMS: Final = frozenset(("no", "nr", "number", "num"))
_ROOM: Final = re.compile(r"\s*[A-Za-z]?[ ./-]?\d{1,4}[ ./-]?[A-Za-z]?\s*", re.ASCII)
_NICKNAME: Final = re.compile(
    r"(?<![^\W\d_])(?:kids?|baby|babies)(?![^\W\d_])", re.IGNORECASE
)
"""What people of any age are called by those who know them."""
_NO_AGE: Final = re.compile(r"(?<!\d)00[1-9](?!\d)")
"""`Kid 007`: ages are not written so."""
_WHOSE: Final = re.compile(r"['\u2019]s(?![^\W_])|(?<![^\W_])of(?![^\W_])", re.IGNORECASE)
"""`Ana's baby` is one."""
_WITNESSES_TOO: Final = frozenset(("zeuge", "zeugen", "martor"))
"""Words of witnesses that families are called; as a given name nobody is."""
# fmt: on
_PATRONYMIC: Final = re.compile(r"(?<=[^\W\d_]) (?:anak|Anak|ANAK) (?=[^\W\d_])")
"""`Jabu anak Mina` is the child of Mina, as all are: a word of Malay."""
_MOST_WORDS_OF_A_PERSON: Final = 4
_WORDS: Final = re.compile(r"[^\W\d_]{2,}")
_AROUND_ADDRESSES: Final = re.compile(r"[\s,;:|/<>()\"']+")

Reader = Callable[[str], str]
"""From a cell to what it says under its heading."""

_HEADINGS_KEPT: Final = 1_024
"""Its reader costs more to make than a cell to read, and files repeat their headings."""


@lru_cache(maxsize=_HEADINGS_KEPT)
def reader_of(heading: str, *, has_roles: bool, today: date) -> Reader:
    """Return what reads the cells under a heading.

    `has_roles` tells that roles stand there, whatever it is called; `today` is the day on which
    somebody who was born then is of age, or not yet.
    """
    text = folded(heading)
    if is_of_births(heading):
        return lambda cell: UNDER_AGE if is_under_age(cell, today) else cell
    if asks_whether_of_age(heading):
        is_of_ages = _OF_AGES.search(text) is not None
        return lambda cell: read_adult(cell, today, is_of_ages=is_of_ages)
    if _OF_AGES.search(text):
        return read_age
    if clears(heading) or speaks_of_witness(heading):
        return lambda cell: _read_flag(heading, cell)
    read = _reader_of_texts(heading)
    if has_roles or not text.strip() or _OF_ROLES.search(text):
        read = _read_roles_and(read)
    return with_noes(read, heading) if asks_for_or_counts_adults(heading) else read


class FullNames:
    """Reads a surname together with the given name that stands in another column of its row."""

    def __init__(self, header: Sequence[str]) -> None:
        names = [folded(plain_name(name)) for name in header]
        given = {index for index, name in enumerate(names) if _is_of_given_names(name)}
        self._given = {
            index: min(given, key=lambda place: abs(place - index))
            for index, name in enumerate(names)
            if given and index not in given and _is_of_surnames(name)
        }

    def told_in(self, cells: Sequence[str]) -> Sequence[str]:
        """Return the cells of a row, with its given name before a surname like `Minor`."""
        told = list(cells)
        for index, given in self._given.items():
            is_there = max(index, given) < len(cells) and cells[given].strip()
            if is_there and NAMES_TOO.search(folded(cells[index])):
                told[index] = f"{cells[given].strip()} {cells[index]}"
        return told


def _is_of_surnames(name: str) -> bool:
    is_one = _OF_SURNAMES.search(name) or _OF_SURNAMES_ELSEWHERE.search(name)
    return bool(is_one) or name in _ALL_OF_SURNAMES


def _is_of_given_names(name: str) -> bool:
    return bool(_OF_GIVEN_NAMES.search(name)) or name in _ALL_OF_GIVEN_NAMES


def read_in_place(cell: str) -> str:
    """Return what is said in the place of a selector, without addresses: they may have any name."""
    if "@" not in cell:
        return cell
    return " ".join(part for part in _AROUND_ADDRESSES.split(cell) if "@" not in part)


def _reader_of_texts(heading: str) -> Reader:
    """Return what reads the cells under a heading whether roles stand there or not."""
    text = folded(heading)
    if is_of_charges(heading):
        return lambda cell: read_charge(read_sentence(cell))
    if is_of_sentences(heading):
        return read_sentence
    named = set(_WORDS.findall(text)) - _BESIDE_ROOMS
    if named and named <= _OF_ROOMS:
        return _read_room
    # `Company name` and `Name of bar` are names of places.
    if is_of_places(heading):
        return read_place
    if _OF_SURNAMES.search(text):
        return _read_surname
    read = _read_name if _OF_NAMES.search(text) else _as_it_is
    return (lambda cell: read(_read_nickname(cell))) if _OF_NICKNAMES.search(text) else read


def _read_roles_and(read: Reader) -> Reader:
    return lambda cell: _read_role(read(cell))


def _read_room(cell: str) -> str:
    """Return a cell, unless it is all of the number of a room or seat: `F 12`."""
    return "" if _ROOM.fullmatch(cell) else cell


def _as_it_is(cell: str) -> str:
    return cell


def _read_flag(heading: str, cell: str) -> str:
    """Return the heading of a flag that is set, or a cell which is none: a name, or a remark.

    Under a heading that says somebody is cleared, a day or a court's name says so too.
    """
    is_set = not means_no(cell) if clears(heading) else cell.strip().lower() in YES
    return f"{heading} {cell}" if is_set else cell


def _read_role(cell: str) -> str:
    return Role.VICTIM.value if abbreviates_victim(cell) else cell


def _read_surname(cell: str) -> str:
    """Return a surname; one that is a witness's word, and written as a name, says nothing."""
    word = cell.strip()
    return "" if word[:1].isupper() and folded(word) in _WITNESSES_TOO else _read_name(cell)


def _read_nickname(cell: str) -> str:
    """Return a nickname without `Baby` and `Kid`.

    It is none where an age stands beside them, no name (`unknown baby`), or a whole remark.
    """
    rest = _NICKNAME.sub("", cell)
    others = _WORDS.findall(folded(rest))
    is_described = bool(others) and NO_NAMES.issuperset(others)
    is_remark = is_described or len(others) >= _MOST_WORDS_OF_A_PERSON or _WHOSE.search(cell)
    numbers = _NO_AGE.sub("", plain_digits(cell))
    return cell if is_remark or NUMBER_BELOW_18.search(numbers) else rest


def _read_name(cell: str) -> str:
    """Return a name without what is a word of victims only elsewhere.

    It is none, and all of it counts, where nothing beside such a word is a name (`Minor 2`,
    `Unknown Minor`), a word is not written as one (`minor, blonde`), or it is set apart from the
    name (`Rosa (Minor)`) or has an age behind it.
    """
    cell = _PATRONYMIC.sub(" ", cell)
    rest = NAMES_TOO.sub("", folded(cell))
    if rest != folded(cell) and (tells_behind_name(cell) or AGE_BEHIND.search(cell)):
        return cell
    words = _WORDS.findall(cell)
    is_name = len(words) <= _MOST_WORDS_OF_A_PERSON and not any(w[0].islower() for w in words)
    return rest if is_name and not NO_NAMES.issuperset(_WORDS.findall(rest)) else cell
