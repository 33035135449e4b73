"""Addresses without their sign, and what only ends like one."""

import pytest

from screening.vocabulary.unread_addresses import is_unread_address


@pytest.mark.parametrize(
    "value",
    [
        *("jane#mail.example", "jane mail.example", "jane*mail.example", "jane_mail.example"),
        *(
            "JANE MAIL.EXAMPLE",
            "jane.doe # mail.example",
            "j-d,a.mail.example.",
            "jane/mail.example",
        ),
    ],
)
def test_another_sign_before_a_domain_is_that_of_an_address(value: str) -> None:
    assert is_unread_address(value)


@pytest.mark.parametrize(
    "value",
    [
        *("yes", "none", "Gold member", "n/a", "", "1.5", "booking.example", "www.booking.example"),
        *("via booking.example", "https://booking.example", "Hotel St.Gallen", "no e.mail"),
        *(
            "12.05.2026 10.30",
            "v 1.2",
            "jane@mail.example",
            "a b c mail.example",
            "#" * 400 + ".ab",
        ),
    ],
)
def test_words_sites_and_numbers_are_no_address(value: str) -> None:
    assert not is_unread_address(value)
