"""Roll backs and forks by one who has the log's key are found beyond what was witnessed."""

import random
import shutil
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from screening.ledger.ledger import Ledger
from screening.ledger.log.audit import verify_log
from screening.ledger.log.checkpoint import CHECKPOINT, LOG
from screening.ledger.log.hashes import Hashes
from screening.ledger.log.notes import COSIGNS, Note, SignerKey, parse_note
from screening.ledger.log.submissions import Submission
from screening.ledger.log.tree import consistency_proof
from screening.ledger.log.witnessed import WITNESSED, keep_witnessed
from screening.ledger.verify import verify_ledger
from screening.private_files import ensure_private_directory
from screening.vocabulary.errors import LedgerDamaged
from screening.witness.home import TrustedLog, create_witness, find_log, read_key, trust
from screening.witness.witness import Witness
from tests.fuzz.extent import EDITS
from tests.ledger.log.merging import KEY, merged_log, signed
from tests.ledger.looking import record

Draw = random.Random
STATES: Final = 5
GROWN: Final = 3
RECORDS: Final = 3
WITNESS: Final = SignerKey.generate("witness.example/one", COSIGNS)


def grow(directory: Path, first: int) -> None:
    """One more segment of some records, merged and signed."""
    with Ledger(directory, host="test") as ledger:
        ledger.append([record(first + number) for number in range(RECORDS)])
    with merged_log(directory) as log:
        signed(log)


@dataclass(frozen=True)
class Forks:
    """The honest log after each segment, and what it becomes from there under another hand."""

    honest: list[bytes]
    folders: dict[tuple[int, int], Path]


@pytest.fixture(scope="module")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Forks:
    """`folders[r, g]`: rolled back to state `r`, and grown by `g` segments of its own."""
    root = tmp_path_factory.mktemp("forks")
    honest = ensure_private_directory(root / "honest")
    notes: list[bytes] = []
    folders: dict[tuple[int, int], Path] = {}
    for state in range(STATES):
        grow(honest, 10 * state)
        notes.append((honest / LOG / CHECKPOINT).read_bytes())
        before = honest
        for grown in range(GROWN + 1):
            folder = Path(shutil.copytree(before, root / f"{state}-{grown}"))
            if grown:
                grow(folder, 1_000 * (state + 1) + 10 * grown)
            folders[state, grown] = before = folder
    return Forks(notes, folders)


@pytest.fixture
def log(tmp_path: Path) -> TrustedLog:
    """What a witness knows of the log."""
    create_witness(tmp_path / "witness", WITNESS.verifier.name)
    trust(tmp_path / "witness", KEY.verifier)
    found = find_log(tmp_path / "witness", KEY.verifier.name)
    assert found is not None
    return found


def submitted(folder: Path, old: int) -> bytes:
    """What a forger sends, who has the key of the log and knows where the witness is."""
    note = (folder / LOG / CHECKPOINT).read_bytes()
    size = int(note.split(b"\n")[1])
    with closing(Hashes.open(folder / LOG)) as hashes:
        proof = consistency_proof(min(old, size), size, hashes)
    return Submission(min(old, size), tuple(proof), note).encoded()


def audited(folder: Path, witnessed: Note) -> str | None:
    """What an audit says is wrong, beside a checkpoint that was countersigned."""
    keep_witnessed(folder / LOG, witnessed)
    try:
        verify_ledger(folder)
        verify_log(folder, KEY.verifier, witness=WITNESS.verifier)
    except LedgerDamaged as error:
        return str(error)
    finally:
        (folder / LOG / WITNESSED).unlink()
    return None


def test_every_roll_back_and_fork_beyond_a_witnessed_checkpoint_is_found_and_not_countersigned(
    forks: Forks, log: TrustedLog, tmp_path: Path
) -> None:
    """A sample, another one each time; `make fuzz` makes it 10,000."""
    seed = random.SystemRandom().getrandbits(32)
    draw = Draw(seed)  # to be drawn again from the seed that a failure tells
    home = tmp_path / "witness"
    witness = Witness(home, read_key(home), time.time)
    wrong = []
    for _ in range(EDITS):
        witnessed = draw.randrange(STATES)
        (state, grown), folder = draw.choice([*forks.folders.items()])
        note = parse_note(forks.honest[witnessed])
        log.keep(forks.honest[witnessed])
        countersigned = WITNESS.sign(note.text, time_s=int(time.time()))
        said = audited(folder, Note(note.text, (*note.signatures, countersigned)))
        outcome = witness.add_checkpoint(submitted(folder, RECORDS * (witnessed + 1))).outcome
        # What was changed behind the witnessed checkpoint only is as if it had always been so.
        is_found = said is not None and outcome != "signed"
        is_passed = said is None and outcome == "signed"
        if not (is_passed if state >= witnessed else is_found):
            wrong.append((witnessed, state, grown, said, outcome))
    assert wrong == [], f"of {EDITS} edits, seed {seed}"


@pytest.mark.parametrize("forge", [lambda text: text.replace("\n15\n", "\n6\n"), lambda text: text])
def test_a_countersignature_of_another_is_no_witness(
    forks: Forks, forge: Callable[[str], str]
) -> None:
    """Whoever has only the log's key makes none that an audit believes."""
    note = parse_note(forks.honest[STATES - 1])
    other = SignerKey.generate(WITNESS.verifier.name, COSIGNS)
    text = forge(note.text)
    forged = Note(text, (KEY.sign(text), other.sign(text, time_s=1)))
    said = audited(forks.folders[STATES - 1, 0], forged)
    assert said == "log, witnessed: the note is not signed by the key that is asked for"
