"""A rotation that is run again takes no other terms than the keys were given with."""

import pytest

from tests.indexer.running import Running
from tests.indexer.test_rotation import URL, rotate


@pytest.mark.parametrize(
    "others",
    [
        (*URL, "--scopes", "check,bulk"),
        (*URL, "--stretch", "strong"),
        ("--api-url", "https://elsewhere.example"),
    ],
    ids=lambda others: others[-2],
)
def test_the_same_command_with_other_terms_changes_nothing_and_says_so(
    running: Running, others: tuple[str, ...]
) -> None:
    running.add_partner("acme")
    rotate(running)
    before = running.records()
    command = ("partner", "rotate", "acme", "--kit", str(running.kit_path("acme-new")))
    said = running.run(*command, *others, "--overlap-days", "0", expect=2).output
    assert f"with another {others[-2]}" in said
    assert running.records() == before
    running.run(*command, *URL, "--scopes", "check", "--overlap-days", "0")
