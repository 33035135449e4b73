"""The name of an API host in Redis: its own, whatever other hosts are called."""

import re
import secrets
import socket
from contextlib import suppress
from pathlib import Path
from typing import Final

from screening.private_files import create_private, read_private
from screening.vocabulary.errors import OperatorError

HOST_ID: Final = "host-id"
_ID_BYTES: Final = 4
_ID: Final = re.compile(rb"[0-9a-f]{8}")
_NAME_CHARACTERS: Final = 253  # RFC 1035 section 2.3.4, as text


def host_name(home: Path) -> str:
    """Return `<hostname>-<id>`, where the id, 8 hex characters, is that of this `SCREENING_HOME`.

    Containers and cloned machines share hostnames, and two hosts of one name would count as one:
    a list would be told to be in force where one of them lacks it. The id is made once, and 0600.
    Raises `OperatorError` where its file holds something else, `OSError` where none can be made.
    """
    path = home / HOST_ID
    if not path.exists():
        with suppress(FileExistsError):  # another process was first, and its id holds
            create_private(path, secrets.token_hex(_ID_BYTES).encode())
    content = read_private(path)
    if not _ID.fullmatch(content):
        raise OperatorError(f"{path} is damaged; remove it, and another is made")
    suffix = f"-{content.decode()}"
    return socket.gethostname()[: _NAME_CHARACTERS - len(suffix)] + suffix
