"""What all commands have in common: one line for an error, its exit code, never a traceback."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from screening.ledger.verify import verify_ledger
from tests.harness.slow import slow_but_first
from tests.harness.template import Template
from tests.harness.valkey import Valkey
from tests.indexer.running import Running

LIST = [("phone", "+12025550142", "trafficker")]


REFUSED: Final[list[tuple[str, list[str], dict[str, str], int]]] = [
    ("indexer", ["frob"], {}, 2),
    ("indexer", ["publish"], {}, 2),
    ("indexer", ["publish", "/nowhere/list.csv"], {}, 2),
    ("indexer", ["publish", "{folder}"], {}, 2),
    ("indexer", ["publish", "{file}"], {}, 2),
    ("indexer", ["publish", "{list}", "--report", "/nowhere/report.csv"], {}, 74),
    ("indexer", ["publish", "{list}", "--report", "{folder}"], {}, 2),
    ("indexer", ["publish", "{list}", "--region"], {}, 2),
    ("indexer", ["publish", "{list}", "--region", "UK"], {}, 2),
    ("indexer", ["publish", "{list}", "--region", ""], {}, 2),
    ("indexer", ["publish", "{list}", "--frob"], {}, 2),
    ("indexer", ["extract", "{list}"], {}, 2),
    ("indexer", ["extract", "/nowhere", "-o", "a", "--report", "b", "--role", "buyer"], {}, 2),
    ("indexer", ["extract", "{list}", "-o", "a", "--report", "b", "--role", "friend"], {}, 2),
    ("indexer", ["extract", "{list}", "-o", "a", "--report", "b", "--region", "UK"], {}, 2),
    ("indexer", ["extract", "{list}", "-o", "/nowhere/a", "--report", "b"], {}, 74),
    ("indexer", ["extract", "{list}", "-o", "a", "--report", "/nowhere/b"], {}, 74),
    ("indexer", ["rollback"], {}, 2),
    ("indexer", ["rollback", "1"], {}, 2),
    ("indexer", ["status"], {"INDEXER_HOME": "/nowhere"}, 2),
    ("indexer", ["status"], {"INDEXER_HOME": "{file}"}, 2),
    ("indexer", ["rollback"], {"INDEXER_HOME": "{file}"}, 2),
    ("indexer", ["init"], {"INDEXER_HOME": "{file}", "SCREENING_SECRETS": "/nowhere"}, 74),
    ("indexer", ["init"], {"INDEXER_HOME": "/proc/nowhere", "SCREENING_SECRETS": "/nowhere"}, 74),
    ("indexer", ["init"], {"SCREENING_SECRETS": "{file}"}, 74),
    ("indexer", ["publish", "{list}"], {"INDEXER_MAX_SHRINK_FRACTION": "2"}, 2),
    ("indexer", ["publish", "{list}"], {"INDEXER_ATTEST_WAIT_S": "soon"}, 2),
    ("indexer", ["publish", "{list}"], {"SCREENING_REDIS_URL": "ftp://localhost"}, 2),
    ("indexer", ["publish", "{list}"], {"SCREENING_REDIS_URL": "redis://localhost:notaport"}, 2),
    ("indexer", ["publish", "{list}"], {"SCREENING_REDIS_URL": "unix:///nowhere.sock"}, 69),
    ("indexer", ["publish", "{list}"], {"SCREENING_REDIS_URL": "redis://127.0.0.1:1"}, 69),
    ("screening", ["frob"], {}, 2),
    ("screening", ["serve", "--port", "70000"], {}, 2),
    ("screening", ["serve", "--workers", "0"], {}, 2),
    ("screening", ["serve", "--port", "{taken}"], {}, 2),
    ("screening", ["serve", "--port", "0", "--metrics-port", "{taken}"], {}, 2),
    ("screening", ["serve", "--host", "no.such.host.example"], {}, 2),
    ("screening", ["serve"], {"SCREENING_WORKERS": "many"}, 2),
    ("screening", ["serve"], {"SCREENING_MAX_SYNC_AGE_S": "0"}, 2),
    ("screening", ["serve"], {"SCREENING_HOME": "{file}"}, 74),
    ("screening", ["serve"], {"SCREENING_HOME": "/proc/nowhere"}, 74),
    ("screening", ["serve"], {"SCREENING_SECRETS": "/nowhere"}, 2),
    ("screening", ["serve"], {"SCREENING_SECRETS": "{file}"}, 2),
    ("screening", ["serve"], {"SCREENING_REDIS_URL": "http://localhost"}, 2),
    ("screening", ["audit", "verify"], {"SCREENING_HOME": "/nowhere"}, 2),
    ("screening", ["audit", "verify", "--journal", "{file}"], {}, 2),
    ("gen-screen", ["frob"], {}, 2),
    ("gen-screen", ["check", "--kit", "/nowhere.json", "phone:-"], {}, 78),
    ("gen-screen", ["check", "--kit", "{file}", "phone:-"], {}, 78),
]


@pytest.fixture(scope="module")
def refusing(
    tmp_path_factory: pytest.TempPathFactory, template: Template
) -> Iterator[tuple[Running, dict[str, str]]]:
    valkey = Valkey(tmp_path_factory.mktemp("vk"))
    deployment = Running(tmp_path_factory.mktemp("refusing"), template, valkey.url)
    deployment.run("init")
    a_file = deployment.folder / "a-file"
    a_file.write_text("neither a folder nor a list")
    a_file.chmod(0o600)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield (
            deployment,
            {
                "{folder}": str(deployment.folder),
                "{file}": str(a_file),
                "{list}": str(deployment.write_list(LIST)),
                "{taken}": str(taken.getsockname()[1]),
            },
        )
    deployment.redis.close()
    valkey.kill()


@slow_but_first(20, ("command", "arguments", "settings", "code"), REFUSED)
def test_what_a_command_cannot_do_it_says_in_one_line_with_its_exit_code(
    refusing: tuple[Running, dict[str, str]],
    command: str,
    arguments: list[str],
    settings: dict[str, str],
    code: int,
) -> None:
    deployment, places = refusing
    arguments = [places.get(one, one) for one in arguments]
    settings = {name: places.get(value, value) for name, value in settings.items()}
    done = deployment.run(*arguments, command=command, expect=None, kill_before=None, **settings)
    assert done.code == code, done.output
    (line,) = done.output.splitlines()
    assert len(line) > 20


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("indexer/keyring/signing.key", 2),
        ("indexer/keyring/salt", 2),
        ("indexer/list.sqlite", 74),
        ("indexer/keyring/token-keys/acme-*.json", 2),
    ],
)
def test_a_damaged_file_of_the_indexer_is_named_in_one_line(
    running: Running, path: str, code: int
) -> None:
    running.publish(LIST)
    running.add_partner("acme")
    running.write_list(LIST)
    (found,) = running.folder.glob(path)
    found.write_bytes(b"damaged")
    done = running.publish(LIST, expect=None)
    assert len(done.output.splitlines()) == 1, done.output
    assert done.code == code, done.output


@pytest.mark.slow
def test_init_can_be_killed_before_any_step_and_is_completed_by_running_it_again(
    tmp_path: Path, template: Template, valkey: Valkey
) -> None:
    for step in range(200):
        folder = tmp_path / str(step)
        folder.mkdir()
        fresh = Running(folder, template, valkey.url)
        ended = fresh.run("init", kill_before=step)
        keyring = {path: path.read_bytes() for path in fresh.home.rglob("*.key")}
        fresh.run("init")
        assert keyring.items() <= {p: p.read_bytes() for p in fresh.home.rglob("*.key")}.items()
        assert {path.name for path in fresh.secrets.iterdir() if path.name[0] != "."} == {
            "pepper.key",
            "api-keys.key",
            "verifying.key",
            "disclosure.pub",
        }
        assert fresh.ledger()[0]["command"] == "init"
        verify_ledger(fresh.home / "ledger")
        fresh.redis.close()
        if not ended.was_killed:
            assert step > 20
            break


def test_init_again_changes_nothing_and_refuses_the_secrets_of_another(
    running: Running, template: Template, valkey: Valkey
) -> None:
    before = {p: p.read_bytes() for p in running.folder.rglob("*.key")}
    running.run("init")
    assert {p: p.read_bytes() for p in running.folder.rglob("*.key")} == before

    (running.folder / "other").mkdir()
    other = Running(running.folder / "other", template, valkey.url)
    done = other.run("init", SCREENING_SECRETS=str(running.secrets), expect=2)
    assert "point SCREENING_SECRETS elsewhere" in done.output
    assert {p: p.read_bytes() for p in running.secrets.glob("*.key")}.items() <= before.items()
    other.redis.close()


def test_every_command_has_a_help_with_an_example(running: Running) -> None:
    for command, arguments in (
        ("indexer", ["init"]),
        ("indexer", ["publish"]),
        ("indexer", ["extract"]),
        ("indexer", ["rollback"]),
        ("indexer", ["status"]),
        ("indexer", ["partner", "add"]),
        ("screening", ["serve"]),
        ("screening", ["audit", "verify"]),
    ):
        done = running.run(*arguments, "--help", command=command)
        assert f"Example: {command} {' '.join(arguments)}" in done.output


@pytest.mark.parametrize("command", ["add", "retract", "lift"])
def test_a_command_that_takes_cards_says_how_they_stand_on_no_command_line(
    running: Running, command: str
) -> None:
    shown = running.run(command, "--help").output
    assert "KIND:- reads the value from the next line of" in " ".join(shown.split())
    assert f"indexer {command} card:- " in shown


LATIN_1: Final = os.fsdecode("Größe".encode("latin-1"))


@pytest.mark.parametrize(
    "arguments",
    [
        ["retract", "phone:+12025550142", "--reason", LATIN_1],
        ["retract", f"email:{LATIN_1}@list.example", "--reason", "wrong"],
        ["exclusions", "override", "phone:+12025550142", "--reason", LATIN_1],
        [
            "exclusions",
            "add",
            "phone",
            "exact",
            "+12025550142",
            "--category",
            "x",
            "--note",
            LATIN_1,
        ],
        ["add", "phone:+12025550143", "--role", "buyer", "--source", LATIN_1],
        ["partner", "suspend", LATIN_1],
    ],
)
def test_what_is_not_utf8_is_refused_before_anything_is_recorded(
    running: Running, arguments: list[str]
) -> None:
    running.publish([("phone", "+12025550142", "trafficker")])
    recorded = running.ledger()
    said = running.run(*arguments, expect=2, PYTHONIOENCODING="utf-8:strict").output
    assert "is not UTF-8; set the terminal to UTF-8" in said
    assert running.ledger() == recorded


@slow_but_first(
    2, "place", ["indexer/kit.json", "secrets/x", "secrets/gone/x", "disclosure/x", "link/x"]
)
@pytest.mark.parametrize(
    "arguments",
    [
        ["partner", "add", "acme", "--api-url", "https://api.example", "--kit"],
        ["partner", "rotate", "acme", "--api-url", "https://api.example", "--kit"],
        ["due", "-o"],
        ["publish", "{list}", "--report"],
        ["import", "{list}", "--report"],
        ["extract", "{list}", "--role", "buyer", "--report", "r.csv", "-o"],
        ["extract", "{list}", "--role", "buyer", "-o", "x.csv", "--report"],
    ],
)
def test_nothing_is_written_into_the_home_or_what_api_hosts_are_given(
    refusing: tuple[Running, dict[str, str]], arguments: list[str], place: str
) -> None:
    deployment, places = refusing
    link = deployment.folder / "link"
    if not link.is_symlink():
        link.symlink_to(deployment.secrets)
    command = [places.get(one, one) for one in arguments]
    said = deployment.run(*command, str(deployment.folder / place), expect=2).output
    assert "would be lost with it, or given to other hosts" in said
    assert said.count("\n") == 1


def test_a_key_is_never_overwritten_by_an_output(running: Running) -> None:
    running.publish(LIST)
    salt = running.home / "keyring" / "salt"
    before = salt.read_bytes()
    running.run("due", "-o", str(salt), "--overwrite", expect=2)
    assert salt.read_bytes() == before
