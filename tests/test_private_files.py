"""Files and directories that only their owner may read."""

import errno
import os
import stat
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from screening.private_files import (
    NotRegularError,
    create_private,
    ensure_private_directory,
    private_file,
    read_private,
    read_regular,
    regular_descriptor,
    remove_whatever,
    replace_private,
    replace_whatever,
)
from screening.vocabulary.errors import OperatorError


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.fixture
def open_umask() -> Iterator[None]:
    """Nothing is held back by the process: what is private is so by itself."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_umask")
def test_what_is_made_is_its_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    folder = ensure_private_directory(tmp_path / "a" / "b")
    create_private(folder / "created", b"1")
    replace_private(folder / "replaced", b"2")
    assert (mode_of(tmp_path / "a"), mode_of(folder)) == (0o700, 0o700)
    assert (mode_of(folder / "created"), mode_of(folder / "replaced")) == (0o600, 0o600)


def test_of_many_that_make_a_directory_at_once_none_fails(tmp_path: Path) -> None:
    start = threading.Barrier(8)

    def make(_: int) -> Path:
        start.wait()
        return ensure_private_directory(tmp_path / "a" / "b" / "c" / "d")

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(make, range(8)))) == 1


def test_a_file_is_never_overwritten_by_one_that_is_created(tmp_path: Path) -> None:
    create_private(tmp_path / "key", b"first")
    with pytest.raises(FileExistsError):
        create_private(tmp_path / "key", b"second")
    assert read_private(tmp_path / "key") == b"first"
    assert [one.name for one in tmp_path.iterdir()] == ["key"]


def test_of_many_that_create_one_file_at_once_exactly_one_does(tmp_path: Path) -> None:
    start = threading.Barrier(8)

    def create(number: int) -> int:
        start.wait()
        try:
            create_private(tmp_path / "key", f"{number}".encode())
        except FileExistsError:
            return -1
        return number

    with ThreadPoolExecutor(8) as threads:
        winners = [one for one in threads.map(create, range(8)) if one >= 0]
    assert [read_private(tmp_path / "key")] == [f"{one}".encode() for one in winners]
    assert [one.name for one in tmp_path.iterdir()] == ["key"]


def test_a_reader_sees_the_old_content_or_the_new_one_never_a_part(tmp_path: Path) -> None:
    path = tmp_path / "state"
    contents = [bytes([number]) * (1 << 16) for number in range(20)]
    create_private(path, contents[0])
    done = threading.Event()
    seen = []

    def read() -> None:
        while not done.is_set():
            seen.append(read_private(path))

    reader = threading.Thread(target=read)
    reader.start()
    for content in contents:
        replace_private(path, content)
    done.set()
    reader.join()
    assert set(seen) <= set(contents)
    assert read_private(path) == contents[-1]


def test_a_replacement_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="irectory"):
        replace_private(tmp_path / "taken", b"content")
    assert [one.name for one in tmp_path.iterdir()] == ["taken"]


def test_where_a_file_cannot_be_written_its_own_name_is_told(tmp_path: Path) -> None:
    path = tmp_path / "absent" / "key"
    with pytest.raises(FileNotFoundError) as missing:
        create_private(path, b"content")
    assert missing.value.filename == str(path)
    path.parent.mkdir()
    with pytest.raises(OSError, match="space") as full, private_file(path, overwrite=True):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # it names no file by itself
    assert full.value.filename == str(path)


def test_an_error_about_another_file_names_that_one(tmp_path: Path) -> None:
    other = tmp_path / "other"
    with (
        pytest.raises(FileNotFoundError) as missing,
        private_file(tmp_path / "key", overwrite=True) as file,
    ):
        file.write(other.read_bytes())
    assert missing.value.filename == str(other)
    assert list(tmp_path.iterdir()) == []


def test_what_is_removed_is_the_link_and_not_the_folder_that_it_leads_to(tmp_path: Path) -> None:
    folder, link = tmp_path / "folder", tmp_path / "link"
    folder.mkdir()
    create_private(folder / "key", b"content")
    link.symlink_to(folder)
    remove_whatever(link)
    assert [one.name for one in tmp_path.iterdir()] == ["folder"]
    assert read_private(folder / "key") == b"content"
    remove_whatever(folder)
    assert list(tmp_path.iterdir()) == []


def test_a_replacement_of_whatever_is_there_takes_the_place_of_a_folder_and_of_a_link(
    tmp_path: Path,
) -> None:
    path = tmp_path / "taken"
    (path / "within").mkdir(parents=True)
    replace_whatever(path, b"first")
    assert read_regular(path) == b"first"
    path.unlink()
    path.symlink_to(path)
    replace_whatever(path, b"second", durable=False)
    assert read_regular(path) == b"second"
    assert [one.name for one in tmp_path.iterdir()] == ["taken"]


@pytest.mark.parametrize("flags", [os.O_RDONLY, os.O_RDWR, os.O_WRONLY | os.O_CREAT | os.O_APPEND])
def test_a_pipe_holds_up_nobody_whatever_it_is_opened_for(tmp_path: Path, flags: int) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NotRegularError):
        regular_descriptor(tmp_path / "pipe", flags)


@pytest.mark.parametrize("thing", ["folder", "pipe", "device", "loop"])
def test_what_is_no_regular_file_is_refused_at_once_and_costs_no_descriptor(
    tmp_path: Path, thing: str
) -> None:
    path = tmp_path / "thing"
    match thing:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "device":
            path = Path("/dev/zero")
        case _:
            path.symlink_to(path)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(NotRegularError):
        read_regular(path)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_private_file_has_its_name_for_good_when_it_is_written(
    tmp_path: Path, durable_steps: list[str]
) -> None:
    folder = ensure_private_directory(tmp_path / "home")
    create_private(folder / "key", b"content")
    replace_private(folder / "key", b"content")
    steps = [step.partition(" .")[0] for step in durable_steps]
    assert steps == ["fsync", "link", "fsync home", "fsync", "replace", "fsync home"]


def test_what_need_not_last_waits_for_no_disk(tmp_path: Path, durable_steps: list[str]) -> None:
    replace_private(tmp_path / "key", b"content", durable=False)
    replace_whatever(tmp_path / "key", b"content", durable=False)
    assert [step.partition(" .")[0] for step in durable_steps] == ["replace"] * 2


def test_what_is_made_durable_is_all_of_the_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []

    def noted(descriptor: int) -> None:
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode):
            sizes.append(status.st_size)

    monkeypatch.setattr(os, "fsync", noted)
    create_private(tmp_path / "key", b"content")
    assert sizes == [len(b"content")]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o644, 0o666])
def test_a_file_that_others_may_touch_is_refused_with_the_remedy(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    create_private(path, b"content")
    path.chmod(mode)
    with pytest.raises(OperatorError, match="chmod 600"):
        read_private(path)


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o710, 0o777])
def test_a_directory_that_others_may_enter_is_refused_with_the_remedy(
    tmp_path: Path, mode: int
) -> None:
    folder = ensure_private_directory(tmp_path / "home")
    folder.chmod(mode)
    with pytest.raises(OperatorError, match="chmod 700"):
        ensure_private_directory(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_what_belongs_to_another_user_is_refused(tmp_path: Path) -> None:
    folder = ensure_private_directory(tmp_path / "home")
    create_private(folder / "key", b"content")
    os.chown(folder / "key", 12_345, -1)
    with pytest.raises(OperatorError, match="another user"):
        read_private(folder / "key")
    os.chown(folder, 12_345, -1)
    with pytest.raises(OperatorError, match="another user"):
        ensure_private_directory(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_what_belongs_to_root_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = ensure_private_directory(tmp_path / "home")
    create_private(folder / "key", b"content")
    monkeypatch.setattr(os, "geteuid", lambda: 12_345)  # whoever may read it all the same
    assert ensure_private_directory(folder) == folder
    assert read_private(folder / "key") == b"content"


def test_a_file_where_a_directory_should_be_is_an_error(tmp_path: Path) -> None:
    create_private(tmp_path / "home", b"")
    for path in (tmp_path / "home", tmp_path / "home" / "below"):
        with pytest.raises(NotADirectoryError):
            ensure_private_directory(path)


def test_a_file_that_is_absent_or_no_file_is_a_sentence(tmp_path: Path) -> None:
    ensure_private_directory(tmp_path / "folder")
    for name in ("absent", "folder"):
        with pytest.raises(OperatorError, match="cannot be read"):
            read_private(tmp_path / name)


def test_a_file_larger_than_any_of_its_kind_is_refused(tmp_path: Path) -> None:
    create_private(tmp_path / "key", bytes(100))
    assert read_private(tmp_path / "key", max_bytes=100) == bytes(100)
    with pytest.raises(OperatorError, match="larger"):
        read_private(tmp_path / "key", max_bytes=99)
