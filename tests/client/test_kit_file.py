"""Kits: refused when others can read them, and never used when anything in them is wrong."""

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from screening.client.kit_file import load_kit
from screening.client.session import AsyncScreeningClient
from screening.vocabulary.api_key import new_api_key
from screening.vocabulary.endpoint import parse_endpoint
from screening.vocabulary.errors import KitRefused
from tests.client.conftest import Document, GenScreen, List, WriteKit
from tests.client.peer import Peer

LISTED = "phone:+12025550100"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_kit_that_others_can_read_is_refused(kit_path: Path, mode: int) -> None:
    kit_path.chmod(mode)
    with pytest.raises(KitRefused, match="chmod 600") as refused:
        load_kit(kit_path)
    assert refused.value.__context__ is None


@pytest.mark.parametrize("mode", [0o644, 0o600])
@pytest.mark.parametrize("content", [b"account,phone\n1,+12025550142\n", b"", b"x" * 70_000])
def test_a_file_that_is_no_kit_is_told_to_be_none_however_it_is_kept(
    gen_screen: GenScreen, tmp_path: Path, content: bytes, mode: int
) -> None:
    path = tmp_path / "accounts.csv"
    path.write_bytes(content)
    path.chmod(mode)
    done = gen_screen("check", "--kit", path, LISTED)
    told = f"gen-screen: {path} is no kit; give the file that your operator gave you as one\n"
    assert (done.code, done.out, done.err) == (78, "", told)


def test_a_kit_that_another_program_has_written_anew_is_one(kit_path: Path) -> None:
    kit, document = load_kit(kit_path), kit_path.read_bytes()
    kit_path.write_bytes(document.replace(b"/", rb"\/"))  # as PHP's `json_encode` spells it
    assert kit_path.read_bytes() != document
    assert load_kit(kit_path) == kit


def test_a_folder_in_place_of_a_kit_is_a_wrong_kit(gen_screen: GenScreen, tmp_path: Path) -> None:
    done = gen_screen("check", "--kit", tmp_path, LISTED)
    assert (done.code, done.err.count("\n")) == (78, 1)
    assert "no regular file" in done.err


def test_a_missing_kit_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(KitRefused):
            load_kit(path)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b"1" * 70_000])
def test_what_is_no_kit_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "kit.json"
    path.touch(0o600)
    path.write_bytes(content)
    with pytest.raises(KitRefused):
        load_kit(path, environment={})


def test_the_environments_api_key_goes_before_the_kits(kit_path: Path) -> None:
    other = new_api_key("test").text
    assert load_kit(kit_path, environment={"SCREENING_API_KEY": other}).api_key == other
    assert load_kit(kit_path, environment={"SCREENING_API_KEY": ""}).api_key != other
    with pytest.raises(KitRefused, match="SCREENING_API_KEY") as refused:
        load_kit(kit_path, environment={"SCREENING_API_KEY": f"{other}x"})
    assert other not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://screening.test",
        "http://10.0.0.1:8080",
        "http://0.0.0.0",
        "http://localhost.evil.test",
        "http://127.0.0.1.evil.test",
        "http://128.0.0.1",
        "ftp://127.0.0.1",
        "127.0.0.1:8080",
        "",
        "https://",
        "https://user:password@screening.test",
        "https://screening.test/?key=1",
        "https://screening.test/#x",
        "http://[::2]",
        "https://[",
        "https://screening.test:port",
    ],
)
def test_an_address_that_is_not_safe_is_refused(url: str) -> None:
    with pytest.raises(KitRefused) as refused:
        parse_endpoint(url)
    assert "password" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("https://screening.test", False),
        ("https://screening.test/base/", False),
        ("https://127.0.0.1:8443", True),
        ("http://127.0.0.1:8080/", True),
        ("http://127.9.9.9", True),
        ("http://[::1]:8080", True),
        ("http://localhost:8080", True),
    ],
)
def test_https_and_loopback_are_taken(url: str, loopback: bool) -> None:
    endpoint = parse_endpoint(url)
    assert endpoint.loopback is loopback
    assert endpoint.url("/v1/check") == f"{url.rstrip('/')}/v1/check"


