"""Notes, checkpoints and cosignatures are what other tools read and write; no other ones pass.

The key, note and signature of "PeterNeumann" are those of golang.org/x/mod/sumdb/note; the
checkpoint and the note in Italian are the examples of c2sp.org/tlog-cosignature and signed-note.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.ledger.log.notes import (
    COSIGNS,
    SIGNS,
    Checkpoint,
    Note,
    NoteRefused,
    SignerKey,
    parse_checkpoint,
    parse_note,
    parse_verifier_key,
)

VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SKEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
SIGNED = (
    f"{TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXg"
    "KvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()
CHECKPOINT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
COSIGNED = (
    f"{CHECKPOINT}\n— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeO"
    "oRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX"
    "3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
).encode()
ITALIAN = (
    "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n"
    "— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMou"
    "FSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n"
).encode()


def cosigned(name: str = "witness.example/one", time_s: int = 1_700_000_000) -> tuple[Note, str]:
    """A checkpoint that a witness has cosigned, and the witness's key."""
    witness = SignerKey.generate(name, COSIGNS)
    signature = witness.sign(CHECKPOINT, time_s=time_s)
    return Note(CHECKPOINT, (signature,)), witness.verifier.text


def test_the_known_key_signs_the_known_note_byte_for_byte() -> None:
    signer = SignerKey.parse(SKEY)
    assert signer.verifier.text == VKEY
    assert signer.secret_text() == SKEY
    assert Note(TEXT, (signer.sign(TEXT),)).encoded() == SIGNED


def test_the_known_note_verifies_and_is_written_as_it_was_read() -> None:
    note = parse_note(SIGNED)
    assert note.text == TEXT
    assert note.require_signed(parse_verifier_key(VKEY)) is None
    for content in (SIGNED, COSIGNED, ITALIAN):
        assert parse_note(content).encoded() == content


def test_a_text_with_an_empty_line_ends_at_the_last_one() -> None:
    assert parse_note(ITALIAN).text.endswith("\n\ned è subito sera.\n")


