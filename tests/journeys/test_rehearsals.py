"""Whatever becomes of lists, keys and peppers, test selectors are answered as before."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.processes import eventually
from tests.harness.rehearsing import AT_ONCE, SELECTORS, outcome_of

REAL = ("phone", "+12025550142")
ALSO = ("email", "listed@list.example")
PASSPHRASE = "a passphrase of the drill\n"
OPTIONS = ("--test", "--stretch", "none")


class Drill:
    """A test partner, a live one, and an operator at work."""

    def __init__(self, deployed: Deployed) -> None:
        self.deployed = deployed
        deployed.publish([(*REAL, "buyer")])
        self.probe = deployed.add_partner("probe", *OPTIONS)
        self.live = deployed.add_partner("acme", "--stretch", "none", "--allow-unstretched")
        host_secrets = deployed.folder / "host-secrets"
        shutil.copytree(deployed.secrets, host_secrets)
        self.host_secrets = host_secrets
        self.api: Api = deployed.serve(SCREENING_SECRETS=str(host_secrets), SCREENING_POLL_MS="50")
        self.await_release()

    def run(self, *arguments: str) -> None:
        self.deployed.indexer(*arguments)
        self.await_release()
        self.require(self.probe)

    def await_release(self) -> None:
        eventually(
            lambda: "up to date" in self.deployed.indexer("status").stdout,
            what="the release in the API",
        )

    def require(self, probe: Partner) -> None:
        """Every outcome is told as before, and nothing of the real list is."""
        for outcome in AT_ONCE:
            for selector in SELECTORS[outcome]:
                assert outcome_of(probe.ask(self.api, selector)) == outcome
        assert probe.results(self.api, REAL, ALSO) == ["no_match", "no_match"]
        unheard_of = self.live.results(self.api, *(SELECTORS[one][0] for one in SELECTORS))
        assert set(unheard_of) == {"no_match"}
        assert self.live.results(self.api, REAL) == ["match"]


@pytest.fixture
def drill(deployed: Deployed) -> Drill:
    return Drill(deployed)


def test_changes_of_the_list_and_a_rollback_leave_them(drill: Drill) -> None:
    drill.require(drill.probe)
    drill.deployed.publish([(*REAL, "buyer"), (*ALSO, "buyer")])
    drill.run("add", "phone:+12025550143", "--role", "buyer")
    drill.run("retract", "phone:+12025550143", "--reason", "given to somebody else")
    drill.run("rollback")
    drill.run("compact")
    drill.run("compact", "--all")


@pytest.mark.slow
def test_a_home_that_is_lost_and_restored_tells_them_the_same(drill: Drill) -> None:
    backup = str(drill.deployed.folder / "home.sealed")
    options = (backup, "--passphrase-file", "-")
    drill.deployed.run("indexer", "backup", *options, stdin=PASSPHRASE)
    for folder in (drill.deployed.indexer_home, drill.deployed.secrets):
        shutil.rmtree(folder)
    drill.deployed.run("indexer", "restore", *options, stdin=PASSPHRASE)
    drill.run("compact", "--all")


@pytest.mark.slow
def test_an_index_of_before_there_were_outcomes_is_built_anew(drill: Drill) -> None:
    def generation() -> str:
        return str(drill.probe.ask(drill.api, REAL).json()["list"]["generation"])

    first = generation()
    drill.run("compact")
    assert generation() == first
    with closing(sqlite3.connect(drill.deployed.indexer_home / "list.sqlite")) as list_file:
        list_file.execute("UPDATE generations SET count = 3 WHERE generation = ?", (first,))
        list_file.commit()
    drill.run("compact")
    assert generation() != first


@pytest.mark.slow
def test_new_keys_and_a_new_pepper_are_told_the_same(drill: Drill) -> None:
    path = drill.deployed.folder / "new.kit.json"
    drill.run("partner", "rotate", "probe", "--kit", str(path), "--api-url", drill.api.url)
    drill.require(Partner(path))
    drill.run("rotate", "pepper")
    shutil.copy(drill.deployed.secrets / "pepper-next.key", drill.host_secrets)
    eventually(
        lambda: drill.deployed.indexer("rotate", "pepper", expect=None).returncode == 0,
        what="a host that says that it has the pepper",
    )
    drill.await_release()
    drill.require(Partner(path))
