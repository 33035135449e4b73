"""Whom the indexer trusts: one console, and the people who were registered by hand."""

import base64
import json

from screening.spools.keys import SpoolSecrets
from tests.harness.slow import slow_but_first
from tests.harness.spool_console import ANN, CAT, Console, Desk, Person, add
from tests.indexer.running import Running

PHONE = ("phone", "+12025550142")


def public(person: Person) -> str:
    return base64.b64encode(person.key.public).decode()


def test_nothing_is_applied_before_a_console_is_trusted(running: Running) -> None:
    running.settings["INDEXER_SPOOL"] = str(running.folder / "spool")
    told = running.run("spool", "apply", expect=2).output
    assert "no console is trusted here yet; run: indexer spool init" in told


def test_init_is_safe_to_run_again_and_keeps_the_keys(running: Running, desk: Desk) -> None:
    key_file = running.folder / "console.spool.pub"
    before = (desk.spools / "indexer.spool.pub").read_bytes()
    running.run("spool", "init", "--console", str(key_file))
    assert (desk.spools / "indexer.spool.pub").read_bytes() == before
    for path in (running.home / "keyring").glob("*spool*"):
        assert path.stat().st_mode & 0o777 == 0o600


def test_another_console_takes_the_place_of_the_first_where_that_is_said(
    running: Running, desk: Desk
) -> None:
    other = Console(desk.console.deployment, SpoolSecrets(bytes(32), bytes(32)))
    path = running.folder / "other.spool.pub"
    path.write_bytes(other.key_file())
    told = running.run("spool", "init", "--console", str(path), expect=2).output
    assert "another console is trusted here" in told
    running.run("spool", "init", "--console", str(path), "--replace")
    desk.approve(add(*PHONE))
    assert "is not signed by the side" in running.run("spool", "apply", expect=4).output


@slow_but_first(
    1,
    ("change", "told"),
    [
        (lambda file: file.replace(b"console", b"indexer"), "is damaged"),
        (lambda file: file[:-9] + b"A" + file[-8:], "is"),
        (lambda _: b"", "is not what its format says"),
    ],
    ids=["other side", "damaged", "empty"],
)
def test_a_key_file_that_is_not_whole_is_refused(
    running: Running, desk: Desk, change: object, told: str
) -> None:
    path = running.folder / "bad.spool.pub"
    path.write_bytes(change(desk.console.key_file()))  # type: ignore[operator]  # one of these
    assert told in running.run("spool", "init", "--console", str(path), expect=4).output


def test_the_key_of_another_deployments_console_is_refused(running: Running, desk: Desk) -> None:
    path = running.folder / "other.spool.pub"
    path.write_bytes(Console("0" * 16).key_file())
    told = running.run("spool", "init", "--console", str(path), "--replace", expect=2).output
    assert f"here is {desk.console.deployment}" in told


def test_an_approver_is_registered_once_and_never_again_once_removed(
    running: Running, desk: Desk
) -> None:
    approver = ("spool", "approver")
    told = running.run(*approver, "add", "dan", public(ANN), expect=2).output
    assert "this key is ann's" in told
    told = running.run(*approver, "add", "ann", public(CAT), expect=2).output
    assert "ann is registered already" in told
    assert f"{ANN.key.fingerprint}  ann, since " in running.run(*approver, "list").output
    running.run(*approver, "remove", "ann")
    assert "ann" not in running.run(*approver, "list").output
    told = running.run(*approver, "add", "ann", public(ANN), expect=2).output
    assert "was removed; have a new one made" in told
    running.run(*approver, "add", "ann", public(CAT))
    assert "nobody of this name" in running.run(*approver, "remove", "dan", expect=2).output
    ran = [(one["command"], one.get("key")) for one in running.ledger()]
    assert ("spool approver remove", ANN.key.id) in ran
    assert ("spool approver add", CAT.key.id) in ran
    assert json.loads(running.run("spool", "status", "--json").output)["approvers"] == [
        "ann",
        "ben",
    ]


@slow_but_first(2, "key", ["", "AAAA", "x" * 44, public(CAT) + "=", public(CAT)[:-1]])
def test_what_is_no_public_key_is_not_registered(running: Running, desk: Desk, key: str) -> None:
    told = running.run("spool", "approver", "add", "cat", key, expect=2).output
    assert "32 bytes in base64" in told


@slow_but_first(
    2,
    "point",
    [
        bytes(32),
        b"\1" + bytes(31),
        bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        b"\2" + bytes(31),
        b"\xff" * 32,
    ],
    ids=["of order 4", "of order 1", "of order 8", "no point", "no number"],
)
def test_a_key_that_anybody_or_nobody_can_sign_with_is_not_registered(
    running: Running, desk: Desk, point: bytes
) -> None:
    key = base64.b64encode(point).decode()
    told = running.run("spool", "approver", "add", "cat", key, expect=2).output
    assert "no key that one person alone can sign with" in told


def test_who_has_signed_is_on_record(running: Running, desk: Desk) -> None:
    desk.approve(add(*PHONE))
    running.run("spool", "apply")
    (applied,) = [one for one in running.ledger() if one["command"] == "spool"]
    assert applied["sequence"] == 1
    assert [one["signed_by"] for one in applied["batches"]] == [["ann", "ben"]]
    assert PHONE[1] not in json.dumps(running.ledger())


@slow_but_first(1, "folder", ["indexer", "secrets/x", "disclosure"])
def test_spools_lie_in_no_folder_that_is_backed_up_or_given_away(
    running: Running, desk: Desk, folder: str
) -> None:
    key_file, spools = running.folder / "console.spool.pub", running.folder / folder
    told = running.run(
        "spool", "init", "--console", str(key_file), expect=2, INDEXER_SPOOL=str(spools)
    )
    assert "choose another folder" in told.output
