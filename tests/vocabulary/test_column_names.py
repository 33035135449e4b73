"""What a heading says: the kinds of its column, or that it holds something else."""

import unicodedata

import pytest

from screening.vocabulary.column_names import kinds_named, plain_name, words_of
from screening.vocabulary.contact_columns import hints_at_contact
from screening.vocabulary.other_columns import names_other
from screening.vocabulary.selector import SelectorKind

PHONES = (
    "\u041c\u043e\u0431.",
    *("Last known phone", "Verified phone", "Card holder phone", "Phone (last known)"),
    *("Phone number (verified)", "Last contact number", "Updated mobile no.", "Card holder mobile"),
    *(
        "Telem\u00f3vel",
        "Portable",
        "T\u00e9l. portable",
        "Mobitel",
        "T\u0101lrunis",
        "Kom\u00f3rka",
    ),
    *("Nr kom\u00f3rki", "S\u0110T", "Di \u0111\u1ed9ng", "No HP", "Cep Tel", "Mobiel", "Mobiil"),
    *("연락처", "핸드폰", "נייד", "موبايل", "موبایل", "تلفن", "मोबाइल", "फ़ोन", "มือถือ", "Festnetz"),
    *("Fax", "Fax No.", "Faxnummer", "Факс", "传真", "ファックス", "팩스", "فاكس", "Alternate No"),
    *(
        "Alternate Number",
        "Alt. No.",
        "Emergency No",
        "\u039a\u03b9\u03bd.",
        "טל'",
        "פלאפון",
        "เบอร์ติดต่อ",
    ),
    *("شماره تماس", "दूरभाष", "No WA", "Cep numaras\u0131"),
)
CARDS = (
    *("Member credit card", "Card guarantee room"),
    *(
        "Carte bancaire",
        "Carte de cr\u00e9dit",
        "Cart\u00e3o",
        "N\u00ba do cart\u00e3o",
        "Kortnummer",
    ),
    *("Carta di credito", "Kredi kart\u0131", "Last card number", "Kaartnummer", "Kartennr."),
    *(
        "N\u00b0 de carte",
        "Kart numaras\u0131",
        "Kortin numero",
        "信用卡",
        "银行卡号",
        "رقم البطاقة",
    ),
    *("מספר כרטיס", "Thẻ tín dụng", "No. Kartu"),
)
ADDRESSES = (
    *("Email ID", "E-mail Id", "EmailId", "mail_id", "Adresse électronique", "Posta elettronica"),
    *("Dirección electrónica", "Endereço eletrônico", "Correio eletrónico", "电子邮件", "電郵"),
    "Verified e-mail",
    "E-post",
    "S\u00e4hk\u00f6posti",
    "إيميل",
    "ईमेल",
    "Holder's email",
    *(
        "Elektronische Adresse",
        "Elektronisk post",
        "Elektronická pošta",
        "E-naslov",
        "Mejl",
        "Mél.",
    ),
    *("Tölvupóstur", "Netfang", "Elektronické adresy e-mail", "Elektronik posta", "Poczta e-mail"),
    *(
        "Электронный адрес",
        "Эл. адрес",
        "Имейл",
        "\u0415-мейл",
        "Електронна адреса",
        "Surat elektronik",
    ),
    *("Ηλεκτρονικό ταχυδρομείο", "Ηλεκτρονική διεύθυνση", "Thư điện tử", "メアド", "電子信箱"),
    *("Mailing e-mail", "Электронный почтовый адрес", "البريد الإلكتروني", "Sent to e-mail"),
    *(
        "Mail address",
        "Почта",
        "信箱",
        "전자우편",
        'דוא"ל',
        "דואר אלקטרוני",
        "پست الکترونیک",
        "رایانامه",
    ),
)
NONE = (
    *("phone verified", "phone_verified_at", "Phone last seen", "Card holder", "Card last 4"),
    *(
        "Phone (last 4) hash",
        "Telefon ID",
        "Email ID hash",
        "email verified",
        "Mobile last updated",
        "Im\u00f3vel",
    ),
    *(
        "Cart\u00e3o de cidad\u00e3o",
        "SIM card",
        "Loyalty card",
        "Gift card payment",
        "phone consent",
        "Last",
        "Verified",
    ),
    *("Mailing street", "MailingStreet", "Mailing address", "Почтовый индекс", "Почтовый адрес"),
    *("Поштовий індекс", "الرمز البريدي", "صندوق البريد", "Email opened", "Email sent"),
    *("Email count", "Mobil-home", "Booked on mobile", "Telefonkosten", "Phone charges"),
    *("Kurkartennummer", "Key card", "Card ending", "Gästekarte", "Telefongebühren"),
    *("Deposit", "CEP", "Phone added", "Card number hash", "phone verified number of times"),
)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (kind, name)
        for kind, names in (
            (SelectorKind.PHONE, PHONES),
            (SelectorKind.CARD, CARDS),
            (SelectorKind.EMAIL, ADDRESSES),
        )
        for name in names
    ],
)
def test_a_heading_names_its_kind(kind: SelectorKind, name: str) -> None:
    assert kinds_named(name) == (kind,)


