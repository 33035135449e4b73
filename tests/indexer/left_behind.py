"""A folder and a Redis as they were at several moments, to be looked at one by one later."""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import redis


class LeftBehind:
    """What a command has left before each of its steps; what is as it was before is kept once."""

    def __init__(self, folder: Path, store: redis.Redis) -> None:
        self._folder = folder
        self._store = store
        self._aside = folder.with_name(f"{folder.name}-left")
        self._moments: list[tuple[Path, dict[bytes, Any]]] = []
        self._last: object = None

    def keep_each(self, steps: Iterable[None]) -> int:
        """Keep what there is at each step, and in the end; return how many steps there were."""
        count = 0
        for count, _ in enumerate(steps, start=1):  # noqa: B007 - the last is the number of all
            self._keep()
        self._last = None  # what the end is like is found in any case
        self._keep()
        return count

    def found(self) -> Iterator[None]:
        """Have all be as it was at each moment but the end; then as it was in the end."""
        *moments, end = self._moments
        for moment in moments:
            self._bring_back(*moment)
            yield
        self._bring_back(*end)

    def forget(self) -> None:
        shutil.rmtree(self._aside, ignore_errors=True)

    def _keep(self) -> None:
        there = stored(self._store)
        content = {path: _content(path) for path in self._folder.rglob("*")}
        if (there, content) != self._last:
            self._last = (there, content)
            copy = self._aside / str(len(self._moments))
            shutil.copytree(self._folder, copy, symlinks=True)
            self._moments.append((copy, there))

    def _bring_back(self, copy: Path, there: dict[bytes, Any]) -> None:
        for path in self._folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        shutil.copytree(copy, self._folder, symlinks=True, dirs_exist_ok=True)
        self._store.flushall()
        for key, content in there.items():
            self._store.restore(key, 0, content)


def _content(path: Path) -> tuple[int, bytes]:
    """Return kind and mode of what has a name, and the content of a file."""
    return path.lstat().st_mode, path.read_bytes() if path.is_file() else b""


def stored(store: redis.Redis) -> dict[bytes, Any]:
    """Return everything in a Redis."""
    return {key: store.dump(key) for key in store.scan_iter()}
