"""Someone writes to Redis, or to the cache: what was loaded stays, nothing false is believed."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
import msgspec
import pytest

from screening.api.cache import Cache
from screening.generations.manifest import Head, open_head
from screening.private_files import replace_private
from screening.registry.record import ApiKeyRecord, ApiKeyVerifiers, PartnerRecord, open_record
from screening.store import keys
from screening.store.signed import Verifier
from screening.vocabulary.api_key import new_api_key
from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.metrics import metric
from tests.harness.processes import eventually
from tests.harness.template import Template
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
        self._template = Template(folder, self.deployed.environment)
        self.verifier = Verifier((self.deployed.secrets / "verifying.key").read_bytes())
        self.publish(OLD)
        names = ("acme", "beta", "gamma", "delta", "zeta")
        self.partners = [self.deployed.add_partner(name, *NO_STRETCH) for name in names]
        self._bodies = {p.kit.partner: p.body(*ASKED) for p in self.partners}
        self._http = httpx.Client(timeout=10)
        self.prober = self.deployed.add_partner("prober", "--test")
        self.redis = valkey.client()
        self.api = self.start()

    def start(self) -> Api:
        self.api = self.deployed.serve()
        return self.api

    def close(self) -> None:
        self._template.close()
        self._http.close()
        self.redis.close()
        self.deployed.close()

    def publish(self, changing: tuple[str, str]) -> None:
        path = self.deployed.folder / "list.csv"
        rows = "".join(f"{kind},{value},buyer\n" for kind, value in (LISTED, changing))
        path.write_text("kind,value,role\n" + rows)
        published = self._template.run("publish", str(path))
        assert published.code == 0, published.output

    def in_force(self, changing: tuple[str, str]) -> None:
        """Publish and wait until everybody is answered from that list, test keys from theirs."""
        self.publish(changing)
        self.wait_for(OLD_RESULTS if changing == OLD else NEW_RESULTS)

    def wait_for(self, results: list[str]) -> None:
        everybody = [results] * len(self.partners)
        eventually(lambda: self.everybody() == everybody, what="the list")
        eventually(lambda: self.told(self.prober) == ["no_match"] * 4, what="the test list")
        assert self.prober.results(self.api, TEST_LISTED) == ["match"]

    def told(self, partner: Partner) -> list[str]:
        """Return the results, or why there are none."""
        body = self._bodies.get(partner.kit.partner) or partner.body(*ASKED)
        url = f"{self.api.url}/v1/check"
        answer = self._http.post(url, json=body, headers=partner.headers).json()
        return list(answer["results"]) if "results" in answer else [answer["code"]]

    def everybody(self) -> list[list[str]]:
        return [self.told(partner) for partner in self.partners]

    def documents(self, name: str) -> Documents:
        found: Documents = self.redis.hgetall(name)  # type: ignore[assignment]  # bytes they are
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
    """What was loaded is still answered from, whatever the next beats of sync bring."""
    for _ in range(5):
        assert world.everybody() == [results] * len(world.partners)


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
    heads = world.documents(keys.HEADS)
    acme, zeta = (p.kit.token_key.key_id.encode() for p in world.partners[:2])
    with world.alarm("generation_untrusted"):
        world.put_back(keys.HEADS, {acme: heads[zeta], zeta: heads[acme]})
    stays(world, OLD_RESULTS)
    document = heads[acme]
    with world.alarm("generation_untrusted"):
        world.put_back(keys.HEADS, {b"stranger-2026a": document})
    stays(world, OLD_RESULTS)
    world.redis.hdel(keys.HEADS, "stranger-2026a")


def test_a_head_with_one_byte_changed_is_not_taken(world: World) -> None:
    heads = world.documents(keys.HEADS)
    for place in (0, 63, 64, -2):
        changed = {name: one_byte_changed(document, place) for name, document in heads.items()}
        with world.alarm("generation_untrusted"):
            world.put_back(keys.HEADS, changed)
        stays(world, OLD_RESULTS)


def test_heads_of_another_type_or_none_at_all_change_nothing(world: World) -> None:
    with world.alarm("store_untrusted"):
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


ARTEFACTS: Final[tuple[Callable[[str, str], str], ...]] = (
    keys.manifest,
    lambda key_id, generation: keys.filter_piece(key_id, generation, 0),
    keys.table,
    lambda key_id, generation: keys.bucket(key_id, generation, 0),
)


def test_a_new_head_that_also_stands_under_another_name_is_taken_under_its_own(
    world: World,
) -> None:
    *others, owner = (p.kit.token_key.key_id.encode() for p in world.partners)
    with world.alarm("generation_untrusted"), world.sync_stopped():
        world.publish(NEW)
        heads = world.documents(keys.HEADS)
        world.put_back(keys.HEADS, dict.fromkeys(others, heads[owner]))
    *partners, bystander = world.partners
    eventually(lambda: world.told(bystander) == NEW_RESULTS, within_s=5, what="the new list")
    for partner in partners:
        assert world.told(partner) == OLD_RESULTS


@pytest.mark.parametrize("how", ["removed", "altered", "cut short", "another's"])
def test_a_generation_with_a_false_artefact_is_not_loaded_and_the_one_before_stays(
    world: World, how: str
) -> None:
    *victims, bystander = world.partners
    with world.alarm("generation_untrusted"), world.sync_stopped():
        world.publish(NEW)
        for artefact, victim in zip(ARTEFACTS, victims, strict=True):
            name, others = (
                artefact(partner.kit.token_key.key_id, world.head(partner).generation)
                for partner in (victim, bystander)
            )
            content = world.redis.get(name)
            assert isinstance(content, bytes)
            tampered = {
                "removed": None,
                "altered": one_byte_changed(content, len(content) // 2),
                "cut short": content[:-1],
                "another's": world.redis.get(others),
            }[how]
            world.redis.delete(name)
            if isinstance(tampered, bytes):
                world.redis.set(name, tampered)
    eventually(lambda: world.told(bystander) == NEW_RESULTS, what="who is not concerned")
    for _ in range(5):
        assert [world.told(victim) for victim in victims] == [OLD_RESULTS] * len(victims)


def generation_folder(world: World, partner: Partner) -> Path:
    key_id = partner.kit.token_key.key_id
    return world.deployed.home / "cache" / "generations" / key_id / world.head(partner).generation


def test_a_damaged_file_in_the_cache_is_not_loaded_and_is_fetched_again(world: World) -> None:
    *victims, bystander = world.partners
    names = ("manifest", "filter", "table", "digests")
    paths = [generation_folder(world, v) / n for v, n in zip(victims, names, strict=True)]
    contents = [path.read_bytes() for path in paths]
    world.api.stop()
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(one_byte_changed(content, len(content) // 2))
    world.valkey.kill()
    try:
        world.start()
        for _ in range(5):
            assert [world.told(victim) for victim in victims] == [["unavailable"]] * len(victims)
            assert bystander.results(world.api, LISTED) == ["match"]
    finally:
        world.valkey.start()
    world.wait_for(OLD_RESULTS)
    assert [path.read_bytes() for path in paths] == contents


def test_a_damaged_cache_does_not_open_the_door_to_an_old_head(world: World) -> None:
    heads = world.documents(keys.HEADS)
    world.in_force(NEW)
    world.api.stop()
    current = world.documents(keys.HEADS)
    victim, bystander, *_ = world.partners
    (generation_folder(world, victim) / "filter").write_bytes(b"")
    world.put_back(keys.HEADS, heads)
    world.start()
    with world.alarm("head_rolled_back"):
        for _ in range(10):
            assert world.told(victim) == ["unavailable"]
            assert world.told(bystander) == NEW_RESULTS
    world.put_back(keys.HEADS, current)
    world.wait_for(NEW_RESULTS)


def test_damaged_documents_in_the_cache_stop_nothing_and_are_laid_down_again(
    world: World,
) -> None:
    cache = Cache(world.deployed.home)
    documents = cache.read_documents()
    files = [cache.directory / name for name in ("documents", "confirmed")]
    with world.sync_stopped():
        for content in (b"", b"\xff" * 9):
            for path in files:
                replace_private(path, content)
            stays(world, OLD_RESULTS)
        for path in files:
            path.unlink()
        stays(world, OLD_RESULTS)
    eventually(lambda: cache.read_documents() == documents, what="the documents")

    world.api.stop()
    for path in files:
        replace_private(path, b"\xff" * 9)
    world.start()
    world.wait_for(OLD_RESULTS)
    assert cache.read_documents() == documents
