"""What is kept of an answer proves it offline; whatever was changed is refused, and named."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, cast

import pytest

from screening.client.kept_receipts import (
    KeptReceipt,
    parse_kept,
    read_kept,
    save_again,
    save_new,
)
from screening.client.verifying import parse_log_key, verify
from screening.ledger.log.notes import SIGNS, Checkpoint, Note, SignerKey
from screening.ledger.log.tree import leaf_hash
from screening.vocabulary.errors import NotProven, OperatorError
from tests.client.conftest import VECTORS, Document, GenScreen

Change = Callable[[Document], object]
OTHER_TOKEN: Final = base64.b64encode(bytes(32)).decode()
OTHER_KEY: Final = SignerKey.generate("api-1.operator.example/journal", SIGNS)


@pytest.fixture(scope="module")
def vector() -> Document:
    return cast("Document", json.loads((VECTORS / "receipt.json").read_text()))


@pytest.fixture
def document(vector: Document) -> Document:
    return cast("Document", json.loads(json.dumps(vector["file"])))


def kept_of(document: Document) -> KeptReceipt:
    kept = parse_kept(json.dumps(document).encode())
    assert kept is not None
    return kept


def refusal(document: Document, key: str | None = None) -> str:
    with pytest.raises(NotProven) as refused:
        verify(kept_of(document), None if key is None else parse_log_key(key))
    return str(refused.value)


def test_the_known_receipt_is_proven(vector: Document, document: Document) -> None:
    kept = kept_of(document)
    assert kept.commitment().hex() == vector["commitment_hex"]
    assert leaf_hash(document["proof"]["record"].encode()).hex() == vector["leaf_hash_hex"]
    for key in (None, parse_log_key(vector["log_key"])):
        proven = verify(kept, key)
        assert (proven.partner, proven.index, proven.size) == ("acme", 2, vector["size"])
        assert proven.at == "2026-11-22T09:41:07.250000Z"
        assert proven.asked == 2


def _swap_results(document: Document) -> None:
    first, second = document["selectors"]
    first["result"], second["result"] = second["result"], first["result"]


def _set(*path: str | int, to: object) -> Change:
    def change(document: Document) -> None:
        at: Any = document
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = to

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_set("receipt", to="b" * 26), "the proof is of another receipt"),
        (_set("opening", to=OTHER_TOKEN), "does not open"),
        (_set("key_id", to="acme-2027a"), "another token key"),
        (_set("selectors", 0, "token", to=OTHER_TOKEN), "does not open"),
        (_set("selectors", 0, "kind", to="card"), "does not open"),
        (
            _set("selectors", 0, "result", to="match"),
            "on record are 1 match, 1 no match, 0 invalid, and kept are 2 match, 0 no match",
        ),
        (_set("selectors", 1, "result", to="no_match"), "kept are 0 match, 2 no match"),
        (_swap_results, "does not open"),
        (lambda document: document["selectors"].reverse(), "does not open"),
        (lambda document: document["selectors"].pop(), "the results differ"),
        (_set("proof", "index", to=1), "not in the log at its place"),
        (_set("proof", "index", to=-1), "not in the log at its place"),
        (lambda document: document["proof"]["inclusion_proof"].pop(), "not in the log"),
        (_set("proof", "inclusion_proof", 0, to=OTHER_TOKEN), "not in the log at its place"),
        (_set("proof", "inclusion_proof", 0, to="!"), "not in the log at its place"),
        (_set("proof", "record", to="x"), "not in the log at its place"),
        (_set("proof", "checkpoint", to="x"), "the checkpoint is not what the log's key has"),
        (_set("proof", "log_key", to=OTHER_KEY.verifier.text), "the checkpoint is not what"),
        (_set("proof", "log_key", to="x"), "the key of the log cannot be read"),
    ],
)
def test_what_differs_is_named(document: Document, change: Change, said: str) -> None:
    change(document)
    assert said in refusal(document)


def test_another_key_of_the_log_is_refused(vector: Document, document: Document) -> None:
    other = OTHER_KEY.verifier.text
    assert "the checkpoint is not what the log's key has signed" in refusal(document, other)
    stated = document["proof"] | {"log_key": other}
    said = refusal(document | {"proof": stated}, vector["log_key"])
    assert "the proof names another key of the log" in said
    signed = Note(text := "x.example/log\n1\n" + "A" * 43 + "=\n", (OTHER_KEY.sign(text),))
    document["proof"]["checkpoint"] = signed.encoded().decode()
    assert "the checkpoint is not what the log's key has" in refusal(document, vector["log_key"])


def _signed_alone(document: Document, record: str) -> None:
    """Make a true log of one record, whatever that is."""
    checkpoint = Checkpoint(OTHER_KEY.verifier.name, 1, leaf_hash(record.encode()))
    note = Note(checkpoint.text, (OTHER_KEY.sign(checkpoint.text),))
    document["proof"] |= {
        "record": record,
        "index": 0,
        "inclusion_proof": [],
        "checkpoint": note.encoded().decode(),
        "log_key": OTHER_KEY.verifier.text,
    }


def _record(document: Document, **members: object) -> str:
    chain, _, payload = document["proof"]["record"].partition(" ")
    return f"{chain} {json.dumps({**json.loads(payload), **members})}"


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"type": "access"}, "none of an answer"),
        ({"at": "\x1b[2J"}, "none of an answer"),
        ({"partner": "x" * 65}, "none of an answer"),
        ({"commitment": ""}, "does not open"),
        ({"commitment": 5}, "none of an answer"),
        ({"receipt": "c" * 26}, "another receipt"),
    ],
)
def test_a_log_that_is_true_of_another_record_proves_nothing(
    document: Document, members: Document, said: str
) -> None:
    _signed_alone(document, _record(document, **members))
    assert said in refusal(document)


def test_members_of_a_record_that_are_the_journals_own_may_have_any_form(
    document: Document,
) -> None:
    _signed_alone(document, _record(document, matches={"1": {"sealed": [1]}}, more=None, kinds=5))
    assert verify(kept_of(document)).partner == "acme"


def test_whatever_byte_is_flipped_the_file_proves_nothing(document: Document) -> None:
    whole = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    assert verify(kept_of(document)).size == 5
    for at_byte in range(len(whole)):
        for bit in (1, 0x20, 0x80):
            content = bytearray(whole)
            content[at_byte] ^= bit
            kept = parse_kept(bytes(content))
            if kept is not None:
                with pytest.raises(NotProven):
                    verify(kept)


def test_a_file_that_was_cut_off_or_has_more_than_its_members_is_damaged(
    document: Document, tmp_path: Path
) -> None:
    whole = json.dumps(document).encode()
    more = [
        json.dumps(document | {"more": 1}).encode(),
        json.dumps(document | {"proof": document["proof"] | {"more": 1}}).encode(),
        json.dumps(document | {"opening": document["opening"][:-2] + "N="}).encode(),
        whole[:-1] + b', "receipt": "' + document["receipt"].encode() + b'"}',
        b"[" * 100_000,
        b"\xff",
    ]
    path = tmp_path / "kept.json"
    for content in [*more, *(whole[:size] for size in range(0, len(whole), 7))]:
        path.write_bytes(content)
        with pytest.raises(NotProven) as refused:
            read_kept(path)
        assert str(refused.value).startswith(f"{path} is damaged")


def test_what_is_written_is_read_again_and_no_file_is_overwritten(
    document: Document, tmp_path: Path
) -> None:
    kept, path = kept_of(document), tmp_path / "kept.json"
    without = kept_of({name: value for name, value in document.items() if name != "proof"})
    save_new(path, without)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_kept(path) == without
    with pytest.raises(OperatorError, match="is there already"):
        save_new(path, kept)
    save_again(path, kept)
    assert read_kept(path) == kept
    with pytest.raises(OperatorError, match="no proof yet"):
        verify(without)


def test_an_invalid_row_has_neither_kind_nor_token(document: Document) -> None:
    row = {"kind": "", "token": "", "result": "invalid"}
    document["selectors"].append(row)
    assert kept_of(document).results == {"match": 1, "no_match": 1, "invalid": 1}
    for wrong in ({"kind": "phone"}, {"token": OTHER_TOKEN}, {"result": "no_match"}):
        document["selectors"][-1] = row | wrong
        assert parse_kept(json.dumps(document).encode()) is None


def test_the_command_says_in_one_sentence_what_differs_and_ends_with_65(
    gen_screen: GenScreen, vector: Document, document: Document, tmp_path: Path
) -> None:
    path = tmp_path / "kept.json"

    def verified(*options: str) -> tuple[int, str]:
        path.write_text(json.dumps(document))
        done = gen_screen("receipt", "verify", path, *options)
        assert done.err.count("\n") == (done.code != 0)
        return done.code, done.out + done.err

    assert verified()[0] == 0
    assert verified("--log-key", vector["log_key"])[0] == 0
    (tmp_path / "log.vkey").write_text(f"{vector['log_key']}\r\n")
    assert verified("--log-key", str(tmp_path / "log.vkey"))[0] == 0
    code, said = verified("--log-key", OTHER_KEY.verifier.text)
    assert code == 65
    assert "the log's key" in said
    code, said = verified("--log-key", "nonsense")
    assert code == 2
    assert "gen-screen receipt key" in said
    document["opening"] = OTHER_TOKEN
    assert verified()[0] == 65
    del document["proof"]
    code, said = verified()
    assert (code, "receipt fetch" in said) == (2, True)
    assert gen_screen("receipt", "verify", tmp_path / "none.json").code == 2
