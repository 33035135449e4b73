"""Keys, salt and pepper are renewed: the old ones hold beside the new ones, and then are gone."""

import json

import pytest

from screening.vocabulary.tokens import pepper_id
from tests.harness.deployment import Partner
from tests.indexer.attesting import attest
from tests.indexer.running import Running

PHONE = ("phone", "+12025550142")
OTHER = ("phone", "+12025550143")
LIST = [(*PHONE, "trafficker")]
URL = ("--api-url", "https://api.example")


def rotate(running: Running, *options: str, kill_before: int | None = None) -> Partner | None:
    path = running.kit_path("acme-new")
    ended = running.run(
        "partner", "rotate", "acme", "--kit", str(path), *URL, *options, kill_before=kill_before
    )
    return None if ended.was_killed else Partner(path)


def key_files(running: Running) -> set[str]:
    return {path.stem for path in (running.home / "keyring" / "token-keys").iterdir()}


def test_both_kits_are_answered_until_the_overlap_is_over(running: Running) -> None:
    running.publish(LIST)
    old = running.add_partner("acme")
    new = rotate(running)
    assert new is not None
    assert new.kit.token_key.secret != old.kit.token_key.secret
    assert new.kit.token_key.stretch == old.kit.token_key.stretch
    record = running.records()["acme"]
    assert record.key_ids == [new.kit.token_key.key_id, old.kit.token_key.key_id]
    assert [key.id for key in record.api_keys] == [
        new.kit.parsed_api_key().id,
        old.kit.parsed_api_key().id,
    ]
    for kit in (old, new):
        assert running.listed(kit, PHONE, OTHER) == [True, False]
    running.run("compact")
    assert running.records()["acme"].key_ids == record.key_ids


def test_the_old_keys_go_when_their_time_is_over_and_every_host_has_the_new_ones(
    running: Running,
) -> None:
    running.publish(LIST)
    old = running.add_partner("acme")
    new = rotate(running, "--overlap-days", "0")
    assert new is not None
    attest(running, "behind", seconds_ago=0, release=1)
    assert (
        "old keys stay valid, because an API host is behind: acme" in running.run("compact").output
    )
    assert len(running.records()["acme"].key_ids) == 2
    running.redis.delete("run:host:behind")
    assert "old keys retired: acme" in running.run("compact").output
    record = running.records()["acme"]
    assert record.key_ids == [new.kit.token_key.key_id]
    assert [key.id for key in record.api_keys] == [new.kit.parsed_api_key().id]
    assert set(running.heads()) == key_files(running) == {new.kit.token_key.key_id}
    assert not list(running.redis.scan_iter(f"generation:{old.kit.token_key.key_id}:*"))
    assert running.listed(new, PHONE) == [True]
    third = running.run("partner", "rotate", "acme", "--kit", str(running.kit_path("c")), *URL)
    assert "acme has new keys" in third.output
    assert "its old keys are valid until" in third.output
    assert "matches of acme are counted anew beside those before" in third.output
    assert "indexer partner limits acme --matches N" in third.output


def test_an_overlap_is_cut_short_by_the_same_command_with_fewer_days(running: Running) -> None:
    running.publish(LIST)
    running.add_partner("acme")
    new = rotate(running)
    assert new is not None
    kit = running.kit_path("acme-new").read_bytes()
    command = ("partner", "rotate", "acme", "--kit", str(running.kit_path("acme-new")), *URL)
    said = running.run(*command, "--overlap-days", "0").output
    assert "no other is written" in said
    assert "old keys are accepted until indexer compact retires them: run it as soon as" in said
    assert "valid until" not in said
    assert running.ledger()[-1] | {"at": ""} == {
        "at": "", "actor": running.ledger()[-1]["actor"], "command": "shorten overlap",
        "partner": "acme", "overlap_s": 0,
    }  # fmt: skip
    assert running.kit_path("acme-new").read_bytes() == kit
    assert "old keys retired: acme" in running.run("compact").output
    assert running.records()["acme"].key_ids == [new.kit.token_key.key_id]


def test_a_second_rotation_waits_for_the_end_of_the_first(running: Running) -> None:
    running.add_partner("acme")
    rotate(running)
    path = str(running.kit_path("other"))
    again = running.run("partner", "rotate", "acme", "--kit", path, *URL, expect=2)
    assert "old ones are still valid" in again.output


