"""Someone writes to Redis: what was loaded stays, and nothing false is believed."""

from collections.abc import Callable, Iterator
from typing import Final

import msgspec
import pytest

from screening.registry.record import (
    ApiKeyRecord,
    ApiKeyVerifiers,
    PartnerRecord,
    open_record,
    sign_record,
)
from screening.store import keys
from screening.store.signed import Signer
from screening.vocabulary.api_key import new_api_key
from tests.harness import plain_http
from tests.harness.processes import eventually
from tests.harness.slow import slow_but_first
from tests.harness.template import Template
from tests.harness.valkey import Valkey
from tests.journeys.tampered import (
    LISTED,
    NEW,
    NEW_RESULTS,
    NO_STRETCH,
    OLD,
    OLD_RESULTS,
    TEST_LISTED,
    World,
    one_byte_changed,
    stays,
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[World]:
    valkey = Valkey(tmp_path_factory.mktemp("vk"))
    running = World(tmp_path_factory.mktemp("tampered"), valkey, template)
    yield running
    running.close()
    valkey.kill()


@pytest.fixture(autouse=True)
def whole(world: World) -> None:
    """Each test begins, and the one before has ended, with what can be put right by publishing."""
    world.in_force(OLD)


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


@pytest.mark.slow
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


@pytest.mark.slow
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
    forged = ApiKeyRecord(
        id=forged_key.id, verifier=verifier.of(forged_key.text.encode()), scopes=["check"]
    )
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
        refused = plain_http.post(
            f"{world.api.url}/v1/check", json=acme.body(LISTED), headers=headers
        )
        assert refused.status_code == 401
        assert acme.ask(world.api, LISTED, route="bulk").status_code == 403
        stays(world, OLD_RESULTS)


@pytest.mark.slow
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


@pytest.mark.slow
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


@slow_but_first(1, "how", ["removed", "altered", "cut short", "another's"])
def test_a_generation_with_a_false_artefact_is_not_loaded_and_the_one_before_stays(
    world: World, how: str
) -> None:
    *victims, bystander = world.partners
    with world.alarm("generation_untrusted"), world.sync_stopped():
        world.publish(NEW, anew=True)
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


@slow_but_first(1, "how", ["removed", "altered", "cut short", "of the other list"])
def test_an_overlay_that_is_false_is_not_loaded_and_the_list_before_stays(
    world: World, how: str
) -> None:
    victim, *_, bystander = world.partners
    key_id = victim.kit.token_key.key_id
    # On a generation of its own: no host may have that very overlay from a test before.
    world.publish(OLD, anew=True)
    world.wait_for(OLD_RESULTS)
    with world.alarm("generation_untrusted"), world.sync_stopped():
        before = world.overlay(victim)
        world.publish(NEW)
        overlay = world.head(victim).overlay
        assert overlay.count
        name = keys.overlay(key_id, world.head(victim).generation, overlay.sha256)
        content = world.redis.get(name)
        assert isinstance(content, bytes)
        world.redis.delete(name)
        tampered = {
            "removed": None,
            "altered": one_byte_changed(content, len(content) // 2),
            "cut short": content[:-1],
            "of the other list": before or content[::-1],
        }[how]
        if tampered is not None:
            world.redis.set(name, tampered)
    eventually(lambda: world.told(bystander) == NEW_RESULTS, what="who is not concerned")
    for _ in range(5):
        assert world.told(victim) == OLD_RESULTS
