"""A match is opened for its row, its record and its key alone, and sealed without an agreement."""

import os
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import pytest

from screening.disclosure.boxes import BOX_BYTES, Match, SealedKey
from screening.disclosure.keys import (
    KEY_BYTES,
    PUBLIC_HALVES,
    DisclosureKey,
    SealingKeys,
    encode_public_halves,
)
from screening.disclosure.opening import Opener, PrivateHalf
from screening.disclosure.sealing import LIFE_S, MatchSealer
from screening.private_files import replace_private
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.selector import IndexDigest, SelectorKind

KINDS = [kind.value for kind in SelectorKind]
RECEIPT, OTHER = "a" * 26, "b" * 26
HALF, NEXT = PrivateHalf.generate(), PrivateHalf.generate()
GENERATION = "20261128-0123abcd"


class Moment:
    """A steady clock that a test moves."""

    def __init__(self) -> None:
        self.now = 5_000.0

    def __call__(self) -> float:
        return self.now


class Newest:
    """The newest key, and how often it was sealed to."""

    def __init__(self) -> None:
        self.half = HALF
        self.asked = 0

    def __call__(self) -> DisclosureKey:
        self.asked += 1
        return self.half.key


def sealed_record(
    sealer: MatchSealer, rows: int, *, receipt: str = RECEIPT, key_id: str = "acme-2026a"
) -> tuple[SealedKey, dict[int, bytes]]:
    record = sealer.for_record(receipt, key_id, GENERATION)
    kinds = islice(cycle(KINDS), rows)
    return record.key, {
        row: record.box(row, digest_of(row), kind) for row, kind in enumerate(kinds)
    }


def digest_of(row: int) -> IndexDigest:
    return IndexDigest(row.to_bytes(16, "big"))


def test_a_box_opens_for_its_row_and_its_record_and_for_no_other() -> None:
    sealer, opener = MatchSealer(lambda: HALF.key), Opener([HALF])
    key, boxes = sealed_record(sealer, 4)
    other_key, others = sealed_record(sealer, 4, receipt=OTHER)
    for row, box in boxes.items():
        match = Match(digest_of(row), KINDS[row % len(KINDS)], "acme-2026a", GENERATION)
        assert opener.open(key, RECEIPT, row, box) == match
        for elsewhere in boxes.keys() - {row}:
            assert opener.open(key, RECEIPT, elsewhere, box) is None
        assert opener.open(key, OTHER, row, box) is None
        assert opener.open(other_key, RECEIPT, row, box) is None
        assert opener.open(other_key, OTHER, row, box) is None
        assert opener.open(other_key, OTHER, row, others[row]) == match
        assert opener.open(key, RECEIPT, -1, box) is None
        assert opener.open(key, RECEIPT, 1 << 32, box) is None


def test_one_box_opens_by_itself_and_nothing_opens_with_another_private_half() -> None:
    key, boxes = sealed_record(MatchSealer(lambda: HALF.key), 1000)
    assert Opener([NEXT, HALF]).open(key, RECEIPT, 999, boxes[999]) is not None
    assert Opener([NEXT]).open(key, RECEIPT, 999, boxes[999]) is None
    claimed = SealedKey(NEXT.key.id, key.key, key.number)
    assert Opener([NEXT]).open(claimed, RECEIPT, 999, boxes[999]) is None


def test_a_box_has_one_length_whatever_it_holds_and_shows_nothing_of_it() -> None:
    sealer = MatchSealer(lambda: HALF.key)
    key_ids = ("a", "acme-2026a", "a" * 32)
    contents = [
        (sealer.for_record(RECEIPT, key_id, GENERATION).box(0, IndexDigest(digest), kind), digest)
        for key_id in key_ids
        for kind in KINDS
        for digest in (bytes(16), os.urandom(16))
    ]
    for box, digest in contents:
        assert len(box) == BOX_BYTES
        assert digest[:4] not in box
    assert len({box[:16] for box, _ in contents}) == len(contents)


