"""Notices are sent to partners who have a receiver: each until it is taken, and to no other."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.harness.deployment import Api, Deployed, Partner, deployed_beside_valkey
from tests.harness.metrics import metric
from tests.harness.processes import children_named, eventually
from tests.harness.receiver import SECRET, Receiver, receiving
from tests.harness.template import Template

LISTED: Final = ("phone", "+12025550142")
RECEIPT: Final = "a2b3c4d5e6f7a2b3c4d5e6f7gh"
Row = str


@pytest.fixture
def deployed(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[Deployed]:
    with deployed_beside_valkey(tmp_path_factory, template, LISTED) as (running, _):
        yield running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture
def other() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture
def folder(deployed: Deployed) -> Path:
    folder = deployed.folder / "hooks"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def acme(deployed: Deployed) -> Partner:
    return deployed.add_partner("acme", "--stretch", "none", "--test")


@pytest.fixture
def serve(deployed: Deployed, folder: Path, acme: Partner) -> Callable[[], Api]:
    def start() -> Api:
        api = deployed.serve(SCREENING_PARTNER_WEBHOOKS=str(folder))
        deployed.wait_ready(api)
        return api

    return start


def put(folder: Path, partner: str, content: str) -> None:
    path = folder / partner
    path.touch(mode=0o600)
    path.write_text(content)


def hook_of(receiver: Receiver) -> str:
    return f"{receiver.url}\n{SECRET}\n"


def order(deployed: Deployed, partner: str, *rows: Row) -> None:
    deployed.indexer(
        "notice",
        *(f"{RECEIPT}.{row}" for row in rows),
        "--partner",
        partner,
        "--receipts-are-theirs",
    )


def told(receiver: Receiver) -> list[dict[str, Any]]:
    events = [event["data"] for event in receiver.of("match.retracted")]
    return sorted(events, key=lambda data: int(data["number"]))


def rows(receiver: Receiver) -> list[Row]:
    return [data["receipt"].removeprefix(f"{RECEIPT}.") for data in told(receiver)]


def test_each_partner_is_sent_its_own_once_signed_and_also_behind_a_restart(
    deployed: Deployed,
    serve: Callable[[], Api],
    folder: Path,
    receiver: Receiver,
    other: Receiver,
) -> None:
    deployed.add_partner("beta", "--stretch", "none", "--test")
    put(folder, "acme", hook_of(receiver))
    order(deployed, "acme", "0", "1")
    order(deployed, "beta", "2")
    api = serve()
    eventually(lambda: len(told(receiver)) == 2, what="what was ordered before")
    assert told(receiver)[0].keys() == {"number", "receipt", "notice"}
    assert {data["notice"] for data in told(receiver)} == {"retracted"}
    put(folder, "beta", hook_of(other))  # while it serves
    eventually(lambda: rows(other) == ["2"], what="the notice of a receiver that came later")
    api.stop()
    api = serve()
    order(deployed, "acme", "3")
    eventually(lambda: len(told(receiver)) == 3, what="the new one")
    assert rows(receiver) == ["0", "1", "3"]
    assert len(receiver.attempts) == 3, "none was sent again"
    assert rows(other) == ["2"]
    assert (receiver.unverified, other.unverified) == (0, 0)
    sent = eventually(
        lambda: metric(api, "screening_notices_sent_total", partner="acme"), what="the count"
    )
    assert sent == 1  # since the start


@pytest.mark.slow
def test_a_receiver_that_takes_nothing_loses_nothing_and_holds_no_other_up(
    deployed: Deployed,
    serve: Callable[[], Api],
    folder: Path,
    receiver: Receiver,
    other: Receiver,
) -> None:
    deployed.add_partner("beta", "--stretch", "none", "--test")
    receiver.status = 500
    put(folder, "acme", hook_of(receiver))
    put(folder, "beta", hook_of(other))
    api = serve()
    put(folder, "able", "no address\n")  # before the others in their order
    order(deployed, "acme", "0")
    order(deployed, "beta", "1")
    eventually(lambda: receiver.attempts, what="an attempt")
    eventually(lambda: rows(other) == ["1"], what="the notice of the other")
    eventually(
        lambda: metric(api, "screening_alarms_total", what="partner_webhook_failing"),
        what="an alarm",
    )
    assert metric(api, "screening_notices_waiting", partner="acme") == 1
    receiver.status = 204
    eventually(lambda: rows(receiver) == ["0"], what="the notice", within_s=60)
    assert len(set(receiver.attempts)) == 1, "under one id"
    assert api.process.popen.poll() is None


@pytest.mark.slow
def test_where_the_secrets_are_away_for_a_moment_the_process_waits_for_them_and_says_why(
    deployed: Deployed, serve: Callable[[], Api], folder: Path, receiver: Receiver
) -> None:
    api = serve()
    away = deployed.secrets.rename(deployed.secrets.with_name("away"))
    (pid,) = children_named(api.process.pid, "gen-notices")
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: "no notice is sent" in api.process.logged(), what="the reason")
    (begun,) = eventually(lambda: children_named(api.process.pid, "gen-notices"), what="another")
    assert "Traceback" not in api.process.logged()
    away.rename(deployed.secrets)
    put(folder, "acme", hook_of(receiver))
    order(deployed, "acme", "0")
    eventually(lambda: rows(receiver) == ["0"], what="the notice")
    assert children_named(api.process.pid, "gen-notices") == [begun]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "must begin with an address"),
        ("https://hooks.example/in\n", "one secret a line"),
        (f"https://a:b@hooks.example/in\n{SECRET}\n", "must begin with an address"),
        ("https://hooks.example/in\nwhsec_c2hvcnQ=\n", "24 to 64 random bytes"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_before_the_port_is_bound(
    deployed: Deployed, acme: Partner, folder: Path, content: str, why: str
) -> None:
    put(folder, "acme", content)
    deployed.environment["SCREENING_PARTNER_WEBHOOKS"] = str(folder)
    said = deployed.run("screening", "serve", "--port", "0", expect=2)
    assert why in said.stderr
    assert "hooks.example/in\nwhsec" not in said.stderr
    assert "c2hvcnQ" not in said.stderr
    assert len(said.stderr.splitlines()) == 1


def test_a_folder_that_others_can_enter_or_that_is_not_there_is_refused(
    deployed: Deployed, acme: Partner, folder: Path
) -> None:
    deployed.environment["SCREENING_PARTNER_WEBHOOKS"] = str(folder)
    folder.chmod(0o755)
    assert "chmod 700" in deployed.run("screening", "serve", "--port", "0", expect=2).stderr
    folder.rmdir()
    said = deployed.run("screening", "serve", "--port", "0", expect=2)
    assert "SCREENING_PARTNER_WEBHOOKS" in said.stderr
