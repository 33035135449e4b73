"""Who was cleared, or is listed by mistake, is not given the role of all."""

import pytest

from screening.importers.clearing_words import clears
from screening.importers.entry import Rejection
from tests.importers.importing import opened, outcomes

PHONE = "+1 202-555-0134"
CANONICAL = "+12025550134"
# fmt: off
STATUSES = (
    "cleared", "CLEARED", "Innocent", "wrong number", "wrong_number",
    "number reassigned", "no longer his", "false positive",
    "False-Positive", "acquitted", "unfounded", "mistake", "by mistake", "not involved",
    "mistaken identity", "no further action", "ruled out", "unschuldig", "freigesprochen",
    "Freispruch", "falsche Nummer", "Falschtreffer", "unbeteiligt", "irrtümlich", "Verwechslung",
    "acquittée", "innocente", "faux numéro", "mis hors de cause", "non-lieu", "par erreur",
    "inocente", "absuelto", "número equivocado", "falso positivo", "sobreseído", "no implicada",
    "não envolvido", "assolto", "vrijgesproken", "uniewinniony", "оправдан", "непричастен", "αθώα",
    "beraat", "بريء", "无罪", "無実", "무죄", "nicht schuldig", "no suspect", "NFA", "Entlastung",
)
# fmt: on


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("heading", ["status", "notes", "source", "Vermerk"])
def test_who_was_cleared_is_left_to_a_person(status: str, heading: str) -> None:
    content = f"phone,{heading}\n{PHONE},{status}\n"
    assert outcomes(opened(content)) == [(2, "unknown_role")]
    assert [row.protects for row in opened(content) if isinstance(row, Rejection)] == [False]


@pytest.mark.parametrize("status", ["cleared", "Acquitted in May", "wrong number"])
def test_a_role_of_the_row_s_own_does_not_outweigh_such_a_status(status: str) -> None:
    content = f"phone,role,status\n{PHONE},buyer,{status}\n"
    assert outcomes(opened(content)) == [(2, "unknown_role")]


def test_a_role_of_the_row_s_own_outweighs_a_remark() -> None:
    long = "his brother was acquitted in the same case and moved away"
    for heading, remark in (("notes", "cleared customs there"), ("story", long)):
        content = f"phone,role,{heading}\n{PHONE},buyer,{remark}\n"
        assert outcomes(opened(content)) == [(2, CANONICAL)]


def test_the_victim_of_a_case_that_came_to_nothing_still_is_one() -> None:
    assert outcomes(opened(f"phone,role,status\n{PHONE},victim,acquitted\n")) == [(2, CANONICAL)]


@pytest.mark.parametrize(
    "remark",
    [
        "seen twice",
        "nuclear",
        "clear voice",
        "Terror",
        "Blanchisserie",
        "Irrsinn",
        "number wrongly spelt",
        "not cleared",
        "nicht freigesprochen",
        "discharged 2019 from prison",
        "discharged from jail in 2020",
        "arrested 2024; error in transcription of name",
    ],
)
def test_other_remarks_clear_nobody(remark: str) -> None:
    assert not clears(remark)


@pytest.mark.parametrize(
    "remark",
    [
        "not cleared at first, acquitted on appeal",
        "error in transcription of number",
        "discharged 2019",
        "discharged from prison, innocent",
    ],
)
def test_what_is_denied_beside_it_does_not_undo_what_clears(remark: str) -> None:
    assert clears(remark)
