"""Whatever is changed in a merged ledger is found beside its log, and its record is named."""

import base64
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec import structs

from screening.ledger.ledger import Ledger
from screening.ledger.lines import link
from screening.ledger.log.audit import prove, verify_log
from screening.ledger.log.checkpoint import LOG, open_checkpoint, read_checkpoint
from screening.ledger.log.notes import SIGNS, Checkpoint, Note, NoteRefused, SignerKey
from screening.ledger.log.tree import EMPTY_ROOT, is_included, leaf_hash
from screening.ledger.verify import verify_ledger
from screening.private_files import ensure_private_directory
from screening.vocabulary.errors import LedgerDamaged, OperatorError
from screening.vocabulary.proof import Proof
from tests.ledger.log.merging import KEY, edit, merged_log, settle, signed
from tests.ledger.looking import files

RECORDS = 5
SEGMENTS = 4


def receipt(number: int) -> str:
    return f"{number:026}".translate(str.maketrans("0189", "abcd"))


def record(number: int) -> bytes:
    return b'{"n":%d,"receipt":"%b"}' % (number, receipt(number).encode())


def write(directory: Path, first: int, count: int = RECORDS) -> None:
    """One sealed segment."""
    with Ledger(directory, host="test") as ledger:
        ledger.append([record(number) for number in range(first, first + count)])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of four sealed segments with five records each, merged and signed."""
    directory = ensure_private_directory(tmp_path_factory.mktemp("whole") / "ledger")
    for segment in range(SEGMENTS):
        write(directory, segment * RECORDS)
        with merged_log(directory) as log:
            signed(log)
    verify_ledger(directory)
    assert verify_log(directory, KEY.verifier).checkpoint.size == RECORDS * SEGMENTS
    return directory


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "copy"))


def found(directory: Path, *, kept: bytes | None = None) -> str:
    """What an audit of ledger and log says is wrong."""
    with pytest.raises(LedgerDamaged) as raised:
        check(directory, kept=kept)
    return str(raised.value)


def check(directory: Path, *, kept: bytes | None = None) -> None:
    verify_ledger(directory)
    verify_log(directory, KEY.verifier, kept=kept)


def rechained(payloads: list[bytes]) -> bytes:
    """The lines of a segment as one writes them who can compute every chain value."""
    chain, lines = b"", b""
    for payload in payloads:
        chain = link(chain, payload)
        lines += b"%b %b\n" % (chain, payload)
    return lines


def forge(directory: Path, place: int, change: Callable[[list[bytes]], object]) -> str:
    """Rewrite the segment at `place` and all that a hash chain binds; return its id.

    The seals of the segments behind are taken away, so that their headers name none before.
    """
    (directory / "seals").unlink()
    name = ""
    for at, path in enumerate(files(directory, ".sealed")):
        lines = path.read_bytes().splitlines()
        payloads = [line.split(b" ", 1)[1] for line in lines[:-1]]  # all but the seal
        payloads[0] = re.sub(
            rb'"previous_seal":.*?(?=,"continues")', b'"previous_seal":null', payloads[0]
        )
        if at == place:
            change(payloads)
            name = path.stem
        path.unlink()
        path.with_suffix(".open").write_bytes(rechained(payloads))
        path.with_suffix(".open").chmod(0o600)
    verify_ledger(directory)  # a hash chain alone shows nothing of it
    return name


def swap(payloads: list[bytes]) -> None:
    payloads[2], payloads[3] = payloads[3], payloads[2]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda payloads: payloads.__setitem__(3, record(99)), 4),
        (lambda payloads: payloads.pop(3), 4),
        (lambda payloads: payloads.pop(), 6),
        (lambda payloads: payloads.insert(2, record(99)), 3),
        (swap, 3),
    ],
    ids=["altered", "dropped", "cut off", "inserted", "reordered"],
)
def test_a_forger_who_computes_every_hash_of_the_chain_is_found_by_the_log(
    copy: Path, change: Callable[[list[bytes]], object], line: int
) -> None:
    # The headers were changed, too, so no chain value of any record is the one that was merged:
    # the first segment, which names no seal, is the one whose records stay as they are.
    segment = forge(copy, 0, change)
    assert found(copy).startswith(f"segment {segment}, line {line}: ")


def test_a_removed_segment_is_found_by_the_log_alone(copy: Path) -> None:
    last = files(copy, ".sealed")[-1]
    last.unlink()
    seals = (copy / "seals").read_bytes().splitlines(keepends=True)
    (copy / "seals").write_bytes(b"".join(seals[:-1]))
    verify_ledger(copy)
    assert found(copy) == f"segment {last.stem}, line 2: missing, but leaf 15 of the log"


@pytest.mark.parametrize("name", ["checkpoint", "runs", "hashes"])
def test_a_file_of_the_log_that_is_gone_is_found(copy: Path, name: str) -> None:
    (copy / LOG / name).unlink()
    assert found(copy).startswith(f"log, {name}: ")


def test_a_log_made_anew_by_one_who_has_the_key_is_found_beside_a_checkpoint_that_was_kept(
    copy: Path,
) -> None:
    kept = (copy / LOG / "checkpoint").read_bytes()
    shutil.rmtree(copy / LOG)
    forge(copy, 0, lambda payloads: payloads.__setitem__(3, record(99)))
    with merged_log(copy) as log:
        signed(log)
    check(copy)
    assert "does not begin with the 20 leaves" in found(copy, kept=kept)


def test_a_log_that_was_rolled_back_is_found_beside_a_checkpoint_that_was_kept(
    copy: Path, tmp_path: Path
) -> None:
    older = Path(shutil.copytree(copy, tmp_path / "older"))
    write(copy, 20)
    with merged_log(copy) as log:
        signed(log)
    kept = (copy / LOG / "checkpoint").read_bytes()
    check(older)
    assert "the log was rolled back" in found(older, kept=kept)
    # And one that has only grown since is true to what was kept of it.
    check(copy, kept=(older / LOG / "checkpoint").read_bytes())


def test_what_is_kept_is_no_damage_of_the_log_where_it_is_no_checkpoint_of_it(copy: Path) -> None:
    kept = (copy / LOG / "checkpoint").read_bytes()
    other = SignerKey.generate("other.example/journal", SIGNS)
    text = read_checkpoint(copy / LOG, KEY.verifier)[1].text
    of_another_host = Note(text, (other.sign(text),)).encoded()
    of_another_log = Note("other\n" + text, (KEY.sign("other\n" + text),)).encoded()
    changed = kept.replace(b"\n20\n", b"\n19\n")
    for wrong in (b"", kept[:-9], b"\xff", changed, of_another_host, of_another_log):
        with pytest.raises(OperatorError, match="--kept is no checkpoint of this log's key: "):
            check(copy, kept=wrong)


def test_a_checkpoint_that_was_kept_by_mail_has_other_line_ends(copy: Path) -> None:
    check(copy, kept=(copy / LOG / "checkpoint").read_bytes().replace(b"\n", b"\r\n"))


def test_a_checkpoint_of_another_key_or_log_is_refused(copy: Path) -> None:
    for other in (SignerKey.generate("log.example/journal", SIGNS), SignerKey.generate("b", SIGNS)):
        with pytest.raises(LedgerDamaged, match="not signed"):
            verify_log(copy, other.verifier)
    with pytest.raises(LedgerDamaged, match="checkpoint: missing"):
        verify_log(copy.parent, KEY.verifier)


def test_a_checkpoint_that_this_key_has_signed_of_another_log_is_refused() -> None:
    text = Checkpoint("other.example/journal", 0, EMPTY_ROOT).text
    note = Note(text, (KEY.sign(text),))
    with pytest.raises(NoteRefused, match=r"^it is another log's$"):
        open_checkpoint(note.encoded(), KEY.verifier)


def test_records_behind_the_checkpoint_are_no_damage(copy: Path) -> None:
    write(copy, 20)
    check(copy)
    with merged_log(copy) as log:
        settle(log)
    check(copy)  # merged and not signed: the writer may be at it


def test_the_proof_of_any_record_verifies_with_nothing_but_the_key(copy: Path) -> None:
    for number in range(RECORDS * SEGMENTS):
        proof = prove(copy, KEY.verifier, receipt(number))
        assert record(number) in proof.record.encode()
        assert is_proven(proof)
        assert not is_proven(structs.replace(proof, record=proof.record.replace("n", "m")))


def is_proven(proof: Proof) -> bool:
    _, checkpoint = open_checkpoint(proof.checkpoint.encode(), KEY.verifier)
    path = [base64.b64decode(one) for one in proof.inclusion_proof]
    leaf = leaf_hash(proof.record.encode())
    return is_included(leaf, proof.index, checkpoint.size, proof=path, root=checkpoint.root)


def test_the_first_record_behind_the_checkpoint_has_no_proof_yet(copy: Path) -> None:
    write(copy, 20)
    with merged_log(copy) as log:
        settle(log)
    with pytest.raises(OperatorError, match="ask again in 2 seconds"):
        prove(copy, KEY.verifier, receipt(20))


def test_a_receipt_that_is_unknown_not_signed_yet_or_changed_has_no_proof(copy: Path) -> None:
    write(copy, 20)
    with pytest.raises(OperatorError, match="ask again in 2 seconds"):
        prove(copy, KEY.verifier, receipt(22))
    with pytest.raises(OperatorError, match="no record"):
        prove(copy, KEY.verifier, receipt(99))
    edit(copy / LOG / "hashes", lambda content: content.__setitem__(0, content[0] ^ 1))
    with pytest.raises(LedgerDamaged, match="line 2: not leaf 0"):
        prove(copy, KEY.verifier, receipt(0))


@pytest.mark.parametrize("leaf", [1, 7, 12, 19])
def test_hashes_that_do_not_lead_to_what_was_signed_prove_nothing(copy: Path, leaf: int) -> None:
    assert is_proven(prove(copy, KEY.verifier, receipt(leaf)))
    sibling = 32 * completed_before(leaf ^ 1)
    edit(copy / LOG / "hashes", lambda content: content.__setitem__(sibling, content[sibling] ^ 1))
    with pytest.raises(LedgerDamaged, match=f"leaf {leaf} does not lead to the root"):
        prove(copy, KEY.verifier, receipt(leaf))


def completed_before(leaf: int) -> int:
    """How many hashes lie before that of a leaf: each is followed by all subtrees it completes."""
    return sum(1 + ((one + 1) & -(one + 1)).bit_length() - 1 for one in range(leaf))


@pytest.mark.parametrize("how", ["altered", "set aside", "open to others", "twice"])
def test_a_damaged_segment_keeps_no_record_elsewhere_from_being_proven(
    copy: Path, how: str
) -> None:
    newest = max(copy.glob("*.sealed"))
    match how:
        case "altered":
            edit(newest, lambda content: content.__setitem__(-200, content[-200] ^ 1))
        case "set aside":
            newest.rename(newest.with_suffix(".damaged"))
        case "twice":
            shutil.copy(newest, newest.with_suffix(".damaged"))
        case _:
            newest.chmod(0o644)
    for number in range(RECORDS * (SEGMENTS - 1)):
        assert is_proven(prove(copy, KEY.verifier, receipt(number)))
    if how != "set aside":
        with pytest.raises((LedgerDamaged, OperatorError), match=newest.stem):
            prove(copy, KEY.verifier, receipt(99))


@pytest.mark.parametrize("how", ["altered", "removed", "put in"])
def test_what_the_log_holds_is_proven_behind_damage_too(copy: Path, how: str) -> None:
    newest = max(copy.glob("*.sealed"))
    header, *lines = newest.read_bytes().splitlines(keepends=True)
    match how:
        case "altered":
            lines[1] = lines[1].replace(b"}", b" }", 1)
        case "removed":
            del lines[1]
        case _:
            lines.insert(1, b"no record\n")
    newest.write_bytes(b"".join([header, *lines]))
    first = RECORDS * (SEGMENTS - 1)
    for number in range(first, first + RECORDS):
        if number == first + 1 and how != "put in":
            with pytest.raises(LedgerDamaged, match=f"segment {newest.stem}, line 3: "):
                prove(copy, KEY.verifier, receipt(number))
        else:
            assert is_proven(prove(copy, KEY.verifier, receipt(number)))
    with pytest.raises(LedgerDamaged, match=r"has that receipt; .*line 3: "):
        prove(copy, KEY.verifier, receipt(99))
