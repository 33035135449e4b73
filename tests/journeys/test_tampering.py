"""Someone writes to Redis, or to the cache: what was loaded stays, and nothing false is believed."""

import base64
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
import msgspec
import pytest
import redis as redis_library

from screening.generations.manifest import Head, open_head
from screening.registry.record import ApiKeyRecord, ApiKeyVerifiers, PartnerRecord, open_record
from screening.store import keys
from screening.store.signed import Verifier
from screening.vocabulary.api_key import new_api_key
from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.metrics import metric
from tests.harness.processes import eventually
from tests.harness.valkey import Valkey

LISTED: Final = ("phone", "+12025550142")
UNLISTED: Final = ("phone", "+12025550100")
OLD: Final = ("email", "old@listed.example")
NEW: Final = ("email", "new@listed.example")
TEST_LISTED: Final = ("card", "4000 0000 0000 0002")
NO_STRETCH: Final = ("--stretch", "none", "--allow-unstretched")
ASKED: Final = (LISTED, UNLISTED, OLD, NEW)
OLD_RESULTS: Final = ["match", "no_match", "match", "no_match"]
NEW_RESULTS: Final = ["match", "no_match", "no_match", "match"]

Documents = dict[bytes, bytes]


class World:
    """A deployment with two partners and one for tests, an API, and a hand in Redis."""

    def __init__(self, folder: Path, valkey: Valkey) -> None:
        self.valkey = valkey
        self.deployed = Deployed(folder, redis_url=valkey.url)
        self.deployed.environment |= {
            "SCREENING_POLL_MS": "50",
            "SCREENING_RELOAD_MS": "20",
            "INDEXER_ATTEST_WAIT_S": "0",
        }
        self.deployed.indexer("init")
        self.verifier = Verifier((self.deployed.secrets / "verifying.key").read_bytes())
        self.publish(OLD)
        self.partners = [self.deployed.add_partner(name, *NO_STRETCH) for name in ("acme", "zeta")]
        self.prober = self.deployed.add_partner("prober", "--test")
        self.redis = valkey.client()
        self.api = self.start()

    def start(self, **settings: str) -> Api:
        self.api = self.deployed.serve(**settings)
        return self.api

    def close(self) -> None:
        self.redis.close()
        self.deployed.close()

    def publish(self, changing: tuple[str, str]) -> None:
        self.deployed.publish([(*LISTED, "trafficker"), (*changing, "buyer")])

    def in_force(self, changing: tuple[str, str]) -> None:
        """Publish and wait until everybody is answered from that list, test keys from theirs."""
        self.publish(changing)
        self.wait_for(OLD_RESULTS if changing == OLD else NEW_RESULTS)

    def wait_for(self, results: list[str]) -> None:
        eventually(lambda: self.everybody() == [results, results], what="the list")
        eventually(lambda: self.told(self.prober) == ["no_match"] * 4, what="the test list")
        assert self.prober.results(self.api, TEST_LISTED) == ["match"]

    def told(self, partner: Partner) -> list[str]:
        """Return the results, or why there are none."""
        answer = partner.ask(self.api, *ASKED).json()
        return list(answer["results"]) if "results" in answer else [answer["code"]]

    def everybody(self) -> list[list[str]]:
        return [self.told(partner) for partner in self.partners]

    def documents(self, name: str) -> Documents:
        found: Documents = self.redis.hgetall(name)
        return found

    def put_back(self, name: str, documents: Documents) -> None:
        self.redis.hset(name, mapping=documents)  # type: ignore[arg-type]  # its hints know no bytes

    def head(self, partner: Partner) -> Head:
        key_id = partner.kit.token_key.key_id
        return open_head(self.documents(keys.HEADS)[key_id.encode()], key_id, self.verifier)

    @contextmanager
    def alarm(self, what: str) -> Iterator[None]:
        """Expect an alarm for what is done within."""
        before = metric(self.api, "screening_alarms_total", what=what)
        yield
        eventually(
            lambda: metric(self.api, "screening_alarms_total", what=what) > before,
            what=f"an alarm: {what}",
        )

    @contextmanager
    def sync_stopped(self) -> Iterator[None]:
        """Do something before sync of this host sees anything of it."""
        pid = self.api.sync_pid()
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    valkey = Valkey(tmp_path_factory.mktemp("vk"))
    running = World(tmp_path_factory.mktemp("tampered"), valkey)
    yield running
    running.close()
    valkey.kill()


@pytest.fixture(autouse=True)
def whole(world: World) -> None:
    """Each test begins, and the one before has ended, with what can be put right by publishing."""
    world.in_force(OLD)


def stays(world: World, results: list[str]) -> None:
    """What was loaded is still answered from, in every beat of half a second."""
    for _ in range(10):
        assert world.everybody() == [results, results]


