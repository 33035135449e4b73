"""What happens around a command: odd files, loose modes, another command, a store that is gone."""

import contextlib
import fcntl
import os
import socket
import subprocess
import threading
import time
from pathlib import Path

import msgspec
import pytest

from screening.generations.attestation import HostAttestation
from screening.store import keys
from tests.harness.deployment import BIN
from tests.harness.killing_proxy import KillingProxy, Moment
from tests.harness.outputs import buffered
from tests.harness.processes import eventually
from tests.harness.slow import slow_but_first
from tests.harness.steps import NEVER
from tests.harness.template import Template
from tests.harness.valkey import Valkey
from tests.indexer.running import Running

PHONE = ("phone", "+12025550142")
LIST = [(*PHONE, "trafficker")]
EMAIL = ("email", "listed@list.example")
LONGER = [*LIST, (*EMAIL, "trafficker")]


@pytest.mark.slow
def test_a_list_may_come_through_a_pipe(running: Running) -> None:
    partner = running.add_partner("acme")
    content = running.write_list(LIST * 5_000).read_bytes()
    pipe = running.folder / "decrypted"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(content,))
    writer.start()
    running.run("publish", str(pipe))
    writer.join()
    assert running.listed(partner, PHONE) == [True]


def test_what_is_no_file_is_refused_at_once(running: Running, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        for path in ("/dev/zero", str(tmp_path), str(tmp_path / "socket")):
            said = running.run("publish", path, expect=2).output
            assert f"{path} is no file; name a list in CSV" in said


def test_a_pipe_in_place_of_the_lock_of_a_home_is_named(running: Running) -> None:
    (running.home / "lock").unlink()
    os.mkfifo(running.home / "lock")
    said = running.run("compact", expect=74).output
    assert "lock cannot be used: it is no regular file" in said


def test_a_file_may_have_any_name_that_the_system_allows(running: Running) -> None:
    folder = os.fsencode(running.folder)
    odd = os.fsdecode(os.path.join(folder, b"l\xffs\xe9.csv"))  # noqa: PTH118 - bytes
    kit = os.fsdecode(os.path.join(folder, b"k\xff.json"))  # noqa: PTH118 - bytes
    report = running.folder / "r.csv"
    running.write_list([*LIST, ("email", "nobody", "buyer")]).rename(odd)
    running.run("publish", odd, "--report", str(report), expect=3, PYTHONIOENCODING="utf-8:strict")
    assert report.read_text().splitlines()[1] == "l\ufffds\ufffd.csv,3,email,not_an_email"
    assert running.ledger()[-2]["sources"][0]["name"] == "l\ufffds\ufffd.csv"
    finds = str(running.folder / "finds.csv")
    running.run(
        "extract",
        odd,
        "-o",
        f"{odd}.csv",
        "--report",
        finds,
        expect=3,
        PYTHONIOENCODING="utf-8:strict",
    )
    arguments = ("--kit", kit, "--api-url", "https://api.example")
    running.run("partner", "add", "acme", *arguments, PYTHONIOENCODING="utf-8:strict")


@slow_but_first(1, "folder", ["indexer", "indexer/keyring", "indexer/ledger"])
def test_a_home_that_others_can_enter_is_refused_by_every_command(
    running: Running, folder: str
) -> None:
    running.publish(LIST)
    (running.folder / folder).chmod(0o750)
    path = str(running.write_list(LONGER))
    commands = [["publish", path], ["rollback"], ["init"], ["status"]]
    for arguments in commands[: 3 if folder.endswith("ledger") else 4]:  # status reads no ledger
        assert "chmod 700" in running.run(*arguments, expect=2).output
    assert "chmod 700" in running.try_partner("acme").output


def test_two_commands_at_once_do_not_mix(running: Running) -> None:
    running.publish(LIST)
    before, recorded = running.stored(), running.ledger()
    with (running.home / "lock").open("r+b") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        path = str(running.write_list(LONGER))
        for arguments in (["publish", path], ["rollback"], ["init"]):
            assert "another indexer command" in running.run(*arguments, expect=2).output
        assert "another indexer command" in running.try_partner("acme").output
        assert "list      1: 1 selector" in running.run("status").output
        assert (running.stored(), running.ledger()) == (before, recorded)
    running.publish(LONGER)


def test_a_kit_is_never_begun_whose_name_is_a_link_to_nothing(running: Running) -> None:
    running.kit_path("acme").symlink_to(running.folder / "nowhere")
    assert "never overwritten" in running.try_partner("acme").output
    assert running.stored() == {}


def test_a_kit_that_cannot_be_written_is_named_and_the_partner_added_under_another(
    running: Running,
) -> None:
    long = running.folder / ("k" * 250)  # too long for the file that is written beside it first
    arguments = ("partner", "add", "acme", "--api-url", "https://api.example", "--kit")
    done = running.run(*arguments, str(long), expect=74)
    assert f"{long} cannot be used: File name too long" in done.output
    assert "acme is half added" in running.run("status").output
    running.try_partner("acme", expect=0)


def test_status_names_a_partner_whose_kit_was_perhaps_never_written(running: Running) -> None:
    steps = running.try_partner("first", expect=0, kill_before=NEVER).steps
    linked = max(n for n, step in enumerate(steps) if step.startswith("link"))
    running.try_partner("acme", kill_before=linked)
    said = running.run("status").output
    assert "acme is half added: run its partner add again" in said
    assert "first is half" not in said
    running.try_partner("acme", expect=0)
    assert "half added" not in running.run("status").output


@slow_but_first(1, "share", ["indexer", "indexer/keyring", "indexer/share", "."])
def test_the_apis_share_never_lies_where_giving_it_away_gives_the_keyring(
    tmp_path: Path, template: Template, valkey: Valkey, share: str
) -> None:
    fresh = Running(tmp_path, template, valkey.url)
    done = fresh.run("init", SCREENING_SECRETS=str(tmp_path / share), expect=2)
    assert "SCREENING_SECRETS" in done.output
    assert not list(tmp_path.rglob("*.key"))
    fresh.redis.close()


def test_without_the_store_nothing_changes_and_the_exit_code_says_so(
    running: Running, valkey: Valkey
) -> None:
    partner = running.add_partner("acme")
    running.publish(LIST)
    valkey.kill()
    recorded = running.ledger()
    for arguments in (
        ["publish", str(running.write_list(LONGER))],
        ["rollback"],
        ["partner", "suspend", "acme"],
        ["retract", "phone:+12025550142", "--reason", "it is wrong"],
    ):
        done = running.run(*arguments, expect=69)
        assert len(done.output.splitlines()) == 1
        assert "this command has changed nothing, and noted nothing: do it again" in done.output
    running.try_partner("late", expect=69)
    assert not running.kit_path("late").exists()
    assert running.ledger() == recorded
    valkey.start()
    running.run("compact")  # which puts in force what was noted
    assert running.records()["acme"].state == "active"
    assert running.listed(partner, PHONE, EMAIL) == [True, False]
    running.publish(LONGER)
    assert running.listed(partner, PHONE, EMAIL) == [True, True]
    running.add_partner("late")


def test_a_store_that_goes_away_behind_the_flip_undoes_nothing(
    running: Running, valkey: Valkey
) -> None:
    attestation = HostAttestation("screening-host/2", "late", int(time.time()), 0, 1, {})
    running.redis.set(keys.host("late"), msgspec.json.encode(attestation))
    running.add_partner("acme")

    def kill_when_published() -> None:
        eventually(lambda: running.ledger()[-1]["command"] == "published")
        valkey.kill()

    killed = threading.Thread(target=kill_when_published)
    killed.start()
    path = str(running.write_list(LIST))
    done = running.run("publish", path, INDEXER_ATTEST_WAIT_S="30")
    killed.join()
    assert "list 1 published" in done.output
    assert "the store does not answer any more" in done.output
    valkey.start()
    assert "list      1: 1 selector" in running.run("status").output


def test_a_host_with_other_generations_under_the_same_number_is_not_up_to_date(
    running: Running,
) -> None:
    key_id = running.add_partner("acme").kit.token_key.key_id
    attestation = HostAttestation(
        "screening-host/2", "other", int(time.time()), 9, 1, {key_id: "x"}
    )
    running.redis.set(keys.host("other"), msgspec.json.encode(attestation))
    assert "in force on 0 of 1 API hosts" in running.publish(LIST).output


@slow_but_first(1, ("moment", "code"), [("unheard", 0), ("garbled", 0), ("gone", 69), ("lost", 69)])
def test_a_flip_whose_answer_is_lost_is_told_as_what_it_is(
    running: Running, valkey: Valkey, tmp_path: Path, moment: Moment, code: int
) -> None:
    partner = running.add_partner("acme")
    path = str(running.write_list(LIST))
    running.run("publish", path)
    with contextlib.closing(KillingProxy(tmp_path, valkey.socket)) as proxy:
        path = str(running.write_list(LONGER))
        running.run("publish", path, SCREENING_REDIS_URL=proxy.url)
        running.publish(LIST, "--allow-shrink")
        proxy.arm(proxy.find_flip(), moment)
        path = str(running.write_list(LONGER))
        done = running.run("publish", path, expect=code, SCREENING_REDIS_URL=proxy.url)
    assert ("it is not known whether release" in done.output) == (code == 69)
    assert running.listed(partner, PHONE, EMAIL) == [True, moment != "lost"]
    running.publish(LIST, "--allow-shrink")
    assert running.listed(partner, PHONE, EMAIL) == [True, False]


@pytest.mark.slow
def test_a_rollback_whose_answer_is_lost_is_not_to_be_done_again(
    running: Running, valkey: Valkey, tmp_path: Path
) -> None:
    partner = running.add_partner("acme")
    for rows in (LIST, LONGER, [*LONGER, ("phone", "+12025550199", "buyer")]):
        running.publish(rows)
    with contextlib.closing(KillingProxy(tmp_path, valkey.socket)) as proxy:
        running.run("compact", SCREENING_REDIS_URL=proxy.url)
        proxy.arm(proxy.find_flip(), "gone")
        done = running.run("rollback", expect=69, SCREENING_REDIS_URL=proxy.url)
        away = running.run("status", expect=69, SCREENING_REDIS_URL=proxy.url).output
    for said in (done.output, away):
        assert "do not do it again before" in said
        assert "so do it again" not in said
    assert running.listed(partner, PHONE, EMAIL) == [True, True]
    assert "not known" not in running.run("status").output


def test_a_flip_that_redis_refuses_is_told_as_refused(running: Running, valkey: Valkey) -> None:
    partner = running.add_partner("acme")
    running.publish(LIST)
    running.redis.acl_setuser(
        "indexer", enabled=True, nopass=True, keys=["*"], categories=["+@all"], commands=["-hset"]
    )
    url = f"unix://indexer:any@{valkey.socket}"
    path = str(running.write_list(LONGER))
    done = running.run("publish", path, expect=69, SCREENING_REDIS_URL=url)
    assert "does not permit" in done.output
    assert "not known" not in done.output
    assert running.listed(partner, PHONE, EMAIL) == [True, False]
    assert "default: 1 expires" in running.run("due", "--within", "800").output


@slow_but_first(0, "arguments", [["publish", "{list}"], ["rollback"]])
def test_a_command_that_nobody_hears_has_done_what_it_did(
    running: Running, arguments: list[str]
) -> None:
    partner = running.add_partner("acme")
    running.publish(LONGER)
    running.publish(LIST, "--allow-shrink")
    path = str(running.write_list(LONGER))
    command = [str(BIN / "indexer"), *(one.format(list=path) for one in arguments)]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command,
            env=buffered(**running.settings),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, b"")
    assert running.listed(partner, PHONE, EMAIL) == [True, True]


@pytest.mark.slow
def test_where_only_stderr_takes_nothing_a_list_is_published_all_the_same(running: Running) -> None:
    partner = running.add_partner("acme")
    path = str(running.write_list([*LIST, ("email", "nobody", "buyer")]))
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [str(BIN / "indexer"), "publish", path],
            env=buffered(**running.settings),
            stdout=subprocess.DEVNULL,
            stderr=full,
            check=False,
        )
    assert done.returncode == 3
    assert running.listed(partner, PHONE) == [True]
