"""A list file that an earlier version has made."""

import json

import pytest

from tests.harness.deployment import Partner
from tests.indexer.api_keys import rotate
from tests.indexer.running import Running

PHONE = ("phone", "+12025550142")
OTHER = ("phone", "+12025550143")
OF_SCHEMA_10 = ("export_batches", "exports", "acknowledgements", "approvers", "results")
OF_SCHEMA_11 = ("notices", "up_files", "told_maps", "told_segments")
OF_SCHEMA_13 = ("told_states",)
OF_SCHEMA_14 = ("blocks", "exclusion_rules", "suspensions")


def without_schema_14(running: Running) -> None:
    running.change("ALTER TABLE blocks DROP COLUMN decided_at")
    running.change("ALTER TABLE exclusion_rules DROP COLUMN decided_at")
    running.change("DROP TABLE suspensions")
    running.change("PRAGMA user_version = 13")


def without_schema_13(running: Running) -> None:
    without_schema_14(running)
    for table in OF_SCHEMA_13:
        running.change(f"DROP TABLE {table}")
    running.change("CREATE TABLE told_partners (sha256 TEXT NOT NULL) STRICT")
    running.change("PRAGMA user_version = 12")


def without_schema_12(running: Running) -> None:
    without_schema_13(running)
    running.change("DROP TABLE told_partners")
    running.change("PRAGMA user_version = 11")


def without_schema_11(running: Running) -> None:
    without_schema_12(running)
    running.change("ALTER TABLE acknowledgements ADD COLUMN document BLOB NOT NULL DEFAULT x''")
    running.change("ALTER TABLE acknowledgements ADD COLUMN is_laid INTEGER NOT NULL DEFAULT 1")
    for table in OF_SCHEMA_11:
        running.change(f"DROP TABLE {table}")
    running.change("PRAGMA user_version = 10")


def without_schema_10(running: Running) -> None:
    without_schema_11(running)
    for table in OF_SCHEMA_10:
        running.change(f"DROP TABLE {table}")
    running.change("PRAGMA user_version = 9")


def without_schema_9(running: Running) -> None:
    running.change("DROP TABLE canaries")
    running.change("ALTER TABLE generations DROP COLUMN canaries")
    running.change("ALTER TABLE rotations DROP COLUMN old_api_key")
    running.change("DROP TABLE begun_keys")
    running.change("PRAGMA user_version = 8")


def schema(running: Running) -> dict[str, list[tuple[object, ...]]]:
    """Return the columns of each table, as SQLite knows them."""
    names = [
        name for (name,) in running.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
    ]
    return {
        name: sorted(one[1:] for one in running.rows(f"PRAGMA table_info({name})"))
        for name in names
    }


BEFORE = {
    8: (without_schema_10, without_schema_9),
    9: (without_schema_10,),
    10: (without_schema_11,),
    11: (without_schema_12,),
    12: (without_schema_13,),
    13: (without_schema_14,),
}


@pytest.mark.parametrize("before", BEFORE)
def test_a_list_file_of_a_schema_before_is_as_one_that_is_made_now(
    running: Running, before: int
) -> None:
    running.publish([(*PHONE, "trafficker")])
    made_now = schema(running)
    for take_away in BEFORE[before]:
        take_away(running)
    assert running.rows("PRAGMA user_version") == [(before,)]
    assert "run indexer compact" in running.run("spool", "status", expect=2).output
    running.run("compact")
    statements = json.loads(running.run("spool", "status", "--json").output)["statements"]
    assert statements == 1
    assert schema(running).keys() == made_now.keys()
    made = (*OF_SCHEMA_10, *OF_SCHEMA_11, *OF_SCHEMA_13, *OF_SCHEMA_14)
    assert {name: schema(running)[name] for name in made} == {name: made_now[name] for name in made}
    assert running.rows("PRAGMA user_version") == [(14,)]


def test_a_list_file_of_the_schema_before_comes_over_in_the_middle_of_a_rotation(
    running: Running,
) -> None:
    running.publish([(*PHONE, "trafficker")])
    running.add_partner("acme")
    rotate(running)
    new = Partner(running.folder / "rotated.json")
    without_schema_10(running)
    without_schema_9(running)
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
