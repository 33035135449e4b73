"""A small disk that can be full: a tmpfs in a mount namespace of its own, which is not ours."""

import contextlib
import errno
import os
import subprocess
from pathlib import Path
from typing import Final

import msgspec

from tests.harness.processes import Process, eventually
from tests.ledger.looking import read_records

_AS_ROOT: Final = os.geteuid() == 0
_UNSHARE: Final = ("unshare", "--mount") if _AS_ROOT else ("unshare", "--map-root-user", "--mount")
_MOUNT: Final = 'mount -t tmpfs -o size="$1"k,mode=700 tmpfs "$2" && exec sleep infinity'


def can_mount() -> bool:
    with contextlib.suppress(OSError):
        tried = [*_UNSHARE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
        return subprocess.run(tried, capture_output=True, check=False).returncode == 0
    return False


class SmallDisk:
    """A tmpfs of `size_kib` at `place`, seen by those that are started `within` it.

    A process holds the namespace, so that what lies on the disk outlives whoever wrote it. `seen`
    is `place` as it is seen from outside.
    """

    def __init__(self, place: Path, size_kib: int) -> None:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._size_kib = size_kib
        self.holder = Process(
            [*_UNSHARE, "sh", "-c", _MOUNT, "sh", str(size_kib), str(place)],
            place.with_name(f"{place.name}.mount.log"),
            environment=os.environ,
            cwd=Path("/"),
        )
        self.seen = Path(f"/proc/{self.holder.pid}/root") / place.relative_to("/")
        self._place = place
        eventually(self._is_mounted, what="a small disk")

    @property
    def within(self) -> list[str]:
        """The command that becomes another one within the namespace."""
        own_user = [] if _AS_ROOT else ["--user", "--preserve-credentials"]
        return ["nsenter", "--target", str(self.holder.pid), *own_user, "--mount"]

    def fill(self) -> None:
        """Leave no page of it free: it is made as small as what lies on it."""

        def is_full() -> bool:
            # What is written meanwhile makes it too small to be granted.
            taken = os.statvfs(self.seen)
            self._resize((taken.f_blocks - taken.f_bfree) * taken.f_frsize // 1024)
            return self.is_full()

        eventually(is_full, what="a full disk")

    def is_full(self) -> bool:
        probe = self.seen / "probe"
        try:
            probe.write_bytes(b"\0")
        except OSError as error:
            return error.errno == errno.ENOSPC
        finally:
            probe.unlink(missing_ok=True)
        return False

    def free(self) -> None:
        assert self._resize(self._size_kib)

    def receipts(self) -> list[str]:
        """Return the receipts of all records in the journal that lies on it."""
        records = read_records(self.seen / "journal")
        return [msgspec.json.decode(payload)["receipt"] for _, _, payload in records]

    def close(self) -> None:
        self.holder.kill()

    def _resize(self, size_kib: int) -> bool:
        options = ["mount", "-o", f"remount,size={size_kib}k", str(self._place)]
        done = subprocess.run([*self.within, *options], capture_output=True, check=False)
        return done.returncode == 0

    def _is_mounted(self) -> bool:
        assert self.holder.popen.poll() is None, self.holder.logged()
        with contextlib.suppress(OSError):
            return os.statvfs(self.seen).f_blocks * 4 == self._size_kib
        return False
