"""What is typed in the wrong place: a sentence says what belongs there, and repeats none of it."""

from collections.abc import Iterator
from typing import Final

import pytest

from tests.harness.template import Template
from tests.harness.valkey import Valkey
from tests.indexer.running import Running

SELECTOR: Final = "+12025550142"


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[Running]:
    valkey = Valkey(tmp_path_factory.mktemp("vk"))
    deployment = Running(tmp_path_factory.mktemp("mistaken"), template, valkey.url)
    deployment.run("init")
    listed = deployment.write_list([("phone", SELECTOR, "trafficker")])
    listed.rename(deployment.folder / "list.csv")
    yield deployment
    deployment.redis.close()
    valkey.kill()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["publish", SELECTOR],
            "invalid value for 'FILES...': there is nothing at that path; check it",
        ),
        (["import", SELECTOR], "there is nothing at that path"),
        (["extract", SELECTOR, "-o", "x", "--report", "y"], "there is nothing at that path"),
        (["extract", "/", "-o", "x", "--report", "y"], "that is a folder; give a file"),
        ([f"phone:{SELECTOR}"], "there is no such command"),
        (["partner", SELECTOR], "there is no such command"),
        (
            ["exclusions", "add", "phone", SELECTOR, "exact", "--category", "shelter"],
            "'MATCH': choose one of exact, range, domain, mailbox",
        ),
        (["due", "--within", SELECTOR[1:]], "invalid value for '--within': give a number from 0"),
        (["due", "--within", "a@list.example"], "give a number from 0 to 3650"),
        (["rollback", SELECTOR], "too many values"),
        (["rollback", "--to", "a@list.example"], "give a number from 1 up"),
        (["publish", f"-{SELECTOR}"], "a value that begins with - must come after --"),
        (["add", SELECTOR, "--role", "buyer"], "selector 1 must be written KIND:VALUE"),
        (["add", "phone:+12025550143", "--role", SELECTOR], "'--role': choose one of trafficker, "),
        (["import", "{list}", "--role", SELECTOR], "'--role': choose one of trafficker, "),
        (["publish", "--region", SELECTOR, "{list}"], "no such country"),
        (["partner", "add", "acme", "--frobs", SELECTOR], "No such option '--frobs'"),
        (
            [
                "partner",
                "add",
                "a",
                "--kit",
                "k",
                "--api-url",
                "https://x.test",
                "--scopes",
                "chek",
            ],
            "for '--scopes': the scopes are check and bulk",
        ),
    ],
)
def test_what_is_mistaken_for_something_else_is_not_repeated(
    deployment: Running, arguments: list[str], sentence: str
) -> None:
    places = {"{list}": str(deployment.folder / "list.csv")}
    command = [places.get(one, one) for one in arguments]
    said = deployment.run(*command, expect=2).output
    assert sentence in said
    assert SELECTOR[1:] not in said
    assert "a@list" not in said
    assert said.count("\n") == 1
