"""Roles under foreign headings, or unknown ones, are heard before the role of all."""

import pytest

from screening.importers.entry import Role
from screening.importers.foreign_rows import Defaults
from tests.importers.importing import opened, outcomes

PHONE = "+1 202-555-0134"
CANONICAL = "+12025550134"


@pytest.mark.parametrize("heading", ["Rolle", "Rôle", "Rol", "Ruolo", "ROLLE"])
def test_a_column_of_roles_is_known_in_other_languages(heading: str) -> None:
    content = f"Name;Telefon;{heading}\nA;{PHONE};trafficker\nB;{PHONE};disputed\nC;{PHONE};\n"
    entries = opened(content)
    assert entries.columns[2].taken_as == "role"
    assert outcomes(entries) == [(2, CANONICAL), (3, CANONICAL), (4, "unknown_role")]


@pytest.mark.parametrize("word", ["disputed", "Trafficker", "FACILITATOR", " victim "])
def test_who_has_another_role_in_a_column_of_whatever_name_is_not_listed(word: str) -> None:
    assert outcomes(opened(f"phone,Einstufung\n{PHONE},{word}\n")) == [(2, "unknown_role")]


def test_in_a_column_of_roles_under_an_unknown_name_each_of_them_counts() -> None:
    words = ("buyer", "Buyer", "unknown", "business", "", "see file")
    rows = "".join(f"{PHONE},{word}\n" for word in words)
    table = f"phone,Einstufung\n{rows}"
    others = [CANONICAL, CANONICAL, "unknown_role", "unknown_role", CANONICAL]
    assert [code for _, code in outcomes(opened(table))] == [*others, "unknown_role"]
    aside = opened(table, defaults=Defaults(Role.BUYER, {1: "ignored"}))
    assert [code for _, code in outcomes(aside)] == [*others, CANONICAL]


@pytest.mark.parametrize(
    "content",
    [
        f"Name,Phone,Line type\nunknown,{PHONE},business\n",
        f"Name;Telefon;Ort;Kunde\nUnknown;{PHONE};unknown;business\n",
        f"Nombre;Teléfono;Tipo\nAna;{PHONE};móvil\n",
        f"Nom;Téléphone;Type\nAna;{PHONE};portable\n",
    ],
)
def test_words_that_mean_other_things_too_keep_nobody_from_the_list(content: str) -> None:
    assert outcomes(opened(content)) == [(2, CANONICAL)]
