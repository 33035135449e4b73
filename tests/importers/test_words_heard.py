"""Words that leave a selector to a person, and words like them that do not, wherever they stand."""

import io
from collections.abc import Callable
from typing import Any, Final

import pytest

from screening.importers.csv_rows import entry_of
from screening.importers.entry import Entry, Role
from screening.importers.free_text import Taken, TextFile
from screening.vocabulary.errors import OperatorError
from tests.harness.slow import slow_but_first
from tests.importers.importing import TODAY, opened, outcomes

PHONE: Final = "+12025550134"
# fmt: off
NAMES: Final = (
    *("INJURED PARTIES", "injured party", "VOT", "VOTs", "vot 2", "persons harmed"),
    *("VoT", "VoTs", "VoT-Nr", "PVoT"),
    *("protected persons", "Überlebende", "ÜBERLEBENDER", "Betroffene", "Betroffener"),
    *("Betroffenen", "Verletzte", "verletzter", "Geschädigte", "Geschädigter", "hostage"),
    *("Hostages", "captive", "slave", "SLAVES", "enslaved", "survivante", "survivantes", "rescapé"),
    *("rescapée", "RESCAPÉES", "sopravvissuta", "sopravvissuto", "overlevende", "overlevenden"),
    *("slachtoffer", "ocalała", "Ocalały", "выжившая", "Выживший", "ofendida", "ofendido"),
    *("ofendidos", "criança", "CRIANÇAS", "bambina", "bambino", "bambini", "menina", "moça"),
    *("niña", "niño", "NIÑOS", "chica", "chicas", "enfant", "Enfants", "Kinder", "KINDERN"),
    *("fillette", "fillettes", "ребёнок", "ребенка", "дівчина", "дівчини", "dziewczynka"),
    *("dziewczynki", "girl", "boys", "vicitm", "vitcim", "vicitms", "VITCIMS", "Telefon Kind"),
    *("Handy des Kindes", "Handynummer Kind 1", "Kind 2 Telefon", "dziecko", "Dzieci", "儿童"),
    *("طفلة", "kid", "KIDS", "gyermek", "gyermekek", "çocuk", "ÇOCUKLAR", "baby", "infant"),
    *("Infants", "dítě", "Děti", "děti", "copil", "copii", "ett barn", "παιδί", "ΠΑΙΔΙΑ", "дети"),
    *("子ども", "아동", "बच्चा", "anak", "minori", "menino", "meninos"),
    *("पीड़ित", "เหยื่อ", "ผู้เสียหาย", "ভুক্তভোগী"),
)
"""Whom something is of, in a heading too."""
TOLD: Final = (
    *("Kind", "KIND", "Kind, Anna", "mit einem Kind", "seen with a vicitm there", "aged 14"),
    *("a 14-year-old", "14 yo", "14yo", "born 2012", "born on 3 March 2012"),
    *("Born in Kyiv in 2012", "b. 2012", "née en 2012", "né le 03/04/2012", "geb. 2012", "(*2012)"),
    *("Jahrgang 2012", "nacida en 2012", "nascida em 2012", "nata nel 2012", "geb. am 3.4.2012"),
    *("2012 \u0433.\u0440.", "2012 года рождения", "DOB: 2012-03-04", "geboren in 2012"),
    *("родилась в 2012", "Lena *2012", "born March 4th, 2012", "nacida el 4 de marzo de 2012"),
    *("Née à Kyiv le 4 mars 2012", "DOB 4-Mar-12", "ur. 4.03.2012", "Anna, *04.03.2012"),
    *("born in Kyiv, Ukraine on 4 March 2012", "née le 1er mars 2012", "DOB=20120304"),
    *("nascida em 4 de março de 2012", "nata a Kyiv il 4 marzo 2012", "DOB 04MAR2012"),
    *("born on the 4th of March 2012", "Date of birth (dd/mm/yyyy): 04/03/2012", "born 12/2012"),
    *("Date of birth/Age: 04/03/2012", "д.\u0440. 04.03.2012", "narozena 4. 3. 2012", "生于2012年"),
    *("2012年3月4日生", "born ٢٠١٢-٠٣-٠٤", "born 1980, and the other born 2012"),
    *("age about 15", "age approx. 15", "aged about 15", "aged between 15 and 17", "her age is 15"),
    *("15 years of age", "she is 15", "tiene 15 años", "elle a 15 ans", "younger than 18"),
    *("âgée d'environ 15 ans", "he was only 16 when found", "ha 15 anni", "she's about 15"),
    *("I am 15", "i'm only 16", "ей 15 лет", "عمرها 16", "born '12", "род. 2012", "*04.03.2012"),
)
"""What is told of somebody, in a remark."""
OTHERS: Final = (
    *("kind regards", "a kind of bar", "Kind of tall", "kind", "two of a kind", "Captiva", "pivot"),
    *("votes", "devoted", "captive portal", "Hostage-taking", "type slave", "betroffen"),
    *("verletzt", "Victor", "Victoria", "Vitamin", "victory", "Viti Levu", "metric", "born 1980"),
    *("b. 1980", "geb. am 3.4.1980", "née en 1990", "né le 03/04/1999", "DOB: 1999-03-04"),
    *("Ocala", "Chicago", "Kindergarten", "Bambu", "bornes", "aged 41", "41 yo", "2012"),
    *("room b 2012", "seen 2012", "Mocca", "slavic", "Ebooks", "stubborn 2012"),
    *("Історія", "рівності", "born 1980 in Kyiv, in Berlin since 2012", "born 4 March 1985"),
    *("DOB 4-Mar-85", "née le 1er mars 1985", "born in Kyiv; arrested 2012", "DOB=19850304"),
    *("Place of birth: Kyiv, passport issued 04/03/2019", "DOB 04/03/1985 seen 2012", "и др. 2012"),
    *("nata a Kyiv il 4 marzo 1985", "Lena *04.03.1985", "1985年3月4日生", "born 12/1985"),
    *("NATO 2012", "Op **2012**", "age about 41", "aged between 25 and 40", "she is 41"),
    *("she is 15 minutes late", "he is 6.2 ft", "tiene 15 años de prisión", "15 years in prison"),
    *("kidney", "Kidman", "babysitter", "infantry", "barn", "in a barn", "dite Lola", "dieta"),
    *("copilot", "Barnet", "minority", "minoritaire", "Anakin", "παιδίατρος", "gyros"),
    *("ему 15 лет тюрьмы", "род. 1985", "*04.03.1985", "народ 2012"),
    *("I am 15 km away", "born '85"),
    *("il a 15 ans de prison", "average is 15", "age of consent", "younger than 30"),
)
"""What no rule of them hears."""
# fmt: on


