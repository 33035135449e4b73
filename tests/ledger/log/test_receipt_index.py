"""A receipt leads to its record without a scan; what is lost of the index is made anew."""

import shutil
from pathlib import Path
from typing import Final

import pytest

from screening.ledger.log import receipt_index
from screening.ledger.log.checkpoint import LOG
from screening.ledger.log.receipt_ends import ENDS, RECEIPTS
from screening.ledger.log.receipt_index import ReceiptIndex
from screening.ledger.log.receipt_tiles import (
    Place,
    TileDamaged,
    entry_of,
    gaps_between,
    places_of,
    tiles_in,
    write_tile,
)
from screening.ledger.log.runs import read_runs
from screening.ledger.verify import segment_ids
from screening.vocabulary.errors import LedgerDamaged, NotSignedYet, ReceiptNotFound
from tests.ledger.conftest import OpenLedger
from tests.ledger.log.merging import edit, merged_log, settle, signed
from tests.ledger.log.receipts import catch_up, checked, find, is_true, receipt

RECORDS: Final = 60
AT_A_TIME: Final = 7


@pytest.fixture
def indexed(directory: Path, open_ledger: OpenLedger) -> Path:
    """Records of three segments, merged by and by, of which one is still open."""
    with merged_log(directory) as log:
        index = ReceiptIndex(directory, at_a_time=AT_A_TIME)
        stays, goes = open_ledger(), open_ledger()
        for number in range(RECORDS):
            (stays, goes)[number % 2].append([checked(number)])
            if number == RECORDS // 2:
                goes.close()
                goes = open_ledger()
            if number % 5 == 0:
                catch_up(index, signed(log).size)
        catch_up(index, signed(log).size)
    return directory


def folder_of(directory: Path) -> Path:
    return directory / LOG / RECEIPTS


def all_found(directory: Path) -> bool:
    return all(is_true(find(directory, number), number) for number in range(RECORDS))


def place_of(directory: Path, number: int) -> Place:
    folder = folder_of(directory)
    found = [places_of(folder, tile, receipt(number).encode()) for tile in tiles_in(folder)]
    (place,) = [place for places in found for place in places]
    return place


def make_anew(directory: Path) -> None:
    with merged_log(directory) as log:
        catch_up(ReceiptIndex(directory, at_a_time=AT_A_TIME), log.signed.size)


def test_every_record_is_found_by_its_receipt_wherever_it_lies(indexed: Path) -> None:
    assert all_found(indexed)


def test_there_are_few_tiles_however_small_the_steps(indexed: Path) -> None:
    tiles = tiles_in(folder_of(indexed))
    assert [*gaps_between(tiles, RECORDS)] == []
    assert len(tiles) <= 6  # the logarithm of 60
    assert sum(tile.entries for tile in tiles) == RECORDS


def test_an_unknown_receipt_and_anothers_are_the_same(indexed: Path) -> None:
    with pytest.raises(ReceiptNotFound) as unknown:
        find(indexed, RECORDS)
    with pytest.raises(ReceiptNotFound) as anothers:
        find(indexed, 0, partner="beta")
    assert str(unknown.value) == str(anothers.value)


@pytest.mark.parametrize("is_merged", [True, False])
@pytest.mark.parametrize("is_sealed", [True, False])
def test_a_record_that_is_not_signed_or_taken_up_yet_is_not_unknown(
    directory: Path, open_ledger: OpenLedger, *, is_merged: bool, is_sealed: bool
) -> None:
    with merged_log(directory) as log:
        index = ReceiptIndex(directory)
        writer = open_ledger()
        writer.append([checked(number) for number in range(3)])
        catch_up(index, signed(log).size)
        writer.append([checked(3), checked(4, "beta")])
        if is_sealed:
            writer.close()
        if is_merged:
            settle(log)
        with pytest.raises(NotSignedYet):
            find(directory, 3)
        with pytest.raises(ReceiptNotFound):
            find(directory, 4)
        with pytest.raises(ReceiptNotFound):
            find(directory, 5)
        catch_up(index, signed(log).size)
        assert is_true(find(directory, 3), 3)


def test_nothing_is_known_before_the_index_has_begun(
    directory: Path, open_ledger: OpenLedger
) -> None:
    open_ledger().append([checked(0)])
    with merged_log(directory) as log:
        signed(log)
        with pytest.raises(NotSignedYet):
            find(directory, 0)


def test_an_index_that_was_removed_is_made_anew(indexed: Path) -> None:
    shutil.rmtree(folder_of(indexed))
    for number in (0, RECORDS):
        with pytest.raises(NotSignedYet):
            find(indexed, number)
    make_anew(indexed)
    assert all_found(indexed)


def test_an_index_that_was_removed_beneath_its_keeper_is_whole_again_without_new_records(
    directory: Path, open_ledger: OpenLedger
) -> None:
    with merged_log(directory) as log:
        index = ReceiptIndex(directory, at_a_time=AT_A_TIME)
        open_ledger().append([checked(number) for number in range(RECORDS)])
        catch_up(index, signed(log).size)
        shutil.rmtree(folder_of(directory))
        catch_up(index, log.signed.size)
    assert all_found(directory)
    with pytest.raises(ReceiptNotFound):
        find(directory, RECORDS)


