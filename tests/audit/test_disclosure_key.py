"""`screening audit who --disclosure-key`: what is opened, what is not, and that it is on record."""

import base64
import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from msgspec import structs

from screening.cli import cli
from screening.disclosure.opening import PrivateHalf
from screening.disclosure.sealing import MatchSealer
from screening.ledger.accesses import Access
from screening.ledger.ledger import Ledger
from screening.private_files import create_private, ensure_private_directory
from screening.vocabulary.errors import LedgerDamaged, OperatorError
from screening.vocabulary.selector import IndexDigest
from tests.ledger.looking import ASKED, read_records

OLDER, NEWER, FOREIGN = (PrivateHalf.generate() for _ in range(3))
GENERATION: Final = "20261128-0123abcd"
DIGESTS: Final = {0: IndexDigest(bytes(range(16))), 2: IndexDigest(bytes(range(1, 17)))}
PLAIN: Final = structs.replace(
    ASKED, receipt="p" * 26, outcomes={"match": 1}, matches={"0": bytes(16).hex()}
)
"""As an earlier version wrote it."""

Change = Callable[[dict[str, str]], dict[str, str]]


def sealed(letter: str, half: PrivateHalf) -> Access:
    """Return an answer with two matches of three, as a worker records it."""
    receipt = letter * 26
    sealer = MatchSealer(lambda: half.key).for_record(
        receipt, ASKED.key_id, GENERATION, booking_region="DE"
    )
    boxes = {row: sealer.box(row, digest, "card") for row, digest in DIGESTS.items()}
    return structs.replace(
        ASKED,
        receipt=receipt,
        asked=3,
        outcomes={"match": 2, "no_match": 1},
        kinds={"phone": 1, "card": 2},
        generation=GENERATION,
        matches={str(row): base64.b64encode(box).decode() for row, box in boxes.items()},
        sealed=sealer.key,
    )


NOT_OPENED: Final = (
    f"Not opened: 2 of the matches, sealed to {NEWER.key.id}, whose private half is not given.\n"
)
ANSWERS: Final = [ASKED, PLAIN, sealed("b", OLDER), sealed("c", NEWER)]


