"""A selector named on a command line means what the same spelling means in a list, or nothing."""

from collections.abc import Iterator

import pytest

from tests.harness.template import Template
from tests.harness.valkey import Valkey
from tests.indexer.running import Running

LONDON = ("phone", "+442079460958")
BERLIN = ("phone", "+49442079460958")
"""What a parser makes of London's digits in Germany."""
EGYPT = "+2025550142"
WASHINGTON = ("phone", "+12025550142")

COMMANDS = [
    ("retract", "--reason", "wrong"),
    ("lift",),
    ("show",),
    ("exclusions", "override", "--reason", "case 7"),
    ("exclusions", "unoverride"),
]
SPELLINGS = [
    ("phone:442079460958", "DE", "a + is missing, or one too many"),
    (f"phone:{EGYPT}", "US", "a + is missing, or one too many"),
    ("phone:202-555-0142, 0143", "US", "more than one value"),
    ("phone:+12025550142 Jo", "US", "something stands beside the number or address"),
    ("phone:12025550142.0", "US", "a spreadsheet has changed"),
    ("passport:X1", "US", "the kind must be phone, card or email"),
]


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[Running]:
    valkey = Valkey(tmp_path_factory.mktemp("vk"))
    deployment = Running(tmp_path_factory.mktemp("untouched"), template, valkey.url)
    deployment.run("init")
    deployment.publish([(*one, "buyer") for one in (LONDON, BERLIN, WASHINGTON)])
    yield deployment
    deployment.redis.close()
    valkey.kill()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:2]))
@pytest.mark.parametrize(("selector", "region", "sentence"), SPELLINGS)
def test_what_a_list_would_not_read_names_nothing(
    untouched: Running, command: tuple[str, ...], selector: str, region: str, sentence: str
) -> None:
    said = untouched.run(*command, "--region", region, selector, expect=2).output
    assert said.startswith("selector 1: ")
    assert sentence in said
    assert selector.partition(":")[2] not in said
    assert untouched.run("status").output.startswith("list      1:")


@pytest.mark.parametrize(("selector", "region", "sentence"), SPELLINGS[:-1])
def test_a_rule_for_one_selector_is_read_as_a_list_is(
    untouched: Running, selector: str, region: str, sentence: str
) -> None:
    rule = ("phone", "exact", selector.partition(":")[2])
    said = untouched.run(
        "exclusions", "add", *rule, "--region", region, "--category", "shelter", expect=2
    ).output
    assert "the value is not taken: " in said
    assert sentence in said


def test_a_canonical_form_is_named_as_it_stands(running: Running) -> None:
    listed = "email:jane=agency@agency.example"  # as a cell of a list, it has a remark beside it
    running.publish([(*WASHINGTON, "buyer")])
    said = running.run("retract", listed, "--reason", "wrong").output
    assert "1 retracted, 0 of them were listed" in said
    running.run("lift", listed)
