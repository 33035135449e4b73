"""Values are sealed for one place, and found by terms that tell nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intelligence.errors import Undecipherable
from intelligence.store.base import Place
from intelligence.store.vault import DataKey, Vault

OLD = DataKey("0123456789abcdef", b"s" * 32, b"i" * 32)
NEW = DataKey("fedcba9876543210", b"t" * 32, b"j" * 32)
HERE = Place("selector", "value", "1")
PLACES = st.builds(Place, st.text(max_size=8), st.text(max_size=8), st.text(max_size=8))


@given(value=st.binary(max_size=200), place=PLACES)
def test_what_is_sealed_opens_where_it_was_sealed_for(value: bytes, place: Place) -> None:
    vault = Vault([NEW])
    assert vault.open(vault.seal(value, place), place) == value


@given(place=PLACES, other=PLACES)
def test_what_is_moved_to_another_place_does_not_open(place: Place, other: Place) -> None:
    vault = Vault([NEW])
    if place != other:
        with pytest.raises(Undecipherable):
            vault.open(vault.seal(b"+12025550100", place), other)


def test_no_two_places_are_spelled_alike() -> None:
    vault = Vault([NEW])
    with pytest.raises(Undecipherable):
        vault.open(vault.seal(b"v", Place("ab", "c", "")), Place("a", "bc", ""))


@given(at=st.integers(0, 47), bit=st.integers(0, 7))
def test_a_flipped_bit_is_noticed(at: int, bit: int) -> None:
    vault = Vault([NEW])
    sealed = bytearray(vault.seal(b"+12025550100", HERE))
    sealed[at] ^= 1 << bit
    with pytest.raises(Undecipherable):
        vault.open(bytes(sealed), HERE)


@pytest.mark.parametrize("length", [0, 7, 8, 19, 20, 35])
def test_what_is_cut_off_is_noticed(length: int) -> None:
    vault = Vault([NEW])
    with pytest.raises(Undecipherable):
        vault.open(vault.seal(b"", HERE)[:length], HERE)


def test_two_of_the_same_value_look_alike_to_nobody() -> None:
    vault = Vault([NEW])
    assert vault.seal(b"+12025550100", HERE) != vault.seal(b"+12025550100", HERE)


@given(one=st.binary(max_size=40), other=st.binary(max_size=40), row=st.text(max_size=8))
def test_values_have_the_same_term_where_they_are_the_same(
    one: bytes, other: bytes, row: str
) -> None:
    vault = Vault([NEW])
    terms = vault.term(one, HERE), vault.term(other, HERE._replace(row=row))
    assert (terms[0] == terms[1]) == (one == other)


def test_a_term_is_another_in_another_column_and_under_another_key() -> None:
    terms = {
        Vault([NEW]).term(b"+12025550100", HERE),
        Vault([NEW]).term(b"+12025550100", HERE._replace(column="note")),
        Vault([OLD]).term(b"+12025550100", HERE),
    }
    assert len(terms) == 3


def test_in_a_rotation_the_new_key_seals_and_both_open_and_search() -> None:
    before, during = Vault([OLD]), Vault([NEW, OLD])
    assert during.open(before.seal(b"v", HERE), HERE) == b"v"
    assert Vault([NEW]).open(during.seal(b"v", HERE), HERE) == b"v"
    assert before.term(b"v", HERE) in during.terms(b"v", HERE)
    assert during.term(b"v", HERE) == Vault([NEW]).term(b"v", HERE)


def test_a_value_of_a_key_that_is_gone_does_not_open() -> None:
    with pytest.raises(Undecipherable, match="key that is gone"):
        Vault([NEW]).open(Vault([OLD]).seal(b"v", HERE), HERE)


def test_no_secret_is_in_a_repr() -> None:
    assert repr(NEW) == "DataKey(id='fedcba9876543210')"
    assert repr(Vault([NEW])) == "Vault(fedcba9876543210)"
