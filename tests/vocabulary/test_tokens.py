"""Stretching, tokens, digests, key_check and commitment: known answers and laws."""

import base64
from itertools import combinations

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from screening.vocabulary.cells import read_cell
from screening.vocabulary.normalise import normalise
from screening.vocabulary.selector import Canonical, SelectorKind, Stretched, Token
from screening.vocabulary.tokens import (
    DIGEST_BYTES,
    STRETCH_PROFILES,
    TOKEN_BYTES,
    Argon2id,
    Digester,
    NoStretch,
    Stretch,
    TokenDeriver,
    is_key_id,
    pepper_id,
    stretch,
)
from tests.harness.reading import commitment
from tests.vocabulary.conftest import TOKENS, Document

LAW = settings(max_examples=80)
SALT = base64.b64decode(TOKENS["salt_base64"])
SECRET = base64.b64decode(TOKENS["secret_base64"])
PEPPER = base64.b64decode(TOKENS["pepper_base64"])
TEXTS = st.text(max_size=60)
KINDS = st.sampled_from(list(SelectorKind))


def profile_named(name: str) -> Stretch:
    return msgspec.convert(TOKENS["profiles"][name], type=Argon2id | NoStretch)


def token_of(canonical: Canonical) -> bytes:
    return bytes(TokenDeriver(SECRET).token(stretch(canonical, salt=SALT, profile=NoStretch())))


@pytest.mark.parametrize("case", TOKENS["cases"], ids=lambda case: f"{case['stretch']}")
def test_every_known_answer_is_derived(case: Document) -> None:
    canonical = normalise(case["kind"], case["canonical"])
    stretched = stretch(canonical, salt=SALT, profile=profile_named(case["stretch"]))
    token = TokenDeriver(SECRET).token(stretched)
    digest = Digester(PEPPER, TOKENS["key_id"]).digest(token)
    assert stretched.hex() == case["stretched_hex"]
    assert base64.b64encode(token).decode() == case["token_base64"]
    assert digest.hex() == case["index_digest_hex"]
    assert (len(token), len(digest)) == (TOKEN_BYTES, DIGEST_BYTES)


@pytest.mark.parametrize("name", ["none", "light", "strong"])
def test_every_known_key_check_is_derived(name: str) -> None:
    derived = TokenDeriver(SECRET).key_check(normaliser=1, salt=SALT, profile=profile_named(name))
    assert base64.b64encode(derived).decode() == TOKENS["key_checks_base64"][name]


def test_the_profiles_are_those_of_the_protocol() -> None:
    assert {name: profile_named(name) for name in TOKENS["profiles"]} == STRETCH_PROFILES


def test_the_known_commitment_is_derived() -> None:
    known = TOKENS["commitment"]
    question = [
        (row["kind"], base64.b64decode(row["token_base64"]), row["result"])
        for row in known["question"]
    ]
    opening = base64.b64decode(known["opening_base64"])
    assert commitment(opening, question).hex() == known["commitment_hex"]


@LAW
@given(st.data())
def test_a_commitment_binds_every_part_of_the_question(data: st.DataObject) -> None:
    rows = st.tuples(
        KINDS.map(str), st.binary(min_size=32, max_size=32), st.sampled_from(["match", "no_match"])
    )
    question = data.draw(st.lists(rows, min_size=1, max_size=3))
    other = data.draw(st.lists(rows, min_size=1, max_size=3))
    opening = data.draw(st.binary(min_size=32, max_size=32))
    assume(question != other)
    assert commitment(opening, question) != commitment(opening, other)
    assert commitment(opening, question) != commitment(bytes(32), question) or not any(opening)


def test_an_invalid_row_is_committed_to_without_what_stood_in_it() -> None:
    opening = bytes(32)
    assert commitment(opening, [("fax", b"x", "invalid")]) == commitment(
        opening, [("", b"", "invalid")]
    )


@LAW
@given(TEXTS)
def test_kinds_never_collide(text: str) -> None:
    tokens = {token_of(Canonical(kind, text)) for kind in SelectorKind}
    assert len(tokens) == len(SelectorKind)


@LAW
@given(KINDS, TEXTS, KINDS, TEXTS)
def test_different_selectors_never_share_a_token(
    kind: SelectorKind, text: str, other_kind: SelectorKind, other_text: str
) -> None:
    assume((kind, text) != (other_kind, other_text))
    assert token_of(Canonical(kind, text)) != token_of(Canonical(other_kind, other_text))


