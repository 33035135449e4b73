"""The list file: what a revision publishes, and that the file itself tells nothing."""

import sqlite3
from pathlib import Path

import pytest

from indexer.list.file import ListFile
from screening.generations.records import current_minute, minute_after
from screening.importers.entry import Role
from screening.vocabulary.errors import NotCanonical, OperatorError
from screening.vocabulary.normalise import normalise
from screening.vocabulary.tokens import NoStretch, stretch
from tests.indexer.listed import (
    NONE,
    NOW,
    SALT,
    Clock,
    entry,
    hashed,
    listed,
    open_list,
    phone,
    publish,
    put_in_force,
    selectors_of,
    staged,
    taken,
)


def test_a_revision_publishes_what_was_staged(list_file: ListFile) -> None:
    mailbox, card = normalise("email", "a@hotel.example"), normalise("card", "4242424242424242")
    revision = publish(list_file, [entry(phone(0)), entry(mailbox), entry(card)])
    assert selectors_of(list_file, revision) == {phone(0), mailbox, card}
    assert listed(list_file, revision).kinds() == {"card": 1, "email": 1, "phone": 1}


@pytest.mark.parametrize("role", [Role.TRAFFICKER, Role.FACILITATOR, Role.BUYER, Role.BUSINESS])
def test_every_role_but_one_is_published(list_file: ListFile, role: Role) -> None:
    assert selectors_of(list_file, publish(list_file, [entry(phone(0), role)])) == {phone(0)}


@pytest.mark.parametrize("expires_at", [None, NOW - 100, NOW + 100])
@pytest.mark.parametrize("first", [True, False])
def test_any_victim_entry_withholds_the_selector_expired_or_not(
    list_file: ListFile, expires_at: int | None, first: bool
) -> None:
    victim = entry(phone(0), Role.VICTIM, expires_at=expires_at)
    others = [entry(phone(0), Role.BUYER), entry(phone(1), Role.BUYER)]
    draft = staged(list_file, [victim, *others] if first else [*others, victim])
    assert (draft.counts.withheld_victim, draft.size()) == (1, 1)
    assert selectors_of(list_file, taken(draft)) == {phone(1)}


def test_a_selector_is_published_again_once_no_entry_says_victim(list_file: ListFile) -> None:
    publish(list_file, [entry(phone(0), Role.VICTIM), entry(phone(0), Role.BUYER)])
    assert selectors_of(list_file, publish(list_file, [entry(phone(0), Role.BUYER)])) == {phone(0)}


def test_an_entry_is_in_force_through_the_second_in_which_it_expires(
    list_file: ListFile, clock: Clock
) -> None:
    revision = publish(list_file, [entry(phone(0), expires_at=NOW + 10)])
    for at, published in ((NOW, True), (NOW + 10, True), (NOW + 10.9, True), (NOW + 11, False)):
        clock.now = at
        assert listed(list_file, revision, as_of=int(at)).count == published
        draft = staged(list_file, [entry(phone(0), expires_at=NOW + 10)])
        assert (draft.counts.withheld_expired, draft.size()) == (1 - published, published)


def test_one_entry_that_has_not_expired_is_enough(list_file: ListFile) -> None:
    revision = publish(
        list_file, [entry(phone(0), expires_at=NOW + 10), entry(phone(0), expires_at=NOW + 20)]
    )
    for at, left in ((NOW + 15, 1), (NOW + 20, 1), (NOW + 21, 0)):
        assert listed(list_file, revision, as_of=at).count == left
        resolved = listed(list_file, revision)
        assert resolved.count_expired(at) == 0
        assert resolved.next_expiry(at) == NOW + 20


def test_what_an_index_still_lists_is_not_counted_as_expired(list_file: ListFile) -> None:
    revision = publish(list_file, [entry(phone(0), expires_at=NOW + 10)])
    resolved = listed(list_file, revision)
    seen = set()
    for now in range(NOW, NOW + 90):
        is_listed = minute_after(NOW + 10) > current_minute(now)
        assert resolved.count_expired(now) == 1 - is_listed
        assert (resolved.next_expiry(now) is not None) == is_listed
        seen.add((now > NOW + 10, is_listed))
    assert seen == {(False, True), (True, True), (True, False)}


def test_a_revision_is_the_same_list_however_late_it_is_indexed(
    list_file: ListFile, clock: Clock
) -> None:
    entries = [entry(phone(0), expires_at=NOW + 10), entry(phone(1), expires_at=NOW - 1)]
    revision = publish(list_file, entries)
    clock.now = NOW + 1_000
    assert selectors_of(list_file, revision) == {phone(0)}
    assert selectors_of(list_file, publish(list_file, entries)) == set()


def test_what_a_draft_counts_is_what_it_publishes(list_file: ListFile, clock: Clock) -> None:
    draft = staged(list_file, [entry(phone(0), expires_at=NOW)])
    clock.now = NOW + 1  # it expires while the command is at work
    assert draft.size() == listed(list_file, taken(draft)).count == 1


def test_the_expiry_of_a_victims_entry_withholds_nothing_new(
    list_file: ListFile, clock: Clock
) -> None:
    revision = publish(list_file, [entry(phone(0), Role.VICTIM, expires_at=NOW + 10)])
    clock.now = NOW + 100
    assert listed(list_file, revision).count_expired(int(clock.now)) == 0


def test_a_file_of_another_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    open_list(tmp_path).close()
    path = tmp_path / "list.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA user_version = 99")
    other.close()
    before = path.read_bytes()
    with pytest.raises(OperatorError, match="version"):
        open_list(tmp_path)
    assert path.read_bytes() == before


