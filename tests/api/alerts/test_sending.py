"""Alerts are kept until a receiver has taken them; each is one event, however often it is sent."""

import threading
from pathlib import Path
from typing import Any

import pytest

from screening.api.alerts import outbox as outbox_module
from screening.api.alerts.alert import alert_of_canary
from screening.api.alerts.raising import Alerts
from tests.api.alerts.telling import Told
from tests.harness.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Any:
    with receiving() as one:
        yield one


@pytest.fixture
def told(tmp_path: Path, receiver: Receiver) -> Told:
    return Told(tmp_path, receiver.url)


def test_what_is_raised_arrives_signed_and_is_waiting_no_more(
    told: Told, receiver: Receiver
) -> None:
    told.canary("a" * 26)
    told.alerts.raised("log_forked", "witness")
    told.alerts.raised("store_unavailable", "store")  # metrics and log are enough for that
    told.beat()
    assert sorted(event["type"] for event in receiver.events.values()) == [
        "canary.matched",
        "log.forked",
    ]
    (canary,) = receiver.of("canary.matched")
    assert canary["data"] == {"host": "one", "partner": "acme", "receipt": "a" * 26}
    assert canary["timestamp"] == "2027-01-15T08:00:00Z"
    assert (told.outbox.waiting(), receiver.unverified) == ([], 0)
    assert told.value("screening_alerts_sent_total") == 2


def test_a_receiver_that_refuses_is_asked_ever_more_rarely_and_loses_nothing(
    told: Told, receiver: Receiver
) -> None:
    receiver.status = 500
    told.canary("a" * 26)
    for _ in range(10):
        told.beat()
    assert len(receiver.attempts) == 1  # not before a pause is over
    for _ in range(20):
        told.beat(after_s=300)
    assert len(receiver.attempts) == 21  # never given up
    assert told.value("screening_alerts_waiting") == 1
    assert (told.value("screening_alarms_total", what="webhook_failing") or 0) >= 21
    receiver.status = 204
    told.beat(after_s=300)
    assert len(set(receiver.attempts)) == len(receiver.events) == 1  # one id for all attempts
    assert told.value("screening_alerts_waiting") == 0


def test_one_message_that_is_refused_holds_no_other_up(told: Told, receiver: Receiver) -> None:
    receiver.status = 400
    told.canary("a" * 26)
    told.beat()
    receiver.status = 204
    told.canary("b" * 26)
    told.beat()
    assert [event["data"]["receipt"] for event in receiver.events.values()] == ["b" * 26]


def test_a_redirect_is_not_followed(told: Told, receiver: Receiver) -> None:
    receiver.status = 307
    told.canary("a" * 26)
    told.beat()
    assert len(receiver.attempts) == 1
    assert len(told.outbox.waiting()) == 1


def test_a_receiver_that_is_not_there_loses_nothing(tmp_path: Path, receiver: Receiver) -> None:
    told = Told(tmp_path, "http://127.0.0.1:9")  # discard: nobody listens
    told.canary("a" * 26)
    told.canary("b" * 26)
    told.beat()
    assert len(told.outbox.waiting()) == 2
    again = Told(tmp_path, receiver.url)  # as after a restart
    again.beat()
    assert len(receiver.of("canary.matched")) == 2


def test_what_goes_on_is_one_event_an_hour_whichever_process_raises_it(
    told: Told, receiver: Receiver
) -> None:
    sibling = Alerts(told.outbox, "one", told.clock)
    for _ in range(3):
        told.alerts.raised("partner_held", "acme")
        sibling.raised("partner_held", "acme")
        assert sibling.write_down()
        told.beat()
    assert len(receiver.attempts) == 1
    told.alerts.raised("partner_held", "zeta")
    told.clock.now += 3_600
    told.alerts.raised("partner_held", "acme")
    told.beat()
    assert sorted(event["data"]["name"] for event in receiver.events.values()) == [
        "acme",
        "acme",
        "zeta",
    ]


def test_an_outbox_is_bounded_and_keeps_what_came_first(
    told: Told, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "MOST_WAITING", 2)  # a bound, and no code
    for letter in "abc":
        told.canary(letter * 26)
    assert not told.alerts.write_down()
    told.sending.beat()
    receipts = {event["data"]["receipt"] for event in receiver.events.values()}
    assert receipts == {"a" * 26, "b" * 26}


def test_what_goes_on_and_waits_or_was_sent_is_not_told_to_be_dropped_by_a_full_outbox(
    told: Told, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "MOST_WAITING", 1)  # a bound, and no code
    told.alerts.raised("partner_held", "acme")
    told.beat()
    told.alerts.raised("partner_held", "bolt")
    assert told.alerts.write_down()
    for name in ("acme", "bolt"):  # the one was sent, the other waits
        told.alerts.raised("partner_held", name)
    assert told.alerts.write_down()
    for name in ("crow", "bolt"):
        told.alerts.raised("partner_held", name)
    assert not told.alerts.write_down()
    assert [event["data"]["name"] for event in receiver.events.values()] == ["acme"]


def test_what_the_disk_does_not_take_is_kept_in_its_place_until_it_does(
    told: Told, tmp_path: Path
) -> None:
    alert = alert_of_canary("one", told.clock(), {"partner": "acme", "receipt": "a" * 26})
    told.alerts.add(alert)
    told.canary("b" * 26)
    mark = tmp_path / "outbox" / f"{alert.id}.sent"
    mark.symlink_to("a" * 300)  # longer than a name may be: nobody can look at it
    assert not told.alerts.write_down()
    mark.unlink()
    assert told.alerts.write_down()
    assert len(told.outbox.waiting()) == 2


def test_files_of_the_outbox_are_readable_by_nobody_else(told: Told, tmp_path: Path) -> None:
    told.canary("a" * 26)
    assert told.alerts.write_down()
    (path,) = (tmp_path / "outbox").iterdir()
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_without_an_outbox_nothing_is_kept(tmp_path: Path) -> None:
    alerts = Alerts(None, "one")
    alerts.raised("log_forked", "witness")
    assert (alerts.has_news, alerts.write_down(), list(tmp_path.iterdir())) == (False, True, [])


def test_what_memory_holds_no_more_is_told_to_be_dropped_once(told: Told) -> None:
    for number in range(1_003):
        told.canary(f"{number:026}")
    assert not told.alerts.write_down()
    assert told.alerts.write_down()
    assert len(told.outbox.waiting()) == 1_000


def test_a_system_without_another_thread_is_no_answer_and_tried_again(
    told: Told, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> None:
        raise RuntimeError("can't start new thread")

    told.canary("a" * 26)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Timer, "start", refuse)
        told.beat()
    assert receiver.events == {}
    told.beat(after_s=300)
    assert len(receiver.events) == 1
