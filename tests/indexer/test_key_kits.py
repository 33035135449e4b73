"""The kit of `partner key add`: what it opens, and when the command, run again, takes it up."""

from pathlib import Path

from screening.vocabulary.kit import parse_kit
from tests.indexer.api_keys import URL, api_keys
from tests.indexer.running import Running


def test_a_command_that_dies_leaves_no_key_that_opens_anything_but_from_the_kit(
    running: Running,
) -> None:
    first = running.add_partner("acme").kit.parsed_api_key().id
    kit = running.folder / "second.json"
    command = ("partner", "key", "add", "acme", "--kit", str(kit), *URL)
    for _ in running.killed_everywhere(*command):
        in_force = {key.id for key in api_keys(running)} - {first}
        written = {parse_kit(kit.read_bytes()).parsed_api_key().id} if _is_whole(kit) else set()
        assert in_force <= written
        if in_force:
            running.run(*command)  # says so, and changes no key
            assert {key.id for key in api_keys(running)} == {first, *written}
        kit.unlink(missing_ok=True)


def _is_whole(kit: Path) -> bool:
    return kit.exists() and kit.stat().st_size > 0
