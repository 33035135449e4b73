"""Alerts of a host that is killed in the midst of sending, or whose disk is full, arrive."""

import os
import signal

import pytest

from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.metrics import metric
from tests.harness.processes import children_named, eventually
from tests.harness.receiver import SECRET, Receiver
from tests.harness.small_disk import SmallDisk, can_mount
from tests.journeys.searching import CANARIES, LISTED, canaries_told, serve


def require_silence(api: Api, acme: Partner, receiver: Receiver) -> None:
    """Neither what alerts are signed with, nor where they go, nor who was asked about is logged."""
    logged = api.process.logged()
    tokens = [acme.token(*one) for one in CANARIES]
    secrets = [SECRET, SECRET[6:], receiver.url, acme.kit.api_key]
    told = [*secrets, *(one.hex() for one in tokens), *(value for _, value in CANARIES)]
    assert not [one for one in told if one in logged]


def test_a_sender_that_is_killed_once_it_has_sent_sends_again_under_the_same_id(
    deployed: Deployed, acme: Partner, receiver: Receiver
) -> None:
    api = serve(deployed, receiver)
    killed: list[int] = []

    def kill_once() -> None:
        if not killed:
            killed.extend(children_named(api.process.pid, "gen-alerts"))
            os.kill(killed[0], signal.SIGKILL)

    receiver.done_first = kill_once
    receipt = acme.ask(api, CANARIES[0]).json()["receipt"]
    eventually(lambda: len(receiver.attempts) == 2, what="a second attempt")
    assert len(set(receiver.attempts)) == 1
    assert [told["receipt"] for told in canaries_told(receiver)] == [receipt]
    outbox = deployed.home / "outbox"
    eventually(lambda: not list(outbox.glob("*.json")), what="an empty outbox")
    (sender,) = children_named(api.process.pid, "gen-alerts")
    assert [sender] != killed
    require_silence(api, acme, receiver)


@pytest.mark.slow
def test_a_receiver_that_never_answers_delays_no_answer_and_no_end(
    deployed: Deployed, acme: Partner, receiver: Receiver
) -> None:
    api = serve(deployed, receiver)
    others: list[object] = []

    def ask_meanwhile() -> None:  # the sender waits for this receiver while others are answered
        receiver.done_first = lambda: None
        others.extend(acme.ask(api, LISTED[0]).json()["result"] for _ in range(20))
        api.process.stop()

    receiver.done_first = ask_meanwhile
    assert acme.results(api, CANARIES[0]) == ["match"]
    assert eventually(lambda: api.process.popen.poll() is not None, what="an end of the server")
    assert others == ["match"] * 20
    require_silence(api, acme, receiver)


@pytest.mark.skipif(not can_mount(), reason="this machine permits no mount namespace")
@pytest.mark.slow
def test_while_the_disk_of_the_outbox_is_full_all_is_answered_and_later_all_is_told(
    deployed: Deployed, acme: Partner, receiver: Receiver
) -> None:
    deployed.home.mkdir(mode=0o700)
    disk = SmallDisk(deployed.home / "outbox", 64)
    try:
        api = serve(deployed, receiver, within=disk.within)
        (disk.seen / "ballast").write_bytes(bytes(8_192))  # an empty tmpfs is never full
        disk.fill()
        receipts = {acme.ask(api, one).json()["receipt"] for one in CANARIES}
        assert len(receipts) == len(CANARIES)
        eventually(
            lambda: metric(api, "screening_alarms_total", what="alerts_dropped") >= 1,
            what="an alarm of the disk",
        )
        assert canaries_told(receiver) == []
        assert acme.results(api, LISTED[0]) == ["match"]
        disk.free()
        eventually(lambda: len(canaries_told(receiver)) == len(CANARIES), what="all alerts")
        assert {told["receipt"] for told in canaries_told(receiver)} == receipts
        require_silence(api, acme, receiver)
        api.stop()
    finally:
        disk.close()
