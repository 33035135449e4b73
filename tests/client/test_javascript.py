"""The example in JavaScript: its tokens are ours, and it reads no answer as another one."""

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from screening.api.rehearsal import RETRY_AFTER_S
from tests.client.conftest import Document, WriteKit
from tests.client.misbehaviour import MISBEHAVIOURS
from tests.client.peer import Peer
from tests.client.test_misbehaviour import REFUSALS
from tests.docs.session import ROOT
from tests.harness.deployment import Deployed
from tests.harness.processes import eventually
from tests.harness.rehearsing import REASONS, SELECTORS
from tests.harness.slow import slow_but_first

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")

EXAMPLE: Final = ROOT / "examples/javascript"
ASKED: Final = ["phone:+12025550100", "email:jane@booking.test"]


def run(program: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = ["node", str(program), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "usage: node token.mjs KIT.json KIND CANONICAL"),
        (["kit.json", "phone", "+1", "202"], "usage: node token.mjs KIT.json KIND CANONICAL"),
        *[
            (["KIT", *spelled], "this is no canonical phone, card or email")
            for spelled in (
                ("phone", "+1 202 555 0100"),
                ("phone", "0012025550100"),
                ("Phone", "+12025550100"),
                ("card", "5555 5555 5555 4444"),
                ("email", "Jane@booking.test"),
                ("email", "jane@böoking.test"),
                ("email", "jane.booking.test"),
                ("toString", "a"),
            )
        ],
        (["/nowhere/kit.json", "phone", "+12025550100"], "/nowhere/kit.json is no kit that can be"),
        ([__file__, "phone", "+12025550100"], f"{__file__} is no kit that can be read"),
        ([str(EXAMPLE / "package.json"), "phone", "+12025550100"], f"{ROOT}"),
    ],
)
def test_a_wrong_command_line_of_the_javascript_example_is_one_sentence(
    kit_path: Path, arguments: list[str], sentence: str
) -> None:
    given = [str(kit_path) if one == "KIT" else one for one in arguments]
    refused("token.mjs", *given, sentence=sentence)


def test_nothing_is_asked_where_a_question_of_the_javascript_example_cannot_be(
    kit_path: Path, peer: Peer
) -> None:
    usage = "usage: node ask.mjs KIT.json KIND:CANONICAL..., up to 16"
    for count in (0, 17):
        refused("ask.mjs", str(kit_path), *ASKED[:1] * count, sentence=usage)
    sentence = "this is no canonical phone, card or email"
    refused("ask.mjs", str(kit_path), *ASKED, "email:J@booking.test", sentence=sentence)
    assert not peer.requests


