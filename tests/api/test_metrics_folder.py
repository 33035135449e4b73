"""The folder of the metrics, put back where it was removed."""

from pathlib import Path

import pytest

from screening.api.metrics_folder import put_back


def test_a_folder_is_put_back_private_and_left_where_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "metrics"
    for _ in range(2):
        put_back(folder)
        assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("kind", ["link", "file"])
def test_what_somebody_else_has_put_in_its_place_is_not_taken(tmp_path: Path, kind: str) -> None:
    (tmp_path / "other").mkdir()
    folder = tmp_path / "metrics"
    folder.symlink_to(tmp_path / "other") if kind == "link" else folder.touch()
    with pytest.raises(PermissionError):
        put_back(folder)