def _is_imported(content: object) -> bool:
    (row,) = map(entry_of, opened(content))
    return isinstance(row, Entry)


def _in_cell(words: str) -> bool:
    return _is_imported(f'phone,remark of ours\n{PHONE},"{words}"\n')


def _in_reason(words: str) -> bool:
    return _is_imported(f'phone,reason\n{PHONE},"{words}"\n')


def _in_heading(words: str) -> bool:
    return _is_imported(f'phone,"{words}"\n{PHONE},x\n')


def _above_phones(words: str) -> bool:
    return _is_imported(f'name,"{words} phone"\nx,{PHONE}\n')


def _above_rows(words: str) -> bool:
    return [
        isinstance(entry_of(row), Entry) for row in opened(f'name,phone\n"{words}"\nx,{PHONE}\n')
    ][1]


def _in_text(content: str, file: str = "notes.txt") -> bool:
    read = TextFile(io.BytesIO(content.encode()), file=file, today=TODAY, role=Role.BUYER)
    (taken,) = (one for one in read if isinstance(one, Taken))
    return taken.told is None


def _in_line(words: str) -> bool:
    return _in_text(f"seen there, {words}; {PHONE}\n")


def _as_label(words: str) -> bool:
    return _in_text(f"{words}: {PHONE}\n")


def _above_lines(words: str) -> bool:
    return _in_text(f"{words}\n\nlives there\n\n{PHONE}\n")


def _in_searched_cell(words: str) -> bool:
    return _in_text(f'phone,remark of ours\n{PHONE},"{words}"\n', "notes.csv")


def _in_searched_heading(words: str) -> bool:
    return _in_text(f'phone,"{words}"\n{PHONE},x\n', "notes.csv")


def _in_bundle(words: str, **others: Any) -> bool:
    phone = {"type": "phone-number", "id": "phone-number--1", "value": PHONE, **others}
    note = {"type": "note", "id": "note--1", "object_refs": ["phone-number--1"], "content": words}
    return _is_imported({"type": "bundle", "objects": [phone, note]})


def _in_description(words: str) -> bool:
    return _in_bundle("seen", description=f"seen there, {words}")


def _in_note(words: str) -> bool:
    return _in_bundle(f"seen there, {words}")


def _in_event(words: str, **of_attribute: Any) -> bool:
    phone = {"type": "phone-number", "value": PHONE, **of_attribute}
    event = {"uuid": "e-1", "info": words, "date": "2026-01-02", "Attribute": [phone]}
    return _is_imported({"Event": event})


def _in_title(words: str) -> bool:
    return _in_event(f"seen there, {words}")


def _in_comment(words: str) -> bool:
    return _in_event("C-1", comment=f"seen there, {words}")


def _in_report(words: str) -> bool:
    phone = {"type": "phone-number", "value": PHONE}
    reports = [{"name": "r", "content": f"seen there, {words}; {PHONE}"}]
    event = {"uuid": "e-1", "date": "2026-01-02", "Attribute": [phone], "EventReport": reports}
    return _is_imported({"Event": event})