def test_a_row_that_says_the_same_again_is_a_duplicate(list_file: ListFile) -> None:
    entries = [
        entry(phone(0), line=2),
        entry(normalise("phone", "(202) 555-0100", region="US"), line=9),
        entry(phone(0), Role.BUYER),  # says something else
        entry(phone(0), reason="seen again"),
    ]
    draft = staged(list_file, entries)
    assert (draft.counts.taken, draft.counts.duplicates, draft.size()) == (3, 1, 1)


def test_kinds_with_the_same_digits_stay_apart(list_file: ListFile) -> None:
    # Twelve digits with a check digit that fits: a card in form, and a number kept for drama.
    card = normalise("card", "447700900015")
    number = normalise("phone", "+447700900015")
    assert selectors_of(list_file, publish(list_file, [entry(card), entry(number)])) == {
        card,
        number,
    }


def test_staging_changes_nothing_before_the_draft_is_taken(list_file: ListFile) -> None:
    revision = publish(list_file, [entry(phone(0))])
    staged(list_file, [entry(phone(1))])
    assert selectors_of(list_file, revision) == {phone(0)}
    draft = staged(list_file, [entry(phone(2))])
    assert selectors_of(list_file, taken(draft)) == {phone(2)}


def test_a_list_that_fails_while_it_is_staged_leaves_the_file_usable(list_file: ListFile) -> None:
    revision = publish(list_file, [entry(phone(0))])

    with pytest.raises(NotCanonical):
        staged(
            list_file,
            (entry(normalise("phone", raw)) for raw in ("+1 202 555 0101", "no phone")),
        )
    assert selectors_of(list_file, revision) == {phone(0)}
    assert selectors_of(list_file, publish(list_file, [entry(phone(3))])) == {phone(3)}


def test_numbers_are_never_used_twice_not_even_by_another_process(
    list_file: ListFile, tmp_path: Path
) -> None:
    first = list_file.next_number("build")
    list_file.close()
    again = open_list(tmp_path)
    assert [again.next_number("build"), again.next_number("build")] == [first + 1, first + 2]
    assert again.number("build") == first + 2


def test_a_number_that_was_never_set_is_none_and_no_zero(list_file: ListFile) -> None:
    assert list_file.find_number("pepper_retire_at") is None
    with pytest.raises(LookupError, match="pepper_retire_at"):
        list_file.number("pepper_retire_at")
    list_file.keep_number("pepper_retire_at", 0)
    list_file.keep_number("pepper_retire_at", 5)
    assert list_file.number("pepper_retire_at") == 5
    assert [list_file.next_number("failures"), list_file.next_number("failures")] == [1, 2]


def test_a_file_whose_maker_died_at_once_is_made_whole(tmp_path: Path) -> None:
    (tmp_path / "list.sqlite").touch(mode=0o600)
    list_file = open_list(tmp_path)
    assert selectors_of(list_file, publish(list_file, [entry(phone(0))])) == {phone(0)}


def test_a_list_does_not_open_under_another_key(list_file: ListFile, tmp_path: Path) -> None:
    publish(list_file, [entry(phone(0))])
    list_file.close()
    with pytest.raises(OperatorError):
        selectors_of(open_list(tmp_path, key=bytes(32)), 1)


def test_the_file_and_its_companions_are_their_owners_alone(
    list_file: ListFile, tmp_path: Path
) -> None:
    publish(list_file, [entry(phone(0))])
    modes = {one.name: one.stat().st_mode & 0o777 for one in tmp_path.iterdir()}
    assert set(modes) == {"list.sqlite", "list.sqlite-wal", "list.sqlite-shm"}
    assert set(modes.values()) == {0o600}


def test_nothing_in_the_file_can_be_read(list_file: ListFile, tmp_path: Path) -> None:
    canonical = [
        normalise("phone", "+1 202 555 0143"),
        normalise("email", "Jane.Canary@Hotel.example"),
        normalise("card", "4242 4242 4242 4242"),
    ]
    publish(
        list_file, [entry(one, source="Source Canary", reason="told by Q") for one in canonical]
    )
    publish(list_file, [entry(canonical[0], Role.VICTIM), *map(entry, canonical[1:])])
    resolved = listed(list_file, 1)
    hashed(list_file, resolved, NONE)
    slow = [bytes(stretch(one, salt=SALT, profile=NoStretch())) for one in canonical]
    words = ["2025550143", "5550143", "jane", "canary", "hotel", "example", "42424242", "told by"]
    needles = [word.encode(code) for word in words for code in ("ascii", "utf-16-le")] + slow

    def found() -> list[bytes]:
        content = b"".join(one.read_bytes() for one in sorted(tmp_path.iterdir())).lower()
        assert b"victim" in content  # what is not sealed is found: the search works
        return [needle for needle in needles if needle.lower() in content]

    assert (tmp_path / "list.sqlite-wal").stat().st_size > 0
    assert found() == []
    list_file.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert found() == []
    list_file.close()
    assert found() == []


def test_a_second_reader_does_not_see_a_draft_half_taken(
    list_file: ListFile, tmp_path: Path
) -> None:
    publish(list_file, [entry(phone(0))])
    draft = staged(list_file, [entry(phone(number)) for number in range(1, 9)])
    other = sqlite3.connect(tmp_path / "list.sqlite")
    with pytest.raises(RuntimeError, match="dies"), list_file.transaction():
        list_file.connection.execute("DELETE FROM entries")
        assert other.execute("SELECT count(*) FROM entries").fetchone() == (1,)
        raise RuntimeError("dies here")
    assert other.execute("SELECT count(*) FROM entries").fetchone() == (1,)
    other.close()
    put_in_force(list_file, taken(draft))
    assert len(selectors_of(list_file, 2)) == 8
