"""What the private port tells where a file of some process is damaged: what all others have."""

import os
import shutil
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from structlog.testing import capture_logs

from screening.api.metrics_folder import put_back
from screening.api.metrics_port import metrics_server
from tests.harness import plain_http
from tests.harness.slow import slow_but_first

_mapped: Any = MmapedDict  # it has no hints


def write(folder: Path, kind: str, pid: int, value: float) -> None:
    """Write a file as the process `pid` has it."""
    file = _mapped(str(folder / f"{kind}_{pid}.db"))
    name = f"screening_{kind}_total"
    file.write_value(mmap_key(name, name, [], [], "Told."), value, 0.0)
    file.close()


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "lock").touch()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = metrics_server(listener, tmp_path)
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/metrics"
        server.shutdown()
        serving.join()


@slow_but_first(
    2,
    ("name", "content"),
    [
        ("counter_3.db", b""),
        ("counter_3.db", b"\x10\0"),
        ("counter_3.db", struct.pack("ii", 64, 0)),
        ("counter_3.db", struct.pack("iii", 64, 0, 99) + bytes(64)),
        ("counter_3.db", struct.pack("iii", 64, 0, 4) + b"\xff" * 64),
        ("counter_3.db", struct.pack("iii", 64, 0, 4) + b"[1]" + bytes(64)),
        ("gauge_liveall_other.db", b""),
        ("gauge.db", b"\x10"),
    ],
    ids=["empty", "short", "cut off", "beyond its end", "no text", "no key", "no pid", "no name"],
)
def test_one_damaged_file_hides_no_metric_of_the_other_processes(
    tmp_path: Path, url: str, name: str, content: bytes
) -> None:
    write(tmp_path, "counter", 1, 2.0)
    write(tmp_path, "counter", 2, 3.0)
    write(tmp_path, "gauge_livemax", os.getpid(), 7.0)
    (tmp_path / name).write_bytes(content)
    answer = plain_http.get(url, timeout=10, trust_env=False)
    assert answer.status_code == 200
    assert "screening_counter_total 5.0" in answer.text
    assert "screening_gauge_livemax_total 7.0" in answer.text
    assert "screening_metrics_files_left_out 1.0" in answer.text


@slow_but_first(
    2,
    "key",
    [
        *('["n", "n", [], "Told."]', '["n", "n", null, "Told."]', '[7, 7, {}, "Told."]'),
        *('["n", "n", {"a": 7}, "Told."]', '["n", "n", {}, 7]', '["n", "n", {}, "\\ud800"]'),
    ],
)
def test_a_file_that_cannot_be_written_out_is_left_out(tmp_path: Path, url: str, key: str) -> None:
    write(tmp_path, "counter", 1, 2.0)
    file = _mapped(str(tmp_path / "counter_3.db"))
    file.write_value(key, 1.0, 0.0)
    file.close()
    answer = plain_http.get(url, timeout=10, trust_env=False)
    assert answer.status_code == 200
    assert "screening_counter_total 2.0" in answer.text
    assert "screening_metrics_files_left_out 1.0" in answer.text


def test_a_pipe_beside_the_files_holds_up_no_scrape(tmp_path: Path, url: str) -> None:
    write(tmp_path, "counter", 1, 2.0)
    os.mkfifo(tmp_path / "counter_3.db")
    answer = plain_http.get(url, timeout=10, trust_env=False)
    assert "screening_counter_total 2.0" in answer.text


def test_a_file_that_is_whole_again_is_told(tmp_path: Path, url: str) -> None:
    write(tmp_path, "counter", 1, 2.0)
    whole = (tmp_path / "counter_1.db").read_bytes()
    for content, told in ((b"", False), (whole, True)):
        (tmp_path / "counter_1.db").write_bytes(content)
        answer = plain_http.get(url, timeout=10, trust_env=False)
        assert ("screening_counter_total 2.0" in answer.text) is told
        assert ("screening_metrics_files_left_out 0.0" in answer.text) is told


def remove_all(folder: Path) -> None:
    """Remove a folder, and put it back as the supervisor does."""
    shutil.rmtree(folder)
    put_back(folder)
    write(folder, "counter", os.getpid(), 2.0)


def remove_files(folder: Path) -> None:
    for path in folder.glob("*.db"):
        path.unlink()


@pytest.mark.parametrize("remove", [shutil.rmtree, remove_all, remove_files])
def test_files_that_were_removed_are_told_and_count_as_left_out(
    tmp_path: Path, url: str, remove: Callable[[Path], None]
) -> None:
    write(tmp_path, "counter", os.getpid(), 2.0)
    whole = plain_http.get(url, timeout=10, trust_env=False).text
    assert "screening_metrics_files_left_out 0.0" in whole
    remove(tmp_path)
    with capture_logs() as told:
        answers = [plain_http.get(url, timeout=10, trust_env=False).text for _ in range(2)]
    assert all("screening_metrics_files_left_out 1.0" in answer for answer in answers)
    assert [one["event"] for one in told] == [
        "files of the metrics were removed; start the server again"
    ]