def one_byte_changed(document: bytes, place: int) -> bytes:
    changed = bytearray(document)
    changed[place] ^= 1
    return bytes(changed)


def test_an_emptied_redis_changes_nothing_and_the_next_publish_mends_it(world: World) -> None:
    with world.alarm("head_missing"):
        world.redis.flushall()
    stays(world, OLD_RESULTS)
    assert world.prober.results(world.api, TEST_LISTED) == ["match"]
    world.in_force(NEW)


def test_old_heads_put_back_are_not_taken_even_after_a_restart(world: World) -> None:
    heads = world.documents(keys.HEADS)
    world.in_force(NEW)
    with world.alarm("head_rolled_back"):
        world.put_back(keys.HEADS, heads)
    stays(world, NEW_RESULTS)

    world.api.stop()
    world.start()
    with world.alarm("head_rolled_back"):
        stays(world, NEW_RESULTS)


def test_heads_under_other_names_are_not_taken(world: World) -> None:
    acme, zeta, *_ = heads = world.documents(keys.HEADS)
    with world.alarm("generation_untrusted"):
        world.put_back(keys.HEADS, {acme: heads[zeta], zeta: heads[acme]})
    stays(world, OLD_RESULTS)
    document = heads[acme]
    with world.alarm("generation_untrusted"):
        world.put_back(keys.HEADS, {b"stranger-2026a": document})
    stays(world, OLD_RESULTS)
    world.redis.hdel(keys.HEADS, "stranger-2026a")


@pytest.mark.parametrize("place", [0, 63, 64, -2])
def test_a_head_with_one_byte_changed_is_not_taken(world: World, place: int) -> None:
    heads = world.documents(keys.HEADS)
    changed = {name: one_byte_changed(document, place) for name, document in heads.items()}
    with world.alarm("generation_untrusted"):
        world.put_back(keys.HEADS, changed)
    stays(world, OLD_RESULTS)


def test_heads_of_another_type_or_none_at_all_change_nothing(world: World) -> None:
    with world.alarm("store_unavailable"):
        world.redis.delete(keys.HEADS)
        world.redis.set(keys.HEADS, "x")
    stays(world, OLD_RESULTS)
    world.redis.delete(keys.HEADS)
    with world.alarm("head_missing"):
        stays(world, OLD_RESULTS)


def test_an_edited_partner_record_lets_nobody_in(world: World) -> None:
    acme = world.partners[0]
    document = world.documents(keys.PARTNERS)[b"acme"]
    record = open_record(document, "acme", world.verifier)
    forged_key = new_api_key("live")
    # Even one who knows the key that verifiers are made with cannot sign.
    verifier = ApiKeyVerifiers((world.deployed.secrets / "api-keys.key").read_bytes())
    forged = ApiKeyRecord(id=forged_key.id, verifier=verifier.of(forged_key), scopes=["check"])
    edited = msgspec.structs.replace(
        record, sequence=record.sequence + 1, api_keys=[*record.api_keys, forged]
    )
    greedy = msgspec.structs.replace(
        record, api_keys=[msgspec.structs.replace(record.api_keys[0], scopes=["check", "bulk"])]
    )
    for body in (edited, greedy):
        with world.alarm("partner_untrusted"):
            world.put_back(keys.PARTNERS, {b"acme": document[:64] + msgspec.json.encode(body)})
        headers = {"authorization": f"Bearer {forged_key.text}"}
        refused = httpx.post(f"{world.api.url}/v1/check", json=acme.body(LISTED), headers=headers)
        assert refused.status_code == 401
        assert acme.ask(world.api, LISTED, route="bulk").status_code == 403
        stays(world, OLD_RESULTS)


def test_a_partner_record_of_another_or_an_older_one_is_not_taken(world: World) -> None:
    older = world.documents(keys.PARTNERS)
    world.in_force(NEW)
    with world.alarm("partner_rolled_back"):
        world.put_back(keys.PARTNERS, older)
    stays(world, NEW_RESULTS)
    current = world.documents(keys.PARTNERS)
    with world.alarm("partner_untrusted"):
        world.put_back(keys.PARTNERS, {b"acme": current[b"zeta"], b"stranger": current[b"zeta"]})
    stays(world, NEW_RESULTS)
    world.redis.delete(keys.PARTNERS)
    stays(world, NEW_RESULTS)


def test_a_withdrawn_api_key_stays_withdrawn_when_its_old_record_is_put_back(
    world: World,
) -> None:
    late = world.deployed.add_partner("late", *NO_STRETCH)
    eventually(lambda: late.ask(world.api, LISTED).status_code == 200, what="the partner")
    before = world.documents(keys.PARTNERS)
    suspend(world, "late")
    eventually(lambda: late.ask(world.api, LISTED).status_code == 401, what="its suspension")
    with world.alarm("partner_rolled_back"):
        world.put_back(keys.PARTNERS, before)
    assert late.ask(world.api, LISTED).status_code == 401
    stays(world, OLD_RESULTS)


