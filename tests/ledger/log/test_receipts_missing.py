"""While a segment is away, another partner's receipt is told as one that nobody has: not known."""

import os
import time
from pathlib import Path

import pytest

from screening.ledger.log.missing_segments import MissingSegments
from screening.ledger.log.receipt_index import ReceiptIndex
from screening.ledger.log.receipts import find_proof
from screening.vocabulary.errors import LedgerDamaged, NotSignedYet, ReceiptNotFound
from tests.ledger.conftest import OpenLedger
from tests.ledger.log.merging import KEY, merged_log, signed
from tests.ledger.log.receipts import catch_up, checked, receipt
from tests.ledger.looking import files

OWN, FOREIGN, NOBODYS, ELSEWHERE = 1, 2, 3, 4


@pytest.mark.parametrize("suffix", [".sealed", ".open"])
def test_a_missing_segment_gives_away_no_record_of_another_partner(
    directory: Path, open_ledger: OpenLedger, suffix: str, tmp_path: Path
) -> None:
    with merged_log(directory) as log:
        index = ReceiptIndex(directory)
        writer = open_ledger()
        writer.append([checked(OWN), checked(FOREIGN, "beta")])
        if suffix == ".sealed":
            writer.close()
        open_ledger().append([checked(ELSEWHERE)])
        catch_up(index, signed(log).size)
    missing = MissingSegments(directory)

    def is_unknown(number: int) -> bool:
        """Whether it is told that there is none, where the other answer is that nobody knows."""
        try:
            find_proof(missing, KEY.verifier, receipt(number), partner="acme")
        except ReceiptNotFound:
            return True
        except (NotSignedYet, LedgerDamaged):  # which are one answer (api/proofs.py)
            return False
        pytest.fail("it was proven")

    assert [is_unknown(number) for number in (FOREIGN, NOBODYS)] == [True, True]
    path = next(path for path in files(directory, suffix) if receipt(OWN) in path.read_text())
    away = path.rename(tmp_path / path.name)
    assert [is_unknown(number) for number in (OWN, FOREIGN, NOBODYS)] == [False] * 3
    find_proof(missing, KEY.verifier, receipt(ELSEWHERE), partner="acme")
    away.rename(path)
    assert [is_unknown(number) for number in (FOREIGN, NOBODYS)] == [True, True]
    find_proof(missing, KEY.verifier, receipt(OWN), partner="acme")


def test_what_changed_just_now_is_looked_at_again_though_no_time_tells(
    directory: Path, open_ledger: OpenLedger, tmp_path: Path
) -> None:
    with open_ledger() as writer:
        writer.append([checked(OWN)])
    just_now_ns = time.time_ns() + 3_600 * 10**9  # however long this test takes
    missing = MissingSegments(directory)
    os.utime(directory, ns=(just_now_ns, just_now_ns))
    assert not missing.is_any([])
    files(directory, ".sealed")[0].rename(tmp_path / "away")
    os.utime(directory, ns=(just_now_ns, just_now_ns))
    assert missing.is_any([])


@pytest.mark.parametrize("left", [b"", b"\0" * 4096, b"no record\n" * 400, b"x" * 200_000])
def test_of_a_segment_that_was_written_over_no_receipt_is_known_to_have_no_record(
    directory: Path, open_ledger: OpenLedger, left: bytes
) -> None:
    with merged_log(directory) as log:
        index = ReceiptIndex(directory)
        writer = open_ledger()
        writer.append([checked(ELSEWHERE)])
        catch_up(index, signed(log).size)
        writer.append([checked(OWN)])
    missing = MissingSegments(directory)
    with pytest.raises(ReceiptNotFound):
        find_proof(missing, KEY.verifier, receipt(NOBODYS), partner="acme")
    (path,) = files(directory, ".open")
    path.write_bytes(left)
    with pytest.raises(NotSignedYet):
        find_proof(missing, KEY.verifier, receipt(OWN), partner="acme")


def test_a_record_that_is_on_its_way_is_no_damage(directory: Path, open_ledger: OpenLedger) -> None:
    with merged_log(directory) as log:
        index = ReceiptIndex(directory)
        open_ledger().append([checked(ELSEWHERE)])
        catch_up(index, signed(log).size)
    (path,) = files(directory, ".open")
    path.write_bytes(path.read_bytes() + path.read_bytes()[-40:-1])
    with pytest.raises(ReceiptNotFound):
        find_proof(MissingSegments(directory), KEY.verifier, receipt(OWN), partner="acme")
