"""Notices leave for each receiver by itself, and what is sent is told apart from what is not."""

import shutil
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest
from prometheus_client import CollectorRegistry

from screening.api.alerts.alert import moment_of
from screening.api.notice_box import NoticeBox
from screening.api.notices import LoadedNotices
from screening.api.notices_cache import NoticesCache
from screening.api.run_notices import Means, NoticeSendings
from screening.registry.notices import Notice, open_notices_head
from tests.api.noticed_host import signed_notices
from tests.api.sync_host import SIGNER
from tests.harness.odd_receiver import receiving_oddly
from tests.harness.processes import eventually
from tests.harness.receiver import SECRET, Receiver, receiving

WAITING: Final = "screening_notices_waiting"
OLDEST: Final = "screening_notices_oldest_seconds"
ALARMS: Final = "screening_alarms_total"


class Sender:
    """What a host sends with, to whom it has a file of."""

    def __init__(self, folder: Path) -> None:
        self.home, self.hooks = folder / "home", folder / "hooks"
        for one in (self.home, self.hooks):
            one.mkdir(mode=0o700)
        self.registry = CollectorRegistry()
        means = Means.new(self.registry)
        self.cache = NoticesCache(self.home)
        notices = LoadedNotices(self.cache, SIGNER.verifier(), means.alarms)
        self.sendings = NoticeSendings(self.home, self.hooks, notices, means)

    def tell(self, **numbers: Sequence[int]) -> None:
        """Lay down what each partner is to hear, as sync does."""
        heads = {}
        for partner, some in numbers.items():
            signed = signed_notices(1, *some, partner=partner)
            heads[partner] = signed.head
            if some:
                head = open_notices_head(signed.head, partner, SIGNER.verifier())
                self.cache.write_content(head, signed.content)
        self.cache.write_heads(heads)

    def hook(self, partner: str, url: str) -> None:
        path = self.hooks / partner
        path.touch(mode=0o600)
        path.write_text(f"{url}\n{SECRET}\n")

    def beat_until(self, is_so: object) -> None:
        def beaten() -> object:
            self.sendings.beat()
            return callable(is_so) and is_so()

        eventually(beaten, what="what the beats lead to")

    def value(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)


@pytest.fixture
def sender(tmp_path: Path) -> Sender:
    return Sender(tmp_path)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


def test_a_receiver_that_says_nothing_holds_no_other_up(sender: Sender, receiver: Receiver) -> None:
    ended = threading.Event()
    with receiving_oddly(lambda _: ended.wait(30)) as silent:
        sender.tell(acme=range(1, 9), beta=[9])
        sender.hook("acme", silent)
        sender.hook("beta", receiver.url)
        sender.beat_until(lambda: len(receiver.events) == 1)
        given_up = sender.value(ALARMS, what="partner_webhook_failing")
        ended.set()
    assert not given_up, "the one that is silent was still waited for"


def test_where_the_folder_of_what_was_sent_is_removed_nothing_is_sent_twice(
    sender: Sender, receiver: Receiver
) -> None:
    sender.tell(acme=[1, 2, 3])
    sender.hook("acme", receiver.url)
    receiver.done_first = lambda: shutil.rmtree(sender.home / "noticed", ignore_errors=True)
    sender.beat_until(
        lambda: sender.value("screening_notices_sent_total", partner="acme") in range(3, 99)
    )
    assert len(receiver.attempts) == len(set(receiver.attempts)) == 3
    again = NoticeBox(sender.home, "acme", LoadedNotices(sender.cache, SIGNER.verifier(), Mute()))
    assert again.waiting() == []


def test_a_partner_that_takes_nothing_is_an_alarm_of_its_own(
    sender: Sender, receiver: Receiver
) -> None:
    receiver.status = 500
    sender.tell(acme=[1])
    sender.hook("acme", receiver.url)
    sender.beat_until(lambda: sender.value(ALARMS, what="partner_webhook_failing"))
    assert not sender.value(ALARMS, what="webhook_failing")
    sender.hook("beta", "no address")
    sender.beat_until(lambda: sender.value(ALARMS, what="webhook_failing"))


def test_of_a_receiver_whose_file_is_removed_nothing_is_shown(
    sender: Sender, receiver: Receiver
) -> None:
    receiver.status = 500
    sender.tell(acme=[1])
    sender.hook("acme", receiver.url)
    sender.beat_until(lambda: sender.value(WAITING, partner="acme") == 1)
    (sender.hooks / "acme").unlink()
    sender.beat_until(lambda: sender.value(WAITING, partner="acme") == float("-inf"))
    assert sender.value(OLDEST, partner="acme") == float("-inf")
    receiver.status = 204
    sender.hook("acme", receiver.url)
    sender.beat_until(lambda: len(receiver.events) == 1)


class Mute:
    def raised(self, what: str, name: str, *, since: int = 0) -> None:
        """Tell nobody."""


class Told:
    def of(self, partner: str) -> list[Notice]:
        del partner
        return [Notice(1, f"{'a' * 26}.0", "retracted", 1_000)]


def test_nothing_has_waited_for_longer_than_there_was_a_receiver(tmp_path: Path) -> None:
    box = NoticeBox(tmp_path, "acme", Told(), since=5_000, clock=lambda: 6_000)  # type: ignore[arg-type]
    (name,) = box.waiting()
    assert box.age_s(name) == 1_000
    assert str(moment_of(1_000).year) in box.read(name).decode()


@pytest.mark.parametrize("path", ["/in/", "/in", "/"])
def test_what_is_sent_goes_to_the_very_address_that_was_given(
    sender: Sender, receiver: Receiver, path: str
) -> None:
    sender.tell(acme=[1])
    sender.hook("acme", receiver.url.removesuffix("/alerts") + path)
    sender.beat_until(lambda: receiver.paths)
    assert receiver.paths == [path]