def test_a_rotation_keeps_the_policy(running: Running) -> None:
    running.publish([*LIST, ("email", "desk@harbour.example", "buyer")])
    running.add_partner("acme", "--stretch", "none", "--allow-unstretched", "--kinds", "email")
    new = rotate(running)
    assert new is not None
    assert running.listed(new, PHONE, ("email", "desk@harbour.example")) == [False, True]


@pytest.mark.slow
def test_a_rotation_killed_before_any_step_is_completed_by_the_same_command(
    running: Running,
) -> None:
    running.publish(LIST)
    old = running.add_partner("acme")
    step = 0
    while rotate(running, "--overlap-days", "0", kill_before=step) is None:
        assert running.listed(old, PHONE, OTHER) == [True, False]
        new = Partner(running.kit_path("acme-new")) if _is_given(running) else rotate(running)
        assert new is not None
        assert running.listed(new, PHONE, OTHER) == [True, False]
        assert len(running.records()["acme"].key_ids) == 2
        running.change("UPDATE rotations SET retire_at = 0")
        running.run("compact")
        assert set(running.heads()) == key_files(running) == {new.kit.token_key.key_id}
        running.kit_path("acme-new").unlink()
        old, step = new, step + 3
    assert step > 30


def _is_given(running: Running) -> bool:
    return bool(running.rows("SELECT 1 FROM rotations WHERE is_given"))


def test_a_pepper_comes_into_force_once_every_host_has_it(running: Running) -> None:
    running.publish(LIST)
    partner = running.add_partner("acme")
    before = running.manifest(partner).pepper_id
    assert "bring it to every API host" in running.run("rotate", "pepper").output
    upcoming = pepper_id((running.secrets / "pepper-next.key").read_bytes())
    assert running.manifest(partner).pepper_id == before != upcoming
    attest(running, "web", seconds_ago=0, release=2)
    refused = running.run("rotate", "pepper", expect=2).output
    assert "1 of 1 API hosts lack the next pepper" in refused
    assert running.manifest(partner).pepper_id == before
    attest(running, "web", seconds_ago=0, release=2, peppers=[before, upcoming])
    running.redis.delete("run:host:web")
    assert "no API host says" in running.run("rotate", "pepper", expect=2).output
    attest(running, "web", seconds_ago=0, release=2, peppers=[before, upcoming])
    second = running.run("rotate", "pepper", "--overlap-days", "1").output
    assert "matches of every partner are counted anew beside those before" in second
    running.redis.delete("run:host:web")
    running.run("compact")
    assert (running.secrets / "pepper-old.key").exists()  # its time is not over
    attest(running, "web", seconds_ago=0, release=2, peppers=[before, upcoming])
    running.change("UPDATE meta SET value = 0 WHERE name = 'pepper_retire_at'")
    assert running.manifest(partner).pepper_id == upcoming
    assert running.listed(partner, PHONE, OTHER) == [True, False]
    assert (running.secrets / "pepper-old.key").exists()
    assert "not retired yet" in running.run("rotate", "pepper", expect=2).output
    running.run("compact")
    assert (running.secrets / "pepper-old.key").exists()  # the host is still behind
    running.redis.delete("run:host:web")
    said = running.run("compact").output
    assert 0 < said.index("in place of the pepper.key there") < said.index("remove pepper-next.key")
    for folder in (running.secrets, running.home / "keyring"):
        assert {path.name for path in folder.glob("pepper*")} == {"pepper.key"}
    running.run("init")


def test_no_next_pepper_is_made_while_a_host_has_that_of_now_under_another_name(
    running: Running,
) -> None:
    running.publish(LIST)
    older = pepper_id((running.secrets / "pepper.key").read_bytes())
    running.run("rotate", "pepper")
    running.run("rotate", "pepper", "--overlap-days", "0", "--without-hosts")
    now = pepper_id((running.secrets / "pepper.key").read_bytes())
    attest(running, "web", seconds_ago=0, release=2, peppers=[now, older], pepper=older)
    lagging = "its pepper.key is not that in force"
    assert lagging not in running.run("status").output  # in the overlap that is as it should be
    running.run("compact")
    attest(running, "web", seconds_ago=0, release=3, peppers=[now, older], pepper=older)
    assert lagging in running.run("status").output
    refused = running.run("rotate", "pepper", expect=2).output
    assert "1 of 1 API hosts have another pepper.key than that in force" in refused
    assert not (running.secrets / "pepper-next.key").exists()
    attest(running, "web", seconds_ago=0, release=3, peppers=[now], pepper=now)
    assert lagging not in running.run("status").output
    running.run("rotate", "pepper")
    assert (running.secrets / "pepper-next.key").exists()


