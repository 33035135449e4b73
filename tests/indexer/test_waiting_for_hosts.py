"""A command that waits for API hosts keeps no other one away, and says what is so in the end."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import msgspec

from indexer.in_force import find_current
from indexer.keyring import Keyring
from indexer.list.file import ListFile
from indexer.sealing import Sealer
from indexer.waiting import wait_for_hosts
from screening.generations.attestation import HostAttestation
from screening.store import keys
from tests.harness.deployment import BIN
from tests.harness.processes import eventually
from tests.indexer.attesting import LIST, attest
from tests.indexer.running import Running


@contextmanager
def waiting_publish(running: Running) -> Iterator[subprocess.Popen[str]]:
    """A publish that waits for a host, which has loaded nothing, for as long as it takes."""
    attest(running, "web", seconds_ago=0, release=0)
    with subprocess.Popen(
        [str(BIN / "indexer"), "publish", str(running.write_list(LIST))],
        env={**os.environ, **running.settings, "INDEXER_ATTEST_WAIT_S": "600"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            eventually(lambda: running.ledger()[-1]["command"] == "published", what="a release")
            yield process
        finally:
            process.kill()


def add_beside(running: Running, waiting: subprocess.Popen[str], email: str) -> None:
    """Add to the list as soon as the other command lets another to work, and before its end."""

    def is_added() -> bool:
        ended = running.run("add", f"email:{email}", "--role", "buyer", expect=None)
        assert ended.code == 0 or "another indexer command is at work" in ended.output, ended.output
        return ended.code == 0

    eventually(is_added, what="a second command beside the one that waits")
    assert waiting.poll() is None


def attestation(running: Running) -> HostAttestation:
    """Return what a host says that has loaded just what is in force now."""
    heads = running.heads()
    versions = {key_id: head.version for key_id, head in heads.items()}
    release = max(head.release for head in heads.values())
    return HostAttestation("screening-host/2", "web", int(time.time()), release, 1, versions)


@contextmanager
def opened_list(running: Running) -> Iterator[ListFile]:
    sealer = Sealer(Keyring(running.home).sealing_key)
    path = running.home / "list.sqlite"
    with closing(ListFile(path, sealer, time.time, read_only=True)) as list_file:
        yield list_file


def said_by(waiting: subprocess.Popen[str]) -> str:
    said, _ = waiting.communicate(timeout=60)
    assert "Traceback" not in said
    return said


def test_another_command_runs_meanwhile_and_may_undo_what_this_one_has_done(
    running: Running,
) -> None:
    running.add_partner("acme")
    with waiting_publish(running) as publishing:
        add_beside(running, publishing, "second@list.example")
        loaded = attestation(running)
        add_beside(running, publishing, "third@list.example")
        # A host that is between the two has what was published, and more.
        running.redis.set(keys.host("web"), msgspec.json.encode(loaded))
        said = said_by(publishing)
    assert publishing.returncode == 0
    assert "in force on" not in said
    last = "release 4 (add) came after this, and may have undone it; see: indexer status"
    assert said.splitlines()[-1] == last


def test_a_host_that_is_at_no_release_of_ours_is_never_counted(running: Running) -> None:
    key_id = running.add_partner("acme").kit.token_key.key_id
    running.publish(LIST)
    with opened_list(running) as list_file:
        published = find_current(list_file)
        running.run("add", "email:second@list.example", "--role", "buyer")
        loaded = attestation(running)
        for host, versions in (("web", loaded.versions), ("other", {key_id: "x"})):
            said = msgspec.structs.replace(loaded, host=host, versions=versions)
            running.redis.set(keys.host(host), msgspec.json.encode(said))
        found = wait_for_hosts(running.redis, list_file, published, 0)
        assert (found.hosts, found.attesting) == (1, 2)


def test_who_interrupts_the_waiting_is_told_that_it_may_be_in_force(running: Running) -> None:
    running.add_partner("acme")
    with waiting_publish(running) as publishing:
        add_beside(running, publishing, "second@list.example")
        publishing.send_signal(signal.SIGTERM)
        said = said_by(publishing)
    assert publishing.returncode == 130
    assert "what this command has changed is in force, or may be" in said.splitlines()[-1]
