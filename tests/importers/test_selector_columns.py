"""Columns of selectors: by name or content; nothing vanishes, and no id or date is listed."""

import pytest

from screening.vocabulary.errors import OperatorError
from tests.importers.importing import opened, outcomes

PHONE = "+1 202-555-0134"
CANONICAL = "+12025550134"
CARD = "4111111111111111"


@pytest.mark.parametrize(
    ("header", "cell", "region"),
    [
        ("RUT", "12.345.678-9", "CL"),
        ("CPF", "987.654.321-00", "BR"),
        ("Паспорт", "4510 123456", "RU"),
        ("Personnummer", "850101-1234", "SE"),
        ("주민등록번호", "850101-1234567", "KR"),
        ("Order ID", "302-123-4567", "US"),
        ("Contact ID", "202-456-1414", "US"),
        ("Number", "202-456-1414", "US"),
    ],
)
def test_numbers_that_only_the_region_would_make_phones_are_left_out_and_the_rest_is_taken_whole(
    header: str, cell: str, region: str
) -> None:
    content = f"Name,{header},Phone,Email,Amount,Date\n"
    content += f'Ana,{cell},{PHONE},a@b.example,"1.234,50",12.03.2024\n' * 3
    file = opened(content, region=region)
    assert file.columns[1].taken_as == "ignored"
    assert outcomes(file) == [
        (line, found) for line in (2, 3, 4) for found in (CANONICAL, "a@b.example")
    ]
    (notice,) = file.warnings
    assert (notice.count, header in notice.text, "Amount" in notice.text) == (3, True, False)
    with pytest.raises(OperatorError, match="name one phone"):
        opened(f"Name,{header}\nAna,{cell}\n", region=region)


def test_a_column_of_days_is_left_out_without_a_word() -> None:
    content = f"Name,Zeitraum,Phone\nAna,12.11.-14.11.2024,{PHONE}\n"
    file = opened(content, region="DE")
    assert (outcomes(file), file.warnings) == ([(2, CANONICAL)], ())


@pytest.mark.parametrize("header", ["Kontakt", "Contact", "Contacto", "Contatto", "b", "Order ID"])
def test_a_column_whose_name_says_nothing_holds_phones_that_have_their_plus(header: str) -> None:
    file = opened(f"Name,{header}\nA,{PHONE}\nB,+49 30 23125099\n", region="US")
    assert outcomes(file) == [(2, CANONICAL), (3, "+493023125099")]


def test_under_a_name_that_speaks_of_contacts_valid_numbers_of_the_region_are_taken_too() -> None:
    content = "Name;Kontakt\nA;030 23125099\nB;030 23125001\n"
    assert outcomes(opened(content, region="DE")) == [(2, "+493023125099"), (3, "+493023125001")]
    with pytest.raises(OperatorError, match="no column of phones"):
        opened(content)


def test_a_column_of_ids_is_none_of_cards() -> None:
    file = opened(f"Name,Order ID,Email\nA,{CARD},a@b.example\n")
    assert outcomes(file) == [(2, "a@b.example")]
    assert file.warnings[0].count == 1


def test_a_day_in_a_column_of_phones_is_none() -> None:
    content = f"Telefon,Name\n{PHONE},A\n12.03.2024,B\n06-12-345678,C\n"
    assert outcomes(opened(content, region="NL")) == [
        (2, CANONICAL),
        (3, "not_a_phone"),
        (4, "+31612345678"),
    ]


def test_a_selector_in_a_column_that_is_not_read_is_reported() -> None:
    content = (
        "Name,Contact,Email\n"
        f"A,{PHONE},a@b.example\n"
        "B,ask desk,c@d.example\n"
        f"C,call {PHONE},e@f.example\n"
        "D,unknown,g@h.example\n"
        "E,1.20256E+10,i@j.example\n"
        "F,x@y.example,\n"
        f"G,{CARD},\n"
        "H,202 555 0171,\n"
        "I,,\n"
    )
    file = opened(content)
    assert file.columns[1].taken_as == "ignored"
    assert outcomes(file) == [
        (2, "a@b.example"),
        (2, "column_not_read"),
        (3, "c@d.example"),
        (4, "e@f.example"),
        (4, "column_not_read"),
        (5, "g@h.example"),
        (6, "i@j.example"),
        (6, "column_not_read"),
        (7, "column_not_read"),
        (8, "column_not_read"),
        (9, "column_not_read"),
        (10, "nothing_listed"),
    ]


@pytest.mark.parametrize("cell", ["1.20256E+10", "12025550171", "2025550171"])
def test_numbers_under_a_name_that_speaks_of_contacts_do_not_vanish(cell: str) -> None:
    file = opened(f"Name,Contact,Email\nA,{cell},a@b.example\n")
    assert outcomes(file) == [(2, "a@b.example"), (2, "column_not_read")]
    assert file.warnings[0].count == 1


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("4.9E+11", "changed_number"),
        ("5E+10", "changed_number"),
        ("call 0142", "remark_in_cell"),
        ("030 231", "invalid_number"),
        ("a@b.example", "email_misplaced"),
        ("111 111 111", "invalid_number"),
    ],
)
def test_what_may_be_left_of_a_phone_is_reported_where_most_cells_are_none(
    cell: str, code: str
) -> None:
    content = f"Phone,Email\nn/a,a@b.example\n,c@d.example\nno,e@f.example\n{cell},g@h.example\n"
    found = outcomes(opened(content, region="DE"))
    assert found[:3] == [(2, "a@b.example"), (3, "c@d.example"), (4, "e@f.example")]
    assert found[3][0] == 5
    assert found[3][1] != "g@h.example"
    assert found[4:] == [(5, "g@h.example")]
    assert found[3] == (5, code)


