"""A selector of another kind than its column's is not listed, and told as what it is."""

import pytest

from tests.importers.importing import opened, outcomes

PHONE, CARD, EMAIL = "+12025550142", "4242 4242 4242 4242", "jane@booking.example"
SAME = {"Phone": PHONE, "Card": CARD, "Email": EMAIL}


@pytest.mark.parametrize("beside", [4, 0], ids=["among its own kind", "alone"])
@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("Phone", CARD, "card_misplaced"),
        ("Phone", EMAIL, "email_misplaced"),
        ("Phone", "jane2025550142@booking.example", "email_misplaced"),
        ("Card", PHONE, "phone_misplaced"),
        ("Card", EMAIL, "email_misplaced"),
        ("Email", PHONE, "phone_misplaced"),
        ("Email", CARD, "card_misplaced"),
    ],
)
def test_another_kind_alone_in_a_cell_is_told(
    column: str, cell: str, code: str, beside: int
) -> None:
    found = outcomes(opened("\n".join([column, *[SAME[column]] * beside, cell, cell])))
    assert found[beside:] == [(beside + 2, code), (beside + 3, code)]


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("phone", EMAIL, "email_misplaced"),
        ("card", EMAIL, "email_misplaced"),
        ("email", PHONE, "phone_misplaced"),
        ("email", "030 23125 123", "phone_misplaced"),
        ("phone", CARD, "card_misplaced"),
        ("phone", f"{EMAIL}; john@booking.example", "several_values"),
        ("phone", f"{PHONE} {EMAIL}", "several_values"),
        ("phone", f"Jane {EMAIL}", "remark_in_cell"),
        ("phone", "j***@booking.example", "hidden_value"),
        ("card", "4242 4242 4242 4241", "bad_checksum"),
        ("card", "378 282246310006", "bad_checksum"),
        ("email", "jane", "not_an_email"),
    ],
)
def test_what_is_no_other_kind_alone_is_told_as_before(kind: str, value: str, code: str) -> None:
    table = f"kind,value,role\n{kind},{value},buyer\n"
    assert outcomes(opened(table, region="DE")) == [(2, code)]


def test_an_address_with_a_number_in_it_is_no_phone_in_a_column_of_both() -> None:
    address = "jane2025550142@booking.example"
    table = f"Contact phone or email\n{PHONE}\n{address}\n{PHONE} {address}\n"
    assert outcomes(opened(table)) == [(2, PHONE), (3, address), (4, "several_values")]
