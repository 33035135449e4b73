"""`gen-screen receipt fetch`, and receipts that are saved: what a script is told of either."""

import json
from pathlib import Path
from typing import Final, cast

import pytest

from screening.client import KeptReceipt, ScreeningClient
from screening.vocabulary.errors import InvalidRequest, ReceiptNotFound, Unknown
from screening.vocabulary.kit import Kit
from tests.client import peer as behave
from tests.client.conftest import VECTORS, Document, GenScreen, List
from tests.client.peer import Exchange, Peer
from tests.harness.slow import slow_but_first

LISTED: Final = ("phone", "+12025550142")
PROOF_PATH: Final = "/v1/receipts/proof"


@pytest.fixture
def document() -> Document:
    vector = json.loads((VECTORS / "receipt.json").read_text())
    return cast("Document", vector["file"])


@pytest.fixture
def file(document: Document, tmp_path: Path) -> Path:
    """A receipt that has no proof yet."""
    path = tmp_path / "kept.json"
    path.write_text(json.dumps({k: v for k, v in document.items() if k != "proof"}))
    return path


def test_a_proof_is_waited_for_until_the_record_is_signed_and_then_kept(
    peer: Peer, gen_screen: GenScreen, kit_path: Path, file: Path, document: Document
) -> None:
    peer.script += [
        behave.problem(503, "unavailable", "2", reason="audit"),
        behave.raw(200, json.dumps(document["proof"]).encode()),
    ]
    done = gen_screen("receipt", "fetch", "--kit", kit_path, file)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Proven")
    assert json.loads(file.read_text()) == document
    assert peer.total(PROOF_PATH) == 2


@slow_but_first(
    2,
    ("behaviour", "code", "said"),
    [
        (behave.problem(404, "no_such_receipt"), 2, "no record of yours has this receipt"),
        (behave.problem(401, "unauthenticated"), 77, "API key is not accepted"),
        (behave.problem(429, "quota_exceeded", "7"), 75, "7 s"),
        (behave.problem(503, "unavailable", "60", reason="overloaded"), 69, "no proof yet"),
        (behave.raw(200, b"{}"), 69, "no proof yet"),
        (behave.raw(404, b"<html>"), 69, "no proof yet"),
        (behave.reset, 69, "no proof yet"),
    ],
)
def test_whatever_the_api_says_the_receipt_stays_as_it_was(
    peer: Peer,
    gen_screen: GenScreen,
    kit_path: Path,
    file: Path,
    behaviour: behave.Behaviour,
    code: int,
    said: str,
) -> None:
    before = file.read_bytes()
    peer.always = behaviour
    done = gen_screen("receipt", "fetch", "--kit", kit_path, file)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert done.err.count("\n") == 1
    assert file.read_bytes() == before


def test_a_proof_of_something_else_is_refused_and_not_kept(
    peer: Peer, gen_screen: GenScreen, kit_path: Path, file: Path, document: Document
) -> None:
    before = file.read_bytes()
    peer.always = behave.raw(200, json.dumps(document["proof"] | {"index": 3}).encode())
    done = gen_screen("receipt", "fetch", "--kit", kit_path, file)
    assert (done.code, done.out) == (65, "")
    assert "not in the log at its place" in done.err
    assert file.read_bytes() == before


def test_a_damaged_receipt_asks_nobody(
    peer: Peer, gen_screen: GenScreen, kit_path: Path, file: Path
) -> None:
    file.write_bytes(file.read_bytes()[:-3])
    assert gen_screen("receipt", "fetch", "--kit", kit_path, file).code == 65
    assert peer.total(PROOF_PATH) == 0


def test_an_answer_stands_where_its_receipt_cannot_be_saved(
    peer: Peer, gen_screen: GenScreen, kit_path: Path, tmp_path: Path, list_selectors: List
) -> None:
    path = tmp_path / "taken.json"
    list_selectors(LISTED)

    def take_the_name(exchange: Exchange) -> None:
        path.write_bytes(b"of somebody else")
        behave.honest(exchange)

    peer.script.append(take_the_name)
    done = gen_screen("check", "--kit", kit_path, "--save-receipt", path, ":".join(LISTED))
    assert done.code == 10
    assert "MATCH" in done.out
    assert "the receipt is not saved, the answer stands" in done.err
    assert path.read_bytes() == b"of somebody else"


def test_a_file_is_not_screened_where_its_receipts_could_not_be_saved(
    peer: Peer, gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    source, taken = tmp_path / "in.csv", tmp_path / "taken"
    source.write_text("id,phone\n1,+12025550142\n")
    taken.touch()
    done = gen_screen(
        "bulk", "--kit", kit_path, "--save-receipts", taken, source, "-o", tmp_path / "out.csv"
    )
    assert done.code == 2
    assert "takes no receipts" in done.err
    assert not peer.requests


def test_the_key_of_a_log_that_has_not_begun_is_told_to_be_missing(
    gen_screen: GenScreen, kit_path: Path
) -> None:
    done = gen_screen("receipt", "key", "--kit", kit_path)
    assert (done.code, done.out) == (2, "")
    assert "names no key of a log yet" in done.err


def test_the_sdk_keeps_what_it_asked_and_was_told(
    peer: Peer, kit: Kit, list_selectors: List
) -> None:
    list_selectors(LISTED)
    with ScreeningClient(kit, timeout_ms=20_000) as client:
        tokens = client.tokens([LISTED, ("email", "jane@booking.test")])
        answer = client.check_tokens(tokens)
        kept = client.keep(tokens, answer)
        assert isinstance(kept, KeptReceipt)
        assert (kept.receipt, kept.opening) == (answer.receipt, answer.opening)
        assert [(one.kind, one.token, one.result) for one in kept.selectors] == [
            ("phone", tokens[0].base64(), "match"),
            ("email", tokens[1].base64(), "no_match"),
        ]
        assert "+1202" not in repr(kept)
        assert tokens[0].base64() not in repr(kept.selectors)
        with pytest.raises(InvalidRequest, match="other tokens"):
            client.keep(tokens[:1], answer)
        certain = Unknown("", reason="store", matches=(1,), receipt="a" * 26, opening=kept.opening)
        assert [one.kind for one in client.keep(tokens, certain).selectors] == ["email"]
        with pytest.raises(InvalidRequest, match="nothing was told"):
            client.keep(tokens, Unknown("", reason="store"))
        peer.always = behave.problem(404, "no_such_receipt")
        with pytest.raises(ReceiptNotFound):
            client.proof(kept.receipt)