def test_the_cosigned_checkpoint_of_the_specification_is_read() -> None:
    note = parse_note(COSIGNED)
    checkpoint = parse_checkpoint(note.text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.text == CHECKPOINT
    _, witness = note.signatures
    assert (witness.name, witness.key_id.hex()) == ("witness.example.com/w1", "8d66cf3f")
    assert int.from_bytes(witness.content[:8], "big") == 1679315147


def test_a_cosignature_verifies_and_tells_its_time() -> None:
    note, key = cosigned(time_s=1679315147)
    read = parse_note(note.encoded())
    assert read.require_signed(parse_verifier_key(key)) == 1679315147


def test_a_cosignature_of_a_time_that_no_clock_tells_is_refused() -> None:
    for time_s in (0, (1 << 63) - 1):
        note, key = cosigned(time_s=time_s)
        assert note.require_signed(parse_verifier_key(key)) == time_s
    note, key = cosigned(time_s=1 << 63)
    with pytest.raises(NoteRefused, match="impossible time"):
        note.require_signed(parse_verifier_key(key))


def test_one_key_signs_and_cosigns_under_different_ids() -> None:
    witness = SignerKey.parse(SKEY)
    other = SignerKey(witness.verifier.name, COSIGNS, witness._private)
    assert other.verifier.id != witness.verifier.id
    note = Note(CHECKPOINT, (witness.sign(CHECKPOINT),))
    with pytest.raises(NoteRefused, match="not signed"):
        note.require_signed(other.verifier)


@given(place=st.integers(0, len(SIGNED) - 1), bit=st.integers(0, 7))
def test_a_note_with_any_bit_altered_is_refused(place: int, bit: int) -> None:
    content = bytearray(SIGNED)
    content[place] ^= 1 << bit
    with pytest.raises(NoteRefused):
        parse_note(bytes(content)).require_signed(parse_verifier_key(VKEY))


@given(data=st.data())
def test_a_cosignature_with_any_bit_altered_is_refused(data: st.DataObject) -> None:
    note, key = cosigned()
    content = bytearray(note.encoded())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(NoteRefused):
        parse_note(bytes(content)).require_signed(parse_verifier_key(key))


@given(place=st.integers(0, len(VKEY) - 1), bit=st.integers(0, 6))
def test_a_key_with_any_bit_altered_is_refused(place: int, bit: int) -> None:
    text = bytearray(VKEY.encode())
    text[place] ^= 1 << bit
    with pytest.raises(NoteRefused):
        parse_verifier_key(text.decode())


def test_a_part_of_a_key_and_keys_of_other_lengths_and_kinds_are_refused() -> None:
    parts = [VKEY[start:end] for start in range(len(VKEY)) for end in range(start, len(VKEY) + 1)]
    parts.remove(VKEY)
    # Of 35 bytes, and of a kind that nobody knows, each with an id that fits (sumdb/note's tests).
    parts += [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        SKEY,
    ]
    for part in parts:
        with pytest.raises(NoteRefused):
            parse_verifier_key(part)


def test_a_second_wrong_signature_of_a_known_key_refuses_the_note_and_an_unknown_one_does_not() -> (
    None
):
    signer, stranger = SignerKey.parse(SKEY), SignerKey.generate("stranger.example", SIGNS)
    note = Note(TEXT, (signer.sign(TEXT), stranger.sign("other\n")))
    note.require_signed(signer.verifier)
    with pytest.raises(NoteRefused, match="changed"):
        Note(TEXT, (*note.signatures, signer.sign("other\n"))).require_signed(signer.verifier)
    with pytest.raises(NoteRefused, match="not signed"):
        Note(TEXT, (stranger.sign(TEXT),)).require_signed(signer.verifier)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        TEXT.encode(),
        f"{TEXT}\n".encode(),
        SIGNED[:-1],
        SIGNED.replace("—".encode(), b"-"),
        SIGNED.replace(b"PeterNeumann", b"Peter Neumann"),
        SIGNED.replace(b"PeterNeumann", b"Peter+Neumann"),
        SIGNED.replace(b"know", b"kn\tow"),
        SIGNED.replace(b"know", b"kn\xffow"),
        SIGNED + "— other AAAA\n".encode(),
        SIGNED + SIGNED.splitlines(keepends=True)[-1] * 16,
        b"x" * 70_000 + SIGNED,
    ],
)
def test_what_is_no_note_is_refused(content: bytes) -> None:
    with pytest.raises(NoteRefused):
        parse_note(content)


ROOT = CHECKPOINT.splitlines()[2]


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"log.example\n07\n{ROOT}\n",
        f"log.example\n-1\n{ROOT}\n",
        f"log.example\n٣\n{ROOT}\n",
        f"log.example\n{'9' * 20}\n{ROOT}\n",
        f"\n7\n{ROOT}\n",
        f"log.example\n7\n{ROOT[:-4]}\n",
        f"log.example\n7\n{ROOT[:-2]}J=\n",
        f"log.example\n7\n{ROOT}",
        f"log.example\n7\n{ROOT}\nmore\n",
        f"log.example\n7\n{ROOT}\n\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteRefused):
        parse_checkpoint(text)


def test_a_checkpoint_is_written_as_it_is_read() -> None:
    for size in (0, 1, 10**18):
        checkpoint = Checkpoint("log.example/journal", size, bytes(32))
        assert parse_checkpoint(checkpoint.text) == checkpoint


def test_nothing_secret_is_in_a_repr_or_an_error() -> None:
    signer = SignerKey.parse(SKEY)
    secret = SKEY.split("+", 4)[4]
    assert secret not in repr(signer)
    with pytest.raises(NoteRefused) as refused:
        SignerKey.parse(SKEY.replace("c74f20a3", "c74f20a4"))
    assert secret not in str(refused.value)
    with pytest.raises(NoteRefused):
        SignerKey.parse(SKEY.removeprefix("PRIVATE+KEY+"))


def test_a_time_belongs_to_cosignatures_alone_and_a_name_has_no_space() -> None:
    with pytest.raises(ValueError, match="time"):
        SignerKey.parse(SKEY).sign(TEXT, time_s=1)
    with pytest.raises(ValueError, match="time"):
        SignerKey.generate("witness.example", COSIGNS).sign(CHECKPOINT)
    with pytest.raises(ValueError, match="white space"):
        SignerKey.generate("a b", SIGNS)
