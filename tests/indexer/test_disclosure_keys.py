"""Disclosure keys are made once, renewed when told, kept apart, and in no backup but for a half."""

import shutil
from pathlib import Path

import pytest

from indexer.backup.archive import home_files
from screening.disclosure.keys import PUBLIC_HALVES, DisclosureKey, read_public_halves
from screening.disclosure.opening import read_private_halves
from tests.harness.slow import slow_but_first
from tests.harness.template import Template
from tests.harness.valkey import Valkey
from tests.indexer.running import Running
from tests.indexer.vault import Vault, content_of, loose


@pytest.fixture
def fresh(tmp_path: Path, template: Template, valkey: Valkey) -> Running:
    """A deployment of which nothing is made yet."""
    return Running(tmp_path, template, valkey.url)


def shared(running: Running) -> list[DisclosureKey]:
    return read_public_halves(running.secrets / PUBLIC_HALVES)


def kept(running: Running) -> list[DisclosureKey]:
    return read_public_halves(running.home / "keyring" / PUBLIC_HALVES)


def private(running: Running) -> set[str]:
    return {half.key.id for half in read_private_halves(running.disclosure)}


def test_init_makes_a_pair_in_three_folders_and_says_what_to_do_with_the_private_half(
    fresh: Running,
) -> None:
    said = fresh.run("init").output
    (key,) = shared(fresh)
    assert kept(fresh) == [key]
    half = fresh.disclosure / f"disclosure-{key.id}.key"
    assert list(fresh.disclosure.iterdir()) == [half]
    assert f"private half of the disclosure key in {half}: move it to the host" in said
    assert loose(fresh.home) == loose(fresh.secrets) == loose(fresh.disclosure) == []
    secret = half.read_bytes()
    for folder in (fresh.home, fresh.secrets):
        assert not any(secret in content for content in content_of(folder).values())
    assert fresh.ledger()[-1]["disclosure"] == key.id


def test_once_the_private_half_is_moved_away_init_makes_no_other(fresh: Running) -> None:
    fresh.run("init")
    shutil.rmtree(fresh.disclosure)
    before = content_of(fresh.secrets)
    said = fresh.run("init").output
    assert "private half" not in said
    assert content_of(fresh.secrets) == before
    assert not fresh.disclosure.exists()


def test_init_gives_a_deployment_of_before_a_pair_and_changes_nothing_else(fresh: Running) -> None:
    fresh.run("init")
    for folder in (fresh.secrets, fresh.home / "keyring"):
        (folder / PUBLIC_HALVES).unlink()
    shutil.rmtree(fresh.disclosure)
    before = {folder: content_of(folder) for folder in (fresh.secrets, fresh.home / "keyring")}
    assert "private half of the disclosure key in" in fresh.run("init").output
    (key,) = shared(fresh)
    assert private(fresh) == {key.id}
    for folder, content in before.items():
        assert content_of(folder).items() - content.items() == {
            (PUBLIC_HALVES, (folder / PUBLIC_HALVES).read_bytes())
        }


@slow_but_first(1, "command", [["init"], ["rotate", "disclosure"]])
def test_killed_before_any_step_what_can_be_sealed_to_can_be_opened_and_it_goes_on(
    tmp_path: Path, template: Template, valkey: Valkey, command: list[str]
) -> None:
    for step in range(200):
        folder = tmp_path / str(step)
        folder.mkdir()
        running = Running(folder, template, valkey.url)
        if command != ["init"]:
            running.run("init")
        ended = running.run(*command, kill_before=step)
        for public in (running.secrets / PUBLIC_HALVES, running.home / "keyring" / PUBLIC_HALVES):
            if public.exists():
                assert {key.id for key in read_public_halves(public)} <= private(running)
        running.run(*command)
        assert shared(running) == kept(running)
        assert {key.id for key in shared(running)} <= private(running)
        running.redis.close()
        if not ended.was_killed:
            assert step >= 10
            return
    raise AssertionError("it never came to its end")


def test_a_rotation_adds_a_key_that_seals_and_keeps_the_ones_before(running: Running) -> None:
    (first,) = shared(running)
    said = running.run("rotate", "disclosure").output
    older, newer = shared(running)
    assert (older, kept(running)) == (first, [older, newer])
    assert f"bring {running.secrets / PUBLIC_HALVES} to every API host" in said
    assert f"disclosure-{newer.id}.key" in said
    assert {first.id, newer.id} <= private(running)
    assert running.ledger()[-1]["disclosure"] == newer.id
    assert loose(running.disclosure) == []


def test_there_is_no_rotation_where_there_is_no_keyring(fresh: Running) -> None:
    assert "run: indexer init" in fresh.run("rotate", "disclosure", expect=2).output
    assert not fresh.disclosure.exists()


@slow_but_first(1, "place", ["indexer", "indexer/keyring/x", "secrets/x", "."])
def test_private_halves_never_lie_where_backups_or_api_hosts_would_have_them(
    fresh: Running, place: str
) -> None:
    for command in (["init"], ["rotate", "disclosure"]):
        folder = str(fresh.folder / place)
        said = fresh.run(*command, DISCLOSURE_HOME=folder, expect=2).output
        if command == ["init"]:
            assert "point DISCLOSURE_HOME to a folder apart" in said
            assert not fresh.home.exists()
            fresh.run("init")
        else:
            assert "point DISCLOSURE_HOME to a folder apart" in said


def test_a_backup_has_the_public_halves_and_no_private_one(vault: Vault) -> None:
    running = vault.running
    vault.back_up()
    assert f"keyring/{PUBLIC_HALVES}" in home_files(running.home)
    secrets = {half.secret for half in read_private_halves(running.disclosure)}
    content = content_of(running.home)
    assert not any(secret in one for one in content.values() for secret in secrets)
    keys = shared(running)
    vault.lose()
    shutil.rmtree(running.disclosure)
    vault.restore()
    assert shared(running) == kept(running) == keys
    assert not running.disclosure.exists()


def test_a_home_restored_from_before_a_rotation_takes_the_newer_key_from_the_share(
    vault: Vault,
) -> None:
    running = vault.running
    vault.back_up()
    running.run("rotate", "disclosure")
    keys = shared(running)
    shutil.rmtree(running.home)
    vault.restore()
    assert shared(running) == kept(running) == keys


def test_a_share_with_another_keyring_s_disclosure_key_is_refused(fresh: Running) -> None:
    fresh.run("init")
    other = Running(fresh.folder / "other", fresh._template, fresh.settings["SCREENING_REDIS_URL"])
    other.folder.mkdir()
    other.run("init")
    shutil.copy(other.secrets / PUBLIC_HALVES, fresh.secrets / PUBLIC_HALVES)
    for command in (["init"], ["rotate", "disclosure"]):
        said = fresh.run(*command, expect=2).output
        assert "belongs to another keyring" in said
    other.redis.close()
