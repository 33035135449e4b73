"""A scripted peer, kits for it, and `gen-screen` in this process or in one of its own."""

import base64
import io
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from screening.client.cli import main
from screening.client.derivation import TokenSource
from screening.vocabulary.api_key import new_api_key
from screening.vocabulary.kit import Kit, parse_kit
from screening.vocabulary.normalise import normalise
from tests.client.peer import Outcome, Peer

VECTORS = Path(__file__).parents[1] / "vectors"
GEN_SCREEN = Path(sys.executable).with_name("gen-screen")

Document = dict[str, Any]
WriteKit = Callable[[Document], Path]
GenScreen = Callable[..., Outcome]
List = Callable[..., None]


@pytest.fixture(scope="session")
def token_vectors() -> Document:
    return cast("Document", json.loads((VECTORS / "tokens.json").read_text()))


@pytest.fixture(scope="session")
def canonical_vectors() -> list[Document]:
    return cast("list[Document]", json.loads((VECTORS / "canonical.json").read_text())["cases"])


@pytest.fixture
def kit_document(token_vectors: Document) -> Document:
    """A kit of the vectors' secret and salt; its address is nobody's until `peer` gives one."""
    return {
        "format": "screening-kit/1",
        "partner": "acme",
        "api_url": "https://screening.test",
        "api_key": new_api_key("test").text,
        "protocol": "screening/v1",
        "normaliser": 1,
        "token_keys": [
            {
                "key_id": token_vectors["key_id"],
                "secret": token_vectors["secret_base64"],
                "salt": token_vectors["salt_base64"],
                "stretch": token_vectors["profiles"]["none"],
            }
        ],
    }


@pytest.fixture
def peer(kit_document: Document, token_vectors: Document) -> Iterator[Peer]:
    peer = Peer(
        key_id=token_vectors["key_id"],
        key_check=base64.b64decode(token_vectors["key_checks_base64"]["none"]),
        api_key=kit_document["api_key"],
    )
    kit_document["api_url"] = peer.url
    yield peer
    peer.close()


@pytest.fixture
def write_kit(tmp_path: Path) -> WriteKit:
    def write(document: Document) -> Path:
        path = tmp_path / "acme.kit.json"
        path.touch(0o600)
        path.write_text(json.dumps(document))
        return path

    return write


@pytest.fixture
def kit_path(peer: Peer, kit_document: Document, write_kit: WriteKit) -> Path:
    """The kit for the peer, in its file."""
    assert peer.url == kit_document["api_url"]
    return write_kit(kit_document)


@pytest.fixture
def kit(kit_path: Path) -> Kit:
    return parse_kit(kit_path.read_bytes())


@pytest.fixture
def list_selectors(peer: Peer, kit: Kit) -> List:
    """Put selectors on the peer's list, as a curator spells them."""

    def put(*selectors: tuple[str, str]) -> None:
        source = TokenSource(kit.token_key)
        peer.listed |= {source.token(normalise(kind, text)).token for kind, text in selectors}

    return put


@pytest.fixture
def gen_screen(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> GenScreen:
    """Run a command in this process."""

    def run(*arguments: object, stdin: bytes = b"") -> Outcome:
        with io.TextIOWrapper(io.BytesIO(stdin)) as given:
            monkeypatch.setattr(sys, "stdin", given)
            code = main([str(argument) for argument in arguments])
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return Outcome(code, out.decode(), err.decode())

    return run


@pytest.fixture
def gen_screen_process() -> GenScreen:
    """Run a command as a person does."""

    def run(*arguments: object, stdin: bytes = b"") -> Outcome:
        done = subprocess.run(
            [GEN_SCREEN, *map(str, arguments)],
            input=stdin,
            capture_output=True,
            check=False,
            timeout=60,
        )
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture
def wait_until() -> Callable[[Callable[[], bool]], None]:
    """Wait for a condition, with a deadline far above what it takes."""

    def wait(condition: Callable[[], bool], seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "the condition never came about"
            time.sleep(0.01)  # between two looks at the condition

    return wait
