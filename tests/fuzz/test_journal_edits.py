"""No edit of a journal or its log passes an audit, which names the first record that is bad."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from screening.ledger.ledger import Ledger
from screening.ledger.log.audit import verify_log
from screening.ledger.log.checkpoint import LOG
from screening.ledger.verify import verify_ledger
from screening.private_files import ensure_private_directory
from screening.vocabulary.errors import LedgerDamaged
from tests.fuzz.extent import EDITS
from tests.ledger.log.merging import KEY, merged_log, signed
from tests.ledger.looking import files, record

SEGMENTS: Final = 4
RECORDS: Final = 5

Draw = random.Random
Edit = Callable[[bytes, Draw], bytes]


def flip(content: bytes, draw: Draw) -> bytes:
    changed = bytearray(content)
    changed[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def drop(content: bytes, draw: Draw) -> bytes:
    place = draw.randrange(len(content))
    return content[:place] + content[place + 1 :]


def insert(content: bytes, draw: Draw) -> bytes:
    place = draw.randrange(len(content))
    return content[:place] + draw.randbytes(1) + content[place:]


def truncate(content: bytes, draw: Draw) -> bytes:
    return content[: draw.randrange(len(content))]


def drop_line(content: bytes, draw: Draw) -> bytes:
    lines = content.splitlines(keepends=True)
    lines.pop(draw.randrange(len(lines)))
    return b"".join(lines)


def insert_line(content: bytes, draw: Draw) -> bytes:
    lines = content.splitlines(keepends=True)
    lines.insert(draw.randrange(len(lines)), draw.choice(lines))
    return b"".join(lines)


def reorder(content: bytes, draw: Draw) -> bytes:
    lines = content.splitlines(keepends=True)
    place, other = draw.randrange(len(lines)), draw.randrange(len(lines))
    lines[place], lines[other] = lines[other], lines[place]
    return b"".join(lines)


EDITS_OF_A_FILE: Final[tuple[Edit, ...]] = (
    *(flip, drop, insert, truncate, drop_line, insert_line, reorder),
)


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sealed segments whose records are all merged and signed."""
    directory = ensure_private_directory(tmp_path_factory.mktemp("edited") / "journal")
    for segment in range(SEGMENTS):
        with Ledger(directory, host="test") as ledger:
            ledger.append([record(RECORDS * segment + number) for number in range(RECORDS)])
        with merged_log(directory) as log:
            signed(log)
    return directory


def audited(directory: Path, kept: bytes | None = None) -> str | None:
    """What an audit says is wrong; None where all is whole."""
    try:
        verify_ledger(directory)
        verify_log(directory, KEY.verifier, kept=kept)
    except LedgerDamaged as error:
        return str(error)
    return None


def first_bad_line(before: bytes, after: bytes) -> int:
    """The number, from 1, of the first line that is another one, or is missing."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    same = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), None)
    return 1 + (min(len(old), len(new)) if same is None else same)


def is_behind_the_end(path: Path, before: bytes, after: bytes) -> bool:
    """Whether something was added behind what is signed, as one who merges does all the time.

    A checkpoint may bear its signature twice: it says the same (C2SP signed-note).
    """
    return path.parent.name == LOG and after.startswith(before)


def test_every_edit_of_any_file_is_found_and_of_a_segment_the_line_is_named(journal: Path) -> None:
    """A sample, another one each time; `make fuzz` makes it 10,000."""
    seed = random.SystemRandom().getrandbits(32)
    draw = Draw(seed)  # to be drawn again from the seed that a failure tells
    segments = files(journal, ".sealed")
    others = [journal / LOG / name for name in ("checkpoint", "runs", "hashes")]
    wrong = []
    for number in range(EDITS):
        path = draw.choice(segments if draw.randrange(2) else [*others, journal / "seals"])
        edit = EDITS_OF_A_FILE[number % len(EDITS_OF_A_FILE)]
        before = path.read_bytes()
        after = edit(before, draw)
        if after == before or is_behind_the_end(path, before, after):
            continue
        path.write_bytes(after)
        said = audited(journal)
        path.write_bytes(before)
        line = first_bad_line(before, after)
        is_named = path not in segments or (said or "").startswith(
            f"segment {path.stem}, line {line}: "
        )
        if said is None or not is_named:
            wrong.append((path.name, edit.__name__, line, said))
    assert wrong == [], f"of {EDITS} edits, seed {seed}"
    assert audited(journal) is None


@pytest.fixture
def copy(journal: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(journal, tmp_path / "copy"))


def test_a_roll_back_and_a_fork_are_found_beside_a_checkpoint_that_was_kept(
    journal: Path, copy: Path, tmp_path: Path
) -> None:
    kept = (journal / LOG / "checkpoint").read_bytes()
    longer = Path(shutil.copytree(journal, tmp_path / "longer"))
    with Ledger(longer, host="test") as ledger:
        ledger.append([record(100)])
    with merged_log(longer) as log:
        signed(log)
    later = (longer / LOG / "checkpoint").read_bytes()
    assert audited(longer, kept) is None
    assert "rolled back" in (audited(copy, later) or "")
    with Ledger(copy, host="test") as ledger:
        ledger.append([record(200)])
    with merged_log(copy) as log:
        signed(log)
    assert "does not begin with the 21 leaves" in (audited(copy, later) or "")
