"""How a file is parted, and what stands above its header: as `indexer import` reads them."""

from pathlib import Path

import pytest

from screening.client.bulk.columns import detect_columns
from screening.client.bulk.table import survey
from tests.client.conftest import ADDED, GenScreen, List, Screen
from tests.client.peer import Peer
from tests.vocabulary.heads import IS_TITLE, OTHERWISE_PARTED, PARTED, PHONE, TITLED


@pytest.mark.parametrize("name", PARTED)
def test_the_header_is_parted_by_what_parts_the_columns(tmp_path: Path, name: str) -> None:
    content, header = PARTED[name]
    source = tmp_path / "in.csv"
    source.write_text(content)
    table = survey(source)
    assert [cell.strip() for cell in table.header] == header
    assert detect_columns(table) != ()


@pytest.mark.parametrize("content", [*TITLED, *OTHERWISE_PARTED])
def test_what_is_no_header_is_refused(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, peer: Peer, content: str
) -> None:
    source = tmp_path / "in.csv"
    source.write_text(content)
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv")
    assert done.code == 2
    assert OTHERWISE_PARTED.get(content, IS_TITLE) in done.err
    assert peer.total("/v1/bulk") == 0


@pytest.mark.parametrize("above", ["\r\n", ";;\r\n\r\n", "\r\nsep=;\r\n", "sep=;\r\n \r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_blank_lines_above_the_header_are_kept(
    screen: Screen, tmp_path: Path, list_selectors: List, above: str, bom: str
) -> None:
    list_selectors(("phone", PHONE))
    rows = screen(f"{bom}{above}name;phone\r\nA;{PHONE}\r\n".encode(), delimiter=";")
    header, row = rows[-2:]
    assert header == ["name", "phone", *ADDED]
    assert row[:4] == ["A", PHONE, "match", "phone"]
    out = (tmp_path / "out.csv").read_bytes()
    assert out.startswith(f"{bom}{above}name;phone;result".encode())
