"""Which names of columns speak of contacts, and which of something else that contacts have."""

import pytest

from screening.vocabulary.contact_columns import hints_at_contact
from screening.vocabulary.other_columns import is_of_contacts, names_other

# fmt: off
OF_CONTACTS = (
    # Another word before it says which contact it is.
    "Booking contact", "Buchungskontakt", "Rechnungskontakt", "Reservation contact",
    "Invoice contact", "Account contact", "Ticket contact", "Arrival contact", "Departure contact",
    "Personal contact", "Important contact", "Customer contact", "PO contact", "Key contact",
    "Last known contact", "Personne de contact", "Persona de contacto", "Osoba kontaktowa",
    "Numer kontaktowy", "Контактный номер", "جهة الاتصال",
    # Or behind it, when or for what.
    "Contact on arrival", "Contact at arrival", "Contact before arrival",
    "Contact for this booking", "Kontakt für Rechnung", "Contacto reserva",
    "Contacto de la reserva", "Contact (day/night)",
    "Kontakt Tag/Nacht", "Emergency contact (payment)", "Contact (account manager)",
    "Contact data", "Kontaktdaten", "Datos de contacto", "Dati di contatto", "Contact 2",
    # Other words for it.
    "In case of emergency", "Contact in case of emergency", "Reachable at", "Reach me at",
    "Call me at", "Text me at", "Guest can be reached at", "Caller ID", "Notfall", "Notfallkontakt",
    "Kontak", "İrtibat", "Επικοινωνία", "Liên hệ", "ติดต่อ", "איש קשר", "تماس", "Связь",
    "Erreichbar unter", "Ansprechpartner", "Next of kin", "Rückruf",
)
OF_IDS_OR_DATES = (
    "Contact ID", "contact_id", "ContactId", "ID contact", "Contact (ID)", "Contact code",
    "Contact reference", "Contact zip", "Contact date", "Kontaktdatum", "Contact (date)",
    "Date of contact", "Date de contact", "Fecha de contacto", "Data kontaktu",
    "Date of last contact", "Last contact at", "Contact updated at", "Best time to contact",
    "Best contact time", "Contact day",
)
SAID_OF_CONTACTS = (
    "Adres kontaktowy", "Contact address", "Kontaktadresse", "Dirección de contacto",
    "Emergency contact address", "Notfalladresse", "Contact reason", "Kontaktgrund",
    "Motivo del contacto", "Contact notes", "Uwagi kontaktowe", "Contact hours", "Kontaktzeiten",
    "Horario de contacto", "Last contact", "Letzter Kontakt", "Contact owner",
)
OF_NOBODY = ("", "Number", "Notes", "Last", "Street", "Arrival", "In any case", "Recall", "Skin")
# fmt: on


@pytest.mark.parametrize("name", OF_CONTACTS)
def test_a_name_may_speak_of_contacts_whichever_they_are(name: str) -> None:
    assert hints_at_contact(name)
    assert not names_other(name)
    assert is_of_contacts(name)


@pytest.mark.parametrize("name", OF_IDS_OR_DATES)
def test_ids_and_dates_of_contacts_are_what_the_noun_says(name: str) -> None:
    assert names_other(name)
    assert not is_of_contacts(name)


@pytest.mark.parametrize("name", SAID_OF_CONTACTS)
def test_addresses_and_reasons_of_contacts_are_neither(name: str) -> None:
    assert not names_other(name)
    assert not is_of_contacts(name)


@pytest.mark.parametrize("name", OF_NOBODY)
def test_other_names_speak_of_none(name: str) -> None:
    assert not hints_at_contact(name)
    assert not is_of_contacts(name)
