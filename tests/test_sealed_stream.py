"""A sealed stream gives back what was written, whole, and nothing else."""

import base64
import hashlib
import io
import json
import tracemalloc
from collections.abc import Callable

import pytest
from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from screening.sealed_stream import (
    CHUNK_BYTES,
    KDF,
    MAGIC,
    TAG_BYTES,
    OpeningReader,
    SealingWriter,
)
from screening.vocabulary.errors import OperatorError
from tests.indexer.quick_sealing import QUICK

LAW = settings(max_examples=60)
PASSPHRASE = b"correct horse battery staple"
SEALED_CHUNK = CHUNK_BYTES + TAG_BYTES

EDGES = (0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 3 * CHUNK_BYTES + 5)


def content_of(size: int) -> bytes:
    """Return bytes of which no two chunks are equal."""
    return hashlib.shake_128(b"content").digest(size)


CONTENTS = st.one_of(st.sampled_from(EDGES).map(content_of), st.binary(max_size=200))


def seal(content: bytes, passphrase: bytes = PASSPHRASE) -> bytes:
    file = io.BytesIO()
    writer = SealingWriter(file, passphrase, kdf=QUICK)
    writer.write(content)
    writer.finish()
    return file.getvalue()


def unseal(
    sealed: bytes, passphrase: bytes = PASSPHRASE, *, handed: bytearray | None = None
) -> bytes:
    """Read to the end; `handed` has what was handed out until then."""
    content = bytearray() if handed is None else handed
    reader = OpeningReader(io.BytesIO(sealed), passphrase)
    while block := reader.read(10_000):
        content += block
    return bytes(content)


def header_of(sealed: bytes) -> bytes:
    return b"".join(sealed.splitlines(keepends=True)[:2])


def chunks_of(sealed: bytes) -> list[bytes]:
    rest = sealed[len(header_of(sealed)) :]
    return [rest[at : at + SEALED_CHUNK] for at in range(0, len(rest), SEALED_CHUNK)]


def refused(sealed: bytes, content: bytes) -> None:
    """Find that `sealed` is refused, and that what came before was the beginning of `content`."""
    handed = bytearray()
    with pytest.raises(OperatorError):
        unseal(sealed, handed=handed)
    assert content.startswith(handed)


@LAW
@given(CONTENTS, st.lists(st.integers(1, 3 * CHUNK_BYTES), max_size=4), st.integers(1, 100_000))
def test_what_was_written_in_any_pieces_is_read_in_any(
    content: bytes, pieces: list[int], size: int
) -> None:
    file = io.BytesIO()
    writer = SealingWriter(file, PASSPHRASE, kdf=QUICK)
    at = 0
    for piece in pieces:
        writer.write(content[at : at + piece])
        at += piece
    writer.write(content[at:])
    writer.finish()
    file.seek(0)
    reader = OpeningReader(file, PASSPHRASE)
    read = []
    while block := reader.read(size):
        assert len(block) <= size
        read.append(block)
    assert b"".join(read) == content


@LAW
@given(CONTENTS, st.integers(min_value=0), st.integers(0, 7))
def test_no_bit_can_be_changed(content: bytes, place: int, bit: int) -> None:
    sealed = bytearray(seal(content))
    sealed[place % len(sealed)] ^= 1 << bit
    refused(bytes(sealed), content)


@LAW
@given(CONTENTS, st.integers(min_value=0))
def test_nothing_can_be_cut_off(content: bytes, length: int) -> None:
    sealed = seal(content)
    refused(sealed[: length % len(sealed)], content)


@LAW
@given(CONTENTS, st.binary(min_size=1, max_size=100))
def test_nothing_can_be_added(content: bytes, more: bytes) -> None:
    refused(seal(content) + more, content)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda chunks: chunks[:-1], id="the last left out"),
        pytest.param(lambda chunks: chunks[1:], id="the first left out"),
        pytest.param(lambda chunks: chunks[:1] + chunks[2:], id="one left out"),
        pytest.param(lambda chunks: chunks[:-1] + chunks[-1:] * 2, id="the last twice"),
        pytest.param(lambda chunks: chunks[:1] + chunks, id="the first twice"),
        pytest.param(lambda chunks: [chunks[1], chunks[0], *chunks[2:]], id="two exchanged"),
        pytest.param(lambda chunks: chunks[::-1], id="the other way round"),
        pytest.param(lambda _: [], id="none left"),
    ],
)
@pytest.mark.parametrize("size", [3 * CHUNK_BYTES, 3 * CHUNK_BYTES + 5])
def test_chunks_open_in_their_own_place_only(
    size: int, change: Callable[[list[bytes]], list[bytes]]
) -> None:
    content = content_of(size)
    sealed = seal(content)
    assert unseal(header_of(sealed) + b"".join(chunks_of(sealed))) == content
    refused(header_of(sealed) + b"".join(change(chunks_of(sealed))), content)


