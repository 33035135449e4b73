"""The files of a list: what the ledger says of them is what was read."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from indexer.list_sources import ListSources, Source
from indexer.progress import Advance, Silent
from screening.vocabulary.errors import OperatorError
from tests.indexer.listed import open_list

HEADER = "kind,value,role\n"


class Rewriting:
    """Progress of a command whose second file is written anew while it reads the first."""

    def __init__(self, path: Path, content: str) -> None:
        self._path, self._content = path, content

    @contextmanager
    def stage(self, name: str, total: int | None) -> Iterator[Advance]:
        del total
        if name.endswith("a.csv"):
            self._path.write_text(self._content)
        yield lambda _: None


def test_the_hash_on_record_is_that_of_the_bytes_that_were_read(tmp_path: Path) -> None:
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text(HEADER + "phone,+12025550100,buyer\n")
    second.write_text(HEADER)
    written = HEADER + "phone,+12025550101,buyer\n" * 20_000  # more than one buffer
    sources = ListSources([first, second], region=None, report=None)
    counts = sources.stage_into(open_list(tmp_path), Rewriting(second, written))
    assert (counts.taken, counts.duplicates) == (2, 19_999)
    assert sources.sources == [
        Source(one.name, hashlib.sha256(one.read_bytes()).hexdigest()) for one in (first, second)
    ]


def test_a_file_that_is_gone_is_one_sentence(tmp_path: Path) -> None:
    sources = ListSources([tmp_path / "a.csv"], region=None, report=None)
    with pytest.raises(OperatorError, match="cannot be read"):
        sources.stage_into(open_list(tmp_path), Silent())