def suspend(world: World, name: str) -> None:
    """Sign a record as a later command will: there is none yet that withdraws a key."""
    from screening.registry.record import sign_record  # noqa: PLC0415 - only here
    from screening.store.signed import Signer  # noqa: PLC0415 - only here

    key = (world.deployed.indexer_home / "keyring" / "signing.key").read_bytes()
    held = open_record(world.documents(keys.PARTNERS)[name.encode()], name, world.verifier)
    record: PartnerRecord = msgspec.structs.replace(
        held, state="suspended", sequence=held.sequence + 1
    )
    world.put_back(keys.PARTNERS, {name.encode(): sign_record(record, Signer(key))})


ARTEFACTS: Final[dict[str, Callable[[str, str], str]]] = {
    "manifest": keys.manifest,
    "filter": lambda key_id, generation: keys.filter_piece(key_id, generation, 0),
    "table": keys.table,
    "bucket": lambda key_id, generation: keys.bucket(key_id, generation, 0),
}


@pytest.mark.parametrize("how", ["removed", "altered", "cut short", "another's"])
@pytest.mark.parametrize("what", ARTEFACTS)
def test_a_generation_with_a_false_artefact_is_not_loaded_and_the_one_before_stays(
    world: World, what: str, how: str
) -> None:
    acme, zeta = world.partners
    with world.alarm("generation_untrusted"), world.sync_stopped():
        world.publish(NEW)
        name, others = (
            ARTEFACTS[what](partner.kit.token_key.key_id, world.head(partner).generation)
            for partner in (acme, zeta)
        )
        content = world.redis.get(name)
        assert isinstance(content, bytes)
        tampered = {
            "removed": None,
            "altered": one_byte_changed(content, len(content) // 2),
            "cut short": content[:-1],
            "another's": world.redis.get(others),
        }[how]
        if tampered is None:
            world.redis.delete(name)
        else:
            assert isinstance(tampered, bytes)
            world.redis.set(name, tampered)
    eventually(lambda: world.told(zeta) == NEW_RESULTS, what="the partner who is not concerned")
    for _ in range(5):
        assert world.told(acme) == OLD_RESULTS


def generation_folder(world: World, partner: Partner) -> Path:
    key_id = partner.kit.token_key.key_id
    return world.deployed.home / "cache" / "generations" / key_id / world.head(partner).generation


@pytest.mark.parametrize("name", ["manifest", "filter", "table", "digests"])
def test_a_damaged_file_in_the_cache_is_not_loaded_and_fetched_again(
    world: World, name: str
) -> None:
    acme, zeta = world.partners
    world.api.stop()
    path = generation_folder(world, acme) / name
    content = path.read_bytes()
    path.write_bytes(one_byte_changed(content, len(content) // 2))
    world.valkey.kill()
    try:
        world.start()
        for _ in range(5):
            assert world.told(acme) == ["unavailable"]
            assert zeta.results(world.api, LISTED) == ["match"]
    finally:
        world.valkey.start()
    world.wait_for(OLD_RESULTS)
    assert path.read_bytes() == content


def test_a_damaged_cache_does_not_open_the_door_to_an_old_head(world: World) -> None:
    heads = world.documents(keys.HEADS)
    world.in_force(NEW)
    world.api.stop()
    current = world.documents(keys.HEADS)
    path = generation_folder(world, world.partners[0]) / "filter"
    path.write_bytes(b"")
    world.put_back(keys.HEADS, heads)
    world.start()
    with world.alarm("head_rolled_back"):
        for _ in range(10):
            assert world.told(world.partners[0]) == ["unavailable"]
            assert world.told(world.partners[1]) == NEW_RESULTS
    world.put_back(keys.HEADS, current)
    world.wait_for(NEW_RESULTS)


@pytest.mark.parametrize("name", ["documents", "confirmed"])
@pytest.mark.parametrize("content", [b"", b"\xff" * 9, None])
def test_damaged_documents_in_the_cache_stop_nothing_and_are_laid_down_again(
    world: World, name: str, content: bytes | None
) -> None:
    path = world.deployed.home / "cache" / name
    before = base64.b64encode(path.read_bytes())

    # While workers run: what is loaded stays.
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    stays(world, OLD_RESULTS)

    # And at a start.
    world.api.stop()
    if content is None:
        path.unlink(missing_ok=True)
    else:
        path.write_bytes(content)
    world.start()
    world.wait_for(OLD_RESULTS)
    assert world.api.process.popen.poll() is None
    if name == "documents":
        assert base64.b64encode(path.read_bytes()) == before