def test_damage_behind_all_that_was_read_shows_when_the_rest_is_drained() -> None:
    sealed = bytearray(seal(content_of(3 * CHUNK_BYTES)))
    OpeningReader(io.BytesIO(sealed), PASSPHRASE).drain()
    sealed[-1] ^= 1
    reader = OpeningReader(io.BytesIO(sealed), PASSPHRASE)
    assert reader.read(10) == content_of(10)
    with pytest.raises(OperatorError, match="damaged or cut off"):
        reader.drain()


def test_a_chunk_of_another_file_with_the_same_passphrase_does_not_open() -> None:
    content = content_of(2 * CHUNK_BYTES)
    one, other = seal(content), seal(content)
    refused(header_of(one) + chunks_of(one)[0] + chunks_of(other)[1], content)


@LAW
@given(st.binary(max_size=100), st.binary(max_size=40), st.binary(max_size=40))
def test_no_other_passphrase_opens_it(content: bytes, one: bytes, other: bytes) -> None:
    assume(one != other)
    with pytest.raises(OperatorError, match="the passphrase is another, or the file was altered"):
        unseal(seal(content, one), other)


@LAW
@given(st.binary(max_size=700))
def test_what_is_no_backup_is_refused_in_a_sentence(anything: bytes) -> None:
    for file in (anything, MAGIC + anything, MAGIC + anything + b"\n"):
        with pytest.raises(OperatorError):
            unseal(file)


def test_a_header_that_asks_for_too_much_is_refused_before_anything_is_spent() -> None:
    sealed = seal(b"content")
    for dear in (b'"iterations":17', b'"iterations":0'):
        with pytest.raises(OperatorError, match="the header of the backup is damaged"):
            unseal(sealed.replace(b'"iterations":1', dear))
    with pytest.raises(OperatorError, match="the header of the backup is damaged"):
        unseal(sealed.replace(b'"memory_kib":8', b'"memory_kib":1048577'))


def test_a_file_opens_by_its_description_alone() -> None:
    content = content_of(CHUNK_BYTES + 10)
    file = io.BytesIO()
    writer = SealingWriter(file, PASSPHRASE)
    writer.write(content)
    writer.finish()
    sealed = file.getvalue()
    magic, line, _ = sealed.split(b"\n", 2)
    header = json.loads(line)
    kdf = header["kdf"]
    assert magic == b"screening-backup/1"
    assert (kdf["algorithm"], kdf["version"]) == ("argon2id", 19)
    assert (kdf["iterations"], kdf["memory_kib"], kdf["lanes"]) == (3, 262_144, 4)
    assert (KDF.iterations, KDF.memory_kib, KDF.lanes) == (3, 262_144, 4)
    salt = base64.b64decode(header["salt"])
    key = hash_secret_raw(PASSPHRASE, salt, 3, 262_144, 4, 32, Type.ID, 19)
    place = magic + b"\n" + line + b"\n"
    first, last = chunks_of(sealed)
    opened = AESGCM(key).decrypt(bytes(12), first, place)
    opened += AESGCM(key).decrypt(bytes(10) + b"\x01\x01", last, place)
    assert opened == content


def test_the_memory_taken_does_not_grow_with_the_content() -> None:
    class Sink(io.RawIOBase):
        def write(self, content: object) -> int:
            return len(content)  # type: ignore[arg-type]  # bytes they are

    writer = SealingWriter(Sink(), PASSPHRASE, kdf=QUICK)  # type: ignore[arg-type]  # it only writes
    block = bytes(1 << 20)
    tracemalloc.start()
    for _ in range(16):
        writer.write(block)
    writer.finish()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 << 20
