"""What a host attests: what its workers answer from, under a name of its own."""

import os
import subprocess

import msgspec

from screening.api.cache import AnswersFrom
from screening.store import keys
from tests.api.sync_host import ACME, BETA, FIRST, SECOND, Host
from tests.harness.processes import eventually


def test_a_host_that_has_ended_leaves_no_attestation(host: Host) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    host.sync.attest(["0123456789abcdef"])
    name = keys.host("host")
    assert host.store.pttl(name) > 1_000
    host.sync.withdraw()
    eventually(lambda: not host.store.exists(name), within_s=1, what="its end")


def test_a_host_of_the_same_name_is_found_out_and_a_restart_of_its_own_is_not(host: Host) -> None:
    host.sync.attest([])
    host.sync.attest([])
    former, again = host.sync, host.start()
    again.attest([])
    again.attest([])
    assert host.told.alarms == []
    former.attest([])  # as a clone does, whose clocks and boot are the same
    assert host.told.alarms == [("host_name_taken", "host")]
    again.attest([])
    assert host.told.alarms == [("host_name_taken", "host")] * 2
    host.store.set(keys.host("host"), b"not what any host says")
    again.attest([])
    assert len(host.told.alarms) == 3


def test_a_host_attests_what_its_workers_answer_from_not_what_lies_there_for_them(
    host: Host,
) -> None:
    host.release(FIRST, 1, ACME)
    host.sync.beat()
    # The worker has taken up the partners of a release before one of its lists was here.
    before = AnswersFrom(2, {ACME: FIRST})
    host.cache.write_loaded(before)
    host.release(SECOND, 2, ACME, BETA)
    host.sync.beat()
    assert host.attested() == before
    host.cache.write_loaded(AnswersFrom(2, {ACME: SECOND, BETA: SECOND}))
    assert host.attested() == AnswersFrom(2, {ACME: SECOND, BETA: SECOND})


def test_a_host_attests_no_index_that_one_of_its_workers_lacks(host: Host) -> None:
    host.cache.write_loaded(AnswersFrom(2, {ACME: SECOND, BETA: SECOND}))
    other = host.cache.directory / "loaded" / str(os.getppid())  # a process that lives
    other.write_bytes(msgspec.msgpack.encode(AnswersFrom(1, {ACME: FIRST, BETA: SECOND})))
    assert host.attested() == AnswersFrom(1, {BETA: SECOND})


def test_a_folder_in_place_of_what_a_worker_says_is_replaced_or_removed(host: Host) -> None:
    said = AnswersFrom(7, {})
    loaded = host.cache.directory / "loaded"
    host.cache.write_loaded(said)
    with subprocess.Popen(["true"]) as ended:
        pass
    for pid in (os.getpid(), ended.pid):
        (loaded / str(pid)).unlink(missing_ok=True)
        (loaded / str(pid) / "within").mkdir(parents=True)
    assert host.cache.read_loaded() == []
    assert [one.name for one in loaded.iterdir()] == [str(os.getpid())]
    host.cache.write_loaded(said)
    assert host.cache.read_loaded() == [said]

    (loaded / str(ended.pid) / "within").mkdir(parents=True)
    host.cache.forget_workers()
    assert list(loaded.iterdir()) == []
