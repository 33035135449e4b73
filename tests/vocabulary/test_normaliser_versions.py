"""A later normaliser version merges what an earlier one kept apart, and is in every key_check."""

import base64
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screening.vocabulary.errors import KitRefused
from screening.vocabulary.kit import parse_kit
from screening.vocabulary.normalise import normalise
from screening.vocabulary.normaliser_versions import (
    LATER_VERSIONS,
    forms_until,
    in_version,
    is_known_version,
    newest_version,
)
from screening.vocabulary.selector import Canonical, SelectorKind
from tests.harness.second_normaliser import PROVIDER, without_dots
from tests.vocabulary.conftest import Document
from tests.vocabulary.test_kit import altered, written

VERSIONS = [*LATER_VERSIONS.values(), without_dots]
LAW = settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
LOCAL = st.text(string.ascii_letters + string.digits + ".+-_", min_size=1, max_size=20)


@LAW
@given(LOCAL)
def test_what_a_version_has_made_is_canonical_and_stays_as_it_is(local: str) -> None:
    text = f"{local.strip('.').replace('..', '.') or 'jane'}@{PROVIDER}"
    try:
        canonical = normalise("email", text)
    except ValueError:
        return
    for version in VERSIONS:
        made = Canonical(canonical.kind, version(canonical))
        assert normalise(made.kind, made.text) == made
        assert version(made) == made.text


@pytest.mark.usefixtures("second_normaliser")
def test_a_selector_has_its_forms_in_order_and_each_once() -> None:
    jane = normalise("email", f"Jane.Doe+travel@{PROVIDER}")
    bare = Canonical(SelectorKind.EMAIL, f"janedoe@{PROVIDER}")
    assert forms_until(jane, 1) == [jane]
    assert forms_until(jane, 2) == [jane, bare]
    assert in_version(jane, 1) == jane
    assert in_version(jane, 2) == in_version(bare, 2) == bare
    phone = normalise("phone", "+1 202 555 0142")
    assert forms_until(phone, 2) == [phone]


@pytest.mark.usefixtures("second_normaliser")
def test_a_second_version_is_known_once_it_is_written_down() -> None:
    assert (newest_version(), is_known_version(2), is_known_version(3)) == (2, True, False)


def test_only_the_first_version_is_known_today() -> None:
    assert (newest_version(), is_known_version(1), is_known_version(2)) == (1, True, False)
    assert not is_known_version(0)


@pytest.mark.usefixtures("second_normaliser")
def test_a_kit_of_another_version_has_another_key_check(kit_document: Document) -> None:
    first = parse_kit(written(kit_document))
    second = parse_kit(altered(kit_document, ("normaliser",), 2))
    assert second.token_key == first.token_key
    assert second.key_check() != first.key_check()
    assert len(base64.b64encode(second.key_check())) == 12
    with pytest.raises(KitRefused, match="does not know"):
        parse_kit(altered(kit_document, ("normaliser",), 3))
