"""A caller who would derive other tokens than the list is told so, and never answered."""

import base64
import hmac
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from screening.vocabulary.kit import TokenKey
from screening.vocabulary.tokens import Argon2id, NoStretch, Stretch
from tests.api.refusals import require_problem
from tests.api.standing import LISTED, TEST_LISTED, Standing


@pytest.mark.parametrize("route", ["check", "bulk"])
def test_a_token_key_that_is_not_the_callers_is_unknown(standing: Standing, route: str) -> None:
    own = standing.bulker.body(LISTED[0])
    others = [standing.checker.body(LISTED[0]), standing.tester.body(LISTED[0])]
    unknown = [own | {"key_id": key_id} for key_id in ("nobody-2026a", "bulker-2026b", "0")]
    for body in (*others, *unknown):
        require_problem(standing.post(route, body, standing.bulker), 409, "unknown_key_id")
    # With another's key_id, one's own tokens and key_check are of no use either.
    stolen = own | {"key_id": others[0]["key_id"]}
    require_problem(standing.post(route, stolen, standing.bulker), 409, "unknown_key_id")


def test_a_test_key_is_refused_a_live_token_key_and_the_other_way_round(
    standing: Standing,
) -> None:
    live, test = standing.bulker, standing.tester
    for route in ("check", "bulk"):
        require_problem(standing.post(route, live.body(LISTED[0]), test), 409, "unknown_key_id")
        require_problem(
            standing.post(route, test.body(TEST_LISTED[0]), live), 409, "unknown_key_id"
        )


def _flip(content: bytes) -> bytes:
    return bytes([content[0] ^ 1]) + content[1:]


def _altered(stretch: Stretch, **members: int) -> Stretch:
    assert isinstance(stretch, Argon2id)
    return msgspec.structs.replace(stretch, **members)


ALTERATIONS: dict[str, Callable[[TokenKey], dict[str, Any]]] = {
    "salt": lambda key: {"salt": _flip(key.salt)},
    "secret": lambda key: {"secret": _flip(key.secret)},
    "iterations": lambda key: {"stretch": _altered(key.stretch, iterations=2)},
    "memory": lambda key: {"stretch": _altered(key.stretch, memory_kib=1_032)},
    "lanes": lambda key: {"stretch": _altered(key.stretch, lanes=2)},
    "Argon2 version": lambda key: {"stretch": _altered(key.stretch, version=16)},
    "no stretch": lambda _: {"stretch": NoStretch()},
}


@pytest.mark.parametrize("what", ALTERATIONS)
def test_a_kit_with_any_field_altered_is_told_so_and_never_answered(
    standing: Standing, what: str
) -> None:
    key = standing.bulker.kit.token_key
    altered = msgspec.structs.replace(key, **ALTERATIONS[what](key))
    body = standing.bulker.body(LISTED[0])
    body["key_check"] = base64.b64encode(altered.key_check(1)).decode()
    for route in ("check", "bulk"):
        require_problem(standing.post(route, body, standing.bulker), 409, "kit_mismatch")


def test_a_client_with_another_normaliser_is_told_so(standing: Standing) -> None:
    key = standing.tester.kit.token_key

    def key_check(normaliser: int) -> str:
        # By hand (docs/protocol.md, stretch "none"): the vocabulary knows one normaliser only.
        password = b"screening/v1/selector\0self-test\0normaliser-%d" % normaliser
        stretched = hmac.digest(key.salt, password, "sha256")
        token = hmac.digest(key.secret, b"screening/v1/token\0" + stretched, "sha256")
        return base64.b64encode(token[:8]).decode()

    body = standing.tester.body(TEST_LISTED[0])
    assert body["key_check"] == key_check(1)
    other = body | {"key_check": key_check(2)}
    require_problem(standing.post("check", other, standing.tester), 409, "kit_mismatch")


def test_every_single_bit_of_the_key_check_counts(standing: Standing) -> None:
    body = standing.tester.body(TEST_LISTED[0])
    genuine = base64.b64decode(body["key_check"])
    for bit in range(64):
        altered = (int.from_bytes(genuine, "big") ^ (1 << bit)).to_bytes(8, "big")
        other = body | {"key_check": base64.b64encode(altered).decode()}
        require_problem(standing.post("check", other, standing.tester), 409, "kit_mismatch")
