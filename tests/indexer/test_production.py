"""`INDEXER_PRODUCTION`: what the console stands for is not done by hand."""

import pytest

from tests.indexer.running import Running

PHONE = "phone:+12025550142"
BY_HAND = [
    ("publish", "list.csv"),
    ("add", PHONE, "--role", "buyer"),
    ("import", "list.csv"),
    ("retract", PHONE, "--reason", "wrong"),
    ("lift", PHONE),
    ("rollback",),
    ("exclusions", "add", "phone", "exact", "+12025550142", "--category", "hotline"),
    ("exclusions", "remove", "phone", "exact", "+12025550142"),
    ("exclusions", "override", PHONE, "--reason", "x"),
    ("exclusions", "unoverride", PHONE),
    ("partner", "add", "acme", "--kit", "kit.json", "--api-url", "https://api.example"),
    ("partner", "policy", "acme", "--kinds", "phone"),
    ("partner", "rotate", "acme", "--kit", "kit.json", "--api-url", "https://api.example"),
    ("partner", "resume", "acme"),
    ("partner", "remove", "acme"),
    ("partner", "limits", "acme", "--per-second", "7"),
    ("partner", "lift", "acme"),
    ("notice", f"{'a' * 26}.0", "--partner", "acme"),
    ("partner", "key", "add", "acme", "--kit", "kit.json", "--api-url", "https://api.example"),
    ("canary", "add", "email:someone@person.example", "--we-control-these"),
]
WITHOUT_A_PAGE = (("canary", "add"), ("exclusions", "override"), ("exclusions", "unoverride"))


@pytest.mark.parametrize("command", BY_HAND, ids=" ".join)
def test_what_the_console_stands_for_is_refused_and_changes_nothing(
    running: Running, command: tuple[str, ...]
) -> None:
    running.write_list([("phone", "+12025550142", "buyer")])
    recorded = running.ledger()
    ended = running.run(*command, expect=2, INDEXER_PRODUCTION="1")
    to_do = "have it approved in the console"
    if command[:2] in WITHOUT_A_PAGE:
        to_do = "it has no page in the console"
    elif command[0] == "retract":
        to_do = (
            "take it off in the console, which one person does at once; where the console is down"
        )
    assert f"not for hands here (INDEXER_PRODUCTION); {to_do}" in ended.output
    assert running.ledger() == recorded
    assert not (running.home / "list.sqlite").exists()


def test_what_cuts_a_partner_off_and_what_only_looks_is_done(running: Running) -> None:
    running.publish([("phone", "+12025550142", "buyer")])
    acme = running.add_partner("acme")
    key_id = acme.kit.parsed_api_key().id
    for command in (
        ("partner", "key", "list", "acme"),
        ("partner", "suspend", "acme"),
        ("partner", "key", "revoke", "acme", key_id, "--last"),
        ("exclusions", "list"),
        ("canary", "list"),
        ("canary", "remove", PHONE),
        ("compact",),
        ("spool", "status"),
        ("status",),
    ):
        ended = running.run(*command, expect=None, INDEXER_PRODUCTION="1")
        assert "INDEXER_PRODUCTION" not in ended.output, command
    assert running.records()["acme"].state == "suspended"


def test_by_hand_is_the_default(running: Running) -> None:
    assert "1 of 1" not in running.publish([("phone", "+12025550142", "buyer")]).output
    running.run("add", "phone:+12025550143", "--role", "buyer", INDEXER_PRODUCTION="0")
