"""Whose selectors are never given the role of all: who saw, reported, or was merely contacted."""

import pytest

from screening.importers.bystander_words import names_bystander
from screening.importers.entry import Rejection
from screening.vocabulary.column_names import plain_name
from tests.importers.importing import opened, outcomes

PHONE = "+1 202-555-0134"
CANONICAL = "+12025550134"
OTHER = "+1 202-555-0135"
ADDRESS = "ana@harbour.example"


@pytest.mark.parametrize(
    "heading",
    [
        "Complainant phone", "Phone of witness", "Reporter mobile", "Telefon Zeuge",
        "Teléfono denunciante", "Téléphone du témoin", "Reporting officer phone",
        "Telefon Sachbearbeiter", "Submitted by phone", "Analyst phone", "Telefon erfasst von",
        "Mother", "Guardian phone", "Telefon der Mutter", "Téléphone du père", "Next of kin mobile",
        "Emergency contact phone", "Mobile (son)", "Shelter phone", "NGO contact", "Police contact",
        "Телефон матери", "保護者電話",
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


@pytest.mark.parametrize("heading", ["status", "notes", "Bemerkung", "List name", "x", "Name"])
@pytest.mark.parametrize(
    "remark",
    [
        "witness", "Zeugin", "COMPLAINANT", "testigo", "गवाह", "key witness; see file", "Zeuge 3",
        "the informant's second phone", "la plaignante a rappelé", "informer", "świadka",
        "tan\u0131k", "martor", "svědka",
    ],
)  # fmt: skip
def test_who_is_called_a_witness_in_a_remark_is_not_listed_under_the_role_of_all(
    heading: str, remark: str
) -> None:
    content = f"phone,{heading}\n{PHONE},{remark}\n"
    assert outcomes(opened(content)) == [(2, "unknown_role")]
    assert [row.protects for row in opened(content) if isinstance(row, Rejection)] == [False]


def test_what_a_witness_says_of_somebody_is_for_a_person_to_read() -> None:
    remark = "witness statement of 3 May names him as the trafficker"
    assert outcomes(opened(f"phone,notes\n{PHONE},{remark}\n")) == [(2, "unknown_role")]
    stated = opened(f"phone,notes,role\n{PHONE},{remark},buyer\n")
    assert outcomes(stated) == [(2, CANONICAL)]


def test_that_a_witness_is_the_source_speaks_against_nobody() -> None:
    assert outcomes(opened(f"phone,source\n{PHONE},witness B\n")) == [(2, CANONICAL)]


@pytest.mark.parametrize("name", ["Svedberg", "Martorell", "Tanikawa", "Tanushree"])
def test_a_surname_that_begins_as_a_witness_s_word_does_is_none(name: str) -> None:
    assert outcomes(opened(f"phone,notes\n{PHONE},{name}\n")) == [(2, CANONICAL)]


@pytest.mark.parametrize(
    "heading",
    [
        "To", "TO:", "To (address)", "Sent to", "Recipient", "Recipient(s)", "cc", "Cc",
        "CC: (Address)", "Bcc", "callee", "Called party", "CalledNumber", "Called", "Dialled no",
        "B-Party", "B-Nummer", "Party B", "Nach", "Other party",
        "Destination number", "Receiver", "Addressee", "Empfänger",
        "An", "An: (Adresse)", "Angerufener", "Zielrufnummer", "Destinataire", "À", "Numéro appelé",
        "Destinatario", "Destinatário", "Para", "Número marcado", "Ontvanger", "Odbiorca", "Кому",
        "Получатель", "Mottagare", "Al\u0131c\u0131", "收件人", "被叫号码", "宛先",
        "수신자", "المستلم",
    ],
)  # fmt: skip
@pytest.mark.parametrize("role", [None, "trafficker"])
def test_whom_a_message_or_a_call_went_to_is_not_listed_and_who_sent_it_is(
    heading: str, role: str | None
) -> None:
    end = ("", "") if role is None else (",role", f",{role}")
    content = f"From,{heading}{end[0]}\nfrom@harbour.example,{ADDRESS}{end[1]}\n"
    rows = list(opened(content))
    assert outcomes(rows) == [(2, "from@harbour.example"), (2, "unknown_role")]
    assert [row.protects for row in rows if isinstance(row, Rejection)] == [False]


@pytest.mark.parametrize("header", ["MSISDN A,MSISDN B", "A-Nummer,B-Nummer", "Von,Nach"])
def test_of_the_two_ends_of_a_call_who_was_called_is_not_listed(header: str) -> None:
    content = f"{header}\n{PHONE},{OTHER}\n"
    assert outcomes(opened(content)) == [(2, CANONICAL), (2, "unknown_role")]


@pytest.mark.parametrize("heading", ["CC", "cc number", "CC no"])
def test_where_cards_stand_cc_is_a_credit_card(heading: str) -> None:
    assert outcomes(opened(f"{heading}\n4111111111111111\n")) == [(2, "4111111111111111")]


def test_a_witness_s_card_is_not_listed() -> None:
    content = "Witness card,card\n4111111111111111,4242424242424242\n"
    assert outcomes(opened(content)) == [(2, "unknown_role"), (2, "4242424242424242")]


@pytest.mark.parametrize("word", ["recipient", "Callee", "Empfänger", "destinatario", "bcc"])
def test_who_is_called_a_recipient_is_not_listed_under_the_role_of_all(word: str) -> None:
    assert outcomes(opened(f"phone,party\n{PHONE},{word}\n")) == [(2, "unknown_role")]
    assert outcomes(opened(f"phone,notes\n{PHONE},recipient of three parcels\n")) == [
        (2, CANONICAL)
    ]


@pytest.mark.parametrize(
    "heading",
    [
        "Phone",
        "reply to",
        "Tooth phone",
        "Caller",
        "From",
        "A-Party",
        "Telefon",
        "Antwort",
        "Paradise",
        "Momentum",
        "Sonja",
        "Club number",
        "Party bus phone",
        "MSISDN A",
        "Owner email",
    ],
)
def test_other_headings_name_no_bystander(heading: str) -> None:
    assert not names_bystander(heading)


@pytest.mark.parametrize(
    "heading",
    [
        "Submitted by", "Added by", "Erfasst von", "Created by (email)", "Analyst email",
        "Last modified by", "Saisi par", "Registrado por",
    ],
)  # fmt: skip
def test_who_wrote_a_row_is_not_listed_with_whom_it_is_of(heading: str) -> None:
    content = f"phone,{heading}\n{PHONE},{ADDRESS}\n"
    assert outcomes(opened(content)) == [(2, CANONICAL), (2, "unknown_role")]


@pytest.mark.parametrize(
    "header",
    [
        "Timestamp,Email Address", "Zeitstempel,E-Mail-Adresse", "Horodateur,Adresse e-mail",
        "Marca temporal,Dirección de correo electrónico", "Completion time,Email",
        "Timestamp,Username",
    ],
)  # fmt: skip
def test_the_address_beside_the_time_of_a_form_is_of_who_has_filled_it_in(header: str) -> None:
    content = f"{header},Suspect phone\n2026-01-01,{ADDRESS},{PHONE}\n"
    assert outcomes(opened(content)) == [(2, "unknown_role"), (2, CANONICAL)]


@pytest.mark.parametrize(
    "header", ["Timestamp,Suspect email,Place", "Seen on,Email,Place", "Email,Place,Timestamp"]
)
def test_another_address_of_a_table_with_times_is_listed(header: str) -> None:
    cells = ",".join(ADDRESS if "mail" in name else "x" for name in header.split(","))
    assert outcomes(opened(f"{header}\n{cells}\n")) == [(2, ADDRESS)]


@pytest.mark.parametrize("header", ["De,A", "Da,A", "DE,A", "Orig,Term"])
def test_of_two_headings_of_a_call_the_second_is_of_whom_it_went_to(header: str) -> None:
    content = f"{header}\n{PHONE},+1 202-555-0135\n"
    assert outcomes(opened(content)) == [(2, CANONICAL), (2, "unknown_role")]


def test_a_heading_that_is_of_a_call_beside_another_only_is_of_anything_else() -> None:
    assert outcomes(opened(f"Nom,A\nX,{PHONE}\n")) == [(2, CANONICAL)]


@pytest.mark.parametrize(
    "heading",
    [
        *("Your phone", "Your mobile", "Your contact number", "Your telephone number", "Your tel."),
        *(
            "Ihre Telefonnummer",
            "Ihre Handynummer",
            "Ihre Mobilnummer",
            "Votre numéro",
            "Your email",
        ),
        *("Your WhatsApp", "Your Whatsapp", "Jouw mobiel", "Uw mobiel", "Uw telefoon"),
        *("Su no. de tel\u00e9fono", "Tu no. de celular"),
        *("Tu teléfono", "Su número", "Tu correo", "Votre adresse e-mail", "Your best number"),
    ],
)
def test_a_form_asks_who_fills_it_in_for_their_own_phone(heading: str) -> None:
    assert names_bystander(plain_name(heading))


@pytest.mark.parametrize(
    "heading",
    [
        *("Suspect phone", "Your name", "Sue phone", "Phone", "Your note"),
        *("SU no", "TU No", "UW phone", "UW Phone No", "SU nr"),
    ],
)
def test_other_headings_are_of_no_form(heading: str) -> None:
    assert not names_bystander(plain_name(heading))
