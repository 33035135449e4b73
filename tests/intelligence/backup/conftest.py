"""One home that tests back up, which none of them changes; sealed in a moment."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from intelligence.commands.setting_up import initialise
from intelligence.commands.spools import make_spool_keys
from intelligence.settings import IntelligenceSettings
from screening.sealed_stream import SealingWriter
from tests.indexer.quick_sealing import install
from tests.intelligence.backup.homes import settings_for


@pytest.fixture(scope="module", autouse=True)
def quick_sealing() -> Iterator[None]:
    """Stretch a passphrase in a moment; `tests/test_sealed_stream.py` does it in earnest."""
    defaults = SealingWriter.__init__.__kwdefaults__
    assert defaults is not None
    before = dict(defaults)
    install()
    yield
    defaults.update(before)


@pytest.fixture(scope="package")
def source(tmp_path_factory: pytest.TempPathFactory) -> IntelligenceSettings:
    settings = settings_for(Path(tmp_path_factory.mktemp("source")))
    initialise(settings)
    make_spool_keys(settings, "0123456789abcdef")
    return settings
