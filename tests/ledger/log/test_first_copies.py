"""What comes to a copy first is as it was signed here: all else is named as this host's."""

from pathlib import Path

import pytest

from screening.ledger.ledger import Ledger
from screening.vocabulary.errors import LedgerDamaged
from tests.ledger.log.keeping import NOW, audited, export
from tests.ledger.log.merging import edit, merged_log, signed
from tests.ledger.looking import files, record


@pytest.mark.parametrize("is_sealed", [True, False])
def test_a_segment_that_was_damaged_before_its_first_copy_is_named_as_this_hosts(
    journal: Path, copy: Path, *, is_sealed: bool
) -> None:
    with Ledger(journal, host="test", now=lambda: NOW) as ledger:
        ledger.append([record(90)])
        with merged_log(journal) as log:
            signed(log)
        path = files(journal, ".sealed" if is_sealed else ".open")[0]
        content = path.read_bytes()
        edit(path, lambda content: content.__setitem__(-20, content[-20] ^ 1))
        for _ in range(2):
            with pytest.raises(LedgerDamaged, match=f"^segment {path.stem}, .* is brought nothing"):
                export(journal, copy)
            assert path.stem not in {one.stem for one in copy.iterdir()}
            assert len(files(copy, ".sealed")) + len(files(copy, ".open")) == 3
        path.write_bytes(content)
        export(journal, copy)
        assert audited(copy) == 16
