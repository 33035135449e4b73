"""The whole way without any Redis of one's own: the embedded server comes, stays and goes."""

import os
import signal
from pathlib import Path

import pytest

from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.processes import command_line, eventually

LISTED = ("phone", "+12025550142")
NEXT = ("email", "next@listed.example")


def processes_of(deployed: Deployed) -> list[int]:
    """Return the pids of all processes that work in the store's directory."""
    store = (deployed.home / "store").resolve()
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            cwd = (path / "cwd").readlink()
        except OSError:  # it has ended
            continue
        if cwd == store or str(store) in command_line(int(path.name)):
            found.append(int(path.name))
    return found


@pytest.mark.slow
def test_publish_serve_and_ask_with_the_embedded_store_which_survives_being_killed(
    deployed_embedded: Deployed,
) -> None:
    deployed = deployed_embedded
    deployed.publish([(*LISTED, "trafficker")])
    assert processes_of(deployed) == []  # the command was its last user
    partner = deployed.add_partner("acme", "--stretch", "light")
    api = deployed.serve()
    eventually(lambda: told(partner, api) == ["match", "no_match"], what="the list")

    survived = processes_of(deployed)
    assert len(survived) >= 2  # guardian and server
    for pid in survived:
        os.kill(pid, signal.SIGKILL)
    assert told(partner, api) == ["match", "no_match"]
    deployed.publish([(*LISTED, "trafficker"), (*NEXT, "buyer")])
    eventually(lambda: told(partner, api) == ["match", "match"], what="the new release")
    assert not set(survived) & set(processes_of(deployed))

    server_alone = [pid for pid in processes_of(deployed) if "unixsocket" in command_line(pid)]
    assert len(server_alone) == 1
    os.kill(server_alone[0], signal.SIGKILL)
    deployed.publish([(*LISTED, "trafficker")], "--allow-shrink")
    eventually(lambda: told(partner, api) == ["match", "no_match"], what="the release after")
    assert "up to date" in deployed.indexer("status").stdout

    # The command returns when the host has loaded it: the kit can be used at once.
    late = deployed.add_partner("late", "--stretch", "light")
    assert late.results(api, LISTED, NEXT) == ["match", "no_match"]

    api.stop()
    eventually(lambda: processes_of(deployed) == [], what="the end of the store")
    assert "API host" in deployed.indexer("status").stdout
    assert processes_of(deployed) == []


@pytest.mark.slow
def test_the_embedded_store_ends_when_the_supervisor_is_killed(
    deployed_embedded: Deployed,
) -> None:
    deployed = deployed_embedded
    deployed.publish([(*LISTED, "trafficker")])
    partner = deployed.add_partner("acme", "--stretch", "light")
    api = deployed.serve()
    eventually(lambda: told(partner, api) == ["match", "no_match"], what="the list")
    os.kill(api.process.pid, signal.SIGKILL)
    eventually(lambda: processes_of(deployed) == [], what="the end of the store")

    again = deployed.serve()
    eventually(lambda: told(partner, again) == ["match", "no_match"], what="the same list")
    again.stop()
    eventually(lambda: processes_of(deployed) == [], what="the end of the store")


def told(partner: Partner, api: Api) -> list[str]:
    answer = partner.ask(api, LISTED, NEXT)
    return list(answer.json()["results"]) if answer.status_code == 200 else []