def test_a_name_that_is_too_long_for_a_box_is_refused_and_never_cut() -> None:
    with pytest.raises(ValueError, match="more than 32 bytes"):
        MatchSealer(lambda: HALF.key).for_record(RECEIPT, "a" * 33, GENERATION)


def test_a_minute_s_records_share_one_key_agreement_and_no_number() -> None:
    newest, moment = Newest(), Moment()
    sealer = MatchSealer(newest, moment)
    keys = [sealed_record(sealer, 3, receipt=f"{number:026}")[0] for number in range(500)]
    moment.now += LIFE_S - 1
    sealer.renew()
    keys.append(sealed_record(sealer, 1)[0])
    assert newest.asked == 1
    assert len({key.key for key in keys}) == 1
    assert [key.number for key in keys] == list(range(501))


def test_after_a_minute_another_key_is_taken_and_an_old_one_opens_nothing_of_it() -> None:
    newest, moment = Newest(), Moment()
    sealer = MatchSealer(newest, moment)
    first, _ = sealed_record(sealer, 1)
    moment.now += LIFE_S
    sealer.renew()
    second, boxes = sealed_record(sealer, 1)
    assert (newest.asked, second.number) == (2, first.number)
    assert first.key != second.key
    assert Opener([HALF]).open(first, RECEIPT, 0, boxes[0]) is None
    assert Opener([HALF]).open(second, RECEIPT, 0, boxes[0]) is not None


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    tmp_path.chmod(0o700)
    replace_private(tmp_path / PUBLIC_HALVES, encode_public_halves([HALF.key]))
    yield tmp_path


def test_the_newest_key_seals_once_it_is_there_and_the_older_private_half_opens_what_was_before(
    folder: Path,
) -> None:
    moment = Moment()
    sealer = MatchSealer(SealingKeys(folder).newest, moment)
    before = sealed_record(sealer, 1)
    replace_private(folder / PUBLIC_HALVES, encode_public_halves([HALF.key, NEXT.key]))
    moment.now += LIFE_S
    sealer.renew()
    after = sealed_record(sealer, 1)
    assert (before[0].to, after[0].to) == (HALF.key.id, NEXT.key.id)
    for half, (key, boxes) in ((HALF, before), (NEXT, after)):
        assert Opener([half]).open(key, RECEIPT, 0, boxes[0]) is not None
        assert Opener([HALF, NEXT]).open(key, RECEIPT, 0, boxes[0]) is not None


@pytest.mark.parametrize("content", [b"", b"half a li", b"\xff" * 70, None])
def test_while_the_file_cannot_be_read_the_key_before_it_seals_on(
    folder: Path, content: bytes | None
) -> None:
    keys = SealingKeys(folder)
    if content is None:
        (folder / PUBLIC_HALVES).unlink()
    else:
        replace_private(folder / PUBLIC_HALVES, content)
    assert keys.newest() == HALF.key
    with pytest.raises(OperatorError, match=r"disclosure\.pub is (damaged|missing)"):
        SealingKeys(folder)


def test_a_key_of_which_a_bit_was_lost_is_refused(folder: Path) -> None:
    whole = (folder / PUBLIC_HALVES).read_bytes()
    for at in range(len(whole) - 1):
        damaged = bytearray(whole)
        damaged[at] ^= 2
        replace_private(folder / PUBLIC_HALVES, bytes(damaged))
        with pytest.raises(OperatorError, match="damaged"):
            SealingKeys(folder)


def test_no_repr_shows_a_key_or_a_match() -> None:
    sealer = MatchSealer(lambda: HALF.key)
    shown = repr((sealer, HALF, Opener([HALF]), Match(b"secret-digest-16", "phone", "a", "b")))
    assert "secret" not in shown
    assert HALF.secret.hex() not in shown
    assert repr(HALF.secret) not in shown


def test_a_public_half_that_agrees_on_zeros_with_everybody_seals_nothing(folder: Path) -> None:
    small = DisclosureKey(bytes(KEY_BYTES))
    replace_private(folder / PUBLIC_HALVES, encode_public_halves([HALF.key, small]))
    with pytest.raises(OperatorError, match="damaged"):
        SealingKeys(folder)