def test_a_rotation_of_the_pepper_killed_before_any_step_goes_on(running: Running) -> None:
    running.publish(LIST)
    partner = running.add_partner("acme")
    step = 0
    while True:
        ended = running.run("rotate", "pepper", "--without-hosts", kill_before=step, expect=None)
        assert running.listed(partner, PHONE, OTHER) == [True, False]
        if "not retired yet" in ended.output:  # all was done but to end
            break
        assert ended.was_killed or ended.code == 0
        if not ended.was_killed and not (running.secrets / "pepper-next.key").exists():
            break
        step += 2
    assert step > 20
    name = running.manifest(partner).pepper_id
    assert name == pepper_id((running.secrets / "pepper.key").read_bytes())
    assert name == pepper_id((running.home / "keyring" / "pepper.key").read_bytes())


def test_an_old_pepper_stays_while_an_index_in_force_is_built_with_it(running: Running) -> None:
    running.publish(LIST)
    partner = running.add_partner("acme")
    older = running.manifest(partner).pepper_id
    running.run("rotate", "pepper")
    running.run("rotate", "pepper", "--overlap-days", "0", "--without-hosts")
    # As where the second run died before it had put anything in force.
    running.change("UPDATE generations SET pepper_id = '0123456789abcdef'")
    assert "old pepper is removed" not in running.run("compact").output
    assert (running.secrets / "pepper-old.key").exists()
    assert running.manifest(partner).pepper_id != older
    assert "old pepper is removed" in running.run("compact").output


@pytest.mark.parametrize("name", ["nobody", "acme"])
def test_who_is_not_there_is_not_rotated(running: Running, name: str) -> None:
    path = str(running.kit_path("x"))
    refused = running.run("partner", "rotate", name, "--kit", path, *URL, expect=2)
    assert "no partner of that name" in refused.output


def test_old_keys_stay_until_the_overlap_is_over(running: Running) -> None:
    running.publish(LIST)
    running.add_partner("acme")
    rotate(running, "--overlap-days", "1")
    running.run("compact")
    assert len(running.records()["acme"].key_ids) == 2
    running.change("UPDATE rotations SET retire_at = 0, is_given = 0")  # its kit was never written
    running.run("compact")
    assert len(running.records()["acme"].key_ids) == 2
    running.change("UPDATE rotations SET is_given = 1")
    running.run("compact")
    assert len(running.records()["acme"].key_ids) == 1


def test_a_suspended_partner_is_given_no_new_keys(running: Running) -> None:
    running.add_partner("acme")
    running.run("partner", "suspend", "acme")
    path = str(running.kit_path("new"))
    refused = running.run("partner", "rotate", "acme", "--kit", path, *URL, expect=2).output
    assert "resume it first" in refused


def test_status_names_who_needs_a_new_kit_until_each_has_it(running: Running) -> None:
    running.publish(LIST)
    running.add_partner("acme")
    running.run("rotate", "salt")
    running.add_partner("late")
    said = running.run("status").output
    assert "older     kits have another salt than new ones: acme; give each a new one by" in said
    assert "normaliser version" not in said
    assert json.loads(running.run("status", "--json").output)["older_kits"]["of_salt"] == ["acme"]
    rotate(running)
    assert "older" not in running.run("status").output


def test_who_needs_a_new_kit_is_said_to_be_unknown_where_a_token_key_cannot_be_read(
    running: Running,
) -> None:
    running.publish(LIST)
    running.add_partner("acme")
    running.add_partner("late")
    assert json.loads(running.run("status", "--json").output)["older_kits"] == {
        "of_salt": [],
        "of_normaliser": [],
    }
    (path,) = running.home.glob("keyring/token-keys/acme-*.json")
    for spoil in (lambda: path.write_bytes(b"damaged"), path.unlink):
        spoil()
        assert json.loads(running.run("status", "--json").stdout)["older_kits"] is None
        (line,) = (one for one in running.run("status").output.splitlines() if "older" in one)
        assert line.startswith("older     unknown: a token key is damaged or gone")
