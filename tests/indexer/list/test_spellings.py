"""What is said of two spellings of one selector: one statement, and one answer of the rules."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.list.draft_rows import draft_row
from indexer.list.drafts import Draft, stage
from indexer.list.exclusions import end_override, override, rules_tag, settle
from indexer.list.file import ListFile
from indexer.list.resolved import resolve
from indexer.list.respelling import respell
from indexer.list.revisions import Revisions
from screening.exclusions.matcher import Exclusions
from screening.exclusions.rules import parse_rule
from screening.importers.entry import Entry, Role
from screening.vocabulary.normalise import normalise
from screening.vocabulary.selector import Canonical
from tests.indexer.listed import (
    NO_LIFETIMES,
    NOW,
    entry,
    listed,
    open_list,
    phone,
    publish,
    put_in_force,
)
from tests.indexer.silent import Silent

pytestmark = pytest.mark.usefixtures("second_normaliser")

RULES = Exclusions(
    [parse_rule("email", "mailbox", "c.d", category="shelter")],
    normaliser=2,
)


def mail(local: str) -> Canonical:
    return normalise("email", f"{local}@mailbox.example")


COVERED, UNCOVERED = mail("c.d"), mail("cd")


@pytest.fixture
def list_file(tmp_path: Path) -> Iterator[ListFile]:
    """A list that is read in the second version, and holds a phone."""
    file = open_list(tmp_path)
    publish(file, [entry(phone(0))])
    respell(file, 2, Silent())
    yield file
    file.close()


def draft(list_file: ListFile, *entries: Entry, adding: bool = True) -> Draft:
    rows = [draft_row(one, list_file.tags) for one in entries]
    return stage(list_file, rows, NO_LIFETIMES, adding=adding)


def count_landed(list_file: ListFile, revision: int) -> int:
    """Put a revision in force, held against the rules as each is, and count what it lists."""
    settled = settle(list_file, revision, RULES, Silent())
    put_in_force(list_file, settled)
    return listed(list_file, settled).count


def add(list_file: ListFile, *entries: Entry) -> int:
    return count_landed(
        list_file, Revisions(list_file).take_additions(draft(list_file, *entries), "add")
    )


def replace_all(list_file: ListFile, *entries: Entry) -> int:
    whole, rules = draft(list_file, *entries, adding=False), rules_tag(list_file, RULES)
    return count_landed(list_file, Revisions(list_file).take_draft(whole, "publish", rules=rules))


def test_what_is_excluded_stays_so_when_another_spelling_is_added(list_file: ListFile) -> None:
    assert add(list_file, entry(COVERED, source="a")) == 1
    for source in ("b", "c"):
        assert add(list_file, entry(UNCOVERED, source=source)) == 1


def test_a_spelling_that_no_rule_covers_is_listed_once_the_other_is_corrected(
    list_file: ListFile,
) -> None:
    add(list_file, entry(COVERED, source="a"), entry(UNCOVERED, source="b"))
    assert add(list_file, entry(UNCOVERED, source="a")) == 2


def test_a_rollback_brings_back_no_excluded_spelling_whose_block_had_ended(
    list_file: ListFile,
) -> None:
    add(list_file, entry(COVERED))
    excluding = list_file.landed_revision()
    assert replace_all(list_file, entry(UNCOVERED)) == 1
    assert count_landed(list_file, Revisions(list_file).restore(excluding)) == 1
    assert listed(list_file, list_file.landed_revision()).kinds() == {"phone": 1}


def test_the_end_of_an_override_is_of_every_spelling_that_is_listed(list_file: ListFile) -> None:
    settle(list_file, list_file.landed_revision(), RULES, Silent())
    given = override(list_file, [UNCOVERED], RULES, reason="asked for", actor="test")
    count_landed(list_file, given)
    assert add(list_file, entry(COVERED)) == 2
    assert count_landed(list_file, end_override(list_file, [UNCOVERED], RULES)) == 1


def test_the_end_of_an_override_takes_off_no_spelling_that_no_rule_covers(
    list_file: ListFile,
) -> None:
    settle(list_file, list_file.landed_revision(), RULES, Silent())
    given = override(list_file, [COVERED], RULES, reason="asked for", actor="test")
    count_landed(list_file, given)
    assert add(list_file, entry(UNCOVERED)) == 2
    assert count_landed(list_file, end_override(list_file, [COVERED], RULES)) == 2


def test_a_correction_in_another_spelling_replaces(list_file: ListFile) -> None:
    assert add(list_file, entry(mail("a.b"), source="s")) == 2
    corrected = draft(list_file, entry(mail("ab"), Role.DISPUTED, source="s"))
    assert corrected.counts.changed == 1
    assert count_landed(list_file, Revisions(list_file).take_additions(corrected, "add")) == 1
    again = draft(list_file, entry(mail("a.b"), source="s"))
    assert again.counts.outdated == 1


def read_anew(list_file: ListFile, *entries: Entry) -> int:
    """Read a list of these entries in the second version; count what it lists."""
    revision = publish(list_file, entries)
    respell(list_file, 2, Silent())
    return listed(list_file, revision).count


@pytest.fixture
def first(tmp_path: Path) -> Iterator[ListFile]:
    """A list that is read in the first version."""
    (tmp_path / "first").mkdir()
    file = open_list(tmp_path / "first")
    yield file
    file.close()


def test_what_was_corrected_before_the_list_is_read_anew_is_replaced_then(first: ListFile) -> None:
    said = entry(mail("a.b"), source="s", last_seen=NOW - 10)
    publish(first, [said])
    correction = draft(first, entry(mail("ab"), Role.DISPUTED, source="s", last_seen=NOW - 5))
    put_in_force(first, Revisions(first).take_additions(correction, "add"))
    assert listed(first, 2).count == 1
    respell(first, 2, Silent())
    assert listed(first, 2).count == 0
    assert draft(first, said).counts.outdated == 1
    again = draft(first, entry(mail("a.b"), source="s", last_seen=NOW - 1))
    assert count_landed(first, Revisions(first).take_additions(again, "add")) == 1
    assert draft(first, said).counts.outdated == 1


@pytest.mark.parametrize(
    ("disputed", "listed_now"),
    [
        (entry(mail("ab"), Role.DISPUTED, last_seen=NOW - 5), 0),
        (entry(mail("ab"), Role.DISPUTED, last_seen=NOW - 15), 1),
        (entry(mail("ab"), Role.DISPUTED, last_seen=NOW - 10), 1),
        (entry(mail("ab"), Role.DISPUTED, last_seen=NOW - 5, source="another"), 1),
        (entry(mail("a.b"), Role.DISPUTED, last_seen=NOW - 5), 1),
    ],
    ids=["later", "earlier", "of the same day", "of another source", "in the same spelling"],
)
def test_only_what_its_source_says_later_of_another_spelling_ends_a_statement(
    first: ListFile, disputed: Entry, listed_now: int
) -> None:
    assert read_anew(first, entry(mail("a.b"), last_seen=NOW - 10), disputed) == listed_now


def test_what_a_source_lists_in_two_spellings_stands_in_both(first: ListFile) -> None:
    entries = [entry(mail(local), last_seen=NOW - day) for local, day in (("a.b", 9), ("ab", 3))]
    disputed = entry(mail("a.b+x"), Role.DISPUTED, last_seen=NOW - 6)
    assert read_anew(first, *entries, disputed) == 1
    assert resolve(first, 1, as_of=NOW, normaliser=1).count == 2
