"""A key file of the spools that cannot be read keeps nobody from their start page."""

from pathlib import Path

import pytest

from screening.vocabulary.errors import OperatorError, SpoolRefused
from tests.intelligence.curation.desk import Desk


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_the_start_page_is_there_and_the_turns_tell_what_is_wrong(
    desk: Desk, tmp_path: Path, mode: int
) -> None:
    key = tmp_path / "indexer.spool.pub"
    if mode == 0o600:
        key.write_bytes(b"damaged")
    key.chmod(mode)
    counts = desk.overview.counts(desk.cora.who)
    assert counts is not None
    assert counts.has_indexer
    with pytest.raises((OperatorError, SpoolRefused)):
        desk.exchange.take_turn()
