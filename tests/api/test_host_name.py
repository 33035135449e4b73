"""Each host has a name of its own in Redis, whatever its hostname is."""

import socket
from pathlib import Path

import pytest

from screening.api.host_name import HOST_ID, host_name
from screening.vocabulary.errors import OperatorError


@pytest.fixture
def homes(tmp_path: Path) -> tuple[Path, Path]:
    first, second = tmp_path / "first", tmp_path / "second"
    for home in (first, second):
        home.mkdir(mode=0o700)
    return first, second


def test_two_homes_on_one_hostname_are_two_hosts_and_stay_so(homes: tuple[Path, Path]) -> None:
    first, second = (host_name(home) for home in homes)
    assert first != second
    assert [host_name(home) for home in homes] == [first, second]
    assert first == f"{socket.gethostname()}-{(homes[0] / HOST_ID).read_text()}"
    assert len(first) == len(socket.gethostname()) + 9


def test_the_id_is_its_owners_alone(homes: tuple[Path, Path]) -> None:
    host_name(homes[0])
    assert (homes[0] / HOST_ID).stat().st_mode & 0o777 == 0o600


def test_a_name_is_never_longer_than_names_may_be(
    homes: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "h" * 253)
    assert len(host_name(homes[0])) == 253
    assert host_name(homes[0]) != host_name(homes[1])


@pytest.mark.parametrize("content", [b"", b"0123456", b"0123456g", b"01234567\n", b"\xff" * 8])
def test_a_damaged_id_is_refused(homes: tuple[Path, Path], content: bytes) -> None:
    path = homes[0] / HOST_ID
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(OperatorError, match="damaged; remove it"):
        host_name(homes[0])
