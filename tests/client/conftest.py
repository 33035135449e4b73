"""A scripted peer, kits for it, and `gen-screen` in this process or in one of its own."""

import asyncio
import base64
import csv
import io
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from screening.client import (
    AsyncScreeningClient,
    CheckAnswer,
    ScreeningClient,
)
from screening.client.cli import main
from screening.client.derivation import TokenSource
from screening.vocabulary.api_key import new_api_key
from screening.vocabulary.kit import Kit, parse_kit
from screening.vocabulary.normalise import normalise
from tests.client.bulk_run import GEN_SCREEN, ROWS, Run
from tests.client.peer import Peer

VECTORS = Path(__file__).parents[1] / "vectors"


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int
    out: str
    err: str


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
def other_peer(token_vectors: Document) -> Iterator[Peer]:
    """A server that no kit names."""
    other = Peer(key_id=token_vectors["key_id"], key_check=bytes(8), api_key="")
    yield other
    other.close()


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
        source = TokenSource(kit)
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


PHONE = ("phone", "+1 (202) 555-0100")
EMAIL = ("email", "Jane.Doe@Booking.example")
Check = Callable[..., CheckAnswer]


def check_blocking(kit: Kit, selectors: list[tuple[str, str]], **options: Any) -> CheckAnswer:
    with ScreeningClient(kit, **options) as client:
        return client.check(selectors)


def check_async(kit: Kit, selectors: list[tuple[str, str]], **options: Any) -> CheckAnswer:
    async def ask() -> CheckAnswer:
        async with AsyncScreeningClient(kit, **options) as client:
            return await client.check(selectors)

    return asyncio.run(ask())


@pytest.fixture(params=[check_blocking, check_async], ids=["sync", "async"])
def check(request: pytest.FixtureRequest) -> Check:
    asker: Check = request.param
    return asker


ADDED = ["result", "reason", "receipt"]
Screen = Callable[..., list[list[str]]]


@pytest.fixture
def screen(gen_screen: GenScreen, kit_path: Path, tmp_path: Path) -> Screen:
    """Screen a file of these bytes; return the records of the output, its header first."""

    def run(content: bytes, *options: str, delimiter: str = ",") -> list[list[str]]:
        source, out = tmp_path / "in.csv", tmp_path / "out.csv"
        source.write_bytes(content)
        done = gen_screen("bulk", "--kit", kit_path, source, "-o", out, "--overwrite", *options)
        assert done.code == (2 if "not one row could be screened" in done.err else 0), done.err
        return parsed(out.read_bytes(), delimiter)

    return run


def parsed(content: bytes, delimiter: str = ",") -> list[list[str]]:
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    return list(csv.reader(text, delimiter=delimiter, strict=True))


WaitUntil = Callable[[Callable[[], bool]], None]


@pytest.fixture
def run(kit_path: Path, tmp_path: Path, list_selectors: List) -> Iterator[Run]:
    list_selectors(*(("phone", f"+1202555{number:04}") for number in range(0, ROWS, 7)))
    folder = tmp_path / "run"
    folder.mkdir()
    run = Run(kit_path, folder)
    yield run
    for process in run.processes:
        process.kill()
        process.communicate()
