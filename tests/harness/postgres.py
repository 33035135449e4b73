"""A PostgreSQL of the tests' own, of Debian's programs, on a unix socket in a folder of its own."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

import psycopg

from tests.harness.processes import Process, eventually

_USER: Final = "postgres"
WHY_NOT: Final = "PostgreSQL's server is not installed here; apt-get install postgresql"


def find_binaries() -> Path | None:
    """Return the folder with the newest server's programs, which are on no path; None of none."""
    folders = Path("/usr/lib/postgresql").glob("*/bin")
    found = [folder for folder in folders if (folder / "initdb").exists()]
    return max(found, key=lambda folder: int(folder.parent.name), default=None)


class Postgres:
    """One server; it refuses to run as root, so root runs it as its package's user."""

    def __init__(self, binaries: Path) -> None:
        # Not below pytest's folder, which another user cannot enter.
        self.folder = Path(tempfile.mkdtemp(prefix="pg"))
        self._as: list[str] = []
        if os.geteuid() == 0:
            shutil.chown(self.folder, _USER)
            groups = str(pwd.getpwnam(_USER).pw_gid)
            self._as = ["setpriv", f"--reuid={_USER}", f"--regid={groups}", "--clear-groups"]
        self._count = 0
        data = str(self.folder / "data")
        made = [str(binaries / "initdb"), "-D", data, "-U", "owner", "-A", "trust", "-N"]
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        subprocess.run(
            [*self._as, *made], check=True, capture_output=True, env=environment, cwd="/"
        )
        served = [str(binaries / "postgres"), "-D", data, "-k", str(self.folder)]
        served += ["-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=100"]
        dying = ["--pdeathsig=KILL"] if self._as else []  # which a change of user forgets
        self._process = Process(
            [*self._as, *dying, *served],
            Path(tempfile.gettempdir()) / f"{self.folder.name}.log",
            environment=environment,
            cwd=Path("/"),
        )
        eventually(self._answers, what="an answer of PostgreSQL")

    def new_database(self, *, like: str = "template1") -> str:
        """Make an empty database, or one `like` another to which nobody is connected.

        Return its address; the last one's name is `last_name`.
        """
        self._count += 1
        with self._connected() as connection:
            connection.execute(f"CREATE DATABASE {self.last_name} TEMPLATE {like}")
        return f"postgresql+psycopg://owner@/{self.last_name}?host={self.folder}"

    @property
    def last_name(self) -> str:
        return f"d{self._count}"

    def close(self) -> None:
        self._process.kill()
        self._process.log.unlink()
        shutil.rmtree(self.folder)

    def _answers(self) -> bool:
        assert self._process.popen.poll() is None, self._process.logged()
        try:
            self._connected().close()
        except psycopg.OperationalError:
            return False
        return True

    def _connected(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(
            host=str(self.folder), user="owner", dbname="postgres", autocommit=True
        )
