"""Which words protect somebody: those for victims, and those that describe one."""

import unicodedata
from typing import Literal

import pytest

from screening.importers.clearing_words import clears
from screening.importers.entry import Rejection
from screening.importers.plight_words import may_tell_plight
from screening.importers.victim_words import names_victim
from tests.importers.importing import opened, outcomes

PHONE = "+1 202-555-0134"
CANONICAL = "+12025550134"
Form = Literal["NFC", "NFD"]
FORMS: tuple[Form, ...] = ("NFC", "NFD")
# fmt: off
WORDS = (
    *("ভুক্তভোগী", "ជនរងគ្រោះ", "သားကောင်", "ຜູ້ເຄາະຮ້າຍ", "பாதிக்கப்பட்டவர்", "ተጎጂ", "მსხვერპლი"),
    *("Fórnarlamb", "slagoffers", "mwathirika", "ਪੀੜਤ", "хохирогч", "zərərçəkmiş", "viktim"),

    "vítima", "vitima", "VÍTIMA", "ΘΥΜΑ", "θύμα", "viktima", "biktima", "målsägande",
    "brottsoffer", "menor de edad", "mineure", "minorenne", "minderjährig", "MINDERJÄHRIG",
    "nieletnia", "несовершеннолетняя", "未成年", "قربانی", "injured party", "Opferschutz", "oběť",
)
# fmt: on


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("form", FORMS)
def test_a_victim_is_known_in_many_words_however_they_are_accented(word: str, form: Form) -> None:
    spelt = unicodedata.normalize(form, word)
    assert names_victim(f"age 16, {spelt}; see file")
    (row,) = opened(f"phone,Observações\n{PHONE},{spelt}\n")
    assert isinstance(row, Rejection)
    assert (row.code, row.protects) == ("unknown_role", True)


@pytest.mark.parametrize("between", ["-", "_", "  ", "\u2011", "\n", "/"])
@pytest.mark.parametrize(
    "words", ["under age", "sex slave", "debt bondage", "menor de edad", "injured party"]
)
def test_a_victim_is_known_however_its_words_are_parted(words: str, between: str) -> None:
    assert names_victim(words.replace(" ", between))


@pytest.mark.parametrize("words", ["safe house", "missing person", "in shelter", "women's shelter"])
def test_what_may_be_of_a_victim_is_known_however_its_words_are_parted(words: str) -> None:
    assert may_tell_plight(words)
    assert may_tell_plight(words.replace(" ", "-"))


@pytest.mark.parametrize("sign", ["\u200b", "\u00ad", "\u2060", "\ufeff"])
def test_signs_that_nobody_sees_hide_no_victim(sign: str) -> None:
    assert names_victim(f"Opf{sign}er")
    assert names_victim(f"res{sign}cued in a raid")
    assert clears(f"ac{sign}quitted")


@pytest.mark.parametrize(
    "text",
    [
        "venta al por menor",
        "Offer 12",
        "Fahrzeug",
        "Alphabet",
        "Officer",
        "",
        "Sobetz",
        "trafficker",
    ],
)
def test_no_victim_is_seen_where_none_is_meant(text: str) -> None:
    assert not names_victim(text)


@pytest.mark.parametrize(
    "word",
    [
        "rescued", "Rescued in May", "was trafficked", "they were all exploited", "exploited",
        "Forced", "forced to work there", "has been repeatedly abused", "trafficked by C-1",
        "teenager", "vctm 3", "PVOT", "girl", "Zwangsprostituierte",
    ],
)  # fmt: skip
def test_a_victim_is_known_by_what_befell_them_in_plain_words(word: str) -> None:
    assert names_victim(word)


@pytest.mark.parametrize(
    "age",
    [
        "aged 14", "Age: 9", "14 years old", "a 17-year-old", "15 yo", "16 y/o", "17 yrs. old",
        "fifteen years old", "aged twelve", "Opfer? 16 Jahre alt", "16 Jahre", "14-jährig",
        "im Alter von 13", "âgée de 15 ans", "14 ans", "niña, 14 años", "16 años de edad", "15 lat",
        "14-летняя", "15 лет", "14歳", "15세", "under 18", "menor de 18",
        "convicted, 12 years old", "her brother is guilty; she, 12 years",
    ],
)  # fmt: skip
def test_who_is_not_of_age_is_a_victim(age: str) -> None:
    assert names_victim(age)


@pytest.mark.parametrize(
    "text",
    [
        "aged 18", "age 35", "114 years old", "41 years old", "Page 12", "manager 14",
        "14 old phones", "5 years ago", "hace 10 años", "14 phones", "aged 140",
        "2014 years", "U182", "", "guilty, 12 years", "verurteilt, 5 Jahre", "prisión, 8 años",
        "prison, 8 ans", "condamnée: 9 ans, amende",
    ],
)  # fmt: skip
def test_a_number_that_is_no_age_below_eighteen_says_nothing(text: str) -> None:
    assert not names_victim(text)


@pytest.mark.parametrize(
    "name",
    [
        "Uhrig", "Anna Uhrich", "Opfermann", "Töpfer", "TOPFER", "Klopfer", "Kurbanov",
        "Kurbanova", "Aukamp", "Obetsebi",
    ],
)  # fmt: skip
@pytest.mark.parametrize("heading", ["Name", "Remark"])
def test_a_surname_that_begins_as_a_victim_s_word_does_is_none(name: str, heading: str) -> None:
    assert not names_victim(name)
    assert outcomes(opened(f"phone,{heading}\n{PHONE},{name}\n")) == [(2, CANONICAL)]


@pytest.mark.parametrize(
    "word",
    [
        "uhri", "Uhrin puhelin", "opfer", "Opfers", "Tatopfer", "Opfertelefon", "Klopfer, Opfer",
        "kurban", "kurbanlar", "KURBANIN", "aukos", "oběti", "obete",
    ],
)  # fmt: skip
def test_a_victim_s_word_is_known_in_its_forms(word: str) -> None:
    assert names_victim(word)


@pytest.mark.parametrize(
    "content",
    [
        f"Name,Phone,Notes,Reported on\nAna,{PHONE},seen twice,2026-01-02\n",
        f"Name;Telefon;Bemerkung;Fahrzeug\nAna;{PHONE};zweimal gesehen;rot\n",
        f"Nombre;Teléfono;Notas\nAna;{PHONE};pago al por menor\n",
        f"Nom;Téléphone;Remarques\nAna;{PHONE};vue deux fois\n",
    ],
)
def test_ordinary_remarks_keep_nobody_from_the_list(content: str) -> None:
    assert outcomes(opened(content)) == [(2, CANONICAL)]


@pytest.mark.parametrize("words", ["17F", "seen with f/16", "Ana (15 / f)", "m/15, blond", "F17"])
def test_an_age_in_short_may_be_of_a_victim(words: str) -> None:
    assert may_tell_plight(words)


@pytest.mark.parametrize("words", ["27F", "18/f", "15m deep", "F1", "117F", "17Fa", "1/17", "AF17"])
def test_not_every_number_with_a_letter_is_an_age(words: str) -> None:
    assert not may_tell_plight(words)
