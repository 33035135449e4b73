"""Hosts with a Valkey between them, and hosts that cannot reach it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.quotas.spending import Hosts, draw_anew
from tests.harness.valkey import Valkey


@pytest.fixture(autouse=True)
def same_selectors() -> None:
    """The same selectors in each test, whichever ran before it."""
    draw_anew()


@pytest.fixture
def hosts(tmp_path: Path, valkey: Valkey) -> Iterator[Hosts]:
    with Hosts(tmp_path, valkey) as hosts:
        yield hosts


@pytest.fixture
def cut_off(tmp_path: Path) -> Iterator[Hosts]:
    """Hosts whose Redis is not there."""
    with Hosts(tmp_path) as hosts:
        yield hosts