@pytest.mark.parametrize("cell", ["n/a", "12.50", "1.5", "2019", "12.03.2024", "-", "iPhone 12"])
def test_words_days_and_small_amounts_in_a_column_of_phones_are_no_phones(cell: str) -> None:
    content = f"Phone,Email\nno,a@b.example\n-,a@b.example\n{cell},c@d.example\n"
    assert outcomes(opened(content, region="DE"))[2:] == [(4, "c@d.example")]


ORDINARY = {
    "Case ID": "2024-000123",
    "Uuid": "550e8400-e29b-41d4-a716-446655440000",
    "Account": "DE89 3704 0044 0532 0130 00",
    "Opened": "2024-01-15T10:30:00+01:00",
    "Geburtsdatum": "12.03.1984",
    "Betrag": "1.234,50",
    "Amount": "1234567.50",
    "Instagram": "@maria.lopez",
    "Profile": "https://harbour.example/@maria.lopez/12345678",
    "Address": "Calle Mayor 5, 28001 Madrid",
    "Place": "52.520008, 13.404954",
    "Nights": "3",
    "Device": "iPhone 12",
}


@pytest.mark.parametrize(
    ("phone", "number", "canonical", "region"),
    [
        ("Phone", "(202) 456-1414", "+12024561414", "US"),
        ("Telefonnummer", "030/23125099", "+493023125099", "DE"),
        ("Teléfono", "612 345 678", "+34612345678", "ES"),
        ("Téléphone", "06 12 34 56 78", "+33612345678", "FR"),
    ],
)
def test_an_ordinary_table_is_taken_whole(
    phone: str, number: str, canonical: str, region: str
) -> None:
    header = ";".join(["Name", phone, "E-Mail", *ORDINARY])
    row = ";".join(["Ana", number, "a@b.example", *ORDINARY.values()])
    other = ";".join(["Ben", "", "c@d.example", *ORDINARY.values()])
    found = outcomes(opened("\n".join([header, row, other, row]), region=region))
    assert found == [
        (2, canonical),
        (2, "a@b.example"),
        (3, "c@d.example"),
        (4, canonical),
        (4, "a@b.example"),
    ]


@pytest.mark.parametrize(
    ("number", "region", "canonical"),
    [
        ("612 345 670", "ES", "+34612345670"),
        ("601 234 567", "PL", "+48601234567"),
        ("601 234 567", "CZ", "+420601234567"),
        ("02.555.12.12", "BE", "+3225551212"),
        ("044.668.18.00", "CH", "+41446681800"),
        ("06-12-345678", "NL", "+31612345678"),
        ("912 345 678", "PT", "+351912345678"),
    ],
)
@pytest.mark.parametrize("told", ["option", "column", "neither"])
def test_phones_in_groups_of_three_or_with_dots_are_no_amounts_under_a_telling_name(
    number: str, region: str, canonical: str, told: str
) -> None:
    content = f"Nombre,Teléfono,Correo\nAna,{number},ana@x.example\n"
    if told == "column":
        content = f"Nombre,Teléfono,Correo,País\nAna,{number},ana@x.example,{region}\n"
    expected = "region_required" if told == "neither" else canonical
    found = opened(content, region=region if told == "option" else None)
    assert outcomes(found) == [(2, expected), (2, "ana@x.example")]


def test_amounts_under_the_name_of_a_phone_are_not_listed() -> None:
    content = f'Telefon,Telefon privat\n{PHONE},"12,50"\n{PHONE},1.234.567\n{PHONE},3.5\n'
    found = outcomes(opened(content, region="DE"))
    assert found == [(2, CANONICAL), (3, CANONICAL), (3, "invalid_number"), (4, CANONICAL)]


def test_an_amount_among_phones_is_not_listed_as_one_that_its_digits_make() -> None:
    phones = "".join(f"020 7946 09{n:02}\n" for n in range(9))
    found = outcomes(opened(f"Phone\n{phones}123 456 789\n", region="GB"))
    listed = [(n + 2, f"+442079460{900 + n}") for n in range(9)]
    assert found == [*listed, (11, "invalid_number")]


def test_days_under_the_name_of_a_phone_are_none_though_the_plan_has_such_numbers() -> None:
    content = f"Telefon;Telefon siden\n{PHONE};31.12.2024\n{PHONE};23.10.2024\n"
    assert outcomes(opened(content, region="DK")) == [(2, CANONICAL), (3, CANONICAL)]


def test_a_bank_account_among_words_is_no_card() -> None:
    accounts = ("cash", "cash", "cash", "DE12 4111 1111 1111 1111")
    content = "phone;Paid by\n" + "".join(f"{PHONE};{account}\n" for account in accounts)
    assert [outcome for _, outcome in outcomes(opened(content))] == [CANONICAL] * 4


def test_a_column_called_cc_is_one_of_cards_where_it_holds_cards() -> None:
    found = outcomes(opened(f"Name,CC\nA,{CARD}\n"))
    assert found == [(2, CARD)]
