"""Networks are read so that they hold the addresses that they were written for."""

import pytest

from screening.registry.networks import find_address, is_within, parse_networks


@pytest.mark.parametrize(
    ("text", "is_of"),
    [
        ("::ffff:127.0.0.0/104", "127.0.0.0/8"),
        ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
        ("::FFFF:C000:207", "192.0.2.7/32"),
        ("::ffff:0:0/96", "0.0.0.0/0"),
        ("::/0", "::/0"),
        ("::/80", "::/80"),
        ("2001:db8::/48", "2001:db8::/48"),
    ],
)
def test_one_of_ipv4_in_the_form_of_ipv6_is_that_of_ipv4(text: str, is_of: str) -> None:
    (network,) = parse_networks([text])
    assert str(network) == is_of


@pytest.mark.parametrize("address", ["192.0.2.7", "::ffff:192.0.2.7"])
def test_an_address_lies_in_a_network_in_whichever_form_both_are_written(address: str) -> None:
    for text in ("192.0.2.0/24", "::ffff:192.0.2.0/120"):
        assert is_within(find_address(address), parse_networks([text]))
    for text in ("198.51.100.0/24", "::ffff:198.51.100.0/120", "::/0"):
        assert not is_within(find_address(address), parse_networks([text]))


@pytest.mark.parametrize(
    "text",
    ["::ffff:0:0/95", "::fffe:0:0/95", "::8000:0:0/81", "::ffff:192.0.2.7/120", "192.0.2.1/24", ""],
)
def test_what_holds_no_address_that_it_could_be_meant_for_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_networks([text])
