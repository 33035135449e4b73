"""The kit of `partner key add`: what it opens, and when the command, run again, takes it up."""

from pathlib import Path

from screening.vocabulary.kit import parse_kit
from tests.indexer.api_keys import URL, add_key, api_keys
from tests.indexer.running import Running


def test_a_command_that_dies_leaves_no_key_that_opens_anything_but_from_the_kit(
    running: Running,
) -> None:
    first = running.add_partner("acme").kit.parsed_api_key().id
    kit = running.folder / "second.json"
    command = ("partner", "key", "add", "acme", "--kit", str(kit), *URL)
    taken_up = 0
    for _ in running.killed_everywhere(*command):
        in_force = {key.id for key in api_keys(running)} - {first}
        written = {parse_kit(kit.read_bytes()).parsed_api_key().id} if _is_whole(kit) else set()
        assert in_force <= written
        if running.rows("SELECT 1 FROM begun_keys"):
            running.run(*command, "--per-second", "7", expect=2)  # on other terms it is another
            running.run(*command)  # puts that in force, and gives no other
            assert {key.id for key in api_keys(running)} == {first, *written}
            taken_up += 1
        kit.unlink(missing_ok=True)
    assert taken_up


def _is_whole(kit: Path) -> bool:
    return kit.exists() and kit.stat().st_size > 0


def test_a_kit_that_is_there_already_is_no_kit_of_another_key(running: Running) -> None:
    running.add_partner("acme")
    before = api_keys(running)
    for terms in ((), ("--scopes", "check,bulk"), ("--networks", "192.0.2.0/24")):
        assert "is there already" in add_key(running, *terms, kit="acme.kit.json", expect=2)
    assert api_keys(running) == before


def test_the_same_command_again_gives_no_key_and_no_terms_and_says_so(running: Running) -> None:
    running.add_partner("acme")
    add_key(running, "--networks", "192.0.2.0/24")
    before = api_keys(running)
    for terms in ("192.0.2.0/24", "198.51.100.0/24"):
        assert "is there already" in add_key(running, "--networks", terms, expect=2)
    assert api_keys(running) == before
