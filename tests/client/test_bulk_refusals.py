"""Files and paths that cannot work: one sentence, and nothing asked or written."""

import random
from pathlib import Path

import pytest

from tests.client.conftest import GenScreen
from tests.client.peer import Peer

REFUSED: dict[str, tuple[bytes, list[str], str]] = {
    "empty": (b"", [], "no header"),
    "only a BOM": (b"\xef\xbb\xbf", [], "no header"),
    "blank": (b"\n\n\n", [], "no header"),
    "no header": (b"+12025550100,a@x.example\n", [], "put a header above"),
    "no header, column told": (b"+12025550100\n", ["--column", "p=phone"], "put a header above"),
    "no column": (b"name\nJane\n", [], "--column"),
    "latin-1": (b"phone,name\n1,a\n2,b\n+12025550100,J\xfcrgen\n", [], "not UTF-8 at line 4"),
    "utf-16": ("phone\n+12025550100\n".encode("utf-16"), [], "UTF-16"),
    "utf-16 without a mark": ("phone\n+12025550100\n".encode("utf-16-le"), [], "UTF-16"),
    "utf-16 of the other order": ("phone\n+12025550100\n".encode("utf-16-be"), [], "UTF-16"),
    "a picture": (b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x48\n", [], "is no text file;"),
    "another picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", [], "not UTF-8 at line 1"),
    "a program": (b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\n", [], "is no text file;"),
    "one zero byte": (b"phone,na\0me\n", [], "is no text file;"),
    "windows-1252": (b"phone;name\n+12025550100;\x80\n", [], "not UTF-8 at line 2"),
    "xlsx": (b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0phone", [], "is an Excel workbook"),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1phone", [], "is an Excel workbook"),
    "sep=x": (b"sep=x\nphonexname\n", [], "a separator that is not read"),
    "only sep=;": (b"sep=;\n", [], "no header"),
    "unknown region column": (b"phone\n1\n", ["--region-column", "cc"], "no column"),
    "open quotation mark": (b'phone,name\n1,"a\n2,b\n', [], "not CSV at line 2:"),
    "open mark behind whole cells": (
        b'phone|a|b\n1|"two\r\nlines"|"\n"\n2|"a ""b""\rc"|"open\n3|c|d\n',
        [],
        "not CSV at line 6:",
    ),
    "open mark that a later one closes": (
        b'phone;name\n1;"a\n2;b\n3;"c"\n',
        [],
        "not CSV at line 2:",
    ),
    "open mark in the header": (b'phone,"name\n1,a\n2,b\n', [], "not CSV at line 1:"),
    "stray quotation mark": (b'phone,name\n1,"a"b\n2,b\n', [], "not CSV at line 2"),
    "huge cell": (b"phone,name\n1," + b"x" * 200_000 + b"\n", [], "not CSV at line 2"),
    "unknown column": (b"name\n1\n", ["--column", "tel=phone"], "no column"),
    "double column": (b"phone,phone\n1,2\n", ["--column", "phone=phone"], "more than one column"),
    "unknown kind": (b"phone\n1\n", ["--column", "phone=passport"], "NAME=KIND"),
    "no kind": (b"phone\n1\n", ["--column", "phone"], "NAME=KIND"),
    "twice": (b"p\n1\n", ["--column", "p=phone", "--column", "p=card"], "twice"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_screened_is_refused_before_anything_is_asked(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, peer: Peer, name: str
) -> None:
    content, options, sentence = REFUSED[name]
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(content)
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", out, *options)
    assert (done.code, done.out) == (2, "")
    assert sentence in done.err
    assert done.err.splitlines()[-1].startswith("gen-screen: ")
    assert "202555" not in done.err
    assert sum(peer.requests.values()) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["acme.kit.json", "in.csv"]


def test_paths_that_cannot_work_are_refused(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    source = tmp_path / "in.csv"
    source.write_text("phone\n+12025550100\n")
    (tmp_path / "taken.csv").write_text("x")
    (tmp_path / "old.csv.receipts").write_text("x")
    (tmp_path / "link.csv").symlink_to(source)
    for given_source, out in (
        ("-", tmp_path / "out.csv"),
        (tmp_path / "none.csv", tmp_path / "out.csv"),
        (tmp_path, tmp_path / "out.csv"),
        (source, source),
        (source, tmp_path / "link.csv"),
        (source, tmp_path),
        (source, tmp_path / "nowhere" / "out.csv"),
        (source, tmp_path / "taken.csv"),
        (source, tmp_path / "old.csv"),
    ):
        done = gen_screen("bulk", "--kit", kit_path, given_source, "-o", out)
        assert (done.code, done.out) == (2, "")
    assert source.read_text() == "phone\n+12025550100\n"
    assert (tmp_path / "taken.csv").read_text() == "x"
    assert not (tmp_path / "out.csv.resume").exists()


def test_an_existing_file_is_replaced_only_when_told(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("phone\n+12025550100\n")
    out.write_text("x")
    assert gen_screen("bulk", "--kit", kit_path, source, "-o", out).code == 2
    assert out.read_text() == "x"
    assert gen_screen("bulk", "--kit", kit_path, source, "-o", out, "--overwrite").code == 0
    assert out.read_text() != "x"


def test_any_bytes_end_in_a_file_or_in_one_sentence(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    chance = random.Random(5)  # noqa: S311 - test data
    alphabet = [
        b"phone",
        b",",
        b";",
        b"\t",
        b'"',
        b"\n",
        b"\r",
        b"\0",
        b"+12025550100",
        b"\xff",
        b" ",
    ]
    for _ in range(80):
        source.write_bytes(b"phone" + b"".join(chance.choices(alphabet, k=25)))
        done = gen_screen("bulk", "--kit", kit_path, source, "-o", out, "--overwrite")
        assert done.code in (0, 2), done.err
        assert "Traceback" not in done.err
