"""The files of a list: what the ledger says of them is what was read."""

import csv
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from indexer.list.draft_rows import Taking
from indexer.list.drafts import DraftCounts
from indexer.list.sources import ListSources, Source
from indexer.progress import Advance, Progress
from screening.vocabulary.errors import OperatorError
from tests.indexer.listed import NO_LIFETIMES, NOW, open_list
from tests.indexer.silent import Silent

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


def staged_from(
    sources: ListSources, folder: Path, progress: Progress | None = None
) -> DraftCounts:
    list_file = open_list(folder)
    taking = Taking(list_file.tags, NOW)
    return sources.stage_into(list_file, taking, NO_LIFETIMES, progress or Silent()).counts


def test_the_hash_on_record_is_that_of_the_bytes_that_were_read(tmp_path: Path) -> None:
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text(HEADER + "phone,+12025550100,buyer\n")
    second.write_text(HEADER)
    written = HEADER + "phone,+12025550101,buyer\n" * 20_000  # more than one buffer
    sources = ListSources([first, second], region=None, report=None)
    counts = staged_from(sources, tmp_path, Rewriting(second, written))
    assert (counts.taken, counts.duplicates) == (2, 19_999)
    assert sources.sources == [
        Source(one.name, hashlib.sha256(one.read_bytes()).hexdigest()) for one in (first, second)
    ]


@pytest.mark.slow
def test_a_long_list_is_read_by_all_cores_as_by_one(tmp_path: Path) -> None:
    remark = "r" * 250
    kinds = ["phone,+1202555{:04},buyer", "email,a{}@hotel.example,victim", "fax,{},victim", "{}"]
    rows = [f"{kinds[number % 4].format(number)},{remark}\n" for number in range(6_000)]
    whole, parts = "".join(rows), [rows[:3_000], rows[3_000:]]
    assert len("".join(parts[0])) < 1 << 20 < len(whole)  # so that only the whole is shared

    def stage(name: str, contents: list[str]) -> tuple[DraftCounts, ListSources, list[list[str]]]:
        folder = tmp_path / name
        folder.mkdir()
        files = [folder / f"{number}.csv" for number in range(len(contents))]
        for file, content in zip(files, contents, strict=True):
            file.write_text("kind,value,role,reason\n" + content)
        sources = ListSources(files, region=None, report=folder / "report.csv")
        counts = staged_from(sources, folder)
        with (folder / "report.csv").open(newline="") as report:
            return counts, sources, list(csv.reader(report))

    counts, alone, report = stage("parts", ["".join(part) for part in parts])
    shared_counts, shared, shared_report = stage("whole", [whole])
    assert shared_counts == counts == DraftCounts(taken=3_000, withheld_victim=1_500, new=3_000)
    assert (shared.rejected, len(shared.unprotected)) == (alone.rejected, 1_500)
    lines = [int(row[1]) for row in shared_report[1:]]
    assert lines == sorted(lines)
    assert len(lines) == len(report) - 1 == 3_000


def test_a_file_that_is_gone_is_one_sentence(tmp_path: Path) -> None:
    sources = ListSources([tmp_path / "a.csv"], region=None, report=None)
    with pytest.raises(OperatorError, match="cannot be read"):
        staged_from(sources, tmp_path)
