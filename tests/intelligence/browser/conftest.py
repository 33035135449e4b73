"""A real Chromium before a real console: one of each for each file of tests."""

from collections.abc import Iterator

import pytest

from tests.harness.chromium import WHY_NOT, Screens, find_chromium, screens
from tests.harness.deployment import deployed_beside_valkey
from tests.harness.office import Office
from tests.harness.template import Template


@pytest.fixture(scope="module")
def chromium() -> Iterator[Screens]:
    found = find_chromium()
    if found is None:
        pytest.skip(WHY_NOT)
    with screens(found) as running:
        yield running


@pytest.fixture(scope="module")
def office(
    chromium: Screens,
    tmp_path_factory: pytest.TempPathFactory,
    template: Template,
    channel: Template,
) -> Iterator[Office]:
    """A console and an indexer that applies what comes, with a key for what matches."""
    with deployed_beside_valkey(tmp_path_factory, template) as (deployed, _):
        keys = str(deployed.disclosure)
        opened = Office(
            deployed, tmp_path_factory.mktemp("office"), channel, INTELLIGENCE_DISCLOSURE_KEYS=keys
        )
        opened.watch()
        yield opened
        opened.console.stop()
