"""Canonical forms: the known answers, and the laws that hold for every input (docs/protocol.md)."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.vocabulary.errors import REJECTION_SENTENCES, NotCanonical
from screening.vocabulary.normalise import NO_REGION, is_region, normalise
from screening.vocabulary.selector import SelectorKind
from screening.vocabulary.tokens import NoStretch, TokenDeriver, stretch
from tests.vocabulary.conftest import CANONICAL_CASES, Document
from tests.vocabulary.spellings import (
    ANY_REGION,
    ANY_TEXT,
    card_spellings,
    email_spellings,
    phone_spellings,
)

LAW = settings(max_examples=200)
KINDS = st.sampled_from(list(SelectorKind))
SALT, SECRET = bytes(range(16)), b"\x22" * 32


def token_of(kind: str, raw: str, region: str | None = None) -> bytes:
    stretched = stretch(normalise(kind, raw, region=region), salt=SALT, profile=NoStretch())
    return bytes(TokenDeriver(SECRET).token(stretched))


def code_of(kind: str, raw: str, region: str | None = None) -> str:
    """Return the code of a rejection, or nothing."""
    try:
        normalise(kind, raw, region=region)
    except NotCanonical as error:
        return error.code
    return ""


@pytest.mark.parametrize("case", CANONICAL_CASES, ids=lambda case: str(case["kind"]))
def test_every_known_answer_is_given(case: Document) -> None:
    if "error" in case:
        assert code_of(case["kind"], case["raw"], case.get("region")) == case["error"]
    else:
        canonical = normalise(case["kind"], case["raw"], region=case.get("region"))
        assert (canonical.kind, canonical.text) == (case["kind"], case["canonical"])


def test_the_vectors_cover_every_kind_and_every_code() -> None:
    assert {case["error"] for case in CANONICAL_CASES if "error" in case} == set(
        REJECTION_SENTENCES
    )
    assert {case["kind"] for case in CANONICAL_CASES if "error" not in case} == set(SelectorKind)


@LAW
@given(KINDS, ANY_TEXT, ANY_REGION)
def test_canonicalising_is_idempotent(kind: SelectorKind, raw: str, region: str | None) -> None:
    if code_of(kind, raw, region):
        return
    canonical = normalise(kind, raw, region=region)
    assert normalise(kind, canonical.text) == canonical


@LAW
@given(phone_spellings())
def test_every_spelling_of_a_phone_is_one_token(case: tuple[str, str, str | None]) -> None:
    canonical, spelled, region = case
    assert normalise("phone", spelled, region=region).text == canonical
    assert token_of("phone", spelled, region) == token_of("phone", canonical)


@LAW
@given(card_spellings())
def test_every_spelling_of_a_card_is_one_token(case: tuple[str, str]) -> None:
    canonical, spelled = case
    assert normalise("card", spelled).text == canonical
    assert token_of("card", spelled) == token_of("card", canonical)


@LAW
@given(email_spellings())
def test_every_spelling_of_a_mailbox_is_one_token(case: tuple[str, str]) -> None:
    canonical, spelled = case
    assert normalise("email", spelled).text == canonical
    assert token_of("email", spelled) == token_of("email", canonical)


@LAW
@given(st.one_of(KINDS, ANY_TEXT), ANY_TEXT, ANY_REGION)
def test_any_input_has_a_token_or_one_of_the_nine_codes(
    kind: str, raw: str, region: str | None
) -> None:
    try:
        token = token_of(kind, raw, region)
    except NotCanonical as error:
        assert str(error) in {REJECTION_SENTENCES[error.code], NO_REGION}
        assert error.__cause__ is None
    else:
        assert len(token) == 32


@pytest.mark.parametrize("kind", list(SelectorKind))
@pytest.mark.parametrize("raw", ["\ud800", "jane\udfff@hotel.example", "+1202555\ud8000100"])
def test_a_lone_surrogate_is_refused(kind: SelectorKind, raw: str) -> None:
    assert (
        code_of(kind, raw, "US")
        == {
            "phone": "not_a_phone",
            "card": "not_a_card",
            "email": "not_an_email",
        }[kind]
    )


@pytest.mark.parametrize(
    ("local", "canonical"),
    [
        ("J\u030c", "\u01f0"),  # only the lower case has a composed form
        ("\u0390", "\u0390"),  # casefolding takes it apart
        ("e\u200d\u0301", "\u00e9"),  # what kept the parts asunder is dropped
        ("\u1e9e", "ss"),
    ],
)
def test_a_local_part_is_composed_again_after_casefolding(local: str, canonical: str) -> None:
    assert normalise("email", f"{local}@hotel.example").text == f"{canonical}@hotel.example"


@pytest.mark.parametrize("kind", ["Phone", "phone ", "PHONE", "", "iban", "self-test", "\ud800"])
def test_any_other_kind_is_unknown(kind: str) -> None:
    assert code_of(kind, "+1 202 555 0100") == "unknown_kind"


@pytest.mark.parametrize(
    "region", ["ZZ", "UK", "001", "USA", "", " US", "US\n", "\u00df", "u\u017f"]
)
def test_an_unknown_region_is_never_a_guess(region: str) -> None:
    # The upper case of the sharp s is SS, South Sudan; that of the long s is an S.
    assert code_of("phone", "202 555 0100", region) == "region_required"
    assert not is_region(region)


@pytest.mark.parametrize("region", ["US", "us", "GB", "MX", "XK"])
def test_a_known_region_is_one_that_completes_phones(region: str) -> None:
    assert is_region(region)
    assert code_of("phone", "202 555 0100", region) != "region_required"


@pytest.mark.parametrize("kind", list(SelectorKind))
@pytest.mark.parametrize(
    "raw",
    [
        "\u0301" * 500_000,
        "a" + "\u0301\u0316" * 250_000,
        "\u200b" * 500_000,
        " " * 2_000_000 + "\u200b",
        "\ufdfa" * 300_000,  # becomes 18 characters each
        "1" * 5_000_000,
        "+" * 5_000_000,
        "@" * 5_000_000,
        "a" + "\u0301\u0316" * 640,
        "a@" + "xn--a." * 52,
        "+1" + "-(" * 150,
    ],
    ids=lambda raw: f"{len(raw)}x{raw[-1]!a}",
)
def test_very_long_input_is_refused_quickly(kind: SelectorKind, raw: str) -> None:
    started = time.monotonic()
    assert code_of(kind, raw, "US")
    # Megabytes in a fraction of a second; what is quadratic would take hours.
    assert time.monotonic() - started < 30


@pytest.mark.parametrize("padding", ["\u200b", " ", "\u200b ", " \u200b", "\u3000\u2066"])
def test_what_does_not_count_never_makes_a_selector_too_long(padding: str) -> None:
    raw = padding * 2_000 + "jane@hotel.example" + padding * 2_000
    assert normalise("email", raw).text == "jane@hotel.example"


@pytest.mark.parametrize(("length", "code"), [(320, "not_a_card"), (321, "too_long")])
@pytest.mark.parametrize("character", ["a", "\uff41", "e\u0301"])
def test_320_characters_are_counted_after_composition(
    length: int, code: str, character: str
) -> None:
    assert code_of("card", character * length) == code


def test_a_phone_that_parses_to_another_number_has_no_canonical_form() -> None:
    assert code_of("phone", "+49 (0)0353 107302") == "not_a_phone"


@pytest.mark.parametrize("raw", ["+5215512345678", "+52 1 55 1234 5678", "+52 55 1234 5678"])
def test_a_changed_numbering_plan_gives_one_number(raw: str) -> None:
    assert normalise("phone", raw).text == "+525512345678"
