"""Sync, beat by beat: what is false, withheld or broken concerns nobody but whom it belongs to."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec
import pytest
import redis
from redis.client import Pipeline

from screening.alarms import FOREIGN
from screening.api.cache import AnswersFrom, Cache, Confirmed, Documents, boot_id
from screening.api.sync import Sync
from screening.generations.attestation import HostAttestation
from screening.generations.fetch import generation_directory
from screening.generations.manifest import Head, open_head, sign_head
from screening.generations.writer import upload
from screening.private_files import replace_private
from screening.registry.record import PartnerRecord, open_record, sign_record
from screening.store import keys
from screening.store.signed import Signer, Verifier
from screening.vocabulary.errors import StoreUnavailable
from tests.generations.conftest import Published, build, invented_digests
from tests.harness.processes import eventually
from tests.harness.valkey import Valkey

ACME: Final = "acme-2026a"
BETA: Final = "beta-2026a"
SIGNER: Final = Signer(bytes(range(32)))
FIRST: Final = "00000001-9f86d081"
SECOND: Final = "00000002-9f86d081"


class Clocks:
    """A wall clock and one that counts the seconds of a boot, both moved by hand."""

    def __init__(self) -> None:
        self.wall = 1_795_000_000.0
        self.boot = 1_000.0

    def pass_by(self, seconds: float) -> None:
        self.wall += seconds
        self.boot += seconds


class Raised:
    """Remembers alarms."""

    def __init__(self) -> None:
        self.alarms: list[tuple[str, str]] = []

    def raised(self, what: str, name: str) -> None:
        self.alarms.append((what, name))


class Host:
    """A cache, a Redis with two partners in it, and a sync that is told when to look."""

    def __init__(self, home: Path, store: redis.Redis) -> None:
        self.cache = Cache(home)
        self.store = store
        self.clocks = Clocks()
        self.told = Raised()
        self.sync = self.start()

    def start(self, *, boottime_passes_s: float = 0.0) -> Sync:
        """Start sync anew; each look at the clock may take time."""

        def boottime() -> float:
            self.clocks.boot += boottime_passes_s
            return self.clocks.boot

        self.sync = Sync(
            store=self.store,
            cache=self.cache,
            verifier=SIGNER.verifier(),
            host="host",
            max_records_bytes=1 << 30,
            alarms=self.told,
            clock=lambda: self.clocks.wall,
            boottime=boottime,
        )
        return self.sync

    def attested(self) -> AnswersFrom:
        """Let the host attest; return what it says that it answers from."""
        self.sync.attest([])
        document = self.store.get(keys.host("host"))
        assert isinstance(document, bytes)
        said = msgspec.json.decode(document, type=HostAttestation)
        return AnswersFrom(said.release, said.versions)

    def put_partner(self, key_id: str, sequence: int, **members: object) -> None:
        name = key_id.partition("-")[0]
        record = PartnerRecord(
            format="screening-partner/1",
            partner=name,
            sequence=sequence,
            issued_at=1_795_000_000,
            state="active",
            mode="live",
            server_key_id="0123456789abcdef",
            key_ids=[key_id],
            api_keys=[],
            selectors_per_second=1,
            daily_selectors=1,
        )
        document = sign_record(msgspec.structs.replace(record, **members), SIGNER)
        self.store.hset(keys.PARTNERS, name, document)

    def put_head(self, key_id: str, generation: str, sequence: int) -> Published:
        published = build(invented_digests(50, label=key_id), key_id=key_id, generation=generation)
        upload(self.store, published.artefacts)
        head = msgspec.structs.replace(published.head, sequence=sequence, release=sequence)
        self.store.hset(keys.HEADS, key_id, sign_head(head, SIGNER))
        return published

    def release(self, generation: str, sequence: int, *key_ids: str) -> None:
        for key_id in key_ids or (ACME, BETA):
            self.put_head(key_id, generation, sequence)
            self.put_partner(key_id, sequence)

    def spoil(self, name: str) -> None:
        """Put another type under a key."""
        self.store.delete(name)
        self.store.rpush(name, "x")

    def confirmed(self) -> dict[str, tuple[int, float, float]]:
        return self.cache.read_confirmed().heads

    def heads(self) -> dict[str, Head]:
        documents = self.cache.read_documents().heads
        return {name: open_head(one, name, SIGNER.verifier()) for name, one in documents.items()}

    def sequences(self) -> dict[str, int]:
        """Return the sequences of the heads that are laid down."""
        return {key_id: head.sequence for key_id, head in self.heads().items()}

    def confirmed_now(self) -> set[str]:
        return {one for one, (_, at, _) in self.confirmed().items() if at == self.clocks.wall}


class Watched(redis.Redis):
    """Tells of each key of a generation before it is asked for."""

    def __init__(self, valkey: Valkey, asked: Callable[[str], None]) -> None:
        super().__init__(unix_socket_path=str(valkey.socket))
        self._asked = asked

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:
        made = super().pipeline(transaction, shard_hint)
        getrange = made.getrange

        def ask(key: str, start: int, end: int) -> object:
            self._asked(key)
            return getrange(key, start, end)

        made.getrange = ask  # type: ignore[method-assign,assignment]  # ours asks for names only
        return made


@pytest.fixture
def host(tmp_path: Path, valkey: Valkey) -> Iterator[Host]:
    with valkey.client() as store:
        yield Host(tmp_path / "home", store)


def test_a_head_is_confirmed_by_both_clocks_when_redis_was_asked(host: Host) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    confirmed = host.cache.read_confirmed()
    assert confirmed.boot_id == boot_id()
    assert confirmed.heads[ACME] == (7, host.clocks.wall, host.clocks.boot)
    host.clocks.wall -= 5_000  # someone sets the clock
    host.clocks.boot += 3
    host.sync.beat()
    assert host.confirmed()[ACME] == (7, host.clocks.wall, host.clocks.boot)


def test_times_of_an_earlier_boot_are_counted_anew(host: Host) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    host.cache.write_confirmed(
        Confirmed({ACME: (7, host.clocks.wall - 20, 999_999.0)}, "another boot")
    )
    host.start()
    host.spoil(keys.HEADS)
    host.sync.beat()
    assert host.confirmed() == {ACME: (7, host.clocks.wall - 20, host.clocks.boot - 20)}


def test_times_of_this_boot_are_kept_when_sync_starts_again(host: Host) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    before = host.confirmed()
    host.clocks.boot += 100
    host.clocks.wall -= 5_000
    host.start()
    host.spoil(keys.HEADS)
    host.sync.beat()
    assert host.confirmed() == before


@pytest.mark.parametrize("artefact", ["manifest", "table", "filter", "bucket"])
def test_an_artefact_of_another_type_holds_up_its_own_key_only(host: Host, artefact: str) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    host.release(SECOND, 8)
    host.spoil(
        {
            "manifest": keys.manifest(ACME, SECOND),
            "table": keys.table(ACME, SECOND),
            "filter": keys.filter_piece(ACME, SECOND, 0),
            "bucket": keys.bucket(ACME, SECOND, 0),
        }[artefact]
    )
    host.clocks.pass_by(1)
    host.sync.beat()
    assert host.sequences() == {ACME: 7, BETA: 8}
    assert host.confirmed_now() == {BETA}
    assert ("generation_untrusted", ACME) in host.told.alarms


@pytest.mark.parametrize("name", [keys.HEADS, keys.PARTNERS])
def test_heads_or_records_of_another_type_confirm_nothing_and_end_nothing(
    host: Host, name: str
) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    before = host.cache.read_documents()
    host.spoil(name)
    host.clocks.pass_by(1)
    host.sync.beat()
    assert ("store_untrusted", name) in host.told.alarms
    assert host.confirmed_now() == set()
    assert host.cache.read_documents() == before


@pytest.mark.parametrize("name", [keys.HEADS, keys.PARTNERS])
def test_heads_or_records_that_somebody_made_huge_are_not_read(
    host: Host, valkey: Valkey, name: str
) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    before = host.cache.read_documents()
    host.store.hset(name, "huge", bytes(64 << 20))
    host.clocks.pass_by(1)
    sent_before = valkey.bytes_sent()
    host.sync.beat()
    assert valkey.bytes_sent() - sent_before < 1 << 20
    assert ("store_untrusted", name) in host.told.alarms
    assert host.confirmed_now() == set()
    assert host.cache.read_documents() == before


def forge(host: Host, count: int) -> None:
    forged: dict[str, bytes] = {f"forged-{number}": bytes(80) for number in range(count)}
    for name in (keys.HEADS, keys.PARTNERS):
        host.store.hset(name, mapping=forged)  # type: ignore[arg-type]  # its hints know no bytes


def test_forged_names_are_one_alarm_and_keep_nobody_out_for_long(host: Host) -> None:
    host.release(FIRST, 7, BETA)
    host.sync.beat()
    forge(host, 20_000)
    host.release(FIRST, 7, ACME)  # a new partner, anywhere among them
    for _ in range(45):
        host.clocks.pass_by(5)
        host.sync.beat()
    assert host.confirmed_now() == {ACME, BETA}
    told = set(host.told.alarms) - {("partner_withheld", ACME)}
    assert told == {("partner_untrusted", FOREIGN), ("partner_withheld", FOREIGN)}
    # Of a partner that is known everything is taken up at the next look.
    host.release(FIRST, 9, ACME)
    host.sync.beat()
    assert host.sequences()[ACME] == 9


def test_forged_names_are_judged_once(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    forge(host, 100)
    opened: list[str] = []

    def noted(document: bytes, name: str, verifier: Verifier) -> PartnerRecord:
        opened.append(name)
        return open_record(document, name, verifier)

    monkeypatch.setattr("screening.api.held_partners.open_record", noted)
    for _ in range(3):
        host.clocks.pass_by(60)
        host.sync.beat()
    assert len(opened) == 100
    host.store.hset(keys.PARTNERS, "forged-7", bytes(81))
    host.sync.beat()
    assert opened[100:] == ["forged-7"]


def test_an_altered_record_of_a_partner_that_is_new_here_is_named(host: Host) -> None:
    host.release(FIRST, 7)
    record = host.store.hget(keys.PARTNERS, "acme")
    assert isinstance(record, bytes)
    host.store.hset(keys.PARTNERS, "acme", record[:-1] + b"\0")
    for _ in range(2):
        host.sync.beat()
    assert ("partner_untrusted", "acme") in host.told.alarms
    assert ("partner_withheld", ACME) in host.told.alarms


def test_a_suspension_and_confirmations_do_not_wait_for_generations(
    host: Host, valkey: Valkey
) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    host.put_head(ACME, SECOND, 8)
    host.put_partner(ACME, 8)
    host.put_partner(BETA, 8, state="suspended")
    host.clocks.pass_by(1)
    seen: list[tuple[set[str], str]] = []

    def lose_redis(_: str) -> None:
        document = host.cache.read_documents().partners["beta"]
        record = open_record(document, "beta", SIGNER.verifier())
        seen.append((host.confirmed_now(), record.state))
        raise redis.ConnectionError

    with Watched(valkey, lose_redis) as host.store:
        host.start()
        with pytest.raises(StoreUnavailable):
            host.sync.beat()
    assert seen == [({BETA}, "suspended")]


def test_what_arrives_while_a_release_is_fetched_is_taken_before_the_next_generation(
    host: Host, valkey: Valkey
) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    host.release(SECOND, 8)
    states: list[str] = []

    def look(name: str) -> None:
        if name == keys.manifest(ACME, SECOND):
            host.put_partner(BETA, 9, state="suspended")
            host.clocks.pass_by(5)
        if name == keys.manifest(BETA, SECOND):
            document = host.cache.read_documents().partners["beta"]
            states.append(open_record(document, "beta", SIGNER.verifier()).state)
            assert host.sequences() == {ACME: 8, BETA: 7}

    with Watched(valkey, look) as store:
        host.store = store
        host.start()
        host.sync.beat()
    assert states == ["suspended"]
    assert host.sequences() == {ACME: 8, BETA: 8}


def test_a_fetch_that_breaks_off_again_and_again_does_not_keep_others_from_theirs(
    host: Host, valkey: Valkey
) -> None:
    host.release(FIRST, 7)

    def break_off(name: str) -> None:
        if ACME in name:
            raise redis.TimeoutError

    with Watched(valkey, break_off) as store:
        host.store = store
        host.start()
        for _ in range(2):
            host.clocks.pass_by(1)
            with pytest.raises(StoreUnavailable):
                host.sync.beat()
    assert host.sequences() == {BETA: 7}
    assert host.confirmed_now() == {BETA}


def test_sync_that_cannot_read_its_cache_writes_nothing_before_redis_tells_it_something(
    host: Host,
) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    documents = host.cache.directory / "documents"
    replace_private(documents, b"\xff" * 9)
    names = [keys.HEADS, keys.PARTNERS]
    kept = {name: host.store.hgetall(name) for name in names}
    host.store.delete(*names)
    folder = generation_directory(host.cache.directory, build([], key_id=ACME).head)
    host.start()
    host.sync.beat()
    assert documents.read_bytes() == b"\xff" * 9
    assert (folder / "filter").exists()

    for name, found in kept.items():
        host.store.hset(name, mapping=found)  # type: ignore[arg-type]  # its hints know no bytes
    host.sync.beat()
    assert host.sequences() == {ACME: 7, BETA: 7}


def test_a_withheld_partner_record_keeps_its_heads_from_being_confirmed(host: Host) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    host.put_head(ACME, FIRST, 8)  # only signed anew, while the record of that release is kept back
    host.release(FIRST, 8, BETA)
    host.clocks.pass_by(1)
    host.sync.beat()
    assert host.told.alarms == [("partner_withheld", ACME)]
    assert host.confirmed_now() == {BETA}
    assert host.sequences() == {ACME: 7, BETA: 8}

    host.put_partner(ACME, 8, state="suspended")
    host.sync.beat()
    assert host.confirmed_now() == {ACME, BETA}


def test_a_head_that_no_partner_record_names_is_not_fetched(host: Host) -> None:
    host.release(FIRST, 7, BETA)
    host.put_head(ACME, FIRST, 7)
    host.sync.beat()
    assert host.told.alarms == [("partner_withheld", ACME)]
    assert not (host.cache.directory / "generations" / ACME).exists()
    assert host.confirmed_now() == {BETA}


def test_a_generation_that_failed_is_put_off_whatever_others_adopt(host: Host) -> None:
    host.release(FIRST, 7)
    host.spoil(keys.table(ACME, FIRST))
    host.sync.beat()
    assert host.told.alarms == [("generation_untrusted", ACME)]
    host.release(SECOND, 8, BETA)
    host.clocks.pass_by(1)
    host.sync.beat()
    assert host.sequences() == {BETA: 8}
    host.clocks.pass_by(1)
    host.sync.beat()
    assert host.told.alarms == [("generation_untrusted", ACME)]

    host.put_head(ACME, SECOND, 8)
    host.put_partner(ACME, 8)
    host.sync.beat()
    assert host.sequences() == {ACME: 8, BETA: 8}


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


def test_older_documents_that_are_put_back_are_replaced(host: Host) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    documents = host.cache.directory / "documents"
    older = documents.read_bytes()
    host.release(SECOND, 8)
    host.sync.beat()
    replace_private(documents, older)
    assert set(host.sequences().values()) == {7}
    host.sync.beat()
    assert set(host.sequences().values()) == {8}


def test_a_cache_without_documents_is_empty(host: Host) -> None:
    host.sync.beat()
    assert host.cache.read_documents() == Documents({}, {})


@pytest.mark.parametrize("again", [6, 7])
def test_another_document_of_the_same_or_an_older_number_changes_nothing(
    host: Host, again: int
) -> None:
    host.release(FIRST, 7)
    host.sync.beat()
    before = host.cache.read_documents()
    host.put_head(ACME, SECOND, again)
    host.put_partner(ACME, again, state="suspended")
    host.sync.beat()
    assert host.cache.read_documents() == before
    assert ("partner_rolled_back", "acme") in host.told.alarms
    assert ("head_rolled_back", ACME) in host.told.alarms


def test_the_cache_keeps_three_generations_of_a_key(host: Host) -> None:
    names = [f"{number:08d}-9f86d081" for number in range(1, 6)]
    for sequence, name in enumerate(names, start=7):
        host.release(name, sequence, ACME)
        host.sync.beat()
    kept = {one.name for one in (host.cache.directory / "generations" / ACME).iterdir()}
    assert kept == set(names[-3:])


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
