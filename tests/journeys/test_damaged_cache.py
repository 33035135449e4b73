"""Damaged files in the cache of an API host: not loaded, and brought again."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from screening.api.cache import Cache
from screening.private_files import remove_whatever, replace_private
from screening.store import keys
from tests.harness.damage import written_over
from tests.harness.deployment import Partner
from tests.harness.processes import eventually
from tests.harness.slow import slow_but_first
from tests.harness.template import Template
from tests.harness.valkey import Valkey
from tests.journeys.tampered import (
    LISTED,
    NEW,
    NEW_RESULTS,
    OLD,
    OLD_RESULTS,
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


def generation_folder(world: World, partner: Partner) -> Path:
    key_id = partner.kit.token_key.key_id
    return world.deployed.home / "cache" / "generations" / key_id / world.head(partner).generation


def test_a_damaged_file_in_the_cache_is_not_loaded_and_is_fetched_again(world: World) -> None:
    *victims, bystander = world.partners
    names = ("manifest", "filter", "table", "records")
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


@slow_but_first(1, "damage", ["cut off", "removed", "one byte"])
def test_what_is_damaged_while_it_is_served_is_fetched_again(world: World, damage: str) -> None:
    victim = world.partners[0]
    path = generation_folder(world, victim) / "filter"
    content = path.read_bytes()
    workers = world.api.worker_pids()
    match damage:
        case "cut off":  # under the feet of workers that have it mapped: the next to look dies
            os.truncate(path, 0)
        case "removed":
            path.unlink()
        case _:
            replace_private(path, one_byte_changed(content, len(content) // 2))
    with world.alarm("cache_untrusted"):
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
    eventually(lambda: path.exists() and path.read_bytes() == content, what="the file")
    eventually(lambda: not set(world.api.worker_pids()) & set(workers), what="other workers")
    world.wait_for(OLD_RESULTS)


@slow_but_first(1, "name", ["filter", "table", "records"])
def test_what_is_written_over_while_it_is_served_is_answered_from_no_more(
    world: World, name: str
) -> None:
    victim, bystander, *_ = world.partners
    path = generation_folder(world, victim) / name
    world.valkey.kill()  # so that nothing can be fetched
    try:
        content = written_over(path)
        eventually(lambda: world.told(victim) == ["unavailable"], what="an end of answers")
        for _ in range(20):
            assert world.told(victim) == ["unavailable"]
            assert bystander.results(world.api, LISTED) == ["match"]
    finally:
        world.valkey.start()
    world.wait_for(OLD_RESULTS)
    assert path.read_bytes() == content


@pytest.mark.slow
def test_what_is_no_file_and_no_folder_is_replaced_and_holds_nobody_up(world: World) -> None:
    folders = [generation_folder(world, partner) for partner in world.partners[:4]]
    of_pipes, of_links = folders[:2], folders[2:]
    world.api.stop()
    for path in (of_pipes[0] / "manifest", of_pipes[1]):
        remove_whatever(path)
        os.mkfifo(path, 0o600)
    for path in (of_links[0] / "manifest", of_links[1]):
        remove_whatever(path)
        path.symlink_to(path.parent / "nothing")
    world.start()
    world.wait_for(OLD_RESULTS)
    for folder in folders:
        assert folder.is_dir() and not folder.is_symlink()
        assert (folder / "manifest").is_file()


def displace(path: Path, thing: str) -> None:
    """Put something else where a file is."""
    path.unlink()
    match thing:
        case "pipe":
            os.mkfifo(path, 0o600)
        case "folder":
            path.mkdir()
            (path / "within").write_bytes(b"")
        case _:
            path.symlink_to(path)


@pytest.mark.parametrize("things", [("pipe", "folder"), ("folder", "loop"), ("loop", "pipe")])
@pytest.mark.slow
def test_what_stands_in_place_of_a_file_in_the_cache_is_replaced_and_holds_up_no_release(
    world: World, things: tuple[str, str]
) -> None:
    paths = [world.deployed.home / "cache" / name for name in ("documents", "confirmed")]
    with world.sync_stopped():
        for path, thing in zip(paths, things, strict=True):
            displace(path, thing)
    world.in_force(NEW)
    assert all(path.is_file() and not path.is_symlink() for path in paths)
    world.api.stop()
    for path, thing in zip(paths, things, strict=True):
        displace(path, thing)
    world.start()
    world.in_force(OLD)
    assert all(path.is_file() and not path.is_symlink() for path in paths)


@pytest.mark.slow
def test_a_folder_that_others_can_enter_keeps_one_token_key_only(world: World) -> None:
    victim, *others = world.partners
    folder = generation_folder(world, victim).parent
    folder.chmod(0o755)
    try:
        with world.alarm("cache_unwritable"):
            world.publish(NEW, anew=True)
            eventually(
                lambda: all(world.told(one) == NEW_RESULTS for one in others), what="the new list"
            )
    finally:
        folder.chmod(0o700)
    world.wait_for(NEW_RESULTS)


def maps_of(pid: int) -> str:
    return Path(f"/proc/{pid}/maps").read_text()


@pytest.mark.slow
def test_what_is_written_over_no_worker_maps_any_longer(world: World) -> None:
    world.api.stop()
    world.start(workers=2)
    world.wait_for(OLD_RESULTS)
    folder = generation_folder(world, world.partners[0])
    table = folder / "table"
    content = table.read_bytes()
    workers = world.api.worker_pids()
    eventually(lambda: all(str(table) in maps_of(pid) for pid in workers), what="loaded lists")
    with world.alarm("cache_untrusted"), table.open("r+b") as file:
        file.write(one_byte_changed(content, len(content) // 2))
    eventually(lambda: table.exists() and table.read_bytes() == content, what="the file")

    damaged = f"{table} (deleted)"
    eventually(lambda: not any(damaged in maps_of(pid) for pid in workers), what="the new file")
    eventually(lambda: all(str(table) in maps_of(pid) for pid in workers), what="loaded lists")
    assert world.api.worker_pids() == workers
    world.wait_for(OLD_RESULTS)


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


@pytest.mark.slow
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
