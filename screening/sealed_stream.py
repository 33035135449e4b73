r"""A stream of any length sealed under a passphrase: read as it was written, and whole, or not.

A sealed file begins with a header of two lines, which name the format and how the key comes out of
the passphrase; the rest is chunks::

    screening-backup/1\n
    {"kdf":{"algorithm":"argon2id","version":19,"iterations":3,...},"salt":"<base64 of 32 bytes>"}\n
    chunk 0 | chunk 1 | ... | last chunk

- The key is the Argon2id of passphrase and salt (RFC 9106), 32 bytes; the salt is drawn for each
  file, so that no two files have one key.
- A chunk is AES-256-GCM (NIST SP 800-38D) of 65,536 bytes of content, followed by its tag of 16
  bytes. The last has 1 to 65,536; where there is no content at all it has none.
- The nonce is the chunk's number from 0 (11 bytes, big-endian) and one byte: 1 for the last chunk,
  else 0. The header, as it stands in the file, is the associated data of every chunk.

So a chunk opens in its own place of its own file only, and the end of the file only as the end:
what is altered, exchanged, left out, cut off or added shows at the chunk where it is. That is the
construction STREAM of Hoang, Reyhanitabar, Rogaway and Vizar, "Online Authenticated-Encryption and
its Nonce-Reuse Misuse-Resistance", https://eprint.iacr.org/2015/189, with nonces as the file
format age has them (https://age-encryption.org/v1).
"""

import os
from typing import Annotated, BinaryIO, Final

import msgspec
from argon2.exceptions import HashingError
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from screening.vocabulary.errors import OperatorError
from screening.vocabulary.tokens import Argon2id
from screening.vocabulary.unreadable import UNREADABLE

MAGIC: Final = b"screening-backup/1\n"
CHUNK_BYTES: Final = 64 * 1024
TAG_BYTES: Final = 16
_SEALED_CHUNK_BYTES: Final = CHUNK_BYTES + TAG_BYTES
_KEY_BYTES: Final = 32
_SALT_BYTES: Final = 32
_COUNTER_BYTES: Final = 11
_HEADER_LINE_BYTES: Final = 512

KDF: Final = Argon2id(version=19, iterations=3, memory_kib=256 * 1024, lanes=4)
"""RFC 9106 section 4's second choice with four times the memory: half a second on two cores, which
is paid once a file, and a quarter of the memory that publishing may take."""


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kdf: Argon2id
    salt: Annotated[bytes, msgspec.Meta(min_length=_SALT_BYTES, max_length=_SALT_BYTES)]


_header_decoder = msgspec.json.Decoder(_Header)


class SealingWriter:
    """Seals what is written to it into `file`; nothing of it can be opened before `finish`.

    Raises `OperatorError` where the machine has not the memory for the key.
    """

    def __init__(self, file: BinaryIO, passphrase: bytes, *, kdf: Argon2id = KDF) -> None:
        header = _Header(kdf, os.urandom(_SALT_BYTES))
        self._place = MAGIC + msgspec.json.encode(header) + b"\n"
        self._cipher = _cipher(header, passphrase)
        self._file = file
        self._held = bytearray()
        self._number = 0
        file.write(self._place)

    def write(self, content: bytes) -> int:
        """Seal `content`; return how many bytes that are."""
        self._held += content
        while len(self._held) > CHUNK_BYTES:  # the last chunk is not known before `finish`
            self._seal(is_last=False)
        return len(content)

    def finish(self) -> None:
        """Seal the last chunk, which tells that nothing is missing."""
        self._seal(is_last=True)

    def _seal(self, *, is_last: bool) -> None:
        content = bytes(self._held[:CHUNK_BYTES])
        del self._held[:CHUNK_BYTES]
        nonce = _nonce(self._number, is_last=is_last)
        self._file.write(self._cipher.encrypt(nonce, content, self._place))
        self._number += 1


class OpeningReader:
    """Reads what `SealingWriter` has sealed into `file`; hands out nothing that is not authentic.

    Every method raises `OperatorError` where the passphrase is another or the file is not as it was
    written. What is missing shows at the end only, so that `read` must come to it: see `drain`.
    """

    def __init__(self, file: BinaryIO, passphrase: bytes) -> None:
        header, self._place = _read_header(file)
        self._cipher = _cipher(header, passphrase)
        self._file = file
        self._next = file.read(_SEALED_CHUNK_BYTES)
        self._number = 0
        self._is_ended = False
        self._opened = self._open()

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most `size`, and none only where the content has ended."""
        while not self._opened and not self._is_ended:
            self._opened = self._open()
        content, self._opened = self._opened[:size], self._opened[size:]
        return content

    def drain(self) -> None:
        """Read to the end, and so find that nothing is missing and nothing was added."""
        while self.read(CHUNK_BYTES):
            pass

    def _open(self) -> bytes:
        sealed, self._next = self._next, self._file.read(_SEALED_CHUNK_BYTES)
        self._is_ended = not self._next
        nonce = _nonce(self._number, is_last=self._is_ended)
        try:
            content = self._cipher.decrypt(nonce, sealed, self._place)
        except (InvalidTag, ValueError):  # the second where not even a tag is left
            raise OperatorError(self._sentence()) from None
        self._number += 1
        return content

    def _sentence(self) -> str:
        if self._number == 0:
            return "the backup does not open: the passphrase is another, or the file was altered"
        return "the backup is damaged or cut off and cannot be used; take another copy, or an older"


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(_COUNTER_BYTES, "big") + bytes([is_last])


def _read_header(file: BinaryIO) -> tuple[_Header, bytes]:
    if file.read(len(MAGIC)) != MAGIC:
        raise OperatorError("this file is no backup of this version of the program; check the path")
    line = file.readline(_HEADER_LINE_BYTES)
    try:
        return _header_decoder.decode(line), MAGIC + line
    except UNREADABLE:
        raise OperatorError("the header of the backup is damaged; take another copy") from None


def _cipher(header: _Header, passphrase: bytes) -> AESGCM:
    kdf = header.kdf
    try:
        key = hash_secret_raw(
            passphrase,
            header.salt,
            kdf.iterations,
            kdf.memory_kib,
            kdf.lanes,
            _KEY_BYTES,
            Type.ID,
            kdf.version,
        )
    except HashingError:
        raise OperatorError(
            "the key of the backup could not be made, which takes "
            f"{kdf.memory_kib // 1024} MiB of memory"
        ) from None
    return AESGCM(key)
