"""What is hidden or masked, and that to tell it takes no more than a look at each of its signs."""

import pytest

from screening.vocabulary.obscured import is_hidden, is_withheld, may_be_contact, may_hide_contact

# fmt: off
HIDDEN = (
    "j.doe[at]listed[dot]example", "j.doe (at) listed.example", "j.doe(a)listed.example",
    "j.doe(@)listed.example", "j.doe@listed(dot)example", "j.doe%40listed.example",
    "j.doe&#64;listed.example", "j.doe (arroba) listed.example",
    "j.doe arroba listed punto example", "j.doe arobase listed point example",
    "j.doe ät listed punkt example",
    "j.doe (ma\u0142pa) listed.example", "j.doe собака listed точка example",
    "j.doe[chiocciola]listed.example", "j.doe@listed dot example",
    "**** 42", "42 ****", "4242 42** **** 4242",
)
NOT_HIDDEN = (
    "arrival at 10.30", "pick up at 10.30 h", "Bob @ reception", "**VIP**", "see (a) and b.c",
    "50% 40. floor", "a at b", "at St.Pancras", "jane@x.example", "собака, 2", "Punkt 12",
    'Room "A" incl.breakfast', 'class "A" incl.tax',
)
HIDDEN_IN_TEXTS = (
    "jane at Booking.Com", "**jane (at) listed.example**", "**call jane at listed.example**",
    "**card xxxx4242**", "https://t.example/?m=jane%40listed.example", "jane at Listed.Info",
    'jane "a" listed.example', 'jane"a"listed.example', "202-555-????",
    "+44 20-79-46??", "02-55-50??", "0612-34-??", "2025-55-??", "jane at Listed.Gov",
)
OF_TEXTS = (
    "meet at St.Pancras", "**24h** notice", "at reception.Thanks", "https://t.example/a@b",
    "**120.00", "https://t.example//img/a.png", "??.12.2026", "30.11.20??", "from 2026-??-?? on",
    "slept at Joe.She liked it", "Meet at reception.Tel: 4 pm", "Sauna at Hotel.Pro Person 20 EUR",
    "lost at Bar.Int. call", "late at Office.Dev team informed",
    "??.12.2026-14.12.2026", "??.12.2026/14.12.2026", "??.??.2026-??.??.2026",
    "01-??-2026/05-??-2026", "2026-12-??/2026-12-??", "??.12.2026-14:30", "12.??.2026/2 pax",
    "arr ??.12.2026-3 nights", "??.12.26-14.12.26", "04.12.2026-??.12.2026",
)
OF_A_CONTACT = (
    "j.doe@listed,example", "j.doe @ listed.example", "jane.doe@listed", "2025550142202",
    "202555014", "202 555 01...", "202 555 01\u2026", "202 555 ----", "020 7946...",
    "... 555 0142", "(202) 555..", "Ann 202 555 0..", "202 555 0\u22ef",
)
OF_NO_CONTACT = (
    "Bob @ reception", "@jane", "Insta: @jane", "ask Bob", "20261125101500", "20261125",
    "Room 1201...", "2026-11-...", "??.12.2026-14.12.2026", "2026/27 --", "Rooms 101-102 ...",
    "12 - 14 ...", "120.00...", "120 000.-",
)
BESIDE = (
    "1.", "1-", "?", "..", "--", "?-", "12.??.2026-", "1.. ",
    "*", "** ", "a[at]a", " at ", "a at ", "\u2022", "x- ", "%40", "(at)", "a@", "1 ", "O-",
)
# fmt: on
_LONG = 200_000


@pytest.mark.parametrize("value", HIDDEN)
def test_an_address_whose_signs_are_words_is_hidden(value: str) -> None:
    assert is_hidden(value)
    assert may_be_contact(value)


@pytest.mark.parametrize("value", NOT_HIDDEN)
def test_what_only_looks_a_little_like_one_is_not(value: str) -> None:
    assert not is_hidden(value)


@pytest.mark.parametrize("value", HIDDEN_IN_TEXTS)
def test_what_is_shown_bold_linked_or_in_capitals_may_be_hidden(value: str) -> None:
    assert may_hide_contact(value)


@pytest.mark.parametrize("value", OF_TEXTS)
def test_what_texts_are_marked_with_hides_nothing(value: str) -> None:
    assert not may_hide_contact(value)


@pytest.mark.parametrize("value", OF_A_CONTACT)
def test_a_sign_of_an_address_or_as_many_digits_as_a_phone_has_are_of_a_contact(value: str) -> None:
    assert may_be_contact(value)


@pytest.mark.parametrize("value", OF_NO_CONTACT)
def test_a_name_a_place_a_date_or_an_amount_is_none(value: str) -> None:
    assert not may_be_contact(value)


def test_what_is_looked_through_between_two_signs_is_bounded() -> None:
    assert is_hidden("**" + " " * 8 + "42")
    assert not is_hidden("**" + " " * 9 + "42")
    assert is_hidden("a (at) " + "b" * 64 + ".example")
    assert not is_hidden("a (at) " + "b" * 65 + ".example")


@pytest.mark.parametrize("sign", BESIDE)
def test_a_cell_of_one_sign_many_times_is_told_at_once(sign: str) -> None:
    # A fraction of a second; what is quadratic would take twenty minutes.
    value = sign * (_LONG // len(sign))
    assert not is_hidden(value)
    may_be_contact(value)
    is_withheld(value)
