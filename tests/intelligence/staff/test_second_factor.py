"""Codes are those of RFC 6238, heard once and in time."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intelligence.staff.second_factor import (
    STEP_S,
    code_at,
    find_step,
    new_recovery_codes,
    provisioning_uri,
    recovery_hash,
    secret_text,
)

SECRET = b"12345678901234567890"  # of the RFC's appendix B
STEPS = st.integers(4, 1 << 40)


@pytest.mark.parametrize(
    ("at", "code"),
    [(59, b"287082"), (1_111_111_109, b"081804"), (1_234_567_890, b"005924")],
)
def test_codes_are_the_last_six_digits_of_the_rfc_s_vectors(at: int, code: bytes) -> None:
    assert code_at(SECRET, at // STEP_S) == code


@given(step=STEPS, off=st.integers(-3, 3))
def test_a_code_is_right_in_its_own_step_and_those_beside_it(step: int, off: int) -> None:
    found = find_step(SECRET, code_at(SECRET, step + off).decode(), step * STEP_S, after=0)
    if abs(off) <= 1:
        assert found in (step - 1, step, step + 1)
    elif found is not None:  # two steps share a code, one time in a million
        assert code_at(SECRET, found) == code_at(SECRET, step + off)


@given(step=STEPS, off=st.integers(-1, 1))
def test_no_code_is_heard_of_a_step_that_was_heard_or_an_earlier_one(step: int, off: int) -> None:
    code = code_at(SECRET, step + off).decode()
    assert find_step(SECRET, code, step * STEP_S, after=step + 1) is None


@given(code=st.text(max_size=12))
def test_what_is_no_code_is_refused_whatever_it_is(code: str) -> None:
    right = {code_at(SECRET, step).decode() for step in (9, 10, 11)}
    assert (find_step(SECRET, code, 10 * STEP_S, after=0) is not None) == (code in right)


def test_apps_are_told_issuer_name_and_secret() -> None:
    uri = provisioning_uri(SECRET, "ada@gen.example")
    assert uri.startswith("otpauth://totp/Screening%20intelligence%3Aada%40gen.example?")
    assert "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&" in uri
    assert secret_text(SECRET).replace(" ", "") in uri


def test_codes_on_paper_are_long_and_read_however_they_are_spaced() -> None:
    codes = new_recovery_codes()
    assert all(re.fullmatch(r"(?:[a-z2-7]{4}-){3}[a-z2-7]{4}", code) for code in codes)
    spaced = codes[0].replace("-", " ").upper()
    assert recovery_hash(codes[0]) == recovery_hash(spaced) != recovery_hash(codes[1])