Listed = Callable[[str], bool]
"""Tells whether a phone is listed under the role of all, with some words where they are heard."""
# fmt: off
REMARKS: Final[tuple[Listed, ...]] = (
    _in_cell, _in_reason, _in_line, _in_searched_cell, _in_description, _in_note, _in_title,
    _in_comment, _in_report,
)
HEADINGS: Final[tuple[Listed, ...]] = (
    _in_heading, _above_phones, _in_searched_heading, _as_label, _above_lines, _above_rows,
)
# fmt: on


@pytest.mark.parametrize("listed", REMARKS)
def test_who_is_told_of_is_left_to_a_person(listed: Listed) -> None:
    beside_others = [one for one in TOLD if not one.startswith(("Kind", "KIND"))]
    assert [one for one in (*NAMES, *beside_others) if listed(one)] == []


@pytest.mark.parametrize("listed", [_in_cell, _in_reason, _above_rows])
def test_a_cell_may_say_no_more_than_the_word(listed: Listed) -> None:
    assert [one for one in TOLD if listed(one)] == []


@pytest.mark.parametrize("listed", HEADINGS)
def test_a_heading_is_heard_by_the_same_words(listed: Listed) -> None:
    assert [one for one in NAMES if listed(one)] == []


@slow_but_first(5, "listed", [*REMARKS, *HEADINGS])
def test_words_like_these_leave_a_phone_on_the_list(listed: Listed) -> None:
    assert [one for one in OTHERS if not listed(one)] == []


def test_the_words_of_a_heading_are_parted_by_capitals() -> None:
    assert not _is_imported(f"phone,IsVoT\n{PHONE},yes\n")
    assert _is_imported(f"phone,IsVoT\n{PHONE},no\n")


@pytest.mark.parametrize("label", ["Vic", "vic.", "VIC 2", "Vict", "Kind", "V.O.T.", "Kind 1"])
def test_a_label_may_be_short(label: str) -> None:
    assert not _as_label(label)


@pytest.mark.parametrize(
    "line", [f"kind: phone, {PHONE}", f"Kind: Email\n\n{PHONE}", f"Kind,Phone\nx,{PHONE}"]
)
def test_what_kind_something_is_of_is_no_child(line: str) -> None:
    assert _in_text(line)


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        *(("kind", "mobile"), ("Kind", "Mobile"), ("Kind of phone", "mobile"), ("KIND", "x")),
        *(("Phone kind", "work"), ("Kind 1", "a"), ("Enfants", "0"), ("Kinder", "0")),
        *(("Children", ""), ("Betroffen", "ja"), ("Betroffene Systeme", "Web"), ("Pivot", "3")),
        *(("Verletzte Vorschrift", "StGB 233"), ("Victoria", "x"), ("NSW, VIC", "x")),
        *(("Vote", "x"), ("Captive portal", "yes"), ("Langue slave", "non"), ("V", "230")),
    ],
)
def test_a_usual_heading_of_something_else_opens_no_import(heading: str, cell: str) -> None:
    assert _is_imported(f'phone,"{heading}"\n{PHONE},{cell}\n')


@pytest.mark.parametrize(
    "name",
    [
        "Boca Chica",
        "Maria Chica",
        "Captiva",
        "Anna Kind",
        "Nina Berg",
        "Kid Stone",
        "Minori Sato",
        "Baby Dolls",
        "Anna Copil",
        "Jabu Anak Mina",
    ],
)
def test_people_and_places_have_names_like_these(name: str) -> None:
    assert _is_imported(f"phone,Name\n{PHONE},{name}\n")
    assert _is_imported(f"phone,City\n{PHONE},{name}\n")


def test_a_header_that_stands_there_twice_protects_nobody() -> None:
    header = "kind,value,role,reason\n"
    _, again = map(entry_of, opened(f"{header}phone,{PHONE},buyer,x\n{header}"))
    assert not isinstance(again, Entry)
    assert not again.protects


@pytest.mark.parametrize("role", ["Kind", "kind", "Barn"])
def test_a_role_may_be_a_word_that_is_another_in_english(role: str) -> None:
    (row,) = map(entry_of, opened(f"kind,value,role\nphone,{PHONE},{role}\n"))
    assert not isinstance(row, Entry)
    assert row.protects


@pytest.mark.parametrize(
    "name", ["vicitms_2025.csv", "VOTs.csv", "May vitcim.csv", "Ueberlebende.csv"]
)
def test_a_file_s_name_is_heard_by_the_same_words(name: str) -> None:
    with pytest.raises(OperatorError, match="called after victims"):
        opened(f"phone\n{PHONE}\n", file=name)


@pytest.mark.parametrize(
    "name", ["victory.csv", "pivot.csv", "Captiva.csv", "kind.csv", "viti.csv"]
)
def test_a_file_s_name_may_be_like_these_words(name: str) -> None:
    assert outcomes(opened(f"phone\n{PHONE}\n", file=name)) == [(2, PHONE)]
