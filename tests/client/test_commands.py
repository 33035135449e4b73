"""`gen-screen normalise` and `token`, and what all commands keep to."""

import contextlib
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from screening.given_values import MAX_VALUE_BYTES
from tests.client import peer as behave
from tests.client.bulk_run import GEN_SCREEN
from tests.client.conftest import GenScreen
from tests.client.peer import Peer
from tests.harness.outputs import FULL, buffered

RECEIPT = [["receipt"], ["receipt", "fetch"], ["receipt", "verify"], ["receipt", "key"]]
COMMANDS = [[], ["normalise"], ["token"], ["check"], ["bulk"], *RECEIPT]


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
        env=buffered(),
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


@pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")
@pytest.mark.slow
def test_an_output_without_room_is_one_sentence_and_no_answer(kit_path: Path) -> None:
    line = b'{"kind":"phone","raw":"+12025550100"}\n'
    kit = ["--kit", kit_path]
    for arguments in (
        ["normalise", "--kind", "phone", "+12025550100"],
        ["normalise", "--jsonl"],
        ["token", *kit, "--jsonl"],
        ["check", *kit, "phone:+12025550100"],
    ):
        with FULL.open("wb") as full:
            done = subprocess.run(
                [GEN_SCREEN, *arguments],
                input=line,
                stdout=full,
                stderr=subprocess.PIPE,
                env=buffered(),
                check=False,
            )
        assert done.returncode == 69
        assert done.stderr.startswith(b"gen-screen: the output cannot be written: ")
        assert done.stderr.count(b"\n") == 1


@pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")
def test_an_exit_code_stands_though_its_sentence_cannot_be_written(
    kit_path: Path, peer: Peer
) -> None:
    peer.always = behave.problem(429, "quota_exceeded", "7")
    with FULL.open("wb") as full:
        done = subprocess.run(
            [GEN_SCREEN, "check", "--kit", kit_path, "phone:+12025550100"],
            stderr=full,
            env=buffered(),
            check=False,
        )
    assert done.returncode == 75


def test_ctrl_c_ends_a_filter_by_its_signal(kit_path: Path) -> None:
    """A shell calls that 130; a handler in Python could lose it to a read that has just begun."""
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
        assert process.wait(30) == -signal.SIGINT
        assert process.stderr.read() == b""


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


@pytest.mark.parametrize("asked", ["--help", "-h"])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command) or "itself")
def test_every_command_helps_with_an_example(
    gen_screen: GenScreen, command: list[str], asked: str
) -> None:
    done = gen_screen(*command, asked)
    assert done.code == 0
    assert "Example:" in done.out
    assert f"gen-screen {' '.join(command)}".strip() in done.out
    # Arguments show card numbers in the process list.
    assert "card:4" not in done.out
    assert "--kind card 4" not in done.out


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


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["check", "--timeout-ms", "2025550142", "phone:-"], "give a number from 50 to 60000"),
        (["check", "--timeout-ms", "+1 2025550142", "phone:-"], "give a number from 50 to 60000"),
        (["bulk", "--patience", "2025550142x", "in.csv", "-o", "out.csv"], "'--patience'"),
        (["bulk", "in.csv", "-o", "out.csv", "2025550142"], "too many values"),
        (["2025550142"], "there is no such command"),
        (["check", "-2025550142"], "a value that begins with - must come after --"),
    ],
)
def test_what_stands_in_the_wrong_place_is_not_repeated(
    gen_screen: GenScreen, kit_path: Path, arguments: list[str], sentence: str
) -> None:
    kit = ["--kit", str(kit_path)] if len(arguments) > 1 else []
    done = gen_screen(*arguments[:1], *kit, *arguments[1:])
    assert (done.code, done.out) == (2, "")
    assert sentence in done.err
    assert "2025550142" not in done.err
    assert done.err.count("\n") == 1