@pytest.mark.parametrize("name", NONE)
def test_a_heading_about_a_phone_or_card_is_not_of_one(name: str) -> None:
    assert kinds_named(name) == ()


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Order ID",
            "customer_no",
            "Kundennummer",
            "Bestell-Nr.",
            "N\u00ba de pedido",
            "Referencia",
        ),
        *("N\u00b0 de commande", "Date de naissance", "Montant", "Encomenda", "Valor", "NIF"),
        *("created_at", "Gesch\u00e4ftskonto ID", "Contact ID", "Rechnungsdatum", "App version"),
        *("Message ID", "Note date"),
    ],
)
def test_a_heading_of_ids_dates_or_amounts_says_so(name: str) -> None:
    assert names_other(name)


@pytest.mark.parametrize(
    "name",
    [
        *("", "Kontakt", "Contact", "Customer contact", "Kundenkontakt", "Contacto", "Caller ID"),
        *("Number", "Num\u00e9ro", "Ansprechpartner", "Notes", "Last", "Cep"),
        *("Booking notes", "Buchungsnotiz", "Order remarks", "Observaciones de la reserva"),
    ],
)
def test_any_other_heading_leaves_open_what_its_numbers_are(name: str) -> None:
    assert not names_other(name)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        *(
            ("phoneNumber", "phone number"),
            ("victimPhone", "victim phone"),
            ("toNumber", "to number"),
        ),
        *(("isVictim", "is victim"), ("ToNumber", "to number"), ("PartyB", "party b")),
        *(("VictimDOB", "victim dob"), ("IsVOT", "is vot"), ("PhoneUS", "phone us")),
        *(("DoB", "dob"), ("DoBDate", "dob date"), ("VictimDoB", "victim dob"), ("VoTs", "vots")),
        *(("VoT phone", "vot phone"), ("PVoT Phone", "pvot phone"), ("VoTPhone", "vot phone")),
        *(("IsVoT", "is vot"), ("VoT-Nr", "vot nr"), ("VoT2", "vot2")),
    ],
)
def test_words_are_parted_at_capitals_but_not_what_is_short_for_several(
    name: str, plain: str
) -> None:
    assert plain_name(name) == plain
    assert words_of(name) == plain.rstrip("2").split()


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        *(("पीड़ित_फोन", "पीड़ित फोन"), ("ผู้เสียหาย", "ผู้เสียหาย"), ("Te\u0301l-Nr.", "t\u00e9l nr")),
        *(("\u260e\ufe0f Phone", "phone"), ("--", ""), ("  Phone__no ", "phone no")),
    ],
)
def test_marks_upon_letters_part_no_words(name: str, plain: str) -> None:
    assert plain_name(name) == unicodedata.normalize("NFC", plain)


def test_a_heading_of_many_accents_is_read_at_once() -> None:
    # A fraction of a second; what is quadratic would take an hour.
    name = "Phone e" + "\u0316\u0301" * 1_000_000
    assert kinds_named(name) == (SelectorKind.PHONE,)
    assert plain_name(name).startswith("phone e")


def test_a_heading_may_speak_of_a_contact() -> None:
    assert hints_at_contact("Segundo contacto")
    assert hints_at_contact("Caller ID")
    assert all(map(hints_at_contact, ("联系方式", "संपर्क नंबर", "İletişim", "Контактный номер")))
    assert not hints_at_contact("Number")
