"""The kit: any alteration is refused, or shows in what the API compares (docs/protocol.md)."""

import base64
import copy
import json
import string
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from screening.vocabulary.api_key import new_api_key
from screening.vocabulary.errors import KitRefused
from screening.vocabulary.kit import Kit, TokenKey, encode_kit, parse_kit
from tests.vocabulary.conftest import TOKENS, Document

# One character of each class that JSON, base64 and our patterns tell apart, and all base64 digits.
TYPED = string.ascii_letters + string.digits + '+/=-_:,.{}[]"\\ \n\0\u00e9\u200b'


def written(document: Document) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def altered(document: Document, path: tuple[str | int, ...], value: object) -> bytes:
    """Return the kit with the member at `path` set to `value`."""
    changed = copy.deepcopy(document)
    parent: Any = changed
    for step in path[:-1]:
        parent = parent[step]
    parent[path[-1]] = value
    return written(changed)


def refused(document: bytes) -> bool:
    try:
        parse_kit(document)
    except KitRefused:
        return True
    return False


def one_character_edits(document: str) -> Iterator[str]:
    for position in range(len(document)):
        before, after = document[:position], document[position + 1 :]
        yield before + after
        for character in TYPED:
            yield before + character + after
            yield before + character + document[position:]


def compared(kit: Kit) -> tuple[object, ...]:
    """What the API or the network notices: anything else must be as it was."""
    key = kit.token_key
    return kit.api_url, kit.api_key, key.key_id, kit.key_check()


def test_a_kit_is_read_as_it_was_written(kit_document: Document) -> None:
    kit = parse_kit(written(kit_document))
    assert parse_kit(encode_kit(kit)) == kit
    assert json.loads(encode_kit(kit)) == kit_document
    assert kit.parsed_api_key().text == kit_document["api_key"]


@pytest.mark.parametrize("profile", ["none", "light", "strong"])
def test_a_kit_derives_the_known_key_check(kit_document: Document, profile: str) -> None:
    document = altered(kit_document, ("token_keys", 0, "stretch"), TOKENS["profiles"][profile])
    assert (
        base64.b64encode(parse_kit(document).key_check()).decode()
        == TOKENS["key_checks_base64"][profile]
    )


def test_no_one_character_edit_derives_other_tokens_under_the_same_key_check(
    kit_document: Document,
) -> None:
    original = parse_kit(written(kit_document))
    secrets = (original.token_key.secret, original.token_key.salt, original.token_key.stretch)
    changed = 0
    for edit in one_character_edits(written(kit_document).decode()):
        try:
            kit = parse_kit(edit.encode())
        except KitRefused:
            continue
        key = kit.token_key
        assert (kit.partner, kit.api_key, kit.normaliser) == ("acme", original.api_key, 1)
        if (key.secret, key.salt, key.stretch) != secrets:
            assert kit.key_check() != original.key_check()
        if kit != original:
            assert compared(kit) != compared(original)
            changed += 1
    assert changed > 1_000  # the edits of the secret do reach the comparison


@pytest.mark.parametrize(("member", "size"), [("secret", 32), ("salt", 16)])
def test_every_byte_of_secret_and_salt_shows_in_the_key_check(
    kit_document: Document, member: str, size: int
) -> None:
    genuine = base64.b64decode(kit_document["token_keys"][0][member])
    seen = {parse_kit(written(kit_document)).key_check()}
    for position in range(size):
        other = bytearray(genuine)
        other[position] ^= 0x80
        spelled = base64.b64encode(other).decode()
        kit = parse_kit(altered(kit_document, ("token_keys", 0, member), spelled))
        seen.add(kit.key_check())
    assert len(seen) == size + 1


@pytest.mark.parametrize(
    ("member", "value"), [("iterations", 2), ("memory_kib", 1_025), ("lanes", 2)]
)
def test_every_stretch_parameter_shows_in_the_key_check(
    kit_document: Document, member: str, value: int
) -> None:
    light = TOKENS["profiles"]["light"]
    genuine = parse_kit(altered(kit_document, ("token_keys", 0, "stretch"), light))
    other = parse_kit(altered(kit_document, ("token_keys", 0, "stretch"), {**light, member: value}))
    assert other.key_check() != genuine.key_check()


