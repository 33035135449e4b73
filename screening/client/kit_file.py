"""Reads a kit from its file: whoever holds it can do all that the partner can, so 0600 or nothing.

The API key may come from elsewhere, so that a secret store can hold it apart from the token key:
`SCREENING_API_KEY` goes before the kit's own.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from screening.private_files import open_regular, read_private
from screening.vocabulary.api_key import find_api_key
from screening.vocabulary.errors import KitRefused, OperatorError
from screening.vocabulary.kit import Kit, parse_kit

API_KEY_VARIABLE: Final = "SCREENING_API_KEY"
KIT_MAX_BYTES: Final = 64 * 1024  # four token keys take less than 2 KiB
_MARK: Final = b"screening-kit"
"""Of what a kit of any version says its format is, however JSON spells what follows."""


def load_kit(path: str | Path, *, environment: Mapping[str, str] | None = None) -> Kit:
    """Return the kit in the file `path`, with the API key of `environment` where it names one.

    `environment` is the process's own by default. Raises `KitRefused`: the file is missing, can be
    read by others, or is no kit for this client.
    """
    try:
        kit = parse_kit(read_private(Path(path), max_bytes=KIT_MAX_BYTES))
    except (OperatorError, KitRefused) as error:
        is_none = _is_something_else(Path(path))
        said = f"{path} is no kit; give the file that your operator gave you as one"
        refusal = KitRefused(said if is_none else str(error))
    else:
        override = (os.environ if environment is None else environment).get(API_KEY_VARIABLE)
        return _with_api_key(kit, override)
    raise refusal


def _is_something_else(path: Path) -> bool:
    """Tell whether a file is no kit at all, however it is kept: no mode would make it one.

    Of what cannot be read, whoever reads it says so.
    """
    try:
        with open_regular(path) as file:
            return _MARK not in file.read(KIT_MAX_BYTES)
    except (OSError, ValueError):
        return False


def _with_api_key(kit: Kit, api_key: str | None) -> Kit:
    if not api_key:
        return kit
    if find_api_key(api_key) is None:
        raise KitRefused(f"{API_KEY_VARIABLE} holds no API key; correct it, or unset it")
    return msgspec.structs.replace(kit, api_key=api_key)
