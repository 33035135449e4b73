"""`gen-screen normalise`, `token` and `check` as a person or a script meets them."""

import contextlib
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from screening.client.commands.exits import exit_code
from screening.client.commands.inputs import MAX_VALUE_BYTES
from screening.vocabulary.errors import (
    Forbidden,
    InvalidRequest,
    KitMismatch,
    KitRefused,
    LedgerDamaged,
    NotCanonical,
    QuotaExceeded,
    Unauthenticated,
    Unknown,
    UnknownKeyId,
)
from tests.client import peer as behave
from tests.client.conftest import GEN_SCREEN, GenScreen, List
from tests.client.peer import Behaviour, Peer
from tests.client.test_session import MISBEHAVIOURS

PHONE = "phone:+1 202 555 0100"
EMAIL = "email:Jane.Doe@booking.example"
COMMANDS = [[], ["normalise"], ["token"], ["check"], ["bulk"]]


# normalise and token


def test_cards_are_masked_unless_revealed(gen_screen: GenScreen) -> None:
    card = b"4242 4242 4242 4242\n"
    assert gen_screen("normalise", "--kind", "card", "-", stdin=card).out == "424242******4242\n"
    revealed = gen_screen("normalise", "--kind", "card", "--reveal", "-", stdin=card)
    assert revealed.out == "4242424242424242\n"


def test_a_rejected_value_ends_with_its_code_and_a_sentence(
    gen_screen_process: GenScreen,
) -> None:
    done = gen_screen_process("normalise", "--kind", "phone", "202 555 0100")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("region_required: ")
    assert done.err.count("\n") == 1


def test_bad_lines_are_answered_and_the_rest_goes_on(gen_screen: GenScreen, kit_path: Path) -> None:
    good = b'{"kind":"phone","raw":"+1 202 555 0100"}'
    bad = [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"kind":"phone"}',
        b'{"kind":"phone","raw":7}',
        b'{"kind":"phone","raw":"\xff"}',
        b'{"kind":"phone","raw":"\\ud800"}',
        b"[" * 10_000,
        b'{"kind":"phone","raw":"' + b"1" * (3 * MAX_VALUE_BYTES) + b'"}',
    ]
    lines = [good, *bad, b'{"kind":"passport","raw":"X"}', b'{"kind":"card","raw":""}', good]
    for command, member in ((["normalise"], "canonical"), (["token", "--kit", kit_path], "token")):
        done = gen_screen(*command, "--jsonl", stdin=b"\n".join(lines))
        answers = [json.loads(line) for line in done.out.splitlines()]
        assert done.code == 0
        assert len(answers) == len(lines)
        assert answers[1 : 1 + len(bad)] == [{"error": "invalid_line"}] * len(bad)
        assert answers[-3:-1] == [{"error": "unknown_kind"}, {"error": "empty"}]
        assert set(answers[0]) == {member}
        assert answers[0] == answers[-1]


def test_a_region_on_the_command_line_holds_where_a_line_names_none(
    gen_screen: GenScreen,
) -> None:
    lines = (
        b'{"kind":"phone","raw":"020 7946 0958"}\n'
        b'{"kind":"phone","raw":"(202) 555-0100","region":"US"}\n'
    )
    done = gen_screen("normalise", "--jsonl", "--region", "GB", stdin=lines)
    assert [json.loads(line)["canonical"] for line in done.out.splitlines()] == [
        "+442079460958",
        "+12025550100",
    ]


def test_many_lines_keep_their_order(gen_screen: GenScreen, kit_path: Path) -> None:
    lines = [
        json.dumps({"kind": "phone", "raw": f"+1202555{number:04}"}) for number in range(2_000)
    ]
    normalised = gen_screen("normalise", "--jsonl", stdin="\n".join(lines).encode())
    assert [json.loads(line)["canonical"] for line in normalised.out.splitlines()] == [
        f"+1202555{number:04}" for number in range(2_000)
    ]
    tokens = gen_screen("token", "--kit", kit_path, "--jsonl", stdin="\n".join(lines).encode())
    singly = gen_screen(
        "token", "--kit", kit_path, "--kind", "phone", "--", "+12025551234"
    ).out.strip()
    assert json.loads(tokens.out.splitlines()[1234])["token"] == singly
    assert len(set(tokens.out.splitlines())) == 2_000