class Channel:
    """The host of the authorised channel: a copied journal, and private halves beside it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.home = ensure_private_directory(folder / "home")
        self.halves = ensure_private_directory(folder / "disclosure")
        self._capsys = capsys

    def copy(self, answers: Sequence[Access]) -> None:
        with Ledger(self.home / "journal", host="copied") as ledger:
            ledger.append([msgspec.json.encode(one) for one in answers])

    def give(self, *halves: PrivateHalf) -> None:
        for half in halves:
            create_private(self.halves / f"disclosure-{half.key.id}.key", half.secret)

    def who(self, *options: str) -> list[dict[str, str]]:
        arguments = ["audit", "who", "--purpose", "case 17", *options]
        cli(arguments, "screening", standalone_mode=False)
        return self.printed()

    def printed(self) -> list[dict[str, str]]:
        return self.printed_and_said()[0]

    def printed_and_said(self) -> tuple[list[dict[str, str]], str]:
        """Return the lines of the table, and what stands on standard error."""
        captured = self._capsys.readouterr()
        return list(csv.DictReader(io.StringIO(captured.out))), captured.err

    def looked(self) -> list[dict[str, Any]]:
        return [json.loads(payload) for _, _, payload in read_records(self.home / "audit")]


@pytest.fixture
def channel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Channel]:
    host = Channel(tmp_path, capsys)
    monkeypatch.setenv("SCREENING_HOME", str(host.home))
    yield host


def opened_rows(letter: str) -> list[tuple[str, ...]]:
    return [
        (letter * 26, str(row), "card", digest.hex(), ASKED.key_id, GENERATION, "DE")
        for row, digest in DIGESTS.items()
    ]


def cells(printed: list[dict[str, str]]) -> list[tuple[str, ...]]:
    names = ("receipt", "row", "kind", "digest", "match_key_id", "match_generation")
    return [tuple(one[name] for name in (*names, "booking_region")) for one in printed]


def test_without_a_private_half_matches_are_counts_and_kinds(channel: Channel) -> None:
    channel.copy(ANSWERS)
    told = channel.who()
    assert [one["kinds"] for one in told] == ["", "", "phone:1 card:2", "phone:1 card:2"]
    assert [one["match"] for one in told] == ["0", "1", "2", "2"]
    assert [one["matches"] for one in told] == [
        "",
        bytes(16).hex(),  # an earlier version has written it, and nobody can make that undone
        f"2 sealed to {OLDER.key.id}",
        f"2 sealed to {NEWER.key.id}",
    ]
    assert channel.looked()[-1]["opened_with"] == []


def test_the_older_and_the_newer_half_open_what_was_sealed_to_each(channel: Channel) -> None:
    channel.copy(ANSWERS)
    channel.give(OLDER, NEWER)
    assert cells(channel.who("--disclosure-key", str(channel.halves))) == [
        (ASKED.receipt, "", "", "", "", "", ""),
        (PLAIN.receipt, "0", "", bytes(16).hex(), ASKED.key_id, "", ""),
        *opened_rows("b"),
        *opened_rows("c"),
    ]
    looked = channel.looked()[-1]
    assert looked["purpose"] == "case 17"
    assert looked["opened_with"] == sorted([OLDER.key.id, NEWER.key.id])


def test_what_is_sealed_to_another_key_is_named_and_all_else_is_printed(channel: Channel) -> None:
    channel.copy(ANSWERS)
    channel.give(OLDER)
    (half,) = channel.halves.iterdir()
    with pytest.raises(OperatorError) as raised:  # exit 2: nothing is damaged
        channel.who("--disclosure-key", str(half))
    assert str(raised.value) == (
        "not all matches are opened: give the folder of all private halves as --disclosure-key"
    )
    printed, said = channel.printed_and_said()
    assert said == NOT_OPENED
    *_, first, second = rows = cells(printed)
    assert rows[2:4] == opened_rows("b")
    assert [first, second] == [("c" * 26, row, "", "", "", "", "") for row in ("0", "2")]


def test_damage_beside_what_is_sealed_to_another_key_is_still_damage(channel: Channel) -> None:
    whole = sealed("d", OLDER)
    swapped = {"0": whole.matches["2"], "2": whole.matches["0"]}
    channel.copy([sealed("c", NEWER), structs.replace(whole, matches=swapped)])
    channel.give(OLDER)
    with pytest.raises(LedgerDamaged) as raised:
        channel.who("--disclosure-key", str(channel.halves))
    assert str(raised.value) == (
        f"a sealed match is not what was sealed for its row: {'d' * 26}.0, {'d' * 26}.2"
    )
    assert channel.printed_and_said()[1] == NOT_OPENED


@pytest.mark.parametrize(
    ("change", "named"),
    [
        pytest.param(lambda one: {"0": one["2"], "2": one["0"]}, ["0", "2"], id="rows swapped"),
        pytest.param(lambda one: {**one, "2": one["0"]}, ["2"], id="a row copied"),
        pytest.param(lambda one: {**one, "1": one["0"]}, ["1"], id="a row added"),
        pytest.param(lambda one: {**one, "2": "A" * 128}, ["2"], id="overwritten"),
        pytest.param(lambda one: {**one, "2": one["2"][:-4]}, ["2"], id="cut off"),
        pytest.param(lambda one: {**one, "2": "no base64 \u2028"}, ["2"], id="no box"),
        pytest.param(lambda one: {**one, "2": bytes(16).hex()}, ["2"], id="a digest in plain"),
        pytest.param(lambda one: {**one, "-1": one["0"]}, [None], id="no number"),
        pytest.param(lambda one: {**one, "\x1b[2J": one["0"]}, [None], id="no row"),
    ],
)
def test_a_box_that_was_tampered_with_is_named_and_all_else_is_printed(
    channel: Channel, change: Change, named: list[str | None]
) -> None:
    whole = sealed("d", OLDER)
    channel.copy([structs.replace(whole, matches=change(whole.matches)), sealed("b", OLDER)])
    channel.give(OLDER)
    with pytest.raises(LedgerDamaged) as raised:
        channel.who("--disclosure-key", str(channel.halves))
    names = [f"{whole.receipt}.{row}" if row else "one without a receipt" for row in named]
    assert str(raised.value) == (
        f"a sealed match is not what was sealed for its row: {', '.join(names)}"
    )
    assert cells(channel.printed())[-2:] == opened_rows("b")


@pytest.mark.parametrize(
    "change",
    [
        {"key_id": "other-2026a"},
        {"generation": "20261128-ffffffff"},
        {"receipt": "e" * 26},
        {"sealed": sealed("d", OLDER).sealed},
        {"sealed": None},
    ],
    ids=["key_id", "generation", "receipt", "another key", "no key"],
)
def test_matches_are_opened_for_their_own_record_alone(
    channel: Channel, change: dict[str, Any]
) -> None:
    record = structs.replace(sealed("d", OLDER), **change)
    channel.copy([record])
    channel.give(OLDER)
    with pytest.raises(LedgerDamaged) as raised:
        channel.who("--disclosure-key", str(channel.halves))
    assert f"{record.receipt}.0, {record.receipt}.2" in str(raised.value)
    assert [one[3] for one in cells(channel.printed())] == ["", ""]


def test_of_many_bad_boxes_the_first_are_named_and_the_others_counted(channel: Channel) -> None:
    whole = sealed("d", OLDER)
    boxes = {str(row): whole.matches["0"] for row in range(1, 1000)}
    channel.copy([structs.replace(whole, matches=boxes)])
    channel.give(OLDER)
    with pytest.raises(LedgerDamaged) as raised:
        channel.who("--disclosure-key", str(channel.halves))
    assert str(raised.value).endswith(f"{whole.receipt}.20 and 979 more")
    assert len(channel.printed()) == 999


def test_what_is_no_private_half_or_can_be_read_by_others_opens_nothing(channel: Channel) -> None:
    channel.copy(ANSWERS)
    with pytest.raises(OperatorError, match="holds no private half"):
        channel.who("--disclosure-key", str(channel.halves))
    channel.give(OLDER)
    (half,) = channel.halves.iterdir()
    half.chmod(0o640)
    with pytest.raises(OperatorError, match="can be read by others"):
        channel.who("--disclosure-key", str(channel.halves))
    half.chmod(0o600)
    channel.halves.chmod(0o750)
    with pytest.raises(OperatorError, match="chmod 700"):
        channel.who("--disclosure-key", str(channel.halves))
    channel.halves.chmod(0o700)
    half.write_bytes(OLDER.secret[1:])
    with pytest.raises(OperatorError, match="is no private half"):
        channel.who("--disclosure-key", str(half))
    with pytest.raises(OperatorError, match="cannot be read: No such file"):
        channel.who("--disclosure-key", str(channel.halves / "absent.key"))
    assert channel.printed() == []
    assert not (channel.home / "audit").exists()


def test_an_opening_that_cannot_be_recorded_prints_nothing(channel: Channel) -> None:
    channel.copy(ANSWERS)
    channel.give(OLDER)
    (channel.home / "audit").write_text("no folder")
    with pytest.raises(OSError, match="audit"):
        channel.who("--disclosure-key", str(channel.halves))
    assert channel.printed() == []