def test_every_part_of_the_token_key_changes_token_and_key_check() -> None:
    profiles: list[Stretch] = [
        NoStretch(),
        Argon2id(version=19, iterations=1, memory_kib=64, lanes=1),
        Argon2id(version=19, iterations=2, memory_kib=64, lanes=1),
        Argon2id(version=19, iterations=1, memory_kib=72, lanes=1),
        Argon2id(version=19, iterations=1, memory_kib=64, lanes=2),
    ]
    canonical = normalise("phone", "+1 202 555 0100")
    tuples = [(SECRET, SALT, profile) for profile in profiles]
    tuples += [(SECRET, bytes(16), profiles[0]), (bytes(32), SALT, profiles[0])]
    derived = [
        (
            TokenDeriver(secret).token(stretch(canonical, salt=salt, profile=profile)),
            TokenDeriver(secret).key_check(normaliser=1, salt=salt, profile=profile),
        )
        for secret, salt, profile in tuples
    ]
    for (token, check), (other_token, other_check) in combinations(derived, 2):
        assert token != other_token
        assert check != other_check


def test_a_digest_depends_on_pepper_key_id_and_token() -> None:
    token = bytes(32)
    digests = {
        Digester(PEPPER, "acme-1").digest(token),
        Digester(PEPPER, "acme-2").digest(token),
        Digester(bytes(32), "acme-1").digest(token),
        Digester(PEPPER, "acme-1").digest(b"\1" + token[1:]),
    }
    assert len(digests) == 4


def test_a_pepper_id_tells_peppers_apart_and_holds_nothing_of_them() -> None:
    assert pepper_id(PEPPER) == pepper_id(PEPPER) != pepper_id(bytes(32))
    assert PEPPER.hex()[:4] not in pepper_id(PEPPER)


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        TokenDeriver(bytes(size))
    with pytest.raises(ValueError, match="32 bytes"):
        Digester(bytes(size), "acme-1")
    with pytest.raises(ValueError, match="16 bytes"):
        stretch(normalise("email", "a@b.test"), salt=bytes(size or 15)[:15], profile=NoStretch())


@pytest.mark.parametrize("text", ["a", "0", "acme-2026a", "a" * 32, "a-"])
def test_the_form_of_a_key_id_is_accepted(text: str) -> None:
    assert is_key_id(text)


@pytest.mark.parametrize("text", ["", "-a", "A", "a" * 33, "a_b", "a\n", "a b", "\u0661", "a:b"])
def test_any_other_form_is_no_key_id(text: str) -> None:
    assert not is_key_id(text)


def test_no_representation_shows_a_value() -> None:
    canonical = normalise("phone", "+1 202 555 0100")
    stretched = stretch(canonical, salt=SALT, profile=NoStretch())
    token = TokenDeriver(SECRET).token(stretched)
    shown = f"{canonical!r} {canonical} {stretched!r} {stretched} {token!r} {token} {[token]}"
    shown += f"{TokenDeriver(SECRET)!r} {Digester(PEPPER, 'acme-1')!r}"
    for value in (b"2025550100", bytes(stretched), bytes(token), SECRET, PEPPER):
        assert value.hex() not in shown
        assert repr(value)[2:-1] not in shown
        assert base64.b64encode(value).decode().rstrip("=") not in shown
    assert (repr(Token(b"x")), str(Stretched(b"x"))) == ("Token(...)", "Stretched(...)")


@pytest.mark.parametrize("digits", ["4242424242424242", "378282246310005", "304242424248"])
def test_a_shown_card_keeps_its_first_six_and_last_four_at_most(digits: str) -> None:
    canonical = Canonical(SelectorKind.CARD, digits)
    assert canonical.shown() == digits[:6] + "*" * (len(digits) - 10) + digits[-4:]
    assert len(canonical.shown()) == len(digits)


@pytest.mark.parametrize(
    ("kind", "text", "mask"),
    [
        ("phone", "+12025550142", "+12*******42"),
        ("card", "4242424242424242", "424242******4242"),
        ("email", "jane.doe@booking.example", "j***@b***.example"),
        ("email", "jd@x.example", "***@***.example"),
    ],
)
def test_a_mask_says_a_selector_to_nobody_and_is_taken_for_none(
    kind: str, text: str, mask: str
) -> None:
    canonical = Canonical(SelectorKind(kind), text)
    assert canonical.masked() == mask
    assert read_cell(canonical.kind, mask, None) == "hidden_value"