@pytest.mark.parametrize("command", ["normalise", "token"])
def test_each_line_is_answered_before_the_next_is_written(kit_path: Path, command: str) -> None:
    kit = ["--kit", str(kit_path)] if command == "token" else []
    with subprocess.Popen(
        [GEN_SCREEN, command, *kit, "--jsonl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(3):
            process.stdin.write(b'{"kind":"phone","raw":"+12025550100"}\n')
            process.stdin.flush()
            assert process.stdout.readline().startswith(b"{")
        process.stdin.close()
    assert process.returncode == 0


@pytest.mark.parametrize("command", ["normalise", "token"])
def test_a_reader_that_leaves_ends_it_without_noise(kit_path: Path, command: str) -> None:
    kit = ["--kit", str(kit_path)] if command == "token" else []
    with subprocess.Popen(
        [GEN_SCREEN, command, *kit, "--jsonl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        with pytest.raises(BrokenPipeError):
            for _ in range(100_000):
                process.stdin.write(b'{"kind":"phone","raw":"+12025550100"}\n')
                process.stdin.flush()
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        assert process.wait(30) != 0
        assert process.stderr.read() == b""


def test_ctrl_c_is_clean(kit_path: Path) -> None:
    with subprocess.Popen(
        [GEN_SCREEN, "token", "--kit", kit_path, "--jsonl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b'{"kind":"phone","raw":"+12025550100"}\n')
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert process.stderr.read().strip() == b""


def test_bytes_that_are_not_utf8_are_rejected_without_a_traceback(
    gen_screen_process: GenScreen,
) -> None:
    for stdin, arguments in ((b"\xff\xfe@x.example", ["-"]), (b"", [b"jane\xff@x.example"])):
        done = subprocess.run(
            [GEN_SCREEN, "normalise", "--kind", "email", *arguments],
            input=stdin,
            capture_output=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (2, b"")
        assert done.stderr.startswith(b"not_an_email: ")
    assert gen_screen_process("normalise", "--kind", "phone", "-", stdin=b"1" * 10**6).code == 2


def test_any_script_prints_in_any_locale() -> None:
    done = subprocess.run(
        [GEN_SCREEN, "normalise", "--kind", "email", "用户@例子.广告"],
        capture_output=True,
        check=True,
        env={**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
    )
    assert done.stdout.decode() == "用户@xn--fsqu00a.xn--4rr70v\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["normalise"],
        ["normalise", "--kind", "phone"],
        ["normalise", "+12025550100"],
        ["normalise", "--jsonl", "--kind", "phone"],
        ["normalise", "--jsonl", "+12025550100"],
        ["normalise", "--kind", "phone", "+1", "202", "5550100"],
        ["normalise", "--kind", "card", "-4242424242424242"],
        ["normalise", "--kind", "card", "--4242424242424242"],
        ["normalise", "--unknown"],
        ["token", "--kind", "phone", "+12025550100"],
        ["normalise", "--key-check"],
        ["check", "phone:+12025550100"],
        ["4242424242424242"],
        ["bulk", "customers.csv"],
    ],
)
def test_a_wrong_command_line_is_one_sentence_that_echoes_no_value(
    gen_screen: GenScreen, arguments: list[str]
) -> None:
    done = gen_screen(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert "--help" in done.err
    assert "4242" not in done.err
    assert "555" not in done.err


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command) or "itself")
def test_every_command_helps_with_an_example(gen_screen: GenScreen, command: list[str]) -> None:
    done = gen_screen(*command, "--help")
    assert done.code == 0
    assert "Example:" in done.out
    assert f"gen-screen {' '.join(command)}".strip() in done.out
    # Arguments show card numbers in the process list.
    assert "card:4" not in done.out
    assert "--kind card 4" not in done.out


# check


def test_no_match_exits_0_with_answer_and_receipt(
    gen_screen_process: GenScreen, kit_path: Path
) -> None:
    done = gen_screen_process("check", "--kit", kit_path, PHONE, EMAIL)
    assert (done.code, done.err) == (0, "")
    assert "No match" in done.out
    assert "a2b3c4d5e6f7a2b3c4d5aaaaab" in done.out
    assert "review" not in done.out


def test_a_match_exits_10_and_says_that_it_is_a_lead(
    gen_screen: GenScreen, kit_path: Path, list_selectors: List
) -> None:
    list_selectors(("email", "jane.doe@booking.example"))
    done = gen_screen("check", "--kit", kit_path, PHONE, EMAIL)
    assert (done.code, done.err) == (10, "")
    assert "MATCH" in done.out
    assert "lead for human review" in done.out
    lines = [line.split() for line in done.out.splitlines()]
    assert lines[0] == ["no", "match", "phone", "+12025550100"]
    assert lines[1] == ["MATCH", "email", "jane.doe@booking.example"]


def test_json_is_the_answer_as_one_line(
    gen_screen: GenScreen, kit_path: Path, list_selectors: List
) -> None:
    list_selectors(("email", "jane.doe@booking.example"))
    done = gen_screen("check", "--kit", kit_path, "--json", PHONE, EMAIL)
    answer = json.loads(done.out)
    assert done.out.count("\n") == 1
    assert (answer["result"], answer["results"]) == ("match", ["no_match", "match"])
    assert set(answer) == {"result", "results", "receipt", "opening", "list"}


def test_values_are_read_from_stdin_line_by_line_and_cards_shown_masked(
    gen_screen: GenScreen, kit_path: Path, list_selectors: List
) -> None:
    list_selectors(("card", "378282246310005"))
    done = gen_screen(
        "check", "--kit", kit_path, "card:-", PHONE, "card:-",
        stdin=b"4242 4242 4242 4242\n3782 822463 10005",
    )  # fmt: skip
    assert done.code == 10
    assert "378282*****0005" in done.out
    assert "4242424242424242" not in done.out


@pytest.mark.parametrize(
    ("selectors", "code"),
    [
        (["phone:202 555 0100"], "region_required: "),
        ([PHONE, "card:4242424242424241"], "bad_checksum: "),
        (["passport:X1"], "unknown_kind: "),
        (["phone:"], "empty: "),
        (["email:-"], "empty: "),
        (["+12025550100"], "gen-screen check: "),
        ([PHONE] * 17, "gen-screen check: "),
    ],
)
def test_bad_input_exits_2_and_asks_nothing(
    gen_screen: GenScreen, kit_path: Path, peer: Peer, selectors: list[str], code: str
) -> None:
    done = gen_screen("check", "--kit", kit_path, *selectors)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(code)
    assert done.err.count("\n") == 1
    assert peer.total("/v1/check") == 0


def test_a_rejection_says_which_selector_it_is_about(gen_screen: GenScreen, kit_path: Path) -> None:
    done = gen_screen("check", "--kit", kit_path, PHONE, "card:4242424242424241")
    assert done.err.endswith("(selector 2)\n")


def test_a_region_completes_national_numbers(
    gen_screen: GenScreen, kit_path: Path, list_selectors: List
) -> None:
    list_selectors(("phone", "+12025550100"))
    done = gen_screen("check", "--kit", kit_path, "--region", "US", "phone:202 555 0100")
    assert done.code == 10


EXITS: dict[str, tuple[Behaviour, int]] = {
    "unavailable": (behave.problem(503, "unavailable", "5", reason="index"), 69),
    "nobody": (behave.reset, 69),
    "off the contract": (behave.raw(200, b"{}"), 69),
    "quota": (behave.problem(429, "quota_exceeded", "7"), 75),
    "key refused": (behave.problem(401, "unauthenticated"), 77),
    "scope": (behave.problem(403, "forbidden"), 77),
    "retired": (behave.problem(409, "unknown_key_id"), 78),
    "mismatch": (behave.problem(409, "kit_mismatch"), 78),
    "bad request": (behave.problem(400, "invalid_request"), 2),
}


@pytest.mark.parametrize("name", EXITS)
def test_each_refusal_has_its_exit_code_and_one_sentence(
    gen_screen: GenScreen, kit_path: Path, peer: Peer, name: str
) -> None:
    peer.always, code = EXITS[name]
    for output in ([], ["--json"]):
        done = gen_screen("check", "--kit", kit_path, *output, PHONE)
        assert (done.code, done.out) == (code, "")
        assert done.err.startswith("gen-screen: ")
        assert done.err.count("\n") == 1
        assert "555" not in done.err


@pytest.mark.parametrize("name", MISBEHAVIOURS)
def test_no_misbehaviour_exits_as_an_answer(
    gen_screen: GenScreen, kit_path: Path, peer: Peer, name: str
) -> None:
    peer.always, _ = MISBEHAVIOURS[name]
    done = gen_screen("check", "--kit", kit_path, "--timeout-ms", "200", PHONE, EMAIL)
    assert (done.code, done.out) == (69, "")


def test_a_certain_match_is_shown_and_exits_10_though_the_rest_is_not_known(
    gen_screen: GenScreen, kit_path: Path, peer: Peer
) -> None:
    peer.always = behave.problem(
        503, "unavailable", "5", reason="stale", matches=[1], receipt="a" * 26
    )
    done = gen_screen("check", "--kit", kit_path, PHONE, EMAIL)
    assert done.code == 10
    assert "not known" in done.out
    assert "lead for human review" in done.out
    assert "a" * 26 in done.out
    as_json = gen_screen("check", "--kit", kit_path, "--json", PHONE, EMAIL)
    assert as_json.code == 10
    assert json.loads(as_json.out) == {
        "result": "match",
        "results": ["unknown", "match"],
        "receipt": "a" * 26,
        "reason": "stale",
    }


def test_a_retry_leaves_stdout_to_the_answer(
    gen_screen_process: GenScreen, kit_path: Path, peer: Peer
) -> None:
    peer.script.append(behave.reset)
    done = gen_screen_process("check", "--kit", kit_path, "--json", PHONE)
    assert json.loads(done.out)["result"] == "no_match"
    assert done.err == ""
    assert peer.total("/v1/check") == 2


def test_a_kit_that_others_can_read_exits_78(gen_screen: GenScreen, kit_path: Path) -> None:
    kit_path.chmod(0o644)
    for command in (["check", PHONE], ["token", "--kind", "phone", "+12025550100"]):
        done = gen_screen(command[0], "--kit", kit_path, *command[1:])
        assert (done.code, done.out) == (78, "")
        assert "chmod 600" in done.err


def test_every_error_has_the_documented_exit_code() -> None:
    assert [
        exit_code(error)
        for error in (
            NotCanonical("empty"),
            InvalidRequest(""),
            LedgerDamaged(""),
            Unknown("", reason="store"),
            QuotaExceeded("", retry_after_s=1),
            Unauthenticated(),
            Forbidden(""),
            UnknownKeyId(""),
            KitMismatch(""),
            KitRefused(""),
        )
    ] == [2, 2, 2, 69, 75, 77, 77, 78, 78, 78]


def test_the_client_loads_nothing_of_the_server() -> None:
    done = subprocess.run(
        [
            GEN_SCREEN.with_name("python"),
            "-c",
            "import sys, screening.client, screening.client.cli; print(*sys.modules)",
        ],
        capture_output=True,
        check=True,
        text=True,
    )
    loaded = set(done.stdout.split())
    assert "screening.client.session" in loaded
    for forbidden in ("redis", "litestar", "screening.store", "screening.api", "cryptography"):
        assert forbidden not in loaded
