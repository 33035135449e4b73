"""The list is read in a second normaliser version: one tag for what is one selector then."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.list.draft_rows import DraftRow, Taking, take
from indexer.list.exclusions import (
    count_excluded,
    find_override,
    overridden_tags,
    override,
    settle,
)
from indexer.list.file import ListFile
from indexer.list.resolved import resolve
from indexer.list.respelling import Respelling, forget_former, respell
from indexer.list.revisions import Revisions
from indexer.list.shown import show
from screening.exclusions.matcher import Exclusions
from screening.exclusions.rules import parse_rule
from screening.importers.entry import Role
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.normalise import normalise
from screening.vocabulary.selector import Canonical
from tests.indexer.listed import (
    LIGHT,
    NOW,
    entry,
    hashed,
    kept_hashes,
    listed,
    open_list,
    phone,
    publish,
    put_in_force,
    selectors_of,
)
from tests.indexer.silent import Silent

pytestmark = pytest.mark.usefixtures("second_normaliser")

NO_RULES = Exclusions([], normaliser=2)


def mail(local: str) -> Canonical:
    return normalise("email", f"{local}@mailbox.example")


@pytest.fixture
def list_file(tmp_path: Path) -> Iterator[ListFile]:
    file = open_list(tmp_path)
    yield file
    file.close()


def read_anew(list_file: ListFile) -> Respelling:
    return respell(list_file, 2, Silent())


def count(list_file: ListFile, revision: int, *, normaliser: int) -> int:
    return resolve(list_file, revision, as_of=NOW, normaliser=normaliser).count


def test_two_spellings_become_one_selector_and_stay_two_for_a_kit_of_before(
    list_file: ListFile,
) -> None:
    revision = publish(list_file, map(entry, (mail("jane.doe"), mail("janedoe+x"), phone(0))))
    assert read_anew(list_file) == Respelling(respelled=2, merged=1, lapsed=0)
    assert count(list_file, revision, normaliser=2) == 2
    assert count(list_file, revision, normaliser=1) == 3
    # What is kept of them is what was written: either version can be made of it.
    assert len(selectors_of(list_file, revision)) == 2
    assert read_anew(list_file).respelled == 0


def test_a_form_is_hashed_once_whatever_versions_it_is_in(list_file: ListFile) -> None:
    revision = publish(list_file, map(entry, (mail("jane.doe"), phone(0))))
    before = kept_hashes_of(list_file, revision, normaliser=1)
    read_anew(list_file)
    assert kept_hashes_of(list_file, revision, normaliser=1) == before
    after = kept_hashes_of(list_file, revision, normaliser=2)
    assert len(after & before) == 1
    forget_former(list_file)
    assert kept_hashes_of(list_file, revision, normaliser=2) == after
    kept = list_file.connection.execute("SELECT count(*) FROM stretched").fetchone()
    assert kept == (2,)


def kept_hashes_of(list_file: ListFile, revision: int, *, normaliser: int) -> set[bytes]:
    stretching = replace(LIGHT, normaliser=normaliser)
    resolved = resolve(list_file, revision, as_of=NOW, normaliser=normaliser)
    hashed(list_file, resolved, stretching)
    return set(kept_hashes(list_file, resolved, stretching))


def test_a_victim_protects_every_spelling_of_what_is_one_now(list_file: ListFile) -> None:
    revision = publish(
        list_file,
        [entry(mail("jane.doe")), entry(mail("janedoe"), role=Role.VICTIM), entry(phone(0))],
    )
    assert listed(list_file, revision).count == 2
    read_anew(list_file)
    assert count(list_file, revision, normaliser=2) == 1
    assert count(list_file, revision, normaliser=1) == 1


def test_a_retraction_holds_for_every_spelling_until_it_is_lifted(list_file: ListFile) -> None:
    publish(list_file, [entry(mail("jane.doe")), entry(mail("janedoe+x"))])
    revisions = Revisions(list_file)
    revision = revisions.retract(dict.fromkeys([mail("jane.doe"), mail("never.listed")], "wrong"))
    put_in_force(list_file, revision)
    read_anew(list_file)
    assert count(list_file, revision, normaliser=2) == 0
    assert count(list_file, revision, normaliser=1) == 0
    taking = Taking(list_file.tags, NOW, revisions.blocked_tags("retracted"))
    refused = [
        getattr(take(entry(one), taking), "code", None)
        for one in (mail("j.anedoe"), mail("never.listed"), mail("neverlisted+x"), mail("john"))
    ]
    assert refused == ["retracted", "retracted", "retracted", None]
    put_in_force(list_file, revisions.lift([mail("j.anedoe"), mail("neverlisted")]))
    assert not revisions.blocked_tags("retracted")


def test_a_retraction_of_a_spelling_that_nobody_listed_reaches_the_one_that_is(
    list_file: ListFile,
) -> None:
    publish(list_file, [entry(mail("jane.doe")), entry(phone(0))])
    revisions = Revisions(list_file)
    revision = revisions.retract({mail("janedoe+x"): "wrong person"})
    put_in_force(list_file, revision)
    assert count(list_file, revision, normaliser=1) == 2
    read_anew(list_file)
    assert count(list_file, revision, normaliser=2) == 1
    assert count(list_file, revision, normaliser=1) == 1
    blocks = show(list_file, revision, mail("jane.doe"), NO_RULES).blocks
    assert [(one.why, one.reason) for one in blocks] == [("retracted", "wrong person")]
    lifted = revisions.lift([mail("jane.doe")])
    put_in_force(list_file, lifted)
    assert count(list_file, lifted, normaliser=2) == 2


def test_of_two_spellings_that_become_one_the_retraction_that_stands_wins(
    list_file: ListFile,
) -> None:
    publish(list_file, [entry(phone(0))])
    revisions = Revisions(list_file)
    put_in_force(
        list_file, revisions.retract(dict.fromkeys([mail("jane.doe"), mail("janedoe+x")], "wrong"))
    )
    put_in_force(list_file, revisions.lift([mail("jane.doe")]))
    put_in_force(list_file, revisions.retract({mail("jan.edoe"): "wrong again"}))
    read_anew(list_file)
    assert revisions.blocked_tags("retracted") == {list_file.tags.of(mail("janedoe"))}
    assert len(show(list_file, list_file.landed_revision(), mail("janedoe"), NO_RULES).blocks) == 2
    put_in_force(list_file, revisions.lift([mail("janedoe")]))
    assert not revisions.blocked_tags("retracted")


def test_an_override_of_a_spelling_that_nobody_listed_lapses_too(list_file: ListFile) -> None:
    rules = Exclusions([parse_rule("email", "exact", mail("de.sk").text, category="shelter")])
    settle(list_file, publish(list_file, [entry(phone(0))]), rules, Silent())
    overridden = [mail("de.sk"), phone(1)]
    put_in_force(
        list_file, override(list_file, overridden, rules, reason="asked for", actor="test")
    )
    assert read_anew(list_file).lapsed == 1
    assert overridden_tags(list_file) == {list_file.tags.of(phone(1))}
    found = find_override(list_file, list_file.tags.of(phone(1)))
    assert found is not None
    assert found.reason == "asked for"


def test_what_is_excluded_in_any_form_is_excluded_and_an_override_of_one_lapses(
    list_file: ListFile,
) -> None:
    rules = [parse_rule("email", "exact", mail("de.sk").text, category="shelter")]
    revision = publish(list_file, map(entry, (mail("de.sk"), mail("desk+1"), mail("john"))))
    first = Exclusions(rules)
    revision = settle(list_file, revision, first, Silent())
    revision = override(list_file, [mail("de.sk")], first, reason="asked for", actor="test")
    put_in_force(list_file, revision)
    assert listed(list_file, revision).count == 3
    assert read_anew(list_file).lapsed == 1
    assert not overridden_tags(list_file)
    second = Exclusions(rules, normaliser=2)
    settled = settle(list_file, revision, second, Silent())
    assert settled != revision
    assert count(list_file, settled, normaliser=2) == 1


def test_spellings_that_were_excluded_one_by_one_count_once_when_they_are_one(
    list_file: ListFile,
) -> None:
    rules = [
        parse_rule("email", "exact", mail(local).text, category="shelter")
        for local in ("de.sk", "d.esk")
    ]
    revision = publish(list_file, map(entry, (mail("de.sk"), mail("d.esk"))))
    for few in (rules[:1], rules):
        revision = settle(list_file, revision, Exclusions(few), Silent())
        put_in_force(list_file, revision)
    assert count_excluded(list_file, revision) == 2
    read_anew(list_file)
    assert count_excluded(list_file, revision) == 1


@pytest.mark.parametrize("given", ["de.sk", "desk"])
def test_an_override_of_either_form_lapses_where_two_become_one(
    list_file: ListFile, given: str
) -> None:
    texts = [mail(local).text for local in ("de.sk", "desk")]
    rules = [parse_rule("email", "exact", text, category="shelter") for text in texts]
    revision = publish(list_file, map(entry, (mail("de.sk"), mail("desk"))))
    first = Exclusions(rules)
    revision = settle(list_file, revision, first, Silent())
    revision = override(list_file, [mail(given)], first, reason="asked for", actor="test")
    put_in_force(list_file, revision)
    assert listed(list_file, revision).count == 1
    assert read_anew(list_file).lapsed == 1
    settled = settle(list_file, revision, Exclusions(rules, normaliser=2), Silent())
    assert count(list_file, settled, normaliser=1) == count(list_file, settled, normaliser=2) == 0


def test_an_entry_that_is_taken_afterwards_is_found_in_both_versions(list_file: ListFile) -> None:
    publish(list_file, [entry(phone(0))])
    read_anew(list_file)
    taking = Taking(list_file.tags, NOW)
    row = take(entry(mail("jane.doe")), taking)
    assert isinstance(row, DraftRow)
    assert row.tag == list_file.tags.of(mail("janedoe"))
    assert row.former == list_file.tags.find_former(mail("jane.doe")) != row.tag
    plain = take(entry(mail("janedoe")), taking)
    assert isinstance(plain, DraftRow)
    assert plain.former is None


def test_a_key_of_a_version_that_is_forgotten_has_no_index(list_file: ListFile) -> None:
    revision = publish(list_file, [entry(mail("jane.doe"))])
    read_anew(list_file)
    forget_former(list_file)
    with pytest.raises(OperatorError, match="normaliser version"):
        resolve(list_file, revision, as_of=NOW, normaliser=1)


def test_a_list_of_a_version_that_is_not_known_is_not_opened(
    list_file: ListFile, tmp_path: Path
) -> None:
    list_file.connection.execute("UPDATE meta SET value = 3 WHERE name = 'normaliser'")
    with pytest.raises(OperatorError, match="a later one"):
        open_list(tmp_path)