def refused(program: str, *arguments: str, sentence: str, folder: Path = EXAMPLE) -> None:
    done = run(folder / program, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(sentence)
    assert done.stderr.count("\n") == 1


def test_a_package_that_is_not_installed_is_one_sentence(
    tmp_path: Path, kit_document: Document, token_vectors: Document, write_kit: WriteKit
) -> None:
    for program in EXAMPLE.glob("*.mjs"):
        shutil.copy(program, tmp_path)
    kit_document["token_keys"][0]["stretch"] = token_vectors["profiles"]["light"]
    kit = str(write_kit(kit_document))
    sentence = "the package hash-wasm is missing; run npm install in the folder of this example"
    refused("token.mjs", kit, "phone", "+12025550100", sentence=sentence, folder=tmp_path)
    refused("ask.mjs", kit, *ASKED, sentence=sentence, folder=tmp_path)


def test_a_token_derived_in_javascript_is_the_same(tmp_path: Path, token_vectors: Document) -> None:
    if not (EXAMPLE / "node_modules/hash-wasm").exists():
        pytest.skip("needs `npm install` in examples/javascript")
    vectors = token_vectors
    for name, profile in vectors["profiles"].items():
        kit = tmp_path / f"{name}.json"
        key = {"secret": vectors["secret_base64"], "salt": vectors["salt_base64"]}
        kit.write_text(json.dumps({"token_keys": [{**key, "stretch": profile}]}))
        questions = [
            (case["kind"], case["canonical"], case["token_base64"])
            for case in vectors["cases"]
            if case["stretch"] == name
        ]
        for kind, canonical, expected in questions:
            assert token(kit, kind, canonical) == expected
        check = base64.b64decode(token(kit, "self-test", "normaliser-1"))[:8]
        assert base64.b64encode(check).decode() == vectors["key_checks_base64"][name]


def token(kit: Path, kind: str, canonical: str) -> str:
    done = run(EXAMPLE / "token.mjs", str(kit), kind, canonical)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def ask(kit: Path, *selectors: str, is_late: bool = False) -> tuple[int, Document]:
    """Ask; again where a busy machine took longer than a checkout waits, unless that is meant."""

    def told() -> tuple[int, Document] | None:
        done = run(EXAMPLE / "ask.mjs", str(kit), *selectors)
        assert done.stderr == ""
        answer = json.loads(done.stdout)
        assert len(done.stdout.splitlines()) == 1
        return (
            None if answer.get("reason") == "timeout" and not is_late else (done.returncode, answer)
        )

    return eventually(told, what="an answer in time")


def of_outcome(outcome: str, kind: int) -> str:
    return ":".join(SELECTORS[outcome][kind])


def test_a_true_api_s_answers_are_what_the_javascript_example_says(deployed: Deployed) -> None:
    api = deployed.serve()
    kit = deployed.add_partner("probe", "--test", "--stretch", "none", url=api.url).kit_path
    deployed.wait_ready(api)
    code, answer = ask(kit, *(of_outcome("no_match", kind) for kind in range(3)))
    assert (code, answer["verdict"], answer["results"]) == (0, "no_match", ["no_match"] * 3)
    assert len(answer["receipt"]) == 26
    code, answer = ask(kit, of_outcome("no_match", 0), of_outcome("match", 1))
    assert (code, answer["verdict"], answer["results"]) == (10, "match", ["no_match", "match"])
    code, answer = ask(kit, of_outcome("quota_exceeded", 2))
    assert (code, answer) == (75, {"verdict": "later", "retryAfterS": RETRY_AFTER_S})
    for number, reason in enumerate(REASONS):
        code, answer = ask(kit, of_outcome(reason, number % 3))
        assert (code, answer["verdict"], answer["reason"]) == (69, "unknown", reason)
        assert (answer["matches"], answer["retryAfterS"]) == ([], 1)
    code, answer = ask(kit, of_outcome("store", 0), of_outcome("match", 1))
    assert (code, answer["verdict"], answer["matches"]) == (10, "unknown", [1])
    assert len(answer["receipt"]) == 26
    code, answer = ask(kit, of_outcome("slow", 0), is_late=True)
    assert (code, answer) == (69, {"verdict": "unknown", "reason": "timeout", "matches": []})
    api.stop()
    code, answer = ask(kit, of_outcome("no_match", 0))
    assert (code, answer) == (69, {"verdict": "unknown", "reason": "connection", "matches": []})


NO_ANSWERS: Final = [
    "redirect", "results missing", "an unknown row", "too few rows", "matches out of range",
    "gateway page", "stall", "null", "cut", "drip", "reset", "garbage", "silence", "two lengths",
    "server error", "no content", "not JSON", "empty", "a list", "two answers in one",
    "each row twice", "results as a map", "results as a text", "a row that is null",
    "other letters", "another status", "result missing", "a boolean result", "an unknown result",
    "an invalid row", "too many rows", "no rows", "match without a row", "a row without match",
    "unknown reason", "matches without a receipt",
]  # fmt: skip


@slow_but_first(3, "name", NO_ANSWERS)
def test_what_is_no_answer_is_not_known_to_the_javascript_example(
    kit_path: Path, peer: Peer, name: str
) -> None:
    peer.always, reason = MISBEHAVIOURS[name]
    code, answer = ask(kit_path, *ASKED, is_late=reason == "timeout")
    assert (code, answer["verdict"], answer["matches"]) == (69, "unknown", [])


@slow_but_first(1, "name", REFUSALS)
def test_a_refusal_is_told_with_its_code_and_is_no_answer(
    kit_path: Path, peer: Peer, name: str
) -> None:
    peer.always, _ = REFUSALS[name]
    code, answer = ask(kit_path, *ASKED)
    assert answer["verdict"] == ("later" if name == "429" else "refused")
    assert code == {"400": 2, "413": 2, "401": 77, "403": 77, "429": 75}.get(name, 78)
