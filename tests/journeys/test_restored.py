"""The drill: the indexer's home is lost and restored from its backup while the API serves."""

import shutil
from typing import Final

import pytest

from screening.generations.manifest import open_head
from screening.registry.record import open_record
from screening.store import keys
from screening.store.signed import Verifier
from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.metrics import metric
from tests.harness.processes import eventually
from tests.harness.slow import slow_but_first
from tests.harness.valkey import Valkey

NO_STRETCH: Final = ("--stretch", "none", "--allow-unstretched")
PASSPHRASE: Final = "a passphrase of the drill\n"
KEPT: Final = ("phone", "+12025550100")
RETRACTED: Final = ("email", "reassigned@listed.example")
LATER: Final = ("card", "4111111111111111")
ANEW: Final = ("phone", "+12025550101")
ALL: Final = (KEPT, RETRACTED, LATER, ANEW)


class Drill:
    """A deployment whose backup is older than what is in force, and which has lost its home."""

    def __init__(self, deployed: Deployed, valkey: Valkey) -> None:
        self.deployed = deployed
        self.valkey = valkey
        self.verifier = Verifier((deployed.secrets / "verifying.key").read_bytes())
        deployed.publish([(*KEPT, "trafficker"), (*RETRACTED, "buyer")])
        self.acme = deployed.add_partner("acme", *NO_STRETCH)
        self.api = deployed.serve(workers=2, SCREENING_POLL_MS="50")
        self.wait_for(self.acme, KEPT, RETRACTED)
        self.run("backup")
        self.late = deployed.add_partner("late", *NO_STRETCH)
        deployed.publish([(*KEPT, "trafficker"), (*RETRACTED, "buyer"), (*LATER, "buyer")])
        deployed.indexer("retract", f"email:{RETRACTED[1]}", "--reason", "given to somebody else")
        for partner in (self.acme, self.late):
            self.wait_for(partner, KEPT, LATER)
        self.highest = max(self.sequences())
        self.revision = self.told_revision()
        for folder in (deployed.indexer_home, deployed.secrets):
            shutil.rmtree(folder)

    def run(self, command: str, *options: str) -> str:
        """Run `backup` or `restore` with the passphrase from stdin."""
        arguments = [str(self.deployed.folder / "home.sealed"), "--passphrase-file", "-", *options]
        return self.deployed.run("indexer", command, *arguments, stdin=PASSPHRASE).stdout

    def wait_for(self, partner: Partner, *listed: tuple[str, str], api: Api | None = None) -> None:
        expected = ["match" if one in listed else "no_match" for one in ALL]
        eventually(
            lambda: self.results(partner, api or self.api) == expected, what=f"a match of {listed}"
        )

    def results(self, partner: Partner, api: Api) -> list[str]:
        answer = partner.ask(api, *ALL)
        return list(answer.json()["results"]) if answer.status_code == 200 else []

    def told_revision(self) -> int:
        return int(self.acme.ask(self.api, KEPT).json()["list"]["seq"])

    def sequences(self) -> set[int]:
        with self.valkey.client() as redis:
            heads, records = redis.hgetall(keys.HEADS), redis.hgetall(keys.PARTNERS)
        found = {
            open_head(doc, name.decode(), self.verifier).sequence for name, doc in heads.items()
        }
        return found | {
            open_record(doc, name.decode(), self.verifier).sequence for name, doc in records.items()
        }


@pytest.fixture
def drill(deployed: Deployed, valkey: Valkey) -> Drill:
    return Drill(deployed, valkey)


@slow_but_first(1, "store", ["as it was", "flushed"])
def test_a_restored_indexer_publishes_on_and_its_sequence_never_goes_back(
    drill: Drill, store: str
) -> None:
    deployed, acme, api = drill.deployed, drill.acme, drill.api
    if store == "flushed":
        with drill.valkey.client() as redis:
            redis.flushall()
    said = drill.run("restore")
    assert "holds      release 2, list 1: 2 selectors" in said
    assert ("unknown    to the backup: late" in said) == (store == "as it was")
    assert ("API hosts say that they answer for late-2" in said) == (store == "flushed")
    assert f"has release {drill.highest} in force" in said or store == "flushed"
    # Nothing is in force of it yet: what was retracted since stays so.
    assert drill.results(acme, api) == ["match", "no_match", "match", "no_match"]

    # What was lost is done again, the retraction first.
    deployed.indexer("retract", f"email:{RETRACTED[1]}", "--reason", "once more")
    drill.wait_for(acme, KEPT)
    (sequence,) = drill.sequences()
    assert sequence > drill.highest
    assert drill.told_revision() > drill.revision
    if store == "as it was":
        assert drill.late.ask(api, KEPT).status_code == 401
    (deployed.folder / "late.kit.json").unlink()
    late = deployed.add_partner("late", *NO_STRETCH)
    assert drill.late.ask(api, KEPT).status_code == 401

    done = deployed.publish([(*KEPT, "trafficker"), (*ANEW, "buyer")])
    assert "in force on 1 API host" in done.stdout
    for partner in (acme, late):
        assert drill.results(partner, api) == ["match", "no_match", "no_match", "match"]
    assert min(drill.sequences()) > sequence
    for what in ("head_rolled_back", "partner_rolled_back", "generation_untrusted"):
        assert metric(api, "screening_alarms_total", what=what) == 0

    # A host that starts with the restored share of the keyring answers like one that never ended.
    api.stop()
    again = deployed.serve(SCREENING_POLL_MS="50")
    for partner in (acme, late):
        drill.wait_for(partner, KEPT, ANEW, api=again)


@pytest.mark.slow
def test_a_second_restore_of_the_same_backup_goes_on_behind_the_first(drill: Drill) -> None:
    highest = drill.highest
    for listed in (ANEW, LATER):
        for folder in (drill.deployed.indexer_home, drill.deployed.secrets):
            shutil.rmtree(folder, ignore_errors=True)
        with drill.valkey.client() as redis:
            redis.flushall()
        drill.run("restore")
        drill.deployed.publish([(*KEPT, "trafficker"), (*listed, "buyer")])
        drill.wait_for(drill.acme, KEPT, listed)
        assert min(drill.sequences()) > highest
        highest = max(drill.sequences())


@pytest.mark.slow
def test_a_host_forgets_a_partner_that_nobody_knows_any_more_with_its_cache(drill: Drill) -> None:
    with drill.valkey.client() as redis:
        redis.flushall()
    drill.run("restore")
    stderr = drill.deployed.indexer("compact").stderr
    assert "in force on 0 of 1 API hosts" in stderr  # it still answers for the partner
    drill.api.stop()
    shutil.rmtree(drill.deployed.home / "cache")
    again = drill.deployed.serve(SCREENING_POLL_MS="50")
    drill.wait_for(drill.acme, KEPT, RETRACTED, api=again)
    assert drill.late.ask(again, KEPT).status_code == 401
    assert "in force on 1 API host" in drill.deployed.indexer("compact").stdout
