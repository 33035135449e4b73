"""The files of a bulk run: by no name does it overwrite what it reads, or what proves an answer."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.client.conftest import GenScreen
from tests.client.peer import Peer

CONTENT = "phone\n+12025550100\n"
Link = Callable[[Path, Path], None]


LINKS: dict[str, Link] = {
    "hard link": lambda existing, link: link.hardlink_to(existing),
    "symbolic link": lambda existing, link: link.symlink_to(existing),
}


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return the content and mode of every file in a folder."""
    return {
        path.name: (path.read_bytes(), path.stat().st_mode)
        for path in folder.iterdir()
        if path.is_file()
    }


@pytest.fixture
def refused(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, peer: Peer
) -> Callable[..., str]:
    """Run a command with `--overwrite`, which asks and changes nothing; return its one sentence."""

    def run(source: Path, out: Path) -> str:
        before = snapshot(tmp_path)
        done = gen_screen("bulk", "--kit", kit_path, source, "-o", out, "--overwrite")
        assert (done.code, done.out) == (2, "")
        assert snapshot(tmp_path) == before
        assert sum(peer.requests.values()) == 0
        assert done.err.startswith("gen-screen: ")
        assert done.err.count("\n") == 1
        return done.err

    return run


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    path.write_text(CONTENT)
    return path


def test_the_kit_is_not_overwritten(
    refused: Callable[..., str], source: Path, kit_path: Path
) -> None:
    assert "is the kit" in refused(source, kit_path)
    assert "is the kit" in refused(source, kit_path.parent / "." / kit_path.name)


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("suffix", ["", ".resume", ".receipts"])
def test_no_file_of_a_run_is_its_input_or_kit_by_another_name(
    refused: Callable[..., str],
    source: Path,
    kit_path: Path,
    tmp_path: Path,
    link: str,
    suffix: str,
) -> None:
    for existing, name in ((source, "IN"), (kit_path, "the kit")):
        written = tmp_path / f"{existing.stem}-out.csv{suffix}"
        LINKS[link](existing, written)
        sentence = refused(source, tmp_path / f"{existing.stem}-out.csv")
        assert f"{written} would be written and is {name}; " in sentence


def test_an_input_that_is_named_as_the_receipts_is_not_overwritten(
    refused: Callable[..., str], source: Path, tmp_path: Path
) -> None:
    for suffix in (".receipts", ".resume"):
        given = source.rename(tmp_path / f"out.csv{suffix}")
        assert "is IN" in refused(given, tmp_path / "out.csv")
        given.rename(source)


def test_the_record_of_a_run_is_not_overwritten_under_any_name(
    gen_screen: GenScreen,
    refused: Callable[..., str],
    source: Path,
    kit_path: Path,
    tmp_path: Path,
    peer: Peer,
) -> None:
    out = tmp_path / "out.csv"
    assert gen_screen("bulk", "--kit", kit_path, source, "-o", out).code == 0
    peer.requests.clear()
    receipts = tmp_path / "out.csv.receipts"
    (tmp_path / "linked.csv").hardlink_to(receipts)
    for record in (receipts, tmp_path / "linked.csv"):
        assert "proves what a run asked" in refused(source, record)
    receipts.rename(tmp_path / "out.csv.resume")
    assert "proves what a run asked" in refused(source, tmp_path / "out.csv.resume")


@pytest.mark.parametrize("end", [".xlsx", ".XLSX", ".xls", ".ods"])
def test_csv_is_not_written_under_the_name_of_a_workbook(
    refused: Callable[..., str], source: Path, tmp_path: Path, end: str
) -> None:
    out = tmp_path / f"screened{end}"
    said = f"{out} has the name of a workbook, and what is written is CSV; choose another -o"
    assert said in refused(source, out)


def test_a_dash_is_no_file(refused: Callable[..., str], source: Path) -> None:
    assert "give -o the name of a file, and no -" in refused(source, Path("-"))
    assert not Path("-").exists()


def test_what_a_run_may_have_written_is_not_replaced_by_one_that_begins_anew(
    gen_screen: GenScreen, source: Path, kit_path: Path, tmp_path: Path, peer: Peer
) -> None:
    out = tmp_path / "out.csv"
    command = ("bulk", "--kit", kit_path, source, "-o", out)
    assert gen_screen(*command).code == 0
    (tmp_path / "out.csv.receipts").rename(tmp_path / "out.csv.resume")
    done = gen_screen(*command, "--anew")
    assert (done.code, "exists; choose another -o" in done.err) == (2, True)
    assert gen_screen(*command).code == 0


def test_only_files_are_replaced(refused: Callable[..., str], source: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a.csv.receipts").mkdir()
    assert "no file that can be replaced" in refused(source, tmp_path / "pipe")
    assert "no file that can be replaced" in refused(source, tmp_path / "a.csv")


def test_an_input_that_can_be_read_only_once_is_refused(
    refused: Callable[..., str], tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "several times" in refused(tmp_path / "pipe", tmp_path / "out.csv")


def test_a_folder_is_named_as_one(refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    said = refused(tmp_path / "exports", tmp_path / "out.csv")
    assert said == f"gen-screen: {tmp_path / 'exports'} is a folder; give one file of it\n"


@pytest.mark.parametrize("length", [247, 255, 300])
def test_a_name_that_is_too_long_is_one_sentence(
    refused: Callable[..., str], source: Path, tmp_path: Path, length: int
) -> None:
    assert "no place for a file" in refused(source, tmp_path / ("x" * length))


def test_a_link_to_nowhere_is_taken(
    gen_screen: GenScreen, kit_path: Path, source: Path, tmp_path: Path, peer: Peer
) -> None:
    out = tmp_path / "out.csv"
    out.symlink_to(tmp_path / "nowhere.csv")
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", out)
    assert (done.code, done.out) == (2, "")
    assert "exists" in done.err
    assert sum(peer.requests.values()) == 0


def test_what_stands_where_the_output_is_written_first_is_not_removed(
    refused: Callable[..., str], source: Path, tmp_path: Path
) -> None:
    partial = source.rename(tmp_path / ".out.csv.partial")
    assert f"{partial} would be written and is IN" in refused(partial, tmp_path / "out.csv")
