"""One tile: each entry is found in it, and none where it is cut off or of another name."""

from pathlib import Path

import pytest

from screening.ledger.log.receipt_tiles import (
    Place,
    TileDamaged,
    entry_of,
    places_of,
    require_whole,
    tiles_in,
    write_tile,
)
from tests.ledger.log.receipts import receipt

PLACE = Place(5, "20261128T142500123456Z-0a1b2c3d", 1 << 33)


def entries(count: int) -> list[bytes]:
    found = [entry_of(receipt(number).encode(), PLACE) for number in range(count)]
    return [one for one in found if one is not None]


def test_a_thousand_entries_are_each_found_in_one_tile(tmp_path: Path) -> None:
    tile = write_tile(tmp_path, 0, 1_000, entries(1_000))
    assert tiles_in(tmp_path) == [tile]
    for number in range(1_000):
        assert places_of(tmp_path, tile, receipt(number).encode()) == [PLACE]
    assert not places_of(tmp_path, tile, receipt(1_001).encode())


@pytest.mark.parametrize("left_bytes", [0, 1, 4_095, 4_096, 8_192])
def test_a_tile_that_was_cut_off_is_damaged(tmp_path: Path, left_bytes: int) -> None:
    tile = write_tile(tmp_path, 0, 300, entries(300))
    path = tmp_path / tile.name
    path.write_bytes(path.read_bytes()[:left_bytes])
    for read in (require_whole, lambda folder, one: places_of(folder, one, b"a" * 26)):
        with pytest.raises(TileDamaged):
            read(tmp_path, tile)


def test_a_tile_under_another_name_or_with_its_blocks_in_another_order_is_damaged(
    tmp_path: Path,
) -> None:
    tile = write_tile(tmp_path, 0, 254, entries(254))
    whole = (tmp_path / tile.name).read_bytes()
    (tmp_path / tile.name).write_bytes(whole[4_096:] + whole[:4_096])
    with pytest.raises(TileDamaged):
        require_whole(tmp_path, tile)
    other = type(tile)(1, 255, 254)
    (tmp_path / other.name).write_bytes(whole)
    with pytest.raises(TileDamaged):
        require_whole(tmp_path, other)


def test_a_segment_of_no_writers_name_has_no_entry() -> None:
    assert entry_of(receipt(1).encode(), Place(1, "20261128T1425Z-0a1b2c3d", 0)) is None
