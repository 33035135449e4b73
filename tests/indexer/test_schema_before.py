"""A list file that the version before has made."""

from tests.harness.deployment import Partner
from tests.indexer.api_keys import rotate
from tests.indexer.running import Running

PHONE = ("phone", "+12025550142")
OTHER = ("phone", "+12025550143")


def test_a_list_file_of_the_schema_before_comes_over_in_the_middle_of_a_rotation(
    running: Running,
) -> None:
    running.publish([(*PHONE, "trafficker")])
    running.add_partner("acme")
    rotate(running)
    new = Partner(running.folder / "rotated.json")
    running.change("DROP TABLE canaries")
    running.change("ALTER TABLE generations DROP COLUMN canaries")
    running.change("ALTER TABLE rotations DROP COLUMN old_api_key")
    running.change("DROP TABLE begun_keys")
    running.change("PRAGMA user_version = 8")
    assert "run indexer compact, which takes it over" in running.run("status", expect=2).output
    running.run("compact")
    assert running.listed(new, PHONE, OTHER) == [True, False]
    assert len(running.records()["acme"].api_keys) == 2
    running.change("UPDATE rotations SET retire_at = 0")
    running.run("compact")
    assert [key.id for key in running.records()["acme"].api_keys] == [new.kit.parsed_api_key().id]
    running.run("canary", "add", "phone:+12025550160..+12025550169", "--we-control-these")
    assert len(running.manifest(new).canaries) == 10
    assert "canaries  10" in running.run("status").output
