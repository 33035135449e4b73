"""Which words protect somebody: those for victims, and for those who saw or reported a case."""

import unicodedata
from typing import Literal

import pytest

from indexer.importers.entry import Rejection
from indexer.importers.victim_words import names_victim
from tests.indexer.importers.importing import opened, outcomes

PHONE = "+1 202-555-0134"
CANONICAL = "+12025550134"
Form = Literal["NFC", "NFD"]
FORMS: tuple[Form, ...] = ("NFC", "NFD")
# fmt: off
WORDS = (
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
    "heading",
    [
        "Complainant phone", "Phone of witness", "Reporter mobile", "Telefon Zeuge",
        "Teléfono denunciante", "Téléphone du témoin", "Reporting officer phone",
        "Telefon Sachbearbeiter",
    ],
)  # fmt: skip
@pytest.mark.parametrize("role", [None, "trafficker"])
def test_what_stands_under_a_bystander_s_heading_is_not_listed_and_what_is_beside_it_is(
    heading: str, role: str | None
) -> None:
    end = ("", "") if role is None else (",role", f",{role}")
    content = f"phone,{heading}{end[0]}\n{PHONE},+1 202-555-0135{end[1]}\n"
    rows = list(opened(content))
    assert outcomes(rows) == [(2, CANONICAL), (2, "unknown_role")]
    assert [row.protects for row in rows if isinstance(row, Rejection)] == [False]


def test_an_officer_s_name_beside_a_phone_keeps_nobody_from_the_list() -> None:
    content = f"phone,Reporting officer,Rank,Fahrzeug\n{PHONE},A. Miller,Officer,red\n"
    assert outcomes(opened(content)) == [(2, CANONICAL)]


@pytest.mark.parametrize("status", ["witness", "Zeugin", "COMPLAINANT", "testigo", "गवाह"])
def test_who_is_called_a_witness_is_not_listed_under_the_role_of_all(status: str) -> None:
    assert outcomes(opened(f"phone,status\n{PHONE},{status}\n")) == [(2, "unknown_role")]


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
