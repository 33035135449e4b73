"""A card's number among the arguments is warned of: others see it there."""

from typing import Final

import pytest

from tests.indexer.running import Running

REASON: Final = ["--reason", "case 7"]
TAKE_VALUES: Final = [
    ["add", "card:{}", "--role", "buyer"],
    ["retract", "card:{}", *REASON],
    ["lift", "card:{}"],
    ["show", "card:{}"],
    ["canary", "add", "card:{}", "--we-control-these"],
    ["canary", "remove", "card:{}"],
    ["exclusions", "override", "card:{}", *REASON],
    ["exclusions", "unoverride", "card:{}"],
    ["exclusions", "add", "card", "exact", "{}", "--category", "other"],
    ["exclusions", "remove", "card", "exact", "{}"],
]


@pytest.mark.parametrize("arguments", TAKE_VALUES, ids=lambda said: " ".join(said[:2]))
def test_a_card_among_the_arguments_is_warned_of_and_one_on_stdin_is_not(
    running: Running, arguments: list[str]
) -> None:
    card = "4242 4242 4242 4242"
    seen = running.run(*(one.format(card) for one in arguments), expect=None)
    assert seen.stderr.count("others on this machine can see (ps)") == 1
    instead = "card:-" if "card:{}" in arguments else "-"
    assert f"write {instead} and give it on stdin" in seen.stderr
    assert card not in seen.output
    given = running.run(*(one.format("-") for one in arguments), stdin=f"{card}\n", expect=None)
    assert "others on this machine" not in given.output


def test_a_rule_of_a_card_is_taken_from_stdin(running: Running) -> None:
    rule = ["exclusions", "add", "card", "exact", "-", "--category", "other"]
    running.run(*rule, stdin="4242 4242 4242 4242\n")
    assert "card,exact,4242424242424242," in running.run("exclusions", "list", "--own").stdout
    running.run("exclusions", "remove", "card", "exact", "-", stdin="4242 4242 4242 4242\n")
    assert "4242" not in running.run("exclusions", "list", "--own").stdout


def test_a_range_of_cards_is_nobodys_number(running: Running) -> None:
    rule = ["exclusions", "add", "card", "range", "424242xxxxxxxxxx", "--category", "other"]
    assert "others on this machine" not in running.run(*rule).output
