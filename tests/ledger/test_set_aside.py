"""What only somebody's hand has left is no torn end: it is set aside, and nothing is cut off."""

from pathlib import Path

import msgspec
import pytest

from screening.ledger.lines import MAX_LINE_BYTES, SealRecord, link, parse_seal_line
from screening.ledger.recovery import Recovery, recover_ledger
from screening.ledger.verify import verify_ledger
from screening.vocabulary.errors import LedgerDamaged
from tests.ledger.conftest import OpenLedger
from tests.ledger.dead_writers import leave_dead
from tests.ledger.looking import files, lines, numbers, record


@pytest.fixture
def sealed(open_ledger: OpenLedger, directory: Path) -> Path:
    """A segment of two records, with its seal and the index of it."""
    with open_ledger() as ledger:
        ledger.append([record(1), record(2)])
    return files(directory, ".sealed")[0]


def reopened(sealed: Path) -> Path:
    """Return the segment as its writer leaves it between the seal and the last name."""
    return sealed.rename(sealed.with_suffix(".open"))


def test_a_segment_whose_writer_died_before_its_last_name_is_given_that(sealed: Path) -> None:
    content = sealed.read_bytes()
    recovery = recover_ledger(reopened(sealed).parent)
    assert recovery == Recovery((sealed.stem,), (), ())
    assert sealed.read_bytes() == content


@pytest.mark.parametrize("behind", [b"0", b"half a line", b"0" * MAX_LINE_BYTES])
def test_what_follows_a_seal_is_not_cut_off(sealed: Path, behind: bytes) -> None:
    content = sealed.read_bytes() + behind
    path = reopened(sealed)
    path.write_bytes(content)
    assert recover_ledger(path.parent).damaged == (path.stem,)
    assert path.with_suffix(".damaged").read_bytes() == content


def test_what_is_longer_than_any_line_is_not_cut_off(tmp_path: Path, dead_segment: Path) -> None:
    content = dead_segment.read_bytes() + b"0" * (MAX_LINE_BYTES + 1) + b"\n"
    path = leave_dead(tmp_path / "l", dead_segment, content)
    assert recover_ledger(path.parent).damaged == (path.stem,)
    assert path.with_suffix(".damaged").read_bytes() == content


def test_a_record_that_follows_a_seal_is_told_as_that(sealed: Path) -> None:
    content = sealed.read_bytes()
    chain = content.splitlines()[-1][:64]
    sealed.write_bytes(content + b"%b %b\n" % (link(chain, record(3)), record(3)))
    with pytest.raises(LedgerDamaged, match=f"segment {sealed.stem}, line 5: something follows"):
        verify_ledger(sealed.parent)


@pytest.mark.parametrize("other", [{"records": 3}, {"segment": "20250101T000000000000Z-00000000"}])
def test_a_seal_of_another_segment_or_count_is_damage_though_the_index_says_the_same(
    sealed: Path, other: dict[str, object]
) -> None:
    *before, last = sealed.read_bytes().splitlines()
    seal = msgspec.structs.replace(parse_seal_line(last).seal, **other)
    payload = msgspec.json.encode(SealRecord(seal))
    line = b"%b %b\n" % (link(before[-1][:64], payload), payload)
    (sealed.parent / "seals").write_bytes(line)
    sealed.write_bytes(b"\n".join(before) + b"\n" + line)
    with pytest.raises(LedgerDamaged, match=f"segment {sealed.stem}, line 4: the seal is of"):
        verify_ledger(sealed.parent)


def test_a_seal_without_its_line_feed_that_no_index_knows_is_no_record(sealed: Path) -> None:
    path = reopened(sealed)
    path.write_bytes(path.read_bytes()[:-1])
    (path.parent / "seals").unlink()
    assert recover_ledger(path.parent).sealed == (path.stem,)
    assert numbers(path.parent) == [1, 2]
    seal = lines(sealed)[-1]["seal"]
    assert (seal["records"], seal["recovered"]) == (2, True)
    assert verify_ledger(path.parent).records == 2


@pytest.mark.parametrize("how", ["emptied", "longer", "without its line feed"])
def test_an_index_that_was_emptied_or_ends_in_no_seal_is_not_begun_anew(
    open_ledger: OpenLedger, sealed: Path, how: str
) -> None:
    index = sealed.parent / "seals"
    whole = index.read_bytes()
    spoilt = {
        "emptied": b"",
        "longer": whole + b"0" * 5_000,
        "without its line feed": whole[:-1] + b"0" * 4_096,
    }[how]
    index.write_bytes(spoilt)
    with open_ledger() as ledger:
        ledger.append([record(3)])
    assert files(sealed.parent, ".sealed") == [sealed]
    assert index.read_bytes() == spoilt
    index.write_bytes(whole)
    with open_ledger() as ledger:
        ledger.append([record(4)])
    assert not files(sealed.parent, ".open")
    assert numbers(sealed.parent) == [1, 2, 3, 4]
    verify_ledger(sealed.parent)