def test_a_client_is_not_made_for_plain_http(kit_document: Document, write_kit: WriteKit) -> None:
    kit_document["api_url"] = "http://screening.test"
    with pytest.raises(KitRefused, match="https"):
        AsyncScreeningClient.from_kit(write_kit(kit_document))


def _flip(text: str) -> str:
    """Change one byte of a base64 text."""
    changed = bytearray(base64.b64decode(text))
    changed[3] ^= 1
    return base64.b64encode(bytes(changed)).decode()


def _alter_key(**members: object) -> Callable[[Document], object]:
    return lambda kit: kit["token_keys"][0].update(members)


LIGHT = {"algorithm": "argon2id", "version": 19, "iterations": 1, "memory_kib": 1024, "lanes": 1}

ALTERED: dict[str, Callable[[Document], object]] = {
    "format": lambda kit: kit.update(format="screening-kit/2"),
    "partner": lambda kit: kit.update(partner="acmf"),
    "api_key": lambda kit: kit.update(api_key=f"{kit['api_key'][:-1]}-"),
    "another api_key": lambda kit: kit.update(api_key=new_api_key("test").text),
    "protocol": lambda kit: kit.update(protocol="screening/v2"),
    "normaliser": lambda kit: kit.update(normaliser=2),
    "no token key": lambda kit: kit.update(token_keys=[]),
    "key_id": _alter_key(key_id="acme-2026b"),
    "secret": lambda kit: kit["token_keys"][0].update(secret=_flip(kit["token_keys"][0]["secret"])),
    "short secret": _alter_key(secret="IiIi"),
    "salt": lambda kit: kit["token_keys"][0].update(salt=_flip(kit["token_keys"][0]["salt"])),
    "short salt": _alter_key(salt="AAEC"),
    "stretch": _alter_key(stretch=LIGHT),
    **{
        f"stretch {name}": _alter_key(stretch={**LIGHT, name: value})
        for name, value in (
            ("version", 16),
            ("iterations", 2),
            ("memory_kib", 1025),
            ("lanes", 2),
        )
    },
    "unknown member": lambda kit: kit.update(more=1),
}


@pytest.mark.parametrize("name", ALTERED)
def test_a_kit_with_any_field_altered_never_gives_an_answer(
    gen_screen: GenScreen,
    kit_document: Document,
    kit_path: Path,
    list_selectors: List,
    name: str,
) -> None:
    list_selectors(("phone", "+12025550100"))
    assert gen_screen("check", "--kit", kit_path, LISTED).code == 10
    ALTERED[name](kit_document)
    kit_path.write_text(json.dumps(kit_document))
    done = gen_screen("check", "--kit", kit_path, LISTED)
    assert done.code == (77 if name == "another api_key" else 78)
    assert done.out == ""
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("member", ["secret", "salt"])
def test_every_bit_of_secret_and_salt_matters(
    gen_screen: GenScreen, kit_document: Document, kit_path: Path, peer: Peer, member: str
) -> None:
    token_key = kit_document["token_keys"][0]
    value = base64.b64decode(token_key[member])
    for place in range(len(value)):
        changed = bytearray(value)
        changed[place] ^= 1 << (place % 8)
        token_key[member] = base64.b64encode(bytes(changed)).decode()
        kit_path.write_text(json.dumps(kit_document))
        assert gen_screen("check", "--kit", kit_path, LISTED).code == 78
    assert peer.total("/v1/check") == len(value)


def test_an_altered_address_gives_no_answer(
    gen_screen: GenScreen, kit_document: Document, kit_path: Path, peer: Peer
) -> None:
    for url, code in (
        (f"{peer.url}/elsewhere", 69),
        ("http://127.0.0.1:1", 69),
        ("http://screening.test", 78),
        ("", 78),
    ):
        kit_document["api_url"] = url
        kit_path.write_text(json.dumps(kit_document))
        done = gen_screen("check", "--kit", kit_path, LISTED)
        assert (done.code, done.out) == (code, "")
