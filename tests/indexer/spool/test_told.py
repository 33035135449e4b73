"""`indexer spool map` and `spool matches`: what the console is told beside acknowledgements."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from indexer.deployment import open_deployment
from indexer.progress import Advance
from indexer.spool.mapping import Mapping
from indexer.spool.matches import Matches
from screening.spools.index_map import MapPart
from screening.spools.match_records import MatchRecords
from screening.vocabulary.tokens import Digester, pepper_id
from tests.harness.deployment import Partner
from tests.harness.spool_console import Desk, add, retract
from tests.indexer.api_keys import rotate
from tests.indexer.attesting import attest
from tests.indexer.running import Running
from tests.indexer.silent import Silent
from tests.indexer.spool.journal_copy import JournalCopy
from tests.indexer.vault import settings_of

PHONE = ("phone", "+12025550142")
OTHER = ("phone", "+12025550143")
EMAIL = ("email", "jane@booking.example")
ALL_KNOWN = "the console knows all of it\n"


def digest(running: Running, partner: Partner, selector: tuple[str, str]) -> str:
    """Return what an API host derives of what a partner sends."""
    pepper = (running.secrets / "pepper.key").read_bytes()
    digester = Digester(pepper, partner.kit.token_key.key_id)
    return digester.digest(partner.token(*selector)).hex()


def told_map(desk: Desk) -> dict[str, dict[str, tuple[str, str]]]:
    """Return what the console makes of all that was told, by token key."""
    known: dict[str, dict[str, tuple[str, str]]] = {}
    for one in desk.told_beside():
        if isinstance(one, MapPart):
            of = known.setdefault(one.key_id, {})
            of |= {entry.digest: (entry.kind, entry.canonical) for entry in one.entries}
            if one.ended:
                of["ended"] = ("", "")
    return known


def parts(desk: Desk) -> list[MapPart]:
    return [one for one in desk.told_beside() if isinstance(one, MapPart)]


def test_the_map_says_of_each_digest_in_force_which_selector_it_is(
    running: Running, desk: Desk
) -> None:
    acme, zeta = running.add_partner("acme"), running.add_partner("zeta")
    desk.approve(add(*PHONE), add(*EMAIL))
    running.run("spool", "apply")
    said = running.run("spool", "map").output
    for partner in (acme, zeta):
        key_id = partner.kit.token_key.key_id
        assert f"map of {key_id}: 2 entries\n" in said
        expected = {digest(running, partner, one): one for one in (PHONE, EMAIL)}
        assert told_map(desk)[key_id] == expected
    assert running.run("spool", "map").output == ALL_KNOWN


@pytest.mark.slow
def test_told_is_what_has_come_since_and_what_is_off_the_list_stays_told(
    running: Running, desk: Desk
) -> None:
    acme = running.add_partner("acme")
    desk.approve(add(*PHONE))
    running.run("spool", "apply")
    running.run("spool", "map")
    desk.approve(retract(*PHONE), add(*OTHER))
    running.run("spool", "apply")
    assert "1 entry\n" in running.run("spool", "map").output
    assert [[one.canonical for one in part.entries] for part in parts(desk)] == [
        [PHONE[1]],
        [OTHER[1]],
    ]
    expected = {digest(running, acme, one): one for one in (PHONE, OTHER)}
    assert told_map(desk)[acme.kit.token_key.key_id] == expected


@pytest.mark.slow
def test_a_new_token_key_is_told_whole_and_one_that_is_gone_as_ended(
    running: Running, desk: Desk
) -> None:
    acme = running.add_partner("acme")
    desk.approve(add(*PHONE), add(*EMAIL))
    running.run("spool", "apply")
    running.run("spool", "map")
    old = acme.kit.token_key.key_id
    rotate(running)
    new = Partner(running.folder / "rotated.json")
    running.run("spool", "map")
    assert told_map(desk)[new.kit.token_key.key_id] == {
        digest(running, new, one): one for one in (PHONE, EMAIL)
    }
    running.change("UPDATE rotations SET retire_at = 0")
    running.run("compact")
    assert running.run("spool", "map").output == f"map of {old}: has ended\n"
    assert "ended" in told_map(desk)[old]
    assert running.run("spool", "map").output == ALL_KNOWN


@pytest.mark.slow
def test_after_a_rotation_of_the_pepper_all_is_told_anew(running: Running, desk: Desk) -> None:
    acme = running.add_partner("acme")
    desk.approve(add(*PHONE))
    running.run("spool", "apply")
    running.run("spool", "map")
    before = digest(running, acme, PHONE)
    running.run("rotate", "pepper")
    assert running.run("spool", "map").output == ALL_KNOWN
    now = running.manifest(acme).pepper_id
    upcoming = pepper_id((running.secrets / "pepper-next.key").read_bytes())
    attest(running, "web", seconds_ago=0, release=2, peppers=[now, upcoming])
    running.run("rotate", "pepper")
    running.run("spool", "map")
    after = digest(running, acme, PHONE)
    assert before != after
    assert told_map(desk)[acme.kit.token_key.key_id] == {before: PHONE, after: PHONE}


@pytest.mark.slow
def test_a_map_that_is_killed_goes_on_and_tells_nothing_twice(running: Running, desk: Desk) -> None:
    acme = running.add_partner("acme")
    desk.approve(*(add("phone", f"+120255501{number:02}") for number in range(5)))
    running.run("spool", "apply")
    first = len(desk.told())
    for _ in running.killed_everywhere("spool", "map"):
        running.run("spool", "map")
        entries = [one.digest for part in parts(desk) for one in part.entries]
        assert len(entries) == len(set(entries)) == 5
        assert running.run("spool", "map").output == ALL_KNOWN
        for path in (desk.spools / "up").glob("*.up"):
            if int(path.stem) > first:
                path.unlink()
    assert acme.kit.token_key.key_id in told_map(desk)


class Interrupted:
    """Progress at which somebody stops the command: once so many items are done."""

    def __init__(self, at: int) -> None:
        self._left = at

    @contextmanager
    def stage(self, name: str, total: int | None) -> Iterator[Advance]:
        yield self._advance

    def _advance(self, done: int) -> None:
        self._left -= done
        if self._left <= 0:
            raise KeyboardInterrupt


@pytest.mark.slow
def test_a_map_in_parts_goes_on_behind_the_last_that_was_told(running: Running, desk: Desk) -> None:
    running.add_partner("acme")
    desk.approve(*(add("phone", f"+120255501{number:02}") for number in range(5)))
    running.run("spool", "apply")
    settings, store = settings_of(running)
    settings = settings.model_copy(update={"spool": desk.spools})
    with (
        open_deployment(settings, store, Interrupted(4)) as deployment,
        pytest.raises(KeyboardInterrupt),
    ):
        list(Mapping(deployment, part_entries=2).tell())
    assert [len(part.entries) for part in parts(desk)] == [2, 2]
    assert "1 entry\n" in running.run("spool", "map").output
    assert len({entry.digest for part in parts(desk) for entry in part.entries}) == 5
    assert running.run("spool", "map").output == ALL_KNOWN


def test_the_map_cannot_be_read_without_the_consoles_key(running: Running, desk: Desk) -> None:
    running.add_partner("acme")
    desk.approve(add(*PHONE))
    running.run("spool", "apply")
    running.run("spool", "map")
    for path in (desk.spools / "up").iterdir():
        assert PHONE[1].encode() not in path.read_bytes()


def test_without_a_console_there_is_nobody_to_tell(running: Running, tmp_path: Path) -> None:
    said = running.run("spool", "map", expect=2, INDEXER_SPOOL=str(tmp_path / "spool")).output
    assert "no console is trusted here yet; run: indexer spool init" in said


@pytest.fixture
def copy(tmp_path: Path) -> JournalCopy:
    return JournalCopy(tmp_path / "host", tmp_path / "copy")


def records(desk: Desk) -> list[str]:
    """Return the receipts of the records that were told."""
    told = [one for one in desk.told_beside() if isinstance(one, MatchRecords)]
    return [json.loads(record)["receipt"] for one in told for record in one.records]


def test_records_with_matches_are_told_once_as_they_stand_and_no_others(
    running: Running, desk: Desk, copy: JournalCopy
) -> None:
    copy.answer(matches=1)
    copy.answer(matches=0)
    copy.answer(matches=2)
    copy.answer(matches=1, sealed=False)
    copy.answer(matches=1)
    copy.payloads[-1] = copy.payloads[-1].replace(
        b'"matches":{"0":', b'"matches":{"00":"AAAA","0":'
    )
    copy.export()
    said = running.run("spool", "matches", str(copy.folder), "--key", copy.vkey).output
    assert said == "2 records with matches told to the console\n"
    assert records(desk) == [copy.receipts[0], copy.receipts[2]]
    (told,) = (one for one in desk.told_beside() if isinstance(one, MatchRecords))
    assert [bytes(one) for one in told.records] == [copy.payloads[0], copy.payloads[2]]
    running.run("spool", "matches", str(copy.folder), "--key", copy.vkey)
    copy.answer(matches=1)
    copy.export()
    running.run("spool", "matches", str(copy.folder), "--key", copy.vkey)
    assert records(desk) == [copy.receipts[number] for number in (0, 2, 5)]


def test_a_record_that_is_not_as_it_was_signed_is_named_and_what_is_before_it_told(
    running: Running, desk: Desk, copy: JournalCopy
) -> None:
    for _ in range(3):
        copy.answer(matches=1)
    copy.export()
    copy.change_line(3)
    ended = running.run("spool", "matches", str(copy.folder), "--key", copy.vkey, expect=2)
    assert "line 3" in ended.output
    assert records(desk) == [copy.receipts[0]]


@pytest.mark.slow
def test_a_copy_by_another_key_or_none_tells_nothing(
    running: Running, desk: Desk, copy: JournalCopy, tmp_path: Path
) -> None:
    copy.answer(matches=1)
    copy.export()
    other = JournalCopy(tmp_path / "other-host", tmp_path / "other")
    other.answer(matches=1)
    other.export()
    said = running.run("spool", "matches", str(copy.folder), "--key", other.vkey, expect=2)
    assert "log, checkpoint" in said.output
    (tmp_path / "empty").mkdir(0o700)
    said = running.run("spool", "matches", str(tmp_path / "empty"), "--key", copy.vkey, expect=2)
    assert "is no journal or ledger" in said.output
    assert records(desk) == []


@pytest.mark.slow
def test_matches_that_are_killed_go_on_and_tell_nothing_twice(
    running: Running, desk: Desk, copy: JournalCopy
) -> None:
    for _ in range(3):
        copy.answer(matches=1)
    copy.export()
    tell = ("spool", "matches", str(copy.folder), "--key", copy.vkey)
    for _ in running.killed_everywhere(*tell):
        running.run(*tell)
        assert records(desk) == copy.receipts
        for path in (desk.spools / "up").glob("*.up"):
            path.unlink()


def test_many_records_are_told_in_several_files(
    running: Running, desk: Desk, copy: JournalCopy
) -> None:
    for _ in range(5):
        copy.answer(matches=1)
    copy.export()
    settings, store = settings_of(running)
    settings = settings.model_copy(update={"spool": desk.spools})
    with open_deployment(settings, store, Silent()) as deployment:
        assert Matches(deployment, copy.key.verifier, file_records=2).tell(copy.folder) == 5
    told = [one for one in desk.told_beside() if isinstance(one, MatchRecords)]
    assert [len(one.records) for one in told] == [2, 2, 1]
    assert {one.log for one in told} == {"host/journal"}
    assert records(desk) == copy.receipts


def test_what_partners_say_of_matches_is_told_and_what_test_keys_say_is_not(
    running: Running, desk: Desk, copy: JournalCopy
) -> None:
    copy.answer(matches=1)
    copy.answer(matches=0)
    copy.feedback(f"{copy.receipts[0]}.0", "false")
    copy.feedback(f"{copy.receipts[1]}.0", "confirmed", mode="test")
    copy.export()
    running.run("spool", "matches", str(copy.folder), "--key", copy.vkey)
    (told,) = [one for one in desk.told_beside() if isinstance(one, MatchRecords)]
    assert told.records == [copy.payloads[0], copy.payloads[2]]
