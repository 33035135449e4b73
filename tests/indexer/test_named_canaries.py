"""Canaries as they are named: one by one, by a mail domain, and in a file."""

import pytest

from tests.indexer.running import Running

LIST = [("phone", "+12025550100", "trafficker")]
CONTROLLED = "--we-control-these"


def test_a_domain_is_removed_with_all_that_was_made_of_it(running: Running) -> None:
    running.publish(LIST)
    partner = running.add_partner("acme")
    for name in ("travellers.example", "others.example"):
        running.run("canary", "add", f"domain:{name}", "--addresses", "5", CONTROLLED)
    said = running.run("canary", "remove", "domain:Travellers.example").output
    assert "5 canaries are gone" in said
    assert len(running.manifest(partner).canaries) == 5
    assert "travellers" not in running.run("canary", "list").output
    assert "selector 2: write a mail domain" in running.run(
        "canary", "remove", "phone:+12025550160", "domain:no name", expect=2
    ).output  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [b"phone:+12025550160\nphone:\xff\n", "phone:+12025550160\n".encode("utf-16"),
     "phone:+12025550160\n".encode("utf-16-le")],
)  # fmt: skip
@pytest.mark.parametrize("command", ["add", "remove"])
def test_a_file_that_is_not_utf_8_is_refused_in_a_sentence(
    running: Running, command: str, content: bytes
) -> None:
    path = running.folder / "canaries.txt"
    path.write_bytes(content)
    options = [CONTROLLED] if command == "add" else []
    said = running.run("canary", command, "--file", str(path), *options, expect=2).output
    assert "is not UTF-8 at line " in said
    assert "0160" not in said


def test_a_file_may_have_the_mark_of_utf_8_and_any_line_ends(running: Running) -> None:
    path = running.folder / "canaries.txt"
    path.write_bytes(b"\xef\xbb\xbfphone:+12025550160\r\nphone:+12025550161\rphone:+12025550162")
    said = running.run("canary", "add", "--file", str(path), CONTROLLED).output
    assert "3 canaries taken in" in said


def test_a_canary_that_is_there_and_is_added_again_keeps_its_note_and_is_not_new(
    running: Running,
) -> None:
    running.publish(LIST)
    running.add_partner("acme")
    one = "phone:+12025550160"
    running.run("canary", "add", one, "--note", "desk of Ann", CONTROLLED)
    before = running.run("canary", "list").stdout
    said = running.run("canary", "add", one, "--note", "another", CONTROLLED).output
    assert "0 canaries taken in; of 1, 1 are" in said
    assert running.run("canary", "list").stdout == before
    assert "desk of Ann" in before


def test_a_canary_that_was_removed_makes_room_for_another(running: Running) -> None:
    running.publish(LIST)
    partner = running.add_partner("acme")
    first, second = "phone:+12025550160", "phone:+12025550161"
    running.run("canary", "add", first, "--each", "1", CONTROLLED)
    running.run("canary", "remove", first)
    running.run("canary", "add", second, CONTROLLED)
    assert running.listed(partner, ("phone", first[6:]), ("phone", second[6:])) == [False, True]
