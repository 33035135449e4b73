"""The drill: everything is renewed once, while partners ask without a pause."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import plain_http
from tests.harness.asking import PATIENT_WITH_REDIS, Asking
from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.processes import eventually
from tests.harness.template import Template
from tests.harness.valkey import Valkey

LISTED = ("phone", "+12025550100")
SPELLED = ("email", "jane.doe@mailbox.example")
OTHERWISE = ("email", "janedoe+travel@mailbox.example")
UNLISTED = ("email", "guest@hotel.example")
NO_STRETCH = ("--stretch", "none", "--allow-unstretched")


@pytest.fixture
def deployed(tmp_path: Path, valkey: Valkey) -> Iterator[Deployed]:
    """A deployment whose commands know a second normaliser version."""
    commands = tmp_path / "commands"
    commands.mkdir()
    template = Template(commands, with_module="tests.harness.second_normaliser")
    deployment = Deployed(tmp_path, redis_url=valkey.url, template=template)
    deployment.indexer("init")
    yield deployment
    deployment.close()
    template.close()


class Drill:
    """An API host with a secrets folder of its own, and an operator at work beside it."""

    def __init__(self, deployed: Deployed) -> None:
        self.deployed = deployed
        self.host_secrets = deployed.folder / "host-secrets"
        deployed.publish([(*LISTED, "buyer"), (*SPELLED, "buyer")])
        self.old = deployed.add_partner("acme", *NO_STRETCH)
        self.other = deployed.add_partner("beta", *NO_STRETCH)
        shutil.copytree(deployed.secrets, self.host_secrets)
        self.api: Api = deployed.serve(
            workers=2,
            SCREENING_SECRETS=str(self.host_secrets),
            SCREENING_POLL_MS="50",
            **PATIENT_WITH_REDIS,
        )
        deployed.wait_ready(self.api)

    def run(self, *arguments: str, expect: int = 0) -> str:
        ended = self.deployed.forked(*arguments)
        assert ended.code == expect, ended.output
        return ended.output

    def rotate(self, name: str) -> Partner:
        path = self.deployed.folder / f"{name}-new.kit.json"
        self.run(
            *("partner", "rotate", name, "--kit", str(path), "--api-url", self.api.url),
            *("--overlap-days", "0"),
        )
        return Partner(path)

    def has_rotated_pepper(self) -> bool:
        return self.deployed.forked("rotate", "pepper", "--overlap-days", "0").code == 0

    def status(self, partner: Partner) -> int:
        body = partner.body(LISTED, UNLISTED)
        url = f"{self.api.url}/v1/check"
        return plain_http.post(url, json=body, headers=partner.headers, timeout=10).status_code

    def asking(self, *partners: Partner) -> Asking:
        return Asking(self.api, partners, LISTED, UNLISTED, SPELLED, OTHERWISE, pause_s=0.005)


@pytest.mark.usefixtures("second_normaliser")
def test_keys_salt_normaliser_and_pepper_are_renewed_with_no_wrong_answer_and_no_refusal(
    deployed: Deployed,
) -> None:
    drill = Drill(deployed)
    with drill.asking(drill.old, drill.other) as whole:
        # A salt and a normaliser version, and a token key with them.
        drill.run("rotate", "salt")
        assert "read by normaliser 2" in drill.run("rotate", "normaliser")
        with drill.asking(drill.old) as old:
            new = drill.rotate("acme")
            assert drill.status(new) == 200
        with drill.asking(new) as renewed:
            # A pepper, which the host must be given first.
            drill.run("rotate", "pepper")
            assert "lack the next pepper" in drill.run("rotate", "pepper", expect=2)
            shutil.copy(deployed.secrets / "pepper-next.key", drill.host_secrets)
            eventually(drill.has_rotated_pepper, what="a host that says that it has the pepper")
            said = drill.run("publish", "--changes", _addition(deployed))
            assert "in force on 1 API host" in said
            assert _is_shown(drill, new)
    for asking in (whole, old, renewed):
        assert asking.broken == 0
    before, after = [("match", "no_match", "match", last) for last in ("no_match", "match")]
    assert (old.results, renewed.results) == ({before}, {after})
    assert old.statuses == renewed.statuses == {200}
    assert whole.results == {before}
    assert whole.statuses == {200}, whole.unknown
    # The overlap is over: only what is new is left, and it answers.
    retired = drill.run("compact")
    assert "old keys retired: acme" in retired
    assert "no kit of the normaliser" not in retired  # beta has one
    assert "in place of the pepper.key there" in retired
    assert "have another pepper.key" in drill.run("rotate", "pepper", expect=2)
    shutil.copy(deployed.secrets / "pepper.key", drill.host_secrets)
    (drill.host_secrets / "pepper-next.key").unlink()
    eventually(lambda: drill.status(drill.old) == 401, what="a refusal of the old kit")
    assert drill.status(new) == drill.status(drill.other) == 200
    eventually(drill.has_rotated_pepper, what="a host that says that its pepper.key is the new one")


def _addition(deployed: Deployed) -> str:
    path = deployed.folder / "more.csv"
    path.write_text("kind,value,role\nphone,+12025550101,buyer\n")
    return str(path)


def _is_shown(drill: Drill, partner: Partner) -> bool:
    body = partner.body(("phone", "+12025550101"))
    answer = plain_http.post(
        f"{drill.api.url}/v1/check", json=body, headers=partner.headers, timeout=10
    )
    return bool(answer.json()["result"] == "match")