ALTERATIONS: dict[str, tuple[tuple[str | int, ...], object]] = {
    "another format": (("format",), "screening-kit/2"),
    "another protocol": (("protocol",), "screening/v2"),
    "a later normaliser": (("normaliser",), 2),
    "an earlier normaliser": (("normaliser",), 0),
    "a normaliser in words": (("normaliser",), "1"),
    "a huge normaliser": (("normaliser",), 10**400),
    "another partner": (("partner",), "acm"),
    "a partner with a line feed": (("partner",), "acme\n"),
    "an upper-case partner": (("partner",), "Acme"),
    "a foreign API key": (("api_key",), "secret"),
    "no token keys": (("token_keys",), []),
    "too many token keys": (("token_keys",), [{}] * 5),
    "a key_id of another partner": (("token_keys", 0, "key_id"), "other-2026a"),
    "a key_id with a line feed": (("token_keys", 0, "key_id"), "acme-2026a\n"),
    "a key_id that is too long": (("token_keys", 0, "key_id"), "acme-" + "a" * 28),
    "a short secret": (("token_keys", 0, "secret"), base64.b64encode(bytes(31)).decode()),
    "a long secret": (("token_keys", 0, "secret"), base64.b64encode(bytes(33)).decode()),
    "an empty secret": (("token_keys", 0, "secret"), ""),
    "a secret with bits left over": (("token_keys", 0, "secret"), "A" * 42 + "B="),
    "a secret without padding": (("token_keys", 0, "secret"), "A" * 43),
    "a secret with a line feed": (("token_keys", 0, "secret"), "A" * 43 + "=\n"),
    "a short salt": (("token_keys", 0, "salt"), base64.b64encode(bytes(15)).decode()),
    "a salt with bits left over": (("token_keys", 0, "salt"), "A" * 21 + "B=="),
    "a salt in the other alphabet": (("token_keys", 0, "salt"), "-" * 21 + "w=="),
    "no stretch": (("token_keys", 0, "stretch"), None),
    "an unknown stretch": (("token_keys", 0, "stretch"), {"algorithm": "scrypt"}),
    "a stretch of too much": (
        ("token_keys", 0, "stretch"),
        {**TOKENS["profiles"]["light"], "memory_kib": 1 << 24},
    ),
    "an older Argon2": (
        ("token_keys", 0, "stretch"),
        {**TOKENS["profiles"]["light"], "version": 16},
    ),
    "a stretch that lacks a member": (("token_keys", 0, "stretch"), {"algorithm": "argon2id"}),
    "an extra member": (("comment",), "x"),
    "an extra member of a token key": (("token_keys", 0, "comment"), "x"),
    "an extra member of the stretch": (("token_keys", 0, "stretch", "lanes"), 1),
}


@pytest.mark.parametrize("alteration", ALTERATIONS)
def test_a_kit_that_breaks_a_rule_is_refused(kit_document: Document, alteration: str) -> None:
    assert refused(altered(kit_document, *ALTERATIONS[alteration]))


def test_a_kit_that_lacks_any_member_is_refused(kit_document: Document) -> None:
    for name in kit_document:
        assert refused(written({key: kit_document[key] for key in kit_document.keys() - {name}}))
    for name in kit_document["token_keys"][0]:
        token_key = {k: v for k, v in kit_document["token_keys"][0].items() if k != name}
        assert refused(altered(kit_document, ("token_keys",), [token_key]))


def test_a_member_that_stands_twice_is_read_once(kit_document: Document) -> None:
    other = base64.b64encode(bytes(32)).decode()
    genuine = kit_document["token_keys"][0]["secret"]
    kit = parse_kit(
        written(kit_document).replace(b'"secret":', f'"secret":"{other}","secret":'.encode())
    )
    assert kit == parse_kit(written(kit_document))
    twice = f'"secret":"{genuine}","secret":"{other}"'
    kit = parse_kit(written(kit_document).replace(f'"secret":"{genuine}"'.encode(), twice.encode()))
    # What it derives tokens with is what it derives the key_check with.
    assert kit.token_key.secret == bytes(32)
    assert kit.key_check() != parse_kit(written(kit_document)).key_check()


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut off": lambda kit: kit[:-1],
    "twice": lambda kit: kit * 2,
    "UTF-16": lambda kit: kit.decode().encode("utf-16"),
    "a byte order mark": lambda kit: b"\xef\xbb\xbf" + kit,
    "invalid UTF-8": lambda kit: kit.replace(b"acme", b"\xff\xfe"),
    "a lone surrogate": lambda kit: kit.replace(b"screening.test", b"\\ud800"),
    "nested": lambda _: b'{"token_keys":' * 200_000,
    "a list": lambda kit: b"[" + kit + b"]",
    "null": lambda _: b"null",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_kit_is_refused(kit_document: Document, damage: str) -> None:
    assert refused(DAMAGES[damage](written(kit_document)))


def test_a_refusal_repeats_nothing_of_the_kit(kit_document: Document) -> None:
    canary = "ZmljdGlvbmFsLWNhbmFyeQ=="
    for path, value in (
        (("partner",), canary),
        (("api_key",), f"gsk_live_{canary}"),
        (("format",), canary),
        ((canary,), canary),
        (("token_keys", 0, "secret"), canary),
        (("token_keys", 0, "stretch"), {"algorithm": canary}),
    ):
        with pytest.raises(KitRefused) as caught:
            parse_kit(altered(kit_document, path, value))
        assert canary not in "".join(traceback.format_exception(caught.value))


def test_representations_show_names_only(kit_document: Document) -> None:
    kit = parse_kit(written(kit_document))
    assert (repr(kit), repr(kit.token_key)) == ("Kit(acme)", "TokenKey(acme-2026a)")
    assert str([kit]) == "[Kit(acme)]"


def test_two_token_keys_are_kept_and_the_first_is_used(kit_document: Document) -> None:
    second = {**kit_document["token_keys"][0], "key_id": "acme-2025a"}
    kit = parse_kit(altered(kit_document, ("token_keys",), [kit_document["token_keys"][0], second]))
    assert [key.key_id for key in kit.token_keys] == ["acme-2026a", "acme-2025a"]
    assert kit.token_key is kit.token_keys[0]
    assert isinstance(kit.token_key, TokenKey)


def test_an_api_key_of_the_other_mode_is_another_api_key(kit_document: Document) -> None:
    live = new_api_key("live")
    kit = parse_kit(altered(kit_document, ("api_key",), live.text))
    assert kit.parsed_api_key() == live
    assert compared(kit) != compared(parse_kit(written(kit_document)))