def test_while_it_is_made_anew_nothing_is_said_to_be_missing(indexed: Path) -> None:
    shutil.rmtree(folder_of(indexed))
    with merged_log(indexed) as log:
        index = ReceiptIndex(indexed, at_a_time=AT_A_TIME)
        while not index.catch_up(log.signed.size):
            for number, partner in ((RECORDS, "acme"), (0, "beta"), (RECORDS - 1, "beta")):
                with pytest.raises(NotSignedYet):
                    find(indexed, number, partner=partner)
            for number in range(RECORDS):
                try:
                    assert is_true(find(indexed, number), number)
                except NotSignedYet:
                    continue
    for number, partner in ((RECORDS, "acme"), (0, "beta")):
        with pytest.raises(ReceiptNotFound):
            find(indexed, number, partner=partner)


def test_a_tile_that_was_removed_is_made_anew_by_the_same_process(
    directory: Path, open_ledger: OpenLedger
) -> None:
    with merged_log(directory) as log:
        writer, index = open_ledger(), ReceiptIndex(directory, at_a_time=AT_A_TIME)
        writer.append([checked(number) for number in range(RECORDS)])
        catch_up(index, signed(log).size)
        for tile in tiles_in(folder_of(directory)):
            (folder_of(directory) / tile.name).unlink()
            with pytest.raises(NotSignedYet):
                find(directory, RECORDS)
            catch_up(index, log.signed.size)
            assert all_found(directory)


def test_a_damaged_tile_leads_nowhere_wrong_and_is_made_anew(indexed: Path) -> None:
    largest = max(tiles_in(folder_of(indexed)), key=lambda tile: tile.entries)
    path = folder_of(indexed) / largest.name
    whole = path.read_bytes()
    for at_byte in range(0, len(whole), 97):
        path.write_bytes(whole[:at_byte] + bytes([whole[at_byte] ^ 1]) + whole[at_byte + 1 :])
        for number in range(0, RECORDS, 13):
            try:
                assert is_true(find(indexed, number), number)
            except TileDamaged:  # told as "not yet", while it is made anew
                break
        else:
            continue
        assert not path.exists()
    make_anew(indexed)
    assert all_found(indexed)


def test_damage_that_nobody_asks_for_is_found_by_the_keeper(indexed: Path) -> None:
    tiles = tiles_in(folder_of(indexed))
    edit(folder_of(indexed) / tiles[0].name, lambda content: content.__setitem__(5, 255))
    with merged_log(indexed) as log:
        index = ReceiptIndex(indexed)
        for _ in range(receipt_index._BEATS_A_LOOK * (len(tiles) + 1)):
            index.catch_up(log.signed.size)
    assert all_found(indexed)


@pytest.mark.parametrize("content", [b"", b"{}", b"00000000 {}", None])
def test_where_the_ends_are_lost_all_is_made_anew(indexed: Path, content: bytes | None) -> None:
    path = folder_of(indexed) / ENDS
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    assert all_found(indexed)
    with pytest.raises(NotSignedYet):
        find(indexed, RECORDS)
    make_anew(indexed)
    assert all_found(indexed)


def test_an_entry_that_leads_to_another_record_is_no_proof(indexed: Path) -> None:
    own, other = place_of(indexed, 1), place_of(indexed, 2)
    for tile in tiles_in(folder_of(indexed)):
        (folder_of(indexed) / tile.name).unlink()
    lies = [
        other,  # whose record is as true, and another answer's
        Place(own.leaf, own.segment, 0),
        Place(own.leaf, own.segment, own.at_byte + 1),
        Place(own.leaf + 1, own.segment, own.at_byte),
        Place(own.leaf, "20200101T000000000000Z-00000000", 0),
    ]
    for lie in lies:
        entry = entry_of(receipt(1).encode(), lie)
        assert entry is not None
        tile = write_tile(folder_of(indexed), 0, RECORDS, [entry])
        with pytest.raises(LedgerDamaged):
            find(indexed, 1)
        (folder_of(indexed) / tile.name).unlink()


def test_a_record_that_was_changed_after_it_was_signed_is_no_proof(indexed: Path) -> None:
    for segment in segment_ids(indexed):
        for path in indexed.glob(f"{segment}.*"):
            content = path.read_bytes().replace(
                b'"partner":"acme","n":1}', b'"partner":"acme","n":2}'
            )
            path.write_bytes(content)
    with pytest.raises(LedgerDamaged):
        find(indexed, 1)
    assert is_true(find(indexed, 0), 0)


def test_records_whose_segment_is_gone_are_left_out_and_others_are_found(indexed: Path) -> None:
    gone = segment_ids(indexed)[0]
    for path in indexed.glob(f"{gone}.*"):
        path.unlink()
    shutil.rmtree(folder_of(indexed))
    with merged_log(indexed) as log:
        catch_up(ReceiptIndex(indexed), log.signed.size)
    found = 0
    for number in range(RECORDS):
        try:
            found += is_true(find(indexed, number), number)
        except ReceiptNotFound:
            continue
    assert 0 < found < RECORDS


def test_records_without_a_receipt_are_passed_over(
    directory: Path, open_ledger: OpenLedger
) -> None:
    with merged_log(directory) as log:
        open_ledger().append([b'{"n":1}', checked(1), b'{"receipt":"' + b"a" * 100 + b'"}'])
        catch_up(ReceiptIndex(directory), signed(log).size)
        assert is_true(find(directory, 1), 1)
        (tile,) = tiles_in(folder_of(directory))
        assert (tile.leaves, tile.entries) == (3, 1)


def test_the_run_of_a_leaf_is_found_by_halves_as_by_reading_all(indexed: Path) -> None:
    runs = list(read_runs(indexed / LOG))
    for leaf in range(RECORDS):
        found = next(iter(receipt_index._runs_from(indexed / LOG, leaf)))
        assert found == next(run for run in runs if run.leaf <= leaf < run.end)
