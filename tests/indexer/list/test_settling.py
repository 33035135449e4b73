"""The safety lists are settled upon a revision once, and again where they have changed."""

from contextlib import closing
from pathlib import Path

from indexer.list.exclusions import rules_tag, settle
from indexer.list.revisions import Revisions
from tests.indexer.list.revisions_model import SELECTORS, exact
from tests.indexer.listed import entry, open_list, put_in_force, staged
from tests.indexer.silent import Silent


def test_a_rollback_looks_at_no_entry_again_while_the_safety_lists_stay_the_same(
    tmp_path: Path,
) -> None:
    with closing(open_list(tmp_path)) as file:
        revisions, same = Revisions(file), exact(SELECTORS[1:])
        for _ in range(2):
            draft = staged(file, [entry(SELECTORS[0])])
            rules = rules_tag(file, same)
            put_in_force(file, revisions.take_draft(draft, "publish", rules=rules))
        restored = revisions.restore(1)
        assert settle(file, restored, same, Silent()) == restored
        put_in_force(file, restored)
        changed = settle(file, restored, exact(SELECTORS), Silent())
        assert changed > restored
        put_in_force(file, changed)
        # What ended meanwhile was not held against the rules between.
        restored = revisions.restore(1)
        assert settle(file, restored, exact(SELECTORS), Silent()) > restored
