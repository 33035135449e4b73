"""Token keys and states of partners, as a restore keeps and names them."""

import json

import pytest

from screening.registry.record import PartnerRecord
from tests.indexer.api_keys import kit_of, rotate
from tests.indexer.running import NO_STRETCH, Running
from tests.indexer.vault import Vault


def acme(running: Running) -> PartnerRecord:
    return running.records()["acme"]


def lost_and_restored(vault: Vault) -> str:
    """Lose the home, restore it, and put it in force; return what the restore said of partners."""
    vault.lose()
    said = vault.restore().output
    vault.running.run("compact")
    return said.partition("nothing of it")[0]


def end_overlap(running: Running) -> None:
    running.change("UPDATE rotations SET retire_at = 1")
    running.run("compact")


def test_whose_keys_are_renewed_is_named_while_the_old_ones_are_valid_too(vault: Vault) -> None:
    vault.back_up()
    rotate(vault.running)
    assert len(acme(vault.running).key_ids) == 2
    said = lost_and_restored(vault)
    assert "renewed    since: acme; nothing restored has their new token keys" in said
    assert acme(vault.running).key_ids == [vault.partner.kit.token_key.key_id]


def test_old_keys_that_were_retired_since_stay_so_and_nobody_needs_a_new_kit(vault: Vault) -> None:
    running, old = vault.running, vault.partner.kit.token_key.key_id
    rotate(running)
    vault.back_up()
    end_overlap(running)
    said = lost_and_restored(vault)
    new = kit_of(running, "rotated.json")
    assert f"retired    since: acme (token key {old}); and stays so" in said
    assert "renewed" not in said
    assert acme(running).key_ids == [new.token_key.key_id]
    assert [key.id for key in acme(running).api_keys] == [new.parsed_api_key().id]
    assert running.left_of(old) == []
    assert running.rows("SELECT * FROM rotations") == []
    assert "overlap " not in said
    (noted,) = (one for one in running.ledger() if one["command"] == "restore")
    assert noted["retired"] == {"acme": [old]}
    (running.folder / "rotated.json").unlink()
    rotate(running)  # there is no old overlap that it would shorten
    assert len(acme(running).key_ids) == 2


@pytest.mark.slow
def test_who_is_restored_in_an_overlap_is_named_for_it_may_have_been_shortened_since(
    vault: Vault,
) -> None:
    running = vault.running
    rotate(running)
    (backed_up,) = running.rows("SELECT retire_at FROM rotations")
    vault.back_up()
    rotate(running, "--overlap-days", "0")
    said = lost_and_restored(vault)
    assert "overlap    now: acme; the old keys are valid for as long as the backup has it" in said
    assert running.rows("SELECT retire_at FROM rotations") == [backed_up]
    assert len(acme(running).key_ids) == 2


def test_a_partner_is_never_restored_without_a_token_key(vault: Vault) -> None:
    running = vault.running
    vault.back_up()
    rotate(running, "--overlap-days", "0")
    running.run("compact")
    said = lost_and_restored(vault)
    assert "renewed    since: acme" in said
    assert "retired" not in said
    assert acme(running).key_ids == [vault.partner.kit.token_key.key_id]
    (running.folder / "rotated.json").unlink()
    rotate(running, "--scopes", "check")  # as it was told
    assert len(acme(running).key_ids) == 2


@pytest.mark.slow
def test_who_was_resumed_since_is_named_and_suspended_as_before(vault: Vault) -> None:
    running = vault.running
    running.run("partner", "suspend", "acme")
    vault.back_up()
    running.run("partner", "resume", "acme")
    said = lost_and_restored(vault)
    assert "resumed    since: acme; and suspended as in the backup" in said
    assert acme(running).state == "suspended"


def test_who_was_removed_before_and_added_again_since_is_named_as_shut_out(vault: Vault) -> None:
    running = vault.running
    for name in ("beta", "gamma"):
        running.add_partner(name)
        running.run("partner", "remove", name)
        running.kit_path(name).unlink()
    vault.back_up()
    running.add_partner("beta")
    said = lost_and_restored(vault)
    assert "returned   since: beta; the backup has them as removed" in said
    assert running.records()["beta"].state == "suspended"


@pytest.mark.slow
def test_who_was_half_added_when_the_backup_was_made_is_so_when_it_is_restored(
    vault: Vault,
) -> None:
    running = vault.running
    kit = ("--kit", str(running.kit_path("beta")), "--api-url", "https://api.example")
    for _ in running.killed_everywhere("partner", "add", "beta", *kit, *NO_STRETCH):
        if running.rows("SELECT 1 FROM partners WHERE state = 'adding'"):
            break
    vault.back_up()
    vault.lose()
    assert "untold" not in vault.restore().output  # no release has told anybody of it
    running.add_partner("beta")
    running.run("partner", "limits", "beta", "--daily", "7")
    lost_and_restored(vault)
    told = json.loads(running.run("status", "--json").output)["partners"]
    assert {one["name"]: one["state"] for one in told} == {"acme": "active", "beta": "adding"}
